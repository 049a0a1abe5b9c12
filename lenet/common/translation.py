"""Translation at the moment of display.

English is the source language and the key of the catalogue; nothing translated is ever stored. A module that
must name a sentence before it is shown marks it with `N_` and translates it later with `translate`. The language is
looked up for every call (`language()`), because one server process shows several at once.
"""

from __future__ import annotations

import gettext as _gettext
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np

LOCALE_DIR = Path(__file__).parents[1] / "locale"
DEFAULT = "en"


@dataclass(frozen=True)
class Language:
    """A language that the app speaks. All but the first have a catalogue in `lenet/locale/<code>/`.

    `name` and `word` (for “language”) are in the language itself; `locale` begins every locale and tag of it, as
    in `zh-Hans` and `zh_CN.UTF-8`, `tag` is its BCP 47 tag for `<html lang>`, and `space` is put between two sentences.
    """

    name: str
    word: str
    locale: str
    tag: str
    space: str = " "


LANGUAGES = {
    "en": Language("English", "Language", "en", "en"),
    "zh_CN": Language("简体中文", "语言", "zh", "zh-Hans", space=""),  # any kind of Chinese is served these texts
}
"""Every language by its code in `?lang=` and in `lenet/locale/`. A new one is a line here and its catalogue."""


def N_(message: str) -> str:
    """Mark a sentence for the catalogue without translating it yet."""
    return message


def _no_session() -> str:
    return DEFAULT


_ask: Callable[[], str] = _no_session


def set_language_source(ask: Callable[[], str]) -> None:
    """Set the function that returns the reader's language (the app asks the browser session)."""
    global _ask
    _ask = ask


def language() -> str:
    """The language to show now: a key of LANGUAGES."""
    code = _ask()
    return code if code in LANGUAGES else DEFAULT


def language_of(tag: str) -> str | None:
    """The code of the language that a tag or locale names (`zh`, `zh-TW`, `zh-Hans-CN`, `zh_CN`, `EN-gb`); None for others."""
    subtag = re.split(r"[-_.@]", tag.strip().lower(), maxsplit=1)[0]
    return next((code for code, known in LANGUAGES.items() if known.locale == subtag), None)


def match_locale(browser_locale: str | None) -> str:
    """The code of the best language for what a browser announces, such as `zh-TW`."""
    return language_of(browser_locale or "") or DEFAULT


@cache
def _catalogue(code: str) -> _gettext.NullTranslations:
    return _gettext.translation("lenet", LOCALE_DIR, languages=[code], fallback=code == DEFAULT)


def translate(message: str) -> str:
    """The message in the reader's language; modules import it as `_`."""
    return translate_to(language(), message)


def translate_to(code: str, message: str) -> str:
    """The message in the language `code`, a key of LANGUAGES."""
    return _catalogue(code).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    """The message for n things in the reader's language; put n in with `.format(n=n)`."""
    return _catalogue(language()).ngettext(singular, plural, n)


def paragraph(*sentences: str) -> str:
    """Sentences joined as the reader's language does it; empty ones are left out."""
    return LANGUAGES[language()].space.join(filter(None, sentences))


# -- a cache per language ----------------------------------------------------------------

T = TypeVar("T")
P = ParamSpec("P")


def cached(maxsize: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Like `functools.lru_cache`, for functions whose result contains text: one result for each language.

    Arguments may also be lists, dicts and NumPy arrays; they are compared by content. All callers share a
    result, so they must not modify it.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize)
        def remembered(call: _Call) -> T:
            return function(*call.args, **call.keywords)

        @wraps(function)
        def asked(*args: P.args, **keywords: P.kwargs) -> T:
            return remembered(_Call((language(), _by_content(args), _by_content(keywords)), args, keywords))

        asked.cache_clear = remembered.cache_clear  # type: ignore[attr-defined]
        return asked

    return decorate


class _Call:
    """The arguments of one call; two are equal if their language and content are."""

    __slots__ = ("args", "content", "keywords")

    def __init__(self, content: Hashable, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.content, self.args, self.keywords = content, args, keywords

    def __hash__(self) -> int:
        return hash(self.content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Call) and self.content == other.content


def _by_content(value: Any) -> Any:
    """A hashable value; two are equal exactly if their contents are."""
    if isinstance(value, np.ndarray):
        return (value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, Mapping):
        return tuple((name, _by_content(v)) for name, v in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_by_content, value))
    return value


# -- sentences with parameters ---------------------------------------------------------------------------------------


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


MAX_PARAM = 500


def fill(template: str, params: Mapping[str, Any]) -> str:
    """Put parameters into a template. One that an older file does not have shows as `?`, never as an error.

    Parameters may come from an untrusted file: long ones are cut.
    """
    return template.format_map(_Params((name, shown(value)) for name, value in params.items()))


def shown(value: object) -> str:
    """A value as text that can be shown: of limited length, and without lone surrogates, which cannot be encoded."""
    try:
        text = str(value)
    except ValueError:  # a whole number of thousands of digits
        text = "∞"
    text = text if len(text) <= MAX_PARAM else text[: MAX_PARAM - 1] + "…"
    return text.encode("utf-8", "replace").decode()
