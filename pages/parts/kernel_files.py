"""Files of the kernel page: kernels to download, and an upload."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from lenet import ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.kernels import export, film, upload
from lenet.kernels.history import History
from lenet.runs import rules
from pages.parts.kernel_choice import UPLOAD, read
from pages.parts.kernel_wall import forget_step


def show(source: str) -> None:
    """Download buttons and the uploader."""
    with suppress(LenetError):  # the tab shows the error
        show_downloads(read(source), source.removeprefix("~"))
    st.file_uploader(
        _("Upload a .safetensors file: its first convolution is shown"),
        type=["safetensors"], key=uploader_key(), on_change=take_upload, max_upload_size=rules.upload_mb(upload.MAX_MB),
    )  # fmt: skip


def show_downloads(history: History, name: str) -> None:
    for label, make, ending, kind in (
        (_("Kernels (CSV)"), lambda: export.to_csv(history.final), "csv", "text/csv"),
        (_("History (NPZ)"), lambda: export.to_npz(history), "npz", "application/octet-stream"),
        (_("History as a film (GIF)"), lambda: film.gif(history), "gif", "image/gif"),
    ):
        st.download_button(
            label, make, f"kernels-{name}.{ending}", kind, on_click="ignore", width="stretch", key=f"take_{ending}"
        )


def show_refusal() -> None:
    """One sentence if the file that was uploaded just now cannot be used."""
    if error := st.session_state.pop("upload_refusal", None):
        ui.problem(error)


def uploader_key() -> str:
    """The key of the uploader. It changes after each refused file, so that a new uploader does not list that file."""
    return f"file-{st.session_state.get('uploads_refused', 0)}"


def take_upload() -> None:
    """Show the first layer of the uploaded file, or keep the reason why it is refused."""
    file = st.session_state[uploader_key()]
    if file is None:
        return
    try:
        tensor, kernels = upload.first_layer(file.getvalue())
    except LenetError as error:
        st.session_state["upload_refusal"] = error
        st.session_state["uploads_refused"] = st.session_state.get("uploads_refused", 0) + 1
        return
    st.session_state["upload"] = History.of_snapshot(kernels)
    st.session_state["upload_label"] = _("{file}: {tensor}").format(file=file.name[:60], tensor=tensor[:60])
    st.session_state["run"] = UPLOAD
    forget_step()
