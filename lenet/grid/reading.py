"""Grids as people paste them: what a text can mean.

The grammar:

- A text with `[` is a list as Python, NumPy and PyTorch print it (`lenet.grid.brackets`).
- A text in lines with `|` is a table as Markdown has it; the row above `|---|` is a header.
- One line with `|` is the form of the address: `,` between numbers, `;` between rows, `|` between channels.
- Anything else is a row on each line, with an empty line between channels. Tabs, else semicolons, else `，` or `、`,
  else commas, else spaces stand between numbers. Semicolons stand between rows instead where the text is a single line,
  or where each line ends with one. Commas may also be decimal commas, or stand between thousands.

Empty rows and columns at the edges, as spreadsheets copy them, are left out. A text that fits the grammar in two ways
has two readings, and the reader is asked.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lenet.common import numbers
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.grid import brackets
from lenet.grid.text import grid_of, tidy
from lenet.grid.values import Grid, GridError, equal

MAX_TEXT = 50_000

REMARKS = {
    "decimal_commas": N_("decimal commas"),
    "thousands": N_("commas between thousands"),
    "semicolons": N_("semicolons between numbers"),
    "rows": N_("semicolons between rows"),
    "empty_rows": N_("empty rows left out"),
    "empty_row_between": N_("an empty row between channels"),
    "header": N_("without the header"),
    "no_header": N_("the header is the first row"),
    "row_names": N_("without the names of the rows"),
    "batch": N_("a batch of one"),
}
"""What was understood beyond a row on each line, by its code."""

LIST_COMMA = "、"
"""`，` and `、` stand between numbers in Chinese and Japanese, where decimals have points: beside them `,` does so too."""

Channels = list[list[list[str]]]
"""The cells of each channel, row by row, as text."""
_Candidate = tuple[Channels, Callable[[str], float | None], tuple[str, ...]]
"""Cells, what their text means, and codes of REMARKS."""


@dataclass(frozen=True)
class Reading:
    """What a text can mean: a grid, and the codes of REMARKS on how it was understood."""

    grid: Grid
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """In the reader's language: `2×2, decimal commas`."""
        channels, height, width = self.grid.shape
        size = f"{height}×{width}"
        if channels > 1:
            size = _("{n} channels of {size}").format(n=channels, size=size)
        return _(", ").join([size, *(_(REMARKS[remark]) for remark in self.remarks)])

    @property
    def beginning(self) -> str:
        """Its first numbers: `1.5 2.5 / 3.5 4.5`."""
        plane = self.grid[0]
        rows = [" ".join(map(tidy, row[:4])) + (" …" if len(row) > 4 else "") for row in plane[:2].tolist()]
        return " / ".join(rows + ["…"] * (len(plane) > 2 or len(self.grid) > 1))


class AmbiguousText(GridError):
    """A text that can be read in more than one way: `readings` has them all."""

    def __init__(self, readings: list[Reading]) -> None:
        told = [
            _("{reading} ({beginning})").format(reading=reading, beginning=reading.beginning) for reading in readings
        ]
        super().__init__("grid_ambiguous", readings=_("; ").join(told))
        self.readings = readings


def read(text: str) -> Reading:
    """What a text means. Raises AmbiguousText where it can mean several grids, and GridError where it means none."""
    found = readings(text)
    if len(found) > 1:
        raise AmbiguousText(found)
    return found[0]


def parse(text: str) -> Grid:
    """The grid of a text (see `read`)."""
    return read(text).grid


def readings(text: str) -> list[Reading]:
    """All that a text can mean. Raises GridError with the first thing that is wrong if it means no grid."""
    if len(text) > MAX_TEXT:
        raise GridError("grid_text_too_long", found=len(text), limit=MAX_TEXT)
    text = numbers.plain(text.replace("，", LIST_COMMA).replace("；", ";"))
    if "..." in text or "…" in text:
        raise GridError("grid_elided")
    text = text.replace("【", "[").replace("】", "]")
    if "[" in text or brackets.is_scalar(text):
        return _usable([brackets.candidate(text.replace(LIST_COMMA, ","))])
    blocks = _blocks(text)
    if not blocks:
        raise GridError("grid_empty")
    problem = None
    for candidates in _candidates(blocks):
        try:
            return _usable(candidates)
        except GridError as error:
            problem = problem or error
    assert problem
    raise problem


def from_url(text: str) -> Grid:
    """The grid of `?grid=`: rows at `;`, channels at `|`, and commas or spaces between numbers. Raises GridError.

    What stands in an address has one meaning, whatever it would mean as a pasted text.
    """
    if len(text) > MAX_TEXT:
        raise GridError("grid_text_too_long", found=len(text), limit=MAX_TEXT)
    return grid_of(_in_address_form(numbers.plain(text)), numbers.with_point)


def _usable(candidates: Sequence[_Candidate]) -> list[Reading]:
    """The different grids among the candidates; GridError from the first of them if none is one."""
    found: list[Reading] = []
    problem = None
    for channels, meaning, remarks in candidates:
        try:
            reading = Reading(grid_of(channels, meaning), remarks)
        except GridError as error:
            problem = problem or error
            continue
        if not any(equal(reading.grid, other.grid) for other in found):
            found.append(reading)
    if not found and problem:
        raise problem
    return found


def _blocks(text: str) -> list[list[str]]:
    """The lines of each channel: an empty line begins a new one. A line of tabs or commas alone is not empty."""
    blocks: list[list[str]] = [[]]
    for line in (line.strip(" ") for line in text.splitlines()):
        if line.strip("|"):
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _candidates(blocks: list[list[str]]) -> Iterator[list[_Candidate]]:
    """What the text can mean; what comes later only counts if nothing before it can be used."""
    lines = [line for block in blocks for line in block]
    if any("|" in line for line in lines):
        is_row = lines[0][0] == lines[0][-1] == "|" and len(lines[0]) > 1
        yield _as_table(blocks) if is_row or len(lines) > 1 else [_address_form(lines[0])]
    elif not any(";" in line for line in lines):
        yield list(_with_marks(blocks))
    else:
        is_alone = len(lines) == 1
        rows = [[row for line in block for row in line.strip("; ").split(";")] for block in blocks]
        marked = [_remarked(candidate, "rows", is_alone) for candidate in _with_marks(rows, at_edges_only=True)]
        as_rows = [candidate for candidate in marked if candidate[1] is numbers.with_point]
        cells = [[_split(line, ";") for line in block] for block in blocks]
        as_cells = [
            _remarked(c, "semicolons", is_alone) for each in _without_empty(cells) for c in _with_commas(*each)
        ]
        if is_alone:
            yield as_rows + as_cells
        elif all(";" not in line.rstrip("; ") for line in lines):
            yield as_cells + as_rows
        else:
            yield as_cells
        yield marked


def _remarked(candidate: _Candidate, remark: str, is_needed: bool) -> _Candidate:
    channels, meaning, remarks = candidate
    return channels, meaning, (*remarks, remark) if is_needed else remarks


def _address_form(line: str) -> _Candidate:
    return _in_address_form(line), numbers.with_point, ()


def _in_address_form(text: str) -> Channels:
    blocks = _blocks(text.replace("|", "\n\n").replace(";", "\n"))
    return [[line.split(",") if "," in line else line.split() for line in block] for block in blocks]


# -- numbers of a line ---------------------------------------------------------------------------------------------


def _with_marks(rows: list[list[str]], *, at_edges_only: bool = False) -> Iterator[_Candidate]:
    """The cells of rows whose numbers are separated by tabs, else by `，` or `、`, else by commas, else by spaces."""
    text = "\n".join(row for block in rows for row in block)
    words = [[row.split() for row in block] for block in rows]
    mark = next((mark for mark in ("\t", LIST_COMMA, ",") if mark in text), None)
    if mark is None:
        yield words, numbers.with_point, ()
        return
    if mark == LIST_COMMA:
        rows, mark = [[row.replace(LIST_COMMA, ",") for row in block] for block in rows], ","
    cells = [[_split(row, mark) for row in block] for block in rows]
    for each, remarks in _without_empty(cells, at_edges_only=at_edges_only):
        yield from _with_commas(each, remarks)
    if mark == "," and LIST_COMMA not in text:
        yield words, numbers.with_comma, ("decimal_commas",)
        yield words, numbers.with_groups, ("thousands",)


def _with_commas(cells: Channels, remarks: tuple[str, ...]) -> Iterator[_Candidate]:
    """What commas within cells can mean."""
    texts = [cell for block in cells for row in block for cell in row]
    if not any("," in text for text in texts):
        yield cells, numbers.with_point, remarks
        return
    decimal = cells, numbers.with_comma, ("decimal_commas", *remarks)
    thousands = cells, numbers.with_groups, ("thousands", *remarks)
    yield from (thousands, decimal) if any("." in text for text in texts) else (decimal, thousands)


def _split(row: str, mark: str) -> list[str]:
    """The cells of a row; a cell in double quotes may hold the mark, as CSV has it."""
    if '"' in row:
        try:
            return [cell.strip() for cell in next(csv.reader([row], delimiter=mark, skipinitialspace=True))]
        except csv.Error:
            pass
    return [cell.strip() for cell in row.split(mark)]


# -- what spreadsheets and tables add ------------------------------------------------------------------------------


def _without_empty(cells: Channels, *, at_edges_only: bool = False) -> Iterator[tuple[Channels, tuple[str, ...]]]:
    """The cells without the empty rows and columns at the edges.

    Empty rows between others can be left out, or stand between channels as an empty line does.
    """
    filled = [[n for n, cell in enumerate(row) if cell] for block in cells for row in block if any(row)]
    if not filled:
        yield [], ()
        return
    first, stop = min(row[0] for row in filled), max(row[-1] for row in filled) + 1
    blocks = []
    for block in cells:
        rows = [row[first:stop] if any(row) else [] for row in block]
        while rows and not rows[0]:
            rows.pop(0)
        while rows and not rows[-1]:
            rows.pop()
        blocks += [rows] if rows else []
    if all(row for rows in blocks for row in rows):
        yield blocks, ()
    elif at_edges_only:
        yield [[row or [""] for row in rows] for rows in blocks], ()
    else:
        yield _split_at_empty(blocks), ("empty_row_between",)
        yield [[row for row in rows if row] for rows in blocks], ("empty_rows",)


def _split_at_empty(blocks: Channels) -> Channels:
    """The blocks, split at their empty rows."""
    parts: Channels = []
    for rows in blocks:
        parts.append([])
        for row in rows:
            if row:
                parts[-1].append(row)
            elif parts[-1]:
                parts.append([])
    return parts


def _as_table(blocks: list[list[str]]) -> list[_Candidate]:
    """What a table can mean: a header of words is none of its rows, a header of numbers may be one."""
    tables: Channels = []
    headers: list[list[str]] = []
    for block in blocks:
        lines = list(block)
        while lines and _is_rule(lines[0]):
            lines.pop(0)
        rows = [_table_cells(line) for line in lines if not _is_rule(line)]
        has_header = len(lines) > 1 and _is_rule(lines[1])
        headers += [rows.pop(0)] if has_header and len(rows) > 1 else []
        tables += [rows] if rows else []
    if not headers:
        return list(_with_commas(tables, ()))
    if not headers[0][0] and any(headers[0]):
        return list(_with_commas([[row[1:] for row in rows] for rows in tables], ("header", "row_names")))
    without = list(_with_commas(tables, ("header",) if any(headers[0]) else ()))
    if len(headers) < len(tables) or not all(numbers.meanings(cell) for header in headers for cell in header):
        return without
    whole = [[header, *rows] for header, rows in zip(headers, tables, strict=True)]
    return [*_with_commas(whole, ("no_header",)), *without]


def _is_rule(line: str) -> bool:
    """Whether this is the line below the header of a table, or around it: `|---|:-:|`, `+---+---+`."""
    return set(line) <= set("|:+-= \t") and ("-" in line or "=" in line)


def _table_cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
