"""The exercises on convolution. What is right is what `Convolution` computes; a test has PyTorch answer the same."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lenet.common.translation import N_
from lenet.convolution.arithmetic import Convolution
from lenet.exercises.form import ask_choice, ask_number, ask_shape
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.panels import Cells, Grid, all_cells, cells
from lenet.exercises.text import Text, say

SUBJECT = "convolution"
INPUT, KERNEL, OUTPUT = Text(N_("Input")), Text(N_("Kernel")), Text(N_("Output"))
LETTERS = "ABCD"

Array = NDArray[np.float64]


# -- one output cell --------------------------------------------------------------------------------------------------


@kind(
    "conv-output", SUBJECT, N_("One output of a convolution"), level=1,
    hint=N_("Lay the kernel on its window, multiply cell by cell, add the products up, and add the bias of {bias}."),
    misconceptions={
        "bias": N_("You forgot the bias: {bias} is added to the sum of the products."),
        "flipped": N_("You turned the kernel by 180°. That is a convolution in mathematics; networks lay the kernel on as it is."),
        "pixels": N_("You added the numbers of the window up. Each is multiplied by the weight that lies on it first."),
        "mean": N_("You took the mean of the products. A convolution adds them up."),
        "place": N_("This is the output in the first row and column. Asked for is row {row}, column {column}: move the kernel there."),
    },
)  # fmt: skip
def one_output(random: Random) -> Draft | None:
    x, weight, bias = _numbers(random, (4, 4), 0, 6), _numbers(random, (2, 2), -2, 3), float(random.integers(1, 6))
    layer = Convolution(weight[None, None], [bias])
    i, j = (int(random.integers(3)) for _axis in range(2))
    window, out = x[i : i + 2, j : j + 2], layer(x[None])[0]
    total = float((window * weight).sum())
    params = {"bias": bias, "row": i + 1, "column": j + 1}
    if (weight == 0).sum() > 1:
        return None
    return Draft(
        Text(N_("A 2×2 kernel with the bias {bias}: which number stands in row {row}, column {column} of the output?"), params),
        ask_number(), float(out[i, j]),
        {
            "bias": total,
            "flipped": float((window * weight[::-1, ::-1]).sum()) + bias,
            "pixels": float(window.sum()) + bias,
            "mean": total / 4 + bias,
            "place": float(out[0, 0]),
        },
        Text("{terms} = {answer}", {"terms": f"{_products(window, weight)} + {say(bias)}", "answer": float(out[i, j])}),
        (
            Grid(INPUT, x, shown=_window((i, j), 2)),
            Grid(KERNEL, weight, "∗"),
            Grid(OUTPUT, out, "→", hidden=all_cells(out), marked=frozenset({(i, j)})),
        ),
        params, {"x": x[None], "layer": layer, "cell": (0, i, j)},
    )  # fmt: skip


@kind(
    "conv-channels", SUBJECT, N_("Several input channels"), level=2,
    hint=N_("Each channel has its own slice of the kernel. Add the sums of the channels up, and the bias once."),
    misconceptions={
        "first": N_("You used the first channel only. A kernel looks at all channels at once and adds their sums up."),
        "mean": N_("You took the mean of the two channels. Their sums are added up."),
        "bias": N_("You added the bias to each channel. A kernel has one bias, for all of its channels together."),
        "same": N_("You used the first slice of the kernel for both channels. Each channel has its own."),
        "largest": N_("You kept the larger of the two sums. A convolution adds up what the channels give."),
    },
)  # fmt: skip
def several_channels(random: Random) -> Draft | None:
    x, weight, bias = (
        _numbers(random, (2, 2, 2), 0, 6),
        _numbers(random, (2, 2, 2), -2, 3),
        float(random.integers(1, 6)),
    )
    layer = Convolution(weight[None], [bias])
    sums = [float((plane * part).sum()) for plane, part in zip(x, weight, strict=True)]
    answer = float(layer(x)[0, 0, 0])
    if sums[0] == sums[1] or (weight == 0).sum() > 2:
        return None
    terms = " + ".join(f"({_products(plane, part)})" for plane, part in zip(x, weight, strict=True))
    names = [(Text(N_("Input, channel {n}"), {"n": n}), Text(N_("Kernel, channel {n}"), {"n": n})) for n in (1, 2)]
    return Draft(
        Text(N_("An input of two channels, and one kernel with the bias {bias}. Which number comes out?"), {"bias": bias}),
        ask_number(), answer,
        {
            "first": sums[0] + bias,
            "mean": sum(sums) / 2 + bias,
            "bias": sum(sums) + 2 * bias,
            "same": float((x[0] * weight[0]).sum() + (x[1] * weight[0]).sum()) + bias,
            "largest": max(sums) + bias,
        },
        Text("{terms} + {bias} = {answer}", {"terms": terms, "bias": bias, "answer": answer}),
        tuple(
            grid
            for n, (plane, part) in enumerate(zip(x, weight, strict=True))
            for grid in (Grid(names[n][0], plane, "+" if n else ""), Grid(names[n][1], part, "∗"))
        ),
        {"bias": bias}, {"x": x, "layer": layer, "cell": (0, 0, 0)},
    )  # fmt: skip


@kind(
    "conv-kernel", SUBJECT, N_("Which kernel made this map"), level=2,
    hint=N_("Take one output cell, lay each kernel on its window, and see whose sum fits. Then check another cell."),
    misconceptions={
        "flipped": N_("This kernel is turned by 180°. Networks lay the kernel on the window as it is written, not turned."),
        "transposed": N_("This kernel has rows and columns exchanged: it answers to changes in the other direction."),
        "negated": N_("This kernel has the opposite signs, and so would its map."),
    },
)  # fmt: skip
def which_kernel(random: Random) -> Draft | None:
    x, weight = _numbers(random, (4, 4), 0, 4), _numbers(random, (2, 2), -1, 3)
    options = [weight, weight[::-1, ::-1], weight.T, -weight]
    maps = [Convolution(option[None, None])(x[None])[0] for option in options]
    if any((one == other).all() for n, one in enumerate(maps) for other in maps[:n]):
        return None
    order = [int(n) for n in random.permutation(4)]
    shown = [options[n] for n in order]
    names = [Text(letter) for letter in LETTERS]
    return Draft(
        Text(N_("Which of these kernels makes this output of this input? There is no bias.")),
        ask_choice(names, [Grid(name, kernel) for name, kernel in zip(names, shown, strict=True)]), order.index(0),
        {"flipped": order.index(1), "transposed": order.index(2), "negated": order.index(3)},
        Text(N_("In the first row and column: {terms} = {sum}."), {"terms": _products(x[:2, :2], weight), "sum": float(maps[0][0, 0])}),
        (Grid(INPUT, x, shown=_window((0, 0), 2)), Grid(OUTPUT, maps[0], "→", shown=frozenset({(0, 0)}))),
        facts={"x": x[None], "map": maps[0], "kernels": np.stack(shown)},
    )  # fmt: skip


# -- sizes and parameters ------------------------------------------------------------------------------------------------


@kind(
    "conv-size", SUBJECT, N_("The size of the output"), level=2,
    hint=N_("The kernel spans {span} cells. At how many places does it fit into {padded}, if it moves {stride} at a time?"),
    misconceptions={
        "padding": N_("You forgot the padding. With {padding} on each side, the kernel has {padded} cells to move over."),
        "once": N_("You added the padding once. It is added on both sides: {size} + 2·{padding} = {padded} cells."),
        "dilation": N_("You forgot the dilation: with gaps between its weights, a kernel of {kernel} spans {span} cells."),
        "stride": N_("You forgot the stride: the kernel moves {stride} cells at a time, so fewer places remain."),
        "ceil": N_("You rounded up. A place at which the kernel does not fit any more is left out: round down."),
        "step": N_("You counted the steps. There is one place more than there are steps: the one where the kernel begins."),
    },
)  # fmt: skip
def output_size(random: Random) -> Draft | None:
    size, kernel, stride = (int(random.integers(*bounds)) for bounds in ((8, 33), (2, 6), (1, 4)))
    padding, dilation = int(random.integers(0, 4)), int(random.integers(1, 4))
    layer = Convolution(np.ones((1, 1, kernel, kernel)), None, stride, padding, dilation)
    padded, span = size + 2 * padding, (kernel - 1) * dilation + 1
    if span > size or stride == dilation == 1:
        return None
    answer = layer.output_size((size, size))[0]
    params = {
        "size": size, "kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation, "padded": padded,
        "span": span, "answer": answer,
    }  # fmt: skip
    question = N_(
        "A {kernel}×{kernel} convolution with stride {stride}, padding {padding} and dilation {dilation} gets a map of {size}×{size}. "
        "How many rows has its output?"
    )
    return Draft(
        Text(question, params), ask_number(), answer,
        {
            "padding": (size - span) // stride + 1,
            "once": (size + padding - span) // stride + 1,
            "dilation": (padded - kernel) // stride + 1,
            "stride": padded - span + 1,
            "ceil": math.ceil((padded - span) / stride) + 1,
            "step": (padded - span) // stride,
        },
        Text("⌊({size} + 2·{padding} − {dilation}·({kernel} − 1) − 1)/{stride}⌋ + 1 = {answer}", params),
        params=params, facts={"layer": layer, "size": size},
    )  # fmt: skip


@kind(
    "conv-same", SUBJECT, N_("The padding that keeps the size"), level=1,
    hint=N_("With stride 1 a kernel that spans {span} cells takes {lost} rows away: padding gives as many back, half on each side."),
    misconceptions={
        "both": N_("{lost} rows are needed in all. The padding is added on each side, so it is half of that."),
        "dilation": N_("You forgot the dilation: with gaps between its weights, a kernel of {kernel} spans {span} cells."),
        "half": N_("You took half of the kernel. What is lost is {lost} rows, and half of that is the padding."),
        "none": N_("Without padding the kernel cannot stand on the edge: {lost} rows are lost."),
    },
)  # fmt: skip
def same_size(random: Random) -> Draft | None:
    kernel, dilation = int(random.integers(1, 6)) * 2 + 1, int(random.integers(1, 4))
    lost = dilation * (kernel - 1)
    params = {"kernel": kernel, "dilation": dilation, "span": lost + 1, "lost": lost, "answer": lost // 2}
    return Draft(
        Text(N_("Which padding keeps the size of a map, with a {kernel}×{kernel} kernel, stride 1 and dilation {dilation}?"), params),
        ask_number(), lost // 2,
        {"both": lost, "dilation": (kernel - 1) // 2, "half": kernel / 2, "none": 0},
        Text("{dilation}·({kernel} − 1)/2 = {answer}", params), params=params, facts={"kernel": kernel, "dilation": dilation},
    )  # fmt: skip


@kind(
    "conv-shape", SUBJECT, N_("The shape of the output"), level=1,
    hint=N_("Each kernel makes one map. Then work out its height and width."),
    misconceptions={
        "inputs": N_("{inputs} channels go in. As many come out as there are kernels: {outputs}."),
        "product": N_("You multiplied the channels. Each kernel adds its {inputs} channels up to one map, so {outputs} come out."),
        "sum": N_("You added the channels up: the {inputs} input channels are no longer there, only the {outputs} maps of the kernels."),
        "kept": N_("Without padding the kernel fits at fewer places than there are cells: height and width shrink by {lost}."),
        "kernel": N_("A kernel of {kernel} stands at one place without moving, so a side loses {lost} cells, not {kernel}."),
    },
)  # fmt: skip
def shape(random: Random) -> Draft | None:
    inputs, outputs, kernel = (int(random.integers(*bounds)) for bounds in ((2, 9), (2, 17), (2, 6)))
    high, wide = (int(random.integers(8, 33)) for _side in range(2))
    layer = Convolution(np.ones((outputs, inputs, kernel, kernel)))
    out = layer.output_size((high, wide))
    params = {
        "inputs": inputs,
        "outputs": outputs,
        "kernel": kernel,
        "lost": kernel - 1,
        "shape": (inputs, high, wide),
    }
    return Draft(
        Text(N_("{outputs} kernels of {kernel}×{kernel}, without padding, get an input of {shape}. Which shape has the output?"), params),
        ask_shape(N_("Channels"), N_("Height"), N_("Width")), (outputs, *out),
        {
            "inputs": (inputs, *out),
            "product": (inputs * outputs, *out),
            "sum": (inputs + outputs, *out),
            "kept": (outputs, high, wide),
            "kernel": (outputs, high - kernel, wide - kernel),
        },
        Text(N_("{outputs} kernels make {outputs} maps, of {high} − {kernel} + 1 rows and {wide} − {kernel} + 1 columns."), params | {"high": high, "wide": wide}),
        params=params, facts={"layer": layer, "shape": (inputs, high, wide)},
    )  # fmt: skip


@kind(
    "conv-parameters", SUBJECT, N_("The parameters of a convolution"), level=1,
    hint=N_("A kernel has a weight for each cell of its window in each input channel, and one bias. How many kernels are there?"),
    misconceptions={
        "bias": N_("You forgot the biases: each of the {outputs} kernels has one."),
        "channels": N_("You forgot the input channels: a kernel has {window} weights for each of {inputs} channels."),
        "kernels": N_("These are the parameters of one kernel. There are {outputs}."),
        "one_bias": N_("You counted one bias. Each of the {outputs} kernels has its own."),
        "biases": N_("You gave each slice of a kernel a bias. A kernel has one bias for all of its input channels."),
    },
)  # fmt: skip
def parameters(random: Random) -> Draft | None:
    inputs, outputs, high, wide = (int(random.integers(*bounds)) for bounds in ((2, 17), (2, 33), (1, 6), (1, 6)))
    layer = Convolution(np.ones((outputs, inputs, high, wide)), np.zeros(outputs))
    window = high * wide
    params = {
        "inputs": inputs,
        "outputs": outputs,
        "window": window,
        "kernel": (high, wide),
        "answer": layer.parameters,
    }
    return Draft(
        Text(N_("A convolution with bias has {inputs} input channels, {outputs} output channels and kernels of {kernel}. How many parameters?"), params),
        ask_number(), layer.parameters,
        {
            "bias": outputs * inputs * window,
            "channels": outputs * (window + 1),
            "kernels": inputs * window + 1,
            "one_bias": outputs * inputs * window + 1,
            "biases": outputs * inputs * (window + 1),
        },
        Text("{outputs}·{inputs}·{window} + {outputs} = {answer}", params), params=params,
        facts={"inputs": inputs, "outputs": outputs, "kernel": (high, wide)},
    )  # fmt: skip


# -- how it learns ------------------------------------------------------------------------------------------------------


@kind(
    "conv-gradient", SUBJECT, N_("The gradient of one weight"), level=3,
    hint=N_("At each place the marked weight met one input cell. Multiply each by the gradient that arrives there, and add up."),
    misconceptions={
        "one": N_("You counted one place only. A weight is used at all {places} places: what it gets from each adds up."),
        "mean": N_("You took the mean over the places. The gradient is the sum over all {places}."),
        "bias": N_("You added the arriving gradients up. That is the gradient of the bias: a weight gets each times the input cell that it met."),
        "flipped": N_("You took the cells that the opposite weight met. The weight in row {row}, column {column} meets the cells from row {row}, column {column} on."),
        "weight": N_("You multiplied by the weight itself. How the loss changes with a weight depends on the input cells that it met."),
    },
)  # fmt: skip
def gradient(random: Random) -> Draft | None:
    x, weight, arriving = (
        _numbers(random, (3, 3), 0, 6),
        _numbers(random, (2, 2), -2, 3),
        _numbers(random, (2, 2), -2, 3),
    )
    layer = Convolution(weight[None, None])
    a, b = (int(random.integers(2)) for _axis in range(2))
    met, opposite = x[a : a + 2, b : b + 2], x[1 - a : 3 - a, 1 - b : 3 - b]
    answer = float(layer.gradients(x[None], arriving[None]).weight[0, 0, a, b])
    params = {"row": a + 1, "column": b + 1, "places": arriving.size}
    if (arriving == 0).sum() > 1:
        return None
    return Draft(
        Text(N_("These gradients arrive at the output of a 2×2 kernel. What is the gradient of the marked weight?")),
        ask_number(), answer,
        {
            "one": [float(term) for term in np.unique(met * arriving)],
            "mean": answer / arriving.size,
            "bias": float(arriving.sum()),
            "flipped": float((opposite * arriving).sum()),
            "weight": float(weight[a, b] * arriving.sum()),
        },
        Text("{terms} = {answer}", {"terms": _products(met, arriving), "answer": answer}),
        (
            Grid(INPUT, x, shown=_window((a, b), 2)),
            Grid(KERNEL, weight, "∗", marked=frozenset({(a, b)})),
            Grid(Text(N_("Gradient of the output")), arriving, "←"),
        ),
        params, {"x": x[None], "layer": layer, "weight": (0, 0, a, b), "arriving": arriving[None]},
    )  # fmt: skip


# -- what they have in common -------------------------------------------------------------------------------------------


def _numbers(random: Random, shape: tuple[int, ...], low: int, high: int) -> Array:
    """Whole numbers from `low` to below `high`."""
    return random.integers(low, high, shape).astype(np.float64)


def _window(corner: tuple[int, int], side: int) -> Cells:
    """The cells of a square."""
    rows, columns = (range(start, start + side) for start in corner)
    return cells(rows, columns)


def _products(values: Array, weights: Array) -> str:
    """A weighted sum as a reader writes it: 3·2 + 1·(−1)."""
    pairs = zip(values.ravel().tolist(), weights.ravel().tolist(), strict=True)
    return " + ".join(f"{say(value)}·{say(weight) if weight >= 0 else f'({say(weight)})'}" for value, weight in pairs)
