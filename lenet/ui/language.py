"""The language of a session."""

from __future__ import annotations

import threading

import streamlit as st

from lenet.common import translation
from lenet.ui.messages import HEAD
from lenet.ui.streamlit_internals import in_session
from lenet.ui.widgets import choice

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
    """The language switch; `?lang=` in the URL, which may be any tag of a language, initially the browser's language."""
    st.session_state.pop(HEAD, None)  # of the previous run; this run's is created later, with the page
    asked = st.query_params.get("lang", "")
    if (code := translation.language_of(asked)) and code != asked:
        st.query_params["lang"] = code
    choice(
        st.segmented_control,
        " · ".join(language.word for language in translation.LANGUAGES.values()),
        {code: language.name for code, language in translation.LANGUAGES.items()},
        key="lang",
        default=translation.match_locale(st.context.locale),
        required=True,
        label_visibility="collapsed",
    )
    _this_run.language = None  # Streamlit may reuse the thread for another run, and the language may have changed
