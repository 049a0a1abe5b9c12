"""The URL: it holds what is on screen, and values that come from it are checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lenet import runs
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
    """Show a notice if `?key=` in the URL has a value that its widget does not accept.

    Call it before the widget, with `options` for a choice (`several`: a comma-separated list), or with `low` and `high`
    for a number (`whole`: an integer).
    """
    raw = st.query_params.get(key)
    if raw is None or tell_empty(key):
        return
    if options is not None:
        wrong = next((part for part in (raw.split(",") if several else [raw]) if part not in options), None)
        if wrong is not None and key in ("run", "with"):
            why = runs.missing(wrong[:80])
            notice(why.code, **why.params)
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


def tell_removed(run_id: object) -> None:
    """A notice if the run that the reader was looking at was removed to make room."""
    if isinstance(run_id, str) and (why := runs.missing(run_id)).code == "run_removed":
        notice(why.code, **why.params)


def tell_empty(key: str) -> bool:
    """Whether the URL has `?key=` without a value; a notice says so."""
    empty = not st.query_params[key].strip()
    if empty:
        notice("no_value_in_link", name=key)
    return empty


def seed_from_url(key: str, default: Any, parse: Callable[[str], Any], complain: Callable[[], object]) -> None:
    """Initialise session state `key`: from `?key=` if the reader has just arrived with one, else with `default`.

    `parse` returns None for a value that cannot be used; `complain` shows a notice about it.
    """
    raw = st.query_params.get(key)
    if raw is not None and (key not in st.session_state or arrived()):
        complain()
        value = parse(raw)
        st.session_state[key] = default if value is None else value
    st.session_state.setdefault(key, default)


def leave_to_browser(state: str, keys: Sequence[str]) -> dict[str, str]:
    """The values in the reader's link of `keys`, which a component itself keeps in the URL.

    Streamlit writes its own copy of the whole query whenever it changes a part of it. The keys are removed from that copy
    here, or old values would come back; the session keeps the values of the link under `state`.
    """
    found = {key: st.query_params.pop(key) for key in keys if key in st.query_params}
    asked: dict[str, str] = st.session_state.setdefault(state, found)
    return asked


def keep_in_url(key: str, value: str, default: str) -> None:
    """Write `?key=value` into the URL, or remove the key if the value is the default."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def shared_address(key: str) -> tuple[str, Address] | None:
    """The query for which a component has requested a link (in session state `key`), with its address; None if it has not."""
    query = st.session_state.get(key)
    if not isinstance(query, str):
        return None
    page = st.context.url or ""
    return query, links.address(page, query, links.address_for_others(page))
