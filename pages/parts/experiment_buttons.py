"""The buttons of an experiment: stop it, have it go on, add seeds."""

from __future__ import annotations

import streamlit as st

from lenet import experiments, ui
from lenet.common.translation import translate as _
from lenet.experiments import Results, Stored, more_seeds, samples
from lenet.experiments.experiment import MAX_SEEDS
from lenet.runs.visitors import visitor
from pages.parts import experiment_answer, experiment_choice, experiment_plan


def show(stored: Stored, results: Results) -> None:
    """The buttons for what is possible now; none for whoever may not change the experiment."""
    if visitor().guest or not experiments.may_change(stored):
        return
    experiment_id = stored.experiment.id
    if experiment_answer.goes_on(results):
        st.button(
            _("Stop"), icon=":material/stop:", key="stop_experiment", help=stop_help(), width=112,
            on_click=ui.attempt, args=(experiments.stop, experiment_id),
        )  # fmt: skip
    elif results.waiting or results.failed:
        told = _("Train the runs that are missing, and try those again that have failed.")
        st.button(
            _("Go on"), icon=":material/resume:", key="go_on", help=told, width=112, on_click=go_on,
            args=(experiment_id,),
        )  # fmt: skip
    add = st.popover(_("Add seeds"), icon=":material/add:", key="add_seeds", on_change="rerun")
    if add.open:
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


def go_on(experiment_id: str) -> None:
    """Callback: have the experiment go on, where Start would have it trained."""
    if experiment_plan.on_cluster():
        ui.attempt(experiments.extend_on_cluster, experiment_id, 0, retry=True)
    else:
        ui.attempt(experiments.go_on, experiment_id, retry=True)


def add_seeds(experiment_id: str, seeds: int) -> None:
    """Callback: have the experiment so many seeds, and close what asked for them: it lies over the answer."""
    st.session_state["add_seeds"] = False
    extend = experiments.extend_on_cluster if experiment_plan.on_cluster() else experiments.extend
    ui.attempt(extend, experiment_id, seeds)
    experiment_choice.turn_question(experiment_id)  # the controls ask for as many
