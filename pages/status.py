"""Status: how this server is, for whoever runs it. Not in the navigation; home links to it, and so can a bookmark."""

from __future__ import annotations

import os

import streamlit as st

from lenet import ui, worker
from lenet.common import log
from lenet.common.translation import translate as _
from lenet.runs import health

ui.operator_sign_in()
if not ui.operator():
    st.stop()


def show() -> None:
    """Everything on this page; again every five seconds."""
    trainer, disk, waiting = worker.read_state(), health.disk(), worker.queue()
    busy = [state.run for state in worker.read_states() if state.run]
    if wrong := health.trouble():
        ui.problem(wrong)
    connected = ui.sessions()
    figures = (
        (_("Trainer"), trainer.words(), trainer.device_name or _("not known yet")),
        (_("Runs waiting"), str(len(waiting)), _("in training: {run}").format(run=", ".join(busy)) if busy else ""),
        (_("Free disk space"), health.size(disk.free), _("runs: {n}, {size}").format(n=disk.runs, size=health.size(disk.used))),
        (_("Browser tabs"), "–" if connected is None else str(connected), _("connected to this server now")),
        (_("Memory"), health.size(health.memory()), _("used by this server")),
        (_("Running for"), health.uptime(), _("process {pid}").format(pid=os.getpid())),
    )  # fmt: skip
    for column, (label, value, more) in zip(st.columns(len(figures), border=True), figures, strict=True):
        with column:
            st.caption(label)
            st.subheader(ui.plain(value), anchor=False)
            st.caption(ui.plain(more))
    if waiting:
        st.markdown(f"**{_('Runs waiting')}**")
        st.dataframe(health.queue_rows(waiting), hide_index=True, width="content")
    heading = _("Recent warnings and errors")
    st.markdown(f"**{heading}**")
    if entries := log.recent():
        st.dataframe(health.log_rows(entries), hide_index=True, width="content")
    else:
        st.caption(_("None."))
    st.caption(ui.plain(_("Log: {file}").format(file=log.path())))
    st.caption(ui.plain(" · ".join(f"{name} {number}" for name, number in health.versions().items())))


ui.part(ui.guard, show, every=5.0)
