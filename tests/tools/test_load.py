"""A small crowd on a real server: every page answers it, and the tool that says so would say if one did not."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lenet.common import paths
from lenet.common.errors import say
from tests.helpers import measuring
from tests.helpers.pages import FILES, open_page
from tests.helpers.processes import run_apart
from tests.tools import load


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LENET_RUNS_DIR", "")  # set by `load.app`, and put back afterwards
        with load.app(tmp_path_factory.mktemp("runs")) as (address, _server):
            yield address


@pytest.fixture(autouse=True)
def own_directories() -> None:
    """The server has its directories for the whole module; the fixture of single tests does not apply."""


@pytest.fixture(autouse=True)
def no_processes() -> None:
    """The server is another process."""


async def changes(visitor: load.Visitor, n: int) -> load.Visitor:
    async with visitor:
        for _change in range(n):
            visitor.reruns.append(await visitor.change_something())
    return visitor


def test_every_page_answers_three_visitors_at_once(url: str) -> None:
    async def crowd() -> list[load.Visitor]:
        visitors = [load.Visitor(url, page, "", random.Random(n)) for n in range(3) for page in load.PAGES]
        return await asyncio.gather(*(changes(v, 3) for v in visitors))

    visitors = run_apart(crowd())
    for page in load.PAGES:
        seen = load.report([v for v in visitors if v.page == page])
        assert (seen["failed"], seen["exceptions"], seen["reruns"]) == (0, 0, 9)
        assert seen["session_kb"] > seen["first_load_kb"] > 5  # it is a page, and a change is answered with something


VIEWS: dict[str, list[dict[str, str]]] = {
    "convolution": [{"panel": "code"}, {"panel": "gradient"}],
    "pooling": [{"panel": "robustness"}, {"panel": "code"}],
    "architecture": [{"tab": "walk"}],
    "training": [{"seed": "3", "lr": "0.5"}],
    "kernels": [{"tab": "seen"}, {"tab": "compare"}],
    "experiments": [{"panel": "kernels"}],
}
"""Queries beside the empty one, in which a page shows all that visitors change."""


@pytest.mark.parametrize("page", load.PAGES)
@pytest.mark.usefixtures("router")
def test_what_visitors_change_is_on_the_pages(page: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path))
    shown: set[str] = set()
    for query in [{}, *VIEWS.get(page, [])]:
        shown |= set(re.findall(r'id: "\$\$ID-[0-9a-f]+-(.+?)"', everything(open_page(page, **query))))
    assert load.PAGES[page].keys() - shown == set()


def everything(at: AppTest) -> str:
    """All that a page has sent, as text."""

    def of(block: Any) -> Iterator[str]:
        yield str(getattr(block, "proto", ""))
        for child in getattr(block, "children", {}).values():
            yield from of(child)

    return "\n".join(of(at._tree))


def test_there_are_visitors_for_every_page() -> None:
    """But the status, which nobody is led to."""
    addresses = {file: page for page, file in FILES.items()}
    pages = {addresses.get(path.stem, path.stem) for path in (paths.PROJECT / "pages").glob("[a-z]*.py")}
    assert set(load.PAGES) == pages - {"router", "status"}


def test_the_trivial_page_is_measured_as_the_others_are(tmp_path: Path) -> None:
    with load.trivial_app(tmp_path / "trivial") as address:
        visitor = run_apart(changes(load.Visitor(address, "trivial", "", random.Random(0)), 3))
    seen = load.report([visitor])
    assert (seen["failed"], seen["exceptions"], seen["reruns"]) == (0, 0, 3)
    assert visitor.charts, "it has its chart"


def test_a_changed_value_is_sent_and_kept_in_the_address(url: str) -> None:
    async def change() -> load.Visitor:
        async with load.Visitor(url, "pooling", "kernel=3", random.Random(0)) as visitor:
            assert visitor.by_key("kernel").value == [3]
            await visitor.change(visitor.by_key("stride"), [4])
            assert visitor.by_key("kernel").value == [3]
            await visitor.change(visitor.by_key("preset"), [visitor.by_key("preset").options[-1]])
        return visitor

    visitor = run_apart(change())
    assert visitor.by_key("stride").value != [4], "an example sets the layer to its own, and the browser hears of it"
    assert "preset=" in visitor.query


def test_a_page_that_is_not_there_is_a_failed_session(url: str) -> None:
    visitor = load.Visitor(url, "home", "", random.Random(0))
    visitor.page = "nowhere"
    run_apart(visitor.stay(1.0, 0.1, 0.0))
    assert "no page nowhere" in visitor.failure


def test_an_exception_on_a_page_is_seen(tmp_path: Path) -> None:
    from streamlit.proto.Element_pb2 import Element

    visitor = load.Visitor("", "home", "", random.Random(0))
    element = Element()
    element.exception.type, element.exception.message = "KeyError", "x"
    visitor._see(element)
    assert load.report([visitor])["exceptions"] == 1
    element.alert.body = say("unexpected", {"id": "12ab34cd"})
    visitor._see(element)
    element.alert.body = say("no_key", {})  # a sentence that was foreseen
    visitor._see(element)
    assert load.report([visitor])["exceptions"] == 2


def test_latencies_are_summed_up() -> None:
    assert measuring.summary([n / 1000 for n in range(1, 101)]) == {"median": 50.5, "p95": 96.0, "max": 100.0}
    assert measuring.summary([]) == {"median": 0.0, "p95": 0.0, "max": 0.0}
