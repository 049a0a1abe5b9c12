"""What lessons and panels say of what is on screen, checked on random grids and layers against PyTorch and by counting."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from lenet import grid as grids
from lenet.grid import Grid
from lenet.pooling import Pooling, PoolingError, observations
from lenet.pooling.examples import EXAMPLES, KERNEL_SIZES, PADDINGS, STRIDES
from lenet.pooling.figures import remarks
from lenet.pooling.figures import window as figures
from lenet.pooling.lessons import LESSONS
from tests.helpers.strategies import LAYERS, SMALL, fits


def numbers(text: str) -> list[int]:
    return [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*", text)]


def windows(grid: Grid, pool: Pooling) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rows and columns of every window, padding and what is beyond it included."""
    height, width = pool.output_size((grid.shape[1], grid.shape[2]))
    found = [pool.window(i, j, (grid.shape[1], grid.shape[2])) for i in range(height) for j in range(width)]
    return [(window.rows, window.columns) for window in found]


def pads(pool: Pooling) -> bool:
    return pool.padding != (0, 0)


@given(SMALL, LAYERS)
def test_one_window_one_number(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    told = observations.window(grid, pool, False)
    kernel, rest = told.split(" window", 1)
    assert kernel == f"The {pool.kernel_size[0]}×{pool.kernel_size[1]}"
    own = [] if pool.divisor_override is None else [pool.divisor_override]
    assert numbers(rest) == [len(windows(grid, pool)), *own, grid.size, pool(grid).size]
    assert ("largest" in told) == (pool.mode == "max")
    assert ("average" in told) == (pool.mode == "avg" and pool.divisor_override is None)


@given(SMALL, LAYERS)
def test_the_stride(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    told = observations.stride(grid, pool, False)
    height, width = pool.output_size((grid.shape[1], grid.shape[2]))
    assert f"The output is {height}×{width}, the input {grid.shape[1]}×{grid.shape[2]}" in told
    if "neighbouring" not in told:
        return
    (rows, columns), (_same, right), (below, _column) = (windows(grid, pool)[n] for n in (0, 1, width))
    for first, second in ((rows, below), (columns, right)):
        n = len(set(first) & set(second))
        between = min(second) - max(first) - 1
        if n:
            assert f"overlap by {n} row" in told
        elif between:
            assert f"leave {between} row" in told
        else:
            assert "touch and do not overlap" in told


@given(SMALL, LAYERS, st.booleans())
def test_a_padding_of_zero(grid: Grid, pool: Pooling, zero: bool) -> None:
    assume(fits(grid, pool))
    told = observations.zero(grid, pool, zero and pool.mode == "max" and pads(pool))
    assert ("choose **Max**" in told) == (pool.mode == "avg")
    if pool.mode == "max":
        assert ("no padding" in told) == (not pads(pool))
    if "outputs differ" in told:
        wrong = sum(map(len, figures.scene(grid, pool, zero=True)["wrong"]))
        assert wrong and numbers(told) == [0, wrong, pool(grid).size]
    elif "every output is the same" in told:
        assert not any(figures.scene(grid, pool, zero=True)["wrong"])


@given(SMALL, LAYERS)
def test_the_divisors(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    told = observations.divisor(grid, pool, False)
    if pool.mode == "max":
        assert "choose **Average**" in told
        return
    # PyTorch's divisors: what it makes of ones by adding them up, over what it makes of their average.
    ones = torch.ones(1, *grid.shape[1:], dtype=torch.float64)
    functions: Any = torch.nn.functional
    geometry = pool.kernel_size, pool.stride, pool.padding, pool.ceil_mode
    sums = functions.avg_pool2d(ones, *geometry, divisor_override=1)
    averages = functions.avg_pool2d(ones, *geometry, pool.count_include_pad, pool.divisor_override)
    divisors = np.unique((sums / averages).numpy().round().astype(int)).tolist()
    assert numbers(told) == sorted(divisors)
    if len(divisors) > 1:
        assert ("padding count" in told) == (pool.count_include_pad and pool.padding != (0, 0))


@given(SMALL, LAYERS)
def test_the_rounding(grid: Grid, pool: Pooling) -> None:
    assume(fits(grid, pool))
    told = observations.rounding(grid, pool, False)
    rows = {row for rows, _columns in windows(grid, pool) for row in rows}
    columns = {column for _rows, columns in windows(grid, pool) for column in columns}
    left_out = [
        sum(n not in there for n in range(size)) for there, size in ((rows, grid.shape[1]), (columns, grid.shape[2]))
    ]
    beyond = [
        max(0, max(there) + 1 - size - padding)
        for there, size, padding in (
            (rows, grid.shape[1], pool.padding[0]),
            (columns, grid.shape[2], pool.padding[1]),
        )
    ]
    reach, _, none = told.partition("Some cells") if "Some cells" in told else (told, "", "")
    assert numbers(reach) == (beyond if any(beyond) else [])
    assert numbers(none) == (left_out if any(left_out) else [])
    assert ("dashed" in told) == any(beyond) and ("cover every cell" in told) == (not any(beyond + left_out))


@given(SMALL, LAYERS)
def test_the_gradient(grid: Grid, pool: Pooling) -> None:
    """Against autograd: cells that get nothing, what is lost, and windows whose maximum several cells hold."""
    assume(fits(grid, pool) and bool(np.isfinite(pool(grid)).all()))
    x = torch.tensor(grid[None], requires_grad=True)
    functions: Any = torch.nn.functional
    if pool.mode == "max":
        y = functions.max_pool2d(x, pool.kernel_size, pool.stride, pool.padding, pool.dilation, pool.ceil_mode)
    else:
        y = functions.avg_pool2d(
            x,
            pool.kernel_size,
            pool.stride,
            pool.padding,
            pool.ceil_mode,
            pool.count_include_pad,
            pool.divisor_override,
        )
    y.sum().backward()
    assert x.grad is not None
    received = x.grad[0].numpy()
    told = observations.gradient(grid, pool, False)
    nothing = int((received == 0).sum())
    if nothing:
        assert f"{nothing} of the {grid.size} input cells get nothing" in told
    else:
        assert "Every input cell gets" in told
    assert ("lost" in told) == (
        pool.mode == "avg" and pool.divisor_override is None and received.sum() < y.numel() - 1e-6
    )
    assert "lost" not in told or pads(pool)
    if pool.mode == "max":
        row, column, wins = map(int, re.search(r"row (\d+), column (\d+) holds the maximum of (\d+)", told).groups())  # type: ignore[union-attr]
        assert received[0, row - 1, column - 1] == wins == received[0].max()
        planes = [grid[c][np.ix_([r for r in rows if 0 <= r < grid.shape[1]], [k for k in columns if 0 <= k < grid.shape[2]])]
                  for c in range(len(grid)) for rows, columns in windows(grid, pool)]  # fmt: skip
        ties = sum(int((plane == plane.max()).sum()) > 1 for plane in planes)
        assert ties == int((pool.ties(grid) > 1).sum())
        assert (f"In {ties} window" in told) == bool(ties) == ("several" in told)


def test_a_tie_by_hand() -> None:
    grid = np.array([[[3.0, 1, 3], [3, 0, 2]]])
    pool = Pooling("max", 2, 1)
    assert pool.ties(grid).tolist() == [[[2, 1]]] and pool.argmax(grid).tolist() == [[[0, 2]]]
    assert figures.scene(grid, pool)["ties"] == [[2, 1]]
    assert "In 1 window several cells hold the maximum" in observations.gradient(grid, pool, False)
    with pytest.raises(PoolingError):
        Pooling("avg", 2, 1).ties(grid)


@given(SMALL, LAYERS, st.booleans(), st.sampled_from(list(EXAMPLES)))
def test_padding_is_spoken_of_only_where_there_is_some(grid: Grid, pool: Pooling, zero: bool, name: str) -> None:
    """In remarks, and in the words that the figure shows for its own windows."""
    for shown in (grid, EXAMPLES[name].grid()):
        if not fits(shown, pool):
            continue
        told = remarks.remarks(EXAMPLES[name], shown, pool)
        if not pads(pool):
            assert "padding" not in told, told
        words = figures.scene(shown, pool, zero=zero)["words"]
        for plain in ("divisor", "rule", "ties", "ties_back", "hint"):
            assert "padding" not in words[plain]
        for beyond in ("beyond", "divisor_beyond"):
            assert pads(pool) == ("padding" in words[beyond])


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("mode", ["max", "avg"])
def test_remarks_of_examples_are_true(name: str, mode: Any) -> None:
    example = EXAMPLES[name]
    grid, pool = example.grid(), Pooling(mode, example.kernel_size, example.stride, example.padding)
    told = remarks.remark(example, grid, pool)
    assert told
    if name == "negative":
        assert (grid < 0).all()
        touched = [k for k, (rows, columns) in enumerate(windows(grid, pool)) if min(rows) < 0 or min(columns) < 0]
        assert touched
        if mode == "max":
            assert "maximum" in told
            zeros = figures.scene(grid, pool, zero=True)["output"]["texts"][0]
            assert all(zeros[k] == "0" for k in touched)
        else:
            assert "closer to 0" in told
            own = Pooling("avg", pool.kernel_size, pool.stride, pool.padding, count_include_pad=False)(grid).ravel()
            assert all(abs(pool(grid).ravel()[k]) < abs(own[k]) for k in touched)
    if name == "image":
        assert pool(grid).size * 4 == grid.size and "quarter" in told


# -- lessons -----------------------------------------------------------------------------------------------------


def opened(name: str, **changed: Any) -> tuple[Grid, dict[str, Any], bool]:
    """The grid and the layer that a lesson shows once its question is answered, and whether a padding of 0 is shown;
    then with what the reader has `changed`."""
    own = {**LESSONS[name].beginning, **LESSONS[name].opened, **changed}
    example, mode = EXAMPLES[own["preset"]], own.get("mode", "max")
    layer = {
        "mode": mode,
        "kernel_size": own.get("kernel", example.kernel_size),
        "stride": own.get("stride", example.stride),
        "padding": own.get("padding", example.padding),
        "ceil_mode": own.get("ceil", False),
    } | ({"count_include_pad": own.get("include_pad", True)} if mode == "avg" else {})
    return grids.from_url(own["grid"]) if "grid" in own else example.grid(), layer, own.get("zero", False)


@pytest.mark.parametrize(
    ("name", "changed", "told"),
    [
        ("window", {}, "The 2×2 window stops at 4 places and keeps the largest number of each: 9 numbers become 4."),
        ("stride", {}, "With a stride of 1, neighbouring windows overlap by 1 row or column. The output is 3×3, the input 4×4."),
        ("stride", {"stride": 2},
         "With a stride of 2, neighbouring windows touch and do not overlap. The output is 2×2, the input 4×4."),
        ("zero", {}, "Now padding counts as −∞."),
        ("zero", {"zero": True}, "Now padding counts as 0: 3 of 4 outputs differ from those with −∞ (dashed red)."),
        ("divisor", {}, "Every sum is divided by 9."),
        ("divisor", {"include_pad": False}, "The sums are divided by 4, 6, 9: only cells of the input count."),
        ("ceil", {}, "Windows reach beyond the input (dashed cells; rows: 1, columns: 1)."),
        ("channels", {}, "2 channels go in, 2 come out."),
        ("gradient", {}, "The cell in row 2, column 2 holds the maximum of 4 windows and gets the gradients of all of them. "
                         "12 of the 16 input cells get nothing."),
        ("shift", {}, ""), ("noise", {}, ""), ("stack", {}, ""),
    ],
)  # fmt: skip
def test_what_a_lesson_shows(name: str, changed: dict[str, Any], told: str) -> None:
    grid, layer, zero = opened(name, **changed)
    assert LESSONS[name].seen(grid, Pooling(**layer), zero) == told


def test_what_the_lesson_on_refusals_shows() -> None:
    grid, layer, _zero = opened("refused")
    with pytest.raises(PoolingError):
        LESSONS["refused"].seen(grid, Pooling(**layer), False)
    fitting = LESSONS["refused"].seen(grid, Pooling(**layer | {"padding": 1}), False)
    assert fitting == "Now the window fits: 3 + 2·1 = 5 cells for a window of 5."
    with pytest.raises(PoolingError):
        Pooling(**layer | {"padding": 3})


@given(
    st.sampled_from(list(LESSONS)), st.sampled_from(["max", "avg"]), st.integers(*KERNEL_SIZES), st.integers(*STRIDES),
    st.integers(*PADDINGS), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_lesson_has_an_answer_to_whatever_its_reader_sets(
    name: str, mode: str, kernel: int, stride: int, padding: int, ceil: bool, zero: bool
) -> None:
    grid, _layer, _zero = opened(name)
    layer: Any = {"mode": mode, "kernel_size": kernel, "stride": stride, "padding": padding, "ceil_mode": ceil}
    try:
        pool = Pooling(**layer)
        pool.output_size((grid.shape[1], grid.shape[2]))
    except PoolingError:
        return
    told = LESSONS[name].seen(grid, pool, zero and mode == "max" and padding > 0)
    assert "{" not in told
    if padding == 0 and name not in ("zero", "refused"):
        assert "padding" not in told
    assert not re.search(r"[Tt]he \d+ (?!input cells)", told), (
        "places are named by row and column, not by their number"
    )


def test_texts_of_lessons_claim_nothing_of_what_is_on_screen() -> None:
    """They ask for something or tell what holds of every layer: numbers in them are values to be set."""
    for lesson in LESSONS.values():
        for value in numbers(re.sub(r"\*\*[^*]*\*\*", "", lesson.text)):
            assert re.search(rf"(to|to \d and (then |back )to) {value}\b|pad with {value}", lesson.text), lesson.text
