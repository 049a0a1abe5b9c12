"""What the training page computes and draws from run directories."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import curves, runs
from lenet.figures import training as figures
from lenet.recipes import CLASSIC
from lenet.runs import Status


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
    assert curves.fraction_done(Status(), 10) == 0.0


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (7, "0:07"), (200, "3:20"), (3720, "1:02:00")])
def test_clock(seconds: float, text: str) -> None:
    assert curves.clock(seconds) == text


def test_progress_line_says_what_is_known() -> None:
    run = runs.find("reference-classic")
    line = curves.progress_line(run, run.status())
    assert line.startswith("finished · epoch 10 of 10 · ")
    assert "60,000 training images" in line


def test_parameter_dump_is_the_notes() -> None:
    dump = curves.parameter_dump(runs.find("reference-classic").weights())
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
        figure = figures.curves(shown, epochs=10, log_loss=len(shown) > 1)
        go.Figure(figure.to_dict())  # Plotly's own validation
        losses = [t for t in figure.data if list(t.x) == list(range(1, 11)) and list(t.y) == drawn[0].loss.tolist()]
        assert len(losses) == 1
    words = figures.describe(drawn)
    assert f"{drawn[1].test_acc[-1]:.1%}" in words


def test_a_run_without_a_point_is_an_empty_chart() -> None:
    run = runs.create(CLASSIC, "new")
    c = curves.curve(run)
    go.Figure(figures.curves([c], epochs=10).to_dict())
    assert figures.describe([c])


def test_table_lists_the_damaged_run_as_well() -> None:
    runs.create(CLASSIC, "fine")
    broken = runs.create(CLASSIC, "broken")
    (broken.path / "config.json").write_text("{")
    rows = {row["Run"]: row for row in curves.run_table()}
    assert rows["fine"]["State"] == "waiting"
    assert "config.json" in rows["broken"]["State"]
    assert rows["reference-modern"]["Best test accuracy"] > 0.85
