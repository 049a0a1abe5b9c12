"""What a new experiment costs, and the button that begins it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lenet import data, experiments, runs, ui
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.experiments import Experiment, estimate, report
from lenet.experiments.engines import cluster
from lenet.experiments.figures import seeds
from lenet.experiments.statistics import Sample
from lenet.runs import rules
from lenet.runs.visitors import visitor


def offer(choose: Callable[[], Experiment]) -> Experiment | None:
    """The experiment that `choose` gives, what it costs, and the button that begins it; where there can be none, why."""
    chosen, engine = None, choose_engine()
    try:
        chosen = choose()
        ui.caption(ui.plain(cost(chosen, engine == "ray")))
    except LenetError as error:
        ui.problem(error)
    pressed = st.button(_("Start"), type="primary", icon=":material/play_arrow:", width="stretch", key="begin")
    if pressed and chosen and engine:  # else it is said above why nothing begins
        ui.attempt(begin, chosen, engine == "ray")
    elif (equal := st.session_state.get("experiment_equal")) and equal == st.session_state.get("experiment"):
        st.info(_("This has been asked already; the answer is shown here."), icon=":material/info:")
    if limits := rules.my_limits():
        line, more = limits.in_words(runs.waiting_of(visitor().owner))
        ui.caption(line, help=more)
    return chosen


def choose_engine() -> str:
    """What trains the runs: `local`, the workers of this machine, or `ray`, where a cluster is named and may be used; "" where
    that cluster has been chosen and cannot be used, and why."""
    if not cluster.named() or not visitor().operator:
        return "local"
    words = {"local": _("This machine"), "ray": _("Cluster")}
    chosen = ui.choice(
        st.segmented_control, _("Train on"), words, key="engine", default="local", required=True, width="stretch"
    )
    if chosen == "ray" and (error := found.error if (found := cluster.describe()) else None):
        ui.problem(error)
        return ""
    return chosen


def on_cluster() -> bool:
    """Whether the reader has chosen the cluster."""
    return bool(cluster.named()) and visitor().operator and st.session_state.get("engine") == "ray"


def begin(chosen: Experiment, on_cluster: bool) -> None:
    """Have the runs trained, and show the experiment. Raises LenetError."""
    data.find(chosen.base.data, chosen.base.dataset)  # raises at once if the images are missing
    before = {known.experiment.id for known in experiments.list_experiments()}
    start = experiments.start_on_cluster if on_cluster else experiments.start
    begun = start(chosen).experiment
    st.session_state["experiment"] = st.session_state["experiment_begun"] = begun.id
    st.session_state["experiment_equal"] = begun.id if begun.id in before else None


def cost(experiment: Experiment, on_cluster: bool) -> str:
    """How many runs it has, and how long they are trained."""
    known, arms = estimate.before(experiment), len(experiment.arms)
    text = ngettext("{n} run", "{n} runs", known.runs).format(n=known.runs)
    if arms > 1:
        text = _("{arms} arms × {seeds} seeds = {runs}").format(arms=arms, seeds=experiment.seeds, runs=text)
    parts = [text]
    if known.trained:
        parts.append(_("{n} of them trained already").format(n=known.trained))
    at_once = estimate.at_once(experiment)
    if within := known.within(at_once):
        told = _("about {time} on this machine, {n} at a time")
        parts.append(told.format(time=within.words(), n=min(at_once, known.new)))
    if on_cluster and (found := cluster.describe()) and found.cpus:
        parts.append(
            ngettext(
                "a cluster of {nodes} node with {cpus} CPUs",
                "a cluster of {nodes} nodes with {cpus} CPUs",
                found.nodes,
            ).format(nodes=found.nodes, cpus=f"{found.cpus:g}")
        )
        if within := known.within(int(found.cpus)):
            parts.append(_("there about {time}, if its CPUs are as fast").format(time=within.words()))
    return " · ".join(parts)


def tell() -> None:
    """What comes in place of the answer that is not there yet."""
    st.info(
        _("This question has not been asked here yet. Start trains its runs, and the answer appears here."),
        icon=":material/info:",
    )


def show(experiment: Experiment | None) -> None:
    """What is shown of a question before it is asked: its arms, with room for their runs."""
    if experiment is None:
        return
    waiting = tuple(range(experiment.seeds))
    arms = [Sample(report.arm_name(experiment, arm), {}, waiting=waiting) for arm in experiment.arms]
    st.plotly_chart(seeds.strip(arms, {}), key="answer", alt=seeds.strip_alt(arms))
