"""Widgets whose values are kept in the URL, so that a link opens what its sender saw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.translation import translate as _
from lenet.ui.address import RUNS, check_query, keep_in_url, query, seed_from_url, tell_empty, tell_removed
from lenet.ui.messages import arrived, notice, problem
from lenet.ui.number_fields import number_field, refusal

K = TypeVar("K", bound=str)
N = TypeVar("N", bound=int | None)

MARK = ":primary[●]"
SLIDER_STOPS = 10
"""A whole number of no more values is set on a slider, any other number is typed."""


def renew_words(key: str, words: Callable[[Any], object]) -> None:
    """Have a widget show its value again when its words have changed: another language, or a run that has ended.

    Call it before the widget. A select box goes on showing the words in which its value was chosen, whatever its options
    say since, until the value is set. `words` gives the words of a value.
    """
    shown: dict[str, tuple[Any, object]] = st.session_state.setdefault("_ui_shown", {})
    value = st.session_state.get(key)
    now = (value, words(value))
    before = shown.get(key, now)
    shown[key] = now
    if before[0] == value and before[1] != now[1]:
        st.session_state[key] = value


def choice(
    widget: Callable[..., Any],
    label: str,
    words: Mapping[K, str],
    *,
    key: str,
    default: K,
    always_in_url: bool = False,
    **more: Any,
) -> K:
    """A choice between the keys of `words`, shown by their words and kept in the URL as `?key=`.

    `widget` is `st.segmented_control`, `st.pills`, `st.selectbox` or `st.radio`; `more` is passed to it. Streamlit's own
    `bind="query-params"` writes the words into the URL, so that a link made in Chinese would not open in English.
    `always_in_url` is for a default that changes with time.
    """
    seed_from_url(
        key, default, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )
    if st.session_state[key] not in words:  # nothing was chosen, or the option is gone
        if key in RUNS:
            tell_removed(st.session_state[key])
        st.session_state[key] = default
    if widget is not kept:
        renew_words(key, words.get)
    value: K = widget(label, list(words), key=key, format_func=words.__getitem__, persist_state="session", **more)
    keep_in_url(key, value, "" if always_in_url else default)
    return value


def choices(label: str, words: Mapping[str, str], *, key: str, at_most: int, **more: Any) -> list[str]:
    """Up to `at_most` of the keys of `words`, as `?key=a,b`."""

    def complain() -> None:
        check_query(key, options=list(words), several=True)
        if len({part for part in query()[key].split(",") if part in words}) > at_most:
            notice("too_many_chosen", name=key, limit=at_most)

    seed_from_url(key, [], lambda raw: raw.split(","), complain)
    known = [v for v in dict.fromkeys(st.session_state[key]) if v in words]
    if key == "with" and not arrived():  # of a link `complain` has told
        for gone in set(st.session_state[key]) - set(known):
            tell_removed(gone)
    st.session_state[key] = known[:at_most]  # the widget would raise an error for more
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


def number(
    widget: Callable[..., Any], label: str, low: int, high: int, *, key: str, default: int, **more: Any
) -> int:
    """A whole number on a slider, in the URL as `?key=`; it keeps its value while its widget is not drawn (on another tab).

    `widget` is `st.slider`, or that of a column; `more` is passed to it.
    """
    row = Field(key, int, low=low, high=high)

    def parse(raw: str) -> int | None:
        with suppress(LenetError):
            return int(row.read(raw))
        return None

    def complain() -> None:
        if not tell_empty(key):
            try:
                row.read(query()[key])
            except LenetError as error:
                notice(error.code, **error.params)

    seed_from_url(key, default, parse, complain)
    if not low <= st.session_state[key] <= high:  # the limits have changed
        st.session_state[key] = default
    value: int = widget(label, low, high, default, key=key, persist_state="session", **more)
    keep_in_url(key, str(value), str(default))
    return value


def typed_number(place: Any, label: str, low: int, high: int, *, key: str, default: N, **more: Any) -> N:
    """A whole number that the reader types, in the URL as `?key=`; see `number_field`.

    Raises LenetError if what is written is none: the sentence for the reader.
    """
    row = Field(key, int, low=low, high=high, key=key)
    value = number_field(row, place, label=label, default=default, **more)
    if error := refusal(row, value, label):
        raise error
    return value  # type: ignore[return-value]


def toggle(label: str, *, key: str, default: bool, place: Any = st, **more: Any) -> bool:
    """A switch, in the URL as `?key=true` or `false`. With None for `place` it is not drawn, and its value is kept."""
    words = {"true": True, "false": False}
    seed_from_url(key, default, words.get, lambda: check_query(key, options=list(words)))
    value: bool = (
        kept(label, key=key) if place is None else place.toggle(label, key=key, persist_state="session", **more)
    )
    keep_in_url(key, str(value).lower(), str(default).lower())
    return value


def setting(
    field: Field,
    place: Any,
    *,
    default: Any,
    label: str = "",
    words: Mapping[str, str] | None = None,
    marked: bool = False,
    tell: bool = True,
    **more: Any,
) -> Any:
    """The widget for a setting, in the URL as `?key=`; `more` is passed to the widget.

    `place` is `st` or a column; with None nothing is drawn and the value is kept. `label` replaces the field's own label,
    and `words` the field's own options by a mapping to their labels. If `marked`, a dot after the label shows that the
    value is not the `default`.

    A number that cannot be used is returned as Refused, and with `tell` a sentence says why: below its field, or at the
    top of the page if the reader has just arrived with it.
    """
    label = label or _(field.control or field.label)
    more = {"default": default, "help": _(field.help) or None} | more
    few = field.kind is int and field.high - field.low < SLIDER_STOPS
    if not field.choices and not few:
        value = number_field(field, place, label=label, mark=MARK if marked else "", **more)
        if tell and (error := refusal(field, value, label)):
            if arrived():  # with a link: the field may be out of sight
                notice(error.code, **error.params)
            elif place is not None:
                problem(error)
        return value
    widget: Callable[..., Any] = kept
    if place is not None:
        widget = place.selectbox if field.choices else place.slider
        widget = partial(_marking, widget, default) if marked else widget
    if field.choices:
        return choice(widget, label, words or {o: o for o in field.choices}, key=field.key, **more)
    return number(widget, label, int(field.low), int(field.high), key=field.key, **more)


def _marking(widget: Callable[..., Any], default: object, label: str, *args: Any, key: str, **more: Any) -> Any:
    changed = st.session_state[key] != default
    return widget(f"{label} {MARK}" if changed else label, *args, key=key, **more)


def kept(_label: str, *_options: Any, key: str, **_more: Any) -> Any:
    """Stands in for a widget that is not drawn because its container is closed: the value is kept, also in the URL.

    A page of thirty widgets costs twice as much as one of fifteen, even if half of them are hidden.
    """
    return st.session_state[key]


def folded(label: str, *, key: str, expanded: bool = False) -> Any:
    """An expander with an attribute `.open`, so that hidden content need not be drawn (see `kept`)."""
    return st.expander(label, key=key, expanded=expanded, on_change="rerun")


def tabs(words: Mapping[str, str], *, key: str) -> dict[str, Any]:
    """Tabs by the keys of `words`; the first is open unless `?key=` names another. Draw costly content only if `.open`."""
    first, state = next(iter(words)), f"_ui_{key}_words"
    seed_from_url(
        key, first, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )

    def opened() -> None:
        st.session_state[key] = next((k for k, w in words.items() if w == st.session_state[state]), first)

    if st.session_state[key] not in words:  # left by another page whose tabs have the same key
        st.session_state[key] = first
    st.session_state[state] = words[st.session_state[key]]  # the tabs' own state is a translated label
    panels = st.tabs(list(words.values()), key=state, on_change=opened)
    keep_in_url(key, st.session_state[key], first)
    return dict(zip(words, panels, strict=True))
