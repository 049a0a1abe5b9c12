"""Runs side by side: names, the table of all of them, settings in which they differ."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from lenet import runs
from lenet.common import files, translation
from lenet.runs import configuration, parsing, tables
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from tests.helpers.made import set_status
from tests.helpers.visitors import ANN, BOB, acting_as


def test_changed_settings_are_named() -> None:
    changed = replace(CLASSIC, lr=0.5, model=replace(CLASSIC.model, activation="tanh"), seed=4)
    assert tables.changes(CLASSIC, CLASSIC) == []
    assert tables.changes(changed, CLASSIC) == ["Learning rate 0.9 → 0.5", "Activation sigmoid → tanh"]
    without_muon = replace(MODERN, optimizer="adamw", muon_lr=0.1)
    assert [change.split(" ")[0] for change in tables.changes(without_muon, MODERN)] == ["Optimiser"], (
        "as its label says"
    )
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


def test_a_setting_without_effect_has_no_value_in_the_table() -> None:
    run = runs.create(replace(MODERN, optimizer="adamw", schedule="cosine"), "cosine")
    (name,) = tables.short_names([run])
    shown = {row["Name in files"]: row[name] for row in tables.settings_table([run], differing=False)}
    assert (shown["optimizer"], shown["muon_lr"], shown["warmup"], shown["eta_min"]) == ("adamw", "–", "–", "0")


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


def with_metrics(run_id: str, config: RunConfig, columns: str, *rows: str) -> None:
    run = runs.create(config, run_id)
    (run.path / "metrics.csv").write_text("\n".join([f"{','.join(runs.METRICS)}{columns}", *rows, ""]))


def test_runs_are_ranked_by_validation_accuracy_and_judged_at_the_epoch_that_it_chooses() -> None:
    split = replace(CLASSIC, validation=0.1)
    more = ",test_loss,val_loss,val_acc"
    with_metrics("worse", split, more, "1,24,1.5,0.5,0.61,9,1.4,1.3,0.6", "2,48,1.2,0.6,0.62,9,1.1,1.2,0.59")
    with_metrics("better", split, more, "1,24,1.5,0.5,0.58,9,1.4,1.3,0.61", "2,48,1.2,0.6,0.6,9,1.1,1.2,0.61")
    with_metrics("untold", CLASSIC, ",test_loss", "1,24,1.5,0.5,0.99,9,1.4")
    smoothed = replace(CLASSIC, label_smoothing=0.1)
    with_metrics("smoothed", smoothed, ",test_loss,train_cross_entropy", "1,24,1.5,0.5,0.7,9,1.4,1.25")
    with_metrics("begun", split, more)
    rows, _damaged = tables.run_table()
    assert [row["Name in files"] for row in rows][:2] == ["better", "worse"]
    told = {row["Name in files"]: row for row in rows}
    names = (
        "Validation accuracy",
        "Test accuracy then",
        "Best test accuracy",
        "Loss",
        "Training cross-entropy",
        "Test loss",
    )
    for run_id, values in {
        "better": (0.61, 0.6, 0.6, 1.2, 1.2, 1.1),  # of two epochs alike the one with the lower validation loss
        "worse": (0.6, 0.61, 0.62, 1.2, 1.2, 1.1),
        "untold": (None, None, 0.99, 1.5, 1.5, 1.4),
        "smoothed": (None, None, 0.7, 1.5, 1.25, 1.4),
        "begun": (None, None, None, None, None, None),
    }.items():
        assert tuple(told[run_id][name] for name in names) == values, run_id


def test_without_a_split_anywhere_the_table_has_no_column_for_it() -> None:
    rows, _damaged = tables.run_table()
    assert rows and not any("Validation accuracy" in row or "Test accuracy then" in row for row in rows)


# -- kept until the files change ---------------------------------------------------------------------------------------


def label_of(run_id: str) -> str | None:
    return tables.labels()[run_id]


def test_an_entry_changes_at_once_with_its_files() -> None:
    """All of it happens within a second, in which the times of files may tell little."""
    run = runs.create(CLASSIC, "one")
    assert label_of("one") == "one · classic, 10 epochs, seed 0"
    for n in range(5):
        files.write_json(run.path / "config.json", replace(run.config, seed=n).to_dict())
        assert label_of("one") == f"one · classic, 10 epochs, seed {n}"
        run.rename(f"try {n}")
        assert label_of("one") == f"try {n} · classic, 10 epochs, seed {n}"
        run.rename("")
    set_status(run, dataset="mnist", data="full")
    assert label_of("one") == "one · classic, 10 epochs, seed 4, MNIST"
    (run.path / "status.json").write_text("{")
    assert label_of("one") is None
    files.write_json(run.path / "status.json", {"state": "queued"})
    assert label_of("one") == "one · classic, 10 epochs, seed 4"


def test_what_another_process_changes_is_seen() -> None:
    runs.create(CLASSIC, "one")
    assert label_of("one") == "one · classic, 10 epochs, seed 0"
    code = (
        "from lenet import runs; from lenet.runs.configuration import CLASSIC; "
        "runs.find('one').rename('elsewhere'); runs.create(CLASSIC, 'two')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert label_of("one") == "elsewhere · classic, 10 epochs, seed 0"
    assert next(iter(tables.labels())) == "two", "the newest comes first"
    runs.find("two").delete()
    assert "two" not in tables.labels()
    again = runs.create(replace(CLASSIC, seed=7), "two")
    assert label_of("two") == "two · classic, 10 epochs, seed 7"
    again.delete()


def test_each_reader_sees_the_names_for_them_and_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_HOSTED", "1")
    with acting_as(ANN):
        runs.create(CLASSIC, "one").rename("secret")
    for visitor, name in ((ANN, "secret"), (BOB, "one"), (ANN, "secret")):
        with acting_as(visitor):
            assert label_of("one") == f"{name} · classic, 10 epochs, seed 0"
    monkeypatch.setattr(translation, "_ask", lambda: "zh_CN")
    assert "轮" in str(label_of("one")) and "epochs" not in str(label_of("one"))


def test_no_file_of_a_run_that_has_not_changed_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(5):
        runs.create(replace(CLASSIC, seed=seed), f"run-{seed}")
    first = tables.entries()

    def read(*_path: object) -> bytes:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(files, "read_plain", read)
    monkeypatch.setattr(parsing, "parsed", read)
    assert tables.entries() == first
