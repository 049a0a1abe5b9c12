"""The limits of a public server stand in one table, which the README shows."""

from __future__ import annotations

import re

from lenet.common import fields
from lenet.common.paths import PROJECT
from lenet.runs import rules
from lenet.runs.rules import Limits


def limits_in_the_readme() -> list[tuple[str, int, str]]:
    """Variable, default and what it limits, of each row of the README's table."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(LENET_MAX_\w+)` \| (\d+) \| (.+) \|$", text, re.MULTILINE)
    return [(name, int(default), what) for name, default, what in rows]


def test_the_readme_has_the_table_of_limits() -> None:
    table = fields.table(Limits)
    assert sorted(limits_in_the_readme()) == sorted(
        (rules.variable(name), field.default, field.label) for name, field in table.items()
    )


def test_the_defaults_are_limits() -> None:
    for field in fields.table(Limits).values():
        assert field.check(field.default) == field.default
