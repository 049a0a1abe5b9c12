"""What the kernel gallery computes, and what it sends to the browser."""

from __future__ import annotations

import base64
import csv
import io
import json
import math
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet
from lenet.common import files
from lenet.common.errors import LenetError
from lenet.kernels import history as kernels
from lenet.kernels.figures import wall as figures
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC


def make_run(run_id: str = "made", *, steps: Any = (0, 1, 235), values: Any = None, **model: Any) -> Run:
    """A run with kernels of its own network, or with `values` in their place."""
    config = replace(CLASSIC, model=LeNetConfig(**model))
    run = runs.create(config, run_id)
    size = config.model.kernel_size[0]
    if values is None:
        values = np.random.default_rng(0).normal(size=(len(steps), config.model.channels[0], 1, size, size))
    tensors = {"steps": np.array(steps), "kernels": np.asarray(values, np.float32)}
    files.write_tensors(run.path / "kernels.safetensors", tensors)
    return run


def unpacked(packed: dict[str, Any]) -> NDArray[np.float64]:
    """What the browser makes of packed kernels."""
    whole = np.frombuffer(base64.b64decode(packed["values"]), "<i2")
    weights = np.where(whole == kernels.MISSING, np.nan, whole * packed["unit"])
    return weights.reshape(-1, *packed["shape"])


# -- histories ---------------------------------------------------------------------------------------------------


def test_a_history_is_what_the_run_kept() -> None:
    run = make_run()
    history = kernels.history(run)
    assert history.steps.tolist() == [0, 1, 235]
    assert history.kernels.shape == (3, 6, 1, 5, 5)
    assert (history.final == run.kernels()[1][-1]).all()
    assert history.limit() == np.abs(history.kernels).max()


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
    run = make_run(steps=steps, values=values)
    with pytest.raises(LenetError):
        kernels.history(run)


def test_a_run_without_kernels_has_not_kept_any() -> None:
    run = runs.create(CLASSIC, "waiting")
    assert not kernels.kept(run)
    with pytest.raises(LenetError):
        kernels.history(run)
    assert kernels.kept(make_run())


def test_a_long_history_is_thinned_between_its_ends() -> None:
    steps = np.arange(500)
    history = kernels.History(steps, np.zeros((500, 64, 1, 11, 11), np.float32))
    thin = history.thinned()
    assert thin.kernels.size <= kernels.MAX_VALUES
    assert (thin.steps[0], thin.steps[-1]) == (0, 499)
    assert (np.diff(thin.steps) > 0).all()
    assert np.ptp(np.diff(thin.steps)) <= 1, "evenly chosen"
    short = kernels.History(steps[:9], np.zeros((9, 6, 1, 5, 5), np.float32))
    assert short.thinned() is short


# -- on the way to the browser -----------------------------------------------------------------------------------


@given(st.lists(st.floats(-3.25, 3.25, width=32), min_size=1, max_size=30))
def test_packed_weights_keep_four_decimals(weights: list[float]) -> None:
    unit, text = kernels.pack(np.array(weights, np.float32))
    assert unit == 1e-4
    back = np.frombuffer(base64.b64decode(text), "<i2") * unit
    assert np.abs(back - weights).max() <= 0.5001e-4


@given(st.lists(st.floats(width=32), min_size=1, max_size=30))
def test_any_weights_can_be_packed(weights: list[float]) -> None:
    values = np.array(weights, np.float32)
    unit, text = kernels.pack(values)
    whole = np.frombuffer(base64.b64decode(text), "<i2")
    assert math.isfinite(unit) and unit > 0
    assert ((whole == kernels.MISSING) == ~np.isfinite(values)).all()
    finite = np.isfinite(values)
    assert np.abs(whole[finite] * unit - values[finite]).max(initial=0) <= 0.501 * unit


def test_the_scene_carries_the_whole_history() -> None:
    run = make_run()
    history = kernels.history(run)
    scene = figures.scene(run.id, "a label", history, kernels.course(run))
    assert np.abs(unpacked(scene["wall"]) - history.kernels).max() <= 0.5001 * scene["wall"]["unit"]
    assert scene["wall"]["steps"] == [0, 1, 235]
    assert scene["limit"] == history.limit()
    assert (scene["run"], scene["label"], scene["epochs"]) == (run.id, "a label", 10)


def test_one_scale_serves_every_step_of_a_run() -> None:
    """And not the note's kernels: beside their ±1.86 most walls would look as if nothing had been learned."""
    small = make_run("small", values=np.full((3, 6, 1, 5, 5), 0.01))
    scene = figures.scene("x", "", kernels.history(small), None)
    assert scene["limit"] == pytest.approx(0.01) and scene["note"]["limit"] == pytest.approx(1.8586)
    nothing = make_run("nothing", values=np.zeros((3, 6, 1, 5, 5)))
    assert figures.scene("x", "", kernels.history(nothing), None)["limit"] == 1
    grown = np.zeros((3, 6, 1, 5, 5))
    grown[1, 2, 0, 3, 4] = -7
    large = make_run("large", values=grown)
    assert figures.scene("x", "", kernels.history(large), None)["limit"] == 7


def test_what_is_not_a_number_stays_out_of_json() -> None:
    values = np.zeros((3, 6, 1, 5, 5))
    values[2, 0, 0, 0, :3] = np.nan, np.inf, -np.inf
    run = make_run(values=values)
    (run.path / "metrics.csv").write_text(
        "epoch,step,loss,train_acc,test_acc,examples_per_sec\n1,235,nan,0.1,0.1,5\n2,470,inf,0.2,0.1,5\n"
    )
    (run.path / "steps.csv").write_text("step,loss\n1,2.3\n2,inf\n3,nan\n")
    scene = figures.scene(run.id, "", kernels.history(run), kernels.course(run))
    json.dumps(scene, allow_nan=False)
    assert np.isnan(unpacked(scene["wall"])[2, 0, 0, 0, :3]).all()
    assert len(scene["curve"]["loss"]) == 1 and scene["curve"]["mean"] == []
    assert scene["curve"]["train"] == [(1.0, 0.1), (2.0, 0.2)]


@pytest.mark.parametrize("model", [{}, {"channels": (64, 16), "kernel_size": (11, 5), "padding": (5, 0)}])
def test_a_ten_epoch_run_is_at_most_300_kb(model: dict[str, Any]) -> None:
    steps = np.unique(np.geomspace(1, 2350, 180).astype(int))  # more snapshots than a trainer keeps
    run = make_run(steps=steps, **model)
    per_epoch = 235
    rows = [(e, e * per_epoch, 0.4712345, 0.8234567, 0.8051234, 19874.3) for e in range(1, 11)]
    (run.path / "metrics.csv").write_text(files.csv_text(runs.METRICS, rows))
    (run.path / "steps.csv").write_text(files.csv_text(runs.STEPS, [(s, 1 / s) for s in range(1, 2351)]))
    second = np.ones((kernels.MAX_SECOND // 25, 1, 5, 5), np.float32)  # the largest that is sent
    scene = figures.scene(run.id, run.label(), kernels.history(run), kernels.course(run), second)
    assert len(json.dumps(scene)) <= 300_000


def test_what_cannot_be_read_leaves_the_rest() -> None:
    scene = figures.scene("", "", None, None)
    assert scene["wall"] is None and scene["curve"] is None
    assert unpacked(scene["note"]).shape == (1, 6, 1, 5, 5)


def test_orders_hang_kernels_by_norm_and_by_similarity() -> None:
    a, b = np.zeros((2, 1, 5, 5), np.float32)
    a[0, 0], b[0, 4] = 1, 1
    wall = np.array([0.5 * b, 3 * a, 2 * b, -a + 0.1 * b, 0 * a], np.float32)
    orders = kernels.orders(wall)
    assert orders["norm"] == [1, 2, 3, 0, 4]
    assert orders["similarity"] == [1, 3, 0, 2, 4] or orders["similarity"] == [1, 3, 2, 0, 4]
    for order in kernels.orders(np.full((7, 1, 3, 3), np.nan, np.float32)).values():
        assert sorted(order) == list(range(7)), "whatever the weights, each kernel hangs once"


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
    run = make_run("r", **change)
    torch.manual_seed(0)
    net = LeNet(run.config.model)
    files.write_tensors(run.path / "model.safetensors", {k: v.numpy() for k, v in net.state_dict().items()})
    (expected,) = [
        m.weight for m in net if isinstance(m, torch.nn.Conv2d) and m.out_channels == 16 and m.in_channels == 6
    ]
    second = kernels.second_layer(run)
    assert second is not None and (second == expected.detach().numpy()).all()


def test_the_second_layer_is_the_runs() -> None:
    run = runs.find("reference-classic")
    second = kernels.second_layer(run)
    assert second is not None and second.shape == (16, 6, 5, 5)
    assert (second == run.weights()["3.weight"]).all()
    scene = figures.scene(run.id, "", kernels.history(run), None, second)
    assert np.abs(unpacked(scene["second"])[0] - second).max() <= 0.5001 * scene["second"]["unit"]
    assert scene["second"]["limit"] == np.abs(second).max()
    assert (
        kernels.second_layer(make_run("single", channels=(6,), kernel_size=(5,), padding=(2,), stride=(1,))) is None
    )
    large = make_run("large", channels=(64, 64))
    files.write_tensors(large.path / "model.safetensors", {"3.weight": np.zeros((64, 64, 5, 5), np.float32)})
    assert kernels.second_layer(large) is None, "too large to be drawn"
    files.write_tensors(large.path / "model.safetensors", {"3.weight": np.zeros((16, 6, 5, 5), np.float32)})
    with pytest.raises(LenetError):
        kernels.second_layer(large)


# -- to take away ------------------------------------------------------------------------------------------------


def test_csv_holds_every_weight_exactly() -> None:
    final = np.random.default_rng(1).normal(size=(3, 2, 5, 4)).astype(np.float32)
    rows = list(csv.DictReader(io.StringIO(kernels.to_csv(final))))
    assert len(rows) == final.size
    for row in rows:
        place = tuple(int(row[name]) - 1 for name in ("kernel", "channel", "row", "column"))
        assert np.float32(row["weight"]) == final[place]


# -- the note ----------------------------------------------------------------------------------------------------


def test_the_notes_kernels() -> None:
    """Its extremes and the corners of each kernel, read from the note once more."""
    assert kernels.NOTE.shape == (6, 1, 5, 5)
    assert np.round([kernels.NOTE.min(), kernels.NOTE.max()], 4).tolist() == [
        pytest.approx(-1.8586),
        pytest.approx(1.4649),
    ]
    corners = kernels.NOTE[:, 0, [0, 0, 4, 4], [0, 4, 0, 4]]
    expected = [
        [0.4587, 0.3089, -0.4480, -0.6273],
        [0.2813, 0.9983, 0.7197, 1.0881],
        [-0.2562, -0.2179, 0.4274, 0.4001],
        [1.3652, -0.3269, 1.2666, -0.0532],
        [-0.1916, -0.7518, -0.4576, -0.7528],
        [0.0822, 0.0807, 1.0586, 0.5327],
    ]
    assert corners.tolist() == [pytest.approx(row) for row in expected]


def test_reference_runs_fill_the_wall() -> None:
    for run in runs.references():
        history, course = kernels.history(run), kernels.course(run)
        assert history.steps[0] == 0 and history.steps[-1] == course.epochs * course.steps_per_epoch
        assert (np.diff(history.steps[:10]) == 1).all(), "dense in the first steps"
        assert (history.final == run.weights()["0.weight"]).all()


def test_words_of_the_wall_have_their_places() -> None:
    words = figures.scene("x", "", kernels.history(make_run()), None)["words"]
    assert words["alt"].startswith("6 kernels of 5×5 weights")
    assert set(re.findall(r"{(\w+)}", words["statistics"])) == {"min", "max", "mean", "norm"}
