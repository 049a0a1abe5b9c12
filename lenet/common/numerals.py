"""Numbers as people write them, and what a text can mean.

`0.1`, `1e-3`, `0,1`, `１２`, `−3`, `60 000` and `1.234,5` each have one meaning, whatever country they come from. `1,234` has two.
"""

from __future__ import annotations

import re

MAX_LENGTH = 100
"""Characters; nobody writes a longer number."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_MINUS = dict.fromkeys(map(ord, "‐‑‒–—−﹣"), "-")
_UNSEEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])
_TO_ASCII = _FULL_WIDTH | _MINUS | _UNSEEN | {ord("。"): "."}

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(e[+-]?\d+)?", re.IGNORECASE)
_GROUPS = "[+-]?[1-9][0-9]{0,2}"
_COMMA_GROUPS = re.compile(_GROUPS + r"((,\d{3})+|(,\d{3})+\.\d+)")
_POINT_GROUPS = re.compile(_GROUPS + r"((\.\d{3}){2,}|(\.\d{3})+,\d+)")
_OTHER_GROUPS = re.compile(_GROUPS + r"(([ _'’\u00a0\u2009\u202f])\d{3})(\2\d{3})*([.,]\d+)?")


def ascii_form(text: str) -> str:
    """The text with full-width forms, dashes for a minus and the full stop 。 as ASCII, without characters that nobody sees."""
    return text.translate(_TO_ASCII).strip()


def readings(text: str) -> list[int | float]:
    """The numbers that a text can mean, none where it is no number. Whole numbers are ints: `3` is one, `3.0` is not.

    A point is a decimal point where there is but one: so it is in all files, links and figures of this app.
    """
    text = ascii_form(text)
    if len(text) > MAX_LENGTH:
        return []
    if _PLAIN.fullmatch(text):
        return [_value(text)]
    found = []
    if _COMMA_GROUPS.fullmatch(text):
        found.append(_value(text.replace(",", "")))
    if _DECIMAL_COMMA.fullmatch(text):
        found.append(_value(text.replace(",", ".")))
    if _POINT_GROUPS.fullmatch(text):
        found.append(_value(text.replace(".", "").replace(",", ".")))
    if match := _OTHER_GROUPS.fullmatch(text):
        found.append(_value(text.replace(match[2], "").replace(",", ".")))
    return found


def _value(text: str) -> int | float:
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def plain(value: float) -> str:
    """A number as a reader can type it again: `0.1`, `1e-08`, `4294967295`."""
    return str(value) if isinstance(value, int) else f"{value:.12g}"
