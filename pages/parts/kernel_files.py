"""Files of the kernel page: kernels to download, and an upload."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.kernels import export, film, upload
from lenet.kernels.history import History, read_second_layer
from lenet.runs import rules
from pages.parts import kernel_wall
from pages.parts.kernel_choice import TENSOR, UPLOAD, Upload, read


def show(source: str) -> None:
    """Download buttons and the uploader."""
    with suppress(LenetError):  # the tab shows the error
        show_downloads(source)
    ui.guard(show_upload)


def show_upload() -> None:
    limit = rules.upload_mb(upload.MAX_MB)
    st.file_uploader(
        _("Upload a .safetensors file: its first convolution is shown"),
        type=["safetensors"], key=uploader_key(), on_change=take_upload, max_upload_size=limit,
    )  # fmt: skip
    text = _(
        "A file of more than {limit} MB is not read. This command cuts out its convolutions of up to four input channels."
    )
    ui.caption(text.format(limit=limit))
    st.code(upload.CUT_OUT, language=None, wrap_lines=True)


def show_downloads(source: str) -> None:
    """The kernels that are on the wall as CSV, and their whole history."""
    history = read(source)
    per_epoch = steps_per_epoch(source)
    name = source.removeprefix("~")
    table, words, moment = shown_kernels(source, history, per_epoch)
    for label, make, file, kind in (
        (words, table, f"kernels-{name}{moment}.csv", "text/csv"),
        (_("History (NPZ)"), lambda: export.to_npz(history), f"kernels-{name}.npz", "application/octet-stream"),
        (_("History as a film (GIF)"), lambda: film.gif(history, per_epoch), f"kernels-{name}.gif", "image/gif"),
    ):
        st.download_button(label, make, file, kind, on_click="ignore", width="stretch", key=f"take_{file[-3:]}")


def steps_per_epoch(source: str) -> int:
    """The length of an epoch of a run; 0 if it is not known."""
    with suppress(LenetError):  # the tab shows the error
        return 0 if source == UPLOAD else runs.find(source).status().steps_per_epoch
    return 0


def shown_kernels(source: str, history: History, per_epoch: int) -> tuple[Callable[[], str], str, str]:
    """What the wall shows: as CSV (on request), in words for a button, and as a part of a file's name."""
    if source == UPLOAD:
        return partial(export.to_csv, history.final), _("Kernels (CSV)"), ""
    index, layer = kernel_wall.shown(source, history)
    if layer == 2:
        with suppress(LenetError):
            if (second := read_second_layer(runs.find(source))) is not None:
                last = int(history.steps[-1])
                words = _("Kernels of the second layer (CSV)")
                return partial(export.to_csv, second, last, per_epoch), words, "-layer-2"
    step = int(history.steps[index])
    words = _("Kernels at step {step} (CSV)").format(step=step)
    return partial(export.to_csv, history.kernels[index], step, per_epoch), words, f"-step-{step}"


def show_refusal() -> None:
    """One sentence if the file that was uploaded just now cannot be used."""
    if error := st.session_state.pop("upload_refusal", None):
        ui.problem(error)


def uploader_key() -> str:
    """The key of the uploader. It changes after each refused file, so that a new uploader does not list that file."""
    return f"file-{st.session_state.get('uploads_refused', 0)}"


def take_upload() -> None:
    """Show the likely first convolution of the uploaded file, or keep the reason why the file is refused."""
    file = st.session_state[uploader_key()]
    if file is None:
        return
    try:
        found = upload.convolutions(file.getvalue())
        chosen = next((n for n, one in enumerate(found) if one.kernels is not None), None)
        if chosen is None:
            raise found[0].refusal or LenetError("upload_no_convolution", found=len(found))
    except LenetError as error:
        st.session_state["upload_refusal"] = error
        st.session_state["uploads_refused"] = st.session_state.get("uploads_refused", 0) + 1
        return
    histories = [None if one.kernels is None else History.of_snapshot(one.kernels) for one in found]
    st.session_state["upload"] = Upload(file.name, found, histories)
    st.session_state[TENSOR] = chosen
    st.session_state["run"] = UPLOAD
    kernel_wall.forget_step()


def choose_tensor(place: Any) -> None:
    """A menu of the convolutions of the uploaded file."""
    found = st.session_state["upload"].convolutions
    place.selectbox(
        _("Convolution of the file"), range(len(found)), key=TENSOR, format_func=lambda n: found[n].label,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip


def show_remarks() -> None:
    """What is to be said of the convolution of the file that is shown."""
    uploaded: Upload = st.session_state["upload"]
    first, shown = uploaded.convolutions[0], uploaded.convolutions[uploaded.chosen]
    if shown is not first and first.refusal:
        told = _("The likely first convolution is left out. {reason}").format(reason=explain(first.refusal))
        ui.caption(ui.plain(told))
    if shown.is_whole:
        ui.caption(
            _("These weights are whole numbers, as a quantised network stores them: what one is worth is not read.")
        )
