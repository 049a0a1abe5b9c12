"""The contest: the wall at the front, and the kernel editor on the phone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import streamlit as st

from lenet import classroom, runs, ui
from lenet.classroom import Activity, contest
from lenet.classroom.classroom import Answer
from lenet.classroom.errors import ClassError
from lenet.classroom.figures.contest import phone, wall
from lenet.classroom.tasks import TASKS, Task
from lenet.common.errors import LenetError
from lenet.common.errors import explain as explain_error
from lenet.common.translation import translate as _
from lenet.kernels.history import read_history
from lenet.ui import ClassHere

state = st.session_state

TRIED = "class_contest_tried"
"""Key of the session state: in which contest a kernel was handed in last, with its score, or why it was refused."""
FIGURE = "class_contest"
MINUTES = (0, 3, 5, 10)
"""How long a contest may take; 0: until somebody closes it."""


# -- whoever leads the class -------------------------------------------------------------------------------------------


def teach(here: ClassHere) -> None:
    """The tab of whoever leads the class: choose a task, and watch the kernels come in."""
    now = classroom.current(here.classroom.code)
    if now is None or now.kind != "contest":
        choose(here)
    else:
        ui.part(show_live, here, now.id, every=1.0)


def choose(here: ClassHere) -> None:
    titles = {name: _(task.title) for name, task in TASKS.items()}
    limits = {str(n): _("{n} min").format(n=n) if n else _("No limit") for n in MINUTES}
    with st.container(horizontal=True, vertical_alignment="bottom", key="class_contest_choice"):
        name = ui.choice(st.selectbox, _("Task"), titles, key="class_task", default=next(iter(titles)), width=300)
        minutes = ui.choice(st.segmented_control, _("Time"), limits, key="class_minutes", default="5", required=True)
        st.button(
            _("Begin the contest"), key="class_contest_begin", type="primary", icon=":material/trophy:", on_click=begin,
            args=(here, name, int(minutes)),
        )  # fmt: skip
    ui.component("classroom/components/contest_wall")(
        key=FIGURE, data=wall(TASKS[name], Activity("", "contest", {}, 0.0, is_open=False), [], {})
    )


def begin(here: ClassHere, name: str, minutes: int) -> None:
    ui.attempt(lambda: classroom.begin(here.classroom.code, "contest", {"task": name}, 60 * minutes))


def show_live(here: ClassHere, id: str) -> None:
    """The wall as it stands now, and what can be done."""
    code = here.classroom.code
    if classroom.stage(code).activity != id:  # ended in another tab of the same browser
        st.rerun()
    now = classroom.activity(code, id)
    task, given = task_of(now), classroom.answers(code, id)
    source = runs.DEFAULT_REFERENCE
    learned = learned_by(task, source) if now.shown else ()
    ui.component("classroom/components/contest_wall")(
        key=FIGURE, data=wall(task, now, classroom.members(code), given, learned, source)
    )
    change = partial(classroom.change_activity, code, id)
    with st.container(horizontal=True, key="class_contest_tools"):
        if now.takes_answers:
            tool(_("Close the contest"), "class_contest_close", "stop", partial(change, is_open=False))
        elif not now.shown:
            tool(_("Go on"), "class_contest_open", "play_arrow", partial(change, is_open=True, ends=0.0))
            tool(_("Show a solution"), "class_contest_show", "visibility", partial(change, is_open=False, shown=True))
        if tool(_("Another contest"), "class_contest_end", "close", partial(classroom.end_activity, code)):
            st.rerun()
        st.download_button(
            _("Kernels as CSV"), partial(as_csv, code, id), f"class-{code}-{id}.csv", "text/csv",
            icon=":material/download:", on_click="ignore", key="class_contest_csv",
        )  # fmt: skip


def tool(label: str, key: str, icon: str, action: Callable[[], object]) -> bool:
    """A button that changes the contest."""
    return st.button(label, key=key, icon=f":material/{icon}:", on_click=ui.attempt, args=(action,))


def task_of(activity: Activity) -> Task:
    """The task of a contest. Raises ClassError if this version has no such task."""
    name = str(activity.settings.get("task"))
    if name not in TASKS:
        raise ClassError("no_such_activity", letters="")
    return TASKS[name]


def learned_by(task: Task, source: str) -> list[contest.Known]:
    """What the kernels of a run score."""
    with suppress(LenetError):
        return list(contest.learned(task, read_history(runs.find(source)).final))
    return []


def as_csv(code: str, id: str) -> str:
    now = classroom.activity(code, id)
    return contest.table(task_of(now), classroom.answers(code, id), now.created)


# -- the phone ---------------------------------------------------------------------------------------------------------


def take_part(here: ClassHere, activity: Activity) -> None:
    """The editor, the score, and what has become of the kernel that was handed in."""
    if here.member is None:
        return
    code, number = here.classroom.code, here.member.number
    task = task_of(activity)

    def take_kernel() -> None:
        """Hand a kernel in, if it is about this contest; it takes the place of a worse one."""
        sent = state["class_contest_own"].get("kernel")
        if not isinstance(sent, dict) or sent.get("activity") != activity.id:
            return
        try:
            kernel = contest.read(sent.get("weights"))
            if contest.counts(task, kernel, classroom.answers(code, activity.id).get(number)):
                classroom.answer(code, activity.id, number, contest.plain(kernel))
            elif not classroom.activity(code, activity.id).takes_answers:
                raise ClassError("answers_closed")
            state[TRIED] = (activity.id, contest.score(task, kernel), "")
        except LenetError as error:
            state[TRIED] = (activity.id, None, explain_error(error))

    tried_in, tried, refusal = state.get(TRIED, ("", None, ""))
    if tried_in != activity.id:
        tried, refusal = None, ""
    given = classroom.answers(code, activity.id)
    drawn = phone(
        task, activity, given.get(number), tried=tried, place=place_of(task, given, number), refusal=refusal
    )
    ui.component("classroom/components/contest")(key="class_contest_own", data=drawn, on_kernel_change=take_kernel)


def place_of(task: Task, given: dict[int, Answer], number: int) -> tuple[int, int] | None:
    """The rank of a number, and how many have one."""
    ranked = contest.ranking(task, given)
    return next(((entry.rank, len(ranked)) for entry in ranked if entry.number == number), None)
