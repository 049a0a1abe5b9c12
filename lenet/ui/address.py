"""The URL: it holds what is on screen, and values that come from it are checked.

Back undoes a step: another page, or another value of one of STEPS, which say what a reader looks at. All other changes
(numbers, switches, settings) belong to the current step. A run of a page works with its own copy of the query (`query`)
and sends it at its end, as one change (`write_address`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lenet import runs
from lenet.common import links, paths
from lenet.common.links import Address
from lenet.runs import guests
from lenet.ui.components import base_path
from lenet.ui.messages import arrived, attempt, notice
from lenet.ui.streamlit_internals import went_back

STEPS = (
    "tab", "panel", "lesson", "preset", "example", "recipe", "run", "with", "other", "nets", "predict", "question",
    "experiment",
)  # fmt: skip
"""The keys of the query whose change is a step: tabs, lessons, examples, recipes, exercises, and the runs that are
looked at."""
RUNS = ("run", "with", "other")
"""The keys of the query that name runs; `other` offers only those whose kernels can be compared, and other kernels."""
NEW_STEP = {"~step": "new"}
"""At the end of a query: it begins a step. history.js, which removes it, is not told in another way."""
_QUERY, _WRITTEN, _STEP, _LEFT = "_ui_query", "_ui_written", "_ui_step", "_ui_left"
"""Keys of the session state that pages do not use."""


# -- the query of a run -----------------------------------------------------------------------------------------------


def begin_address(page: str) -> None:
    """Take the browser's query at the beginning of a run of `page`, if it is another page or the reader went back.

    Otherwise the session's own is more recent: a reader may move a slider before the result of the last move has arrived.
    """
    if page != _written()[0] or went_back():
        st.session_state[_QUERY] = st.query_params.to_dict()


def query() -> dict[str, str]:
    """The query of this run, to be read and changed."""
    found: dict[str, str] = st.session_state.setdefault(_QUERY, {})
    return found


def begin_step() -> None:
    """Make the changes of this run, or of the next one if this is a callback, a step that Back undoes."""
    st.session_state[_STEP] = True


def stay_in_step() -> None:
    """Make the changes of this run, or of the next one if this is a callback, no step of their own, whatever they are."""
    st.session_state[_STEP] = False


def write_address(page: str | None = None) -> str:
    """Send the query to the browser, at the end of a run of `page`, or of a part of it that runs by itself (None).

    The first run of a page returns what is to be changed instead, for `frame.document`: what Streamlit is sent could reach
    the address of the page before. In the first run of all it would also become a step, as history.js is not there yet.
    """
    state, now, sent = st.session_state, query(), st.query_params.to_dict()
    written_on, before = _written()
    page = written_on if page is None else page
    state[_WRITTEN] = (page, dict(now))
    begins = state.pop(_STEP, None)
    if page != written_on:
        ours = (sent | now).keys() - state.get(_LEFT, ())
        return urlencode({key: now.get(key, "") for key in ours if now.get(key) != sent.get(key)})
    changed = set() if went_back() else {key for key in before | now if now.get(key) != before.get(key)}
    if changed and (not changed.isdisjoint(STEPS) if begins is None else begins):
        st.query_params.from_dict(now | NEW_STEP)
    if changed or not now.items() <= sent.items():
        st.query_params.from_dict(now)
    return ""


def _written() -> tuple[str | None, dict[str, str]]:
    """The page and the query that were written last."""
    written: tuple[str | None, dict[str, str]] = st.session_state.get(_WRITTEN, (None, {}))
    return written


# -- its values -------------------------------------------------------------------------------------------------------


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
    raw = query().get(key)
    if raw is None or tell_empty(key):
        return
    if options is not None:
        wrong = next((part for part in (raw.split(",") if several else [raw]) if part not in options), None)
        why = runs.missing(wrong[:80]) if wrong is not None and key in RUNS else None
        if why and (key != "other" or why.code == "run_removed"):
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
    empty = not query()[key].strip()
    if empty:
        notice("no_value_in_link", name=key)
    return empty


def seed_from_url(key: str, default: Any, parse: Callable[[str], Any], complain: Callable[[], object]) -> None:
    """Initialise session state `key`: from `?key=` if the reader has just arrived with one, else with `default`.

    `parse` returns None for a value that cannot be used; `complain` shows a notice about it.
    """
    raw = query().get(key)
    if raw is not None and (key not in st.session_state or arrived()):
        complain()
        value = parse(raw)
        st.session_state[key] = default if value is None else value
    elif went_back():  # to where it had its default
        st.session_state[key] = default
    st.session_state.setdefault(key, default)


def leave_to_browser(state: str, keys: Sequence[str]) -> dict[str, str]:
    """The values in the reader's link of `keys`, which a component itself keeps in the URL.

    They are removed from the query of this run, or their old values would be written again with it; the session keeps the
    values of the link under `state`.
    """
    found = {key: query().pop(key) for key in keys if key in query()}
    st.session_state.setdefault(_LEFT, set()).update(keys)
    asked: dict[str, str] = st.session_state.setdefault(state, found)
    return asked


def keep_in_url(key: str, value: str, default: str) -> None:
    """Have `?key=value` in the URL, or no such key if the value is the default."""
    if value == default:
        query().pop(key, None)
    else:
        query()[key] = value


def address_of(page: str, state: Mapping[str, str]) -> str:
    """The address of a page with this query, from the root of the server, in the language that the reader's own URL names."""
    path = "/".join(filter(None, (base_path(), page)))
    language = {key: value for key, value in query().items() if key == "lang"}
    return f"/{path}?{urlencode({**state, **language})}"


def ask_for_address(key: str, query: object) -> None:
    """A component asks, with `shared_address(key)`, for the address of a query. It is found anew each time: the machine may have
    another one by now."""
    st.session_state[key] = query
    st.session_state.pop(f"_ui_{key}", None)


def shared_address(key: str) -> tuple[str, Address] | None:
    """The query for which a component has asked (`ask_for_address`), with its address; None if it has not.

    Once an address is shown that others can use, guests may only look.
    """
    query, page = st.session_state.get(key), st.context.url or ""
    if not isinstance(query, str):
        return None
    known = st.session_state.get(f"_ui_{key}")
    if known is None or known[0] != (query, page):
        found = links.address(page, query, links.address_for_others(page))
        if not found.local and not paths.hosted():
            attempt(guests.address_is_shown)
        known = st.session_state[f"_ui_{key}"] = ((query, page), found)
    return query, known[1]
