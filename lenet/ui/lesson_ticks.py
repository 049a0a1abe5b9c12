"""The lessons that a reader has answered: ticked, and kept, by the reader's browser, and by nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable

import streamlit as st

from lenet.common.translation import translate as _
from lenet.ui.components import module_addresses

TICKS = "lessons/component/ticks.js"
_LISTED = "_ui_lessons"
"""A key of the session state that pages do not use."""


def note_lessons(page: str, names: Iterable[str], answered: Iterable[str]) -> None:
    """The lessons that a page lists in this run, and those that were answered in this session; the browser knows of earlier ones."""
    st.session_state[_LISTED] = {"page": page, "names": list(names), "answered": list(answered)}


def ticks_script() -> str:
    """Has the browser tick them, if the page lists any."""
    listed = st.session_state.pop(_LISTED, None)
    if listed is None:
        return ""
    asked = json.dumps(listed | {"word": _("answered")})
    first, *others = (f"import({json.dumps(address)})" for address in module_addresses(TICKS))
    ahead = "".join(f"{other}.catch(console.warn)\n" for other in others)  # what it imports need not wait for it
    return f"{ahead}{first}.then(({{ tick }}) => tick({asked})).catch(console.warn)"
