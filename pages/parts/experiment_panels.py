"""The tabs below an answer: curves, differences, kernels, the runs, and what can be taken along."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from lenet import ui
from lenet.common.translation import translate as _
from lenet.experiments import Results, samples
from lenet.experiments.figures import curves, differences
from pages.parts import experiment_files, experiment_kernels, experiment_runs
from pages.parts.experiment_answer import Reader

Panel = Callable[[Results], None]


def show(reader: Reader) -> None:
    """The tabs, with the content of the open one. Called again every few seconds while runs are trained."""
    results = reader.read()
    panels: dict[str, tuple[str, Panel]] = {
        "curves": (_("Curves"), show_curves),
        "differences": (_("Differences"), show_differences),
        "kernels": (_("Kernels"), experiment_kernels.show),
        "runs": (_("Runs"), experiment_runs.show),
        "files": (_("Take along"), experiment_files.show),
    }
    if len(results.experiment.arms) == 1:
        del panels["differences"]
    for name, tab in ui.tabs({name: label for name, (label, _show) in panels.items()}, key="panel").items():
        if tab.open:
            with tab:
                ui.guard(partial(panels[name][1], results))


def show_curves(results: Results) -> None:
    """The curves of all runs as bands."""
    arms = [(arm.label(), samples.metrics(results, n)) for n, arm in enumerate(results.experiment.arms)]
    if not any(columns for _name, columns in arms):
        ui.caption(_("No epoch has finished yet."))
        return
    ui.caption(
        _("Test accuracy and test loss after each epoch: the mean of the runs, and from the lowest to the highest.")
    )
    st.plotly_chart(
        curves.bands(arms), key="bands", alt=curves.bands_alt(arms), config=ui.plotly_config("experiment-curves")
    )  # fmt: skip


def show_differences(results: Results) -> None:
    """Each pair of arms, compared seed by seed."""
    numbers = samples.of_results(results)
    ui.caption(
        _(
            "Runs with the same seed begin with the same random numbers, so arms are compared seed by seed: a dot is the difference "
            "of one seed, the diamond their mean with its interval (95%). A full diamond is a clear difference."
        )
    )
    if not differences.drawn(numbers):
        ui.caption(_("No seed has finished in two arms yet."))
        return
    st.plotly_chart(
        differences.forest(numbers), key="forest", alt=differences.forest_alt(numbers),
        config=ui.plotly_config("experiment-differences"),
    )  # fmt: skip
