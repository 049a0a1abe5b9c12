"""Questions before answers: the exercises on a page's subject, asked in place of what the page shows otherwise.

`?predict=` names a kind of exercise or a level, `seed` where the series begins, `n` how many exercises it has and
`question` which of them is asked: a link asks everybody the same.
"""

from __future__ import annotations

import random
from typing import Any

import streamlit as st

from lenet import exercises, ui
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.exercises import Series, series
from lenet.exercises.kinds import MAX_SEED
from lenet.exercises.scene import scene
from lenet.exercises.subjects import SUBJECTS, kinds_of

state = st.session_state

NUMBERS = {"seed": (0, MAX_SEED), "n": series.LENGTHS, "question": (1, series.LENGTHS[1])}
"""The keys of the query beside `predict`, with the smallest and the largest value of each."""
FIRST = {"seed": 1, "n": series.LENGTH, "question": 1}
"""Their values where a link does not say."""
SERIES, ASKED, GIVEN, REFUSAL = "predict_series", "predict_asked", "predict_given", "predict_refusal"
"""Keys of the session state: the values of NUMBERS, what the last link asked for, the answer to the exercise that is asked,
and why one was refused."""


def is_on(page: str) -> bool:
    """Whether the reader of a page is asked exercises, after a link or a button."""
    if ui.arrived():
        state.pop("predict", None)
        if page in SUBJECTS and "predict" in ui.query():
            follow_link(page)
    return "predict" in state


def follow_link(subject: str) -> None:
    """Ask what the reader's link names."""
    names = names_of(subject)
    ui.check_query("predict", options=names)
    for key, (low, high) in NUMBERS.items():
        if key in ui.query():
            ui.check_query(key, low=low, high=high, whole=True)
    query = ui.query()
    if query["predict"] not in names:
        leave()
        return
    found = {key: number(query.get(key, ""), *NUMBERS[key], default) for key, default in FIRST.items()}
    found["question"] = min(found["question"], found["n"])
    asked = (subject, query["predict"], found)
    state["predict"] = query["predict"]
    if state.get(SERIES) != found or state.get(ASKED) != asked:
        forget_answer()
    state[SERIES], state[ASKED] = found, asked


def number(raw: str, low: int, high: int, default: int) -> int:
    """A whole number of a link, within its limits."""
    if raw.isascii() and raw.isdecimal() and len(raw) < 10 and low <= int(raw) <= high:
        return int(raw)
    return default


def names_of(subject: str) -> list[str]:
    """What can be asked about a subject. Its exercises are loaded when somebody wants them."""
    kinds_of(subject)
    return series.names(subject)


def begin(name: str) -> None:
    """Begin a series that nobody has seen."""
    state["predict"], state[SERIES] = name, FIRST | {"seed": random.randrange(1, MAX_SEED // 10)}
    forget_answer()


def leave() -> None:
    """Back to what the page shows."""
    state.pop("predict", None)
    for key in ("predict", *NUMBERS):
        ui.query().pop(key, None)
    forget_answer()


def forget_answer() -> None:
    state.pop(GIVEN, None)
    state.pop(REFUSAL, None)


def button() -> None:
    """The button in the head of a page that begins to ask."""
    st.button(
        _("Exercises"), key="page_exercises", icon=":material/quiz:", on_click=begin, args=(f"{series.LEVEL}1",),
        help=_("Questions on this page, before it shows the answers"),
    )  # fmt: skip


def show(subject: str) -> None:
    """The exercise that is asked, and above it what is asked about."""
    listed = names_of(subject)
    kinds = kinds_of(subject)
    words = {
        **{f"{series.LEVEL}{level}": _(title) for level, title in exercises.LEVELS.items()},
        **{name: _(known.title) for name, known in kinds.items()},
    }
    names = {name: words[name] for name in listed}

    def choose() -> None:
        if state["predict_name"] in names:  # a browser may send what there is not
            begin(state["predict_name"])

    with st.container(horizontal=True, vertical_alignment="center", key="predict_bar"):
        state["predict_name"] = state["predict"]
        ui.renew_words("predict_name", names.get)
        st.selectbox(
            _("Exercises"), list(names), format_func=names.__getitem__, key="predict_name", label_visibility="collapsed",
            on_change=choose, width=330,
        )  # fmt: skip
        st.button(_("Back to the page"), key="predict_leave", icon=":material/close:", on_click=leave)
    now = state[SERIES]
    ui.keep_in_url("predict", state["predict"], "")
    ui.keep_in_url("seed", str(now["seed"]), "")
    ui.keep_in_url("n", str(now["n"]), str(series.LENGTH))
    ui.keep_in_url("question", str(now["question"]), "1")
    asked = Series(subject, state["predict"], now["seed"], now["n"])
    at = now["question"] - 1
    exercise = asked.exercise(at)

    def take_answer() -> None:
        """Judge what the reader has sent, if it is about the exercise that is asked: he may press twice."""
        sent = state["exercise"].get("answer")
        if not isinstance(sent, dict) or (sent.get("kind"), sent.get("seed")) != (exercise.kind, exercise.seed):
            return
        state.pop(REFUSAL, None)
        try:
            state[GIVEN] = exercise.form.read(sent.get("value"))
        except LenetError as error:
            state[REFUSAL] = error

    def go_on() -> None:
        """The next exercise, or the next series."""
        if state["exercise"].get("next") == f"{exercise.kind} {exercise.seed}":
            following = {"seed": asked.next().seed, "question": 1} if at + 1 == asked.length else {"question": at + 2}
            state[SERIES] = now | following
            forget_answer()

    drawn: dict[str, Any] = scene(
        exercise, at=at, length=asked.length, kinds=list(kinds.values()), answer=state.get(GIVEN),
        refusal=explain_error(state[REFUSAL]) if REFUSAL in state else "",
    )  # fmt: skip
    ui.component("exercises/component")(
        key="exercise", data=drawn, on_answer_change=take_answer, on_next_change=go_on
    )
