"""Grids and text; the data and words that the sandbox draws."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet.common import paths
from lenet.common.errors import LenetError, explain
from lenet.grid import text as grids
from lenet.grid.text import PRESETS, GridError
from lenet.pooling import Pooling, PoolingError
from lenet.pooling.figures import window as figures
from tests.helpers.strategies import LAYERS, SMALL, any_grid

# -- text --------------------------------------------------------------------------------------------------------


@given(any_grid())
def test_text_and_url_give_back_the_same_numbers(grid: grids.Grid) -> None:
    assert grids.equal(grids.parse(grids.to_text(grid)), grid)
    url = grids.to_url(grid)
    assert (url is None) == (grid.size > grids.URL_NUMBERS)
    if url is not None:
        assert grids.equal(grids.parse(url), grid)


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2;3,4,5",
        "0 1 2\n3 4 5",
        "0\t1\t2\r\n3\t4\t5\r\n",
        "\n\n 0, 1, 2 \n 3,4 , 5\n\n",
        "+0 1.0 2e0\n3. 4 5",
    ],
)
def test_spreadsheets_csv_and_urls_are_read(text: str) -> None:
    assert grids.parse(text).tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_channels() -> None:
    for text in ("1,2;3,4|5,6;7,8", "1 2\n3 4\n\n5 6\n7 8", "1 2\n3 4\n\n\n5 6\n7 8\n"):
        assert grids.parse(text).tolist() == [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("1 2\n3 abc", "cell_not_number", ["row 2, column 2", "“abc”", "1,000,000"]),
        ("1\t\t3", "cell_empty", ["row 1, column 2", "empty", "1,000,000"]),
        ("1\t2\n\t\n3\t4", "cell_empty", ["row 2, column 1"]),
        ("1,2,", "cell_empty", ["row 1, column 3"]),
        ("nan", "cell_not_number", ["row 1, column 1", "“nan”"]),
        ("1 inf", "cell_not_number", ["row 1, column 2", "“inf”"]),
        ("1 -Infinity", "cell_not_number", ["“-Infinity”"]),
        ("1_0", "cell_not_number", ["“1_0”"]),
        ("٣", "cell_not_number", ["“٣”"]),
        ("1 2;3 1000000.5", "cell_too_large", ["row 2, column 2", "1000000.5", "1,000,000"]),
        ("1e999", "cell_too_large", ["1e999"]),
        ("1|x", "cell_not_number", ["row 1, column 1 of channel 2"]),
        ("", "grid_empty", []),
        (" \n |;\n", "grid_empty", []),
        ("1 2\n3", "grid_ragged", ["row 2", "1", "2"]),
        ("1 2\n\n3", "grid_ragged", ["row 1 of channel 2"]),
        ("1\n2\n\n3", "grid_channels_differ", ["Channel 2"]),
        ("1|1|1|1|1", "grid_too_many_channels", ["5", "4"]),
        (" ".join(["1"] * 29), "grid_too_large", ["29", "28"]),
        ("\n".join(["1"] * 29), "grid_too_large", ["29", "28"]),
        ("1" * 60_000, "grid_text_too_long", ["60000", "50000"]),
    ],
)
def test_what_cannot_be_used_is_named_in_one_sentence(text: str, code: str, named: list[str]) -> None:
    with pytest.raises(GridError) as caught:
        grids.parse(text)
    assert caught.value.code == code
    sentence = explain(caught.value)
    assert all(part in sentence for part in named), sentence
    assert "{" not in sentence


@given(st.text(alphabet=st.sampled_from("0123456789-+.eE,;|\t \nxNaN∞−"), max_size=60))
def test_any_text_is_a_grid_or_a_grid_error(text: str) -> None:
    try:
        grid = grids.parse(text)
    except GridError as error:
        assert explain(error)
    else:
        assert np.isfinite(grid).all() and abs(grid).max() <= grids.LIMIT
        assert not grid.flags.writeable


def test_a_cell_is_changed_in_a_copy() -> None:
    grid = PRESETS["3x3"].grid()
    changed = grids.with_cell(grid, {"channel": 0, "row": 1, "column": 2, "text": " −2.5 "})
    assert changed[0, 1, 2] == -2.5 and grid[0, 1, 2] == 5
    assert (changed != grid).sum() == 1


@pytest.mark.parametrize(
    "edit",
    [
        None,
        7,
        {},
        {"channel": 0, "row": 0, "column": 0},
        {"channel": 0, "row": 0, "column": 0, "text": 5},
        {"channel": 0, "row": 3, "column": 0, "text": "5"},
        {"channel": 0, "row": -1, "column": 0, "text": "5"},
        {"channel": True, "row": 0, "column": 0, "text": "5"},
        {"channel": 0, "row": 0.0, "column": 0, "text": "5"},
        {"channel": 0, "row": "0", "column": 0, "text": "5"},
        {"channel": 0, "row": 0, "column": 0, "text": "5" * 1000},
    ],
)
def test_a_forged_edit_is_refused(edit: object) -> None:
    with pytest.raises(GridError) as caught:
        grids.with_cell(PRESETS["3x3"].grid(), edit)
    assert len(explain(caught.value)) < 250


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.0, "4"), (0.1 + 0.2, "0.3"), (4 / 3, "1.3333"), (-0.25, "−0.25"), (-0.0, "0"), (0.00012345, "0.0001234"),
        (784e6, "784000000"), (-math.inf, "−∞"), (math.inf, "∞"), (math.nan, "NaN"),
    ],
)  # fmt: skip
def test_numbers_are_tidy(value: float, text: str) -> None:
    assert grids.tidy(value) == text


# -- other sizes, other numbers ----------------------------------------------------------------------------------


def test_another_size_keeps_the_corner() -> None:
    grid = PRESETS["channels"].grid()
    assert grids.resized(grid, 1, 2, 3).tolist() == [[[0, 1, 2], [4, 5, 6]]]
    wide = grids.resized(grid, 3, 5, 4)
    assert (wide[:2, :4] == grid).all() and (wide[2] == wide[1]).all() and not wide[:, 4].any()
    assert not wide.flags.writeable


def test_numbers_at_one_click() -> None:
    assert grids.equal(grids.counting((2, 4, 4)), PRESETS["channels"].grid())
    assert grids.equal(grids.counting((1, 3, 3)), PRESETS["3x3"].grid())
    some = grids.random((4, 28, 28), 1)
    assert grids.equal(some, grids.random((4, 28, 28), 1)) and not grids.equal(some, grids.random((4, 28, 28), 2))
    assert some.min() == -9 and some.max() == 9


# -- pictures ----------------------------------------------------------------------------------------------------


def picture(mode: str, size: tuple[int, int], form: str, color: Any = None, **options: Any) -> bytes:
    file = io.BytesIO()
    made = (
        Image.new("1", size) if mode == "1" else Image.new("RGBA", size, color or (200, 100, 50, 255)).convert(mode)
    )
    made.save(file, form, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        ("RGBA", "PNG"), ("RGB", "PNG"), ("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("RGB", "JPEG"), ("CMYK", "JPEG"),
        ("L", "JPEG"), ("P", "GIF"), ("RGB", "BMP"), ("RGB", "WEBP"),
    ],
)  # fmt: skip
def test_pictures_of_every_kind_are_read(mode: str, form: str) -> None:
    grey = grids.from_picture(picture(mode, (300, 150), form), 28)
    assert grey.shape == (1, 14, 28)
    assert abs(grey - (0.299 * 200 + 0.587 * 100 + 0.114 * 50)).max() < 4
    color = grids.from_picture(picture(mode, (300, 150), form), 20, color=True)
    assert color.shape == (3, 10, 20)
    if mode not in ("L", "LA"):
        assert abs(color[:, 5, 10] - [200, 100, 50]).max() < 6


def test_pictures_are_scaled_and_turned_and_laid_on_white() -> None:
    assert grids.from_picture(picture("RGB", (5, 3), "PNG")).shape == (1, 3, 5), "a small one stays as it is"
    assert grids.from_picture(picture("RGB", (5000, 2), "PNG")).shape == (1, 1, 28)
    turned = Image.Exif()
    turned[0x0112] = 6
    assert grids.from_picture(picture("RGB", (80, 40), "JPEG", exif=turned)).shape == (1, 28, 14)
    assert grids.from_picture(picture("RGBA", (9, 9), "PNG", color=(0, 0, 0, 0))).min() == 255
    deep = io.BytesIO()
    Image.fromarray(np.full((8, 8), 65535, dtype=np.uint16)).save(deep, "PNG")
    assert grids.from_picture(deep.getvalue()).tolist() == [[[255.0] * 8] * 8]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "picture_unreadable"),
        (b"GIF89a", "picture_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_unreadable"),
        (b"%PDF-1.7", "picture_unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "picture_unreadable"),
        (picture("RGB", (300, 300), "PNG")[:400], "picture_unreadable"),
        (picture("RGB", (30, 30), "TIFF"), "picture_unreadable"),
        (picture("1", (9000, 9000), "PNG"), "picture_too_many_pixels"),
        (picture("1", (20000, 20000), "PNG"), "picture_too_many_pixels"),
        (b"0" * 10_000_001, "picture_file_too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else len(value),
)
def test_files_that_are_refused(file: bytes, code: str) -> None:
    with pytest.raises(LenetError) as caught:
        grids.from_picture(file)
    assert caught.value.code == code
    assert "{" not in explain(caught.value)


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"]))
def test_damaged_pictures_are_a_picture_or_a_grid_error(noise: bytes, form: str) -> None:
    sound = picture("RGB", (40, 40), form)
    at = len(noise) % len(sound)
    try:
        grid = grids.from_picture(sound[:at] + noise + sound[at + len(noise) :])
    except LenetError as error:
        assert explain(error)
    else:
        assert grid.min() >= 0 and grid.max() <= 255 and max(grid.shape) <= 28


# -- examples ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mode", "expected"),
    [
        ("3x3", "max", [[[4, 5], [7, 8]]]),
        ("3x3", "avg", [[[2, 3], [5, 6]]]),
        ("4x4", "max", [[[5, 7], [13, 15]]]),
        ("channels", "max", [[[5, 7], [13, 15]], [[6, 8], [14, 16]]]),
    ],
)
def test_examples_give_the_notes_numbers(name: str, mode: Any, expected: Any) -> None:
    example = PRESETS[name]
    pool = Pooling(mode, example.kernel_size, example.stride, example.padding)
    assert pool(example.grid()).tolist() == expected


def test_examples_are_what_they_say() -> None:
    assert PRESETS["channels"].grid().shape == (2, 4, 4)
    assert (PRESETS["negative"].grid() < 0).all()
    image = PRESETS["image"].grid()
    assert image.shape == (1, 28, 28) and image.max() > 200 and image.min() == 0
    for example in PRESETS.values():
        assert not example.grid().flags.writeable


# -- what is drawn -----------------------------------------------------------------------------------------------


@given(SMALL, LAYERS)
def test_the_scene_agrees_with_the_arithmetic(grid: grids.Grid, pool: Pooling) -> None:
    try:
        output = pool(grid)
    except PoolingError:
        with pytest.raises(PoolingError):
            figures.scene(grid, pool)
        return
    scene = json.loads(json.dumps(figures.scene(grid, pool), allow_nan=False))
    height, width = scene["out_size"]
    assert output.shape == (len(grid), height, width)
    top, left = scene["first"]
    names = {number: kind for kind, number in figures.KINDS.items()}
    for c in range(len(grid)):
        for i in range(height):
            for j in range(width):
                flat = i * width + j
                assert scene["output"]["texts"][c][flat] == grids.tidy(float(output[c, i, j]))
                cells = [
                    (r, k, names[max(scene["row_kinds"][r - top], scene["column_kinds"][k - left])])
                    for r in scene["rows"][i]
                    for k in scene["columns"][j]
                ]
                assert cells == list(pool.window(i, j, grid.shape[1:]).cells)
                if pool.mode == "max":
                    winner = scene["winners"][c][flat]
                    if winner >= 0:
                        assert grid[c].ravel()[winner] == output[c, i, j]
                        assert (*divmod(winner, grid.shape[2]), "input") in cells
                else:
                    total = sum(float(grid[c, r, k]) for r, k, kind in cells if kind == "input")
                    assert scene["sums"][c][flat] == grids.tidy(total)
                    assert scene["divisors"][flat] == str(pool.window(i, j, grid.shape[1:]).divisor)


def test_the_sentence_about_zeros() -> None:
    negative, ring = PRESETS["negative"].grid(), Pooling("max", 3, 2, 1)
    sentence = figures.zero_padding_sentence(negative, ring)
    assert "−∞" in sentence and "3 of 4" in sentence and "row 2, column 1: 0 instead of −3" in sentence
    assert "the same here" in figures.zero_padding_sentence(PRESETS["4x4"].grid(), ring)
    assert figures.zero_padding_sentence(negative, Pooling("max", 3, 2)) == ""
    assert figures.zero_padding_sentence(negative, Pooling("avg", 3, 2, 1)) == ""


@pytest.mark.parametrize(
    ("shape", "pool", "lines"),
    [
        ((1, 3, 3), Pooling("max", 2, 1), ["output size = ⌊(3 + 2·0 − 2)/1⌋ + 1 = 2"]),
        ((1, 4, 4), Pooling("avg", 3, 2, 1), ["output size = ⌊(4 + 2·1 − 3)/2⌋ + 1 = 2"]),
        ((1, 6, 6), Pooling("max", 3, 2, ceil_mode=True), ["output size = ⌈(6 + 2·0 − 3)/2⌉ + 1 = 3"]),
        ((1, 7, 7), Pooling("max", 3, 1, dilation=2), ["output size = ⌊(7 + 2·0 − 2·(3 − 1) − 1)/1⌋ + 1 = 3"]),
        (
            (1, 3, 5),
            Pooling("max", 2, 2),
            ["output height = ⌊(3 + 2·0 − 2)/2⌋ + 1 = 1", "output width = ⌊(5 + 2·0 − 2)/2⌋ + 1 = 2"],
        ),
        (
            (1, 3, 3),
            Pooling("avg", 1, 4, ceil_mode=True),
            ["output size = ⌈(3 + 2·0 − 1)/4⌉ + 1 = 2 → 1 (the last window would begin outside the input)"],
        ),
    ],
)
def test_the_size_formula_has_the_readers_numbers(shape: Any, pool: Pooling, lines: list[str]) -> None:
    assert figures.size_formula(np.zeros(shape), pool) == lines


@given(SMALL, LAYERS)
def test_the_size_formula_ends_with_the_size(grid: grids.Grid, pool: Pooling) -> None:
    try:
        sizes = pool.output_size(grid.shape[1:])
    except PoolingError:
        return
    lines = figures.size_formula(grid, pool)
    ends = [line.split(" → ")[-1].split(" (the")[0].split("= ")[-1] for line in lines]
    assert ends == ([str(sizes[0])] if len(lines) == 1 else [str(n) for n in sizes])


def test_the_sentence_about_the_other_rounding() -> None:
    grid = PRESETS["4x4"].grid()
    assert "rounded up (ceil_mode=True) the output would be 3×3" in figures.rounding_sentence(
        grid, Pooling("max", 3, 2, 1)
    )
    up = Pooling("max", 3, 2, 1, ceil_mode=True)
    assert "rounded down (ceil_mode=False) the output would be 2×2" in figures.rounding_sentence(grid, up)
    assert figures.rounding_sentence(grid, Pooling("max", 2, 2)) == ""
    said = figures.remarks(PRESETS["4x4"], grid, Pooling("max", 3, 2, 1))
    assert [part in said for part in ("hang over", "rounded up", "−∞")] == [True] * 3
    assert figures.remarks(PRESETS["4x4"], grid, Pooling("max", 2, 2)) == ""


def test_an_example_changed_has_no_remark() -> None:
    example = PRESETS["channels"]
    own = Pooling("max", 3, 2, 1)
    assert "(1, 2, 4, 4)" in figures.remark(example, example.grid(), own)
    assert figures.remark(example, example.grid(), Pooling("max", 3, 2, 0)) == ""
    assert figures.remark(example, example.grid() + 1, own) == ""


def test_no_torch_on_the_way_to_the_figure() -> None:
    code = "import sys; import lenet.grid.text, lenet.pooling.figures.window; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=False).returncode == 0
