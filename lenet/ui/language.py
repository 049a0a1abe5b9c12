"""The language of a session."""

from __future__ import annotations

import threading

import streamlit as st

from lenet.common import translation
from lenet.ui.address import keep_in_url
from lenet.ui.messages import HEAD, notice
from lenet.ui.streamlit_internals import in_session

_FIRST = "_ui_first_language"
"""The key of the session state for the language with which the session began."""
_this_run = threading.local()  # a script runs in a thread of its own


def _session_language() -> str:
    """The reader's language; looked up once per script run, because every translated text needs it."""
    if not in_session():
        return translation.DEFAULT
    known: str | None = getattr(_this_run, "language", None)
    if known is None:
        known = _this_run.language = st.session_state.get("lang") or translation.match_locale(st.context.locale)
    return known


translation.set_language_source(_session_language)


def language_switch() -> None:
    """The language switch. `?lang=` in the reader's link may be any tag of a language; else the browser's language is used.

    Back does not change it: what goes back is what the reader looks at.
    """
    st.session_state.pop(HEAD, None)  # of the previous run; this run's is created later, with the page
    if _FIRST not in st.session_state:
        asked = st.query_params.get("lang")
        st.session_state[_FIRST] = _language_of_link(asked) if asked is not None else _default()
    # As the default: a state that is set counts more than a click, which may come with the first run of a new server.
    st.segmented_control(
        " · ".join(language.word for language in translation.LANGUAGES.values()),
        list(translation.LANGUAGES),
        default=st.session_state[_FIRST],
        format_func=lambda code: translation.LANGUAGES[code].name,
        key="lang",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    _this_run.language = None  # Streamlit may reuse the thread for another run, and the language may have changed


def keep_language_in_url() -> None:
    """Have `?lang=` in the URL of the page, unless it is the browser's language."""
    keep_in_url("lang", st.session_state["lang"], _default())


def _default() -> str:
    return translation.match_locale(st.context.locale)


def _language_of_link(asked: str) -> str:
    code = translation.language_of(asked)
    if not asked.strip():
        notice("no_value_in_link", name="lang")
    elif code is None:
        notice("not_one_of", name="lang", value=asked[:40], options=", ".join(translation.LANGUAGES))
    return code or _default()
