"""Exercises on sizes: what comes out of a pooling layer, what two of them see, and what PyTorch refuses."""

from __future__ import annotations

import math

from lenet.common.translation import N_
from lenet.exercises.form import ask_choice, ask_number, ask_shape
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.text import Text
from lenet.pooling.arguments import PoolingError
from lenet.pooling.arithmetic import Pooling, receptive_field
from lenet.pooling.exercises.scenes import (
    SUBJECT,
)

PADDING_FORGOTTEN = N_(
    "You forgot the padding. With {padding} on each side, the window has {padded} cells to move over."
)
PADDING_ONCE = N_("You added the padding once. It is added on both sides: {size} + 2·{padding} = {padded} cells.")
STRIDE_IGNORED = N_("You forgot the stride: the window moves {stride} cells at a time, so fewer places remain.")
FIRST_PLACE = N_(
    "You counted the steps. There is one place more than there are steps: the one where the window begins."
)


@kind(
    "pool-size", SUBJECT, N_("The size of the output"), level=1,
    hint=N_("At how many places does a window of {kernel} fit into {padded} cells, if it moves {stride} at a time?"),
    misconceptions={
        "padding": PADDING_FORGOTTEN,
        "once": PADDING_ONCE,
        "stride": STRIDE_IGNORED,
        "ceil": N_("You rounded up. A window that does not fit any more is left out: the division is rounded down."),
        "half": N_("A size is a whole number: what remains of the division is rounded down."),
        "place": FIRST_PLACE,
    },
)  # fmt: skip
def output_size(random: Random) -> Draft | None:
    return _size(random, ceil_mode=False)


@kind(
    "pool-ceil", SUBJECT, N_("The size with ceil_mode"), level=2,
    hint=N_("With ceil_mode the division is rounded up: a last window may reach beyond the cells, if it begins inside."),
    misconceptions={
        "floor": N_("You rounded down. With ceil_mode=True the last window may reach beyond the cells."),
        "padding": PADDING_FORGOTTEN,
        "once": PADDING_ONCE,
        "stride": STRIDE_IGNORED,
        "place": FIRST_PLACE,
        "begins": N_("You rounded up, but the last window would begin behind the input and its left padding: PyTorch leaves it out."),
    },
)  # fmt: skip
def ceil_size(random: Random) -> Draft | None:
    return _size(random, ceil_mode=True)


def _size(random: Random, ceil_mode: bool) -> Draft | None:
    size, kernel, stride = (int(random.integers(*bounds)) for bounds in ((5, 30), (2, 6), (2, 5)))
    padding = int(random.integers(0, kernel // 2 + 1))
    pool = Pooling("max", kernel, stride, padding, ceil_mode=ceil_mode)
    answer = pool.output_size((size, size))[0]
    rounded = math.ceil if ceil_mode else math.floor

    def places(cells: float, step: int = stride) -> int:
        return rounded((cells - kernel) / step) + 1

    padded = size + 2 * padding
    steps = (padded - kernel) / stride
    mistakes: dict[str, float | None] = {
        "padding": places(size),
        "once": places(size + padding),
        "stride": places(padded, 1),
        "place": rounded(steps),
        "ceil": math.ceil(steps) + 1,
        "half": steps + 1,
        "floor": math.floor(steps) + 1,
        "begins": math.ceil(steps) + 1,
    }
    params = {"size": size, "kernel": kernel, "stride": stride, "padding": padding, "padded": padded}
    question = N_(
        "A {kernel}×{kernel} max pooling with stride {stride} and padding {padding} gets a map of {size}×{size}. How many rows has its "
        "output?"
    )
    with_ceil = N_(
        "A {kernel}×{kernel} max pooling with stride {stride}, padding {padding} and ceil_mode=True gets a map of {size}×{size}. How many "
        "rows has its output?"
    )
    left, right = ("⌈", "⌉") if ceil_mode else ("⌊", "⌋")
    formula = f"{left}({size} + 2·{padding} − {kernel})/{stride}{right} + 1 = {rounded(steps) + 1}"
    dropped = Text(
        N_("{formula}, less the window that would begin behind the input: {answer}."),
        {"formula": formula, "answer": answer},
    )
    return Draft(
        Text(with_ceil if ceil_mode else question, params), ask_number(), answer, mistakes,
        Text("{formula}", {"formula": formula}) if answer == rounded(steps) + 1 else dropped,
        params=params, facts={"pool": pool, "size": size},
    )  # fmt: skip


@kind(
    "pool-channels", SUBJECT, N_("The shape of the output"), level=1,
    hint=N_("Pooling takes each channel by itself. Then work out the height and the width."),
    misconceptions={
        "merged": N_("Pooling does not add the channels up: each is pooled by itself, so {channels} go in and {channels} come out."),
        "divided": N_("Pooling shrinks height and width only: all {channels} channels remain."),
        "untouched": N_("With stride {stride} the window moves {stride} cells at a time: height and width shrink."),
        "swapped": N_("Height comes before width: (channels, height, width)."),
    },
)  # fmt: skip
def channels(random: Random) -> Draft | None:
    n, kernel = int(random.integers(2, 17)), int(random.integers(2, 4))
    high, wide = (int(random.integers(2, 8)) * kernel for _side in range(2))
    pool = Pooling("avg", kernel)
    out = pool.output_size((high, wide))
    params = {"channels": n, "shape": (n, high, wide), "kernel": kernel, "stride": kernel}
    question = N_(
        "A {kernel}×{kernel} average pooling with stride {stride} gets an array of {shape}. Which shape has its output?"
    )
    return Draft(
        Text(question, params), ask_shape(N_("Channels"), N_("Height"), N_("Width")), (n, *out),
        {
            "merged": (1, *out),
            "divided": (n // kernel, *out),
            "untouched": (n, high - kernel + 1, wide - kernel + 1),
            "swapped": (n, *reversed(out)),
        },
        Text(N_("Each of the {channels} channels is pooled by itself: {before} → {after}."), params | {"before": (high, wide), "after": out}),
        params=params, facts={"pool": pool, "shape": (n, high, wide)},
    )  # fmt: skip


@kind(
    "pool-field", SUBJECT, N_("What two poolings see"), level=3,
    hint=N_("One cell after pool 2 sees {second} cells in a row of pool 1’s output. Which input cells do those see together?"),
    misconceptions={
        "product": N_("You multiplied the kernels. That is right only where windows lie side by side: pool 1 moves {stride} at a time."),
        "sum": N_("You added the kernels up. Each further cell that pool 2 sees adds {stride} input cells, the stride of pool 1."),
        "stride": N_("You forgot that pool 1 moves {stride} cells at a time: neighbours in its output look {stride} input cells apart."),
        "last": N_("{second} cells are what it sees of pool 1’s output. Each of them sees {first} cells of the input."),
    },
)  # fmt: skip
def field(random: Random) -> Draft | None:
    first, second = (int(random.integers(2, 5)) for _pool in range(2))
    stride = int(random.integers(1, 4))
    layers = [Pooling("max", first, stride), Pooling("max", second)]
    params = {"first": first, "second": second, "stride": stride}
    question = N_(
        "Pool 1 has a {first}×{first} window and stride {stride}, pool 2 behind it a {second}×{second} window. How many rows of the input can "
        "change one number after pool 2?"
    )
    answer = receptive_field(layers).size[0]
    return Draft(
        Text(question, params), ask_number(), answer,
        {"product": first * second, "sum": first + second, "stride": first + second - 1, "last": second},
        Text("{first} + ({second} − 1)·{stride} = {answer}", params | {"answer": answer}),
        params=params, facts={"layers": layers},
    ) if stride <= first else None  # fmt: skip


@kind(
    "pool-refused", SUBJECT, N_("What PyTorch refuses"), level=3,
    hint=N_("Two rules: a padding is at most half of the kernel, and the window fits into the input with its padding."),
    misconceptions={
        "gaps": N_("A stride larger than the kernel is allowed: some cells then lie in no window."),
        "half": N_("A padding of half the kernel is just allowed: no window lies in the padding alone."),
        "whole": N_("A kernel as large as the input is allowed: there is one place for it, and one number comes out."),
        "uneven": N_("The windows need not fit evenly: what remains at the edge is left out."),
    },
)  # fmt: skip
def refused(random: Random) -> Draft | None:
    size = int(random.integers(4, 9))
    kernel = int(random.integers(2, 4))
    too_far, too_large = (kernel, kernel, kernel // 2 + 1), (size + 3, 1, int(random.integers(0, 2)))
    allowed = {
        "gaps": (kernel, kernel + int(random.integers(1, 3)), 0),
        "half": (2 * kernel, 2, kernel),
        "whole": (size, size, 0),
        "uneven": (kernel, next((s for s in (2, 3) if (size - kernel) % s), 0), 0),
    }
    wrong = too_far if random.integers(2) else too_large
    names = [name for name, setting in allowed.items() if setting[1] and _fits(size, setting)]
    chosen = [names[int(n)] for n in random.permutation(len(names))[:3]]
    options = [wrong, *(allowed[name] for name in chosen)]
    if len(set(options)) < 4 or _fits(size, wrong):
        return None
    order = [int(n) for n in random.permutation(4)]
    text = N_("kernel {kernel}, stride {stride}, padding {padding}")
    shown = [Text(text, dict(zip(("kernel", "stride", "padding"), options[n], strict=True))) for n in order]
    mistakes: dict[str, float | None] = dict.fromkeys(allowed)
    mistakes |= {name: order.index(n) for n, name in enumerate(chosen, 1)}
    half = N_("A padding of {padding} is more than half of the kernel {kernel}.")
    large = N_("A kernel of {kernel} does not fit into {size} + 2·{padding} cells.")
    params = {"size": size, "kernel": wrong[0], "padding": wrong[2]}
    return Draft(
        Text(N_("Which max pooling of a map of {size}×{size} does PyTorch refuse?"), params), ask_choice(shown),
        order.index(0), mistakes, Text(half if wrong == too_far else large, params),
        params=params, facts={"size": size, "settings": [options[n] for n in order]},
    )  # fmt: skip


def _fits(size: int, setting: tuple[int, int, int]) -> bool:
    try:
        Pooling("max", *setting).output_size((size, size))
    except PoolingError:
        return False
    return True
