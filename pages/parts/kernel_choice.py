"""What the kernel page shows: kernels of which run, or of which other source, and which of them at a time.

A source is the id of a run, or one of UPLOAD, NOTE and INITIAL, which no run can have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lenet import runs, ui
from lenet.common.errors import LenetError
from lenet.common.translation import translate as _
from lenet.kernels import note
from lenet.kernels.figures.sheet import COLUMNS
from lenet.kernels.history import History, read_history
from lenet.runs import Run

T = TypeVar("T")

UPLOAD = "~upload"
"""The reader's own file, in the session's state as `upload` (History) and `upload_label`."""
NOTE = "~note"
INITIAL = "~start"
"""The kernels of the chosen run itself before training."""


def labels() -> dict[str, str]:
    """The sources that a reader can choose from, with their names: the reader's own file, then every run."""
    found = ui.run_words()
    if "upload" in st.session_state:
        found = {UPLOAD: st.session_state["upload_label"]} | found
    return found


def read(source: str) -> History:
    """The history of a run, or the single snapshot of another source. Raises LenetError."""
    if source == UPLOAD:
        upload: History = st.session_state["upload"]
        return upload
    if source == NOTE:
        return History.of_snapshot(note.KERNELS)
    return read_history(runs.find(source))


def try_read(what: Callable[[Run], T], run: Run) -> T | None:
    """`what(run)`; where it cannot be read, None and one sentence on the page."""
    try:
        return what(run)
    except LenetError as error:
        ui.problem(error)
        return None


def choose_page(kernels: int) -> int:
    """The first of the kernels to show. The reader chooses it if there are more than fit side by side."""
    pages = {str(i + 1): f"{i + 1} – {min(i + COLUMNS, kernels)}" for i in range(0, kernels, COLUMNS)}
    if len(pages) == 1:
        return 0
    return int(ui.choice(st.segmented_control, _("Kernels"), pages, key="from", default="1", required=True)) - 1
