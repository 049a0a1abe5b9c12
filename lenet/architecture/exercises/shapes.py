"""Exercises on shapes: what comes out of a layer, what Flatten makes of it, and how much of the image it sees."""

from __future__ import annotations

import math

from lenet.architecture.exercises.networks import SUBJECT, code, network, network_table, shapes_from, window_of
from lenet.architecture.layers import first_of, layer_label
from lenet.architecture.layers.receptive_field import receptive_fields
from lenet.common.translation import N_
from lenet.exercises.form import ask_number, ask_shape
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.text import Text


@kind(
    "net-shape", SUBJECT, N_("The shape after a layer"), level=1,
    hint=N_("A convolution gives as many channels as it has kernels. Its size is ⌊(size + 2·padding − kernel)/stride⌋ + 1."),
    misconceptions={
        "padding": N_("You forgot the padding of {padding} on each side: the kernel has {padded} rows to move over."),
        "once": N_("You added the padding once. It is added on both sides: {size} + 2·{padding} = {padded}."),
        "stride": N_("You forgot the stride: the kernel moves {stride} places at a time."),
        "kept": N_("A convolution keeps the size only if its padding makes up for its kernel: here the size becomes {side}."),
        "channels": N_("This is the number of channels that go in. As many come out as the layer has kernels: {outputs}."),
        "multiplied": N_("You multiplied the channels. Each kernel adds its {inputs} channels up to one map, so {outputs} come out."),
    },
)  # fmt: skip
def shape(random: Random) -> Draft | None:
    config = network(random, strided=True)
    if config is None:
        return None
    row = config.convolutions[int(random.integers(len(config.channels)))]
    (size, inputs), (k, s, p) = (row.input_shape[2], row.input_shape[1]), window_of(row)
    outputs, side = row.output_shape[1:3]

    def with_side(n: int) -> tuple[int, int, int] | None:
        return (outputs, n, n) if n > 0 else None

    params = {
        "inputs": inputs, "outputs": outputs, "size": size, "padding": p, "padded": size + 2 * p, "stride": s, "side": side,
        "layer": code(config, row), "shape": row.input_shape[1:],
    }  # fmt: skip
    return Draft(
        Text(N_("{shape} numbers go into {layer}. Which shape comes out?"), params),
        ask_shape(N_("Channels"), N_("Height"), N_("Width")), row.output_shape[1:],
        {
            "padding": with_side((size - k) // s + 1),
            "once": with_side((size + p - k) // s + 1),
            "stride": with_side(size + 2 * p - k + 1),
            "kept": with_side(size),
            "channels": (inputs, side, side),
            "multiplied": (inputs * outputs, side, side),
        },
        Text("{sum}, {answer}", {"sum": row.kind.shape_sum(row), "answer": row.output_shape[1:]}),
        (network_table(config, asked=row, hidden=shapes_from(config, row)),), params, {"config": config, "layer": int(row.name)},
    )  # fmt: skip


@kind(
    "net-flatten", SUBJECT, N_("The inputs of the first dense layer"), level=1,
    hint=N_("Flatten places all numbers of all maps in one row: channels times height times width of what reaches it."),
    misconceptions={
        "one_map": N_("{map} numbers are those of one map. There are {channels} maps."),
        "channels": N_("{channels} is the number of maps. Each of them has {map} numbers."),
        "side": N_("You counted one side of the maps only: each has {side}×{side} numbers."),
        "before": N_("You took the maps before the last pooling: it leaves {side}×{side} of each."),
        "image": N_("These are the numbers of the image. What is flattened are the maps that reach the layer: {shape}."),
    },
)  # fmt: skip
def flatten(random: Random) -> Draft | None:
    config = network(random)
    if config is None:
        return None
    at = first_of(config.layers, "flatten")
    row, pool = config.layers[at], config.layers[at - 1]
    _one, n, side, _side = row.input_shape
    params = {"channels": n, "side": side, "map": side * side, "shape": row.input_shape[1:]}
    return Draft(
        Text(N_("How many inputs has the first dense layer of this network?")), ask_number(), row.output_shape[1],
        {
            "one_map": side * side, "channels": n, "side": n * side, "before": math.prod(pool.input_shape),
            "image": math.prod(config.input_shape),
        },
        Text("{shape} = {answer}", params | {"answer": row.output_shape[1]}),
        (network_table(config, asked=config.layers[at + 1], hidden=shapes_from(config, pool), until=at + 2),), params, {"config": config},
    )  # fmt: skip


@kind(
    "net-position", SUBJECT, N_("What Flatten does"), level=2,
    hint=N_("Flatten goes through the first map row by row, then through the next. Count from 0, as Python does."),
    misconceptions={
        "one": N_("You counted from 1: vector[0] is the first number."),
        "turned": N_("You went down the columns. Flatten goes along the rows: the column changes first."),
        "last": N_("You went through the channels first. PyTorch keeps each map together: channels come first in the shape."),
        "map": N_("This is the position in its own map. {before} maps of {map} numbers each come before it."),
    },
)  # fmt: skip
def position(random: Random) -> Draft | None:
    n, high, wide = int(random.integers(2, 17)), int(random.integers(3, 8)), int(random.integers(3, 8))
    c, i, j = (int(random.integers(1, size)) for size in (n, high, wide))
    params = {
        "shape": (n, high, wide), "channel": c, "row": i, "column": j, "before": c, "map": high * wide, "width": wide,
        "answer": str((c * high + i) * wide + j),
    }  # fmt: skip
    return Draft(
        Text(N_("Maps of shape {shape} are flattened to one vector. At which index stands maps[{channel}, {row}, {column}], counted from 0?"), params),
        ask_number(), (c * high + i) * wide + j,
        {
            "one": (c * high + i) * wide + j + 1, "turned": (c * wide + j) * high + i, "last": (i * wide + j) * n + c,
            "map": i * wide + j,
        },
        Text("{channel}·{map} + {row}·{width} + {column} = {answer}", params),
        params=params, facts={"shape": (n, high, wide), "cell": (c, i, j)},
    )  # fmt: skip


@kind(
    "net-field", SUBJECT, N_("What a number sees of the image"), level=3,
    hint=N_("Go through the layers: each adds (kernel − 1) times the product of the strides before it."),
    misconceptions={
        "kernel": N_("{kernel} is what it sees of the maps just before. These see more of the image than one pixel each."),
        "stride": N_("You forgot the strides: behind a pooling, neighbours are 2 pixels apart or more."),
        "product": N_("You multiplied the kernels: the windows of neighbours overlap, so they see less than that together."),
        "pools": N_("You left the pooling layers out: their windows widen the field as well, and their strides spread it."),
    },
)  # fmt: skip
def field(random: Random) -> Draft | None:
    config = network(random, strided=bool(random.integers(2)))
    if config is None or len(config.channels) < 2:
        return None
    row = config.convolutions[1]
    at = int(row.name)
    seen = receptive_fields(config.layers)[at]
    windows = [window_of(layer) for layer in config.layers[: at + 1] if layer.kernel_size]
    only = [window_of(layer) for layer in config.layers[: at + 1] if layer.kind.group == "conv"]
    if seen is None or seen.size[0] > config.image_size[0]:
        return None
    steps = [math.prod(s for _k, s, _p in windows[:n]) for n in range(len(windows))]
    terms = " + ".join(f"{k - 1}·{step}" for (k, _s, _p), step in zip(windows, steps, strict=True))
    params = {"kernel": only[-1][0], "layer": layer_label(at, row), "terms": terms, "answer": seen.size[0]}
    return Draft(
        Text(N_("On how many rows of pixels can one number after layer {layer} depend, far from the edge?"), params),
        ask_number(), seen.size[0],
        {
            "kernel": only[-1][0],
            "stride": 1 + sum(k - 1 for k, _s, _p in windows),
            "product": math.prod(k for k, _s, _p in windows),
            "pools": 1 + sum((k - 1) * math.prod(s for _k, s, _p in only[:n]) for n, (k, _s, _p) in enumerate(only)),
        },
        Text("1 + {terms} = {answer}", params),
        (network_table(config, asked=row, until=at + 1),), params, {"config": config, "layer": at},
    )  # fmt: skip
