"""The server around the pages: what is done at its start and its end, on errors, and for every connection.

`app.py` hands these to `st.App`. Pages run without them too, as they do in tests.
"""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp, Receive, Scope, Send

from lenet import runs
from lenet.common import log, malloc, paths
from lenet.common.errors import LenetError, say
from lenet.ui.compression import Store
from lenet.ui.messages import plain
from lenet.ui.speed import load_libraries
from lenet.ui.streamlit_internals import drop_late_ticks, log_errors_once

TEND_ALONE = 60.0  # seconds between two looks for runs that wait, where nobody visits


@asynccontextmanager
async def lifespan(compressed: Store, _app: st.App) -> AsyncIterator[None]:
    """All that happens once in the life of a server, from its start to its end."""
    malloc.few_heaps()
    drop_late_ticks()
    log_errors_once()
    log.info("server_started", hosted=paths.hosted(), streamlit=st.__version__)
    with compressed.improving():
        background = [asyncio.create_task(work) for work in (asyncio.to_thread(load_libraries), _supervise())]
        _open_browser()
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            log.info("server_stopped")


async def _supervise() -> None:
    """Find out which device this machine has; then look for runs that wait, also while nobody visits.

    The first is asked in a process that may import torch. By the second, a worker that was killed is replaced.
    """
    with suppress(LenetError):
        await asyncio.to_thread(runs.supervisor().probe)
    while True:
        await asyncio.sleep(TEND_ALONE)
        with suppress(Exception):  # the next look may see better
            await asyncio.to_thread(runs.supervisor().check)


def _open_browser() -> None:
    """Show the app to whoever started it with `streamlit run` at a desktop: for an `st.App` Streamlit leaves that out."""
    by_streamlit = Path(sys.argv[0]).stem == "app"  # it sets the arguments to those of the script
    if st.get_option("server.headless") or not by_streamlit:
        return
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    # The port is open by now: the browser waits for its answer until the server has begun.
    asyncio.get_running_loop().run_in_executor(
        None, webbrowser.open, f"{scheme}://localhost:{st.get_option('server.port')}/{path}"
    )


# -- errors --------------------------------------------------------------------------------------------------------


def show_error(error: Exception) -> bool:
    """Show an error that nobody foresaw as one sentence with a number, under which the log has the rest.

    Streamlit calls it for errors of pages, callbacks and fragments, in their place. True: it shows nothing itself.
    """
    number = log.error("page_failed", error)
    with st.container(key=f"page_failed_{number}"):
        st.error(plain(say("unexpected", {"id": number})), icon=":material/error:")
    return True


# -- connections ---------------------------------------------------------------------------------------------------


class CountedTabs:
    """ASGI middleware that counts websockets while they are open: one for each browser tab."""

    now: int | None = None
    """How many there are in this process; None where no server runs in it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        CountedTabs.now = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        CountedTabs.now = (CountedTabs.now or 0) + 1
        try:
            await self.app(scope, receive, send)
        finally:
            CountedTabs.now -= 1


def sessions() -> int | None:
    """How many browser tabs are connected to this server process; None where no server runs in it."""
    return CountedTabs.now
