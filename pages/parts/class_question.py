"""A question to the class: its answers at the front, and the form on the phone."""

from __future__ import annotations

import random
from functools import partial

import streamlit as st

from lenet import classroom, ui
from lenet.classroom import Activity, questions
from lenet.classroom.figures.questions import front, phone, preview
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.exercises.kinds import MAX_SEED
from lenet.ui import ClassHere

state = st.session_state

SEED, REFUSAL = "class_seed", "class_question_refusal"
"""Keys of the session state: the exercise that is about to be asked, and why an answer was refused, in which round of what."""
FIGURE = "class_answers"


# -- whoever leads the class -------------------------------------------------------------------------------------------


def teach(here: ClassHere) -> None:
    """The tab of whoever leads the class: choose a question, ask it, and see what the class answers."""
    now = classroom.current(here.classroom.code)
    if now is None or now.kind != "ask":
        choose(here)
        list_questions(here)
    else:
        ui.part(show_live, here, now.id, every=1.0)
        row = st.container(horizontal=True, key="class_question_tools")
        with row:
            st.button(
                _("Another question"), key="class_question_end", icon=":material/close:", on_click=end, args=(here,)
            )  # fmt: skip
            download(here, now, _("Answers as CSV"))


def choose(here: ClassHere) -> None:
    """What is asked, for how long; and how the class will see it."""
    row = st.container(horizontal=True, vertical_alignment="bottom", key="class_question_choice")
    subjects = {
        "convolution": _("Convolution"), "pooling": _("Pooling"), "architecture": _("Architecture"), "kernels": _("Kernels"),
        questions.DRAWING: _("Draw a kernel"),
    }  # fmt: skip
    limits = {str(n): _("{n} s").format(n=n) if n else _("No limit") for n in questions.SECONDS}
    with row:
        subject = ui.choice(
            st.selectbox, _("Subject"), subjects, key="class_subject", default="convolution", width=170
        )
        titles = {name: _(title) for name, title in questions.names(subject).items()}
        kind = ui.choice(st.selectbox, _("Question"), titles, key="class_kind", default=next(iter(titles)), width=300)
        state.setdefault(SEED, random.randrange(1, MAX_SEED))
        if subject != questions.DRAWING:
            st.button(_("Other numbers"), key="class_other", icon=":material/casino:", on_click=draw_another)
        seconds = ui.choice(st.segmented_control, _("Time"), limits, key="class_seconds", default="60", required=True)
        st.button(
            _("Ask the class"), key="class_ask", type="primary", icon=":material/quiz:", on_click=ask,
            args=(here, subject, kind, state[SEED], int(seconds)),
        )  # fmt: skip
    asked = questions.question(questions.settings(subject, kind, state[SEED]))

    def take_step() -> None:
        """A clicker, or the button of what is presented: ask what is on screen, unless that is asked already."""
        sent, now = state[FIGURE].get("step"), classroom.current(here.classroom.code)
        if isinstance(sent, dict) and sent.get("from") == "preview" and (now is None or now.kind != "ask"):
            ask(here, subject, kind, state[SEED], int(seconds))

    ui.component("classroom/components/answers")(key=FIGURE, data=preview(asked), on_step_change=take_step)


def draw_another() -> None:
    """Callback: other numbers, in what is asked next."""
    state[SEED] = random.randrange(1, MAX_SEED)


def ask(here: ClassHere, subject: str, kind: str, seed: int, seconds: int) -> None:
    """Callback: ask the class."""
    settings = questions.settings(subject, kind, seed, seconds)
    ui.attempt(lambda: classroom.begin(here.classroom.code, "ask", settings, seconds))
    draw_another()


def end(here: ClassHere) -> None:
    """Callback: the class is asked nothing any more."""
    ui.attempt(lambda: classroom.end_activity(here.classroom.code))


def go_on(here: ClassHere, done: Activity) -> None:
    """Callback: have the next question ready to be asked."""
    state["class_subject"], state["class_kind"] = questions.following(done.settings["subject"], done.settings["kind"])
    end(here)


def show_live(here: ClassHere, id: str) -> None:
    """The question that is asked, as it stands now."""
    code = here.classroom.code
    if classroom.stage(code).activity != id:  # ended in another tab of the same browser
        st.rerun()
    now = classroom.activity(code, id)
    asked = questions.question(now.settings)

    def take_step() -> None:
        """The next step, unless the press of a button or of a clicker was about an earlier one."""
        sent, latest = state[FIGURE].get("step"), classroom.activity(code, id)
        here_now = {"activity": id, "round": latest.round, "from": questions.step(latest)}
        if not isinstance(sent, dict) or {key: sent.get(key) for key in here_now} != here_now:
            return
        possible = [questions.next_step(latest), *(["again"] if questions.can_ask_again(latest) else [])]
        if sent.get("to") == questions.NEXT_QUESTION in possible:
            go_on(here, latest)
        elif sent.get("to") in possible:
            ui.attempt(lambda: questions.go(code, latest, sent["to"]))

    drawn = front(asked, now, rounds_of(code, now), classroom.members(code))
    ui.component("classroom/components/answers")(key=FIGURE, data=drawn, on_step_change=take_step)


def rounds_of(code: str, activity: Activity) -> list[dict[int, classroom.Answer]]:
    """The answers of all rounds so far."""
    return [classroom.answers(code, activity.id, n) for n in range(1, activity.round + 1)]


def list_questions(here: ClassHere) -> None:
    """The questions that the class has answered, with the answers to take away."""
    asked = [one for one in classroom.activities(here.classroom.code) if one.kind == "ask"]
    if not asked:
        return
    with st.container(horizontal=True, key="class_questions"):
        for n, one in enumerate(asked, 1):
            download(here, one, _("Answers to question {n}").format(n=n))


def download(here: ClassHere, activity: Activity, label: str) -> None:
    """The answers as a file; no browser and no name is in it."""
    code = here.classroom.code
    st.download_button(
        label, partial(as_csv, code, activity.id), f"class-{code}-{activity.id}.csv", "text/csv",
        icon=":material/download:", on_click="ignore", key=f"class_csv_{activity.id}",
    )  # fmt: skip


def as_csv(code: str, id: str) -> str:
    now = classroom.activity(code, id)
    return questions.table(questions.question(now.settings), now, rounds_of(code, now))


# -- the phone ---------------------------------------------------------------------------------------------------------


def take_part(here: ClassHere, activity: Activity) -> None:
    """The question, its form, and what became of the answer."""
    if here.member is None:
        return
    code, number = here.classroom.code, here.member.number
    asked = questions.question(activity.settings)
    refused_in, refusal = state.get(REFUSAL, (None, ""))

    def take_answer() -> None:
        """Hand in what was sent, if it is about this round of this question."""
        sent = state["class_question"].get("answer")
        if not isinstance(sent, dict) or (sent.get("activity"), sent.get("round")) != (activity.id, activity.round):
            return
        state.pop(REFUSAL, None)
        try:
            classroom.answer(code, activity.id, number, questions.read(asked, sent.get("value")))
        except LenetError as error:
            state[REFUSAL] = ((activity.id, activity.round), explain_error(error))

    drawn = phone(
        asked, activity, number, rounds_of(code, activity), classroom.members(code),
        refusal if refused_in == (activity.id, activity.round) else "",
    )  # fmt: skip
    ui.component("classroom/components/question")(key="class_question", data=drawn, on_answer_change=take_answer)
