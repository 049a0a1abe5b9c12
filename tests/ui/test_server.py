"""The server around the pages: started in both ways, its life, its errors, and how many are connected."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from lenet import runs
from lenet.common import files, log, malloc, paths
from lenet.ui import components, server
from lenet.ui.compression import Store
from tests.helpers.processes import Process, end_workers, run_apart, serve, wait_for

pytestmark = pytest.mark.slow

TRIAL = """
import streamlit as st
from lenet import ui
from lenet.runs import visitors

def broken():
    raise KeyError("a secret of the machine")

def part():
    if st.button("part", key="in_part"):
        broken()

st.text("password " + st.secrets["operator"]["password"])
st.text("mode " + st.get_option("client.toolbarMode"))
st.text(f"tabs {ui.sessions()}")
st.text("owner " + visitors.visitor().owner)
st.button("callback", key="in_callback", on_click=broken)
ui.part(part)
if "break" in st.query_params:
    broken()
"""
"""In place of the status page."""
KEY = "c0ffee00" * 8


@dataclass
class Site:
    url: str
    process: Process
    runs: Path
    first: list[str] = field(default_factory=list)  # what the very first visitor was told, who came to a page below

    def events(self) -> list[dict[str, Any]]:
        lines = (self.runs / ".log" / "lenet.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def stderr(self) -> str:
        (file,) = self.runs.glob("server-*.log")
        return file.read_text(encoding="utf-8")

    def get(self, path: str, **headers: str) -> tuple[Any, bytes]:
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=asked), timeout=60) as answer:
            return answer.headers, answer.read()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with settings and secrets of its own, and a page that breaks when it is told to."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(paths.PROJECT / "app.py", folder)
    shutil.copytree(paths.PROJECT / "pages", folder / "pages")
    shutil.copytree(paths.PROJECT / ".streamlit", folder / ".streamlit")
    (folder / "lenet").symlink_to(paths.PROJECT / "lenet")
    (folder / ".streamlit" / "secrets.toml").write_text('[operator]\npassword = "correct horse"\n')
    (folder / "pages" / "status.py").write_text(TRIAL)
    return folder


@pytest.fixture(scope="module", params=["streamlit", "uvicorn"])
def site(request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    runs = tmp_path_factory.mktemp("runs")
    with serve(runs, by=request.param, project=project, compresses=True, LENET_HOSTED="1") as (url, process):
        site = Site(url, process, runs)
        site.first = visit(site, "status")
        yield site
    end_workers(runs)


class Tab:
    """A browser tab on a page, as far as the server sees it."""

    def __init__(self, site: Site, page: str, query: str = "", cookie: str = "") -> None:
        self.site, self.page, self.query = site, page, query
        self.headers = {"Cookie": cookie} if cookie else {}
        self.buttons: dict[str, tuple[str, str]] = {}  # id and part of each, by label
        self.components: list[str] = []  # their ids

    async def __aenter__(self) -> Tab:
        address = self.site.url.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket: ClientConnection = await connect(
            address,
            additional_headers=self.headers,
            origin=self.site.url,
            max_size=None,  # type: ignore[arg-type]
        )
        self.told = await self.run()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.socket.close()

    async def run(self, button: str = "", text: str = "") -> list[str]:
        """Ask for the page, press a button on it, or send text for a component that sends objects; the sentences that come
        back, errors of Streamlit's own included."""
        ask = BackMsg()
        ask.rerun_script.page_name, ask.rerun_script.query_string = self.page, self.query
        if button:
            id_, part = self.buttons[button]
            ask.rerun_script.fragment_id = part
            ask.rerun_script.widget_states.widgets.append(WidgetState(id=id_, trigger_value=True))
        if text:
            sent = WidgetState(id=self.components[0], json_value=json.dumps(text))
            ask.rerun_script.widget_states.widgets.append(sent)
        await self.socket.send(ask.SerializeToString())
        told: list[str] = []
        while True:
            message = ForwardMsg.FromString(await asyncio.wait_for(self.socket.recv(), 60))  # type: ignore[arg-type]
            element = message.delta.new_element
            match element.WhichOneof("type"):
                case "text":
                    told.append(element.text.body)
                case "markdown":
                    told.append(element.markdown.body)
                case "heading":
                    told.append(f"{element.heading.tag} {element.heading.body}")
                case "alert":
                    told.append(element.alert.body)
                case "exception":
                    told.append(f"exception {element.exception.type} {element.exception.message}")
                case "button":
                    self.buttons[element.button.label] = (element.button.id, message.delta.fragment_id)
                case "bidi_component":
                    self.components.append(element.bidi_component.id)
            if message.WhichOneof("type") == "script_finished" and message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            ):
                return told


def visit(site: Site, page: str, query: str = "", press: str = "", cookie: str = "") -> list[str]:
    """What a new tab is told; where a button is to be pressed, only what it is told then."""

    async def talk() -> list[str]:
        async with Tab(site, page, query, cookie) as tab:
            return await tab.run(press) if press else tab.told

    return run_apart(talk())


# -- both ways to start it -----------------------------------------------------------------------------------------


def test_the_first_request_of_its_life_may_be_for_any_page(site: Site) -> None:
    """The router frames it, and settings and secrets of the project are in force."""
    assert site.first[:1] == ["h1 Status of this server"]
    assert {"password correct horse", "mode viewer"} <= set(site.first)
    assert site.first[-1].startswith("Data")


def test_a_first_request_for_a_page_that_is_not_there_is_answered_with_home(site: Site) -> None:
    assert "h1 LeNet Explorer" in visit(site, "nowhere")


@pytest.mark.parametrize(("query", "press"), [("break=1", ""), ("", "callback"), ("", "part")])
def test_an_error_is_one_sentence_and_has_its_number_in_the_log(site: Site, query: str, press: str) -> None:
    told = visit(site, "status", query, press)
    (sentence,) = [t for t in told if "went wrong" in t]
    assert sentence.startswith("Something went wrong on this page.")
    assert not any("secret" in t or t.startswith("exception") for t in told)
    number = re.findall(r"[0-9a-f]{8}", sentence)[-1]
    (entry,) = [e for e in site.events() if e.get("id") == number]
    assert (entry["event"], entry["exception"]) == ("page_failed", "KeyError")
    assert "a secret of the machine" not in json.dumps(site.events())
    journal = site.stderr().partition(f"page_failed {number}")[2]
    assert "KeyError: 'a secret of the machine'" in journal and "in broken" in journal


def test_what_streamlit_cannot_read_is_one_sentence_to_who_has_sent_it(site: Site) -> None:
    async def send() -> list[str]:
        async with Tab(site, "pooling") as tab:
            return await tab.run(text="9" * 5000)

    told = run_apart(send())
    (sentence,) = [t for t in told if "went wrong" in t]
    assert "reload the page" in sentence and not any(t.startswith("exception") for t in told)
    heading = "h1 What a pooling layer does, one window at a time"
    assert heading in visit(site, "pooling"), "the page of everybody else, and of who has reloaded it"


def test_a_traceback_is_printed_once(site: Site) -> None:
    before = site.stderr().count("Traceback")
    visit(site, "status", "break=1")
    assert site.stderr().count("Traceback") == before + 1
    assert "Uncaught app execution" not in site.stderr()


def test_scripts_are_compressed(site: Site) -> None:
    headers, page = site.get("/pooling", Accept="text/html")
    assert "private" in headers["Cache-Control"]
    script = re.search(r"/static/js/index\.\w+\.js", page.decode())
    assert script
    ours = components.files()
    module = max(ours.contents, key=lambda path: len(ours.contents[path]))
    for path in (script.group(), f"/modules/{ours.version}/{module}"):
        _headers, plain = site.get(path)
        for coding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
            headers, packed = site.get(path, Accept_Encoding=coding)
            assert (headers["Content-Encoding"], headers["Vary"]) == (coding, "Accept-Encoding")
            assert "immutable" in headers["Cache-Control"] and "Set-Cookie" not in headers
            assert f"-{coding}" in headers["ETag"]
            assert unpack(packed) == plain
            assert len(packed) < len(plain) / 2
    wait_for(lambda: {f.suffix for f in site.runs.glob(".cache/compressed/*")} >= {".br", ".gzip"})


def test_a_visitors_key_comes_with_the_page_and_is_known_to_the_session(site: Site) -> None:
    headers, _page = site.get("/training", Accept="text/html")
    cookie, *attributes = headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
    mine = [visit(site, "status", cookie=cookie) for _ in range(2)]
    owners = {t for told in mine for t in told if t.startswith("owner")}
    assert len(owners) == 1
    assert owners.isdisjoint(visit(site, "status", cookie=f"lenet_key={KEY}"))
    assert site.get("/", Accept="text/html", Cookie=cookie)[0]["Set-Cookie"].startswith(cookie)


def test_tabs_are_counted(site: Site) -> None:
    async def two() -> list[str]:
        async with Tab(site, "status"), Tab(site, "status") as second:
            return second.told

    assert "tabs 2" in run_apart(two())
    wait_for(lambda: "tabs 1" in visit(site, "status"))


def test_programs_are_kept_out(site: Site) -> None:
    """Streamlit's agent API, which drives an app without a browser, is off."""
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{site.url}/_stcore/agent/interact", data=b"{}", timeout=60)


def test_strangers_are_kept_out(site: Site) -> None:
    """Another site cannot open a websocket in a visitor's name."""

    async def talk() -> None:
        async with connect(site.url.replace("http", "ws", 1) + "/_stcore/stream", origin="https://evil.example"):  # type: ignore[arg-type]
            pass

    with pytest.raises(Exception, match="403"):
        run_apart(talk())


@pytest.mark.parametrize("by", ["streamlit", "uvicorn"])
def test_the_log_has_its_beginning_and_its_end(by: str, project: Path, tmp_path: Path) -> None:
    """Also with a tab open. In the terminal it says what goes on without it: here a worker trains, as far as can be seen."""
    (tmp_path / ".worker").mkdir()
    (tmp_path / ".worker" / "state.json").write_text('{"state": "training", "run": "a-long-one"}')
    ctrl_c = {"streamlit": signal.SIGINT, "uvicorn": signal.SIGTERM}[by]
    with (
        files.locked(tmp_path / ".worker" / "lock"),
        serve(tmp_path, by=by, project=project, LENET_HOSTED="1") as (url, process),
    ):
        site = Site(url, process, tmp_path)

        async def stop() -> int:
            async with Tab(site, "status"):
                process.send_signal(ctrl_c)
                return await asyncio.to_thread(process.wait, 60)

        assert run_apart(stop()) in (0, 1, -signal.SIGTERM)  # 1: what Streamlit makes of Ctrl-C, “Aborted!”
    events = [e["event"] for e in site.events() if e["event"].startswith("server")]
    assert events == ["server_started", "server_stopped"]
    said = [line for line in site.stderr().splitlines() if "goes on" in line]
    assert len(said) == 1
    assert said[0].startswith("Training goes on in the background: a-long-one.")
    assert said[0].endswith("-m lenet.worker --stop")
    assert list((tmp_path / ".servers").iterdir()) == []
    (started,) = [e for e in site.events() if e["event"] == "server_started"]
    assert started["hosted"] and started["streamlit"]


# -- its life ------------------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the start of a server does to the process, told and not done."""
    done: list[str] = []
    monkeypatch.setattr(malloc, "few_heaps", lambda: done.append("few_heaps"))
    monkeypatch.setattr(server, "drop_late_parts", lambda: done.append("drop_late_parts"))
    monkeypatch.setattr(server, "load_libraries", lambda: done.append("load_libraries"))
    monkeypatch.setattr(server, "log_errors_once", lambda: done.append("log_errors_once"))
    monkeypatch.setattr(server.webbrowser, "open", lambda url: done.append(url))
    return done


async def live(tmp_path: Path, seconds: float = 0.0) -> None:
    async with server.lifespan(Store(tmp_path / "cache"), None):  # type: ignore[arg-type]
        end = time.monotonic() + 60
        while (
            not (tasks := [t for t in asyncio.all_tasks() if t is not asyncio.current_task()])
            and time.monotonic() < end
        ):
            await asyncio.sleep(0)
        assert tasks
        await asyncio.sleep(seconds)
    await asyncio.sleep(0)
    assert [t for t in asyncio.all_tasks() if t is not asyncio.current_task()] == []


def test_a_start_does_everything_once_and_an_end_leaves_nothing(quiet: list[str], tmp_path: Path) -> None:
    run_apart(live(tmp_path))
    assert [quiet.count(what) for what in ("few_heaps", "drop_late_parts", "load_libraries", "log_errors_once")] == [
        1
    ] * 4
    assert [json.loads(line)["event"] for line in log.path().read_text().splitlines()] == [
        "server_started",
        "server_stopped",
    ]


def test_it_looks_for_runs_that_wait_also_while_nobody_visits(
    quiet: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[tuple[str, ...]]
) -> None:
    looked = asyncio.Event()
    calls: list[str] = []

    def check() -> None:
        calls.append("check")
        if len(calls) == 1:
            raise OSError("a disk that is gone")
        loop.call_soon_threadsafe(looked.set)

    async def until_it_looked() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        async with server.lifespan(Store(tmp_path / "cache"), None):  # type: ignore[arg-type]
            await asyncio.wait_for(looked.wait(), 60)

    loop: Any = None
    monkeypatch.setattr(server, "TEND_ALONE", 0.01)
    monkeypatch.setattr(runs.supervisor(), "check", check)
    run_apart(until_it_looked())
    assert ("lenet.worker", "--probe") in no_processes
    assert len(calls) >= 2, "an error does not end it"


@pytest.mark.parametrize(
    ("started_as", "headless", "opened"),
    [
        ("/x/app.py", False, ["http://localhost:8501/lenet"]),
        ("/x/app.py", True, []),
        ("/venv/bin/uvicorn", False, []),
    ],
)
def test_streamlit_run_at_a_desktop_opens_a_browser(
    quiet: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    started_as: str,
    headless: bool,
    opened: list[str],
) -> None:
    options = {
        "server.headless": headless,
        "server.port": 8501,
        "server.baseUrlPath": "/lenet/",
        "server.sslCertFile": None,
    }
    monkeypatch.setattr(server.st, "get_option", options.__getitem__)
    monkeypatch.setattr(server.sys, "argv", [started_as])
    run_apart(live(tmp_path))
    assert [url for url in quiet if url.startswith("http")] == opened


def test_importing_the_app_does_nothing_to_streamlit_malloc_or_logging() -> None:
    """Only the start of a server does. In a fresh interpreter."""
    code = """
import logging
from streamlit import error_util
from streamlit.runtime.app_session import AppSession
from lenet.common import malloc

def state():
    logger = logging.getLogger("streamlit.error_util")
    return AppSession.request_rerun, vars(error_util).copy(), logger.filters[:], logger.handlers[:], logger.level

settings = []
malloc._set = lambda *setting: settings.append(setting)
before = state()
import app
assert state() == before
assert settings == [] and app.app
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
