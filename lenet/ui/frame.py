"""Around every page: its looks, and its foot that tells of data and device."""

from __future__ import annotations

import time

import streamlit as st

from lenet import data, runs
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.ui.messages import plain, problem
from lenet.ui.parts import COMPONENTS_DIR
from lenet.ui.reader import operator


def style() -> None:
    """Less air above and between, so that the main figure of a page is on screen without scrolling."""
    st.html(COMPONENTS_DIR / "page.css")


def status_line() -> None:
    """The foot of every page: which data the app uses and on which device it trains."""
    runs.supervisor().check()
    device = runs.read_state().device_name or _("not known yet")
    st.caption(plain(_("Data: {data} · Training on: {device}").format(data=data_words(), device=device)))


def data_words() -> str:
    """Which data the app uses, or what is wrong with them, in one phrase."""
    try:
        source = data.find()
    except LenetError as error:
        return explain(error)
    if source.kind == "sample":
        return _("bundled sample of Fashion-MNIST, 6,000 + 1,000 images")
    return _("Fashion-MNIST in {folder}").format(folder=source.folder)


def data_download() -> None:
    """Where only the sample is here: a button for the operator that fetches the full data set, with its progress."""
    if data.find().kind == "full" or not operator():
        return
    if data.download_progress() is not None:
        _show_download()
        return
    if error := data.download_error():
        problem(error)
    if st.button(_("Download the complete data set (31 MB)"), icon=":material/download:", key="download"):
        data.start_download()
        time.sleep(0.5)  # until the new process holds its lock
        st.rerun()


@st.fragment(run_every=0.5)
def _show_download() -> None:
    share = data.download_progress()
    if share is None:
        st.rerun()
    st.progress(share, text=_("Downloading Fashion-MNIST …"))
