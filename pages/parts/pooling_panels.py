"""The tabs of the pooling page: each shows one aspect of a grid and a pooling layer."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st

from lenet import grid as grids
from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import paragraph
from lenet.common.translation import translate as _
from lenet.grid.asking import asking
from lenet.pooling import Pooling, PoolingError, code, robustness, stacking
from lenet.pooling.examples import EXAMPLES, KERNEL_SIZES, STRIDES, Example
from lenet.pooling.figures import remarks
from lenet.pooling.figures import robustness as robustness_figures
from lenet.pooling.figures import stacking as stacking_figures
from lenet.pooling.figures import window as figures
from pages.parts import layer_code, layer_figure, layer_gradient
from pages.parts.lessons import Bar, is_asked
from pages.parts.pooling_grid import change_grid, grid_notes


def seen(lesson: Bar, grid: grids.Grid, layer: Mapping[str, Any], zero: bool) -> str:
    """What there is to see in a lesson; "" for a layer that does not fit, about which a sentence stands in the figure's place."""
    try:
        return lesson.lesson.seen(grid, Pooling(**layer), zero)
    except PoolingError:
        return ""


def show_window(grid: grids.Grid, pool: Pooling, example: Example, zero: bool, lesson: Bar | None) -> None:
    """The grid and the window that moves over it. `zero`: also show a max with zero padding, for comparison."""
    scene = figures.scene(grid, pool, image=example.is_image(grid), zero=zero)
    if lesson and is_asked(lesson):
        layer_figure.show(asking(scene, lesson.hides), key="figure", page="pooling")
    else:
        layer_figure.show(scene, key="figure", page="pooling", on_edit_change=take_edits)


def take_edits() -> None:
    """Use the cells that the reader has edited: the last one, and those before it that may not have arrived."""
    edits = st.session_state["figure"].get("edit")
    for edit in edits[-grids.MOST_EDITS :] if isinstance(edits, list) else [edits]:
        change_grid(partial(grids.with_cell, edit=edit))


def show_remarks(grid: grids.Grid, pool: Pooling, example: Example) -> None:
    """What there is to say about the window, and its numbers as a file."""
    told = "  \n".join(filter(None, [grid_notes(example, grid), remarks.remarks(example, grid, pool)]))
    ui.markdown(told, width="stretch")
    st.download_button(
        # made on request: one for each change of a slider would expire before the browser requests it
        _("Numbers (CSV)"), lambda: grids.to_csv(pool(grid)), "pooling.csv", "text/csv", on_click="ignore",
    )  # fmt: skip


def show_summary() -> None:
    """What pooling is good for."""
    ui.markdown(
        _(
            "Pooling gives one number for each neighbourhood. With a stride above 1 it **compresses**: fewer numbers come "
            "out than go in. Max pooling keeps the largest number and forgets where in the window it was; average pooling "
            "keeps the mean, which blurs. Whether a map becomes **robust** against shifts and noise depends on the numbers: "
            "**Compression and robustness** computes it for the grid on screen. Pooling has no parameters to learn, and "
            "each channel is pooled separately."
        )
    )


def show_gradient(grid: grids.Grid, pool: Pooling) -> None:
    """The gradient passed back through the layer."""
    numbered = layer_gradient.choose_arriving(
        _("In training, each output cell receives a gradient: how much the loss changes with its value. "
          "Pooling has no parameters to learn; it only passes these gradients back to its input."),
    )  # fmt: skip
    layer_figure.show(figures.gradient_scene(grid, pool, numbered=numbered), key="gradient", page="pooling")


def show_robustness(grid: grids.Grid, pool: Pooling, example: Example, lesson: Bar | None) -> None:
    """How much of a change of the input remains after this layer, after others, and without pooling."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="robustness_controls"):
        kind: robustness.Change = ui.choice(
            st.segmented_control,
            _("Change the input"),
            {"shift": _("Shift it"), "noise": _("Add noise")},
            key="change",
            default="shift",
            required=True,
        )
        if kind == "shift":
            amount = ui.number(st.slider, _("Cells to the right"), 0, 4, key="shift", default=1)
        else:
            amount = ui.number(st.slider, _("Noise, percent of the range"), 0, 50, key="noise", default=20, step=5)
        draw = (
            ui.typed_number(st, _("Random draw"), 0, 999, key="draw", default=0, width=150) if kind == "noise" else 0
        )
    found = robustness.responses(grid, pool, kind, amount, draw)
    words = robustness_figures.names(pool.stride)
    sizes = grid.size, pool(grid).size
    left, right = (st, None) if is_asked(lesson) else st.columns([3, 2], gap="medium")
    left.plotly_chart(
        robustness_figures.pictures(found, words, image=example.is_image(grid)),
        key="pictures", config=ui.plotly_config("robustness"), alt=robustness_figures.sentence(found, words, sizes),
    )  # fmt: skip
    if right is None:  # all else would tell what is asked
        return
    steps = robustness.curves(grid, pool, kind, draw)
    right.plotly_chart(
        robustness_figures.curves({n: c for n, c in steps.items() if not found[n].is_plain}, words, kind, amount),
        key="changes", config=ui.plotly_config("robustness-curve"),
        alt=_("The change of each map against the size of the change of the input"),
    )  # fmt: skip
    ui.markdown(robustness_figures.sentence(found, words, sizes))
    if kind == "noise":
        show_noise_on_others(grid, pool, found, amount, draw)
    elif found["input"].change:
        moved = robustness.moved(grid, pool, amount)
        ui.markdown(robustness_figures.shift_sentence(moved, pool.stride[1], amount))
    ui.markdown(robustness_figures.measure(grid, pool, kind))


def show_noise_on_others(
    grid: grids.Grid, pool: Pooling, found: Mapping[str, robustness.Response], amount: int, draw: int
) -> None:
    """The same noise on the numbers of this grid in random order, and on a picture: what averaging keeps differs."""
    mixed = robustness.shuffled(grid, draw)
    cases = {_("this grid"): grid, _("its numbers in random order"): mixed}
    with suppress(LenetError):  # without the sample the table is shorter
        boot = EXAMPLES["image"].grid()
        cases |= {} if grids.equal(boot, grid) else {_("the picture of the examples"): boot}
    rows = {
        title: (
            robustness.likeness(case),
            found if case is grid else robustness.responses(case, pool, "noise", amount, draw),
        )
        for title, case in cases.items()
    }
    with st.container(key="noise_table"):
        ui.markdown(robustness_figures.noise_table(rows, robustness_figures.names(pool.stride)))


def show_stack(grid: grids.Grid, pool: Pooling, example: Example, lesson: Bar | None) -> None:
    """Further pools after the one set above, and the receptive field of a cell in each level."""
    settings = {"kernel": (_("Kernel of pool {n}"), KERNEL_SIZES), "stride": (_("Stride of pool {n}"), STRIDES)}
    layers = [pool]
    with st.container(horizontal=True, vertical_alignment="bottom", key="stack_controls"):
        pools = ui.number(st.slider, _("Number of pools"), 1, 3, key="pools", default=2)
        for n in range(2, pools + 1):
            kernel, stride = (
                ui.number(st.slider, label.format(n=n), *bounds, key=f"{key}{n}", default=2)
                for key, (label, bounds) in settings.items()
            )
            layers.append(Pooling(pool.mode, kernel, stride))
    levels = stacking.stack(grid, layers)
    ui.component("pooling/component")(key="tower", data=stacking_figures.scene(levels, image=example.is_image(grid)))
    if is_asked(lesson):
        return
    ui.markdown(stacking_figures.sentence(levels))
    padded = _("Where a receptive field reaches beyond the edge, part of it is padding.")
    ui.markdown(paragraph(_("Pool 1 is the layer set above."), padded if pool.padding != (0, 0) else ""))


def show_code(grid: grids.Grid, pool: Pooling) -> None:
    """The layer and its grid as code."""
    layer_code.show(
        "pooling_code",
        _("Plain double loop"),
        lambda language: code.CODES[language](grid, pool),
        many=grid.size > 64,
    )
