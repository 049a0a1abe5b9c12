"""LeNet Explorer: the server. Run `streamlit run app.py`, or `uvicorn app:app` in this folder.

What a reader opens is in `pages/`, framed by `pages/router.py`; what a page shows is computed in `lenet/`. Here is what
only a server needs: see `lenet/ui/server.py`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from lenet.common import paths
from lenet.ui import class_routes, components, glossary, server, sign_in
from lenet.ui.compression import CompressedFiles, Store
from lenet.ui.subset_fonts import SubsetFonts
from lenet.ui.visitor_cookie import VisitorCookie

compressed = Store(paths.runs_dir() / ".cache" / "compressed")

app = st.App(
    Path(__file__).parent / "pages" / "router.py",
    lifespan=partial(server.lifespan, compressed),
    on_script_error=server.show_error,
    routes=[*components.routes(), *glossary.routes(), *sign_in.routes(), *class_routes.routes()],
    middleware=[
        Middleware(server.CountedTabs),
        Middleware(VisitorCookie),
        Middleware(SubsetFonts),
        Middleware(CompressedFiles, store=compressed, below=["/static/", "/modules/"]),
    ],
)
