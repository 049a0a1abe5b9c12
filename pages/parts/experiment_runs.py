"""The runs of an experiment: the best, the median and the worst of each arm with the way to them, and all of them as a table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lenet import ui
from lenet.common.errors import explain
from lenet.common.formatting import percent
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.experiments import Results
from lenet.experiments.results import MISSING, Outcome
from lenet.runs import STATES


def show(results: Results) -> None:
    """The best, the median and the worst run of each arm with the way to them, and all runs as a table."""
    for number, arm in enumerate(results.experiment.arms):
        if ranked := sorted(
            (o for o in results.of(number) if o.test_acc is not None), key=lambda o: -(o.test_acc or 0.0)
        ):
            show_three(arm.label(), number, ranked)
    if not any(o.run_id for o in results.outcomes):
        ui.caption(only_numbers())
    st.dataframe(rows(results), hide_index=True, placeholder="–")


def only_numbers() -> str:
    """Why a run has no ways to its curve and its kernels."""
    return _(
        "Only the numbers of these runs came with the app, and the kernels of their first layer, in the tab Kernels. Start trains them here, "
        "with curves and kernels to open."
    )


def show_three(label: str, number: int, ranked: list[Outcome]) -> None:
    """The best, the median and the worst of an arm's runs."""
    chosen = {_("best"): ranked[0], _("median"): ranked[(len(ranked) - 1) // 2], _("worst"): ranked[-1]}
    with st.container(key=f"three_{number}"):
        if label:
            ui.markdown(f"**{ui.plain(label)}**")
        for place, (name, outcome) in zip(st.columns(3), chosen.items(), strict=True):
            with place:
                show_run(outcome, name)


def show_run(outcome: Outcome, name: str) -> None:
    """A run with its accuracy, and the ways to its curve and its kernels where it has its files."""
    text = _("{name}: {accuracy} (seed {seed})") if name else _("{accuracy} (seed {seed})")
    ui.markdown(ui.plain(text.format(name=name, accuracy=percent(outcome.test_acc or 0.0), seed=outcome.seed)))
    if outcome.run_id:
        query = {"run": outcome.run_id}
        with st.container(horizontal=True):
            st.page_link("training.py", label=_("Curve"), icon=":material/show_chart:", query_params=query)
            st.page_link("kernels.py", label=_("Kernels"), icon=":material/grid_view:", query_params=query)


def rows(results: Results) -> list[dict[str, Any]]:
    """A row for each run, arm by arm."""
    words = STATES | {MISSING: N_("not begun")}
    return [
        ({_("Arm"): arm.label()} if arm.settings else {})
        | {
            _("Seed"): o.seed,
            _("State"): _(words[o.state]),
            _("Epochs"): o.epochs,
            _("Test accuracy"): o.test_acc,
            _("Name in files"): o.run_id,
            _("Why"): explain(o.error) if o.error else None,
        }
        for number, arm in enumerate(results.experiment.arms)
        for o in results.of(number)
    ]
