"""The small fonts: served in place of Streamlit's, and with every character and icon that the app shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from lenet.common import paths
from lenet.ui.frame import _scripts
from lenet.ui.subset_fonts import FOLDER, SubsetFonts, subsets
from tests.helpers.asgi import Answer, ask
from tests.helpers.processes import run_apart
from tests.tools import fonts

ADDRESS = "/static/media/MaterialSymbols-Rounded.nEdyypZU.woff2"


async def inside(request: Request) -> PlainTextResponse:
    return PlainTextResponse("Streamlit's")


APP = Starlette(routes=[Route("/{path:path}", inside)], middleware=[Middleware(SubsetFonts)])


def get(path: str, **headers: str) -> Answer:
    return run_apart(ask(APP, path, **headers))


@pytest.mark.parametrize("path", [ADDRESS, f"/lenet{ADDRESS}", "/static/media/SourceSansVF-Upright.ttf.Bs-W_4.woff2"])
def test_a_small_font_is_sent_and_not_sent_again(path: str) -> None:
    answer = get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "font/woff2")
    assert answer.body in subsets().values()
    assert "immutable" not in answer.headers["cache-control"], "its address does not change when it does"
    again = get(path, if_none_match=answer.headers["etag"])
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", [f"{ADDRESS}?complete", "/static/media/SourceSerifVariable-Roman.ttf.cVdz.woff2", "/static/js/a.js", "/"]
)
def test_everything_else_is_streamlits(path: str) -> None:
    assert get(path).body == b"Streamlit's"


def small(name: str) -> TTFont:
    return TTFont(FOLDER / f"{name}.woff2")


def test_every_icon_that_is_named_is_in_the_font() -> None:
    known = fonts.icons(TTFont(fonts.complete(fonts.ICONS)))
    assert fonts.icon_names() & known.keys() <= fonts.icons(small(fonts.ICONS)).keys(), "python -m tests.tools.fonts"


def texts() -> str:
    files = [path for ending in ("py", "js", "po") for path in (paths.PROJECT / "lenet").rglob(f"*.{ending}")]
    return "".join(path.read_text(encoding="utf-8") for path in [*files, *(paths.PROJECT / "pages").rglob("*.py")])


@pytest.mark.parametrize("name", fonts.TEXTS)
def test_no_character_of_our_texts_is_left_out(name: str) -> None:
    complete, kept = (set(TTFont(path).getBestCmap()) for path in (fonts.complete(name), FOLDER / f"{name}.woff2"))
    assert complete - kept == complete & fonts.left_out()
    assert not {chr(c) for c in complete - kept} & set(texts())


def test_they_do_not_bear_a_reserved_name() -> None:
    for name in fonts.TEXTS:
        names = {str(record) for record in small(name)["name"].names if record.nameID in fonts.NAMES}
        assert names and not [found for found in names if "Source" in found]


def test_the_scripts_pass_streamlits_filter() -> None:
    """It drops a script without a word if there is `<` before a letter in it."""
    assert not re.search(r"<[/\w!]", _scripts())


def test_the_licences_lie_beside_them() -> None:
    assert {"Apache-2.0.txt", "OFL-1.1.txt"} <= {path.name for path in Path(FOLDER).iterdir()}
