"""Numbers that a reader types.

A browser's own number input never sends what is out of range or what it cannot read, `0,1` for example: the server would
go on with an older number under the reader's new one. So these are fields of text, and the server judges what is written.
What is no value of the setting stays in its field and in the URL, and nothing is computed with another one instead.

A text that the server writes into a field reaches the browser later than what is typed there meanwhile. The browser then
shows the older text and does not tell the server, which goes on with the newer one. So a field keeps what was typed in it,
`７` or nothing at all for the default, and the server writes only what came from elsewhere: a link, a preset, a limit. If
something else was typed while that was on its way, the next run writes that again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from lenet.common import numbers
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.formatting import as_typed
from lenet.ui.address import keep_in_url, seed_from_url, tell_empty

Number = int | float

_SENT = "_ui_sent"
"""Key of the session state with the texts that the last run has written into fields, by the keys of these."""

MAX_LENGTH = 100
"""Characters of what is typed; nobody writes a longer number."""


@dataclass(frozen=True)
class Refused:
    """A text that is no value of its setting. `linked`: it came with the reader's link."""

    text: str
    linked: bool = False


def number_field(
    field: Field,
    place: Any,
    *,
    label: str,
    default: Number | None,
    mark: str = "",
    on_change: Callable[[], object] | None = None,
    **more: Any,
) -> Number | Refused | None:
    """The number of a setting, in session state and URL under the field's key; Refused if what is written is none.

    `place` is `st` or a column; with None nothing is drawn, and the number is kept. An emptied field has its default, which
    it shows in grey, or None. `mark` is added to the label of a number that is not the default. `more` is passed to
    `st.text_input`.
    """
    state, key, box = st.session_state, field.key, box_of(field.key)
    seed_from_url(key, default, lambda raw: _understood(field, raw, default, linked=True), lambda: tell_empty(key))
    state[key] = value = _judged_again(field, state[key], default)
    text = _text(value)

    def take() -> None:
        state[key] = _understood(field, state[box], default)
        if on_change:
            on_change()

    if place is not None:
        typed = state.get(box) or ""
        _write(box, text, len(typed) <= MAX_LENGTH and _text(_understood(field, typed, default)) == text)
        label += f" {mark}" if mark and value != default else ""
        more = {"placeholder": _text(default)} | more
        place.text_input(label, key=box, autocomplete="off", on_change=take, **more)
    keep_in_url(key, text, _text(default))
    return value


def refusal(field: Field, value: object, label: str) -> LenetError | None:
    """Why a value is Refused, in a sentence that names the setting as the reader knows it; None for any other."""
    if isinstance(value, Refused):
        try:
            field.read(value.text, field.key if value.linked else label)
        except LenetError as error:
            return error
    return None


def box_of(key: str) -> str:
    """The key of the text field of a setting."""
    return f"typed_{key}"


def _write(box: str, text: str, means_it: bool) -> None:
    """Write `text` into a field, unless what it holds `means_it` and the browser is known to show that."""
    state = st.session_state
    sent: dict[str, str] = state.setdefault(_SENT, {})
    if box not in state:  # nobody can type into a field that is not there yet
        state[box] = text
        sent.pop(box, None)
    elif not means_it:
        state[box] = sent[box] = text
    elif sent.pop(box, state[box]) != state[box]:  # typed while the text that the last run wrote was on its way
        state[box] = sent[box] = state[box]


def _understood(field: Field, text: str, default: Number | None, *, linked: bool = False) -> Number | Refused | None:
    if not numbers.plain(text).strip():
        return default
    if len(text) > MAX_LENGTH:
        text = text[: MAX_LENGTH - 1] + "…"  # no number, whatever it began with
    try:
        number: Number = field.read(text)
    except LenetError:
        return Refused(text, linked)
    return number


def _judged_again(field: Field, value: Any, default: Number | None) -> Number | Refused | None:
    """The value under the limits of today: those of a channel or an image follow what else is chosen."""
    if isinstance(value, Refused):
        return _understood(field, value.text, default, linked=value.linked)
    return value if value is None or field.low <= value <= field.high else default


def _text(value: Number | Refused | None) -> str:
    if isinstance(value, Refused):
        return value.text
    return "" if value is None else as_typed(value)
