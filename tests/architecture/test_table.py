"""The table of layers: the same on the page, in CSV and in Markdown."""

from __future__ import annotations

import csv
import io

from lenet.architecture import explanations, table
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import lenet_table

ROWS = lenet_table(LeNetConfig())


def test_the_table_is_the_same_in_csv_and_in_markdown() -> None:
    cells = {c.heading: c.values for c in table.columns(ROWS, 256)}
    assert cells["Parameter formula"][:4] == ["6×1×5×5 + 6", "–", "–", "16×6×5×5 + 16"]
    assert cells["Share, %"] == [0.3, 0, 0, 3.9, 0, 0, 0, 78.0, 0, 16.5, 0, 1.4]
    assert cells["Multiply-adds"] == [117_600, 0, 0, 240_000, 0, 0, 0, 48_000, 0, 10_080, 0, 840]
    assert cells["Memory, KiB"][:2] == [4704, 4704] and cells["Memory, KiB"][6] == 0
    assert cells["Sees"] == ["5×5", "5×5", "6×6", "14×14", "14×14", "16×16", "16×16", *["all"] * 5]
    assert cells["Stride"] == ["1", "1", "2", "2", "2", "4", *["–"] * 6]
    lines = [[str(v) for v in row] for row in zip(*cells.values(), strict=True)]
    raw = table.as_csv(ROWS, 256)
    assert raw.startswith(b"\xef\xbb\xbf"), "spreadsheets need the mark to read UTF-8"
    head, *rest, sums = csv.reader(io.StringIO(raw.decode("utf-8-sig")))
    named = [name.replace("Memory,", "Memory at batch 256,") for name in cells]
    assert named[8] == "Memory at batch 256, KiB"
    assert (head, rest) == (named, lines)
    assert sums[5:9] == ["61706", "100.0", "416520", str(round(14_602 * 4 * 256 / 1024, 1))]
    head, rule, *rest, sums = [
        [c.strip() for c in line.strip("|").split("|")] for line in table.as_markdown(ROWS, 256).splitlines()
    ]
    assert (head, rest) == (named, lines)
    assert rule[0] == rule[5] == "---:" and rule[1] == "---"
    assert sums[5] == "61706"
    assert explanations.cost_line(ROWS, 256).replace(",", "").startswith("416520 multiply-adds an image · 14.26 MiB")
