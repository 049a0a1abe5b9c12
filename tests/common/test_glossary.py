"""The glossary: terms are linked where they first stand, and nothing else of a text changes."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from lenet.common import glossary
from lenet.common.glossary import TERMS, entries, link
from lenet.common.translation import LANGUAGES
from tests.helpers.pages import open_page

LINK = re.compile(r"\[([^\]]*)\]\(#term-([a-z-]+)\)")


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("A stride of 2; strides differ.", "A [stride](#term-stride) of 2; strides differ."),
        ("**Padding** and padded", "**[Padding](#term-padding)** and padded"),
        ("astride, strident", "astride, strident"),
        ("`stride` and $stride$ and [stride](x) and :material/kernel:", None),
        ("## The kernel\n| kernel | bias |\na bias", "## The kernel\n| kernel | bias |\na [bias](#term-bias)"),
        (
            "the receptive fields of windows",
            "the [receptive fields](#term-receptive-field) of [windows](#term-window)",
        ),
    ],
)
def test_english(text: str, linked: str | None) -> None:
    assert link(text, "en") == (linked or text)


def test_chinese() -> None:
    assert link("卷积核的步幅，步幅", "zh_CN") == "[卷积核](#term-kernel)的[步幅](#term-stride)，步幅"
    assert link("stride", "zh_CN") == "stride"
    assert link("stride", "xx") == "stride"


def test_a_term_that_may_not_be_linked_stays_a_word() -> None:
    assert link("stride and kernel", "en", lambda key: key != "stride") == "stride and [kernel](#term-kernel)"


def test_each_term_is_explained_and_found_in_each_language() -> None:
    assert all(name and text.endswith(".") for name, text in entries().values())
    for language in LANGUAGES:
        for key, term in TERMS.items():
            for form in term.forms[language]:
                assert link(form, language) == f"[{form}](#term-{key})"


def terms_on(at: AppTest) -> list[str]:
    return [key for part in (*at.markdown, *at.caption) for _word, key in LINK.findall(part.value)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_links_each_term_once(language: str, router: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glossary, "link", link)
    at = open_page("pooling", lang=language)
    found = terms_on(at)
    assert {"pooling", "window", "stride", "channel"} <= set(found) and len(found) == len(set(found))
    at.run()
    assert terms_on(at) == found
