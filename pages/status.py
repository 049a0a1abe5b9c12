"""Status of the server, for its operator. Not in the navigation; the home page links to it."""

from __future__ import annotations

import streamlit as st

from lenet import ui
from lenet.common import log
from lenet.common.translation import translate as _
from lenet.runs import health, visitors

ui.operator_sign_in()
if not ui.operator():
    ui.attempt(visitors.check_may_act)  # a guest is told
    st.stop()


def show() -> None:
    """Everything on this page; called again every five seconds."""
    if not ui.operator():  # signed out meanwhile, or eight hours have passed
        st.rerun()
    if wrong := health.trouble():
        ui.problem(wrong)
    figures = health.figures(connected=ui.sessions())
    for column, (name, value, more) in zip(st.columns(len(figures), border=True), figures, strict=True):
        with column:
            ui.caption(name)
            st.header(ui.plain(value), anchor=False)
            ui.caption(ui.plain(more))
    if waiting := health.queue_rows():
        show_table(_("Runs waiting"), waiting)
    show_table(_("Recent warnings and errors"), health.log_rows(log.recent()))
    ui.caption(ui.plain(_("Log: {file}").format(file=log.path())))
    ui.caption(ui.plain(" · ".join(f"{name} {number}" for name, number in health.versions().items())))


def show_table(heading: str, rows: list[dict[str, str]]) -> None:
    """A heading and a table, or “None.” if there are no rows."""
    ui.markdown(f"**{heading}**")
    if rows:
        st.table(rows, hide_index=True, width="content")
    else:
        ui.caption(_("None."))


ui.part(ui.guard, show, every=5.0)
