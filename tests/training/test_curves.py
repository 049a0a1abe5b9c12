"""What the training page computes and draws from run directories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.runs import Status, configuration
from lenet.runs.configuration import CLASSIC
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


def test_progress_and_time_left() -> None:
    status = Status(state="running", step=300, steps_per_epoch=100, started=1000.0, started_step=100, updated=1020.0)
    assert curves.fraction_done(status, 10) == pytest.approx(0.3)
    assert curves.seconds_left(status, 10) == pytest.approx(70)  # 700 steps at 10 a second
    assert curves.examples_per_sec(status, 256) == pytest.approx(2560)
    assert curves.seconds_left(Status(), 10) is None
    assert curves.seconds_left(replace(status, updated=1001.5), 10) is None  # too early to tell
    assert curves.fraction_done(Status(), 10) == 0.0


def test_progress_line_says_what_is_known() -> None:
    run = runs.find("reference-classic")
    line = curves.progress_line(run, run.status())
    assert line.startswith("finished · epoch 10 of 10 · ")
    assert "60,000 images an epoch" in line
    again = replace(run.status(), state="queued", epoch=2)
    assert curves.progress_line(run, again).startswith("waiting · goes on after epoch 2 · ")
    assert curves.progress_line(run, Status()).startswith("waiting · epoch 0 of 10")


def test_parameter_dump_is_the_notes() -> None:
    dump = curves.parameter_dump(runs.find("reference-classic"))
    lines = dump.splitlines()
    assert [line for line in lines if "shape" in line] == [
        "0.weight: shape=(6, 1, 5, 5)", "0.bias: shape=(6,)", "3.weight: shape=(16, 6, 5, 5)", "3.bias: shape=(16,)",
        "7.weight: shape=(120, 400)", "7.bias: shape=(120,)", "9.weight: shape=(84, 120)", "9.bias: shape=(84,)",
        "11.weight: shape=(10, 84)", "11.bias: shape=(10,)",
    ]  # fmt: skip
    first = dump.split("0.bias")[0]
    numbers = [float(x) for x in first[first.index("([") + 2 : first.index("])")].split(",")]
    expected = runs.find("reference-classic").weights()["0.weight"].ravel()[:10]
    np.testing.assert_allclose(numbers, expected, atol=5e-5)


def test_figure_is_valid_and_holds_the_numbers() -> None:
    drawn = [curves.curve(runs.find(f"reference-{r}")) for r in ("classic", "modern")]
    for shown in ([drawn[0]], drawn):
        figure = figures.curves(shown, view=(0, 10), log_loss=len(shown) > 1)
        go.Figure(figure.to_dict())  # Plotly's own validation
        x_y = [(numbers(t["x"]), numbers(t["y"])) for t in figure.to_dict()["data"]]
        assert sum(list(x) == list(range(1, 11)) and np.allclose(y, drawn[0].loss) for x, y in x_y) == 1


def test_many_watch_one_curve() -> None:
    """Until a run grows, its curve and figure are the same objects; then they are new ones."""
    run = runs.create(CLASSIC, "grows")
    first = curves.curve(run)
    assert curves.curve(run) is first
    assert figures.curves([first], view=(0, 10)) is figures.curves([curves.curve(run)], view=(0, 10))
    (run.path / "steps.csv").write_text("step,loss\n1,2.5\n")
    grown = curves.curve(run)
    assert grown.step_loss.tolist() == [2.5]
    trace = figures.curves([grown], view=(0, 10)).to_dict()["data"][0]
    assert numbers(trace["y"]).tolist() == [2.5]


def test_the_curves_in_words() -> None:
    drawn = [curves.curve(runs.find(f"reference-{r}")) for r in ("classic", "modern")]
    words = figures.describe(drawn)
    assert f"{drawn[1].test_acc[-1]:.1%}" in words


def test_a_run_without_a_point_is_an_empty_chart() -> None:
    run = runs.create(CLASSIC, "new")
    c = curves.curve(run)
    go.Figure(figures.curves([c], view=(0, 10)).to_dict())
    assert figures.describe([c])


@pytest.mark.parametrize("log_loss", [False, True])
def test_a_later_range_is_seen_from_near(log_loss: bool) -> None:
    """Its axes hold what lies in the range, and little else; from the start they begin at 0."""
    c = curves.curve(runs.find("reference-classic"))
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


def test_confusion_and_mistakes() -> None:
    labels, classes = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 0, 2])
    matrix = curves.confusion(labels, classes, 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    worst = curves.worst_mistakes(labels, classes, np.array([0.9, 0.6, 0.99, 0.8, 1.0]), 5)
    assert worst.tolist() == [3, 1]
    images = np.zeros((2, 28, 28))
    go.Figure(figures.mistakes(images, [curves.mistake_words(0, 1, 0.5)] * 2).to_dict())
    go.Figure(figures.confusion(curves.confusion(labels, classes)).to_dict())
    assert curves.worst_mistakes(labels, labels, np.ones(5), 5).tolist() == []


def test_changed_settings_are_named() -> None:
    changed = replace(CLASSIC, lr=0.5, model=replace(CLASSIC.model, activation="tanh"), seed=4)
    assert curves.changes(CLASSIC, CLASSIC) == []
    assert curves.changes(changed, CLASSIC) == ["Learning rate 0.9 → 0.5", "Activation sigmoid → tanh"]
    one, other = runs.create(CLASSIC, "one"), runs.create(changed, "other")
    rows = curves.settings_table([one, other], differing=True)
    assert [(r["Setting"], r["In files"], r["one · classic"], r["other · classic"]) for r in rows] == [
        ("Learning rate", "lr", "0.9", "0.5"), ("Seed", "seed", "0", "4"),
        ("Activation", "model.activation", "sigmoid", "tanh"),
    ]  # fmt: skip
    assert {r["In files"] for r in curves.settings_table([one], differing=False)} == set(configuration.flat(CLASSIC))
    assert one.label() == "one · classic, 10 epochs, seed 0"
    assert other.label() == "other · classic, 10 epochs, seed 4, own network"


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


def test_table_of_all_runs_and_what_is_wrong_with_those_that_are_not_in_it() -> None:
    runs.create(CLASSIC, "fine").rename("first try")
    broken = runs.create(CLASSIC, "broken")
    (broken.path / "config.json").write_text("{")
    table, (sentence,) = curves.run_table()
    rows = {row["In files"]: row for row in table}
    assert (rows["fine"]["State"], rows["fine"]["Run"]) == ("waiting", "first try")
    assert "broken" not in rows
    assert "config.json of the run “broken” cannot be read: JSONDecodeError" in sentence
    assert rows["reference-modern"]["Best test accuracy"] > 0.85
    assert rows["reference-modern"]["Run"] == "modern (came with the app)"


def test_runs_of_one_name_are_told_apart() -> None:
    made = [runs.create(CLASSIC, "classic-1124-120000-00ab"), *(runs.create(CLASSIC, name) for name in ("a", "b"))]
    for run in made[1:]:
        run.rename("same")
    assert curves.short_names(made) == ["00ab · classic", "same (a)", "same (b)"]
    assert len(curves.settings_table(made, differing=False)[0]) == 5


def test_what_to_expect_on_the_sample() -> None:
    sprint = replace(configuration.SPRINT, data="sample")
    assert "only 32 steps: take 2 epochs or more" in curves.sample_hint(sprint)
    assert curves.sample_hint(replace(sprint, epochs=2)) == ""
    assert "plateau" in curves.sample_hint(replace(CLASSIC, data="sample"))
    assert curves.sample_hint(replace(configuration.MODERN, data="sample")) == ""


def test_the_line_of_a_running_run_says_how_busy_its_device_is() -> None:
    status = Status(state="running", use=0.63, memory=2 * 2**30, memory_total=8 * 2**30)
    assert curves.device_in_use(status) == ["63% of the GPU busy", "2.0 of 8.0 GiB"]
    assert curves.device_in_use(Status(use=0.5)) == ["50% of all cores used by this training"]
    assert curves.device_in_use(Status(state="running")) == []
