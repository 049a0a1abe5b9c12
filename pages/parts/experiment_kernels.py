"""The kernels of all runs of an experiment beside each other, and how often each kind is learned, against chance."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import streamlit as st

from lenet import experiments, ui
from lenet.common.translation import translate as _
from lenet.experiments import Results, detectors
from lenet.experiments.detectors import Detectors
from lenet.experiments.figures import kernels

FEW = 5
"""Up to so many arms there is room for all their names."""


def show(results: Results) -> None:
    """The wall of an arm, and below it the kinds of kernels that several of its runs have learned."""
    arm = choose_arm(results)
    finished = tuple(o.seed for o in results.of(arm) if o.state == "finished")
    found = detectors_of(results.experiment.id, arm, finished)
    if found is None:
        ui.caption(_("Fewer than two runs have finished: there is nothing to compare yet."))
        return
    ui.markdown(ui.plain(detectors.describe(found)))
    ids = {o.seed: o.run_id for o in results.of(arm) if o.run_id}
    name = results.experiment.id
    st.plotly_chart(
        kernels.wall(found, ids), key="experiment_wall", alt=kernels.wall_alt(found), config=ui.plotly_config(f"{name}-kernels")
    )  # fmt: skip
    ui.caption(ui.plain(kernels.about_the_wall()))
    if found.detectors:
        st.plotly_chart(
            kernels.frequencies(found), key="frequencies", alt=kernels.frequencies_alt(found),
            config=ui.plotly_config(f"{name}-kinds"),
        )  # fmt: skip


def choose_arm(results: Results) -> int:
    """The number of the arm whose kernels are shown."""
    arms = results.experiment.arms
    if len(arms) == 1:
        return 0
    words = {str(n): arm.label() for n, arm in enumerate(arms)}
    few = len(arms) <= FEW
    widget: Callable[..., Any] = st.selectbox
    if few:
        widget = st.segmented_control
    more: dict[str, Any] = {"required": True} if few else {}
    return int(ui.choice(widget, _("Runs of"), words, key="arm", default="0", **more))


@lru_cache(maxsize=16)
def detectors_of(experiment_id: str, arm: int, _finished: tuple[int, ...]) -> Detectors | None:
    """What the runs of an arm that have finished have in common; many visitors look at the same experiment."""
    return detectors.of_arm(experiments.read(experiment_id), arm)
