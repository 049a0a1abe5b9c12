"""Errors and notices, shown as sentences in their place or at the top of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import streamlit as st

from lenet.common.errors import LenetError, explain, say
from lenet.ui.streamlit_internals import is_part_alone, went_back

HEAD, PAGE = "_ui_head", "_ui_page"
_EARLY, _ARRIVED = "_ui_early", "_ui_arrived"
"""Keys of the session state that pages do not use."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|<>$:~^&@]|(?<=www)\.)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Untrusted text as Markdown that shows exactly that text, in one line and in its own writing direction."""
    return _MARKDOWN.sub(r"\\\1", _UNSEEN.sub(" ", text))


def problem(error: Exception) -> None:
    """Show an error as one sentence."""
    st.error(plain(explain(error)), icon=":material/error:")


def notice(code: str, **params: Any) -> None:
    """Show a message as a warning at the top of the page, since the place where it arises may be collapsed."""
    place = st.session_state.get(HEAD)
    if place is None:
        st.session_state.setdefault(_EARLY, []).append((code, params))
    else:
        place.warning(plain(say(code, params)), icon=":material/warning:")


def guard(show: Callable[[], object]) -> None:
    """Run a part of a page; if it raises a LenetError, show that as one sentence, and the rest of the page goes on."""
    try:
        show()
    except LenetError as error:
        problem(error)


def attempt(action: Callable[..., object], *args: Any, **params: Any) -> None:
    """Do what a button requests; if it raises a LenetError, show that as one sentence."""
    guard(lambda: action(*args, **params))


def note_arrival(page: str) -> None:
    """Remember whether this run follows a link. Call it at the top of the page: notices appear there."""
    st.session_state[HEAD] = st.container()
    st.session_state[_ARRIVED] = st.session_state.get(PAGE) != page or went_back()
    st.session_state[PAGE] = page
    for code, params in st.session_state.pop(_EARLY, ()):
        notice(code, **params)


def arrived() -> bool:
    """Whether this run follows a link: it is the reader's first on the current page, or the reader went back or forward.

    False in a part that runs by itself.
    """
    return bool(st.session_state.get(_ARRIVED)) and not is_part_alone()
