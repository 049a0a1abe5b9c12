"""What the package offers to a notebook."""

from __future__ import annotations

import doctest
import subprocess
import sys

import numpy as np
import pytest

from lenet import kernels, runs
from lenet.common import colours, files, paths
from lenet.common.errors import LenetError
from lenet.kernels.figures import heatmaps
from lenet.runs.configuration import CLASSIC
from tests.helpers.kernels import random_kernels, run_with_kernels


def test_its_examples() -> None:
    assert doctest.testmod(kernels).failed == 0


def test_the_wall_of_a_run_is_a_figure_to_work_with() -> None:
    run = runs.find("reference-classic")
    figure = kernels.wall(run)
    final = kernels.read_history(run).final
    assert len(figure.data) == 6
    for drawn, kernel in zip(figure.data, final, strict=True):
        assert drawn.type == "heatmap" and (np.asarray(drawn.z) == kernel[0]).all()
        assert drawn.zmax == -drawn.zmin == np.abs(final).max(), "one scale, centred on zero"
        assert [list(stop) for stop in drawn.colorscale] == colours.DIVERGING
    assert f"{run.metrics()['test_acc'][-1]:.1%}" in figure.layout.title.text
    figure.update_layout(title="mine")
    assert figure.layout.title.text == "mine" and kernels.wall(run).layout.title.text != "mine"


@pytest.mark.parametrize(
    ("asked", "step", "accuracy"),
    [(0, 0, None), (1, 1, None), (235, 235, 0), (236, 235, 0), (np.int64(470), 470, 1), (2350, 2350, 9)],
)
def test_the_wall_at_an_earlier_step(asked: int, step: int, accuracy: int | None) -> None:
    """Of the snapshots the nearest one; with the test accuracy of the epoch that ended there."""
    run = runs.find("reference-classic")
    steps, every = run.kernels()
    figure = kernels.wall(run, asked)
    drawn = np.stack([np.asarray(trace.z) for trace in figure.data])
    np.testing.assert_array_equal(drawn, every[list(steps).index(step), :, 0])
    title = f"step {step}"
    if accuracy is not None:
        title += f" · test acc {run.metrics()['test_acc'][accuracy]:.1%}"
    assert figure.layout.title.text.endswith(title)


@pytest.mark.parametrize("step", [-1, 2351, 1.5, "first"])
def test_a_step_that_is_none_of_the_run_is_a_sentence(step: int) -> None:
    with pytest.raises(LenetError, match=f"step must .* {step}"):
        kernels.wall(runs.find("reference-classic"), step)


@pytest.mark.parametrize(("out", "channels"), [(1, 1), (7, 3), (64, 1)])
def test_walls_of_other_networks(out: int, channels: int) -> None:
    values = random_kernels(1, out, channels, 5, 5)
    values[0, 0, 0, 0, 0] = np.nan
    figure = heatmaps.wall("mine", kernels.History(np.zeros(1, int), values))
    assert len(figure.data) == out and figure.data[0].zmax == np.nanmax(np.abs(values))
    assert np.asarray(figure.data[0].z).shape == (5, 5 * channels + channels - 1), "channels side by side"


def test_a_run_before_its_first_epoch_has_no_accuracy() -> None:
    run = run_with_kernels()
    assert kernels.wall(run).layout.title.text == f"{run.label()} · step 235"


def test_a_run_without_kernels_has_no_wall() -> None:
    with pytest.raises(LenetError):
        kernels.wall(runs.create(CLASSIC, "waiting"))
    run = run_with_kernels()
    files.write_atomic(run.path / "kernels.safetensors", b"")
    with pytest.raises(LenetError):
        kernels.wall(run)


def test_it_loads_plotly_when_it_draws_and_never_torch() -> None:
    code = (
        "import sys; from lenet import kernels, runs; assert 'plotly' not in sys.modules; "
        "kernels.wall(runs.find('reference-classic')); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)
