"""Sources of kernels for the kernel page, and the choice of the kernels that are shown at a time.

A source is the id of a run, or one of UPLOAD, NOTE and INITIAL, which cannot be ids of runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from lenet import runs, ui
from lenet.architecture.images import LabelledImages
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.kernels import note
from lenet.kernels.figures.sheet import COLUMNS
from lenet.kernels.history import History, read_history
from lenet.kernels.upload import Convolution
from lenet.runs import Run
from pages.parts import shown_images

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Upload:
    """An uploaded file: its name, and what can be chosen from it."""

    file: str
    convolutions: list[Convolution]
    histories: list[History | None]
    """Each convolution as a single snapshot; None for one that cannot be shown."""

    @property
    def chosen(self) -> int:
        index: int = st.session_state.get(TENSOR, 0)
        return index if index < len(self.convolutions) else 0

    @property
    def label(self) -> str:
        return _("{file}: {tensor}").format(file=self.file[:60], tensor=self.convolutions[self.chosen].name[:60])

    def read(self) -> History:
        """The chosen convolution. Raises LenetError if it cannot be shown."""
        history = self.histories[self.chosen]
        if history is None:
            raise self.convolutions[self.chosen].refusal or LenetError("upload_no_convolution", found=0)
        return history


UPLOAD = "~upload"
"""The uploaded file, in the session state as `upload` (see `Upload`)."""
TENSOR = "upload_tensor"
"""The state of the menu of its convolutions: the index of the one that is shown."""
NOTE = "~note"
INITIAL = "~start"
"""The initial kernels of the selected run itself."""


def labels() -> dict[str, str]:
    """The names of the sources that a reader can choose: the uploaded file, then every run."""
    found = ui.run_words()
    if "upload" in st.session_state:
        found = {UPLOAD: st.session_state["upload"].label} | found
    return found


def read(source: str) -> History:
    """The history of a run, or the single snapshot of another source. Raises LenetError."""
    if source == UPLOAD:
        upload: Upload = st.session_state["upload"]
        return upload.read()
    if source == NOTE:
        return History.of_snapshot(note.KERNELS)
    return read_history(runs.find(source))


def try_read(what: Callable[[Run], T], run: Run) -> T | None:
    """`what(run)`; None, and one sentence on the page, if that raises a LenetError."""
    try:
        return what(run)
    except LenetError as error:
        ui.problem(error)
        return None


def choose_page(kernels: int) -> int:
    """The index of the first kernel to show, chosen by the reader if there are more than fit side by side."""
    pages = {str(i + 1): f"{i + 1} – {min(i + COLUMNS, kernels)}" for i in range(0, kernels, COLUMNS)}
    if len(pages) == 1:
        return 0
    return int(ui.choice(st.segmented_control, _("Kernels"), pages, key="from", default="1", required=True)) - 1


def images_for(source: str) -> LabelledImages:
    """The test images on which the kernels of a source are shown: those of its run, for a file those of this machine."""
    return shown_images.of_this_machine() if source == UPLOAD else shown_images.of_run(runs.find(source))
