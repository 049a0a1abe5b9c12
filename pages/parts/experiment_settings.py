"""What a new experiment asks: a ready question or the reader's own, with how many seeds, for how long, on which images."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import streamlit as st

from lenet import data, ui
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.translation import translate as _
from lenet.experiments import Experiment, Variation, questions, values
from lenet.experiments.experiment import MAX_SEEDS
from lenet.experiments.questions import OWN, QUESTIONS, Question
from lenet.runs import configuration, rules
from lenet.runs.configuration import RECIPES, SETTINGS, RunConfig
from pages.parts import training_images

OFFERED_SEEDS, OFFERED_EPOCHS = 32, 30
"""At most, unless the reader's link has more."""
NEW = "new"
"""The id of an experiment that has not begun, and so is none yet."""
NOTHING = "none"
"""The choice of no setting."""
KEYS = ("vary", "values", "vary2", "values2", "seeds", "run_epochs", "run_recipe", "run_dataset", "run_data")
"""What a question determines, by the keys of the URL and of the session."""
MINE = Question("", "", (Variation("lr", (0.3, 0.9)),), recipe="classic", seeds=4)
"""What the reader's own question begins with."""


def question_words() -> dict[str, str]:
    """The questions by their keys."""
    return {key: _(question.title) for key, question in QUESTIONS.items()} | {OWN: _("A question of your own")}


def forget() -> None:
    """Forget all that a question determines, also in the URL: the next one's values apply."""
    for key in KEYS:
        st.session_state.pop(key, None)
        ui.query().pop(key, None)


def choose(key: str) -> Experiment:
    """The experiment that the controls ask for, which has no id yet. Raises LenetError where there cannot be such a one."""
    question = QUESTIONS.get(key, MINE)
    ui.caption(_(question.about) if question.about else _("Choose one or two settings and the values to compare."))
    bar = st.container()
    if ui.arrived():
        st.session_state["experiment_link"] = bool({*KEYS} - {"seeds", "run_epochs"} & {*ui.query()})
    own = key == OWN
    expanded = own or bool(st.session_state.get("experiment_link"))
    more = ui.folded(_("What varies, recipe, data"), key=f"settings_{own}", expanded=expanded)
    with more:
        recipe = choose_recipe(question, drawn=more.open)
        try:
            vary = choose_variations(question, RECIPES[recipe], drawn=more.open)
        finally:  # whatever is wrong with the values, the other controls stay
            place = choose_images(drawn=more.open)
            with bar:
                seeds, epochs = choose_size(question, recipe)
    images = data.find(place["data"], place["dataset"]).sizes["train"]
    fits = questions.asks(question, vary)
    base = question.base(recipe, images) if fits else RECIPES[recipe]
    return Experiment(
        NEW, replace(base, epochs=epochs, **place), vary, seeds, question=key if key != OWN and fits else "",
        given=("epochs",),
    )  # fmt: skip


def choose_size(question: Question, recipe: str) -> tuple[int, int]:
    """The number of seeds, and of epochs of each run."""
    left, right = st.columns(2)
    usual = question.usual_epochs if recipe == question.recipe else questions.EPOCHS[recipe]
    with left:
        told = _("Each arm is trained with the seeds 0, 1, 2 …, the same for all: arms are compared seed by seed.")
        most = max(OFFERED_SEEDS, asked("seeds"))
        seeds = ui.number(st.slider, _("Seeds"), 1, most, key="seeds", default=question.seeds, help=told)
    with right:
        most = rules.max_epochs(max(OFFERED_EPOCHS, asked("run_epochs")))
        slider = st.slider if most > 1 else ui.kept
        epochs = ui.number(slider, _("Epochs"), 1, most, key="run_epochs", default=min(usual, most))
    return seeds, epochs


def asked(key: str) -> int:
    """The number that the session or the reader's link has for `key`; 0 for none that can be used."""
    with suppress(LenetError, KeyError):
        return int(LIMITS[key].read(ui.query()[key]))
    return int(st.session_state.get(key, 0))


LIMITS = {
    "seeds": Field("seeds", int, low=1, high=MAX_SEEDS),
    "run_epochs": Field("run_epochs", int, low=1, high=configuration.MAX_EPOCHS),
}


def choose_recipe(question: Question, *, drawn: bool) -> str:
    """The recipe whose settings all runs have but for what varies."""
    widget: Callable[..., Any] = ui.kept
    if drawn:
        widget = st.segmented_control
    words = {name: name for name in RECIPES}
    more: dict[str, Any] = {"required": True, "on_change": forget_length} if drawn else {}
    return ui.choice(widget, _("Recipe"), words, key="run_recipe", default=question.recipe, **more)


def forget_length() -> None:
    """Callback: another recipe has its own number of epochs."""
    st.session_state.pop("run_epochs", None)
    ui.query().pop("run_epochs", None)


def choose_images(*, drawn: bool) -> dict[str, Any]:
    """Data set and data, as in a RunConfig."""
    widget: Callable[..., Any] = ui.kept
    if drawn:
        widget = st.selectbox
    sets = training_images.data_set_words() if drawn else SETTINGS["dataset"].words
    chosen = {"dataset": ui.choice(widget, _("Data set"), sets, key="run_dataset", default="auto")}
    sources = training_images.source_words(chosen["dataset"])
    return chosen | {"data": ui.choice(widget, _("Data"), sources, key="run_data", default="auto")}


# -- what varies -------------------------------------------------------------------------------------------------------


def choose_variations(question: Question, recipe: RunConfig, *, drawn: bool) -> tuple[Variation, ...]:
    """Up to two settings and their values. Raises LenetError where a line of values cannot be read."""
    chosen: list[Variation] = []
    told: LenetError | None = None
    for n, label in enumerate((_("What varies"), _("And beside it"))):
        usual = question.vary[n] if n < len(question.vary) else None
        try:
            if variation := choose_variation(n, label, usual, recipe, chosen, drawn=drawn):
                chosen.append(variation)
        except LenetError as error:
            told = told or error
    if told:
        raise told
    return tuple(chosen)


def choose_variation(
    n: int, label: str, usual: Variation | None, recipe: RunConfig, before: list[Variation], *, drawn: bool
) -> Variation | None:
    """A setting and its values, beside those `before` it; None for no setting."""
    end = str(n + 1) if n else ""
    offered = values.varied()
    for other in before:
        offered.pop(other.name, None)
    words = {NOTHING: _("nothing else") if n else _("only the seed")}
    words |= {name: _(field.label) for name, field in offered.items()}
    widget: Callable[..., Any] = ui.kept
    if drawn:
        widget = st.selectbox
    name = ui.choice(
        widget, label, words, key=f"vary{end}", default=usual.name if usual else NOTHING,
        on_change=forget_values, args=(f"values{end}",),
    )  # fmt: skip
    if name == NOTHING:
        ui.keep_in_url(f"values{end}", "", "")
        return None
    first = usual.values if usual and usual.name == name else values.suggested(name, configuration.flat(recipe)[name])
    field = replace(offered[name], name=_(offered[name].label))
    return Variation(name, choose_values(f"values{end}", name, field, first, drawn=drawn))


def forget_values(key: str) -> None:
    """Callback: another setting has other values."""
    st.session_state.pop(key, None)
    ui.query().pop(key, None)


def choose_values(key: str, name: str, field: Field, first: tuple[Any, ...], *, drawn: bool) -> tuple[Any, ...]:
    """The values of a setting, in session and URL as a line of text; `first` are those to begin with. Raises LenetError."""
    state, box, usual = st.session_state, f"{key} of {name}", values.written(first)
    ui.seed_from_url(key, usual, lambda raw: raw[: values.MAX_LENGTH], lambda: ui.tell_empty(key))
    listed = values.is_chosen(field)

    def take() -> None:
        state[key] = ", ".join(state[box]) if listed else state[box]

    if drawn and listed:
        words = {o: _(said) for o, said in field.words.items()} or {"false": _("no"), "true": _("yes")}
        state[box] = [o for o in (part.strip() for part in state[key].split(",")) if o in words]
        st.multiselect(_("Values"), list(words), key=box, format_func=words.__getitem__, on_change=take)
    elif drawn:
        state[box] = state[key]
        told = _("Separated by commas. The widths of several layers are joined by hyphens, as in 6-16.")
        st.text_input(
            _("Values"), key=box, max_chars=values.MAX_LENGTH, placeholder=usual, on_change=take, autocomplete="off",
            help=told,
        )  # fmt: skip
    text = state[key] if state[key].strip() else "" if listed else usual
    ui.keep_in_url(key, text, usual)
    return values.read(field, text)
