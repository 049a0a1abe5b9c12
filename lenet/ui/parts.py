"""Parts of a page that run by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from lenet import runs
from lenet.runs.visitors import asked_once
from lenet.ui.address import write_address
from lenet.ui.messages import attempt
from lenet.ui.streamlit_internals import is_part_alone

LONG = 600.0  # seconds between two runs of a part that has nothing to do


def part(show: Callable[..., object], *args: Any, every: float | None = None) -> None:
    """Show `show(*args)` as a fragment of the page, which reruns by itself when its widgets change and `every` seconds.

    If it raises a LenetError, that is shown as one sentence: a guard around the fragment would not hear of it.
    """

    def run() -> None:
        runs.supervisor().check()
        with asked_once():
            attempt(show, *args)
        if is_part_alone():
            write_address()

    st.fragment(run, run_every=every)()


def follow_restarts() -> None:
    """Have a page that lives of what is in the server's memory shown again as soon as a new server answers.

    A browser that has reconnected asks for its page only if a part of it runs by itself.
    """
    st.fragment(lambda: None, run_every=LONG)()


def wait_for(done: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait until `done`, or for at most `seconds`: for the effects of a process that was just started."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)
