"""Numbers as people type and paste them: with decimal commas, full-width digits, typographic minus signs.

`components/numbers.js` reads them in the same way; tests/common/numbers.json is the table of cases for both.
"""

from __future__ import annotations

import re

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_MINUS = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63]")
_POINT = re.compile("[\u3002\uff61]")
"""The full stop of Chinese and Japanese: what the key of the point types there."""
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；"}
"""Full-width forms of ASCII, but for the two marks that stand between the numbers of a list and never belong to one."""

_EXPONENT = r"(e[+-]?\d+)?"
_WITH_POINT = re.compile(rf"[+-]?(\d+\.?\d*|\.\d+){_EXPONENT}", re.ASCII | re.IGNORECASE)
_WITH_COMMA = re.compile(rf"[+-]?(\d+(,\d+)?|,\d+){_EXPONENT}", re.ASCII | re.IGNORECASE)
_WITH_GROUPS = re.compile(rf"[+-]?([1-9]\d{{0,2}}(,\d{{3}})+|\d+)(\.\d*)?{_EXPONENT}", re.ASCII | re.IGNORECASE)


def plain(text: str) -> str:
    """The text in ASCII as far as numbers are concerned, and without characters that nobody sees."""
    text = _SPACE.sub(" ", _INVISIBLE.sub("", text)).translate(_FULL_WIDTH)
    return _POINT.sub(".", _MINUS.sub("-", text))


def with_point(text: str) -> float | None:
    """The number of a plain text such as 1.5; None where it is none."""
    return _float(text) if _WITH_POINT.fullmatch(text) else None


def with_comma(text: str) -> float | None:
    """The number of a plain text such as 1,5; None where it is none."""
    return _float(text.replace(",", ".")) if _WITH_COMMA.fullmatch(text) else None


def with_groups(text: str) -> float | None:
    """The number of a plain text such as 1,234.5, with commas between thousands; None where it is none."""
    return _float(text.replace(",", "")) if _WITH_GROUPS.fullmatch(text) else None


def _float(text: str) -> float:
    return float(text) + 0.0  # -0 is 0 here: it pools the same and reads better


def meanings(text: str) -> tuple[float, ...]:
    """What a text of one number can mean: nothing for “x”, 1.5 for “1,5”, two numbers for “1,234”."""
    text = plain(text).strip()
    # “1,” is “1,5” before its last digit.
    found = with_point(text), with_comma(text.removesuffix(",")), with_groups(text)
    return tuple(dict.fromkeys(number for number in found if number is not None))
