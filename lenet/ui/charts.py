"""Helpers for charts and tables on pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow
import streamlit as st


def plotly_config(name: str) -> dict[str, Any]:
    """Options of a chart: a reduced mode bar, whose camera button saves a large picture as `name`.png."""
    keep = {"format": "png", "filename": name.replace("~", ""), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": keep, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def pick(chart: str, state: str) -> None:
    """Callback for a click on a chart: the index in the point's `customdata`, plus 1, becomes the choice in `state`.

    A chart that changes is a new widget to Streamlit, which keeps the callback of the old one until the session ends.
    A callback that is defined in a page would keep alive everything the page had computed: 90 kB each time.
    """
    points = st.session_state[chart]["selection"]["points"]
    if points:
        st.session_state[state] = str(points[0]["customdata"][0] + 1)


def column_width(words: Sequence[str]) -> int:
    """The width in pixels of a column of `st.dataframe` that shows all of these words in full."""
    return 24 + 8 * max(map(len, words))


def table(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Columns for `st.dataframe` as an Arrow table, the form in which it sends them; pandas takes ten times as long."""
    return pyarrow.table(dict(columns))
