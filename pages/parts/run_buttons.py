"""The buttons of a run on the training page, and what it costs: pause, stop, resume, extend, rename, pin and delete."""

from __future__ import annotations

import streamlit as st

from lenet import runs, ui
from lenet.common import paths
from lenet.common.errors import LenetError, explain
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.runs import Run, Status, cost, rules
from lenet.runs.configuration import RunConfig
from lenet.runs.visitors import visitor


def show_cost(config: RunConfig) -> None:
    """How long such a run would be trained, as far as that can be told."""
    if estimate := cost.estimate(config):
        text = _("Takes about {time} on {device}")
        st.caption(ui.plain(text.format(time=estimate.words(), device=cost.device_name(config))))


def show_buttons(run: Run, status: Status) -> None:
    """The buttons for the requests that are possible now."""
    if visitor().guest:
        st.caption(ui.plain(explain(LenetError("guests_look"))))
        return
    if not run.may_change:
        st.caption(_("Somebody else’s run: you can watch it, but not change it"))
        return
    left, right = st.columns(2)
    with left:
        if status.state == "running":
            ask(run, "pause", _("Pause"), ":material/pause:", pause_help())
        elif status.state in ("stopped", "paused", "interrupted", "failed"):
            ask(run, "resume", _("Resume"), ":material/resume:", _("Continue from the last saved step"))
        elif status.state == "finished":
            offer_more_epochs(run, status)
    with right:
        if status.active:
            ask(run, "stop", _("Stop"), ":material/stop:", stop_help())


def pause_help() -> str:
    """What Pause does: `find_equal` goes on counting the run as one that has these settings, and admission keeps it."""
    told = _("For now: it keeps its place and goes on with Resume. Train with the same settings leads back to it.")
    kept = _("When room is needed on this server, paused runs are deleted last.")
    return paragraph(told, kept if paths.hosted() else "")


def stop_help() -> str:
    return _(
        "For good: what it has learned so far is its result. Train with the same settings begins a new run. Should you "
        "change your mind, Resume continues it."
    )


def offer_more_epochs(run: Run, status: Status) -> None:
    after = rules.extended_epochs(run.config.epochs)
    more = after - status.epoch
    hint = ngettext(
        "{n} more epoch. If the schedule has ended, a new cycle begins.",
        "{n} more epochs. If the schedule has ended, a new cycle begins.",
        more,
    ).format(n=more)
    ask(run, "extend", _("Extend"), ":material/more_time:", hint, epochs=after)


def ask(run: Run, what: str, label: str, icon: str, help: str | None = None, **params: int) -> None:
    """A button for a request; disabled while one is pending."""
    st.button(
        label, icon=icon, help=help, width="stretch", disabled=run.requested(what), key=what,
        on_click=ui.attempt, args=(run.request, what), kwargs=params,
    )  # fmt: skip


def manage(run: Run) -> None:
    """A menu to name, pin and delete a run, enabled for its owner."""
    try:
        run.check_may_change()
    except LenetError as error:
        st.popover("", icon=":material/edit:", help=ui.plain(explain(error)), disabled=True)
        return
    with st.popover("", icon=":material/edit:", help=_("Name, pin or delete this run")):
        name, pinned = f"name {run.id}", f"pin {run.id}"
        st.text_input(
            _("Name"), run.name, runs.MAX_NAME, key=name, placeholder=run.id, on_change=rename, args=(run, name)
        )
        st.toggle(
            _("Pinned"), run.pinned, key=pinned, help=_("A pinned run cannot be deleted, and is not removed to make room."),
            on_change=lambda: ui.attempt(run.pin, st.session_state[pinned]),
        )  # fmt: skip
        st.divider()
        stays = (
            _("A run that is pinned or being trained cannot be deleted.") if run.pinned or run.in_training else None
        )
        sure = st.checkbox(
            _("Delete permanently: curve, weights and kernels"),
            key=f"sure {run.id}",
            disabled=bool(stays),
            help=stays,
        )
        st.button(
            _("Delete"), icon=":material/delete:", key="delete", disabled=bool(stays) or not sure, on_click=delete,
            args=(run,),
        )  # fmt: skip


def rename(run: Run, key: str) -> None:
    ui.attempt(run.rename, st.session_state[key])


def delete(run: Run) -> None:
    ui.attempt(run.delete)
    if not run.exists:
        st.session_state.pop("run", None)
        ui.query().pop("run", None)
