"""Which experiment is shown: the question and the list of experiments follow each other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lenet import experiments, ui
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.experiments import questions, values
from lenet.experiments.questions import OWN, QUESTIONS
from lenet.experiments.store import Stored
from lenet.runs import labels
from lenet.runs.visitors import visitor
from pages.parts import experiment_settings

NOT_YET = "new"
"""The choice of no experiment: a question that has not been asked yet."""


def listed() -> list[Stored]:
    """The reader's own experiments, the newest first, and those that came with the app; on a laptop, all."""
    who = visitor()
    return [known for known in experiments.list_experiments() if known.is_reference or who.may_change(known.owner)]


def words(known: Sequence[Stored]) -> dict[str, str]:
    """The experiments to choose from by their ids, with the one that the reader's link names, whoever's that is."""
    found = {stored.experiment.id: title(stored) for stored in known}
    asked = st.session_state.get("experiment", ui.query().get("experiment"))
    if isinstance(asked, str) and asked not in (*found, NOT_YET):
        try:
            found[asked] = title(experiments.find(asked))
        except LenetError as error:
            if ui.query().pop("experiment", None) or "experiment" in st.session_state:
                ui.notice(error.code, **error.params)
            st.session_state.pop("experiment", None)
    return found | {NOT_YET: _("not asked yet")}


def title(stored: Stored) -> str:
    """What an experiment is called in the list: what it asks, and how."""
    e = stored.experiment
    text = ngettext("{title} · {recipe}, {n} seed", "{title} · {recipe}, {n} seeds", e.seeds)
    text = text.format(title=questions.title(e), recipe=labels.label(e.base), n=e.seeds)
    return _("{name} (came with the app)").format(name=text) if stored.is_reference else text


def check_link(known: Sequence[Stored]) -> None:
    """Have question and experiment of the reader's link agree, before the widgets read it."""
    if not ui.arrived():
        return
    query, state = ui.query(), st.session_state
    if query.get("experiment", NOT_YET) == NOT_YET and "question" in query:
        state["experiment"] = newest(known, query["question"])
        query["experiment"] = state["experiment"]
    elif "question" not in query and not {*experiment_settings.KEYS} & {*query}:
        shown = query.get("experiment") or state.get("experiment") or next((k.experiment.id for k in known), NOT_YET)
        turn_question(shown)


def newest(known: Sequence[Stored], question: str) -> str:
    """The newest experiment that answers a question."""
    return next((k.experiment.id for k in known if question and k.experiment.question == question), NOT_YET)


def on_question() -> None:
    """Callback: another question was chosen; its newest answer is shown."""
    experiment_settings.forget()
    st.session_state["experiment"] = newest(listed(), st.session_state["question"])


def on_experiment() -> None:
    """Callback: another experiment was chosen."""
    turn_question(st.session_state["experiment"])


def turn_question(experiment_id: str) -> None:
    """Set the controls of a new experiment to what an existing one asks."""
    try:
        e = experiments.find(experiment_id).experiment
    except LenetError:
        return
    experiment_settings.forget()
    state, base = st.session_state, e.base
    state["question"] = e.question if e.question in QUESTIONS else OWN
    state["seeds"], state["run_epochs"] = e.seeds, base.epochs
    state["run_recipe"], state["run_data"], state["run_dataset"] = base.recipe, base.data, "auto"
    for n, end in enumerate(("", "2")):
        variation = e.vary[n] if n < len(e.vary) else None
        state[f"vary{end}"] = variation.name if variation else experiment_settings.NOTHING
        if variation:
            state[f"values{end}"] = values.written(variation.values)
