"""The frame of every page: its style, and the footer on data and device."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from lenet import data, runs
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import number
from lenet.common.translation import translate as _
from lenet.ui.messages import plain, problem
from lenet.ui.parts import wait_for
from lenet.ui.sign_in import operator

ICON = Path(__file__).with_name("icon.png")
STYLE = Path(__file__).with_name("page.css")
PRINT = Path(__file__).with_name("print.js")


def style() -> None:
    """Reduce margins, so that the main figure of a page is visible without scrolling."""
    st.html(STYLE)


def status_line() -> None:
    """The footer of every page: which data the app uses and on which device it trains."""
    runs.supervisor().check()
    device = runs.read_state().device_name or _("not known yet")
    st.caption(plain(_("Data: {data} · Training on: {device}").format(data=data_words(), device=device)))


def printing() -> None:
    """Let the reader's browser print the page on one sheet. Call it last: an element without height still has a gap."""
    st.html(f"<script>{_print_script()}</script>", unsafe_allow_javascript=True)


@lru_cache(maxsize=1)
def _print_script() -> str:
    return PRINT.read_text(encoding="utf-8")


def data_words() -> str:
    """The data that the app uses, or what is wrong with them, in one phrase."""
    try:
        source = data.find()
    except LenetError as error:
        return explain(error)
    data_set = data.data_set()
    if source.kind == "sample":
        train, test = (number(data_set.sample_sizes[split]) for split in ("train", "test"))
        return _("bundled sample of {name}, {train} + {test} images").format(
            name=data_set.name, train=train, test=test
        )
    return _("{name} in {folder}").format(name=data_set.name, folder=source.folder)


def data_download() -> None:
    """A button with which the operator downloads the full data set, and its progress; nothing if the data are here."""
    if data.find().kind == "full" or not operator():
        return
    if data.download_progress() is not None:
        _show_download()
        return
    if error := data.download_error():
        problem(error)
    megabytes = round(data.data_set().download_bytes / 1e6)
    text = _("Download the complete data set ({n} MB)").format(n=megabytes)
    if st.button(text, icon=":material/download:", key="download"):
        data.start_download()
        wait_for(_download_has_begun)
        st.rerun()


def _download_has_begun() -> bool:
    """Whether the new process is at work, or has ended already."""
    at_work, failed = data.download_progress() is not None, data.download_error() is not None
    return at_work or failed or data.find().kind == "full"


@st.fragment(run_every=0.5)
def _show_download() -> None:
    share = data.download_progress()
    if share is None:
        st.rerun()
    st.progress(share, text=_("Downloading {name} …").format(name=data.data_set().name))
