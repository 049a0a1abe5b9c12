"""Experiments: a question put to many runs, watched as they answer, with an interval; and what can be taken along.

The controls of a new experiment, the answer and the tabs below it are in `pages/parts/`.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import experiments, ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.experiments import questions
from lenet.experiments.store import Stored
from pages.parts import experiment_answer, experiment_panels, experiment_plan, experiment_settings

EVERY_PANEL = 3.0  # seconds between two updates of the open tab while runs are trained


def ask() -> None:
    """The controls of a new experiment; Start has its runs trained and shows it."""
    key = ui.choice(
        st.selectbox, _("Question"), experiment_settings.question_words(), key="question",
        default=questions.FIRST, on_change=experiment_answer.turn_to_question,
    )  # fmt: skip
    experiment_plan.offer(partial(experiment_settings.choose, key))


def choose_experiment(listed: list[Stored]) -> Stored | None:
    """The experiment whose answer is shown; None where its question has not been asked yet."""
    words = experiment_answer.words(listed)
    chosen = ui.choice(
        st.selectbox, _("Experiment"), words, key="experiment", default=next(iter(words)), always_in_url=True,
        on_change=experiment_answer.turn_to_experiment,
    )  # fmt: skip
    return experiments.find(chosen) if chosen != experiment_answer.NOT_YET else None
