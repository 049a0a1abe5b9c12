"""The frame of every page: its style, and the footer on data and device."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from copy import copy
from functools import lru_cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import streamlit as st

from lenet import data, runs
from lenet.common.errors import LenetError, explain
from lenet.common.translation import LANGUAGES, language
from lenet.common.translation import translate as _
from lenet.ui.components import COMMENT, module_addresses
from lenet.ui.messages import plain, problem
from lenet.ui.parts import wait_for
from lenet.ui.sign_in import operator

PAGES: set[str] = set()
"""The paths of the pages of the navigation, as soon as it was shown once; "" is home."""
ICON = f"data:image/png;base64,{b64encode(Path(__file__).with_name('icon.png').read_bytes()).decode()}"
"""The icon of the tab, as an address: a file's name would have Streamlit open and decode the file in every run."""
PLOTS = Path(__file__).with_name("plots.js")
CHARTS = "common/components/charts/listen.js"
STYLES = [Path(__file__).with_name(name) for name in ("page.css", "phone.css")]
STYLE_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SCRIPTS = [Path(__file__).with_name(name) for name in ("print.js", "history.js", "fonts.js", "keypad.js")]


def style() -> None:
    """What pages look like: the main figure of a page is visible without scrolling, on a phone too."""
    st.html(_styles())
    imports = [f"import({json.dumps(address)}).catch(console.warn)" for address in module_addresses(CHARTS)]
    save = json.dumps(_("Save as a picture"))
    _run("\n".join([f"window.lenetSave = {save}", _script(PLOTS), *imports]))  # ahead of all charts


def page(file: str, **settings: Any) -> st.Page:
    """A page of the navigation, as `st.Page(file, …)`. Its file is looked for once: six pages that are looked up anew took
    a tenth of a small page's time. Each run gets its own copy, in which Streamlit notes which page is the one to run."""
    found = copy(_page(file, **settings))
    PAGES.add(found.url_path)
    return found


@lru_cache
def _page(file: str, **settings: Any) -> st.Page:
    return st.Page(file, **settings)


def status_line() -> None:
    """The footer of every page: which data the app uses and on which device it trains."""
    runs.supervisor().check()
    device = runs.read_state().device_name or _("not known yet")
    st.caption(plain(_("Data: {data} · Training on: {device}").format(data=data_words(), device=device)))


def document(changes: str = "", notes: Sequence[str] = ()) -> None:
    """Name the language of the document, which decides line breaks, the forms of Chinese characters and the voices of screen
    readers; let the browser print a page on one sheet; and have its Back undo steps. Nothing that a reader has typed may get
    in here as it is.

    `changes`, if there are any, is what `write_address` returns: percent-encoded. `notes` are what `station_script` and
    `ticks_script` return.
    """
    tag = LANGUAGES[language()].tag
    script = "\n".join([f"document.documentElement.lang = {json.dumps(tag)}", _scripts(), *filter(None, notes)])
    if changes:
        path = quote(unquote(urlsplit(st.context.url or "").path))
        script += f"\nlenetChangeQuery({json.dumps(path)}, {json.dumps(changes)})"
    _run(script)


AGAIN = [0, 600, 1200]
"""Milliseconds after which a page is brought to its place."""


def scroll_to(key: str, occasion: str, block: str = "center") -> None:
    """Bring the element of that key into view, once for each `occasion`, in letters and digits; `block` says where."""
    target = json.dumps(f".st-key-{key}")
    script = f"""{{
const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"
const reader = new AbortController() // has moved the page
const bring = () => {{
  if (!reader.signal.aborted) document.querySelector({target})?.scrollIntoView({{ behavior, block: "{block}" }})
}}
for (const event of ["wheel", "touchstart", "keydown", "pointerdown"]) {{
  window.addEventListener(event, () => reader.abort(), {{ signal: reader.signal, passive: true }})
}}
// {occasion}; again, as a page that becomes shorter on the way ends the motion
for (const wait of {AGAIN}) setTimeout(bring, wait)
setTimeout(() => reader.abort(), {AGAIN[-1] + 1})
}}"""
    _run(script)


class _Html:
    """HTML that is shown as it stands. From a string Streamlit would first take the indentation, in every run."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return self.text


def _run(script: str) -> None:
    """Have the browser run a script of ours."""
    st.html(_Html(f"<script>{script}</script>"), unsafe_allow_javascript=True)


@lru_cache(maxsize=1)
def _styles() -> _Html:
    """The style sheets without comments and indentation: Streamlit reads through them in every run."""
    text = STYLE_COMMENT.sub("", "\n".join(path.read_text(encoding="utf-8") for path in STYLES))
    text = re.sub(r"\s*\n\s*", "\n", text)
    return _Html(f"<style>{text}</style>")


@lru_cache(maxsize=1)
def _scripts() -> str:
    return "\n".join(map(_script, SCRIPTS))


@lru_cache
def _script(path: Path) -> str:
    """A script without comments: it comes with every visit, and Streamlit drops one that has `<` before a letter."""
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def data_words() -> str:
    """The data that the app uses, or what is wrong with them, in one phrase."""
    try:
        return data.find().words()
    except LenetError as error:
        return explain(error)


def data_download(dataset: str = "auto") -> None:
    """A button with which the operator downloads a data set, and its progress; nothing if it is here.

    `dataset` is as in `data.find`: a key, or `"auto"`, for which any full data set will do.
    """
    if _is_here(dataset) or not operator():
        return
    wanted = data.DATA_SETS.get(dataset) or data.DATA_SETS[data.DEFAULT]
    if data.download_progress(wanted.key) is not None:
        _show_download(wanted)
        return
    if error := data.download_error(wanted.key):
        problem(error)
    text = _("Download the complete data set ({n} MB)") if dataset == "auto" else _("Download {name} ({n} MB)")
    text = text.format(name=wanted.name, n=round(wanted.download_bytes / 1e6))
    if st.button(text, icon=":material/download:", key="download"):
        data.start_download(wanted.key)
        wait_for(partial(_download_has_begun, wanted.key))
        st.rerun()


def _is_here(dataset: str) -> bool:
    """Whether this machine has a full data set; own images cannot be downloaded. Raises DataError for damaged files."""
    if dataset == data.OWN:
        return True
    try:
        return data.find("auto", dataset).kind == "full"
    except data.DataError as error:
        if error.code in data.MISSING:
            return False
        raise


def _download_has_begun(key: str) -> bool:
    """Whether the new process is at work, or has ended already."""
    at_work, failed = data.download_progress(key) is not None, data.download_error(key) is not None
    return at_work or failed or _is_here(key)


@st.fragment(run_every=0.5)
def _show_download(wanted: data.DataSet) -> None:
    share = data.download_progress(wanted.key)
    if share is None:
        st.rerun()
    st.progress(share, text=_("Downloading {name} …").format(name=wanted.name))
