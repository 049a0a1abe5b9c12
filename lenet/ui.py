"""The few Streamlit helpers that pages share. The only module of lenet/ that imports streamlit."""

from __future__ import annotations

import atexit
import gc
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

# Imported here although only Streamlit uses them, and lazily: the heap is frozen once all of it is loaded.
import pandas  # noqa: F401
import plotly.graph_objects  # noqa: F401
import pyarrow
import streamlit as st
from streamlit import error_util, runtime
from streamlit.delta_generator_singletons import get_dg_singleton_instance
from streamlit.proto.Exception_pb2 import Exception as ExceptionProto
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from lenet import curves, data, health, hosting, i18n, log, memory, settings, share, worker
from lenet.errors import LenetError, explain, say
from lenet.i18n import ngettext
from lenet.i18n import translate as _
from lenet.share import Address

N = TypeVar("N", bound=int | None)
MAX_NAMED = 10  # of the runs that cannot be read
TEND_ALONE = 60.0  # seconds between two looks for runs that wait, where nobody visits
COMPONENTS_DIR = Path(__file__).parent / "components"
_HEAD, _EARLY, _ARRIVED, _PAGE = "_ui_head", "_ui_early", "_ui_arrived", "_ui_page"
_KEY, _OPERATOR = "_ui_visitor_key", "_ui_is_operator"
"""Our own in the session's state, apart from what pages keep there."""


# -- language ----------------------------------------------------------------------------------------------------


_this_run = threading.local()  # a script runs in a thread of its own


def _session_language() -> str:
    """The reader's language; looked up once a run, since a page asks for it with every word."""
    if get_script_run_ctx() is None:
        return i18n.DEFAULT
    known: str | None = getattr(_this_run, "language", None)
    if known is None:
        known = _this_run.language = st.session_state.get("lang") or i18n.match_locale(st.context.locale)
    return known


i18n.set_language_source(_session_language)


_turns = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """Compute one page after the other. Python's lock lets one thread compute anyway; pages that share it by slices of
    milliseconds all end late, and of those that wait their turn most end early (p95 of 40 visitors: 190 → 120 ms)."""
    is_ours = _turns.acquire(timeout=0.25)  # a page that takes long, the first with torch, does not hold up everybody
    try:
        yield
    finally:
        if is_ours:
            _turns.release()


def language_switch() -> None:
    """The switch between the languages; `?lang=` in the URL, the browser's own language to begin with."""
    st.session_state.pop(_HEAD, None)  # of the run before; this one's comes later, with the page
    choice(
        st.segmented_control,
        "Language · 语言",
        i18n.LANGUAGES,
        key="lang",
        default=i18n.match_locale(st.context.locale),
        required=True,
        label_visibility="collapsed",
    )
    _this_run.language = None  # Streamlit may run a script again in the same thread, and here it may have changed


# -- who is here: rules of a public server -----------------------------------------------------------------------


def _session_visitor() -> hosting.Visitor:
    if get_script_run_ctx() is None:  # a thread of the server that serves nobody
        return hosting.NOBODY
    key = st.context.cookies.get(hosting.COOKIE)
    if not hosting.is_key(key):  # a browser that has just come, or keeps no cookies
        key = st.session_state.get(_KEY)
    return hosting.Visitor(hosting.owner_of(key) if hosting.is_key(key) else "", operator())


hosting.set_visitor_source(_session_visitor)


def know_visitor() -> None:
    """On a public server: learn the key of this browser, which makes one for itself where it has none; else nothing.

    Where an operator has set a limit that is none, the page ends here with the sentence that says so.
    """
    if not settings.hosted():
        return
    try:
        hosting.limits()
    except LenetError as error:
        problem(error)
        st.stop()

    def take() -> None:
        key = st.session_state["visitor"].get("own")
        if hosting.is_key(key):
            st.session_state[_KEY] = key

    known = hosting.visitor().owner != ""
    path = "/" + (st.get_option("server.baseUrlPath") or "").strip("/")
    cookie = {"cookie": hosting.COOKIE, "path": path, "known": known}
    component("visitor_key")(key="visitor", data=cookie, on_own_change=take, height=1)


def operator() -> bool:
    """Whether this session is the operator's: on a laptop every one, on a public server one that has signed in."""
    return not settings.hosted() or bool(st.session_state.get(_OPERATOR))


def operator_sign_in() -> None:
    """The operator's way in and out, on a public server; on a laptop nothing.

    The password is that of `[operator]` in `.streamlit/secrets.toml`. Signed in is the session: until it is left or
    reloaded.
    """
    if not settings.hosted():
        return
    if operator():
        if st.button(_("Sign out"), icon=":material/logout:", key="sign_out"):
            del st.session_state[_OPERATOR]
            st.rerun()
        return
    with st.form("sign_in", clear_on_submit=True, width=420):
        given = st.text_input(_("Operator’s password"), type="password", autocomplete="current-password")
        asked = st.form_submit_button(_("Sign in"), icon=":material/login:")
    if asked:
        try:
            hosting.check_password(given, _operator_password())
        except LenetError as error:
            problem(error)
        else:
            st.session_state[_OPERATOR] = True
            st.rerun()


def _operator_password() -> str:
    """The password under `[operator]`: in a table of its own, because Streamlit puts bare secrets into the environment
    of this process and of those that it starts. Empty where there is none."""
    table = st.secrets.get("operator") if st.secrets.load_if_toml_exists() else None
    password = table.get("password") if isinstance(table, Mapping) else None
    return password if isinstance(password, str) else ""


# -- what is on screen, in the URL -------------------------------------------------------------------------------


def choice(
    widget: Callable[..., Any],
    label: str,
    words: Mapping[str, str],
    *,
    key: str,
    default: str,
    always_in_url: bool = False,
    **more: Any,
) -> str:
    """A choice between the keys of `words`, shown by their words and kept in the URL as `?key=`.

    `widget` is `st.segmented_control`, `st.pills`, `st.selectbox` or `st.radio`; `more` goes to it. Streamlit's own
    `bind="query-params"` writes the words into the URL, so that a link made in Chinese would not open in English;
    it is right for numbers and wrong for choices. `always_in_url` is for a default that changes with time.
    """
    seed_from_url(
        key, default, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )
    if st.session_state[key] not in words:  # what was chosen is gone, or nothing was
        st.session_state[key] = default
    value: str = widget(label, list(words), key=key, format_func=words.__getitem__, persist_state="session", **more)
    keep_in_url(key, value, "" if always_in_url else default)
    return value


def choices(label: str, words: Mapping[str, str], *, key: str, at_most: int, **more: Any) -> list[str]:
    """Up to `at_most` of the keys of `words`, as `?key=a,b`."""

    def complain() -> None:
        check_query(key, options=list(words), several=True)
        if len({part for part in st.query_params[key].split(",") if part in words}) > at_most:
            notice("too_many_chosen", name=key, limit=at_most)

    seed_from_url(key, [], lambda raw: raw.split(","), complain)
    known = [v for v in dict.fromkeys(st.session_state[key]) if v in words]
    st.session_state[key] = known[:at_most]  # more of them would be an error of the widget's
    value: list[str] = st.multiselect(
        label,
        list(words),
        key=key,
        format_func=words.__getitem__,
        max_selections=at_most,
        persist_state="session",
        **more,
    )
    keep_in_url(key, ",".join(value), "")
    return value


def number(widget: Callable[..., Any], label: str, low: int, high: int, *, key: str, default: N, **more: Any) -> N:
    """A whole number, in the URL as `?key=`; it keeps its value while its widget is not drawn (on another tab).

    `widget` is `st.number_input` or `st.slider`; `more` goes to it. One that is emptied goes back to its default, which
    of an `st.number_input` may be None: empty.
    """

    def parse(raw: str) -> int | None:
        return int(raw) if raw.isdecimal() and len(raw) < 10 and low <= int(raw) <= high else None

    seed_from_url(key, default, parse, lambda: check_query(key, low=low, high=high, whole=True))
    if st.session_state[key] is not None and not low <= st.session_state[key] <= high:  # the limits have changed
        st.session_state[key] = default
    value: N = widget(label, low, high, default, key=key, persist_state="session", **more)
    keep_in_url(key, "" if value is None else str(value), "" if default is None else str(default))
    return value


def toggle(label: str, *, key: str, default: bool, **more: Any) -> bool:
    """A switch, in the URL as `?key=true` or `false`."""
    words = {"true": True, "false": False}
    seed_from_url(key, default, words.get, lambda: check_query(key, options=list(words)))
    value: bool = st.toggle(label, key=key, persist_state="session", **more)
    keep_in_url(key, str(value).lower(), str(default).lower())
    return value


def decimal(
    widget: Callable[..., Any], label: str, low: float, high: float, *, key: str, default: float, **more: Any
) -> float:
    """A number, in the URL as `?key=`; `widget` is `st.number_input`. It keeps its value while that is not drawn.

    A field that is emptied goes back to its default.
    """

    def parse(raw: str) -> float | None:
        try:
            value = float(raw)
        except ValueError:
            return None
        return value if low <= value <= high else None

    seed_from_url(key, default, parse, lambda: check_query(key, low=low, high=high))
    value: float = widget(label, low, high, default, key=key, format="%g", persist_state="session", **more)
    keep_in_url(key, f"{value:.12g}", f"{default:.12g}")
    return value


def kept(_label: str, *_options: Any, key: str, **_more: Any) -> Any:
    """In place of a widget that is not drawn, because what it stands in is closed: its value stays, also in the URL.

    A page of thirty widgets costs twice as much as one of fifteen, also where nobody sees half of them.
    """
    return st.session_state[key]


def widgets(drawn: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """A number's and a selection's widget, where they are to be drawn; else `kept`."""
    pair: tuple[Any, Any] = (st.number_input, st.selectbox) if drawn else (kept, kept)
    return pair


def folded(label: str, *, key: str, expanded: bool = False) -> Any:
    """An expander that tells whether it is `.open`: what nobody sees is not drawn (see `kept`)."""
    return st.expander(label, key=key, expanded=expanded, on_change="rerun")


def tabs(words: Mapping[str, str], *, key: str) -> dict[str, Any]:
    """Tabs by the keys of `words`; the first is open unless `?key=` names another. What is costly waits for `.open`."""
    first, state = next(iter(words)), f"_ui_{key}_words"
    seed_from_url(
        key, first, lambda raw: raw if raw in words else None, lambda: check_query(key, options=list(words))
    )

    def opened() -> None:
        st.session_state[key] = next((k for k, w in words.items() if w == st.session_state[state]), first)

    if st.session_state[key] not in words:  # of another page, which calls its tabs by the same name
        st.session_state[key] = first
    st.session_state[state] = words[st.session_state[key]]  # the tabs' own state is words, which follow the language
    panels = st.tabs(list(words.values()), key=state, on_change=opened)
    keep_in_url(key, st.session_state[key], first)
    return dict(zip(words, panels, strict=True))


def seed_from_url(key: str, default: Any, parse: Callable[[str], Any], complain: Callable[[], None]) -> None:
    """Give session state `key` its first value: from `?key=` where the reader has just arrived with one.

    `parse` returns None for what cannot be used; `complain` then says so.
    """
    raw = st.query_params.get(key)
    if raw is not None and (key not in st.session_state or arrived()):
        complain()
        value = parse(raw)
        st.session_state[key] = default if value is None else value
    st.session_state.setdefault(key, default)


def leave_to_browser(state: str, keys: Sequence[str]) -> dict[str, str]:
    """What the link that the reader came by says of `keys`, which a component keeps in the URL by itself.

    Streamlit writes its own copy of the whole query whenever it changes a part of it. It forgets these keys here, or
    an old value would come back; `state` is where the session keeps what was asked for.
    """
    found = {key: st.query_params.pop(key) for key in keys if key in st.query_params}
    asked: dict[str, str] = st.session_state.setdefault(state, found)
    return asked


def keep_in_url(key: str, value: str, default: str) -> None:
    """Write `?key=value` into the URL, or nothing where it is the default."""
    if value == default:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != value:
        st.query_params[key] = value


def shared_address(key: str) -> tuple[str, Address] | None:
    """The query in session state `key` that a component asks a link for, and its address; None where there is none.

    Where this server listens to its own machine alone, no other address would help.
    """
    query = st.session_state.get(key)
    if not isinstance(query, str):
        return None
    alone = share.is_local(st.get_option("server.address") or "everyone")
    return query, share.address(st.context.url or "", query, None if alone else share.network_address())


def note_arrival(page: str) -> None:
    """Remember whether this run is the reader's first on `page`. Called where the head of the page is: notices go there."""
    st.session_state[_HEAD] = st.container()
    st.session_state[_ARRIVED] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page
    for code, params in st.session_state.pop(_EARLY, ()):
        notice(code, **params)


def arrived() -> bool:
    """Whether this run is the reader's first on the page that it shows; a part that runs by itself was here before."""
    context = get_script_run_ctx()
    return bool(st.session_state.get(_ARRIVED)) and not (context and context.fragment_ids_this_run)


# -- words and problems ------------------------------------------------------------------------------------------

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-!|<>$:~^&@]|(?<=www)\.)", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text from outside as Markdown that shows exactly that text, in one line and in its own direction."""
    return _MARKDOWN.sub(r"\\\1", _UNSEEN.sub(" ", text))


def problem(error: Exception) -> None:
    """Show what went wrong as one sentence."""
    st.error(plain(explain(error)), icon=":material/error:")


def notice(code: str, **params: Any) -> None:
    """Show a message of the catalogue as a warning, at the head of the page: where it is asked for may be closed."""
    place = st.session_state.get(_HEAD)
    if place is None:
        st.session_state.setdefault(_EARLY, []).append((code, params))
    else:
        place.warning(plain(say(code, params)), icon=":material/warning:")


def check_query(
    key: str,
    *,
    options: Sequence[str] | None = None,
    several: bool = False,
    low: float | None = None,
    high: float | None = None,
    whole: bool = False,
) -> None:
    """Say so where `?key=` in the URL holds a value that its widget cannot take.

    Call it before the widget: `options` for a choice (`several`: of any number, with commas), `low` and `high`
    for a number (`whole`: without a fraction).
    """
    raw = st.query_params.get(key)
    if raw is None:
        return
    if options is not None:
        wrong = next((part for part in (raw.split(",") if several else [raw]) if part not in options), None)
        if wrong is not None and key in ("run", "with"):
            notice("no_such_run", id=wrong[:80])
        elif wrong is not None:
            notice("not_one_of", name=key, value=wrong[:40], options=", ".join(options))
    elif low is not None and high is not None:
        try:
            inside = low <= float(raw) <= high
        except ValueError:
            notice("not_number", name=key, value=raw[:40])
        else:
            if not inside:
                notice("not_in_range", name=key, value=raw[:40], low=low, high=high)
            elif whole and not raw.isdecimal():
                notice("not_integer", name=key, value=raw[:40])


def calm_errors() -> None:
    """Have an error that nobody foresaw shown as one sentence with a number, which its line in the log has as well.

    Streamlit's `client.showErrorDetails = "none"` hides its details, but leads nobody to the log. It offers no sentence
    of one's own to `streamlit run`: the function with which it shows errors of scripts, callbacks and fragments is
    replaced here.
    """
    logging.getLogger("streamlit.error_util").handlers[:] = [logging.NullHandler()]  # the traceback is on stderr once
    error_util.show_uncaught_app_exception = _show_error


def drop_late_ticks() -> None:
    """Pass over a live part's request to run by itself in the moment in which a run has ended and is not sent yet.

    Streamlit would start that part and throw away what waits to be sent: on a server that is busier than it can be, eight
    visitors of a hundred were left with half a page. The part asks again soon; what a visitor has clicked always counts.
    This wraps a method of Streamlit's sessions.
    """
    request = AppSession.request_rerun

    @wraps(request)
    def request_rerun(self: AppSession, client_state: Any) -> None:
        runner = self._scriptrunner
        has_ended = runner is not None and runner._requests._state == ScriptRequestType.STOP
        if not (has_ended and client_state is not None and client_state.is_auto_rerun):
            request(self, client_state)

    AppSession.request_rerun = request_rerun  # type: ignore[method-assign]


drop_late_ticks()


def _show_error(ex: BaseException) -> None:
    """An element of the kind in which Streamlit shows errors, so that who looks for one finds it."""
    with suppress(Exception):  # telling of an error must not end in another one
        words = say("unexpected", {"id": log.error("page_failed", ex)})
        get_dg_singleton_instance().main_dg._enqueue("exception", ExceptionProto(message=words))


def guard(show: Callable[[], object]) -> None:
    """Run a part of a page so that a problem in it is one sentence, and the rest of the page goes on."""
    try:
        show()
    except LenetError as error:
        problem(error)


def attempt(action: Callable[..., object], *args: Any, **params: Any) -> None:
    """Do what a button asks for; where it cannot be done, say so in one sentence."""
    guard(lambda: action(*args, **params))


def wait_for(done: Callable[[], bool], seconds: float = 3.0) -> None:
    """Wait until a process that was just started shows itself, or for at most `seconds`."""
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)


# -- the frame of every page -------------------------------------------------------------------------------------


def inside_app() -> None:
    """Make sure that app.py frames this page; the first line of every page.

    Streamlit takes a folder called `pages/` for the pages of its older kind of app until app.py has called
    `st.navigation` once in the server's life. A link straight to a page may be the first that a server is asked for:
    then that older way is switched off here and the request begins again.
    """
    if _PAGE not in st.session_state:
        PagesManager.uses_pages_directory = False
        st.rerun()


def style() -> None:
    """Less air above and between, so that the main figure of a page is on screen without scrolling."""
    st.html(COMPONENTS_DIR / "page.css")


def status_line() -> None:
    """The foot of every page: which data the app uses and on which device it trains."""
    worker.tend()
    device = worker.read_state().device_name or _("not known yet")
    st.caption(plain(_("Data: {data} · Training on: {device}").format(data=data_words(), device=device)))


def data_words() -> str:
    """Which data the app uses, or what is wrong with them, in one phrase."""
    try:
        source = data.find()
    except LenetError as error:
        return explain(error)
    if source.kind == "sample":
        return _("bundled sample of Fashion-MNIST, 6,000 + 1,000 images")
    return _("Fashion-MNIST in {folder}").format(folder=source.folder)


def data_download() -> None:
    """Where only the sample is here: a button for the operator that fetches the full data set, with its progress."""
    if data.find().kind == "full" or not operator():
        return
    if data.download_progress() is not None:
        _show_download()
        return
    if error := data.download_error():
        problem(error)
    if st.button(_("Download the complete data set (31 MB)"), icon=":material/download:", key="download"):
        data.start_download()
        time.sleep(0.5)  # until the new process holds its lock
        st.rerun()


@st.fragment(run_every=0.5)
def _show_download() -> None:
    share = data.download_progress()
    if share is None:
        st.rerun()
    st.progress(share, text=_("Downloading Fashion-MNIST …"))


def sessions() -> int | None:
    """How many browser tabs are connected to this server process; None where Streamlit does not tell.

    This is what its `/_stcore/metrics` would say, asked for in the process itself: not a documented interface.
    """
    with suppress(Exception):
        (gauge,) = runtime.get_instance().stats_mgr.get_stats(["active_sessions"])["active_sessions"]
        return int(gauge.value)  # type: ignore[attr-defined]
    return None


@st.cache_resource(show_spinner=False)
def log_server() -> None:
    """Once per server: write its beginning and its end into the operator's log."""
    if type(runtime.get_instance()) is not runtime.Runtime:  # a test of a page
        return
    since = time.strftime("%FT%TZ", time.gmtime(health.started()))  # the first visitor may have come much later
    log.info("server_started", since=since, hosted=settings.hosted(), streamlit=st.__version__)
    atexit.register(log.info, "server_stopped")
    threading.Thread(target=_tend_alone, name="tend", daemon=True).start()


def _tend_alone() -> None:
    """Also while nobody visits: a worker that was killed is replaced where runs wait."""
    while True:
        time.sleep(TEND_ALONE)
        with suppress(Exception):  # the next look may see better
            worker.tend()


@st.cache_resource(show_spinner=False)
def probe_device(runs_dir: str) -> None:
    """Find out once per server which device this machine has, in a process that may import torch."""
    with suppress(LenetError):
        worker.ensure_running("--probe")


# -- parts of a page, tables, figures and runs --------------------------------------------------------------------------------------------


def pick(chart: str, state: str) -> None:
    """After a click on a chart: its number, from `customdata` and counted from 1, becomes the choice in `state`.

    A chart that changes is a new widget to Streamlit, which keeps the callback of the old one as long as the session
    lasts. One that is defined in a page would keep all that the page had computed: 90 kB each time.
    """
    points = st.session_state[chart]["selection"]["points"]
    if points:
        st.session_state[state] = str(points[0]["customdata"][0] + 1)


def part(show: Callable[..., object], *args: Any, every: float | None = None) -> None:
    """`show(*args)` as a part of the page (`st.fragment`) that runs by itself where only it changes, and `every` seconds."""

    def run() -> None:
        worker.tend()
        show(*args)

    st.fragment(run, run_every=every)()


def table(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Columns for `st.dataframe`, in the form in which it sends them: by way of pandas they take ten times as long."""
    return pyarrow.table(dict(columns))


def plotly_config(name: str) -> dict[str, Any]:
    """Options of a chart: a quiet mode bar whose camera saves a large picture called `name`.png."""
    keep = {"format": "png", "filename": name.replace("~", ""), "scale": 2}
    return {"displaylogo": False, "toImageButtonOptions": keep, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def run_words(labels: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Every run by id with the name a reader knows it by, newest first; `labels` where `curves.run_labels()` is at hand.

    What cannot be read is left out, unless it was asked for: then the page says what is wrong with it.
    """
    labels = curves.run_labels() if labels is None else labels
    asked = (st.query_params.get("run"), st.session_state.get("run"))
    return {id: label or _("{id} (damaged)").format(id=id) for id, label in labels.items() if label or id in asked}


def tell_broken_runs(labels: Mapping[str, str | None]) -> None:
    """One calm sentence on the runs that the lists leave out."""
    if ids := sorted(id for id, label in labels.items() if not label):
        names = ", ".join(ids[:MAX_NAMED]) + (" …" if len(ids) > MAX_NAMED else "")
        told = ngettext(
            "{n} run cannot be read and is left out: {names}. “All runs” says why.",
            "{n} runs cannot be read and are left out: {names}. “All runs” says why.",
            len(ids),
        )
        st.caption(plain(told.format(n=len(ids), names=names)))


# -- components --------------------------------------------------------------------------------------------------


def component(name: str) -> Any:
    """Register `lenet/components/<name>.js` (and `.css`) once; returns the command that mounts it.

    The script is the `export default` of Streamlit's components v2, after what all share in `_common.js`; `data`
    reaches it as JSON, with all its words already translated.
    """

    def text(ending: str) -> str:
        parts = [COMPONENTS_DIR / f"{part}.{ending}" for part in ("_common", name)]
        return "\n".join(part.read_text(encoding="utf-8") for part in parts if part.exists())

    return st.components.v2.component(
        f"lenet_{name}", html="<div class='root'></div>\n", js=text("js"), css=text("css")
    )


# -- speed -------------------------------------------------------------------------------------------------------

memory.few_heaps()
first_import = threading.Lock()
"""Held while a page imports torch, for seconds: two visitors who come at once do not import halves of it each."""

_frozen_modules = 0


def settle_heap() -> None:
    """Keep the collector off everything imported so far; called at the end of each script run.

    A full collection with Plotly, pandas and torch on the heap takes 80–140 ms, in which nobody is answered; frozen
    objects are passed over. New modules (torch, on the first visit of a page that needs it) are frozen in their turn.
    """
    global _frozen_modules
    if len(sys.modules) != _frozen_modules:
        gc.collect()
        gc.freeze()
        _frozen_modules = len(sys.modules)
