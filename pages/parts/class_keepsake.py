"""The end of a class, and what is left of it: a file to take along, and the runs that it has trained."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import streamlit as st

from lenet import ui
from lenet.classroom import Classroom, farewell
from lenet.common import paths
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _


def offer_end(known: Classroom) -> None:
    """The button that ends a class, with the choice of what becomes of its runs; and the file so far."""
    with st.popover(_("End the class"), icon=":material/stop_circle:", key="class_end"):
        n = len(farewell.runs_of(known.code))
        ui.caption(
            _("Everybody is told, and no more is handed in. What the class has done is one file, which you can keep.")
        )
        choices = {"keep": _("Keep them"), "delete": _("Delete them")}
        what = "keep"
        if n:
            label = ngettext(
                "The run that the class has trained", "The {n} runs that the class has trained", n
            ).format(n=n)
            captions = [kept_words(), _("What they have learned stays in the file.")]
            what = st.radio(
                label, list(choices), key="class_runs", format_func=choices.__getitem__, captions=captions
            )
        st.button(
            _("End the class now"), key="class_end_now", type="primary", on_click=ui.attempt, args=(end, known.code, what),
        )  # fmt: skip
    take_along(known)


def kept_words() -> str:
    """What keeping runs means on this server."""
    if paths.hosted():
        return _("When the server needs room, they are deleted before all others.")
    return _("They stay among your runs.")


def end(code: str, what: str) -> None:
    """Callback: end a class, and delete its runs if that was asked for."""
    farewell.end(code)
    if what == "delete":
        farewell.delete_runs(code)


def take_along(known: Classroom) -> None:
    """The file of a class."""
    st.download_button(
        _("Take the class along (JSON)"), lambda: made(known.code), f"class-{known.code}.json", "application/json",
        key="class_file", icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def made(code: str) -> bytes:
    return json.dumps(farewell.taken_along(code), ensure_ascii=False).encode()


def choose(ended: Sequence[Classroom]) -> None:
    """One of several classes that have ended."""
    words = {
        known.code: f"{known.code} · {time.strftime('%F %R', time.gmtime(known.created))} (UTC)" for known in ended
    }
    code = st.selectbox(_("Class"), list(words), key="class_ended_choice", format_func=words.__getitem__)
    show(next(known for known in ended if known.code == code))


def show(known: Classroom) -> None:
    """What whoever has led a class finds when it has ended."""
    with st.container(horizontal=True):
        take_along(known)
        n = len(farewell.runs_of(known.code))
        if n:
            label = ngettext("Delete the class’s run", "Delete the class’s {n} runs", n).format(n=n)
            st.button(
                label, key="class_delete_runs", icon=":material/delete:", on_click=ui.attempt,
                args=(farewell.delete_runs, known.code),
            )  # fmt: skip
    if n:
        ui.caption(ui.plain(kept_words()))
