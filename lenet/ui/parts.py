"""Components, and parts of a page that run by themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lenet import runs

COMPONENTS_DIR = Path(__file__).parents[1] / "components"


def component(name: str) -> Any:
    """Register `lenet/components/<name>.js` (and `.css`) once; returns the command that mounts it.

    The script is the `export default` of Streamlit's components v2, after what all share in `_common.js`; `data`
    reaches it as JSON, with all its words already translated.
    """

    def text(ending: str) -> str:
        parts = [COMPONENTS_DIR / f"{part}.{ending}" for part in ("_common", name)]
        return "\n".join(part.read_text(encoding="utf-8") for part in parts if part.exists())

    return st.components.v2.component(
        f"lenet_{name}", html="<div class='root'></div>\n", js=text("js"), css=text("css")
    )


def part(show: Callable[..., object], *args: Any, every: float | None = None) -> None:
    """`show(*args)` as a part of the page (`st.fragment`) that runs by itself where only it changes, and `every` seconds."""

    def run() -> None:
        runs.supervisor().check()
        show(*args)

    st.fragment(run, run_every=every)()


def wait_for(done: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait until a process that was just started shows itself, or for at most `seconds`."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)
