"""What the lessons of the architecture page ask. Every right answer is computed from the network that a lesson begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lenet import data
from lenet.architecture import forward, presets
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import Array, LayerRow, first_of, parameter_sum, total_parameters
from lenet.architecture.table import macs_an_image
from lenet.architecture.weights import Network
from lenet.common.translation import N_
from lenet.exercises import Question, Text
from lenet.lessons import Option, choose, compare
from lenet.lessons.lesson import Settings

NOTE = LeNetConfig()


def network(settings: Settings) -> LeNetConfig:
    """The network that these settings of the page make."""
    return LeNetConfig(**presets.to_values(settings))


def last_maps(rows: Sequence[LayerRow]) -> tuple[int, int, int]:
    """Channels, height and width of the last maps; 0 of a network without any."""
    _batch, *shape = next((row.output_shape for row in reversed(rows) if len(row.output_shape) == 4), (1, 0, 0, 0))
    channels, height, width = shape
    return channels, height, width


# -- sizes -----------------------------------------------------------------------------------------------------------


def shrink(before: Settings, _after: Settings) -> Question:
    config = network(before)
    (size, _width), (kernel, _second) = config.image_size, config.kernel_size

    def chain(lost: int) -> int:
        found = size
        for _block in config.channels:
            found = (found - lost) // 2
        return found

    sizes = [size, *(row.output_shape[-1] for row in config.layers if row.kernel_size)]
    told = {
        "size": size,
        "kernel": kernel,
        "places": size - kernel + 1,
        "less": kernel - 1,
        "sizes": " → ".join(map(str, sizes)),
        "padded": last_maps(NOTE.layers)[-1],
        "padding": NOTE.padding[0],
    }
    return compare(
        Text(
            N_(
                "Two blocks, each a {kernel}×{kernel} convolution without padding and a 2×2 pooling. The image has "
                "{size}×{size} pixels. How large are the last maps before Flatten?"
            ),
            told,
        ),
        (
            last_maps(config.layers)[-1],
            Text(N_("{sizes}: a convolution takes {less} away in each direction, a pooling halves."), told),
        ),
        {
            "only_pooling": (
                chain(0),
                Text(
                    N_(
                        "That counts the poolings alone. A {kernel}×{kernel} window has only {places} places in {size} "
                        "pixels without padding."
                    ),
                    told,
                ),
            ),
            "padded": (
                told["padded"],
                Text(N_("So it is in LeNet, whose first convolution has a padding of {padding}. Here it has none."), told),
            ),
            "whole_kernel": (
                chain(kernel),
                Text(N_("A window of {kernel} takes {less} away, not {kernel}: {size} − {kernel} + 1 = {places}."), told),
            ),
        },
        "{value}×{value}",
    )  # fmt: skip


def flatten(before: Settings, _after: Settings) -> Question:
    rows = network(before).layers
    row = rows[first_of(rows, "flatten")]
    _batch, channels, height, width = row.input_shape
    shapes = {
        "right": row.output_shape,
        "means": (1, channels),
        "added": (1, height * width),
        "batch": (channels * height * width,),
    }
    told: dict[str, Any] = {
        "before": str(row.input_shape),
        "channels": channels,
        "size": f"{height}×{width}",
        "numbers": channels * height * width,
    }
    why = {
        "right": N_("All {channels} · {size} = {numbers} numbers in one row, unchanged. The first axis, the batch, stays."),
        "means": N_("One number a map would be its mean: global average pooling does that. Flatten computes nothing."),
        "added": N_("That would add the {channels} maps up. Flatten computes nothing: every number is kept."),
        "batch": N_("The numbers are right, but the first axis counts the images of a batch, and stays."),
    }  # fmt: skip
    options = {name: Option(Text("{shape}", {"shape": str(shapes[name])}), Text(why[name], told)) for name in shapes}
    found = {name: options[name] for name in ("means", "added", "right", "batch")}
    return choose(Text(N_("What does Flatten make of the maps, of shape {before}?"), told), found, "right")


def without_flatten(before: Settings, _after: Settings) -> Question:
    rows = network(before).layers
    maps = rows[first_of(rows, "flatten")].input_shape
    dense = rows[first_of(rows, "dense")]
    inputs, units = dense.input_shape[1], dense.output_shape[1]
    told: dict[str, Any] = {
        "maps": str(maps),
        "last": maps[-1],
        "inputs": inputs,
        "units": units,
        "rows": int(np.prod(maps[:-1])),
        "mapped": str((*maps[:-1], units)),
    }
    options = {
        "itself": Option(
            Text(N_("It lays the maps out by itself")),
            Text(
                N_("Nothing is laid out by itself: a linear layer takes the last axis as its inputs, whatever it is.")
            ),
        ),
        "each": Option(
            Text(N_("It gives {mapped}"), told),
            Text(
                N_(
                    "It does work along the last axis and leaves the others alone, but that one has {last} numbers, and the "
                    "layer has weights for {inputs}."
                ),
                told,
            ),
        ),
        "refuses": Option(
            Text(N_("It refuses")),
            Text(
                N_(
                    "A linear layer multiplies along the last axis. That has {last} numbers, and the layer has weights for "
                    "{inputs}. PyTorch says: mat1 and mat2 shapes cannot be multiplied ({rows}x{last} and {inputs}x{units})."
                ),
                told,
            ),
        ),
    }
    right = "each" if maps[-1] == inputs else "refuses"
    text = N_(
        "Leave Flatten out: the first linear layer, {inputs} → {units}, then gets maps of shape {maps}. What does it do?"
    )
    return choose(Text(text, told), options, right)


# -- parameters --------------------------------------------------------------------------------------------------------


def parameters(before: Settings, _after: Settings) -> Question:
    """Which layer has most, and how many percent: the wrong shares are those of multiplications, and of outputs."""
    rows = network(before).layers
    weighted = [row for row in rows if row.params]
    largest = max(weighted, key=lambda row: row.params)
    total, macs = total_parameters(rows), macs_an_image(rows)
    first, second = (row for row in weighted if row.kind.group == "conv")
    outputs = sum(row.output_shape[1] for row in weighted)

    def named(row: LayerRow, share: float) -> Text:
        return Text(N_("{n} · {type}: {share}%"), {"n": int(row.name) + 1, "type": row.type, "share": round(share)})

    def told(row: LayerRow) -> dict[str, Any]:
        return {
            "sum": parameter_sum(row),
            "params": row.params,
            "total": total,
            "places": int(np.prod(row.output_shape[2:])),
            "inputs": row.input_shape[1],
            "outputs": row.output_shape[1],
        }

    options = {
        "first": Option(
            named(first, 100 * macs_an_image([first]) / macs),
            Text(
                N_(
                    "It works at the most places, {places}, but with the same weights at all of them: {sum} = {params} "
                    "parameters. The share is that of the multiplications."
                ),
                told(first),
            ),
        ),
        "second": Option(
            named(second, 100 * macs_an_image([second]) / macs),
            Text(
                N_(
                    "It has most of the multiplications, but its weights are used at {places} places and counted once: "
                    "{sum} = {params} parameters."
                ),
                told(second),
            ),
        ),
        "outputs": Option(
            named(largest, 100 * largest.output_shape[1] / outputs),
            Text(
                N_(
                    "The right layer, but that is its share of the outputs. Each of the {outputs} outputs has {inputs} "
                    "weights: {sum} = {params} parameters."
                ),
                told(largest),
            ),
        ),
        "largest": Option(
            named(largest, 100 * largest.params / total),
            Text(
                N_("Each of its {outputs} outputs has a weight for each of {inputs} numbers: {sum} = {params} of {total}."),
                told(largest),
            ),
        ),
    }  # fmt: skip
    text = N_("LeNet has {total} parameters. Which layer has most of them, and what share?")
    return choose(Text(text, {"total": total}), options, "largest")


def smaller(before: Settings, after: Settings) -> Question:
    now, then = network(before), network(after)
    many, others = total_parameters(now.layers), total_parameters(then.layers)
    (_c, old, _o), (channels, new, _n) = last_maps(now.layers), last_maps(then.layers)
    told = {
        "before": many,
        "after": others,
        "kernel": now.kernel_size[1],
        "smaller": then.kernel_size[1],
        "old": old,
        "new": new,
        "channels": channels,
        "inputs": channels * new * new,
        "was": channels * old * old,
    }
    grown = Text(
        N_(
            "The kernels have fewer weights, but the last maps are {new}×{new} and no longer {old}×{old}: the first linear "
            "layer gets {inputs} numbers in place of {was}. In all {after} parameters."
        ),
        told,
    )
    options = {
        "fewer": Option(Text(N_("Fewer")), Text(N_("Only the convolution itself has fewer. Look at what follows it."))),
        "same": Option(
            Text(N_("As many")),
            Text(N_("The kernels do have fewer weights, and what follows them changes too: the maps have another size.")),
        ),
        "more": Option(Text(N_("More")), grown),
    }  # fmt: skip
    right = "more" if others > many else "fewer" if others < many else "same"
    text = N_(
        "LeNet has {before} parameters. Make the kernels of its second convolution {smaller}×{smaller} in place of "
        "{kernel}×{kernel}: has the whole network fewer parameters then, or more?"
    )
    return choose(Text(text, told), options, right)


def unpooled(before: Settings, after: Settings) -> Question:
    now, then = network(before).layers, network(after).layers
    many, others = total_parameters(now), total_parameters(then)
    channels, size, _width = last_maps(then)
    first, pooled = then[first_of(then, "dense")], now[first_of(now, "dense")]
    told = {
        "before": many,
        "after": others,
        "channels": channels,
        "size": size,
        "inputs": first.input_shape[1],
        "was": pooled.input_shape[1],
    }
    units, one = pooled.output_shape[1], 4  # a pooling quarters a map

    def with_inputs(times: int) -> int:
        return many + (times - 1) * told["was"] * units

    return compare(
        Text(N_("A pooling has no parameters. LeNet has {before}: how many without its two poolings?"), told),
        (
            others,
            Text(
                N_(
                    "The maps stay large: {channels} of {size}×{size} make {inputs} numbers in place of {was}, and the first "
                    "linear layer has weights for all of them."
                ),
                told,
            ),
        ),
        {
            "none": (
                many,
                Text(N_("Pooling itself has none. But the layers behind it get as many numbers as it leaves."), told),
            ),
            "one": (
                with_inputs(one),
                Text(N_("A pooling leaves a quarter of a map’s numbers, and there are two of them."), told),
            ),
            "halves": (
                with_inputs(2),
                Text(N_("A pooling halves height and width: a quarter of the numbers is left, not a half.")),
            ),
        },
    )  # fmt: skip


# -- one image ---------------------------------------------------------------------------------------------------------


def activation(trained: Network) -> Question:
    """What the first activation of a trained network changes: the one statement that is so for the numbers of an image."""
    before, after = before_and_after(trained)
    told = {
        "low": float(before.min().round(2)),
        "high": float(before.max().round(2)),
        "least": float(after.min().round(2)),
        "most": float(after.max().round(2)),
        "map": before.shape,
    }
    squeezed = N_(
        "Before it the numbers lie between {low} and {high}, after it between {least} and {most}: sigmoid(x) = 1/(1 + exp(−x)). "
        "What was larger is still larger, and each number stays in its place."
    )
    options = {
        "smaller": Option(
            Text(N_("The maps get smaller")),
            Text(N_("{map} numbers go in, and as many come out. Only pooling and convolutions change the size."), told),
        ),
        "clipped": Option(
            Text(N_("Negative numbers become 0")),
            Text(N_("ReLU does that. A sigmoid makes something between 0 and ½ of a negative number."), told),
        ),
        "mixed": Option(
            Text(N_("Neighbours are mixed")),
            Text(N_("An activation looks at one number at a time. Convolutions and poolings look at neighbours."), told),
        ),
        "squeezed": Option(Text(N_("All numbers get between 0 and 1")), Text(squeezed, told)),
    }  # fmt: skip
    order = np.argsort(before, axis=None, kind="stable")
    is_so = {
        "smaller": before.shape != after.shape,
        "clipped": bool(np.all(after[before < 0] == 0)),
        "mixed": bool(np.any(np.diff(after.ravel()[order]) < 0)),
        "squeezed": bool(np.all((after > 0) & (after < 1))),
    }
    (right,) = (name for name, holds in is_so.items() if holds)
    text = N_("Layer 2 applies a sigmoid to every number of layer 1. What does that change in the maps?")
    return choose(Text(text), options, right)


def before_and_after(network: Network) -> tuple[Array, Array]:
    """The output of the first layer for the first test image of the sample, and what the activation behind it makes of it."""
    if network.load is None:
        raise ValueError("an untrained network has no weights here")
    images, _labels = data.load("test", "sample")
    outputs = forward.forward(network.config, network.load(), images[0].astype(np.float32) / 255)
    return outputs[0], outputs[1]
