"""A member's own run, where everybody trains: the place in the queue, the curve, the kernels, and how it lies in the class."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from lenet import classroom, runs, ui
from lenet.classroom import Activity, Member, training, wall
from lenet.classroom.training import Entry
from lenet.classroom.wall import Tile, Wall
from lenet.common.errors import LenetError, say
from lenet.common.formatting import decimals, percent
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import questions
from lenet.experiments.experiment import Experiment
from lenet.runs import Run, Status
from lenet.training import curves, figures, progress
from lenet.ui import ClassHere

SOON, LATER, SELDOM = 1.0, 2.0, 6.0
"""Seconds between two looks: at a run in training or soon to be, at one that waits, and at a class in which others train."""
NEXT = 3
"""A run with so few before it is soon to be trained."""
CHART = "class_curve"


def show(here: ClassHere, activity: Activity) -> None:
    """Train, or the run that was begun with it."""
    member, code = here.member, here.classroom.code
    if member is None:
        return
    experiment = training.experiment_of(activity).experiment
    entry = training.entries(code, activity).get(member.number)
    if entry is None:
        offer(code, activity, member, experiment)
        return
    with st.container(key="class_own"):
        every = look_every(code, activity, entry)
        ui.part(watch, here, activity.id, entry, every, every=every)
        run = found(entry)
        if run and run.status().step:
            show_curve(run)


def offer(code: str, activity: Activity, member: Member, experiment: Experiment) -> None:
    """What is trained, and a button for each arm."""
    st.header(ui.plain(questions.title(experiment)), anchor=False)
    if not activity.takes_answers:
        ui.markdown(_("This has ended: no other run begins."))
        return
    arms = experiment.arms
    told = _("Your network begins with random weights of its own. Press Train, and watch what it learns.")
    if len(arms) > 1:
        told = _("Choose one: your network begins with random weights of its own. Press, and watch what it learns.")
    ui.markdown(told)
    for number, arm in enumerate(arms):
        label = _("Train") if len(arms) == 1 else _("Train: {arm}").format(arm=arm.label())
        st.button(
            ui.plain(label), type="primary", icon=":material/play_arrow:", width="stretch", key=f"class_train_{number}",
            on_click=ui.attempt, args=(training.train, code, activity.id, member, number),
        )  # fmt: skip


def found(entry: Entry) -> Run | None:
    """The run of an entry, if it is there still."""
    with suppress(LenetError):
        return runs.find(entry.run_id)
    return None


def look_every(code: str, activity: Activity, entry: Entry) -> float | None:
    """Seconds between two looks at a member's run; None if nothing is to come, of the others neither."""
    run = found(entry)
    status = run.status() if run else None
    if run and status and status.active:
        return SOON if status.state == "running" or training.ahead(run)[0] <= NEXT else LATER
    return SELDOM if activity.is_open or wall.latest(code, activity.id).is_active else None


def watch(here: ClassHere, activity_id: str, entry: Entry, every: float | None) -> None:
    """How the run stands and what its network has learned. Until there is nothing to come, this part reruns by itself.

    `every` is the seconds between two reruns; if they are outdated, the whole page is rerun.
    """
    code = here.classroom.code
    activity = classroom.activity(code, activity_id)
    now, run = wall.latest(code, activity_id), found(entry)
    tile = next((tile for tile in now.tiles if tile.member.number == entry.number), None)
    if tile:
        scene = wall.scene(now, arm_labels(activity), mine=entry.number)
        ui.component("classroom/components/wall")(key="class_own_kernels", data=scene)
    if run is None:
        ui.markdown(_("Your run was taken back before it began."))
    else:
        status = run.status()
        if status.active:
            st.progress(progress.fraction_done(status, run.config.epochs), text=ui.plain(progress_line(run, status)))
        else:
            ui.markdown(ui.plain(verdict(status, tile, now)))
        if status.step and status.active:
            with suppress(LenetError):  # the curve tells it
                ui.component("training/component")(
                    key="live", data=figures.live(CHART, draw(run)[0], run.id, growing=True)
                )
        buttons(code, activity, here.member, run, status)
    begun = bool(run and run.status().step)
    if every != look_every(code, activity, entry) or begun != st.session_state.get("class_begun", begun):
        st.session_state["class_begun"] = begun
        st.rerun()
    st.session_state["class_begun"] = begun


def arm_labels(activity: Activity) -> tuple[str, ...]:
    return tuple(arm.label() for arm in training.experiment_of(activity).experiment.arms)


def progress_line(run: Run, status: Status) -> str:
    """How the run stands, and its place in the queue."""
    parts = [status.words()]
    if status.state == "queued":
        n, wait = training.ahead(run)
        if n:
            parts.append(ngettext("{n} run before yours", "{n} runs before yours", n).format(n=n))
            if wait:
                parts.append(_("begins in about {time}").format(time=wait.words()))
        elif not any(worker.state in ("idle", "training") for worker in runs.read_states()):
            parts.append(_("the trainer is starting …"))
    else:
        parts.append(_("epoch {epoch} of {epochs}").format(epoch=status.epoch, epochs=run.config.epochs))
    return " · ".join(parts)


def verdict(status: Status, tile: Tile | None, now: Wall) -> str:
    """What came out, and how it lies in the class."""
    if status.state != "finished" or tile is None or tile.accuracy is None:
        return say(status.code, status.params or {}) if status.code else status.words()
    told = [
        _("Your network classifies {accuracy} of the test images correctly.").format(accuracy=percent(tile.accuracy))
    ]
    if (place := now.place(tile.member.number)) and place[1]:
        below, others = place
        told.append(
            ngettext(
                "{below} of {n} other who trains the same has fewer right.",
                "{below} of {n} others who train the same have fewer right.",
                others,
            ).format(below=below, n=others)
        )
    if tile.member.number == now.reference:
        told.append(_("The kernels of all others are matched with yours."))
    elif tile.likeness is not None and tile.kernels is not None:
        told.append(
            _(
                "Matched with the kernels of number {n}, yours have a mean |r| of {r}: 1 would be the same, and random kernels "
                "have {chance}."
            ).format(
                n=now.reference,
                r=decimals(tile.likeness, 2),
                chance=decimals(wall.likeness_by_chance(tile.kernels), 2),
            )
        )
    return paragraph(*told)


def buttons(code: str, activity: Activity, member: Member | None, run: Run, status: Status) -> None:
    """Stop the run or have it go on; look at it once it is trained."""
    if member is None:
        return
    if status.active:
        st.button(
            _("Stop"), icon=":material/stop:", key="class_stop_own", on_click=ui.attempt,
            args=(training.stop, code, activity, member),
        )  # fmt: skip
    elif status.state in ("stopped", "paused", "interrupted", "failed"):
        st.button(
            _("Go on"), icon=":material/resume:", key="class_go_on", on_click=ui.attempt,
            args=(training.go_on, code, activity, member),
        )  # fmt: skip
    elif status.state == "finished":
        st.page_link(
            "kernels.py", label=_("Look at your kernels"), icon=":material/grid_view:", query_params={"run": run.id}
        )


# -- the curve ---------------------------------------------------------------------------------------------------------


def show_curve(run: Run) -> None:
    """The curve as it is when the page runs; what comes later reaches it through `watch`."""
    with suppress(LenetError):
        figure, alt = draw(run)
        st.plotly_chart(figure, key=CHART, alt=alt, config=ui.plotly_config(f"curve-{run.id}"))


def draw(run: Run) -> tuple[Any, str]:
    """The figure of the run, and what it shows in words."""
    curve = curves.read_curve(run)
    return figures.curves((curve,), height=330, view=(0.0, float(run.config.epochs))), figures.describe([curve])
