"""A run from its directory to its end: stopped, killed, extended, failed."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lenet import data, runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import divergence, recorder
from lenet.training.recorder import Recorder
from lenet.training.run import train_run
from lenet.training.trainer import Trainer
from tests.helpers.idx import of_kind
from tests.helpers.training import SAMPLE, SHORT, SHORT_NAMES, SHORT_ONES, same, trained


def test_the_same_seed_is_the_same_run_and_another_is_not() -> None:
    one = replace(SHORT, epochs=1)
    made = [runs.create(c, i) for i, c in (("a", one), ("b", one), ("c", replace(one, seed=1)))]
    for run in made:
        train_run(run)
    a, b, c = (run.weights()["0.weight"] for run in made)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


class Killed(BaseException):
    """Stands for a kill −9: nothing of the trainer's own runs after it."""


@pytest.mark.parametrize("recipe", SHORT_ONES, ids=SHORT_NAMES)
@pytest.mark.parametrize("at", [3, 24, 30, 47])
def test_resumed_run_is_bit_identical(recipe: RunConfig, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, broken = trained(recipe), runs.create(recipe, "broken")
    after_step = Recorder.after_step

    def step_and_die(self: Recorder) -> None:
        after_step(self)
        if self.trainer.step == at:
            raise Killed

    with monkeypatch.context() as m:
        m.setattr(Recorder, "after_step", step_and_die)
        with pytest.raises(Killed):
            train_run(broken)
    assert broken.status().state == "interrupted"
    assert broken.stored_status().epoch == (0 if at <= 24 else 1)
    assert train_run(broken).state == "finished"
    same(whole, broken)


@pytest.mark.parametrize("request_and_state", [("stop", "stopped"), ("pause", "paused")])
@pytest.mark.parametrize("recipe", SHORT_ONES, ids=SHORT_NAMES)
def test_stopped_or_paused_run_goes_on_from_its_very_step(
    recipe: RunConfig, request_and_state: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request, state = request_and_state
    whole, run = trained(recipe), runs.create(recipe, "r")
    after_step = Recorder.after_step

    def ask_and_step(self: Recorder) -> None:
        if self.trainer.step == 30:
            run.request(request)
            self._looked = -1e9  # it is time to listen
        after_step(self)

    with monkeypatch.context() as m:
        m.setattr(Recorder, "after_step", ask_and_step)
        assert train_run(run).state == state
    assert len(run.metrics()["epoch"]) == 1
    assert len(run.steps()["step"]) == run.status().step == 30
    assert not run.requested(request)
    run.request("resume")
    assert run.status().state == "queued"
    assert train_run(run).state == "finished"
    assert not run.requested("resume")
    same(whole, run)


def test_a_finished_run_can_be_extended() -> None:
    config = replace(MODERN, epochs=1, data="sample", device="cpu")
    run = runs.create(config, "r")
    train_run(run)
    first = run.steps()["loss"]
    run.request("extend", epochs=3)
    assert run.status().state == "queued"
    assert train_run(run).state == "finished"
    assert run.metrics()["epoch"].tolist() == [1, 2, 3]
    assert (run.config.epochs, run.config.cycles) == (3, (1,))
    np.testing.assert_array_equal(run.steps()["loss"][:24], first)
    with pytest.raises(LenetError):
        run.request("extend", epochs=2)


def test_a_run_of_the_same_settings_is_found() -> None:
    assert runs.find_equal(SHORT) is None
    run = runs.create(SHORT, "r")
    assert runs.find_equal(SHORT) == run
    assert runs.find_equal(replace(SHORT, seed=1)) is None
    run.request("stop")
    assert runs.find_equal(SHORT) is None


def test_divergence_ends_with_a_sentence_and_keeps_the_curve() -> None:
    config = replace(SHORT, model=replace(CLASSIC.model, activation="leaky_relu"), lr=100.0)
    run = runs.create(config, "r")
    status = train_run(run)
    assert (status.state, status.code) == ("failed", "diverged")
    assert run.status().params["epoch"] == 1  # type: ignore[index]
    assert len(run.steps()["loss"]) > 0


def test_a_loss_that_explodes_and_stays_a_number_ends_the_run_too() -> None:
    run = runs.create(replace(SHORT, model=replace(CLASSIC.model, activation="relu"), lr=100.0, epochs=10), "r")
    status = train_run(run)
    assert (status.state, status.code) == ("failed", "diverged")
    assert status.params is not None
    assert float(status.params["loss"]) > 23
    losses = run.steps()["loss"]
    assert np.isfinite(losses).all()
    assert divergence.LATEST <= len(losses) < 10 * status.steps_per_epoch
    assert train_run(run).code == "diverged"  # and again where it is resumed


def test_full_disk_ends_with_a_sentence_and_keeps_finished_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "r")
    write = files.write_atomic

    def full(path: Path, content: bytes) -> None:
        rows = (run.path / "metrics.csv").read_text().count("\n") - 1 if (run.path / "metrics.csv").exists() else 0
        if rows >= 1 and (run.path / ".room").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    with monkeypatch.context() as m:
        m.setattr(files, "write_atomic", full)
        status = train_run(run)
    assert (status.state, status.code, status.params) == ("failed", "disk_full", {"epoch": 1})
    assert run.status().state == "failed"
    assert len(run.metrics()["epoch"]) == 1
    assert train_run(run).state == "finished"  # once there is room again


def test_a_disk_that_is_full_when_a_run_is_paused_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "r")

    def full(self: Recorder, state: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr(Recorder, "end_early", full)
        status = train_run(run, leaving=lambda: True)
    assert (status.state, status.code) == ("failed", "disk_full")
    assert run.stored_status().state == "failed"


def test_a_run_goes_on_with_the_images_that_it_began_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where the complete data set has been downloaded in the meantime; the same settings are another run then."""
    config = replace(SHORT, epochs=1, data="auto")
    nowhere = tmp_path / "nowhere"
    with monkeypatch.context() as m:
        for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
            m.setattr(paths, name, nowhere)
        run = runs.create(config, "r")
        train_run(run)
        assert runs.find_equal(config) == run
    full = of_kind("full")
    monkeypatch.setattr(data, "find", lambda source, _dataset: full if source != "sample" else SAMPLE)
    assert runs.find_equal(config) is None
    run.request("extend", epochs=2)
    assert train_run(run).data == "sample"


def test_missing_data_and_device_are_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
        monkeypatch.setattr(paths, name, tmp_path / "nowhere")
    status = train_run(runs.create(replace(SHORT, data="full"), "no-data"))
    assert (status.state, status.code) == ("failed", "data_missing")
    if not torch.cuda.is_available():
        status = train_run(runs.create(replace(SHORT, device="cuda"), "no-gpu"))
        assert (status.state, status.code) == ("failed", "device_unavailable")


def test_unexpected_error_does_not_escape(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("lenet.training.run.Trainer", broken)
    status = train_run(runs.create(SHORT, "r"))
    assert (status.state, status.code) == ("failed", "crashed")
    assert "boom" in status.params["reason"]  # type: ignore[index]
    assert "Traceback" in capsys.readouterr().err  # for the operator


def test_one_run_is_trained_by_one_process() -> None:
    run = runs.create(SHORT, "r")
    held = runs.lock(run)
    with pytest.raises(LenetError) as error:
        train_run(run)
    assert error.value.code == "run_busy"
    held.release()


def test_a_run_that_goes_on_waits_until_it_runs_and_is_never_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that looks between the request and the first step must know that there is something to wait for."""
    seen: list[str] = []
    run = runs.create(SHORT, "again")
    train_run(run)
    run.request("extend", epochs=3)
    made = Trainer

    def look(*args: object) -> Trainer:
        seen.append(run.status().state)
        return made(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("lenet.training.run.Trainer", look)
    held = runs.lock(run)
    seen.append(run.status().state)  # taken, and nothing written yet
    held.release()
    assert train_run(run).state == "finished"
    assert seen == ["queued", "queued"]


def test_a_run_that_an_older_version_began_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """That version measured no losses but the one that is minimised: there are gaps where it trained."""
    config = replace(MODERN, data="sample", device="cpu", epochs=3)
    whole, run = trained(config), runs.create(config, "older")
    monkeypatch.setattr(recorder, "LOOK_EVERY", 0.0)
    assert train_run(run, leaving=lambda: run.status().step >= 30).state == "queued"
    tensors, values = recorder.read_checkpoint(run.path / "checkpoint.safetensors")
    del tensors["epoch.cross_entropies"]
    values["metrics"] = [row[:7] for row in values["metrics"]]
    files.write_tensors(run.path / "checkpoint.safetensors", tensors, {"values": json.dumps(values)})
    stored = json.loads((run.path / "config.json").read_text())
    for name in ("validation", "early_stopping", "extended_at", "eta_min", "step_size", "gamma"):
        del stored[name]
    files.write_json(run.path / "config.json", stored)
    assert train_run(run).state == "finished"
    for name, w in whole.weights().items():
        assert np.array_equal(w, run.weights()[name])
    expected, metrics = whole.metrics(), run.metrics()
    assert list(metrics) == list(expected) == [*runs.METRICS, "test_loss", "train_cross_entropy"]
    np.testing.assert_array_equal(metrics["loss"], expected["loss"])
    np.testing.assert_array_equal(metrics["test_loss"], [np.nan, *expected["test_loss"][1:]])
    np.testing.assert_array_equal(
        metrics["train_cross_entropy"], [np.nan, np.nan, expected["train_cross_entropy"][2]]
    )
