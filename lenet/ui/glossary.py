"""Terms in the texts of a page, which say what they mean at a click."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lenet.common import glossary
from lenet.common.translation import LANGUAGES, language, translate_to
from lenet.common.translation import translate as _
from lenet.ui.components import component
from lenet.ui.cookies import base_path
from lenet.ui.streamlit_internals import is_part_alone

_LINKED = "_ui_linked_terms"
"""The key of the session state for the text in which each term is linked on the page: the first that uses it."""


# -- for pages -----------------------------------------------------------------------------------------------------


def begin_terms() -> None:
    """Call it at the top of a page, ahead of its texts."""
    st.session_state[_LINKED] = {}


def terms(text: str) -> str:
    """A Markdown text of ours with a link at each term that stands on the page for the first time."""
    linked: dict[str, str] = st.session_state.setdefault(_LINKED, {})
    if is_part_alone():  # of the page that is on screen: what it links stays linked, and nothing else is
        return glossary.link(text, language(), lambda key: linked.get(key) == text)
    return glossary.link(text, language(), lambda key: linked.setdefault(key, text) == text)


def markdown(text: str, *, place: Any = st, **settings: Any) -> None:
    """A text of ours as `st.markdown` shows it, in `place`, with links at its terms."""
    place.markdown(terms(text), **settings)


def caption(text: str, *, place: Any = st, **settings: Any) -> None:
    """A text of ours as `st.caption` shows it, in `place`, with links at its terms."""
    place.caption(terms(text), **settings)


def explanations() -> None:
    """What opens at a click on a term; below it the way to all of them. Call it at the foot of the page."""
    scene = {
        "address": f"{base_path()}/glossary/{language()}?{_version(language())}",
        "marker": glossary.ADDRESS,
        "words": {"all": _("Glossary"), "close": _("Close"), "failed": _("The explanations could not be loaded.")},
    }
    component("common/components/glossary")(key="page_glossary", data=scene)


# -- the server ----------------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """Where browsers load the explanations from, at the root and below any base path."""
    return [Route(base + "/glossary/{language}", _serve) for base in ("", "/{base:path}")]


async def _serve(request: Request) -> Response:
    asked = request.path_params["language"]
    if asked not in LANGUAGES:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    is_own = request.url.query == _version(asked)
    kept = "public, max-age=31536000, immutable" if is_own else "no-cache"
    return JSONResponse(_entries(asked), headers={"Cache-Control": kept, "X-Content-Type-Options": "nosniff"})


@lru_cache
def _entries(code: str) -> list[dict[str, str]]:
    return [
        {"key": key, "name": translate_to(code, term.name), "text": translate_to(code, term.text)}
        for key, term in glossary.TERMS.items()
    ]


@lru_cache
def _version(code: str) -> str:
    return hashlib.sha256(json.dumps(_entries(code)).encode()).hexdigest()[:16]
