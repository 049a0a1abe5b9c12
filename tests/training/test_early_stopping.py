"""Runs that end before their last epoch, and the best weights."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy

from lenet import runs, train
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.training import curves, progress
from lenet.training.recorder import Recorder
from lenet.training.run import train_run
from tests.helpers.training import same, trained

FROZEN = replace(
    CLASSIC, data="sample", device="cpu", epochs=6, optimizer="adamw", lr=0.002, schedule="step", step_size=1, gamma=0.0,
    validation=0.1, early_stopping=2, examples_per_epoch=500,
)  # fmt: skip
"""After the first epoch its learning rate is 0: no later epoch is better."""


@pytest.fixture
def ended() -> Run:
    """A run that ended after three epochs out of six."""
    shutil.copytree(trained(FROZEN).path, paths.runs_dir() / "early")
    return runs.find("early")


def test_a_run_ends_after_so_many_epochs_without_a_better_one() -> None:
    lines: list[str] = []
    run = runs.create(FROZEN, "early")
    status = train_run(run, say=lines.append)
    assert (status.state, status.epoch, status.ended_by) == ("finished", 3, "early_stopping")
    assert run.metrics()["epoch"].tolist() == [1, 2, 3]
    assert lines[-1] == "ended early: no epoch since 1 has had a better validation accuracy"
    line = progress.progress_line(run, run.status())
    assert line.startswith("finished · epoch 3 of 6 · ended early: no better validation accuracy since epoch 1")
    assert progress.fraction_done(run.status(), FROZEN.epochs) == 1
    assert curves.epochs_of(run) == 3, "the chart has no room for epochs that will not come"
    assert run.best()["epoch"] == 1
    assert run.kernels()[0][-1] == run.status().step
    assert train_run(run) == status, "once more does nothing"
    assert train.main(["--resume", run.id, "--runs-dir", str(paths.runs_dir())]) == 0
    assert run.stored_status() == status


@pytest.mark.parametrize(
    ("epoch", "best", "extended_at", "ends"),
    [(0, 0, (), False), (1, 1, (), False), (3, 1, (), True), (2, 1, (), False), (3, 1, (3,), False), (5, 1, (3,), True), (2, 0, (3,), True)],
)  # fmt: skip
def test_patience(epoch: int, best: int, extended_at: tuple[int, ...], ends: bool) -> None:
    config = replace(FROZEN, extended_at=extended_at)
    assert config.ends_early(epoch, best) is ends
    assert not replace(config, early_stopping=0).ends_early(epoch, best)


def test_patience_needs_images_to_judge_by() -> None:
    with pytest.raises(LenetError) as refusal:
        RunConfig.from_dict({"early_stopping": 3})
    assert str(refusal.value) == (
        "early_stopping is 3, but no images are held out to judge by: set validation above 0, for example to 0.1."
    )


@pytest.mark.parametrize("epochs", [6, 9])
def test_it_goes_on_when_it_is_asked_for_more_epochs(epochs: int, ended: Run) -> None:
    """In the schedule that it was in, with new patience; also for the epochs that it left out."""
    before = ended.metrics()["loss"]
    assert train.main(["--resume", ended.id, "--epochs", str(epochs), "--runs-dir", str(paths.runs_dir())]) == 0
    status = ended.status()
    assert (status.state, status.epoch, status.ended_by) == ("finished", 5, "early_stopping")
    config = ended.config
    assert (config.epochs, config.cycles, config.extended_at) == (epochs, (6,) if epochs > 6 else (), (3,))
    np.testing.assert_array_equal(ended.metrics()["loss"][:3], before)
    with pytest.raises(LenetError):
        ended.config.extended(epochs)


def test_the_page_extends_it_too(ended: Run) -> None:
    ended.request("extend", epochs=8)
    assert (ended.status().state, progress.fraction_done(ended.status(), 6)) == ("queued", 0.5)
    assert train_run(ended).epoch == 5
    assert ended.config.extended_at == (3,)


def test_the_last_epoch_is_not_an_early_end() -> None:
    run = runs.create(replace(FROZEN, epochs=3), "r")
    assert train_run(run).ended_by == ""
    assert replace(FROZEN, epochs=3).extended(5).extended_at == (3,), "patience counts anew from an extension"


class Killed(BaseException):
    """Stands for a kill −9: nothing of the trainer's own runs after it."""


@pytest.mark.parametrize("at", ["_write_best", "_write_checkpoint", "_write_weights", "_write_metrics", "update"])
@pytest.mark.parametrize("epoch", [1, 3])
def test_killed_after_any_of_its_files_it_ends_where_it_would_have(
    at: str, epoch: int, monkeypatch: pytest.MonkeyPatch, ended: Run
) -> None:
    """With the same best weights. The first epoch is the best, the third the last."""
    broken = runs.create(FROZEN, "broken")
    write = getattr(Recorder, at)

    def write_and_die(self: Recorder, *args: object, **changes: object) -> None:
        write(self, *args, **changes)
        if len(self.metrics) == epoch:
            raise Killed

    with monkeypatch.context() as m:
        m.setattr(Recorder, at, write_and_die)
        if (at, epoch) == ("_write_best", 3):
            train_run(broken)  # it is not written again
        else:
            with pytest.raises(Killed):
                train_run(broken)
    assert (train_run(broken).state, broken.status().epoch) == ("finished", 3)
    assert broken.status().ended_by == "early_stopping"
    same(ended, broken)


def test_without_a_split_there_are_no_best_weights() -> None:
    run = runs.create(replace(FROZEN, validation=0.0, early_stopping=0, epochs=1), "r")
    train_run(run)
    assert run.best() == {} and not (run.path / runs.BEST).exists()


def test_damaged_best_weights_are_a_sentence(ended: Run) -> None:
    (ended.path / runs.BEST).write_bytes(safetensors.numpy.save({"x": np.zeros(1)}))
    with pytest.raises(LenetError, match=r"best\.safetensors"):
        ended.best()
