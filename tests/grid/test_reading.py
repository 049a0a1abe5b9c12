"""What a pasted text means: each form by hand, and every grid printed in every form is read back as itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lenet import grid as grids
from lenet.common.errors import explain
from lenet.grid import AmbiguousText, Grid, GridError
from lenet.grid.reading import readings
from lenet.pooling import Pooling, code
from tests.helpers.strategies import any_grid

TWO = [[[0, 1], [2, 3]]]
HALVES = [[[1.5, 2.5], [3.5, 4.5]]]


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        # Python, NumPy, PyTorch
        ("tensor([[0., 1.], [2., 3.]])", TWO, "2×2"),
        ("tensor([[0., 1.],\n        [2., 3.]], device='cuda:0', grad_fn=<MaxPool2DWithIndicesBackward0>)", TWO, "2×2"),
        ("tensor([[0, 1],\n        [2, 3]], dtype=torch.int32)", TWO, "2×2"),
        ("array([[0., 1.],\n       [2., 3.]], dtype=float32)", TWO, "2×2"),
        ("[[0. 1.]\n [2. 3.]]", TWO, "2×2"),
        ("[[0, 1], [2, 3]]", TWO, "2×2"),
        ("[[0, 1,], [2, 3,],]", TWO, "2×2"),
        ("[0, 1]\n[2, 3]\n", TWO, "2×2"),
        ("[array([0, 1]), array([2, 3])]", TWO, "2×2"),
        ("X = np.array([[0, 1], [2, 3]])", TWO, "2×2"),
        ("输入张量 X:\ntensor([[0., 1.],\n        [2., 3.]])", TWO, "2×2"),
        ("Parameter(torch.tensor([[0., 1.], [2., 3.]]))", TWO, "2×2"),
        ("X1: Array([[0., 1.],\n       [2., 3.]], dtype=float32)", TWO, "2×2"),
        ("Out[3]: tensor([[0., 1.], [2., 3.]])", TWO, "2×2"),
        (">>> torch.tensor([[0., 1.], [2., 3.]])", TWO, "2×2"),
        ("Parameter containing:\ntensor([[0., 1.], [2., 3.]], requires_grad=True)", TWO, "2×2"),
        ("<tf.Tensor: shape=(2, 2), dtype=int32, numpy=\narray([[0, 1],\n       [2, 3]], dtype=int32)>", TWO, "2×2"),
        ("[np.float64(1.5), np.float64(2.5)]", [[[1.5, 2.5]]], "1×2"),
        ("tensor(1.5, device='cuda:0')", [[[1.5]]], "1×1"),
        ("tensor([1., 2.])", [[[1, 2]]], "1×2"),
        ("tensor([[[0., 1.]], [[2., 3.]]])", [[[0, 1]], [[2, 3]]], "2 channels of 1×2"),
        ("tensor([[[[0., 1.]], [[2., 3.]]]])", [[[0, 1]], [[2, 3]]], "2 channels of 1×2, a batch of one"),
        ("tensor([[1.0000e+00, 2.5000e-01]])", [[[1, 0.25]]], "1×2"),
        ("[0 1; 2 3]", TWO, "2×2"),
        # spreadsheets and CSV
        ("1,5\t2,5\n3,5\t4,5", HALVES, "2×2, decimal commas"),
        ("1,5;2,5\n3,5;4,5", HALVES, "2×2, decimal commas"),
        ("1,5 2,5\n3,5 4,5", HALVES, "2×2, decimal commas"),
        ("1,5 2,5;3,5 4,5", HALVES, "2×2, decimal commas, semicolons between rows"),
        ('"1,5","2,5"\n"3,5","4,5"', HALVES, "2×2, decimal commas"),
        ("1;2;3\n4;5;6", [[[1, 2, 3], [4, 5, 6]]], "2×3"),
        ("1.5;2.5\r\n3.5;4.5\r\n", HALVES, "2×2"),
        ("1,234.5\t1,000", [[[1234.5, 1000]]], "1×2, commas between thousands"),
        ("\t\t\n\t0\t1\n\t2\t3\n\t\t\n", TWO, "2×2"),
        ("0,1,,\n2,3,,\n,,,\n", TWO, "2×2"),
        ("0,1,\n2,3,\n", TWO, "2×2"),
        ("0, 1,\n2, 3", TWO, "2×2"),
        ("1,2,", [[[1, 2]]], "1×2"),
        ("0 1;2 3;", TWO, "2×2, semicolons between rows"),
        ("0\t1\n\t\n2\t3\n4\t5", [[[0, 1], [2, 3], [4, 5]]], "3×2, empty rows left out"),
        # Markdown
        ("| a | b |\n|---|:-:|\n| 0 | 1 |\n| 2 | 3 |", TWO, "2×2, without the header"),
        ("|   |   |\n|---|---|\n| 0 | 1 |\n| 2 | 3 |", TWO, "2×2"),
        ("|   | x | y |\n|--:|---|---|\n| 0 | 0 | 1 |\n| 1 | 2 | 3 |", TWO, "2×2, without the header, without the names of the rows"),
        ("| 0 | 1 |\n| 2 | 3 |", TWO, "2×2"),
        ("0 | 1\n2 | 3", TWO, "2×2"),
        ("| 0 | 1 |", [[[0, 1]]], "1×2"),
        ("+---+---+\n| 0 | 1 |\n+---+---+\n| 2 | 3 |\n+---+---+", None, ""),  # the first row may be a header
        # signs that look alike
        ("\ufeff0 1\n2 3", TWO, "2×2"),
        ("0\u200b\u00a01\u200d\n2\u30003", TWO, "2×2"),
        ("０，１；２，３", TWO, "2×2, semicolons between rows"),
        ("１．５、２．５\n３．５、４．５", HALVES, "2×2"),
        ("1,5，2,5", [[[1, 5, 2, 5]]], "1×4"),
        ("１，２；－３，４", [[[1, 2], [-3, 4]]], "2×2, semicolons between rows"),
        ("−1 – 2", None, "cell_not_number"),
        ("−1 –2 —3 －4", [[[-1, -2, -3, -4]]], "1×4"),
        ("[[０，１]，[２、３]]", TWO, "2×2"),
        ("[0，1]\n[2，3]", TWO, "2×2"),
        ("【【0，1】，【2，3】】", TWO, "2×2"),
        ("[０，１；２，３]", TWO, "2×2"),
        # the form of the address
        ("0,1,2;3,4,5", [[[0, 1, 2], [3, 4, 5]]], "2×3, semicolons between rows"),
        ("0,1;2,3|4,5;6,7", [[[0, 1], [2, 3]], [[4, 5], [6, 7]]], "2 channels of 2×2"),
    ],
)  # fmt: skip
def test_what_has_one_meaning_is_read(text: str, expected: list[list[list[float]]] | None, told: str) -> None:
    if expected is None:
        with pytest.raises(GridError) as caught:
            grids.read(text)
        assert isinstance(caught.value, AmbiguousText) or caught.value.code == told
        return
    reading = grids.read(text)
    assert reading.grid.tolist() == expected
    assert str(reading) == told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,5;2,5", ["2×2, semicolons between rows (1 5 / 2 5)",
                     "1×2, decimal commas, semicolons between numbers (1.5 2.5)"]),
        ("1,5\n2,5", ["2×2 (1 5 / 2 5)", "2×1, decimal commas (1.5 / 2.5)"]),
        ("1;2;3", ["3×1, semicolons between rows (1 / 2 / …)", "1×3, semicolons between numbers (1 2 3)"]),
        ("1,234\t5", ["1×2, decimal commas (1.234 5)", "1×2, commas between thousands (1234 5)"]),
        ("1\t2\n\t\n3\t4", ["2 channels of 1×2, an empty row between channels (1 2 / …)",
                            "2×2, empty rows left out (1 2 / 3 4)"]),
        ("| 1 | 2 |\n|---|---|\n| 3 | 4 |", ["2×2, the header is the first row (1 2 / 3 4)",
                                             "1×2, without the header (3 4)"]),
        ("1,2;\n3,4;", ["2×1, decimal commas (1.2 / 3.4)", "2×2 (1 2 / 3 4)"]),
    ],
)  # fmt: skip
def test_where_two_meanings_are_possible_both_are_shown(text: str, expected: list[str]) -> None:
    with pytest.raises(AmbiguousText) as caught:
        grids.read(text)
    assert [f"{reading} ({reading.beginning})" for reading in caught.value.readings] == expected
    assert all(told in explain(caught.value) for told in expected)


@pytest.mark.parametrize(
    ("text", "code", "named"),
    [
        ("tensor([[0., 1., ..., 8., 9.]])", "grid_elided", ["“...”", "set_printoptions"]),
        (repr(np.arange(10_000).reshape(100, 100)), "grid_elided", ["threshold"]),
        ("0 1 … 9", "grid_elided", []),
        (repr(torch.zeros(2, 1, 3, 3)), "grid_batch", ["2 samples", "X[0]"]),
        (repr(torch.zeros(1, 1, 1, 3, 3)), "grid_dimensions", ["5 axes", "4"]),
        ("tensor([[1.]])\ntensor([[2.]])", "grid_not_list", ["“)”", "single"]),
        ("tensor([[1., 2.]]) * 255", "grid_not_list", ["* 255"]),
        ("1.0e+03 *\n[[1. 2.]]", "grid_not_list", ["1.0e+03 *"]),
        ("2 * torch.tensor([[1., 2.]])", "grid_not_list", ["2 * torch.tensor("]),
        ("X = -tensor([[1., 2.]])", "grid_not_list", []),
        ("np.abs([[-1, 2]])", "grid_not_list", ["np.abs("]),
        ("tensor([[1., 2.]]).T", "grid_not_list", [").T"]),
        ("[[1, 2], 3]", "grid_list_uneven", []),
        ("[[1, 2], [3, 4]", "grid_list_uneven", []),
        ("[1, 2]]", "grid_list_uneven", []),
        ("[[1, 2], [3]]", "grid_ragged", ["row 2"]),
        ("[]", "grid_empty", []),
        ("tensor([], size=(0, 3))", "grid_empty", []),
        ("[[1,, 2]]", "cell_empty", ["column 2"]),
        ("tensor([[True, False]])", "cell_not_number", ["“True”"]),
        ("tensor([[nan, 1.]])", "cell_not_number", ["“nan”"]),
        ("tensor([[1.+2.j]])", "cell_not_number", ["1.+2.j"]),
        ("1.5\t2,5", "cell_other_decimals", ["“2,5”"]),
        ("1.234,5\t2", "cell_not_number", ["1.234,5"]),
        ("1;;2", "grid_ragged", []),
        ("１，２；－３", "grid_ragged", ["row 2"]),
    ],
)  # fmt: skip
def test_what_has_no_meaning_is_one_sentence(text: str, code: str, named: list[str]) -> None:
    with pytest.raises(GridError) as caught:
        grids.read(text)
    assert caught.value.code == code
    sentence = explain(caught.value)
    assert all(part in sentence for part in named), sentence
    assert "{" not in sentence


@pytest.mark.parametrize(
    "text",
    [
        "-" * 40_000 + "|x\n1",
        " " * 40_000 + "[x",
        "[" * 20_000 + "1" + "]" * 20_000,
        "[" * 40_000,
        "a" * 40_000 + "[1]",
        "tensor(" * 6_000 + "[1]",
        ",\n" * 20_000,
        "|\n" * 20_000,
        "1;" * 20_000,
    ],
)
def test_long_nonsense_is_one_sentence(text: str) -> None:
    with pytest.raises(GridError) as caught:
        grids.read(text)
    assert len(explain(caught.value)) < 300


def test_an_address_has_one_meaning() -> None:
    assert grids.from_url("1,5;2,5").tolist() == [[[1, 5], [2, 5]]]
    assert grids.from_url("1 2;3 4").tolist() == [[[1, 2], [3, 4]]]
    with pytest.raises(GridError):
        grids.from_url("1,5;2,5;3")


# -- every grid in every form ------------------------------------------------------------------------------------


def csv_text(grid: Grid, delimiter: str, *, comma: bool = False, quoted: bool = False) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    for plane in grid.tolist():
        writer.writerows([[str(cell).replace(".", ",") if comma else str(cell) for cell in row] for row in plane])
        file.write("\r\n")
    return file.getvalue()


def markdown(grid: Grid) -> str:
    tables = []
    for plane in grid.tolist():
        lines = ["| " + " | ".join(map(str, row)) + " |" for row in plane]
        tables.append("\n".join(["| x" * grid.shape[2] + " |", "|---" * grid.shape[2] + "|", *lines]))
    return "\n\n".join(tables)


def full_width(text: str) -> str:
    return text.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789-+.e;"}).replace(",", "，")


TENSORS: dict[str, Callable[[Grid], str]] = {
    "repr of a tensor": lambda grid: repr(torch.tensor(grid)),
    "a batch of one": lambda grid: repr(torch.tensor(grid[None])),
    "with a gradient": lambda grid: repr(torch.tensor(grid, requires_grad=True) * 1.0),
    "repr of an array": repr,
    "an array as printed": str,
    "nested lists": lambda grid: str(grid.tolist()),
    "the code tab": lambda grid: next(
        line for line in code.pytorch(grid, Pooling("max", 1)).split("\n\n") if line.startswith("X = ")
    ).rpartition("  #")[0] if len(grid) == 1 else repr(grid),
}  # fmt: skip
PLAIN: dict[str, Callable[[Grid], str]] = {
    "the app's own text": grids.to_text,
    "the app's own CSV": grids.to_csv,
    "TSV": lambda grid: csv_text(grid, "\t"),
    "TSV with decimal commas": lambda grid: csv_text(grid, "\t", comma=True),
    "CSV": lambda grid: csv_text(grid, ","),
    "CSV with semicolons": lambda grid: csv_text(grid, ";"),
    "CSV with semicolons and decimal commas": lambda grid: csv_text(grid, ";", comma=True),
    "CSV in quotes with decimal commas": lambda grid: csv_text(grid, ",", comma=True, quoted=True),
    "spaces and decimal commas": lambda grid: grids.to_text(grid).replace(", ", " ").replace(".", ","),
    "Markdown": markdown,
    "full width": lambda grid: full_width(grids.to_text(grid)),
    "with a byte order mark": lambda grid: "\ufeff" + grids.to_text(grid),
}
SHORT = st.integers(-4_000, 4_000).map(lambda n: n / 4)
"""Numbers that PyTorch prints exactly, with an exponent too: five digits."""


@given(any_grid(SHORT), st.sampled_from([*TENSORS, *PLAIN]))
def test_every_grid_in_every_form_is_read_back_as_itself(grid: Grid, form: str) -> None:
    text = (TENSORS | PLAIN)[form](grid)
    found = readings(text)
    assert any(grids.equal(reading.grid, grid) for reading in found), [reading.grid for reading in found]
    if form in TENSORS or form in ("the app's own text", "Markdown", "full width", "TSV"):
        assert len(found) == 1, [str(reading) for reading in found]


@given(any_grid(st.floats(-1e6, 1e6)), st.sampled_from(list(PLAIN)))
def test_no_digit_is_lost(grid: Grid, form: str) -> None:
    assert any(grids.equal(reading.grid, grid) for reading in readings(PLAIN[form](grid)))


@given(st.text(alphabet=st.sampled_from("0123456789-+.,;|[]() \t\n\"'=tensor，；、．０１－–−\ufeff"), max_size=40))
def test_any_text_is_a_grid_a_question_or_a_sentence(text: str) -> None:
    try:
        found = readings(text)
    except GridError as error:
        assert explain(error)
    else:
        for reading in found:
            assert str(reading) and np.isfinite(reading.grid).all() and abs(reading.grid).max() <= grids.LIMIT
