"""The history of a run's kernels, as its files have it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lenet import runs
from lenet.architecture.network import LeNet
from lenet.common import files
from lenet.common.errors import LenetError
from lenet.kernels.figures.wall import MAX_WEIGHTS
from lenet.kernels.history import History, color_limit, has_history, read_course, read_history, read_second_layer
from lenet.runs.configuration import CLASSIC
from tests.helpers.kernels import random_kernels, run_with_kernels


def test_a_history_is_what_the_run_saved() -> None:
    run = run_with_kernels()
    history = read_history(run)
    assert history.steps.tolist() == [0, 1, 235]
    assert history.kernels.shape == (3, 6, 1, 5, 5)
    assert (history.final == run.kernels()[1][-1]).all()
    assert color_limit(history.kernels) == np.abs(history.kernels).max()


@pytest.mark.parametrize(
    ("steps", "values"),
    [
        ((0, 1), np.zeros((2, 6, 1, 3, 3))),  # another kernel size than the configuration's
        ((0, 1), np.zeros((2, 16, 1, 5, 5))),
        ((1, 0), np.zeros((2, 6, 1, 5, 5))),
        ((0, 0), np.zeros((2, 6, 1, 5, 5))),
        ((-1, 0), np.zeros((2, 6, 1, 5, 5))),
        ((0.0, 1.0), np.zeros((2, 6, 1, 5, 5))),
        ((), np.zeros((0, 6, 1, 5, 5))),
        ((0,), np.zeros((6, 1, 5, 5))),
    ],
)
def test_kernels_that_are_not_the_runs_are_refused(steps: Any, values: Any) -> None:
    run = run_with_kernels(steps=steps, values=values)
    with pytest.raises(LenetError):
        read_history(run)


def test_a_run_without_kernels_has_no_history() -> None:
    run = runs.create(CLASSIC, "waiting")
    assert not has_history(run)
    with pytest.raises(LenetError):
        read_history(run)
    assert has_history(run_with_kernels())


def test_a_long_history_is_thinned_between_its_ends() -> None:
    steps = np.arange(500)
    history = History(steps, np.zeros((500, 64, 1, 11, 11), np.float32))
    thin = history.thinned(MAX_WEIGHTS)
    assert thin.kernels.size <= MAX_WEIGHTS
    assert (thin.steps[0], thin.steps[-1]) == (0, 499)
    assert (np.diff(thin.steps) > 0).all()
    assert np.ptp(np.diff(thin.steps)) <= 1, "evenly chosen"
    short = History(steps[:9], np.zeros((9, 6, 1, 5, 5), np.float32))
    assert short.thinned(MAX_WEIGHTS) is short


def test_where_a_history_begins_and_ends() -> None:
    values = random_kernels(3, 6, 1, 5, 5)
    whole = History(np.array([0, 1, 235]), values)
    assert whole.initial is not None and (whole.initial == values[0]).all() and (whole.final == values[2]).all()
    assert History(np.array([1, 2, 235]), values).initial is None, "it begins later"
    snapshot = History.of_snapshot(values[1])
    assert snapshot.steps.tolist() == [0] and (snapshot.final == values[1]).all() and snapshot.initial is None


def test_a_colour_scale_ends_at_the_largest_weight_that_is_a_number() -> None:
    assert color_limit(np.array([0.5, -2, np.nan, np.inf], np.float32)) == 2
    assert color_limit(np.full(3, np.nan, np.float32)) == color_limit(np.zeros(3, np.float32)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"batch_norm": True},
        {"pooling": "none"},
        {"pooling": "conv"},
        {"head": "gap"},
        {"pooling": "conv", "batch_norm": True},
    ],
)
def test_the_second_layer_of_any_network(change: dict[str, Any]) -> None:
    run = run_with_kernels("r", **change)
    torch.manual_seed(0)
    net = LeNet(run.config.model)
    files.write_tensors(run.path / "model.safetensors", {k: v.numpy() for k, v in net.state_dict().items()})
    (expected,) = [
        m.weight for m in net if isinstance(m, torch.nn.Conv2d) and m.out_channels == 16 and m.in_channels == 6
    ]
    second = read_second_layer(run)
    assert second is not None and (second == expected.detach().numpy()).all()


def test_the_second_layer_is_the_runs() -> None:
    run = runs.find("reference-classic")
    second = read_second_layer(run)
    assert second is not None and second.shape == (16, 6, 5, 5)
    assert (second == run.weights()["3.weight"]).all()
    assert (
        read_second_layer(run_with_kernels("single", channels=(6,), kernel_size=(5,), padding=(2,), stride=(1,)))
        is None
    )
    large = run_with_kernels("large", channels=(64, 64))
    files.write_tensors(large.path / "model.safetensors", {"3.weight": np.zeros((64, 64, 5, 5), np.float32)})
    assert read_second_layer(large) is None, "too large to be drawn"
    files.write_tensors(large.path / "model.safetensors", {"3.weight": np.zeros((16, 6, 5, 5), np.float32)})
    with pytest.raises(LenetError):
        read_second_layer(large)


def test_reference_runs_fill_the_wall() -> None:
    for run in runs.references():
        history, course = read_history(run), read_course(run)
        assert history.steps[0] == 0 and history.steps[-1] == course.epochs * course.steps_per_epoch
        assert (np.diff(history.steps[:10]) == 1).all(), "dense in the first steps"
        assert (history.final == run.weights()["0.weight"]).all()


def test_the_snapshot_nearest_to_a_step() -> None:
    spaced = History(np.array([0, 10, 20, 30]), random_kernels(4, 1, 1, 1, 1))
    assert [spaced.nearest(step) for step in (0, 4, 5, 6, 29, 10**9)] == [0, 0, 0, 1, 3, 3]
