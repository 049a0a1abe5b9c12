"""What a run leaves in its directory."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lenet import runs
from lenet.architecture.network import LeNet
from lenet.training import recorder
from lenet.training.dataset import Split, predict
from lenet.training.optimizers import init_weights
from lenet.training.recorder import snapshot_steps
from lenet.training.run import train_run
from tests.helpers.training import CPU, SAMPLE, SHORT, same


def test_snapshots_are_dense_at_first_and_few_in_all() -> None:
    steps = sorted(snapshot_steps(2350, 235))
    assert steps[:6] == [0, 1, 2, 3, 4, 5]
    assert {235 * e for e in range(11)} <= set(steps)
    assert len(steps) < 110
    assert len(snapshot_steps(235_000, 235)) < 200
    assert snapshot_steps(1, 1) == {0, 1}


def test_a_run_leaves_everything_it_promises() -> None:
    run = runs.create(SHORT, "r")
    lines: list[str] = []
    status = train_run(run, say=lines.append)
    assert status.state == run.status().state == "finished"
    metrics, steps = run.metrics(), run.steps()
    assert metrics["epoch"].tolist() == [1, 2]
    assert metrics["step"].tolist() == [24, 48]
    assert steps["step"].tolist() == list(range(1, 49))
    sizes = np.array([256] * 23 + [112])  # 6 000 images
    np.testing.assert_allclose(metrics["loss"][0], (steps["loss"][:24] * sizes).sum() / 6000, rtol=1e-4)
    at, kernels = run.kernels()
    assert (at[0], at[-1], kernels.shape[1:]) == (0, 48, (6, 1, 5, 5))
    weights = run.weights()
    np.testing.assert_array_equal(kernels[-1], weights["0.weight"])
    net = LeNet(run.config.model)
    net.load_state_dict({k: torch.from_numpy(w.copy()) for k, w in weights.items()})
    test = Split.load("test", SAMPLE, CPU)
    assert test.accuracy(predict(net, test)[0]) == pytest.approx(metrics["test_acc"][-1], abs=1e-9)
    loss, train_acc, test_acc = (metrics[k][-1] for k in ("loss", "train_acc", "test_acc"))
    assert run.log_lines()[0] == f"loss {loss:.3f}, train acc {train_acc:.3f}, test acc {test_acc:.3f}"
    assert run.log_lines()[1].endswith(" examples/sec on cpu")
    assert lines[0] == "training on cpu; data: bundled sample of Fashion-MNIST, 6,000 + 1,000 images"
    assert train_run(run).state == "finished"  # once more does nothing
    torch.manual_seed(0)
    first = LeNet()
    init_weights(first, "xavier_uniform")
    np.testing.assert_array_equal(kernels[0], first[0].weight.detach().numpy())


def test_predictions_are_the_networks() -> None:
    run = runs.create(replace(SHORT, epochs=1), "r")
    assert run.predictions() is None
    train_run(run)
    classes, confidence = run.predictions()  # type: ignore[misc]
    test = Split.load("test", SAMPLE, CPU)
    assert np.mean(classes == test.labels.numpy()) == pytest.approx(run.metrics()["test_acc"][-1], abs=1e-6)
    net = LeNet(run.config.model)
    net.load_state_dict({k: torch.from_numpy(w.copy()) for k, w in run.weights().items()})
    with torch.no_grad():
        expected = F.softmax(net.eval()(test.images(slice(None))), 1).max(1).values.numpy()
    np.testing.assert_allclose(confidence, expected, atol=1e-5)


def test_many_small_steps_leave_tables_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a batch of 1 an epoch has 60,000 steps: every tenth or so is written, the same after a pause as without."""
    monkeypatch.setattr(recorder, "ROWS_AN_EPOCH", 7)
    whole, run = runs.create(SHORT, "whole"), runs.create(SHORT, "r")
    train_run(whole)
    assert whole.steps()["step"].tolist() == [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]

    def is_at(step: int) -> bool:
        return run.status().step >= step

    for step in (6, 30, 45):
        status = train_run(run, leaving=partial(is_at, step))
        monkeypatch.setattr(recorder, "LOOK_EVERY", 0.0)
        assert status.state in ("queued", "finished")
    train_run(run)
    same(whole, run)


def test_an_epoch_that_is_over_before_a_look_does_not_hide_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LOOK_EVERY", 1e9)
    whole, run = (runs.create(replace(SHORT, epochs=3), name) for name in ("whole", "r"))
    train_run(whole)
    status = train_run(run, say=lambda line: run.request("stop") if line.startswith("epoch 1:") else None)
    assert (status.state, status.epoch) == ("stopped", 2)
    run.request("resume")
    assert train_run(run).state == "finished"
    same(whole, run)
