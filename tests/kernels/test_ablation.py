"""What the test set says of the kernels: the numbers, the file with them, and the process that computes them."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from lenet import data, runs
from lenet.architecture.layers.convolution import correlate
from lenet.architecture.network import LeNet
from lenet.common import files, jobs, paths
from lenet.kernels import ablation
from lenet.pooling import Pooling
from lenet.runs.configuration import CLASSIC
from tests.helpers import made


def finished(run_id: str = "mine") -> runs.Run:
    """A run of the reader's that nobody has looked into yet."""
    return made.finished(run_id, "modern", "insight.json")


def test_insight_is_what_the_network_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against the NumPy forward pass, on the first hundred test images."""
    images, labels = (part[:100] for part in data.load("test", "sample"))
    monkeypatch.setattr(runs.Run, "images", lambda run, split: (images, labels))
    run, told = finished(), []
    files.write_json(run.path / "insight.json", ablation.compute(run, told.append, batch=40))
    known = ablation.read(run)
    assert known is not None and told == sorted(told) and told[-1] == pytest.approx(1)
    config, weights = run.config.model, run.weights()

    def accuracy(change: Any) -> float:
        right = 0
        for image, label in zip(images, labels, strict=True):
            x = correlate(image / np.float32(255), weights["0.weight"], weights["0.bias"], 1, 2)
            x = change(np.maximum(x, 0))
            x = Pooling(mode=config.pooling, kernel_size=2)(x)
            x = np.maximum(correlate(x, weights["3.weight"], weights["3.bias"]), 0)
            x = Pooling(mode=config.pooling, kernel_size=2)(x).ravel()
            for layer in ("7", "9"):
                x = np.maximum(weights[f"{layer}.weight"] @ x + weights[f"{layer}.bias"], 0)
            right += int((weights["11.weight"] @ x + weights["11.bias"]).argmax() == label)
        return right / len(images)

    def without(n: int) -> Any:
        return lambda x: np.where(np.arange(6)[:, None, None] == n, 0, x)

    assert known.accuracy == accuracy(lambda x: x)
    assert known.zero_accuracy.tolist() == [accuracy(without(n)) for n in range(6)]

    sums = np.stack(
        [correlate(image / np.float32(255), weights["0.weight"], weights["0.bias"], 1, 2) for image in images]
    ).reshape(100, 6, -1)
    np.testing.assert_allclose(known.sums[:, 0], -np.sort(-sums.max(2).T)[:, :8], atol=1e-3)
    np.testing.assert_allclose(known.sums[:, 1], np.sort(sums.min(2).T)[:, :8], atol=1e-3)
    again = (known.patches / 255 * weights["0.weight"][:, 0, None, None]).sum((3, 4)) + weights["0.bias"][
        :, None, None
    ]
    np.testing.assert_allclose(again, known.sums, atol=1e-3)


def test_insight_of_a_network_with_batch_norm(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map is switched off behind its activation, not before."""
    images, labels = (part[:60] for part in data.load("test", "sample"))
    monkeypatch.setattr(runs.Run, "images", lambda run, split: (images, labels))
    config = replace(CLASSIC, model=replace(CLASSIC.model, batch_norm=True))
    run = runs.create(config, "bn")
    torch.manual_seed(0)
    net = LeNet(config.model)
    net[1].running_mean.uniform_(-1, 1)
    files.write_tensors(run.path / "model.safetensors", {k: v.numpy() for k, v in net.state_dict().items()})
    net.eval()
    known = ablation.compute(run, batch=25)
    layers = list(net)
    start, rest = torch.nn.Sequential(*layers[:3]), torch.nn.Sequential(*layers[3:])
    x = start(torch.from_numpy(images.copy()).float() / 255).detach()  # convolution, batch norm, activation
    for n in range(6):
        for how, value in (("silenced", 0.0), ("held", float(x[:, n].mean()))):
            changed = x.clone()
            changed[:, n] = value
            right = (rest(changed).argmax(1).numpy() == labels).mean()
            assert known[how][n] == pytest.approx(right)


def test_insight_of_the_runs_that_came_with_the_app() -> None:
    """They fit their weights, and all kernels together are as right as the run's own last test."""
    for run in runs.references():
        known = ablation.read(run)
        assert known is not None and known.images == 10_000
        assert known.accuracy == pytest.approx(run.metrics()["test_acc"][-1], abs=1e-9)


def test_insight_of_other_weights_or_of_a_damaged_file_is_not_known() -> None:
    run = finished()
    good = runs.find("reference-modern").path.joinpath("insight.json").read_bytes()
    kept = run.path / "insight.json"
    kept.write_bytes(good)
    assert ablation.read(run) is not None
    for bad in (
        b"",
        b"[]",
        b"{}",
        b"\xff",
        good[:-500],
        good.replace(b'"silenced"', b'"x"'),
        b'{"silenced": 3, "size": 1}',
    ):
        kept.write_bytes(bad)
        assert ablation.read(run) is None
    wrong = json.loads(good)
    wrong["labels"][0][0][0] = 99
    kept.write_text(json.dumps(wrong))
    assert ablation.read(run) is None
    kept.write_bytes(good)
    weights = {name: np.ascontiguousarray(w * 2) for name, w in run.weights().items()}
    files.write_tensors(run.path / "model.safetensors", weights)
    assert ablation.read(run) is None, "the run went on training"


def test_insight_as_a_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    good = json.loads(runs.find("reference-modern").path.joinpath("insight.json").read_bytes())
    order: list[str] = []

    def compute(run: runs.Run, tell: Any) -> dict[str, Any]:
        """Plays the work: while the first run is looked at, another is asked for, twice."""
        tell(0.1)
        order.append(run.id)
        if run.id == "mine":
            ablation.start(finished("yours"))
            assert ablation.main(["yours"]) == 0, "the process that is at it will do it"
            seen.append((ablation.work(run), ablation.work(runs.find("yours")), ablation.work(finished("idle"))))
        return good

    seen: list[Any] = []
    monkeypatch.setattr(ablation, "compute", compute)
    monkeypatch.setattr(jobs, "WRITE_EVERY", 0)
    run = finished()
    assert ablation.main([run.id]) == 0
    assert order == ["mine", "yours"], "one after the other"
    (mine, yours, idle) = seen[0]
    assert (mine.share, mine.ahead, yours.ahead, idle) == (0.1, 0, 1, None)
    assert ablation.read(run) and ablation.read(runs.find("yours"))
    assert ablation.work(run) is None and ablation.failure(run) is None
    assert not list((paths.runs_dir() / ".insight").glob("*.asked"))
    assert ablation.main([run.id]) == 0 and len(order) == 2, "once a run"
    assert ablation.main(["nobody"]) == 1 and "nobody" in capsys.readouterr().err


def test_insight_tells_the_time_left_and_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    run, clock = finished(), iter((0.0, 10.0, 12.0, 14.0))
    monkeypatch.setattr(jobs, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(jobs, "WRITE_EVERY", 0)
    told: list[str] = []

    def compute(run: runs.Run, tell: Any) -> dict[str, Any]:
        for share in (0.2, 0.4):  # two seconds for a fifth of the work
            tell(share)
        work = ablation.work(run)
        assert work is not None
        told.append(work.words())
        ablation.stop(run)
        assert ablation.work(run) is None
        tell(0.6)
        raise AssertionError("it goes on")

    monkeypatch.setattr(ablation, "compute", compute)
    assert ablation.main([run.id]) == 1
    assert told[0].endswith("0:06 left")
    assert ablation.read(run) is None and ablation.failure(run) is None, "stopped, not failed"


def test_insight_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    run, other = finished(), finished("other")
    monkeypatch.setattr(ablation, "compute", lambda run, tell: 1 / 0)
    ablation.start(other)
    assert ablation.main([run.id]) == 1
    for each in (run, other):
        error = ablation.failure(each)
        assert error is not None and "division by zero" in str(error)
    ablation.start(run)
    assert ablation.failure(run) is None, "another attempt"
    folder = paths.runs_dir() / ".insight"
    files.write_json(folder / "progress.json", {"task": run.id, "share": 0.5, "left": None})  # by a process that died
    for look in (lambda: None, lambda: ablation.main([other.id])):
        look()
        error = ablation.failure(run)
        assert error is not None and error.code == "insight_killed"
    assert not (folder / "mine.asked").exists(), "a run that kills the process is not begun again"
    weights = {name: np.ascontiguousarray(w * 2) for name, w in run.weights().items()}
    files.write_tensors(run.path / "model.safetensors", weights)
    assert ablation.failure(run) is None, "it went on training"


def test_a_file_that_cannot_be_written_is_said_before_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert ablation.main(["reference-classic", "--to", "/nowhere/x.json"]) == 1
    assert capsys.readouterr().err == "The file /nowhere/x.json cannot be written: there is no folder /nowhere.\n"
