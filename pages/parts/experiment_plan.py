"""What a new experiment costs, and the button that begins it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lenet import data, experiments, ui
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import Experiment, estimate
from lenet.runs import rules
from lenet.runs.visitors import check_may_act, visitor
from lenet import runs
from pages.parts import experiment_choice


def offer(choose: Callable[[], Experiment]) -> None:
    """What the experiment that `choose` gives costs, and the button; where there can be none, why."""
    chosen: Experiment | LenetError
    try:
        chosen = choose()
        ui.caption(ui.plain(cost(chosen)))
    except LenetError as error:
        chosen = error
        ui.problem(error)
    if st.button(_("Start"), type="primary", icon=":material/play_arrow:", width="stretch", key="begin"):
        ui.attempt(begin, chosen)
    if limits := rules.my_limits():
        line, more = limits.in_words(runs.waiting_of(visitor().owner))
        ui.caption(line, help=more)


def cost(experiment: Experiment) -> str:
    """How many runs it has, and how long they are trained on this machine."""
    known = estimate.before(experiment)
    arms = len(experiment.arms)
    text = ngettext("{n} run", "{n} runs", known.runs).format(n=known.runs)
    if arms > 1:
        text = _("{arms} arms × {seeds} seeds = {runs}").format(arms=arms, seeds=experiment.seeds, runs=text)
    parts = [text]
    if known.trained:
        parts.append(_("{n} of them trained already").format(n=known.trained))
    at_once = 2
    if within := known.within(at_once):
        time = _("about {time} here").format(time=within.words())
        parts.append(time)
    return _(" · ").join(parts)
