"""The lessons of a page: opening one by link, the bar of the current one, which asks and then tells, and the list of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.exercises import Question
from lenet.exercises.form import MAX_LENGTH, Answer, Form
from lenet.lessons import Lesson

state = st.session_state

ASKED = "asked"
"""In the URL while the question of a lesson is not answered. A link with nothing but the lesson asks as well; any other was
made in the middle of it, and keeps its settings."""
SKIPPED: Answer = ()
"""Stands for the answer of a reader who would rather be shown it."""


@dataclass(frozen=True)
class Lessons:
    """The lessons of a page by their names in the URL (`?lesson=`).

    `begin` sets the page to a lesson's beginning, all else as in its example, and `change` changes these settings alone.
    """

    page: str
    lessons: Mapping[str, Lesson]
    begin: Callable[[Mapping[str, Any]], None]
    change: Callable[[Mapping[str, Any]], None]

    # -- which lesson is open, and whether its question was answered ----------------------------------------------------

    @property
    def answers(self) -> dict[str, Answer]:
        """What the reader has answered in this session, by the names of lessons."""
        found: dict[str, dict[str, Answer]] = state.setdefault("lesson_answers", {})
        return found.setdefault(self.page, {})

    def take(self, name: str) -> None:
        """Set everything to the beginning of a lesson, or of what follows upon its answer."""
        lesson = self.lessons[name]
        self.begin(lesson.beginning)
        if name in self.answers:
            self.change(lesson.opened)
        state["lesson"] = name

    def open(self, name: str) -> None:
        """Callback: begin a lesson."""
        self.take(name)
        come_into_view()

    def begin_again(self) -> None:
        """Callback: back to the beginning of the current lesson, and to its question."""
        self.answers.pop(state["lesson"], None)
        self.open(state["lesson"])

    def answer(self, name: str, answer: Answer) -> None:
        """Callback: open what the question was about."""
        if name == state.get("lesson"):
            self.answers[name] = answer
            self.change(self.lessons[name].opened)
            ui.stay_in_step()  # Back leaves the lesson; it does not ask again
            come_into_view()

    def read(self, name: str, form: Form) -> None:
        """Callback: take the number that was typed."""
        try:
            self.answer(name, form.read([state["lesson_typed"]]))
        except LenetError as error:
            state["lesson_refusal"] = error

    def follow_link(self) -> None:
        """Begin the lesson of the reader's link."""
        if ui.arrived():
            ui.check_query("lesson", options=list(self.lessons))
            state.pop("lesson", None)
            state.pop("lessons_opened", None)  # the page is at its top
            query = ui.query()
            asked = query.get("lesson", "")
            if asked in self.lessons:
                if ui.went_back() and asked in self.answers:  # as it was left, with what was answered
                    state["lesson"] = asked
                elif ASKED in query or query.keys() <= {"lesson", "lang"}:
                    if ASKED in query:
                        self.answers.pop(asked, None)
                    self.take(asked)
                else:
                    self.answers.setdefault(asked, SKIPPED)
                    state["lesson"] = asked
        name = state.get("lesson", "")
        ui.keep_in_url("lesson", name, "")
        ui.keep_in_url(ASKED, "true" if name and name not in self.answers else "", "")

    # -- what is shown ---------------------------------------------------------------------------------------------------

    def open_bar(self, page: Any) -> Bar | None:
        """The bar of the current lesson, with its question or what was said to the answer; None where there is no lesson."""
        name = state.get("lesson", "")
        if name not in self.lessons:
            return None
        n, lesson, question = list(self.lessons).index(name), self.lessons[name], None
        title = f"**{n + 1}/{len(self.lessons)} · {_(lesson.title)}**"
        with suppress(LenetError):  # a file that it needs is damaged: the page says so
            question = lesson.question
        is_asked = question is not None and name not in self.answers
        with page.container(key="lesson_bar"):
            row = st.container(
                horizontal=True, vertical_alignment="center",
                key="lesson_asked" if is_asked else f"lesson_with_{lesson.control}",
            )  # fmt: skip
            if "lessons_opened" in state:
                ui.scroll_to("lesson_bar", f"lesson {state['lessons_opened']}", block="start")
        text = row.container(width="stretch", gap="xsmall", key="lesson_text")
        place = row.container(width="content", key="lesson_switch")
        self.show_buttons(row, n, is_asked)
        if question is not None and is_asked:
            text.markdown(f"{title} – {question.question.say()}")
            self.show_options(text, name, question)
        head = f"{title} – {verdict(question, self.answers.get(name, SKIPPED))}"
        return Bar(name, lesson, is_asked, state.get("lessons_opened", 0), text, place, head)

    def show_buttons(self, row: Any, n: int, is_asked: bool) -> None:
        """To the lesson before number `n`, to the next one, and out of all of them."""
        names = list(self.lessons)
        buttons = row.container(horizontal=True, vertical_alignment="center", width="content", key="lesson_buttons")
        buttons.button(
            _("Previous lesson"), key="before", icon=":material/arrow_back:", help=_("Previous lesson"), disabled=n == 0,
            on_click=self.open, args=(names[max(n - 1, 0)],),
        )  # fmt: skip
        buttons.button(
            _("Next"), key="after", icon=":material/arrow_forward:", type="secondary" if is_asked else "primary",
            disabled=n == len(names) - 1, on_click=self.open, args=(names[min(n + 1, len(names) - 1)],),
        )  # fmt: skip
        buttons.button(
            _("Leave the lessons"), key="close", icon=":material/close:",
            help=_("Leave the lessons; everything stays as it is."), on_click=leave,
        )  # fmt: skip

    def show_options(self, text: Any, name: str, question: Question) -> None:
        """A button for each answer, or a field for a number; and a button for who would rather not."""
        if "lesson_refusal" in state:
            ui.problem(state.pop("lesson_refusal"))
        row = text.container(horizontal=True, vertical_alignment="bottom", key="lesson_options")
        for n, option in enumerate(question.form.options):
            row.button(
                ui.plain(option.say()), key=f"lesson_option{n}", on_click=self.answer, args=(name, (float(n),))
            )
        for label in question.form.labels[:1]:
            row.text_input(label.say(), key="lesson_typed", width=160, autocomplete="off", max_chars=MAX_LENGTH)
            row.button(_("Check"), key="lesson_check", on_click=self.read, args=(name, question.form))
        row.button(
            _("Show me"), key="lesson_show", type="tertiary", icon=":material/visibility:", on_click=self.answer,
            args=(name, SKIPPED),
        )  # fmt: skip

    def show_list(self) -> None:
        """All lessons, one click each; the reader's browser ticks those that were answered."""
        ui.markdown("## " + _("Try this: short lessons, one click each"))
        titles = {name: f"{n} · {_(lesson.title)}" for n, (name, lesson) in enumerate(self.lessons.items(), 1)}
        if state.get("chosen") != state.get("lesson"):
            state["chosen"] = state.get("lesson")

        def choose() -> None:
            if state["chosen"] in self.lessons:
                self.open(state["chosen"])
            else:
                leave()

        st.pills(
            _("Lessons"), list(titles), format_func=titles.__getitem__, key="chosen", label_visibility="collapsed",
            wrap=True, on_change=choose,
        )  # fmt: skip
        ui.note_lessons(self.page, self.lessons, (name for name, answer in self.answers.items() if answer != SKIPPED))


@dataclass(frozen=True)
class Bar:
    """The bar of the current lesson: where its text stands, and where the one switch that it speaks of.

    `opened` counts the lessons that were opened on this page: another number is another beginning. `head` has the title and
    what was said to the answer.
    """

    name: str
    lesson: Lesson
    is_asked: bool
    opened: int
    text: Any
    place: Any
    head: str

    @property
    def control(self) -> str:
        """The key of the widget that the lesson speaks of, once its question is answered."""
        return "" if self.is_asked else self.lesson.control

    @property
    def hides(self) -> tuple[str, ...]:
        """What the page covers now."""
        return self.lesson.hides if self.is_asked else ()

    def tell(self, seen: str) -> None:
        """Once the question is answered: what to do, and what there is to see."""
        if not self.is_asked:
            self.text.markdown(f"{self.head}  \n{paragraph(_(self.lesson.text), seen)}")


def is_asked(bar: Bar | None) -> bool:
    """Whether a page waits for an answer: it shows nothing that the reader has not been asked about."""
    return bar is not None and bar.is_asked


def forget_link() -> None:
    """A lesson that begins sets everything: nothing of the link is left but the language."""
    for key in ui.query().keys() - {"lesson", "lang"}:
        del ui.query()[key]


def come_into_view() -> None:
    """Bring the bar into view in the next run: the page above it, or what was asked, may be taller than the screen."""
    state["lessons_opened"] = state.get("lessons_opened", 0) + 1


def leave() -> None:
    """Callback: no lesson; everything stays as it is."""
    state.pop("lesson", None)


def verdict(question: Question | None, answer: Answer) -> str:
    """Whether an answer is right, and why; for one who has given none the right one."""
    if question is None:
        return ""
    if answer == SKIPPED:
        right = _("The answer: {answer}.").format(answer=question.form.say(question.answer))
        return paragraph(right, question.solution.say())
    found = question.grade(answer)
    return f":{'green' if found.is_right else 'orange'}-badge[{found.headline()}] {question.explain(found)}"
