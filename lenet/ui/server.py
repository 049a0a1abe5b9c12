"""The server around the pages: startup and shutdown, error handling, and a count of connections.

`app.py` passes these to `st.App`. Pages also run without them, as in tests.
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
from lenet.runs import supervision
from lenet.ui.class_watch import answering
from lenet.ui.compression import Store
from lenet.ui.messages import plain
from lenet.ui.speed import load_libraries
from lenet.ui.streamlit_internals import drop_late_parts, log_errors_once

TEND_ALONE = 60.0  # seconds between two checks for waiting runs while nobody visits


@asynccontextmanager
async def lifespan(compressed: Store, _app: st.App) -> AsyncIterator[None]:
    """Everything that happens at the start and the end of a server."""
    malloc.few_heaps()
    drop_late_parts()
    log_errors_once()
    log.info("server_started", hosted=paths.hosted(), streamlit=st.__version__)
    with compressed.improving(), supervision.serving(), answering():
        background = [asyncio.create_task(work) for work in (asyncio.to_thread(load_libraries), _supervise())]
        _open_browser()
        try:
            yield
        finally:
            for task in background:
                task.cancel()
            log.info("server_stopped")
            if told := supervision.what_goes_on():
                print(told, flush=True)


async def _supervise() -> None:
    """Find out which device this machine has; then check for waiting runs, also while nobody visits.

    The first is done in a worker process, which may import torch. The second replaces a worker that was killed.
    """
    with suppress(LenetError):
        await asyncio.to_thread(runs.supervisor().probe)
    while True:
        await asyncio.sleep(TEND_ALONE)
        with suppress(Exception):  # the next check may succeed
            await asyncio.to_thread(runs.supervisor().check)


def _open_browser() -> None:
    """Open the app in a browser if `streamlit run` started it on a desktop; Streamlit does not for an `st.App`."""
    by_streamlit = Path(sys.argv[0]).stem == "app"  # which sets sys.argv to that of the script
    if st.get_option("server.headless") or not by_streamlit:
        return
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    # The port is open already; the browser waits for the response until the server has started.
    asyncio.get_running_loop().run_in_executor(
        None, webbrowser.open, f"{scheme}://localhost:{st.get_option('server.port')}/{path}"
    )


# -- errors --------------------------------------------------------------------------------------------------------


def show_error(error: Exception) -> bool:
    """Show an unexpected error as one sentence with a number, under which the log has the details.

    Streamlit calls it for errors in pages, callbacks and fragments. Returns True: Streamlit shows nothing itself.
    """
    number = log.error("page_failed", error)
    with st.container(key=f"page_failed_{number}"):
        st.error(plain(say("unexpected", {"id": number})), icon=":material/error:")
    return True


# -- connections ---------------------------------------------------------------------------------------------------


class CountedTabs:
    """ASGI middleware that counts websockets while they are open: one for each browser tab."""

    now: int | None = None
    """The number of open tabs; None if this process is no server."""

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
    """The number of browser tabs connected to this server process; None if this process is no server."""
    return CountedTabs.now
