"""Grids and text, and grids made of others."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lenet import grid as grids
from lenet.common.errors import LenetError, explain
from lenet.grid import GridError
from lenet.pooling.examples import EXAMPLES
from tests.helpers.strategies import any_grid

# -- text --------------------------------------------------------------------------------------------------------


@given(any_grid())
def test_text_and_url_give_back_the_same_numbers(grid: grids.Grid) -> None:
    assert grids.equal(grids.parse(grids.to_text(grid)), grid)
    url = grids.to_url(grid)
    assert (url is None) == (grid.size > grids.URL_NUMBERS)
    if url is not None:
        assert grids.equal(grids.from_url(url), grid)


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
        ("1\t2\n3\t\n4\t5", "cell_empty", ["row 2, column 2"]),
        ("1,2,\n3,4,5", "cell_empty", ["row 1, column 3"]),
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


@pytest.mark.parametrize(
    ("text", "expected"), [("１．５", 1.5), ("1,5", 1.5), ("－2", -2), ("1。5", 1.5), ("\ufeff7 ", 7)]
)
def test_a_cell_is_read_as_people_type_numbers(text: str, expected: float) -> None:
    changed = grids.with_cell(EXAMPLES["3x3"].grid(), {"channel": 0, "row": 0, "column": 0, "text": text})
    assert changed[0, 0, 0] == expected


def test_a_cell_with_two_meanings_is_refused_with_both() -> None:
    with pytest.raises(GridError) as caught:
        grids.with_cell(EXAMPLES["3x3"].grid(), {"channel": 0, "row": 0, "column": 1, "text": "1,234"})
    assert "“1,234”, which can mean 1.234 or 1234" in explain(caught.value)
    with pytest.raises(GridError) as caught:
        grids.with_cell(EXAMPLES["3x3"].grid(), {"channel": 0, "row": 0, "column": 1, "text": "1，5"})
    assert caught.value.code == "cell_not_number"


def test_a_cell_is_changed_in_a_copy() -> None:
    grid = EXAMPLES["3x3"].grid()
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
        grids.with_cell(EXAMPLES["3x3"].grid(), edit)
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
    grid = EXAMPLES["channels"].grid()
    assert grids.resized(grid, 1, 2, 3).tolist() == [[[0, 1, 2], [4, 5, 6]]]
    wide = grids.resized(grid, 3, 5, 4)
    assert (wide[:2, :4] == grid).all() and (wide[2] == wide[1]).all() and not wide[:, 4].any()
    assert not wide.flags.writeable


def test_numbers_at_one_click() -> None:
    assert grids.equal(grids.counting((2, 4, 4)), EXAMPLES["channels"].grid())
    assert grids.equal(grids.counting((1, 3, 3)), EXAMPLES["3x3"].grid())
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
