"""Scripts that are sent compressed: what a browser asks for is what it gets, and each is compressed once."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
import zlib
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from lenet.ui import compression
from lenet.ui.compression import BEST, FAST, CompressedFiles, Store, acceptable, compress, decompress
from tests.helpers.asgi import Answer, ask
from tests.helpers.processes import run_apart, wait_for

KEPT = "public, immutable, max-age=31536000"
SCRIPT = ("export const word = 'window';\n" * 4000).encode() + random.Random(0).randbytes(3000).hex().encode()
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "gzip": lambda packed: zlib.decompress(packed, wbits=31),
}


class Site:
    """An app with files and other answers behind the middleware, and what was asked of it."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.files = StaticFiles(directory=folder)
        self.reads = 0
        self.store = Store(cache)
        (folder / "script.js").write_bytes(SCRIPT)
        (folder / "small.js").write_text("export const a = 1")
        (folder / "font.woff2").write_bytes(random.Random(1).randbytes(9000))
        (folder / "page.html").write_text("<p>page</p>" * 999)
        inside = Starlette(
            routes=[Route("/base/static/{name}", self.file), Route("/base/modules/{name}", self.file),
                    Route("/health", self.health), Route("/stream", self.stream), Route("/static/stream", self.stream),
                    Route("/media/script.js", self.file)],
            middleware=[Middleware(GZipMiddleware)],  # as Streamlit has it for what is not static
        )  # fmt: skip
        self.app: ASGIApp = CompressedFiles(inside, self.store, below=["/static/", "/modules/"])

    async def file(self, request: Request) -> Response:
        name = request.path_params.get("name", "script.js")
        self.reads += request.method == "GET"
        if not (self.folder / name).exists():  # as Streamlit answers for every address
            return FileResponse(self.folder / "page.html", headers={"cache-control": "no-cache"})
        response = await self.files.get_response(name, request.scope)
        response.headers.update({"cache-control": KEPT, "x-own": "kept"})
        return response

    async def health(self, _request: Request) -> Response:
        return PlainTextResponse("ok" * 2000)

    async def stream(self, _request: Request) -> Response:
        async def parts() -> Any:
            for _ in range(3):
                yield b"part" * 400

        return StreamingResponse(parts(), media_type="text/plain", headers={"cache-control": KEPT})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "LATER", 0.0)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, tmp_path / "cache")


def get(site: Site, path: str = "/base/static/script.js", **options: str) -> Answer:
    return run_apart(ask(site.app, path, **options))


def level_of(answer: Answer) -> int:
    return int(answer.headers["etag"].rstrip('"').split("-")[1].lstrip("brgzip"))


def improved(site: Site, coding: str) -> Answer:
    """The answer once the best of it has been made."""

    def best() -> Answer | None:
        answer = get(site, accept_encoding=coding)
        return answer if level_of(answer) == BEST[coding] else None

    with site.store.improving():
        return wait_for(best)


# -- the browser's choice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip, deflate, br, zstd", ["br", "gzip", "identity"]),
        ("gzip, deflate", ["gzip", "identity"]),
        ("x-gzip", ["gzip", "identity"]),
        ("GZIP;Q=0.5 , BR ; q = 0.4", ["gzip", "br", "identity"]),
        ("br;q=0, gzip", ["gzip", "identity"]),
        ("br;q=0", ["identity"]),
        ("*", ["br", "gzip", "identity"]),
        ("*;q=0.5, gzip", ["gzip", "br", "identity"]),
        ("gzip, *;q=0", ["gzip"]),
        ("identity", ["identity"]),
        ("identity;q=1, br;q=0.5", ["identity", "br"]),
        ("identity;q=0, gzip;q=0.1", ["gzip"]),
        ("identity;q=0", []),
        ("*;q=0", []),
        ("", ["identity"]),
        ("br;q=high", ["identity"]),
        ("br;level=3;q=0.5, gzip;q=0.7", ["gzip", "br", "identity"]),
    ],
)
def test_weights_are_honoured(header: str, expected: list[str]) -> None:
    assert acceptable([header]) == expected


def test_no_header_and_several() -> None:
    assert acceptable([]) == ["identity"]
    assert acceptable(["gzip", "br;q=0.1"]) == ["gzip", "br", "identity"]


@given(st.text(max_size=40))
def test_any_header_is_understood_somehow(header: str) -> None:
    assert set(acceptable([header])) <= {"br", "gzip", "identity"}


# -- what is answered ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("folder", ["static", "modules"])
def test_the_first_visitor_gets_it_compressed(site: Site, folder: str, coding: str) -> None:
    answer = get(site, f"/base/{folder}/script.js", accept_encoding=coding)
    assert answer.status == 200
    assert answer.headers["content-encoding"] == coding
    assert UNPACK[coding](answer.body) == SCRIPT
    assert len(answer.body) < len(SCRIPT) / 5
    assert level_of(answer) == FAST[coding]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert (answer.headers["cache-control"], answer.headers["x-own"]) == (KEPT, "kept")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "last-modified" in answer.headers


def test_each_encoding_has_its_own_etag_and_is_recognised(site: Site) -> None:
    asked = {None: {}, "br": {"accept_encoding": "br"}, "gzip": {"accept_encoding": "gzip"}}
    answers = {coding: get(site, **headers) for coding, headers in asked.items()}
    assert len({answer.headers["etag"] for answer in answers.values()}) == 3
    for coding, headers in asked.items():
        etag = answers[coding].headers["etag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}', *(["*"] if coding else [])):
            again = get(site, if_none_match=known, **headers)
            assert (again.status, again.body) == (304, b""), (coding, known)
            assert again.headers["etag"] == etag
            assert again.headers["cache-control"] == KEPT
            assert "content-encoding" not in again.headers
        others = ", ".join(a.headers["etag"] for c, a in answers.items() if c != coding)
        assert get(site, if_none_match=others, **headers).status == 200
    assert (
        get(site, accept_encoding="br", if_none_match='"a"', if_none_match_=answers["br"].headers["etag"]).status
        == 304
    )


def test_without_a_coding_the_plain_file(site: Site) -> None:
    for headers in ({}, {"accept_encoding": "deflate"}, {"accept_encoding": "br;q=0, gzip;q=0"}):
        answer = get(site, **headers)
        assert answer.body == SCRIPT
        assert "content-encoding" not in answer.headers
        assert answer.headers["vary"] == "Accept-Encoding"
    assert get(site, accept_encoding="identity;q=0").status == 406


def test_a_range_is_of_the_plain_file(site: Site) -> None:
    for path in ("/base/static/script.js", "/base/modules/script.js"):
        part = get(site, path, range="bytes=10-19", accept_encoding="br, gzip")
        assert (part.status, part.body) == (206, SCRIPT[10:20])
        assert "content-encoding" not in part.headers
        assert part.headers["vary"] == "Accept-Encoding"
    whole = get(site, accept_encoding="br")
    assert whole.headers["accept-ranges"] == "none"
    # What was begun compressed is not gone on with in the plain file.
    rest = get(site, range="bytes=10-", if_range=whole.headers["etag"], accept_encoding="br")
    assert (rest.status, rest.body) == (200, SCRIPT)


def test_head_is_get_without_the_body(site: Site) -> None:
    for headers in ({}, {"accept_encoding": "br"}, {"accept_encoding": "gzip"}, {"range": "bytes=0-9"}):
        head, got = get(site, method="HEAD", **headers), get(site, **headers)
        assert (head.status, head.headers) == (got.status, got.headers)


def test_what_is_small_or_compressed_already_is_left_alone(site: Site) -> None:
    for name in ("small.js", "font.woff2"):
        answer = get(site, f"/base/static/{name}", accept_encoding="br")
        assert answer.body == (site.folder / name).read_bytes()
        assert "content-encoding" not in answer.headers


def test_everything_else_passes_through(site: Site) -> None:
    page = get(site, "/base/static/nowhere.js", accept_encoding="br")
    assert page.body == (site.folder / "page.html").read_bytes()
    assert page.headers["cache-control"] == "no-cache"
    assert get(site, "/base/static/script.js", method="POST").status == 405
    assert get(site, "/static/stream", accept_encoding="br").body == b"part" * 1200
    reads = site.reads
    gzipped = get(site, "/health", accept_encoding="br, gzip")
    assert gzipped.headers["content-encoding"] == "gzip"  # by the app inside
    assert "content-encoding" not in get(site, "/health", accept_encoding="br").headers
    assert get(site, "/media/script.js").body == SCRIPT
    assert site.reads == reads + 1  # and nobody asked for it beforehand


def test_websockets_and_the_lifespan_pass_through() -> None:
    seen: list[str] = []

    async def inside(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["type"])

    app = CompressedFiles(inside, Store(Path("nowhere")))
    for kind in ("lifespan", "websocket"):
        run_apart(app({"type": kind, "path": "/static/x"}, None, None))  # type: ignore[arg-type]
    assert seen == ["lifespan", "websocket"]


# -- once and no more ----------------------------------------------------------------------------------------------


@pytest.fixture
def compressions(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What has been compressed: coding and level."""
    done: list[tuple[str, int]] = []

    def counted(coding: str, plain: bytes, level: int, *more: Any) -> bytes:
        done.append((coding, level))
        return compress(coding, plain, level, *more)

    monkeypatch.setattr(compression, "compress", counted)
    return done


def test_many_visitors_at_once_wait_for_one_compression(site: Site, compressions: list[tuple[str, int]]) -> None:
    async def crowd() -> list[Answer]:
        asked: list[Coroutine[Any, Any, Answer]] = [
            ask(site.app, "/base/static/script.js", accept_encoding=coding)
            for coding in ("br", "gzip")
            for _ in range(9)
        ]
        return await asyncio.gather(*asked)

    answers = run_apart(crowd())
    assert {UNPACK[a.headers["content-encoding"]](a.body) == SCRIPT for a in answers} == {True}
    assert sorted(compressions) == [("br", 5), ("gzip", 6)]
    assert site.reads == 2


def test_a_visitor_who_leaves_takes_nothing_from_the_others(site: Site, compressions: list[tuple[str, int]]) -> None:
    async def visits() -> Answer:
        first = asyncio.create_task(ask(site.app, "/base/static/script.js", accept_encoding="br"))
        while not site.store._being_made:
            await asyncio.sleep(0)
        second = asyncio.create_task(ask(site.app, "/base/static/script.js", accept_encoding="br"))
        first.cancel()
        return await second

    assert run_apart(visits()).status == 200
    assert compressions == [("br", 5)]


def test_the_best_comes_later_and_stays(site: Site, compressions: list[tuple[str, int]], tmp_path: Path) -> None:
    hasty = {coding: get(site, accept_encoding=coding) for coding in ("br", "gzip")}
    for coding, first in hasty.items():
        best = improved(site, coding)
        assert UNPACK[coding](best.body) == SCRIPT
        assert len(best.body) <= len(first.body)
        assert best.headers["etag"] != first.headers["etag"]
    assert sorted(compressions) == [("br", 5), ("br", 11), ("gzip", 6), ("gzip", 9)]
    restarted = Site(tmp_path, tmp_path / "cache")
    for coding in ("br", "gzip"):
        assert level_of(get(restarted, accept_encoding=coding)) == BEST[coding]
    assert len(compressions) == 4, "none of it was done again"


def test_a_file_that_changes_is_compressed_anew(site: Site) -> None:
    before = get(site, accept_encoding="br")
    (site.folder / "script.js").write_bytes(SCRIPT + b"// more")
    after = get(site, accept_encoding="br")
    assert brotli.decompress(after.body) == SCRIPT + b"// more"
    assert after.headers["etag"] != before.headers["etag"]


def test_a_file_that_changes_while_it_is_read_is_sent_as_it_is(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Site.file

    async def changing(self: Site, request: Request) -> Response:
        if request.method == "GET" and not self.reads:
            (self.folder / "script.js").write_bytes(SCRIPT + b"// more")
        return await whole(self, request)

    monkeypatch.setattr(Site, "file", changing)
    changed = Site(site.folder, site.folder / "cache")
    answer = get(changed, accept_encoding="br")
    assert (answer.status, answer.body) == (200, SCRIPT + b"// more")


@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[: len(packed) // 2],
        lambda packed: b"",
        lambda packed: packed[:-1] + bytes([packed[-1] ^ 255]),
        lambda packed: random.Random(2).randbytes(len(packed)),
    ],
)
@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_damaged_file_is_never_sent(
    site: Site, tmp_path: Path, coding: str, damage: Callable[[bytes], bytes]
) -> None:
    get(site, accept_encoding=coding)
    best = improved(site, coding).body
    (file,) = (tmp_path / "cache").glob(f"*.{coding}")
    file.write_bytes(damage(file.read_bytes()))
    restarted = Site(tmp_path, tmp_path / "cache")
    assert UNPACK[coding](get(restarted, accept_encoding=coding).body) == SCRIPT
    assert improved(restarted, coding).body == best
    assert file.read_bytes() == best


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_another_file_under_that_name_is_never_sent(site: Site, tmp_path: Path, coding: str) -> None:
    get(site, accept_encoding=coding)
    improved(site, coding)
    (file,) = (tmp_path / "cache").glob(f"*.{coding}")
    for other in (SCRIPT.replace(b"window", b"WINDOW"), b"alert(1)", bytes(10**7)):
        wrong = compress(coding, other, 5)
        file.write_bytes(wrong)
        assert UNPACK[coding](get(Site(tmp_path, tmp_path / "cache"), accept_encoding=coding).body) == SCRIPT


def test_what_unpacks_to_more_than_it_should_is_stopped_early() -> None:
    for coding, size in (("br", 300 * 2**20), ("gzip", 30 * 2**20)):
        packed = compress(coding, bytes(size), 1)
        with pytest.raises(ValueError, match="cut off, or too long"):
            decompress(coding, packed, 1000)


def test_a_folder_that_cannot_be_written_to(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    site.store.folder = tmp_path / "file" / "cache"
    assert level_of(get(site, accept_encoding="br")) == 5
    assert brotli.decompress(improved(site, "br").body) == SCRIPT


def test_two_servers_do_the_slow_work_once(tmp_path: Path, compressions: list[tuple[str, int]]) -> None:
    sites = [Site(tmp_path, tmp_path / "cache") for _ in range(2)]
    for site in sites:
        get(site, accept_encoding="br")
    threads = [threading.Thread(target=improved, args=(site, "br")) for site in sites]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(compressions) == [("br", 5), ("br", 5), ("br", 11)]
    assert [level_of(get(site, accept_encoding="br")) for site in sites] == [11, 11]


def test_what_nobody_uses_is_deleted(site: Site, tmp_path: Path) -> None:
    get(site, accept_encoding="br")
    improved(site, "br")
    (file,) = (tmp_path / "cache").glob("*.br")
    old, other = file.with_name("0" * 64 + ".br"), file.with_name("notes.txt")
    for path in (old, other, file):
        path.touch()
        os.utime(path, (0, time.time() - 2 * compression.UNUSED_AFTER))
    restarted = Site(tmp_path, tmp_path / "cache")
    get(restarted, accept_encoding="br")  # it is in use again
    with restarted.store.improving():
        wait_for(lambda: not old.exists())
    assert file.exists() and other.exists()


def test_compressing_can_be_stopped() -> None:
    asked = iter([False, False, True])
    with pytest.raises(compression.Stopped):
        compress("br", bytes(3 * 2**20), 11, lambda: next(asked))
