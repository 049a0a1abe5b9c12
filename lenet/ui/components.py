"""Components: how a page mounts one, and the routes from which browsers load their modules and style sheets.

A component is a folder below `lenet/` with an `index.js`, which creates its view, and a `style.css`. Streamlit sends
a component's script again with every update of its data. So the script is only the short `loader.js`, which loads the
rest from `modules/<version>/<path below lenet/>`. The version is a hash of all files, so browsers can cache them for good.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lenet.common.translation import translate as _

PACKAGE = Path(__file__).parents[1]
FOLDERS = ("component", "components")  # in a package: what lies below them is served
TYPES = {".js": "text/javascript", ".css": "text/css"}
BASE_STYLE = "common/components/base.css"
LOADER = Path(__file__).with_name("loader.js")
FILES_LINE = 'const FILES = { base: "", version: "", modules: [""], styles: [""] }'
COMMENT = re.compile(r"^ *(/\*\*.*?\*/|//[^\n]*)\n", re.MULTILINE | re.DOTALL)
IMPORTED = re.compile(r'^(?:import|export)\s[^"]*?\bfrom "(\.[^"]+)"', re.MULTILINE)


# -- for pages -----------------------------------------------------------------------------------------------------


def component(folder: str) -> Callable[..., Any]:
    """Register the component in a folder below `lenet/`, such as "grid/component"; returns the function that mounts it.

    Its argument `data`, a dict, reaches the component as JSON; all texts in it are already translated.
    """
    name = f"lenet_{folder.replace('/', '_')}"
    script = _script(folder, files().version, base_path())
    mount = st.components.v2.component(name, html="<div class='root'></div>\n", js=script)

    def mount_with_words(*, data: Mapping[str, Any], **more: Any) -> Any:
        # A list: of a dict Streamlit would ask for every value whether it is a data frame.
        return mount(data=[data, _("This part of the page could not be loaded. Trying again …")], **more)

    return mount_with_words


def module_addresses(path: str) -> list[str]:
    """The addresses, from the root of the server, of a module by its path below `lenet/` and of all that it imports."""
    return list(_addresses(path, files().version, base_path()))


@lru_cache
def _addresses(path: str, version: str, base: str) -> tuple[str, ...]:
    return tuple(f"{_modules(base)}{version}/{module}" for module in files().modules(path))


def base_path() -> str:
    """The path below which the server has everything, without slashes; "" at its root."""
    return str(st.get_option("server.baseUrlPath") or "").strip("/")


def _modules(base: str) -> str:
    """Where a server with the base path `base` has all modules."""
    return f"/{base}/modules/" if base else "/modules/"


@lru_cache
def _script(folder: str, version: str, base: str) -> str:
    """The loader with the list of files to load."""
    needed = {
        "base": _modules(base),
        "version": version,
        "modules": files().modules(f"{folder}/index.js"),
        "styles": [BASE_STYLE, f"{folder}/style.css"],
    }
    loader = COMMENT.sub("", LOADER.read_text(encoding="utf-8"))
    return loader.replace(FILES_LINE, f"const FILES = {json.dumps(needed)}")


# -- files ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Files:
    """All modules and style sheets by their path below `lenet/`, and a hash of them and the loader."""

    contents: Mapping[str, bytes]
    version: str

    def modules(self, path: str) -> list[str]:
        """A module and all modules that it imports, so that a browser can load them in parallel."""
        found = [path]
        for known in found:
            for relative in IMPORTED.findall(self.contents[known].decode()):
                imported = normpath(join(dirname(known), relative))
                if imported not in found:
                    found.append(imported)
        return found


def files() -> Files:
    """The files of all components, read once; read every time if Streamlit watches files (in development)."""
    return _read_once() if st.get_option("server.fileWatcherType") == "none" else _read()


def _read() -> Files:
    contents = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in sorted(_paths())}
    digest = hashlib.sha256(LOADER.read_bytes())
    for path, content in contents.items():
        digest.update(f"{path}\n{len(content)}\n".encode() + content)
    return Files(contents, digest.hexdigest()[:16])


_read_once = lru_cache(maxsize=1)(_read)


def _paths() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from (path for path in PACKAGE.glob(f"*/{folder}/**/*") if path.suffix in TYPES)


# -- the server ----------------------------------------------------------------------------------------------------


def routes() -> list[Route]:
    """Where the app serves the files, at its root and below any base path (`server.baseUrlPath` is read later)."""
    path = "/modules/{version}/{path:path}"
    return [Route(path, _serve), Route("/{base:path}" + path, _serve)]


async def _serve(request: Request) -> Response:
    """Serve a file, whatever version is requested: during an update a page may come from another server.

    Only this server's own version may be cached for good. No file is opened: only those in `files()` exist.
    """
    available = files()
    path, version = request.path_params["path"], request.path_params["version"]
    content = available.contents.get(path)
    if content is None:
        return Response(status_code=404, headers={"Cache-Control": "no-store"})
    is_own = version == available.version
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if is_own else "no-cache",
        "ETag": tag,
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=TYPES[Path(path).suffix], headers=headers)
