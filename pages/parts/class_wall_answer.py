"""Below the wall of a class: what the runs say together, and whether their kernels are the same."""

from __future__ import annotations

import streamlit as st

from lenet import classroom, experiments, ui
from lenet.classroom import training, wall
from lenet.classroom.wall import Wall
from lenet.common.formatting import decimals
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.experiments import Results, conclusions, detectors, samples
from lenet.experiments.figures import kernels, seeds
from pages.parts.experiment_kernels import detectors_of

FEWEST = 2
"""Runs of which something is said."""


def show(code: str, activity_id: str) -> None:
    """The spread with its interval, of two arms the difference, and the kernels against chance."""
    activity = classroom.activity(code, activity_id)
    now = wall.latest(code, activity_id)
    if len(now.finished) < FEWEST:
        return
    stored = training.experiment_of(activity)
    results = experiments.read(stored)
    spread, alike = st.columns([1.2, 1], gap="large")
    with spread:
        show_spread(results)
    with alike:
        show_kernels(results, now)


def show_spread(results: Results) -> None:
    numbers = samples.of_results(results)
    found = conclusions.conclude(numbers, chance=samples.chance(results))
    st.header(_("How far apart do they end?"), anchor=False)
    ui.markdown(ui.plain(found.sentence))
    st.plotly_chart(
        seeds.strip(numbers, {}), key="class_spread", alt=seeds.strip_alt(numbers), config=ui.plotly_config("class-spread")
    )  # fmt: skip
    if remarks := paragraph(*found.remarks):
        ui.caption(ui.plain(remarks))


def show_kernels(results: Results, now: Wall) -> None:
    st.header(_("Does everyone’s network learn the same kernels?"), anchor=False)
    ui.markdown(ui.plain(likeness(now)))
    arms = results.experiment.arms
    for number, arm in enumerate(arms):
        finished = tuple(o.seed for o in results.of(number) if o.state == "finished")
        if (found := detectors_of(results.experiment.id, number, finished)) is None:
            continue
        told = detectors.describe(found)
        ui.markdown(ui.plain(told if len(arms) == 1 else f"{arm.label()}: {told}"))
        if found.detectors:
            st.plotly_chart(
                kernels.frequencies(found), key=f"class_frequencies_{number}", alt=kernels.frequencies_alt(found),
                config=ui.plotly_config("class-kernels"),
            )  # fmt: skip


def likeness(now: Wall) -> str:
    """How alike the kernels on the wall are, beside random ones."""
    others = [tile for tile in now.finished if tile.likeness is not None and tile.member.number != now.reference]
    shown = next((tile.kernels for tile in now.finished if tile.member.number == now.reference), None)
    if not others or shown is None:
        return ""
    mean = sum(tile.likeness or 0.0 for tile in others) / len(others)
    return _(
        "Matched one to one with those of number {n}, the kernels of the others have a mean |r| of {mean}; random kernels "
        "that are matched in the same way have {chance}."
    ).format(n=now.reference, mean=decimals(mean, 2), chance=decimals(wall.likeness_by_chance(shown), 2))
