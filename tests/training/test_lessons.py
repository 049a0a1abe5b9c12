"""The lessons of the training page: their answers read off the files of their runs, and what is covered until then."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet import runs
from lenet.common import files, paths
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig, flat
from lenet.training import curves, figures, lessons
from lenet.training.lessons import LESSONS
from tests.helpers.made import finished, set_status
from tests.helpers.plotted import numbers

FOLDERS = {
    "reference-classic": paths.REFERENCE_DIR / "classic",
    "reference-lesson-overfitting": paths.REFERENCE_DIR / "lessons" / "overfitting",
    "reference-lesson-rate": paths.REFERENCE_DIR / "lessons" / "rate",
}


def table(folder: Path, name: str = "metrics") -> dict[str, list[float]]:
    with (folder / f"{name}.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: [float(row[key]) for row in rows] for key in rows[0]}


def folder_of(name: str) -> Path:
    return FOLDERS[LESSONS[name].beginning["run"]]


def right(name: str) -> tuple[str, str]:
    question = LESSONS[name].question
    return question.form.say(question.answer), question.solution.say()


# -- the answers -------------------------------------------------------------------------------------------------------


def test_the_epoch_in_which_most_was_learned() -> None:
    found = table(folder_of("curve"))
    rises = [b - a for a, b in zip([0.1, *found["test_acc"]], found["test_acc"], strict=False)]
    falls = [a - b for a, b in zip(found["loss"], found["loss"][1:], strict=False)]
    epoch = rises.index(max(rises)) + 1
    assert epoch == falls.index(max(falls)) + 2, "the loss alone tells it, and that is all that is shown"
    said, why = right("curve")
    assert said == f"Epoch {epoch}" == "Epoch 2"
    assert f"{100 * found['test_acc'][0]:.1f}% to {100 * found['test_acc'][1]:.1f}%" in why
    first = next(m.why.say() for m in LESSONS["curve"].question.mistakes if m.name == "first")
    assert f"{math.log(10):.2f}: ln 10" in first and abs(found["loss"][0] - math.log(10)) < 0.02


def test_the_plateau_ends_in_one_epoch() -> None:
    found = table(folder_of("plateau"))["test_acc"]
    assert found[0] < 0.15 and found[1] - found[0] > (found[-1] - found[0]) / 2
    said, why = right("plateau")
    assert said == "It leaps in the next epoch" and f"{100 * found[1]:.1f}%" in why
    assert f"{table(folder_of('plateau'))['step'][0]:.0f} steps" in LESSONS["plateau"].question.question.say()


def test_the_run_overfits() -> None:
    found = table(folder_of("overfitting"))
    seen = int(LESSONS["overfitting"].epochs) - 1
    assert found["train_acc"][-1] == 1.0 and found["train_acc"][seen] < 0.9
    assert abs(found["test_acc"][-1] - found["test_acc"][seen]) < 0.01
    assert found["test_loss"][-1] > 2 * found["test_loss"][seen] and found["test_loss"][seen] == min(
        found["test_loss"]
    )
    said, why = right("overfitting")
    assert said == "It stays, and the test loss rises"
    assert f"from {found['test_loss'][seen]:.2f} to {found['test_loss'][-1]:.2f}" in why


def test_the_learning_rate_is_too_high() -> None:
    folder = folder_of("rate")
    found, losses = table(folder), table(folder, "steps")["loss"]
    gradients = table(folder, "gradients")["0.weight"]
    assert losses[4] == min(losses[:5]) and losses[5] > 2 * losses[0], "it falls, and then it jumps"
    assert all(abs(loss - math.log(10)) < 0.15 for loss in losses[10:]) and found["test_acc"][-1] < 0.12
    assert max(gradients[10:]) < 2e-3 * max(gradients[:5])
    said, why = right("rate")
    assert said == "It jumps, then stays at guessing"
    assert f"{losses[5]:.2f}" in why and f"{gradients[-1]:.6f}" in why
    assert "In 5 steps" in LESSONS["rate"].question.question.say()


@pytest.mark.parametrize("name", LESSONS)
def test_every_option_has_its_own_reason(name: str) -> None:
    asked = LESSONS[name].question
    verdicts = [asked.grade((float(n),)) for n in range(len(asked.form.options))]
    assert sum(verdict.is_right for verdict in verdicts) == 1
    assert len({verdict.reason.say() for verdict in verdicts}) == len(verdicts) == len(asked.mistakes) + 1


# -- the runs that came with the app -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "base", "changed"),
    [
        ("overfitting", MODERN, {"data": "sample", "epochs": 30, "weight_decay": 0.0, "label_smoothing": 0.0, "seed": 0}),
        ("rate", CLASSIC, {"data": "sample", "epochs": 3, "model.activation": "relu", "seed": 1}),
    ],
)  # fmt: skip
def test_the_runs_have_the_settings_that_are_documented(
    name: str, base: RunConfig, changed: Mapping[str, Any]
) -> None:
    run = runs.find(f"reference-lesson-{name}")
    here = {"device": "cpu", "dataset": "fashion-mnist"}
    assert flat(run.config) == flat(base) | here | changed
    assert run.is_reference and not run.may_change and not run.has_weights
    assert sum(file.stat().st_size for file in run.path.iterdir()) < 60_000
    assert run.status().state == "finished" and run.id not in [listed.id for listed in runs.list_runs()]


def test_a_lesson_sets_what_its_run_was_trained_with() -> None:
    """But for the seed: the reader is to see whether another one ends alike."""
    keys = {"recipe": "recipe", "data": "data", "epochs": "epochs", "wd": "weight_decay", "smooth": "label_smoothing"}
    keys |= {"act": "model.activation", "lr": "lr"}
    for name in ("overfitting", "rate"):
        run = flat(runs.find(LESSONS[name].beginning["run"]).config)
        settings = {key: value for key, value in LESSONS[name].opened.items() if key != "seed"}
        assert {key: run[keys[key]] for key in settings} == settings


# -- what is covered ---------------------------------------------------------------------------------------------------


def drawn(name: str) -> dict[str, Any]:
    lesson = LESSONS[name]
    run = runs.find(lesson.beginning["run"])
    curve, last = curves.read_curve(run), run.config.epochs
    figure = figures.asking(curve, last=last, seen=lesson.epochs, hides=lesson.hides, height=330)
    return figure.to_dict()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["plateau", "overfitting", "rate"])
def test_the_rest_of_the_curve_is_not_in_the_figure(name: str) -> None:
    plain, seen = drawn(name), LESSONS[name].epochs
    lines = [(numbers(trace["x"]), numbers(trace["y"])) for trace in plain["data"]]
    assert max(x.max() for x, _y in lines if len(x)) <= seen
    assert all(len(x) == len(y) for x, y in lines)
    last = runs.find(LESSONS[name].beginning["run"]).config.epochs
    assert [(shape["x0"], shape["x1"]) for shape in plain["layout"]["shapes"]] == [(seen, last)] * 2
    assert [note["text"] for note in plain["layout"]["annotations"]] == ["?", "?"]
    assert plain["layout"]["xaxis"]["range"][1] > last, "the axis is that of the whole run"


def test_the_accuracies_are_not_in_the_figure() -> None:
    plain = drawn("curve")
    assert {trace.get("xaxis", "x") for trace in plain["data"]} == {"x"}
    values = [round(float(y), 4) for trace in plain["data"] for y in numbers(trace["y"])]
    assert not set(values) & {round(y, 4) for y in table(folder_of("curve"))["test_acc"]}
    assert [(shape["xref"], shape["x0"]) for shape in plain["layout"]["shapes"]] == [("x2", 0.0)]


def test_asking_leaves_the_figure_that_others_see_alone() -> None:
    curve = curves.read_curve(runs.find("reference-classic"))
    before = json.dumps(figures.curves([curve], view=(0.0, 10.0), height=330).to_dict(), default=str)
    drawn("plateau"), drawn("curve")
    assert json.dumps(figures.curves([curve], view=(0.0, 10.0), height=330).to_dict(), default=str) == before
    assert curves.until(curve, 3).epochs.tolist() == [1, 2, 3] and len(curve.epochs) == 10


# -- what there is to see ----------------------------------------------------------------------------------------------


def test_what_is_seen_of_runs() -> None:
    classic, modern = (runs.find(f"reference-{name}") for name in ("classic", "modern"))
    assert lessons.largest_gain(modern) == "Here the test accuracy rose most in epoch 1, to 87.1%."
    assert "by the end of epoch 2, with a test accuracy of 66.6%" in lessons.plateau(classic)
    assert "right on 96.9% of its training images and on 92.9%" in lessons.gap(modern)
    overfitting = runs.find("reference-lesson-overfitting")
    assert "lowest after epoch 6: 0.42; at the end it is 1.30" in lessons.gap(overfitting)
    assert "this run learned: loss 0.47, test accuracy 80.9%" in lessons.outcome(classic)
    assert "this run learned nothing" in lessons.outcome(runs.find("reference-lesson-rate"))


def test_what_is_seen_of_a_run_that_was_lost() -> None:
    run = runs.create(CLASSIC, "lost")
    for seen in (lesson.seen for lesson in LESSONS.values()):
        assert seen(run) == "", "nothing is trained yet"
    set_status(run, state="failed", code="diverged", params={"loss": "nan", "epoch": 1})
    assert lessons.outcome(run) == "With learning rate 0.9 this run was lost in epoch 1: its loss became nan."


def test_what_is_seen_of_a_run_that_stays_on_its_plateau() -> None:
    run = finished("flat")
    (run.path / "metrics.csv").write_text(files.csv_text(runs.METRICS, [(1, 235, 2.3, 0.1, 0.1, 5000.0)]))
    (run.path / "steps.csv").write_text("step,loss\n1,2.4\n235,2.3\n")
    assert lessons.plateau(run) == "After epoch 1 this run is still on its plateau."
    assert "went up to 2.40, at the end it is 2.30, that of guessing is 2.30; test accuracy 10.0%" in lessons.outcome(
        run
    )
    assert not np.isnan(lessons.gains(run)).any()
