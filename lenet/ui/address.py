"""The address bar: it holds what is on screen, and what comes from it is checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lenet.common import links
from lenet.common.links import Address
from lenet.ui.messages import arrived, notice


def check_query(
    key: str,
    *,
    options: Sequence[str] | None = None,
    several: bool = False,
    low: float | None = None,
    high: float | None = None,
    whole: bool = False,
) -> None:
    """Say so where `?key=` in the URL holds a value that its widget cannot take.

    Call it before the widget: `options` for a choice (`several`: of any number, with commas), `low` and `high`
    for a number (`whole`: without a fraction).
    """
    raw = st.query_params.get(key)
    if raw is None:
        return
    if options is not None:
        wrong = next((part for part in (raw.split(",") if several else [raw]) if part not in options), None)
        if wrong is not None and key in ("run", "with"):
            notice("no_such_run", id=wrong[:80])
        elif wrong is not None:
            notice("not_one_of", name=key, value=wrong[:40], options=", ".join(options))
    elif low is not None and high is not None:
        try:
            inside = low <= float(raw) <= high
        except ValueError:
            notice("not_number", name=key, value=raw[:40])
        else:
            if not inside:
                notice("not_in_range", name=key, value=raw[:40], low=low, high=high)
            elif whole and not raw.isdecimal():
                notice("not_integer", name=key, value=raw[:40])


def seed_from_url(key: str, default: Any, parse: Callable[[str], Any], complain: Callable[[], None]) -> None:
    """Give session state `key` its first value: from `?key=` where the reader has just arrived with one.

    `parse` returns None for what cannot be used; `complain` then says so.
    """
    raw = st.query_params.get(key)
    if raw is not None and (key not in st.session_state or arrived()):
        complain()
        value = parse(raw)
        st.session_state[key] = default if value is None else value
    st.session_state.setdefault(key, default)


def leave_to_browser(state: str, keys: Sequence[str]) -> dict[str, str]:
    """What the link that the reader came by says of `keys`, which a component keeps in the URL by itself.

    Streamlit writes its own copy of the whole query whenever it changes a part of it. It forgets these keys here, or
    an old value would come back; `state` is where the session keeps what was asked for.
    """
    found = {key: st.query_params.pop(key) for key in keys if key in st.query_params}
    asked: dict[str, str] = st.session_state.setdefault(state, found)
    return asked


def keep_in_url(key: str, value: str, default: str) -> None:
    """Write `?key=value` into the URL, or nothing where it is the default."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def shared_address(key: str) -> tuple[str, Address] | None:
    """The query in session state `key` that a component asks a link for, and its address; None where there is none."""
    query = st.session_state.get(key)
    if not isinstance(query, str):
        return None
    page = st.context.url or ""
    return query, links.address(page, query, links.address_for_others(page))
