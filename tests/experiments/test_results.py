"""What the runs of an experiment say, and what ships of one."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace

import numpy as np
import pytest

from lenet import experiment as command
from lenet import experiments
from lenet.common import paths
from lenet.experiments import arguments, assignment, report, results, statistics
from lenet.experiments.store import Stored
from tests.helpers.experiments import TINY, asked, written
from tests.helpers.made import set_status


def stored_with(*states: str) -> Stored:
    """Sigmoid or ReLU, with runs of these states: of both arms with the first seed, then with the second."""
    stored = assignment.assign(Stored(asked(seeds=len(states) // 2)))
    for n, (place, state) in enumerate(zip(asked(seeds=len(states) // 2).runs(), states, strict=True)):
        if state:
            written(stored.experiment.config(*place), stored.runs[place], state, accuracy=0.5 + 0.01 * n * n)
    return stored


def test_each_run_is_as_its_directory_says() -> None:
    stored = stored_with("finished", "failed", "stopped", "queued", "running", "")
    set_status(experiments.results.runs.find(stored.runs[1, 0]), code="diverged", params={"loss": "nan", "epoch": 1})
    found = results.read(stored)
    assert [o.state for o in found.outcomes] == ["finished", "failed", "stopped", "queued", "interrupted", "missing"]
    assert (found.values(0), found.values(1)) == ({0: 0.5}, {})
    (failed,) = found.failed
    assert str(failed.error).startswith("The loss became nan in epoch 1")
    assert len(found.waiting) == 4
    set_status(experiments.results.runs.find(stored.runs[1, 0]), code="of a newer version", params=None)
    assert str(results.read(stored).failed[0].error).startswith(
        "Training ended with an unexpected error (of a newer version)"
    )


def test_json_has_the_keys_that_scripts_rely_on_and_numbers_as_they_are() -> None:
    stored = stored_with("finished", "finished", "finished", "finished", "finished", "failed")
    found = results.read(stored)
    told = json.loads(json.dumps(report.as_json(found)))
    assert list(told) == ["id", "arms", "comparisons"]
    assert [list(arm) for arm in told["arms"]] == [["settings", "runs", "test_acc"]] * 2
    assert [arm["settings"] for arm in told["arms"]] == [{"activation": "sigmoid"}, {"activation": "relu"}]
    assert told["arms"][0]["runs"] == [stored.runs[0, seed] for seed in range(3)]
    first, second = (arm["test_acc"] for arm in told["arms"])
    assert list(first) == ["values", "mean", "low", "high"]
    assert second["values"] == [found.values(1)[0], found.values(1)[1], None], "one that failed is not dropped"
    interval = statistics.mean_interval(list(found.values(0).values()))
    assert interval and (first["mean"], first["low"], first["high"]) == (interval.mean, interval.low, interval.high)
    (comparison,) = told["comparisons"]
    assert list(comparison) == ["a", "b", "difference", "low", "high"]
    differences = [first["values"][seed] - second["values"][seed] for seed in (0, 1)]
    assert comparison["difference"] == pytest.approx(np.mean(differences))


def test_the_table_names_what_is_compared() -> None:
    lines = report.table(results.read(stored_with("finished", "finished", "finished", "finished")))
    assert lines[0].split() == ["test", "accuracy", "seeds", "mean", "95", "%", "interval"]
    assert lines[1].split()[:3] == ["sigmoid", "2", "52.0%"]
    assert lines[-1].startswith("sigmoid − relu: −3.0 percentage points, ")
    nothing = report.table(results.read(assignment.assign(Stored(asked(replace(TINY, lr=0.5), vary=())))))
    assert nothing[1].split() == ["classic", "0", "–"]


# -- the one that ships --------------------------------------------------------------------------------------------


def test_the_experiment_that_ships_reads_like_any_other() -> None:
    found = experiments.read("reference-activation")
    assert len(found.finished) == len(found.outcomes) == 32 and not found.waiting
    assert found.kernels(1, 15).shape == (6, 1, 5, 5)
    assert found.metrics(0, 3)["test_acc"][-1] == found.values(0)[3]
    assert 0.83 < np.mean(list(found.values(0).values())) < 0.86 < np.mean(list(found.values(1).values())) < 0.9
    size = sum(path.stat().st_size for path in (paths.REFERENCE_DIR / "experiments").iterdir())
    assert size < 200_000


def test_the_command_that_is_written_for_it_asks_the_same() -> None:
    shipped = experiments.find("reference-activation").experiment
    again = command.asked_for(command.parse_args(shlex.split(arguments.command(shipped))[3:]))
    assert again.same_question(shipped) and again.seeds == shipped.seeds
