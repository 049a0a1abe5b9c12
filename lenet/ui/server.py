"""The server below the pages: what is done once in its life, and what Streamlit is made to do otherwise.

Everything here that touches the inside of Streamlit is in this file: `inside_app`, `calm_errors`, `drop_late_ticks`,
`sessions`. Its version is pinned, and tests look whether these are still as they were.
"""

from __future__ import annotations

import atexit
import gc
import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import Any

# Imported here although only Streamlit uses them, and lazily: the heap is frozen once all of it is loaded.
import pandas  # noqa: F401
import plotly.graph_objects  # noqa: F401
import streamlit as st
from streamlit import error_util, runtime
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.proto.Exception_pb2 import Exception as ExceptionProto
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from lenet import runs
from lenet.common import log, malloc, paths, process
from lenet.common.errors import LenetError, say
from lenet.ui.messages import PAGE

TEND_ALONE = 60.0  # seconds between two looks for runs that wait, where nobody visits

# -- Streamlit made to do otherwise --------------------------------------------------------------------------------


def inside_app() -> None:
    """Make sure that app.py frames this page; the first line of every page.

    Streamlit takes a folder called `pages/` for the pages of its older kind of app until app.py has called
    `st.navigation` once in the server's life. A link straight to a page may be the first that a server is asked for:
    then that older way is switched off here and the request begins again.
    """
    if PAGE not in st.session_state:
        PagesManager.uses_pages_directory = False
        st.rerun()


def calm_errors() -> None:
    """Have an error that nobody foresaw shown as one sentence with a number, which its line in the log has as well.

    Streamlit's `client.showErrorDetails = "none"` hides its details, but leads nobody to the log. It offers no sentence
    of one's own to `streamlit run`: the function with which it shows errors of scripts, callbacks and fragments is
    replaced here.
    """
    logging.getLogger("streamlit.error_util").handlers[:] = [logging.NullHandler()]  # the traceback is on stderr once
    error_util.show_uncaught_app_exception = _show_error


def _show_error(ex: BaseException) -> None:
    """An element of the kind in which Streamlit shows errors, so that who looks for one finds it."""
    with suppress(Exception):  # telling of an error must not end in another one
        words = say("unexpected", {"id": log.error("page_failed", ex)})
        get_dg_singleton_instance().main_dg._enqueue("exception", ExceptionProto(message=words))


def drop_late_ticks() -> None:
    """Pass over a live part's request to run by itself in the moment in which a run has ended and is not sent yet.

    Streamlit would start that part and throw away what waits to be sent: on a server that is busier than it can be, eight
    visitors of a hundred were left with half a page. The part asks again soon; what a visitor has clicked always counts.
    This wraps a method of Streamlit's sessions.
    """
    request = AppSession.request_rerun

    @wraps(request)
    def request_rerun(self: AppSession, client_state: Any) -> None:
        runner = self._scriptrunner
        has_ended = runner is not None and runner._requests._state == ScriptRequestType.STOP
        if not (has_ended and client_state is not None and client_state.is_auto_rerun):
            request(self, client_state)

    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


drop_late_ticks()


def sessions() -> int | None:
    """How many browser tabs are connected to this server process; None where Streamlit does not tell.

    This is what its `/_stcore/metrics` would say, asked for in the process itself: not a documented interface.
    """
    with suppress(Exception):
        (gauge,) = runtime.get_instance().stats_mgr.get_stats(["active_sessions"])["active_sessions"]
        return int(gauge.value)  # type: ignore[attr-defined]
    return None


# -- once in its life ----------------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def log_server() -> None:
    """Once per server: write its beginning and its end into the operator's log."""
    if type(runtime.get_instance()) is not runtime.Runtime:  # a test of a page
        return
    since = time.strftime("%FT%TZ", time.gmtime(process.started()))  # the first visitor may have come much later
    log.info("server_started", since=since, hosted=paths.hosted(), streamlit=st.__version__)
    atexit.register(log.info, "server_stopped")
    threading.Thread(target=_tend_alone, name="tend", daemon=True).start()


def _tend_alone() -> None:
    """Also while nobody visits: a worker that was killed is replaced where runs wait."""
    while True:
        time.sleep(TEND_ALONE)
        with suppress(Exception):  # the next look may see better
            runs.supervisor().check()


@st.cache_resource(show_spinner=False)
def probe_device(runs_dir: str) -> None:
    """Find out once per server which device this machine has, in a process that may import torch."""
    with suppress(LenetError):
        runs.supervisor().probe()


# -- speed ---------------------------------------------------------------------------------------------------------

malloc.few_heaps()
first_import = threading.Lock()
"""Held while a page imports torch, for seconds: two visitors who come at once do not import halves of it each."""


_turns = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Compute one page after the other. Python's lock lets one thread compute anyway; pages that share it by slices of
    milliseconds all end late, and of those that wait their turn most end early (p95 of 40 visitors: 190 → 120 ms)."""
    is_ours = _turns.acquire(timeout=0.25)  # a page that takes long, the first with torch, does not hold up everybody
    try:
        yield
    finally:
        if is_ours:
            _turns.release()


_frozen_modules = 0


def settle_heap() -> None:
    """Keep the collector off everything imported so far; called at the end of each script run.

    A full collection with Plotly, pandas and torch on the heap takes 80–140 ms, in which nobody is answered; frozen
    objects are passed over. New modules (torch, on the first visit of a page that needs it) are frozen in their turn.
    """
    global _frozen_modules
    if len(sys.modules) != _frozen_modules:
        gc.collect()
        gc.freeze()
        _frozen_modules = len(sys.modules)
