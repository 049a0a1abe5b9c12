"""What pages are put together from: parts that run by themselves, components, tables, names of runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import streamlit as st

from lenet import runs
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.runs import tables
from lenet.ui.messages import plain

COMPONENTS_DIR = Path(__file__).parents[1] / "components"
MAX_NAMED = 10  # of the runs that cannot be read


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


def pick(chart: str, state: str) -> None:
    """After a click on a chart: its number, from `customdata` and counted from 1, becomes the choice in `state`.

    A chart that changes is a new widget to Streamlit, which keeps the callback of the old one as long as the session
    lasts. One that is defined in a page would keep all that the page had computed: 90 kB each time.
    """
    points = st.session_state[chart]["selection"]["points"]
    if points:
        st.session_state[state] = str(points[0]["customdata"][0] + 1)


def part(show: Callable[..., object], *args: Any, every: float | None = None) -> None:
    """`show(*args)` as a part of the page (`st.fragment`) that runs by itself where only it changes, and `every` seconds."""

    def run() -> None:
        runs.supervisor().check()
        show(*args)

    st.fragment(run, run_every=every)()


def table(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Columns for `st.dataframe`, in the form in which it sends them: by way of pandas they take ten times as long."""
    return pyarrow.table(dict(columns))


def plotly_config(name: str) -> dict[str, Any]:
    """Options of a chart: a quiet mode bar whose camera saves a large picture called `name`.png."""
    keep = {"format": "png", "filename": name.replace("~", ""), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": keep, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def run_words(labels: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Every run by id with the name a reader knows it by, newest first; `labels` where `tables.labels()` is at hand.

    What cannot be read is left out, unless it was asked for: then the page says what is wrong with it.
    """
    labels = tables.labels() if labels is None else labels
    asked = (st.query_params.get("run"), st.session_state.get("run"))
    return {id: label or _("{id} (damaged)").format(id=id) for id, label in labels.items() if label or id in asked}


def tell_broken_runs(labels: Mapping[str, str | None]) -> None:
    """One calm sentence on the runs that the lists leave out."""
    if ids := sorted(id for id, label in labels.items() if not label):
        names = ", ".join(ids[:MAX_NAMED]) + (" …" if len(ids) > MAX_NAMED else "")
        told = ngettext(
            "{n} run cannot be read and is left out: {names}. “All runs” says why.",
            "{n} runs cannot be read and are left out: {names}. “All runs” says why.",
            len(ids),
        )
        st.caption(plain(told.format(n=len(ids), names=names)))


def wait_for(done: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait until a process that was just started shows itself, or for at most `seconds`."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)
