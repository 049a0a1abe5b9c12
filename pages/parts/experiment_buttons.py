"""The buttons of an experiment: stop it, have it go on, add seeds."""

from __future__ import annotations

import streamlit as st

from lenet import experiments, ui
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.experiments import Results, control, more_seeds, samples
from lenet.experiments.experiment import MAX_SEEDS
from pages.parts import experiment_answer


def show(results: Results) -> None:
    """The buttons for what is possible now. Whoever may not change the experiment is told why."""
    experiment = results.experiment
    why_not = ""
    try:
        control.check_may_change(experiments.find(experiment.id))
    except LenetError as error:
        why_not = ui.plain(explain(error))
    if experiment_answer.goes_on(results):
        st.button(
            _("Stop"), icon=":material/stop:", key="stop_experiment", on_click=ui.attempt, disabled=bool(why_not),
            args=(experiments.stop, experiment.id), help=why_not or stop_help(),
        )  # fmt: skip
    elif results.waiting:
        st.button(
            _("Go on"), icon=":material/resume:", key="resume_experiment", on_click=ui.attempt, disabled=bool(why_not),
            args=(experiments.go_on, experiment.id), help=why_not or _("Train the runs that are missing."),
        )  # fmt: skip
    add = st.popover(
        _("Add seeds"), icon=":material/add:", key="add_seeds", on_change="rerun", disabled=bool(why_not), help=why_not or None
    )  # fmt: skip
    if add.open and not why_not:
        with add:
            offer_seeds(results)


def stop_help() -> str:
    return _(
        "Runs in training stop at their next step, and no other begins. What has finished stays the answer, with the interval "
        "that it has; Go on trains the rest."
    )


def offer_seeds(results: Results) -> None:
    """More seeds, what they would do to the interval, and what adding them because it was not clear does to it."""
    experiment = results.experiment
    most = min(MAX_SEEDS, 4 * max(experiment.seeds, 8))
    more = st.slider(_("More seeds"), 1, most - experiment.seeds, min(8, most - experiment.seeds), key="more_seeds")
    if said := more_seeds.more_seeds(samples.of_results(results), more):
        ui.caption(ui.plain(said))
    n = more * len(experiment.arms)
    st.button(
        _("Train {n} more runs").format(n=n), type="primary", key="train_seeds", on_click=add_seeds,
        args=(experiment.id, experiment.seeds + more),
    )  # fmt: skip


def add_seeds(experiment_id: str, seeds: int) -> None:
    """Callback: have the experiment so many seeds."""
    ui.attempt(experiments.extend, experiment_id, seeds)
    st.session_state["seeds"] = seeds
