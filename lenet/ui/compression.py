"""Compressed scripts: Streamlit's and ours, each compressed once and cached.

A new visitor's browser loads up to nine megabytes of JavaScript, which Streamlit sends uncompressed. The middleware here
serves files that never change under their address (`Cache-Control: immutable`). The first visitor gets them as brotli 5
or gzip 6, which takes a fraction of a second. A background thread then compresses them at the highest level (brotli 11,
gzip 9: up to 20 s) and stores the result on the disk, for all later visitors and starts.

Why not a library: Starlette's `GZipMiddleware` and `brotli-asgi` compress every response anew, which costs 0.2 s of CPU
per visitor for Plotly alone.

- The browser chooses the coding: `Accept-Encoding`, with its weights. Browsers offer brotli over https and to localhost
  only; a phone in the Wi-Fi of a laptop gets gzip.
- Each coding has an `ETag` of its own, made from the content. A request for a range gets the plain file.
- Files in the cache are named by the SHA-256 of the plain file. What is read from there is decompressed and verified
  before it is sent, so a damaged file is replaced. Files are written under another name and renamed. Of several server
  processes one at a time does the slow work.
- Everything else (pages, health, uploads, downloads, the websocket) passes through untouched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import queue
import sys
import threading
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import brotli
import filelock
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lenet.common import files

CODINGS = ("br", "gzip")  # the better one first
FAST = {"br": 5, "gzip": 6}
BEST = {"br": 11, "gzip": 9}
SMALLEST = 1024  # bytes; smaller files gain little
LARGEST = 64 * 2**20  # bytes of a file from the cache; Streamlit's largest script has 5 MB
LATER = 5.0  # seconds before the slow work begins, because the first visitor needs the processor
MAX_NAMES = 4096  # addresses whose hash is remembered
UNUSED_AFTER = 100 * 86400.0  # seconds until a file of an older version is deleted from the cache
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/wasm", "image/svg+xml")
_CONDITIONS = {
    b"accept-encoding", b"if-match", b"if-modified-since", b"if-none-match", b"if-range", b"if-unmodified-since", b"range",
}  # fmt: skip


# -- the browser's choice ------------------------------------------------------------------------------------------


def acceptable(headers: Sequence[str]) -> list[str]:
    """The codings among CODINGS and `identity` (plain) that these `Accept-Encoding` headers accept, the best first.

    Without a header only `identity`: the client may not be able to decompress.
    """
    if not headers:
        return ["identity"]
    weights: dict[str, float] = {}
    for part in ",".join(headers).lower().split(","):
        name, *parameters = (word.strip() for word in part.split(";"))
        weights["gzip" if name == "x-gzip" else name] = _weight(parameters)
    rest = weights.get("*", 0.0)
    found = {coding: weights.get(coding, rest) for coding in CODINGS}
    # The plain file is good enough unless it is ruled out, and preferred only where it is named.
    found["identity"] = weights.get("identity", 0.0 if weights.get("*") == 0.0 else 1e-4)
    return sorted((coding for coding, weight in found.items() if weight > 0), key=lambda coding: -found[coding])


def _weight(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0  # malformed: another coding is safer
    return 1.0


# -- compressing ---------------------------------------------------------------------------------------------------


class Stopped(Exception):
    """The server shuts down before a file is compressed."""


def compress(coding: str, plain: bytes, level: int, stopped: Callable[[], bool] = lambda: False) -> bytes:
    """`plain` in that coding. Raises Stopped as soon as `stopped` returns True."""
    if coding == "br":
        packer = brotli.Compressor(quality=level)
        feed, finish = packer.process, packer.finish
    else:
        gzip = zlib.compressobj(level, wbits=31)  # with gzip's header, which has no time and no name in it
        feed, finish = gzip.compress, gzip.flush
    parts = []
    for start in range(0, len(plain), 2**20):
        if stopped():
            raise Stopped
        parts.append(feed(plain[start : start + 2**20]))
    return b"".join([*parts, finish()])


def decompress(coding: str, packed: bytes, limit: int) -> bytes:
    """The plain content. Raises ValueError if `packed` is damaged or truncated, or unpacks to more than `limit` bytes."""
    try:
        if coding == "br":
            unpacker = brotli.Decompressor()
            plain = unpacker.process(packed, output_buffer_limit=limit + 1)
            whole = unpacker.is_finished()
        else:
            gzip = zlib.decompressobj(wbits=31)
            plain = gzip.decompress(packed, limit + 1)
            whole = gzip.eof and not gzip.unused_data
    except (brotli.error, zlib.error) as e:
        raise ValueError(str(e)) from e
    if not whole or len(plain) > limit:
        raise ValueError("cut off, or too long")
    return bytes(plain)


@dataclass(frozen=True)
class Packed:
    """A file in one coding, as it is sent."""

    coding: str
    body: bytes
    etag: str


class Store:
    """Compressed files in memory; those of the highest level also in a folder, which several server processes may share.

    If the folder cannot be written to, each process compresses for itself.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._digests: dict[tuple[str, str], str] = {}  # SHA-256 of the plain file by its address and ETag
        self._packed: dict[tuple[str, str], Packed] = {}  # by digest and coding
        self._being_made: dict[tuple[str, str, str], asyncio.Task[Packed]] = {}
        self._waiting: queue.SimpleQueue[tuple[str, str, int] | None] = queue.SimpleQueue()

    async def get(self, path: str, etag: str, coding: str, read: Callable[[], Awaitable[bytes]]) -> Packed:
        """The file at an address, whose plain content `read` returns. Simultaneous requests share the same work."""
        if (digest := self._digests.get((path, etag))) and (packed := self._packed.get((digest, coding))):
            return packed
        key = (path, etag, coding)
        if (task := self._being_made.get(key)) is None:
            task = self._being_made[key] = asyncio.create_task(self._make(path, etag, coding, read))
            task.add_done_callback(lambda _task: self._being_made.pop(key, None))
        return await asyncio.shield(task)  # continues for the others if this visitor leaves

    async def _make(self, path: str, etag: str, coding: str, read: Callable[[], Awaitable[bytes]]) -> Packed:
        plain = await read()
        packed, digest = await asyncio.to_thread(self._pack, plain, coding)
        if len(self._digests) >= MAX_NAMES:
            self._digests.clear()
        self._digests[path, etag] = digest
        return packed

    def _pack(self, plain: bytes, coding: str) -> tuple[Packed, str]:
        digest = hashlib.sha256(plain).hexdigest()
        if (known := self._packed.get((digest, coding))) is not None:
            return known, digest
        if kept := self._read(digest, coding, len(plain)):
            return self._take(digest, coding, BEST[coding], kept), digest
        packed = self._take(digest, coding, FAST[coding], compress(coding, plain, FAST[coding]))
        self._waiting.put((digest, coding, len(plain)))
        return packed, digest

    def _take(self, digest: str, coding: str, level: int, body: bytes) -> Packed:
        packed = Packed(coding, body, f'"{digest[:24]}-{coding}{level}"')
        self._packed[digest, coding] = packed
        return packed

    # In the background.

    @contextmanager
    def improving(self) -> Iterator[None]:
        """Context in which a low-priority thread replaces quickly compressed files by those of the highest level."""
        stopped = threading.Event()
        thread = threading.Thread(target=self._improve_all, args=(stopped,), name="compress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            self._waiting.put(None)
            thread.join(2.0)

    def _improve_all(self, stopped: threading.Event) -> None:
        if sys.platform == "linux":  # where a thread has a priority of its own
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        self._delete_unused()
        while not stopped.is_set():
            is_idle = self._waiting.empty()
            job = self._waiting.get()
            if is_idle:
                stopped.wait(LATER)
            if job and not stopped.is_set():
                with suppress(Stopped):
                    self._improve(*job, stopped.is_set)

    def _improve(self, digest: str, coding: str, length: int, stopped: Callable[[], bool]) -> None:
        with self._alone(stopped):
            if (body := self._read(digest, coding, length)) is None:  # unless another server has made it meanwhile
                plain = decompress(coding, self._packed[digest, coding].body, length)
                body = compress(coding, plain, BEST[coding], stopped)
                with suppress(OSError):
                    files.write_atomic(self._file(digest, coding), body)
        self._take(digest, coding, BEST[coding], body)

    @contextmanager
    def _alone(self, stopped: Callable[[], bool]) -> Iterator[None]:
        """Context for one process at a time, so that servers that start together do not do the same work twice."""
        lock = files.file_lock(self.folder / "lock")
        with suppress(OSError):  # a folder that cannot be written to is not shared either
            self.folder.mkdir(parents=True, exist_ok=True)
            while not lock.is_locked and not stopped():
                with suppress(filelock.Timeout):
                    lock.acquire(timeout=1.0, poll_interval=0.2)
        try:
            yield
        finally:
            lock.release()

    # The folder.

    def _file(self, digest: str, coding: str) -> Path:
        return self.folder / f"{digest}.{coding}"

    def _read(self, digest: str, coding: str, length: int) -> bytes | None:
        """The stored body for a plain file of that length; None if it is missing or does not unpack to exactly that file."""
        file = self._file(digest, coding)
        try:
            body = files.read_plain(file, LARGEST)
            if hashlib.sha256(decompress(coding, body, length)).hexdigest() != digest:
                return None
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            os.utime(file)  # marks it as in use
        return body

    def _delete_unused(self) -> None:
        with suppress(OSError):
            for file in self.folder.iterdir():
                if file.suffix.lstrip(".") in CODINGS and time.time() - file.lstat().st_mtime > UNUSED_AFTER:
                    file.unlink()


# -- the middleware ------------------------------------------------------------------------------------------------


class CompressedFiles:
    """ASGI middleware that serves immutable files whose path contains one of the parts `below`, such as `/static/`.

    Other paths pass through. For these it first sends a HEAD request to the wrapped app, which costs only a `stat` of the
    file; the app's headers are sent on, with another length, `ETag` and encoding.
    """

    def __init__(self, app: ASGIApp, store: Store, below: Sequence[str] = ("/static/",)) -> None:
        self.app = app
        self.store = store
        self.below = tuple(below)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD") or not self._covers(scope["path"]):
            await self.app(scope, receive, send)
            return
        status, plain, _nothing = await self._ask(scope, "HEAD")
        if status != 200 or not _is_compressible(plain):
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        codings = ["identity"] if "range" in asked else acceptable(asked.getlist("accept-encoding"))
        if codings and codings[0] != "identity":
            with suppress(Changed):
                packed = await self._packed(scope, plain, codings[0])
                await _send_packed(packed, plain, scope, send)
                return
        if codings:
            await self.app(_without(scope, {b"accept-encoding"}), receive, _varying(send))
        else:
            await PlainTextResponse("Not Acceptable", 406, {"Vary": "Accept-Encoding"})(scope, receive, send)

    def _covers(self, path: str) -> bool:
        return any(part in path for part in self.below)

    async def _packed(self, scope: Scope, plain: Headers, coding: str) -> Packed:
        async def read() -> bytes:
            status, headers, body = await self._ask(scope, "GET")
            if status != 200 or headers.get("etag") != plain["etag"] or len(body) != int(plain["content-length"]):
                raise Changed
            return body

        return await self.store.get(scope["path"], plain["etag"], coding, read)

    async def _ask(self, scope: Scope, method: str) -> tuple[int, Headers, bytes]:
        """The wrapped app's response to the same request without conditions: status, headers, body."""
        status, headers, body = 0, Headers(), bytearray()

        requests: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            return requests.pop() if requests else await asyncio.Future()  # never disconnects

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], Headers(raw=message["headers"])
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self.app({**_without(scope, _CONDITIONS), "method": method}, receive, send)
        return status, headers, bytes(body)


class Changed(Exception):
    """A file has changed since a moment ago."""


def _is_compressible(headers: Headers) -> bool:
    length = headers.get("content-length", "")
    return (
        "immutable" in headers.get("cache-control", "")
        and "content-encoding" not in headers
        and headers.get("content-type", "").startswith(COMPRESSIBLE)
        and headers.get("etag", "").startswith('"')
        and length.isdecimal()
        and int(length) >= SMALLEST
    )


async def _send_packed(packed: Packed, plain: Headers, scope: Scope, send: Send) -> None:
    """Send a file with the headers of the plain one, or 304 if the browser has it already."""
    known = ",".join(Headers(scope=scope).getlist("if-none-match")).split(",")
    is_known = not {tag.strip().removeprefix("W/") for tag in known}.isdisjoint({packed.etag, "*"})
    replaced = {b"accept-ranges", b"content-length", b"etag"} | ({b"content-type"} if is_known else set())
    headers = MutableHeaders(raw=[(name, value) for name, value in plain.raw if name not in replaced])
    headers["etag"] = packed.etag
    headers["vary"] = _with_encoding(headers.get("vary"))
    if not is_known:
        headers["content-encoding"] = packed.coding
        headers["content-length"] = str(len(packed.body))
        headers["accept-ranges"] = "none"  # ranges of this do not match ranges of the plain file
    await send({"type": "http.response.start", "status": 304 if is_known else 200, "headers": headers.raw})
    await send({"type": "http.response.body", "body": b"" if is_known or scope["method"] == "HEAD" else packed.body})


def _without(scope: Scope, names: set[bytes]) -> Scope:
    """The same request without these headers."""
    return {**scope, "headers": [(name, value) for name, value in scope["headers"] if name not in names]}


def _varying(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["vary"] = _with_encoding(headers.get("vary"))
        await send(message)

    return sending


def _with_encoding(vary: str | None) -> str:
    if vary and "accept-encoding" in vary.lower():
        return vary
    return f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
