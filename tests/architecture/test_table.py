"""The table of layers: the same on the page, in CSV and in Markdown."""

from __future__ import annotations

import csv
import io

import pytest

from lenet.architecture import explanations, table
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import lenet_table
from lenet.architecture.table import Column
from lenet.common import translation
from tests.helpers import pages

ROWS = lenet_table(LeNetConfig())


def test_the_table_is_the_same_in_csv_and_in_markdown() -> None:
    cells = {c.heading: c.values for c in table.columns(ROWS, 256)}
    assert cells["Parameter formula"][:4] == ["6×1×5×5 + 6", "–", "–", "16×6×5×5 + 16"]
    assert cells["Share, %"] == [0.3, 0, 0, 3.9, 0, 0, 0, 78.0, 0, 16.5, 0, 1.4]
    assert cells["Multiply-adds"] == [117_600, 0, 0, 240_000, 0, 0, 0, 48_000, 0, 10_080, 0, 840]
    assert cells["Memory, KiB"] == [784, 4704, 0, 1176, 1600, 0, 0, 400, 120, 0, 84, 0]
    assert cells["Sees"] == ["5×5", "5×5", "6×6", "14×14", "14×14", "16×16", "16×16", *["all"] * 5]
    assert cells["Stride"] == ["1", "1", "2", "2", "2", "4", *["–"] * 6]
    lines = [[str(v) for v in row] for row in zip(*cells.values(), strict=True)]
    raw = table.as_csv(ROWS, 256)
    assert raw.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read UTF-8"
    head, *rest, sums = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    named = [name.replace("Memory,", "Memory at batch 256,") for name in cells]
    assert named[8] == "Memory at batch 256, KiB"
    assert (head, rest) == (named, lines)
    assert sums[5:9] == ["61706", "100.0", "416520", "8868.0"]
    head, rule, *rest, sums = lines_of(table.as_markdown(ROWS, 256))
    assert (head, rest) == (named, lines)
    assert rule[0] == rule[5] == "---:" and rule[1] == "---"
    assert sums[5] == "61706"
    assert (
        explanations.cost_line(ROWS, 256)
        .replace(",", "")
        .startswith("416520 multiply-adds per image · training keeps 8.66 MiB")
    )


def lines_of(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


@pytest.mark.parametrize("language", list(translation.LANGUAGES))
@pytest.mark.usefixtures("router")
def test_a_new_column_is_one_entry(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the page with its help and its number format, in CSV and in Markdown with its total."""
    thousands = Column(
        "Thousands",
        lambda c: c.row.params / 1000,
        total=lambda rows, batch: sum(r.params for r in rows) / 1000,
        help="Parameters in thousands, whatever the batch of {batch}",
        heading_alone="Thousands at {batch}",
    )
    before = list(table.COLUMNS)
    monkeypatch.setattr(table, "COLUMNS", [*before[:6], thousands, *before[6:]])
    at = pages.open_page("architecture", batch="7", lang=language)
    head, *shown, sums = pages.table(at)
    assert head[6] == "Thousands"
    assert [row[6] for row in shown[:4]] == ["0.2", "0.0", "0.0", "2.4"] and sums[6] == "61.7"
    assert "- **Thousands**: Parameters in thousands, whatever the batch of 7" in pages.words(at)

    monkeypatch.setattr(translation, "_ask", lambda: language)
    rows = LeNetConfig().layers
    head, *_rest, sums = csv.reader(io.StringIO(table.as_csv(rows, 7).decode("utf-8-sig")))
    assert (head[6], sums[6]) == ("Thousands at 7", "61.706")
    head, rule, *_rest, sums = lines_of(table.as_markdown(rows, 7))
    assert (head[6], rule[6], sums[6]) == ("Thousands at 7", "---:", "61.706")
