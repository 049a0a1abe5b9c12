"""What can be taken along of an experiment: its runs, its numbers, the command that makes the same, a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from lenet import ui
from lenet.common.translation import translate as _
from lenet.experiments import Results, arguments, export, report, samples
from lenet.experiments.figures import curves, differences


def show(results: Results) -> None:
    """A button for each file, then the lines to copy. Figures have a button of their own that saves them as a picture."""
    name, numbers = results.experiment.id, samples.of_results(results)
    arms = [(arm.label(), samples.metrics(results, n)) for n, arm in enumerate(results.experiment.arms)]
    with st.container(horizontal=True):
        download(_("Runs (CSV)"), f"{name}-runs.csv", lambda: export.runs_csv(results))
        download(_("Curves (CSV)"), f"{name}-curves.csv", lambda: curves.bands_csv(arms))
        if len(numbers) > 1:
            download(_("Differences (CSV)"), f"{name}-differences.csv", lambda: differences.forest_csv(numbers))
        download(_("Results (JSON)"), f"{name}.json", lambda: json.dumps(report.as_json(results), indent=1) + "\n")
    ui.caption(_("The values are unrounded. The camera above a figure saves it as a picture."))
    if text := export.for_report(results):
        said = _("For a report")
        ui.caption(said)
        ui.lines(text, said, key="report_lines")
    said = _("The command that makes the same")
    ui.caption(said)
    ui.lines(arguments.command(results.experiment), said, key="command_lines")


def download(label: str, name: str, content: Callable[[], str]) -> None:
    """A button for a file, which is made when it is pressed."""
    st.download_button(label, content, name, icon=":material/download:", key=f"take {name}", on_click="ignore")
