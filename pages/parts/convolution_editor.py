"""“Own numbers” on the convolution page: the input and the kernel as text, their sizes, and kernels that networks learned."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lenet import grid as grids
from lenet import runs, ui
from lenet.common.translation import translate as _
from lenet.convolution.examples import KERNEL_SIZES
from lenet.convolution.numbers import Numbers, on_every_channel
from lenet.grid import Grid
from lenet.kernels import note
from lenet.kernels.history import has_history, read_history
from lenet.kernels.layers import as_written
from pages.parts.convolution_numbers import (
    change_kernel,
    grid_editor,
    kernel_editor,
    shown_kernel,
    take_picture,
)

state = st.session_state
NOTE = "~note"
"""In place of the id of a run."""


def show(numbers: Numbers) -> None:
    kernel = numbers.kernel(shown_kernel())
    words = [_("Input"), _("Kernel"), _("Size"), _("Picture"), _("Learned kernels")]
    inputs, kernels, size, picture, learned = st.tabs(words, width=440)
    with inputs:
        grid_editor().show_numbers(numbers.grid)
    with kernels:
        kernel_editor().show_numbers(kernel)
    with size:
        grid_editor().show_size(numbers.grid)
        show_kernel_size(kernel)
    with picture:
        ui.guard(partial(grid_editor().show_picture, take_picture))
    with learned:
        ui.guard(show_learned)


def show_kernel_size(kernel: Grid) -> None:
    """The sides of the kernel; its channels are those of the input."""
    editor = kernel_editor()

    def resize() -> None:
        rows, columns = (state[editor.key(side)] for side in ("rows", "columns"))
        change_kernel(lambda kernel: grids.resized(kernel, len(kernel), rows, columns), cut=True)

    labels = {"rows": _("Rows of the kernel"), "columns": _("Columns of the kernel")}
    for (side, label), n in zip(labels.items(), kernel.shape[1:], strict=True):
        editor.slider(label, side, n, max(n, KERNEL_SIZES[1]), resize)


def show_learned() -> None:
    """The kernels of the first layer of each run, and those that the note prints."""
    names = {NOTE: _("The note’s printed kernels")}
    names |= {run: words for run, words in ui.run_words().items() if has_history(runs.find(run))}
    source = st.selectbox(_("From"), list(names), format_func=names.__getitem__, key="learned_from")
    found = note.KERNELS if source == NOTE else read_history(runs.find(source)).final
    n = st.slider(_("Kernel"), 1, len(found), key="learned_kernel") if len(found) > 1 else 1
    st.button(
        _("Use this kernel"), key="use_learned", type="primary", on_click=take_learned, args=(grids.sealed(as_written(found[n - 1])),)
    )  # fmt: skip


def take_learned(learned: Grid) -> None:
    """Use a kernel; one of a grey image is laid on every channel."""
    change_kernel(lambda kernel: on_every_channel(learned, len(kernel)))
