"""Figures for notebooks: real ones, in Plotly's template, whatever a page's theme is; and words of figures on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import plotly.io as pio
import pytest

from lenet import kernels, pooling, runs, training
from lenet.common import charts

FIGURES: dict[str, Callable[[], go.Figure]] = {
    "curve": lambda: training.curve(runs.find("reference-classic")),
    "wall": lambda: kernels.wall(runs.find("reference-classic")),
    "pooling": lambda: pooling.figure(pooling.Pooling("max", 2, 1), np.arange(9.0).reshape(3, 3)),
}


@pytest.mark.parametrize("name", FIGURES)
def test_notebook_figures_follow_plotlys_template(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that is set when they are made: not that of the first call, and no theme of a page."""
    for template in ("plotly", "plotly_dark", "simple_white"):
        monkeypatch.setattr(pio.templates, "default", template)
        assert FIGURES[name]().layout.template == pio.templates[template]


@pytest.mark.parametrize("name", FIGURES)
def test_notebook_figures_are_their_owners(name: str) -> None:
    """What is changed in one does not show in the next, and what is drawn are arrays."""
    figure = FIGURES[name]()
    assert type(figure) is go.Figure
    figure.update_layout(height=123, title="mine", template="plotly_white").update_traces(opacity=0.5)
    again = FIGURES[name]()
    assert again.layout.title.text != "mine" and again.layout.height != 123
    for trace in again.data:
        assert trace.opacity != 0.5
        for axis in ("x", "y", "z"):
            assert not isinstance(trace.to_plotly_json().get(axis), dict)
    assert json.loads(again.to_json())["layout"]["height"] == again.layout.height


def test_packed_arrays_are_unpacked() -> None:
    z, x = np.arange(6, dtype=np.uint8).reshape(2, 3), np.array([0.5, 1.5, 2.5])
    drawn = charts.figure([{"type": "heatmap", "z": z, "x": x, "name": "a"}], height=100)
    (trace,) = charts.notebook_figure(drawn.to_dict()).data
    np.testing.assert_array_equal(trace.z, z)
    np.testing.assert_array_equal(trace.x, x)
    assert trace.name == "a"


@pytest.mark.parametrize(
    ("text", "width", "folded"),
    [
        ("classic, lr 0.1", 20, "classic, lr 0.1"),
        ("classic, lr 0.1", 9, "classic,<br>lr 0.1"),
        ("classic-1124-101333", 8, "classic-<br>1124-101<br>333"),  # no space in it
        ("测试图像 7", 8, "测试图像<br>7"),  # each as wide as two
    ],
)
def test_long_names_are_folded(text: str, width: int, folded: str) -> None:
    assert charts.folded(text, width) == folded
    assert all(charts.letters(line) <= width for line in folded.split("<br>"))


def test_a_legend_is_as_high_as_its_lines() -> None:
    line = charts.legend_height(["a"])
    assert charts.legend_height(["a"] * 5) == line, "beside each other"
    assert charts.legend_height(["a" * 40] * 5) == 5 * line
    assert charts.legend_height(["a" * 40 + "<br>b"] * 5) == 10 * line
    assert charts.legend_height([]) == 0
