"""Widgets whose values the URL holds, so that a link opens what its sender saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from lenet.common.fields import Field
from lenet.common.translation import translate as _
from lenet.ui.address import check_query, keep_in_url, seed_from_url
from lenet.ui.messages import notice

N = TypeVar("N", bound=int | None)


def choice(
    widget: Callable[..., Any],
    label: str,
    words: Mapping[str, str],
    *,
    key: str,
    default: str,
    always_in_url: bool = False,
    **more: Any,
) -> str:
    """A choice between the keys of `words`, shown by their words and kept in the URL as `?key=`.

    `widget` is `st.segmented_control`, `st.pills`, `st.selectbox` or `st.radio`; `more` goes to it. Streamlit's own
    `bind="query-params"` writes the words into the URL, so that a link made in Chinese would not open in English;
    it is right for numbers and wrong for choices. `always_in_url` is for a default that changes with time.
    """
    seed_from_url(
        key, default, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )
    if st.session_state[key] not in words:  # what was chosen is gone, or nothing was
        st.session_state[key] = default
    value: str = widget(label, list(words), key=key, format_func=words.__getitem__, persist_state="session", **more)
    keep_in_url(key, value, "" if always_in_url else default)
    return value


def choices(label: str, words: Mapping[str, str], *, key: str, at_most: int, **more: Any) -> list[str]:
    """Up to `at_most` of the keys of `words`, as `?key=a,b`."""

    def complain() -> None:
        check_query(key, options=list(words), several=True)
        if len({part for part in st.query_params[key].split(",") if part in words}) > at_most:
            notice("too_many_chosen", name=key, limit=at_most)

    seed_from_url(key, [], lambda raw: raw.split(","), complain)
    known = [v for v in dict.fromkeys(st.session_state[key]) if v in words]
    st.session_state[key] = known[:at_most]  # more of them would be an error of the widget's
    value: list[str] = st.multiselect(
        label,
        list(words),
        key=key,
        format_func=words.__getitem__,
        max_selections=at_most,
        persist_state="session",
        **more,
    )
    keep_in_url(key, ",".join(value), "")
    return value


def number(widget: Callable[..., Any], label: str, low: int, high: int, *, key: str, default: N, **more: Any) -> N:
    """A whole number, in the URL as `?key=`; it keeps its value while its widget is not drawn (on another tab).

    `widget` is `st.number_input` or `st.slider`; `more` goes to it. One that is emptied goes back to its default, which
    of an `st.number_input` may be None: empty.
    """

    def parse(raw: str) -> int | None:
        return int(raw) if raw.isdecimal() and len(raw) < 20 and low <= int(raw) <= high else None

    seed_from_url(key, default, parse, lambda: check_query(key, low=low, high=high, whole=True))
    if st.session_state[key] is not None and not low <= st.session_state[key] <= high:  # the limits have changed
        st.session_state[key] = default
    value: N = widget(label, low, high, default, key=key, persist_state="session", **more)
    keep_in_url(key, "" if value is None else str(value), "" if default is None else str(default))
    return value


def toggle(label: str, *, key: str, default: bool, **more: Any) -> bool:
    """A switch, in the URL as `?key=true` or `false`."""
    words = {"true": True, "false": False}
    seed_from_url(key, default, words.get, lambda: check_query(key, options=list(words)))
    value: bool = st.toggle(label, key=key, persist_state="session", **more)
    keep_in_url(key, str(value).lower(), str(default).lower())
    return value


def decimal(
    widget: Callable[..., Any], label: str, low: float, high: float, *, key: str, default: float, **more: Any
) -> float:
    """A number, in the URL as `?key=`; `widget` is `st.number_input`. It keeps its value while that is not drawn.

    A field that is emptied goes back to its default.
    """

    def parse(raw: str) -> float | None:
        try:
            value = float(raw)
        except ValueError:
            return None
        return value if low <= value <= high else None

    seed_from_url(key, default, parse, lambda: check_query(key, low=low, high=high))
    value: float = widget(label, low, high, default, key=key, format="%g", persist_state="session", **more)
    keep_in_url(key, f"{value:.12g}", f"{default:.12g}")
    return value


def setting(
    field: Field,
    place: Any,
    *,
    default: Any,
    label: str = "",
    words: Mapping[str, str] | None = None,
    marked: bool = False,
    **more: Any,
) -> Any:
    """A setting, by the widget for its kind, in the URL as `?key=`; `more` goes to the widget.

    `place` is `st` or a column of it. None: it is not drawn, and its value stays as it is. `label` is its own unless it is
    given, `words` are the options to choose from and what they are called, if not all by their own names. Where it is
    `marked`, a dot behind its label says that it is not the `default`.
    """
    label = label or _(field.control or field.label)
    widget: Callable[..., Any] = kept
    if place is not None:
        widget = place.selectbox if field.choices else place.number_input
        widget = partial(_marking, widget, default) if marked else widget
    more = {"key": field.key, "default": default, "help": _(field.help) or None} | more
    if field.choices:
        return choice(widget, label, words or {o: o for o in field.choices}, **more)
    if field.kind is int:
        return number(widget, label, int(field.low), int(field.high), **more)
    return decimal(widget, label, field.low, field.high, **more)


def _marking(widget: Callable[..., Any], default: object, label: str, *args: Any, key: str, **more: Any) -> Any:
    changed = st.session_state[key] != default
    return widget(f"{label} :primary[●]" if changed else label, *args, key=key, **more)


def kept(_label: str, *_options: Any, key: str, **_more: Any) -> Any:
    """In place of a widget that is not drawn, because what it stands in is closed: its value stays, also in the URL.

    A page of thirty widgets costs twice as much as one of fifteen, also where nobody sees half of them.
    """
    return st.session_state[key]


def folded(label: str, *, key: str, expanded: bool = False) -> Any:
    """An expander that tells whether it is `.open`: what nobody sees is not drawn (see `kept`)."""
    return st.expander(label, key=key, expanded=expanded, on_change="rerun")


def tabs(words: Mapping[str, str], *, key: str) -> dict[str, Any]:
    """Tabs by the keys of `words`; the first is open unless `?key=` names another. What is costly waits for `.open`."""
    first, state = next(iter(words)), f"_ui_{key}_words"
    seed_from_url(
        key, first, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )

    def opened() -> None:
        st.session_state[key] = next((k for k, w in words.items() if w == st.session_state[state]), first)

    if st.session_state[key] not in words:  # of another page, which calls its tabs by the same name
        st.session_state[key] = first
    st.session_state[state] = words[st.session_state[key]]  # the tabs' own state is words, which follow the language
    panels = st.tabs(list(words.values()), key=state, on_change=opened)
    keep_in_url(key, st.session_state[key], first)
    return dict(zip(words, panels, strict=True))
