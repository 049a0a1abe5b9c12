"""The table of a network's layers: on the page, as CSV and as Markdown; and a shorter one in notebooks.

A column is one entry of COLUMNS; the first three forms are made from it. In a notebook a network may be any: only what was
read off its layers one by one is in the table there.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lenet.architecture.layers import (
    LayerRow,
    parameter_sum,
    shape_text,
    total_parameters,
)
from lenet.architecture.layers.memory import kept_bytes
from lenet.architecture.layers.receptive_field import Field, receptive_fields
from lenet.common.files import csv_text
from lenet.common.formatting import number, pair_text, size_text
from lenet.common.translation import N_, cached
from lenet.common.translation import translate as _


@dataclass(frozen=True)
class Context:
    """A layer among its network's, for a batch of so many images: what the value of a cell is made from."""

    rows: Sequence[LayerRow]
    index: int
    batch: int
    field: Field | None

    @property
    def row(self) -> LayerRow:
        return self.rows[self.index]


@dataclass(frozen=True)
class Column:
    """A column: its heading, what its cells hold, and where they add up to something, their `total` for a batch.

    `heading`, `help` and `heading_alone` are English, to be translated when shown, with `{batch}` put in; the last one
    is the heading in a file, where the batch is not told beside the table.
    """

    heading: str
    value: Callable[[Context], Any]
    total: Callable[[Sequence[LayerRow], int], Any] | None = None
    help: str = ""
    heading_alone: str = ""


@dataclass(frozen=True)
class ShownColumn:
    """A column filled for one network, in the reader's language."""

    heading: str
    values: list[Any]
    total: Any
    help: str
    heading_alone: str

    @property
    def is_number(self) -> bool:
        return isinstance(self.values[0], int | float)


def _share(rows: Sequence[LayerRow], part: int) -> float:
    return round(100 * part / total_parameters(rows), 1) if total_parameters(rows) else 0.0


def _kibibytes(size: int) -> float:
    return round(size / 1024, 1)


def _seen(field: Field | None) -> str:
    """On how much of the image a number depends."""
    if field is None:
        return "–"
    return _("all") if field.is_whole_image else size_text(field.most)


COLUMNS = [
    Column(N_("No."), lambda c: c.index + 1),
    Column(N_("Layer"), lambda c: c.row.type, total=lambda rows, batch: _("Total")),
    Column(N_("Input"), lambda c: shape_text(c.row.input_shape)),
    Column(N_("Output"), lambda c: shape_text(c.row.output_shape)),
    Column(N_("Parameter formula"), lambda c: parameter_sum(c.row) or "–"),
    Column(N_("Parameters"), lambda c: c.row.params, total=lambda rows, batch: total_parameters(rows)),
    Column(
        N_("Share, %"),
        lambda c: _share(c.rows, c.row.params),
        total=lambda rows, batch: _share(rows, total_parameters(rows)),
        help=N_("Of all parameters, in percent"),
    ),
    Column(
        N_("Multiply-adds"),
        lambda c: macs_an_image([c.row]),
        total=lambda rows, batch: macs_an_image(rows),
        help=N_(
            "Multiply-accumulates for one image as textbooks count them: one for each weight at each place. torchinfo "
            "counts the additions of biases too, and the parameters of a batch norm."
        ),
    ),
    Column(
        N_("Memory, KiB"),
        lambda c: _kibibytes(kept_bytes(c.rows, c.batch)[c.index]),
        total=lambda rows, batch: _kibibytes(sum(kept_bytes(rows, batch))),
        help=N_(
            "What PyTorch’s autograd keeps of a batch of {batch} for the backward pass, in KiB (float32, on a CPU): the "
            "input of convolutions, dense layers, poolings and batch norms, the output of Sigmoid, Tanh and ReLU, of max "
            "pooling also where the largest values were. What two layers need is counted at the first of them. Weights, "
            "their gradients and the optimiser’s state come on top."
        ),
        heading_alone=N_("Memory at batch {batch}, KiB"),
    ),
    Column(
        N_("Sees"),
        lambda c: _seen(c.field),
        help=N_(
            "Receptive field: how many pixels of the image, rows × columns, one number depends on at most. Next to padding "
            "numbers depend on fewer."
        ),
    ),
    Column(
        N_("Stride"),
        lambda c: pair_text(c.field.step) if c.field and len(c.row.output_shape) == 4 else "–",
        help=N_(
            "Total stride: how many pixels apart in the image the receptive fields of two neighbouring numbers start"
        ),
    ),
]


def macs_an_image(rows: Sequence[LayerRow]) -> int:
    """Multiply-accumulates of these layers for one image."""
    return sum(r.macs // r.output_shape[0] for r in rows)


def columns(rows: Sequence[LayerRow], batch: int) -> list[ShownColumn]:
    """The table of layers for a batch of so many images; shapes without the batch axis.

    Shared between callers: not to be changed.
    """
    return _filled(tuple(rows), batch, tuple(COLUMNS))


@cached(256)
def _filled(rows: tuple[LayerRow, ...], batch: int, shown: tuple[Column, ...]) -> list[ShownColumn]:
    fields = receptive_fields(rows)
    contexts = [Context(rows, i, batch, field) for i, field in enumerate(fields)]
    return [
        ShownColumn(
            heading=_(column.heading),
            values=[column.value(context) for context in contexts],
            total=column.total(rows, batch) if column.total else "",
            help=_(column.help).format(batch=batch),
            heading_alone=_(column.heading_alone or column.heading).format(batch=batch),
        )
        for column in shown
    ]


def as_csv(rows: Sequence[LayerRow], batch: int) -> bytes:
    """The table of layers as CSV, UTF-8 with a byte-order mark, so that spreadsheets read × and Chinese."""
    table = columns(rows, batch)
    return csv_text([c.heading_alone for c in table], _lines(table)).encode("utf-8-sig")


def as_markdown(rows: Sequence[LayerRow], batch: int) -> str:
    """The table of layers in Markdown, numbers on the right."""
    table = columns(rows, batch)
    return _markdown([c.heading_alone for c in table], table, _lines(table))


@cached(64)
def on_page(rows: Sequence[LayerRow], batch: int) -> str:
    """The same for the page, beside which the batch is told: with commas between thousands."""
    table = columns(rows, batch)
    return _markdown([c.heading for c in table], table, [list(map(_written, line)) for line in _lines(table)])


def meanings(rows: Sequence[LayerRow], batch: int) -> str:
    """What the columns that need it mean, as a list in Markdown."""
    return "\n".join(f"- **{c.heading}**: {c.help}" for c in columns(rows, batch) if c.help)


def _markdown(headings: Sequence[str], table: Sequence[ShownColumn], lines: Sequence[Sequence[Any]]) -> str:
    rule = ["---:" if c.is_number else "---" for c in table]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in [headings, rule, *lines])


def _written(value: Any) -> str:
    """A cell as a reader sees it: numbers with commas between thousands, and one decimal if they have any."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return number(value) if isinstance(value, int) else str(value)


def _lines(table: Sequence[ShownColumn]) -> list[tuple[Any, ...]]:
    """The layers, and the totals last."""
    return [*zip(*(c.values for c in table), strict=True), tuple(c.total for c in table)]


class LayerTable(list[LayerRow]):
    """The layers of a network: a list that a notebook shows as a table."""

    def _repr_html_(self) -> str:
        return as_html(self)


def as_html(rows: Sequence[LayerRow]) -> str:
    """Name, type, shapes (with the batch axis) and parameters of each layer as a table in HTML, with the total."""
    lines = [(r.name, r.type, str(r.input_shape), str(r.output_shape), number(r.params)) for r in rows]
    total = (_("Total"), "", "", "", number(total_parameters(rows)))
    head = _html_row("th", (_("Name"), _("Layer"), _("Input"), _("Output"), _("Parameters")))
    body = "".join(_html_row("td", line) for line in lines)
    return f"<table><thead>{head}</thead><tbody>{body}</tbody><tfoot>{_html_row('th', total)}</tfoot></table>"


def _html_row(tag: str, cells: Sequence[str]) -> str:
    """A row of a table; its last cell is a number, and stands on the right."""
    sides = [*["left"] * (len(cells) - 1), "right"]
    inside = (
        f'<{tag} style="text-align: {side}">{html.escape(cell)}</{tag}>'
        for side, cell in zip(sides, cells, strict=True)
    )
    return f"<tr>{''.join(inside)}</tr>"
