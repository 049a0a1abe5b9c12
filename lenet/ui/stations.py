"""The station of the course that a reader has come to: noted in the reader's browser, and nowhere else."""

from __future__ import annotations

import json

import streamlit as st

from lenet.course import station_at
from lenet.ui.address import query
from lenet.ui.components import module_addresses
from lenet.ui.messages import arrived

PROGRESS = "course/component/progress.js"
_STATION = "_ui_station"
"""A key of the session state that pages do not use."""


def note_station(page: str) -> None:
    """If the reader's link is that of a station, remember it until the end of a run, when the browser can be told. Call it
    while the query is the link's own."""
    if arrived() and (key := station_at(page, query())):
        st.session_state[_STATION] = key


def station_script() -> str:
    """Has the browser note the station, if there is one."""
    key = st.session_state.pop(_STATION, "")
    if not key:
        return ""
    address = json.dumps(module_addresses(PROGRESS)[0])
    return f"import({address}).then(({{ open }}) => open({json.dumps(key)})).catch(console.warn)"
