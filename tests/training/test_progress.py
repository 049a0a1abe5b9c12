"""How far a run is, in words."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from lenet import runs
from lenet.runs import Status, configuration
from lenet.runs.configuration import CLASSIC
from lenet.training import progress
from lenet.training.steps.eager import EagerStep
from lenet.training.steps.graph import GraphStep
from lenet.training.steps.written_out import WrittenOutStep
from tests.helpers.pages import open_page, said


def test_progress_and_time_left() -> None:
    status = Status(state="running", step=300, steps_per_epoch=100, started=1000.0, started_step=100, updated=1020.0)
    assert progress.fraction_done(status, 10) == pytest.approx(0.3)
    assert progress.examples_per_sec(status, 256) == pytest.approx(2560)
    assert progress.fraction_done(Status(), 10) == 0.0


def test_progress_line_says_what_is_known() -> None:
    run = runs.find("reference-classic")
    line = progress.progress_line(run, run.status())
    assert line.startswith("finished · epoch 10 of 10 · ")
    assert "60,000 images per epoch" in line
    again = replace(run.status(), state="queued", epoch=2)
    assert progress.progress_line(run, again).startswith("waiting · continues after epoch 2 · ")
    assert progress.progress_line(run, Status()).startswith("waiting · epoch 0 of 10")


def test_a_slow_run_has_its_speed_with_a_decimal() -> None:
    run = runs.find("reference-classic")
    slow = Status(
        state="running", step=2, steps_per_epoch=100, started=1000.0, updated=1100.0, train_size=60_000, test_size=1
    )
    assert "2.6 examples/sec" in progress.progress_line(
        run, replace(slow, step=1, device="cpu", device_name="CPU × 1")
    )


def test_the_line_of_a_running_run_says_how_busy_its_device_is() -> None:
    status = Status(state="running", use=0.63, memory=2 * 2**30, memory_total=8 * 2**30)
    assert progress.device_in_use(status) == ["63% of the GPU busy", "2.0 of 8.0 GiB"]
    assert progress.device_in_use(Status(use=0.5)) == ["50% of all cores used by this training"]
    assert progress.device_in_use(Status(state="running")) == []


@pytest.mark.parametrize("step", [EagerStep, WrittenOutStep, GraphStep])
def test_how_a_run_stepped_is_said_in_words(step: Any) -> None:
    line = progress.how_it_ran(Status(engine=step.name, peak_memory=3 * 2**20, device_name="CPU × 2"))
    assert line == f"Steps: {progress.ENGINES[step.name]} · peak memory 3 MiB · CPU × 2"
    assert progress.how_it_ran(Status(engine=step.name)) == ""


def test_a_run_says_why_its_step_was_not_captured() -> None:
    line = progress.how_it_ran(
        Status(engine="eager: TypeError: no stream", peak_memory=2**20, device_name="Some GPU")
    )
    assert line == (
        "Steps: PyTorch, operation by operation, as it could not be captured as a CUDA graph (TypeError: no stream)"
        " · peak memory 1 MiB · Some GPU"
    )


def test_what_to_expect_on_the_sample() -> None:
    sprint = replace(configuration.SPRINT, data="sample")
    assert "only 32 steps: train for 2 epochs or more" in progress.sample_hint(sprint)
    assert progress.sample_hint(replace(sprint, epochs=2)) == ""
    assert "plateau" in progress.sample_hint(replace(CLASSIC, data="sample"))
    assert progress.sample_hint(replace(configuration.MODERN, data="sample")) == ""


def test_a_run_says_that_its_trainer_is_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(CLASSIC, "new")
    assert progress.progress_line(run, run.status()) == "waiting · epoch 0 of 10 · the trainer is starting …"
    monkeypatch.setattr(runs, "read_states", lambda: [runs.WorkerState("idle")])
    assert progress.progress_line(run, run.status()) == "waiting · epoch 0 of 10", "it is there, and looks at once"


def test_a_trainer_of_which_nothing_is_heard_is_told() -> None:
    run = runs.find("reference-classic")
    status = replace(run.status(), state="running", updated=time.time() - 75)
    assert progress.progress_line(run, status).endswith("nothing heard from the trainer for 1:15")
    assert "heard" not in progress.progress_line(run, replace(status, updated=time.time()))


@pytest.mark.parametrize("batch", [256, 1024, 6000])
def test_the_page_offers_as_many_epochs_as_a_hint_recommends(batch: int) -> None:
    config = replace(CLASSIC, data="sample", batch_size=batch)
    epochs = progress.sample_epochs(config)
    assert f"train for {epochs} epochs or more" in progress.sample_hint(config)
    at = open_page("training", data="sample", batch=str(batch), epochs=str(epochs))
    assert said(at) == [] and at.slider(key="epochs").value == epochs
    assert at.slider(key="epochs").max == max(100, epochs)


def test_a_public_server_recommends_nothing_that_it_does_not_allow(hosted: None) -> None:
    hint = progress.sample_hint(replace(CLASSIC, data="sample", batch_size=1024))
    assert "choose a smaller batch" in hint and "150" not in hint
