"""What the training page computes and draws from run directories."""

from __future__ import annotations

import doctest
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs, training
from lenet.common.paths import PROJECT
from lenet.runs import Status
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import curves, figures
from lenet.training.run import train_run
from tests.helpers.plotted import numbers


@given(st.integers(0, 5000), st.integers(1, 700))
def test_thinned_curve_keeps_ends_and_mean(n: int, points: int) -> None:
    x, y = np.arange(1.0, n + 1), np.random.default_rng(n).random(n)
    tx, ty = curves.thin(x, y, points)
    assert len(tx) == len(ty) <= points
    if n:
        assert tx[-1] == n
        weights = np.diff(np.concatenate([[0], tx]))
        assert (ty * weights).sum() == pytest.approx(y.sum())


def test_figure_is_valid_and_holds_the_numbers() -> None:
    drawn = [curves.read_curve(runs.find(f"reference-{r}")) for r in ("classic", "modern")]
    for shown in ([drawn[0]], drawn):
        figure = figures.curves(shown, view=(0, 10), log_loss=len(shown) > 1)
        go.Figure(figure.to_dict())  # Plotly's own validation
        x_y = [(numbers(t["x"]), numbers(t["y"])) for t in figure.to_dict()["data"]]
        assert sum(list(x) == list(range(1, 11)) and np.allclose(y, drawn[0].loss) for x, y in x_y) == 1


def test_many_watch_one_curve() -> None:
    """Until a run grows, its curve and figure are the same objects; then they are new ones."""
    run = runs.create(CLASSIC, "grows")
    first = curves.read_curve(run)
    assert curves.read_curve(run) is first
    assert figures.curves([first], view=(0, 10)) is figures.curves([curves.read_curve(run)], view=(0, 10))
    (run.path / "steps.csv").write_text("step,loss\n1,2.5\n")
    grown = curves.read_curve(run)
    assert grown.step_loss.tolist() == [2.5]
    trace = figures.curves([grown], view=(0, 10)).to_dict()["data"][0]
    assert numbers(trace["y"]).tolist() == [2.5]


def test_the_curves_in_words() -> None:
    drawn = [curves.read_curve(runs.find(f"reference-{r}")) for r in ("classic", "modern")]
    words = figures.describe(drawn)
    assert f"{drawn[1].test_acc[-1]:.1%}" in words


def test_a_run_without_a_point_is_an_empty_chart() -> None:
    run = runs.create(CLASSIC, "new")
    c = curves.read_curve(run)
    go.Figure(figures.curves([c], view=(0, 10)).to_dict())
    assert figures.describe([c])


@pytest.mark.parametrize("log_loss", [False, True])
def test_a_later_range_is_seen_from_near(log_loss: bool) -> None:
    """Its axes hold what lies in the range, and little else; from the start they begin at 0."""
    c = curves.read_curve(runs.find("reference-classic"))
    layout = figures.curves([c], view=(8, 10), log_loss=log_loss).to_dict()["layout"]
    for axis, lines, log in (
        ("yaxis", [(c.step_x, c.step_loss), (c.epochs, c.loss)], log_loss),
        ("yaxis2", [(c.epochs, c.test_acc), (c.epochs, c.train_acc)], False),
    ):
        seen = np.concatenate([np.asarray(y)[(np.asarray(x) >= 8) & (np.asarray(x) <= 10)] for x, y in lines])
        low, high = (10**v if log else v for v in layout[axis]["range"])
        assert low < seen.min() and seen.max() < high
        assert (seen.max() - seen.min()) / (high - low) > 0.7
    whole = figures.curves([c], view=(0, 10)).to_dict()["layout"]
    assert whole["yaxis2"]["range"] == [0, 1.02] and whole["yaxis"]["rangemode"] == "tozero"
    assert "range" not in figures.curves([c], view=(20, 21)).to_dict()["layout"]["yaxis"]  # nothing is there


@pytest.mark.parametrize(
    ("view", "step", "shown"), [("all", 30, (0, 5)), ("last", 0, (0, 1)), ("last", 25, (2, 3)), ("last", 50, (4, 5)), ("2-4", 9, (2, 4))]
)  # fmt: skip
def test_view(view: str, step: int, shown: tuple[float, float]) -> None:
    assert curves.view_range(view, 5, Status(step=step, steps_per_epoch=10)) == shown


def test_gradient_figure(trained_run: runs.Run) -> None:
    layers = curves.gradients(trained_run)
    assert list(layers) == [
        "convolution 1 (0.weight)", "convolution 2 (3.weight)", "dense 1 (7.weight)", "dense 2 (9.weight)",
        "dense 3 (11.weight)",
    ]  # fmt: skip
    assert all((y > 0).all() and len(x) == len(y) == 4 for x, y in layers.values())
    go.Figure(figures.gradients([("a", layers), ("b", layers)]).to_dict())


@pytest.fixture
def trained_run() -> runs.Run:
    run = runs.create(replace(CLASSIC, epochs=1, examples_per_epoch=1000, data="sample", device="cpu"), "trained")
    train_run(run)
    return run


def test_a_notebook_gets_the_figure_of_a_run() -> None:
    drawn = training.curve(runs.find("reference-modern"), log_loss=True)
    traces = drawn.to_dict()["data"]
    metrics = runs.find("reference-modern").metrics()
    for name, column in (("train loss", "loss"), ("train acc", "train_acc"), ("test acc", "test_acc")):
        (trace,) = [t for t in traces if in_words(t) == name]
        np.testing.assert_allclose(numbers(trace["y"]), metrics[column])
        assert numbers(trace["x"]).tolist() == metrics["epoch"].tolist()
    assert drawn.layout.yaxis.type == "log" and drawn.layout.xaxis.range[1] > 10


def test_it_can_be_imported_without_plotly_and_draws_without_torch() -> None:
    """A worker has no use for the one, a notebook need not wait for the other."""
    code = (
        "import sys; from lenet import runs; from lenet.training import curve; assert 'plotly' not in sys.modules;"
        "print(len(curve(runs.find('reference-classic')).data)); assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "4"


def test_the_example_of_the_package_is_right() -> None:
    assert doctest.testmod(training).failed == 0 < doctest.testmod(training).attempted


def losses(*values: float) -> curves.Curve:
    """A curve of these losses, one an epoch."""
    x, y, none = np.arange(1.0, len(values) + 1), np.array(values), np.empty(0)
    return curves.Curve("id", "label", x, y, x * 0, x * 0, {}, none, none)


@pytest.mark.parametrize(
    ("values", "decades"),
    [((2.3, 0.4), [0.1, 1]), ((2.3, 2.2), [1]), ((2.3, 0.004), [0.001, 0.01, 0.1, 1]), ((0.5, 0.3), [0.1])],
)
def test_ticks_of_a_logarithmic_axis_are_decades(values: tuple[float, ...], decades: list[float]) -> None:
    axis = figures.curves([losses(*values)], view=(0, 3), log_loss=True).to_dict()["layout"]["yaxis"]
    low, high = axis["range"]
    assert axis["dtick"] == 1 and axis["minor"]["dtick"] == "D1"
    assert [10**n for n in range(-9, 9) if low <= n <= high] == pytest.approx(decades)
    assert low <= np.log10(min(values)) and np.log10(max(values)) < high


def test_a_logarithmic_axis_with_less_than_two_decades_has_whole_numbers() -> None:
    """Plotly's own ticks would be 4 and 5, for 0.4 and 0.5."""
    for values, ticks in (((2.3, 0.52, 0.45, 0.41), "L0.05"), ((2.3, 1.05, 0.6, 0.4), "L0.2")):
        axis = figures.curves([losses(*values)], view=(2, 4), log_loss=True).to_dict()["layout"]["yaxis"]
        assert axis["dtick"] == ticks


def in_words(trace: dict[str, Any]) -> str:
    """What a line is, as it says when a reader points at it."""
    words: str = trace["hovertemplate"].split(" %{")[0]
    return words


def drawn(*shown: curves.Curve) -> list[dict[str, Any]]:
    plain = figures.curves(shown, view=(0, 10)).to_dict()
    go.Figure(plain)
    traces: list[dict[str, Any]] = plain["data"]
    return traces


def drawn_lines(shown: curves.Curve) -> dict[str, dict[str, Any]]:
    """The lines of the figure of a run by what they are."""
    return {in_words(trace): trace for trace in drawn(shown)}


def with_metrics(name: str, config: RunConfig, *columns: str) -> curves.Curve:
    """The curve of a run whose metrics are 1, 1.125, 1.25, … in each epoch."""
    run = runs.create(config, name)
    row = ",".join(f"{1 + n / 8}" for n in range(1, 6 + len(columns)))
    (run.path / "metrics.csv").write_text(f"{','.join([*runs.METRICS, *columns])}\n1,{row}\n2,{row}\n")
    return curves.read_curve(run)


def test_losses_and_accuracies_of_all_images_that_a_run_has() -> None:
    config = replace(MODERN, validation=0.1)
    names = [
        "train loss",
        "train cross-entropy",
        "test loss",
        "validation loss",
        "test acc",
        "train acc",
        "validation acc",
    ]
    begun = with_metrics("begun", config, *runs.MORE_METRICS)
    lines = drawn_lines(begun)
    assert set(lines) == set(names)
    for name, value in {
        "test loss": 1.75,
        "validation loss": 1.875,
        "validation acc": 2.0,
        "train cross-entropy": 2.125,
    }.items():
        assert numbers(lines[name]["y"]).tolist() == [value, value]
        assert lines[name].get("yaxis") == ("y2" if name.endswith("acc") else None)
    # A live figure grows in place: it has its lines from the beginning.
    assert set(drawn_lines(curves.read_curve(runs.create(config, "new")))) == set(names)
    assert set(drawn_lines(with_metrics("old", CLASSIC))) == {"train loss", "test acc", "train acc"}
    assert set(drawn_lines(with_metrics("plain", CLASSIC, "test_loss"))) == {
        "train loss",
        "test loss",
        "test acc",
        "train acc",
    }


def test_several_runs_are_compared_by_what_does_not_depend_on_label_smoothing() -> None:
    modern, classic = (
        with_metrics("modern", MODERN, "test_loss", "train_cross_entropy"),
        with_metrics("classic", CLASSIC),
    )
    first = {t["name"]: t for t in reversed(drawn(modern, classic))}
    assert numbers(first[modern.label]["y"]).tolist() == [1.875, 1.875], "not the loss that is minimised"
    assert numbers(first[classic.label]["y"]).tolist() == [1.25, 1.25]
    assert [t["name"] for t in drawn(modern, classic) if t["showlegend"]] == [modern.label, classic.label]


def test_the_legend_names_each_kind_of_images_once_and_its_colour_is_the_same_left_and_right() -> None:
    config, columns = replace(MODERN, validation=0.1), ("test_loss", "val_loss", "val_acc", "train_cross_entropy")
    traces = drawn(with_metrics("smoothed", config, *columns))
    assert [t["name"] for t in traces if t["showlegend"]] == [
        "training images", "training images, without label smoothing", "test images", "validation images",
    ]  # fmt: skip
    for images in ("training images", "test images", "validation images"):
        lines = [t for t in traces if t["name"] == images]
        assert [t.get("yaxis") for t in lines] == [None, "y2"]
        assert lines[0]["line"] == lines[1]["line"] and lines[0]["legendgroup"] == lines[1]["legendgroup"]
    assert [t["name"] for t in drawn(with_metrics("old", CLASSIC)) if t["showlegend"]] == [
        "training images", "test images",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        (
            "modern, adamw, schedule cosine, early stopping 3, +2, 40 epochs, seed 5",
            ["modern, adamw, schedule cosine, early", "stopping 3, +2, 40 epochs, seed 5"],
        ),
        ("名" * 40, ["名" * 22, "名" * 18]),
        ("classic，10 轮，种子 0（随应用附带）", ["classic，10 轮，种子 0（随应用附带）"]),
        ("x" * 50, ["x" * 44, "x" * 6]),
        ("", [""]),
    ],
)
def test_a_long_label_is_folded_in_the_legend(label: str, lines: list[str]) -> None:
    shown = [replace(losses(1.0), label=label), losses(2.0)]
    assert drawn(*shown)[0]["name"].split("<br>") == lines


def test_of_several_runs_the_legend_says_what_the_dashes_mean() -> None:
    def words(*shown: curves.Curve) -> str:
        return str(figures.curves(shown, view=(0, 10)).to_dict()["layout"]["legend"].get("title", {}).get("text"))

    validated = with_metrics("validated", replace(CLASSIC, validation=0.1), "test_loss", "val_loss", "val_acc")
    assert words(losses(1.0), losses(2.0)) == "solid: test · dotted: training"
    assert words(losses(1.0), validated) == "solid: test · dotted: training · dashed: validation"
    assert words(validated) == "None"
