"""Pages without a browser: the router in Streamlit's AppTest, what a reader does there and what is said to them."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from lenet.common import paths
from lenet.ui.number_fields import box_of

IN_THE_FRAME = ("components_share", "components_presenting", "components_glossary", "components_strip")
"""What the names of the components end with that stand in the head of a page."""

FILES = {"class": "classroom"}
"""The scripts of pages that are not named as their address."""

_compiled = ScriptCache()


def as_served(patch: pytest.MonkeyPatch) -> None:
    """Have AppTest compile scripts and look for components in all installed packages once, as a server does, and not for every
    run and reader; and have its address bar hold the query that a run leaves, as in a browser, where a script writes that of
    the first run."""
    patch.setattr(ScriptCache, "get_bytecode", lambda _self, path: _get_bytecode(path))
    patch.setattr(manifest_scanner, "scan_component_manifests", _scan)
    patch.setattr(AppTest, "_run", _run)


def _run(at: AppTest, *args: Any, **options: Any) -> AppTest:
    _run_script(at, *args, **options)
    with suppress(
        ValueError, RecursionError
    ):  # of what is sent to a component: AppTest reads all states to look for one
        if "_ui_written" in at.session_state:
            at.query_params = dict(at.session_state["_ui_written"][1])
    return at


_run_script = AppTest._run

_get_bytecode = _compiled.get_bytecode  # before it is replaced
_scan = cache(manifest_scanner.scan_component_manifests)


def app(**state: object) -> AppTest:
    """The app in a browser of its own, before its first run, with `state` in its session."""
    at = AppTest.from_file(str(paths.PROJECT / "pages" / "router.py"), default_timeout=60)
    for name, value in state.items():
        at.session_state[name] = value
    return at


def turn_to(at: AppTest, page: str, /, **query: Any) -> AppTest:
    """Follow a link to a page: `turn_to(at, "pooling", kernel="3")`."""
    for name, value in query.items():
        at.query_params[name] = value
    at.switch_page(f"{FILES.get(page, page)}.py")
    if page in FILES:  # AppTest knows a page's address only once the router has run
        at._page_hash = calc_hash(page)
    return at.run()


def open_page(page: str, /, **query: Any) -> AppTest:
    """A new reader opens a link to a page: `open_page("pooling", kernel="3")`."""
    return turn_to(app(), page, **query)


def go_back(at: AppTest, /, **query: str) -> AppTest:
    """The reader presses Back, and is on the same page with this query."""
    reset = ScriptRunContext.reset

    def back(self: ScriptRunContext, *args: Any, **options: Any) -> None:
        reset(self, *args, **options | {"is_history_navigation": True})

    at.query_params = dict(query)
    with patch.object(ScriptRunContext, "reset", back):
        return at.run()


def button(at: AppTest, label: str) -> Any:
    """The one button of that label."""
    (found,) = [b for b in at.button if b.label == label]
    return found


def typed(at: AppTest, key: str) -> Any:
    """The field in which a reader types the number that stands in the URL as `?key=`."""
    return at.text_input(key=box_of(key))


def said(at: AppTest) -> list[str]:
    """The sentences in red and yellow, without the backslashes of Markdown."""
    return [e.value.replace("\\", "") for e in [*at.error, *at.warning]]


def words(at: AppTest) -> str:
    """The running text of a page, likewise."""
    return "\n".join(e.value.replace("\\", "") for e in [*at.title, *at.markdown, *at.header, *at.caption])


def progress(at: AppTest) -> str:
    """The line over the progress bar, likewise."""
    (bar,) = at.get("progress")
    text: str = bar.proto.text
    return text.replace("\\", "")


def url(at: AppTest) -> dict[str, str]:
    """The query in the address bar."""
    return {name: value if isinstance(value, str) else value[0] for name, value in at.query_params.items()}


def mounted(at: AppTest) -> list[Any]:
    """The components of the page, without those that frame every page."""
    return [part for part in at.get("bidi_component") if not part.proto.component_name.endswith(IN_THE_FRAME)]


def scene_of(part: Any) -> dict[str, Any]:
    """What a component was given to draw."""
    drawn: dict[str, Any]
    drawn, _unavailable = json.loads(part.proto.json)
    return drawn


def scene(at: AppTest) -> dict[str, Any]:
    """What the one component of the page was given to draw."""
    (figure,) = mounted(at)
    return scene_of(figure)


def table(at: AppTest) -> list[list[str]]:
    """The one table in Markdown of the page: the cells of its heading, and of each row."""
    (text,) = [e.value for e in at.markdown if e.value.startswith("| ")]
    head, _rule, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines())
    return [head, *rows]


def layers(at: AppTest) -> list[list[str]]:
    """The rows of the table of layers, without the total."""
    return table(at)[1:-1]


def lines(at: AppTest) -> list[str]:
    """The texts of `ui.lines`."""
    drawn = [scene_of(part) for part in mounted(at)]
    return [data["text"] for data in drawn if "text" in data]


def charts(at: AppTest) -> list[dict[str, Any]]:
    """The Plotly figures of the page."""
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]
