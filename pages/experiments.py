"""Experiments: a question put to many runs, watched as they answer, with an interval; and what can be taken along.

The controls of a new experiment, the answer and the tabs below it are in `pages/parts/`.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import experiments, ui
from lenet.common.translation import translate as _
from lenet.experiments import Experiment, questions
from pages.parts import (
    experiment_answer,
    experiment_buttons,
    experiment_choice,
    experiment_panels,
    experiment_plan,
    experiment_settings,
)
from pages.parts.experiment_answer import Reader

EVERY_PANEL = 4.0  # seconds between two updates of the open tab while runs are trained


def ask() -> Experiment | None:
    """The controls of a new experiment, and the one that they ask for; Start has its runs trained and shows it."""
    words = experiment_settings.question_words()
    key = ui.choice(
        st.selectbox, _("Question"), words, key="question", default=questions.FIRST, on_change=experiment_choice.on_question
    )  # fmt: skip
    return experiment_plan.offer(partial(experiment_settings.choose, key))


def choose_experiment(words: dict[str, str]) -> str:
    """The experiment whose answer is shown."""
    return ui.choice(
        st.selectbox, _("Experiment"), words, key="experiment", default=next(iter(words)), always_in_url=True,
        on_change=experiment_choice.on_experiment,
    )  # fmt: skip


def show(experiment_id: str) -> None:
    """The answer of an experiment and what there is below it. Raises LenetError where it cannot be read."""
    stored = experiments.find(experiment_id)
    results = experiments.read(stored)
    every = experiment_answer.look_every(results)
    with head:
        experiment_buttons.show(stored, results)
    # The parts that run by themselves are called outside of that: Streamlit copies every container around one.
    with main.container(key="answer_words"):
        ui.part(experiment_answer.watch, Reader(experiment_id, results), every, every=every)
    with main.container(key="answer_figure"):
        experiment_answer.show_figure(results)
    if begun := st.session_state.pop("experiment_begun", None):
        with main:
            ui.scroll_to("answer", begun)  # the button may be far below it: on a phone, and under open settings
    with main.container(key="answer_panels"):
        ui.part(experiment_panels.show, Reader(experiment_id, results), every=EVERY_PANEL if every else None)


# In little room all this stands in one column, the answer first and the controls below it: see lenet/ui/phone.css.
controls, main = st.container(key="experiments").columns([1, 3.2], gap="medium")
listed = experiment_choice.listed()
experiment_choice.check_link(listed)
with controls.container(key="ask"):
    asked = ask()
head = main.container(key="answer_head", horizontal=True, vertical_alignment="bottom")
with head:
    chosen = choose_experiment(experiment_choice.words(listed))
if chosen == experiment_choice.NOT_YET:
    if asked:  # else it is said beside the controls what is wrong
        with main.container(key="answer_note"):
            experiment_plan.tell()
    with main.container(key="answer_to_come"):
        experiment_plan.show(asked)
else:
    with main:
        ui.guard(partial(show, chosen))
