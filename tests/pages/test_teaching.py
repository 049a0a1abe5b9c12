"""The guides for teachers: every link of theirs opens what it names, and both languages hand out the same ones."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from lenet.common.paths import PROJECT
from lenet.model import MLP, LeNet
from tests.helpers.pages import open_page

GUIDES = [PROJECT / "docs" / name for name in ("teaching.md", "teaching.zh.md")]
LINK = re.compile(r"`(/(?:[a-z]+(?:\?[^`]*)?)?)`")


def links(text: str) -> list[str]:
    return LINK.findall(text)


def test_both_languages_hand_out_the_same_links() -> None:
    english, chinese = (links(guide.read_text(encoding="utf-8")) for guide in GUIDES)
    assert english == chinese and len(english) > 15


@pytest.mark.usefixtures("router")
@pytest.mark.parametrize("link", sorted(set(links(GUIDES[0].read_text(encoding="utf-8")))))
def test_a_link_opens_what_it_names(link: str) -> None:
    parts = urlsplit(link)
    at = open_page(parts.path.strip("/") or "home", **dict(parse_qsl(parts.query)))
    assert not at.exception
    assert [(e.value) for e in (*at.warning, *at.error)] == []


def test_the_numbers_of_parameters() -> None:
    """As both guides print them."""
    layers = [sum(p.numel() for p in layer.parameters()) for layer in LeNet()]
    lenet, mlp = sum(layers), sum(p.numel() for p in MLP().parameters())
    small = lenet - (400 * 120 + 120) - (120 * 84 + 84) + (400 * 56 + 56) + (56 * 84 + 84)
    told = [
        " + ".join(f"{n:,}" for n in layers if n),
        f"{lenet:,}",
        f"{mlp:,}",
        f"{small:,}",
        f"{1 - lenet / mlp:.1%}",
    ]
    assert small < lenet / 2 < small + 400 + 1 + 84
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8").replace("73.8 %", "73.8%")
        assert [number for number in told if number not in text] == []
