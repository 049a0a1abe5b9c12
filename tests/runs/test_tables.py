"""Runs side by side: names, the table of all of them, settings in which they differ."""

from __future__ import annotations

from dataclasses import replace

from lenet import runs
from lenet.runs import configuration, tables
from lenet.runs.configuration import CLASSIC


def test_changed_settings_are_named() -> None:
    changed = replace(CLASSIC, lr=0.5, model=replace(CLASSIC.model, activation="tanh"), seed=4)
    assert tables.changes(CLASSIC, CLASSIC) == []
    assert tables.changes(changed, CLASSIC) == ["Learning rate 0.9 → 0.5", "Activation sigmoid → tanh"]
    one, other = runs.create(CLASSIC, "one"), runs.create(changed, "other")
    rows = tables.settings_table([one, other], differing=True)
    assert [(r["Setting"], r["Name in files"], r["one · classic"], r["other · classic, lr 0.5, tanh"]) for r in rows] == [
        ("Learning rate", "lr", "0.9", "0.5"), ("Seed", "seed", "0", "4"),
        ("Activation", "model.activation", "sigmoid", "tanh"),
    ]  # fmt: skip
    assert {r["Name in files"] for r in tables.settings_table([one], differing=False)} == set(
        configuration.flat(CLASSIC)
    )
    assert one.label() == "one · classic, 10 epochs, seed 0"
    assert other.label() == "other · classic, lr 0.5, tanh, 10 epochs, seed 4"


def test_table_of_all_runs_and_what_is_wrong_with_those_that_are_not_in_it() -> None:
    runs.create(CLASSIC, "fine").rename("first try")
    broken = runs.create(CLASSIC, "broken")
    (broken.path / "config.json").write_text("{")
    table, (sentence,) = tables.run_table()
    rows = {row["Name in files"]: row for row in table}
    assert (rows["fine"]["State"], rows["fine"]["Run"]) == ("waiting", "first try")
    assert "broken" not in rows
    assert "config.json of the run “broken” cannot be read: JSONDecodeError" in sentence
    assert rows["reference-modern"]["Best test accuracy"] > 0.85
    assert rows["reference-modern"]["Run"] == "modern (came with the app)"


def test_runs_of_one_name_are_told_apart() -> None:
    made = [runs.create(CLASSIC, "classic-1124-120000-00ab"), *(runs.create(CLASSIC, name) for name in ("a", "b"))]
    for run in made[1:]:
        run.rename("same")
    assert tables.short_names(made) == ["00ab · classic", "same (a)", "same (b)"]
    assert len(tables.settings_table(made, differing=False)[0]) == 5
