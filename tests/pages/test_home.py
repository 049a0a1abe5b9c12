"""Home without a browser: the path through the pages, and what its links open."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from lenet.course import STATIONS, station_at
from tests.helpers.pages import app, mounted, open_page, said, scene_of, turn_to, url, words

pytestmark = pytest.mark.usefixtures("router")


def path(at: AppTest) -> dict[str, Any]:
    """What the component of the path was given to draw."""
    (drawn,) = [scene_of(part) for part in mounted(at) if "stations" in part.proto.json]
    found: dict[str, Any] = drawn
    return found


def noted(at: AppTest) -> list[str]:
    """The keys of the stations that the browser was told to note in the last run."""
    scripts = [html.proto.body for html in at.get("html") if "course/component/progress.js" in html.proto.body]
    return [script.split('open("')[1].split('")')[0] for script in scripts]


@pytest.mark.parametrize(
    ("language", "first"), [("en", "A kernel slides over an image"), ("zh_CN", "卷积核在图像上滑动")]
)
def test_home_shows_the_path_in_the_readers_language(language: str, first: str) -> None:
    at = open_page("home", lang=language)
    assert not at.exception and not said(at)
    shown = path(at)
    assert [station["key"] for station in shown["stations"]] == list(STATIONS)
    assert shown["stations"][0]["title"] == first
    assert "8" in shown["words"]["lead"] and "5" in shown["words"]["lead"]
    texts = [text for station in shown["stations"] for text in (station["title"], station["aim"])]
    if language == "zh_CN":
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in texts)
    assert len(set(texts)) == 2 * len(STATIONS)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("key", STATIONS)
def test_the_link_of_a_station_opens_it(key: str, language: str) -> None:
    (station,) = [one for one in path(open_page("home", lang=language))["stations"] if one["key"] == key]
    address = urlsplit(station["href"])
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    assert query.get("lang", "en") == language
    at = open_page(address.path.strip("/"), **query)
    assert not at.exception
    assert said(at) == []
    assert noted(at) == [key]
    for name, value in STATIONS[key].query.items():
        assert at.session_state[name] == value
    at.run()
    assert noted(at) == [], "once"


def test_a_station_opens_as_it_should_whatever_the_reader_left_there() -> None:
    at = turn_to(app(), "convolution", panel="code", example="bar")
    at = turn_to(at, "home")
    for key, station in STATIONS.items():
        at.query_params.clear()
        at = turn_to(at, station.page, **station.query)
        assert not at.exception and said(at) == []
        assert noted(at) == [key]
        assert {name: at.session_state[name] for name in station.query} == station.query
        at.query_params.clear()
        at = turn_to(at, "home")


def test_another_state_of_a_page_is_no_station() -> None:
    assert station_at("pooling", {"lesson": "stride", "lang": "zh_CN"}) == "stride"
    assert station_at("architecture", {"tab": "walk"}) == "walk"
    for page, query in (
        ("pooling", {}),
        ("pooling", {"lesson": "shift"}),
        ("pooling", {"lesson": "stride", "kernel": "3"}),
        ("architecture", {"tab": "code"}),
        ("architecture", {}),
        ("", {}),
        ("status", {"tab": "walk"}),
    ):
        assert station_at(page, query) == "", (page, query)
    at = open_page("pooling", lesson="shift")
    assert noted(at) == []


def test_a_link_that_was_not_told_of_in_its_own_run_is_told_of_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page may begin anew before it has come to its end."""
    from lenet import ui

    with monkeypatch.context() as patch:
        patch.setattr(ui, "document", lambda *_texts: None)
        patch.setattr(ui, "station_script", lambda: "")
        at = open_page("pooling", lesson="window")
    assert noted(at) == []
    assert noted(at.run()) == ["window"]
    assert noted(at.run()) == []


def test_home_says_what_it_is_about() -> None:
    at = open_page("home")
    assert "Yann LeCun" in words(at)
    assert url(at) == {}
