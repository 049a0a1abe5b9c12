"""The answer of an experiment as far as its runs go: how far they are, and what follows from their numbers."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lenet import experiments, runs, ui
from lenet.classroom import training
from lenet.common.errors import explain
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import Results, conclusions, estimate, more_seeds, samples
from lenet.experiments.figures import seeds
from lenet.training import figures
from pages.parts import experiment_runs

EVERY = 1.5
"""Seconds between two looks at the runs of an experiment that goes on."""
SELDOM = 15.0
"""Likewise of one of which runs are still to come: a command or a cluster may train it, or the members of a class."""


class Reader:
    """Reads an experiment for a part of the page that runs by itself: the first time it is as the page has read it."""

    def __init__(self, experiment_id: str, results: Results) -> None:
        self._id = experiment_id
        self._first: Results | None = results

    def read(self) -> Results:
        """How the experiment stands now. Raises LenetError."""
        results, self._first = self._first, None
        return results or experiments.read(self._id)


def watch(reader: Reader, every: float | None) -> None:
    """How far the runs are and what they say. While the experiment goes on, this part of the page reruns by itself.

    `every` is the seconds between two reruns; if they are outdated, the whole page is rerun.
    """
    results = reader.read()
    experiment_id = results.experiment.id
    if goes_on(results) or experiments.held_up(results):
        tend(experiment_id)
    if results.waiting or results.failed:
        st.progress(share_done(results), text=ui.plain(progress_line(results)))
    if waits_for_cluster(results) and (line := experiments.last_words(experiment_id)):
        ui.caption(ui.plain(_("The process that trains on the cluster says: {line}").format(line=line)))
    conclude(results)
    scene = figures.live("answer", draw(results)[0], experiment_id, growing=every is not None)
    ui.component("training/component")(key="live", data=scene)
    if every != look_every(results):
        st.rerun()


def goes_on(results: Results) -> bool:
    """Whether runs are trained or wait to be, by workers or by a process that has a cluster train them. One that was stopped
    does not go on, though another experiment may need some of its runs."""
    if results.stopped:
        return False
    return at_work(results) or (bool(results.waiting) and experiments.is_driven(results.experiment.id))


def at_work(results: Results) -> bool:
    """Whether some of its runs are trained or wait to be, for whatever experiment."""
    return any(o.state in ("queued", "running") for o in results.outcomes)


def waits_for_cluster(results: Results) -> bool:
    """Whether no run is trained although some are to be: then what the cluster has said, if it was one, tells why."""
    if results.stopped or not results.waiting or any(o.state == "running" for o in results.outcomes):
        return False
    return not goes_on(results) or experiments.is_driven(results.experiment.id)


def look_every(results: Results) -> float | None:
    """Seconds between two updates of an experiment; None if nothing of it is to come."""
    if goes_on(results) or at_work(results):
        return EVERY
    if results.waiting:
        return None if results.stopped else SELDOM
    return SELDOM if training.takes_runs(experiments.find(results.experiment.id)) else None


def tend(experiment_id: str) -> None:
    """Have workers there for the runs that wait for them, and those queued that the limits of a public server let in by now.

    Raises LenetError where the experiment is gone."""
    if experiments.find(experiment_id).by_workers:
        ui.attempt(runs.supervisor().ensure_running)
    if refusal := experiments.keep_up(experiment_id):
        told = _("Not all runs are in the queue yet; the others follow by themselves. {reason}")
        ui.caption(ui.plain(told.format(reason=explain(refusal))))


def share_done(results: Results) -> float:
    """The share of all epochs that has been trained."""
    whole = sum(results.experiment.config(o.arm, o.seed).epochs for o in results.outcomes)
    done = sum(
        results.experiment.config(o.arm, o.seed).epochs if o.state in ("finished", "failed") else o.epochs
        for o in results.outcomes
    )
    return done / whole


def progress_line(results: Results) -> str:
    """How many runs have finished, are in training and have failed, and how long the others take."""
    n, all_runs = len(results.finished), len(results.outcomes)
    parts = [ngettext("{n} of {all} run finished", "{n} of {all} runs finished", all_runs).format(n=n, all=all_runs)]
    if running := sum(o.state == "running" for o in results.outcomes):
        parts.append(ngettext("{n} in training", "{n} in training", running).format(n=running))
    elif goes_on(results) and not any(worker.state == "training" for worker in runs.read_states()):
        parts.append(_("the trainer is starting …"))
    if failed := len(results.failed):
        parts.append(ngettext("{n} failed", "{n} failed", failed).format(n=failed))
    if results.waiting and results.stopped:
        parts.append(_("stopped"))
    elif goes_on(results) and (left := estimate.rest(results).within(running_at_once(results, running))):
        parts.append(_("about {time} left").format(time=left.words()))
    return " · ".join(parts)


def running_at_once(results: Results, running: int) -> int:
    """How many runs are trained at a time, also in the moment between two of them."""
    if experiments.is_driven(results.experiment.id):
        return max(running, 1)
    return max(running, estimate.at_once(results.experiment))


def conclude(results: Results) -> None:
    """The sentence that follows from the numbers, and what has to be said beside it."""
    numbers = samples.of_results(results)
    found = conclusions.conclude(numbers, chance=samples.chance(results), factors=samples.factors(results))
    ui.markdown(ui.plain(found.sentence))
    enough = min(len(sample.values) for sample in numbers) >= 2
    text, more = more_seeds.stopping(numbers) if enough and goes_on(results) else ("", "")
    remarks = paragraph(*found.remarks, more_seeds.looked_at_before(numbers, results.looks))
    if text:  # a line that stays as long as it is: the figure below is not to jump with every run that ends
        ui.caption(ui.plain(text), help=ui.plain(paragraph(remarks, more)))
    elif remarks:
        ui.caption(ui.plain(remarks))


# -- the figure --------------------------------------------------------------------------------------------------------


def show_figure(results: Results) -> None:
    """The strip of seeds as it is when the page runs; what comes later reaches it through `watch`."""
    figure, alt = draw(results)
    name = results.experiment.id
    st.plotly_chart(
        figure, key="answer", alt=alt, config=ui.plotly_config(name), on_select="rerun", selection_mode="points"
    )  # fmt: skip
    show_selected(results)


def draw(results: Results) -> tuple[Any, str]:
    """The figure, and what it shows in words."""
    numbers = samples.of_results(results)
    return seeds.strip(numbers, samples.run_ids(results)), seeds.strip_alt(numbers)


def show_selected(results: Results) -> None:
    """Where the run of the point that the reader has clicked is to be seen."""
    chosen: Any = st.session_state.get("answer", {})
    points = chosen.get("selection", {}).get("points", []) if chosen else []
    place = seeds.place_of(points[0]) if points else None
    found = next((o for o in results.finished if (o.arm, o.seed) == place), None)
    if found:
        experiment_runs.show_run(found, results.experiment.arms[found.arm].label())
        if not found.run_id:
            ui.caption(experiment_runs.only_numbers())
