"""A browser on a page of the app, as far as the server can tell: it speaks Streamlit's own protocol, and draws nothing.

A websocket carries BackMsg and ForwardMsg of streamlit.proto. As a browser does, a session keeps the values of its widgets,
sends them all with every change, holds large messages back that it has already (`ref_hash`), and asks for its live
fragments when they are due.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from lenet.common.errors import MESSAGES

TIMEOUT = 30.0  # seconds that a session waits for an answer
UNEXPECTED = MESSAGES["unexpected"].partition(".")[
    0
]  # how the sentence begins that stands for an error nobody foresaw
COMPONENT_EVENTS = "$$STREAMLIT_INTERNAL_KEY_{id}__events"


@dataclass
class Widget:
    """A widget on a visitor's screen, with the value that the browser would send for it."""

    id: str
    kind: str
    value: Any = None
    options: tuple[str, ...] = ()
    low: float = 0.0
    high: float = 0.0
    step: float = 1.0

    @property
    def key(self) -> str:
        return self.id.split("-", 2)[2]

    def state(self) -> WidgetState | None:
        """What a browser sends of it; None where it sends nothing."""
        state = WidgetState(id=self.id)
        match self.kind:
            case _ if self.value is None:
                return None
            case "slider":
                state.double_array_value.data[:] = self.value
            case "checkbox" | "open":
                state.bool_value = self.value
            case "selectbox" | "tabs" | "text_input":
                state.string_value = self.value
            case "button_group" | "multiselect":
                state.string_array_value.data[:] = self.value
            case "button":
                state.trigger_value = True
            case "bidi_component":
                state.id = COMPONENT_EVENTS.format(id=self.id)
                state.json_trigger_value = json.dumps([self.value])
        return state

    def other_value(self, rng: random.Random, low: float | None = None, high: float | None = None) -> Any:
        """A value that it does not have now; None where there is no other."""
        others = [o for o in self.options if o != self.value and [o] != self.value]
        if self.kind == "slider":
            low, high = max(self.low, low if low is not None else self.low), min(self.high, high or self.high)
        match self.kind:
            case "slider":
                return [low + self.step * rng.randrange(max(int((high - low) / self.step), 1) + 1)]
            case "text_input":  # a number is typed
                return str(rng.randint(low, high) if isinstance(low, int) else round(rng.uniform(low, high), 4))
            case "checkbox" | "open":
                return not self.value
            case "selectbox" | "tabs":
                return rng.choice(others) if others else None
            case "button_group":
                return [rng.choice(others)] if others else None
            case "bidi_component" if self.key == "flow":
                return {"event": "open", "value": rng.randrange(8)}
            case "bidi_component":
                edit = {"channel": 0, "row": rng.randrange(3), "column": rng.randrange(3)}
                return {"event": "edit", "value": edit | {"text": f"{rng.uniform(-9, 9):.3f}"}}
        return None


def widget_of(element: Any) -> Widget | None:
    """The widget that an Element of streamlit.proto puts on the screen; None for what a reader only looks at."""
    kind = element.WhichOneof("type")
    w = getattr(element, kind) if kind else None
    match kind:
        case "slider":
            value = list(w.value if w.set_value else w.default)
            return Widget(w.id, kind, value, tuple(w.options), w.min, w.max, w.step)
        case "text_input":
            return Widget(w.id, kind, w.value if w.set_value else w.default)
        case "selectbox":
            value = w.raw_value if w.set_value else w.options[w.default] if w.HasField("default") else None
            return Widget(w.id, kind, value, tuple(w.options))
        case "button_group":
            options = tuple(o.content for o in w.options)
            return Widget(w.id, kind, list(w.raw_values) if w.set_value else [options[i] for i in w.default], options)
        case "multiselect":
            value = list(w.raw_values) if w.set_value else [w.options[i] for i in w.default]
            return Widget(w.id, kind, value, tuple(w.options))
        case "checkbox":
            return Widget(w.id, kind, w.value if w.set_value else w.default)
        case "button" | "bidi_component":
            return Widget(w.id, kind)
    return None


class Failed(Exception):
    """The server did not answer, or not as it should."""


@dataclass
class Session:
    """One browser on one page of the app at `url`, as far as the server can tell."""

    url: str
    page: str
    query: str
    _: KW_ONLY
    cookie: str = ""
    """The header `Cookie` of the browser, and so of its websocket."""
    headers: dict[str, str] = field(default_factory=dict)
    """Others that it sends."""
    language: str = "en-US"
    widgets: dict[str, Widget] = field(default_factory=dict)  # on the screen, by id
    first: float = 0.0  # seconds
    first_bytes: int = 0
    bytes: int = 0
    reruns: list[float] = field(default_factory=list)  # seconds
    ticks: list[float] = field(default_factory=list)  # of live fragments
    exceptions: list[str] = field(default_factory=list)
    failure: str = ""

    said: list[str] = field(default_factory=list)
    """The sentences in boxes (errors, warnings, words of information) of the last run of the page, in their order."""
    pages: dict[str, str] = field(default_factory=dict)
    """The pages of the app: the hash of each, by the path of its address."""
    scenes: dict[str, str] = field(default_factory=dict)
    """What each component was last given to draw, as JSON, by its key."""
    _drawn: dict[str, Widget] = field(default_factory=dict)  # of the run in progress
    _told: list[str] = field(default_factory=list)
    _tabs: dict[tuple[int, ...], Widget] = field(default_factory=dict)
    _kept: dict[str, tuple[Any, int]] = field(default_factory=dict)  # elements by hash, and when they were last used
    _runs: int = 0
    _hash: str = ""
    _run: str = ""  # the id of the last run of the whole page
    _asked_after: str = ""  # and of the one before the change that is to be answered
    _answered: asyncio.Event = field(default_factory=asyncio.Event)
    _live: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _asked: dict[str, float] = field(default_factory=dict)
    charts: dict[str, str] = field(default_factory=dict)  # the last spec of each Plotly chart, by its key

    async def __aenter__(self) -> Self:
        """Open the page. As far as the server sees it: the connection, and the first run of the script."""
        began = time.perf_counter()
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._socket: ClientConnection = await connect(
            address, subprotocols=["streamlit"], origin=self.url, max_size=None, compression=None,  # type: ignore[list-item, arg-type]
            open_timeout=TIMEOUT, ping_interval=None, additional_headers=self.headers | ({"Cookie": self.cookie} if self.cookie else {}),
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen())
        self._ready()
        await self._send()
        await self._answer()
        self.first, self.first_bytes = time.perf_counter() - began, self.bytes
        return self

    async def __aexit__(self, *_error: object) -> None:
        for task in (self._listening, *self._live.values()):
            task.cancel()
        await self._socket.close()

    @property
    def is_closed(self) -> bool:
        """Whether the server has gone."""
        return self._listening.done()

    async def closed(self) -> None:
        """Wait until the server has gone."""
        await asyncio.wait((self._listening,))
        if not self._listening.cancelled():
            self._listening.exception()  # which is no news to whoever waits for it

    async def change(self, widget: Widget, value: Any) -> float:
        began = time.perf_counter()
        widget.value = value
        self._ready()
        await self._send()
        if widget.kind in ("button", "bidi_component"):  # it happens once
            widget.value = None
        await self._answer()
        return time.perf_counter() - began

    async def go(self, page: str, query: str) -> float:
        """Go where the address bar leads, as by Back: the page takes its values from the query. Seconds until it was here."""
        began = time.perf_counter()
        if page != self.page:
            self.page, self.widgets = page, {}
            self._hash = self.pages["" if page == "home" else page]
        self.query = query
        self._ready()
        await self._send(history=True)
        await self._answer()
        return time.perf_counter() - began

    def by_key(self, key: str) -> Widget:
        for w in self.widgets.values():
            if w.key == key:
                return w
        raise Failed(f"no widget {key} on the page {self.page}")

    # What a browser sends and hears.

    def _ready(self) -> None:
        self._asked_after = self._run
        self._answered.clear()

    async def _answer(self) -> None:
        waiting = asyncio.create_task(self._answered.wait())
        done, _pending = await asyncio.wait(
            (waiting, self._listening), timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED
        )
        if waiting not in done:
            waiting.cancel()
            if self._listening in done:
                self._listening.result()
                raise Failed("the connection was closed")
            raise Failed(f"no answer within {TIMEOUT:.0f} s")

    async def _send(self, fragment: str = "", *, history: bool = False) -> None:
        message = BackMsg()
        m = message.rerun_script
        m.query_string, m.page_script_hash, m.fragment_id = self.query, self._hash, fragment
        m.is_auto_rerun, m.is_history_navigation = bool(fragment), history
        m.page_name = "" if self._hash or self.page in ("home", "trivial") else self.page
        m.widget_states.widgets.extend(s for w in self.widgets.values() if (s := w.state()))
        m.cached_message_hashes.extend(self._kept)
        m.context_info.locale, m.context_info.timezone = self.language, "Europe/Berlin"
        m.context_info.url = f"{self.url}/{m.page_name}"
        await self._socket.send(message.SerializeToString())

    async def _listen(self) -> None:
        async for raw in self._socket:
            assert isinstance(raw, bytes)
            self.bytes += len(raw)
            m = ForwardMsg.FromString(raw)
            fragment = m.metadata.run.fragment_ids
            match m.WhichOneof("type"):
                case "new_session":
                    self._hash = m.new_session.page_script_hash
                    if not fragment:
                        self._run = m.metadata.run.script_run_id
                        self._stop_live()
                        self._drawn, self._tabs, self._told = {}, {}, []
                case "navigation":
                    self._hash = m.navigation.page_script_hash
                    self.pages = {one.url_pathname: one.page_script_hash for one in m.navigation.app_pages}
                case "page_info_changed":
                    self.query = m.page_info_changed.query_string
                case "auto_rerun":
                    self._stop_live(m.auto_rerun.fragment_id)
                    self._live[m.auto_rerun.fragment_id] = asyncio.create_task(
                        self._tick(m.auto_rerun.fragment_id, m.auto_rerun.interval)
                    )
                case "stop_auto_rerun":
                    for one in m.stop_auto_rerun.fragment_ids:
                        self._stop_live(one)
                case "ref_hash":
                    element, _age = self._kept[m.ref_hash]
                    self._kept[m.ref_hash] = element, self._runs
                    self._see(element)
                case "delta":
                    self._draw(m)
                case "page_not_found":
                    raise Failed(f"there is no page {self.page}")
                case "script_finished":
                    self._finish(m.script_finished, fragment, m.metadata.run.script_run_id)

    def _draw(self, m: ForwardMsg) -> None:
        path = tuple(m.metadata.delta_path)
        if m.delta.WhichOneof("type") == "new_element":
            if m.metadata.cacheable:
                self._kept[m.hash] = m.delta.new_element, self._runs
            self._see(m.delta.new_element)
        elif m.delta.WhichOneof("type") == "add_block":
            block = m.delta.add_block
            kind = block.WhichOneof("type")
            if kind == "tab_container" and block.id:
                self._tabs[path] = self._put(Widget(block.id, "tabs", block.tab_container.default_tab_label))
            elif kind == "tab" and (container := self._tabs.get(path[:-1])):
                container.options += (block.tab.label,)
            elif kind in ("expandable", "popover") and block.id:
                self._put(Widget(block.id, "open"))

    def _see(self, element: Element) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.exceptions.append(f"{element.exception.type}: {element.exception.message}"[:300])
        elif kind == "alert":
            self._told.append(element.alert.body.replace("\\", ""))
            if element.alert.body.startswith(UNEXPECTED):
                self.exceptions.append(element.alert.body)
        elif kind == "plotly_chart":
            self.charts[element.plotly_chart.id.split("-", 2)[-1]] = element.plotly_chart.spec
        elif w := widget_of(element):
            if kind == "bidi_component":
                self.scenes[w.key] = element.bidi_component.json
            self._put(w, given=getattr(getattr(element, kind), "set_value", False))

    def _put(self, w: Widget, given: bool = False) -> Widget:
        """A widget that was there before keeps its value, unless the script gives it another."""
        before = self.widgets.get(w.id)
        if before and not given and before.value is not None:
            w.value = before.value
        self._drawn[w.id] = self.widgets[w.id] = w
        return w

    def _finish(self, how: int, fragment: Any, run: str) -> None:
        if fragment:
            for one in fragment:
                if one in self._asked:
                    self.ticks.append(time.perf_counter() - self._asked.pop(one))
            # Scripts of a session run one after another. Where a fragment was asked for in the very moment in which
            # the run of the whole page ended, Streamlit sends all of that run but the word that it has ended.
            if self._run != self._asked_after and self._drawn is not self.widgets:
                self._end_run()
            return
        if how == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self.exceptions.append("a script does not compile")
        if how == ForwardMsg.FINISHED_EARLY_FOR_RERUN or run != self._run:
            return
        self._end_run()

    def _end_run(self) -> None:
        self.widgets = self._drawn  # what was not drawn again is gone
        self._runs += 1
        self.said, self._told = self._told, []
        self._kept = {k: v for k, v in self._kept.items() if self._runs - v[1] <= 2}
        if self._run != self._asked_after:
            self._answered.set()

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            self._asked.setdefault(fragment, time.perf_counter())
            try:
                await self._send(fragment)
            except WebSocketException:  # the server has gone
                return

    def _stop_live(self, fragment: str | None = None) -> None:
        for one in [fragment] if fragment is not None else list(self._live):
            self._asked.pop(one, None)
            if task := self._live.pop(one, None):
                task.cancel()
