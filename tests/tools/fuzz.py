"""Hostile input, made up from a seed and thrown at every door of the app.

    python -m tests.tools.fuzz --rounds 5000              # prints what it threw and what it found; 1 where it found anything
    python -m tests.tools.fuzz --rounds 50 --seed 7       # the very same throws again
    python -m tests.tools.fuzz --only training --rounds 200

The doors: the query of each page, what a browser says of each page's widgets and components (a client of its own need
not keep to their limits), files that are uploaded, run directories that somebody else has written, addresses beside the pages
(fuzz_routes.py), and what leads into a class (fuzz_class.py). A finding is an exception, text from outside that would be read as markup, an opened file outside the runs directory, code that was run
from a file, or a page that does not work afterwards.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import pickle
import random
import re
import shutil
import signal
import struct
import sys
import tempfile
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PIL import Image
from streamlit import error_util
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from lenet import grid, runs
from lenet.architecture import presets
from lenet.architecture.configuration import LeNetConfig
from lenet.common import jobs, paths, pictures
from lenet.common.errors import LenetError, explain
from lenet.kernels import ablation, history, upload
from lenet.runs import Run, tables
from lenet.runs.configuration import SETTINGS
from lenet.training import curves, progress, results
from tests.helpers import pages
from tests.helpers.pages import as_served, open_page

PAGES = ("home", "convolution", "pooling", "architecture", "training", "kernels", "experiments", "class")
MARK = "zq7"  # in every piece of markup that is thrown, so that it is known again
SECRET = "secret-of-somebody-else"

# -- what is thrown ----------------------------------------------------------------------------------------------

TEXTS = (
    "", " ", "0", "-1", "1.0", "1e3", "1_0", "٣", "²", "１", "NaN", "inf", "-inf", "1e400", "9" * 400, "9" * 5000, "0x10", "true",
    "None", "null", "[]", "{}", "{}{}", "{0.__class__}", "%s%n", "\x00", "a\x00b", "\n", "\r\n# x", "\u202eabc", "\ufeff",
    "../../etc/passwd", "..", ".", "/etc/passwd", "..\\..\\x", "%2e%2e%2f", "~root", "file:///etc/passwd", "C:\\x", "CON",
    "reference-..", "reference-../../x", "reference-", "a" * 64, "a" * 65, "x" * 20_000, "," * 3000, "a,b,c", ";" * 500, "|" * 500,
    "1,2;3", "1,2;3,x", "[" * 3000, '{"a":' * 900, "'; DROP TABLE runs; --", "$(touch x)", "`touch x`", "${jndi:ldap://x}",
    f"<script>{MARK}()</script>", f"<{MARK} onload=x>", f"<img src=x onerror={MARK}>", f"[{MARK}](javascript:{MARK})",
    f"![{MARK}](http://{MARK}.example/x.png)", f"**{MARK}**", f":red[{MARK}]", f":material/{MARK}:", f"$\\href{{x}}{{{MARK}}}$",
    f"`{MARK}`", f"# {MARK}", f"\r# {MARK}", f"a\r\r- {MARK}", f"| {MARK} |\n|-|", f"&lt;{MARK}&gt;", f"\\<{MARK}>", f"\\\\<{MARK}>",
    f"<!--{MARK}-->", f"<a href='javascript:{MARK}'>x</a>", f"www.{MARK}.example", f"{MARK}@{MARK}.example",
    f"https://{MARK}.example", "👩‍👩‍👧", "é" * 300, "中文" * 50, "\U0010ffff", "‮", "İ",
)  # fmt: skip
"""Texts that have broken something somewhere before."""

SCALARS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 + 1, 2**64, -(2**63), 10**300, 10**400, 0.5, -0.5, 1e308, -1e308, 5e-324, float("nan"),
    float("inf"), float("-inf"), [], {}, [[]], [None], [1] * 1000, {"a": {}}, {"__class__": "x"}, "\ud800",
)  # fmt: skip


class Dice(random.Random):
    """A source of hostile values; the same seed throws the same."""

    def text(self) -> str:
        if self.random() < 0.8:
            text = self.choice(TEXTS)
        else:
            text = "".join(
                chr(self.choice((self.randrange(128), self.randrange(0xD7FF)))) for _ in range(self.randrange(20))
            )
        return text + self.choice(TEXTS)[:200] if self.random() < 0.1 else text

    def scalar(self) -> Any:
        return self.choice(SCALARS) if self.random() < 0.7 else self.text()

    def value(self) -> Any:
        """JSON of any shape."""
        if self.random() < 0.8:
            return self.scalar()
        if self.random() < 0.5:
            return [self.scalar() for _ in range(self.randrange(5))]
        return {self.text()[:30]: self.scalar() for _ in range(self.randrange(5))}


class Bomb:
    """Unpickling this leaves a trace."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("exit 0",)  # the audit hook of `watching` hears of it


def hostile_file(dice: Dice) -> bytes:
    """A file that may call itself anything."""
    makers: tuple[Callable[[], bytes], ...] = (
        lambda: b"",
        lambda: dice.randbytes(dice.randrange(1, 400)),
        lambda: pickle.dumps(Bomb()),
        lambda: b"[" * 100_000,
        lambda: b'{"a":' * 50_000,
        lambda: dice.text().encode("utf-8", "replace"),
        lambda: dice.text().encode("utf-16"),
        lambda: zlib.compress(bytes(10**7)),
        lambda: json.dumps(dice.value()).encode(),
        lambda: tensors_file(dice),
        lambda: picture_file(dice),
        lambda: ("epoch,step\n" + dice.text()).encode("utf-8", "replace"),
    )
    raw = dice.choice(makers)()
    return damaged(dice, raw) if dice.random() < 0.3 else raw


def damaged(dice: Dice, raw: bytes) -> bytes:
    """The same bytes cut short, or with some of them changed."""
    if not raw or dice.random() < 0.4:
        return raw[: dice.randrange(len(raw) + 1)]
    changed = bytearray(raw)
    for _ in range(dice.randrange(1, 8)):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


KINDS = ("float32", "float64", "float16", "int64", "int32", "uint8", "bool")


def tensors_file(
    dice: Dice, names: tuple[str, ...] = ("0.weight", "kernels", "steps", "classes", "confidence")
) -> bytes:
    """A safetensors file of strange tensors, or one whose header lies."""
    tensors = {}
    for _ in range(dice.randrange(4)):
        shape = tuple(dice.choice((0, 1, 2, 3, 5, 6, 10)) for _ in range(dice.randrange(6)))
        array = np.full(shape, dice.choice((0, 1, -1, np.nan, np.inf, 1e30, 300)))
        with np.errstate(all="ignore"):
            tensors[dice.choice((*names, dice.text().replace("\ud800", "")[:50] or "x"))] = array.astype(
                dice.choice(KINDS)
            )
    raw = safetensors.numpy.save(tensors)
    if dice.random() < 0.5:
        return raw
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8 : 8 + length])
    for entry in header.values():
        lie = dice.choice(("shape", "data_offsets", "dtype", "name"))
        entry[lie] = {
            "shape": [dice.choice((0, 1, 2**31, 2**62, -1, 10**20))] * dice.randrange(1, 7),
            "data_offsets": [dice.choice((0, -1, 2**63, 4)), dice.choice((0, 2**40, 8, "x"))],
            "dtype": dice.choice(("F32", "F8_E4M3", "BF16", "C64", "O", 3, "I2")),
        }.get(lie, dice.scalar())
    head = json.dumps(header).encode()
    return struct.pack("<Q", dice.choice((len(head), length, 2**63, 2**40, 0, 10**8))) + head + raw[8 + length :]


def picture_file(dice: Dice) -> bytes:
    """A picture, or something that begins like one: of enormous size, with a lying header, a bomb."""
    if dice.random() < 0.4:
        width, height = dice.choice(
            ((2**31 - 1, 2**31 - 1), (60_000, 60_000), (10**5, 1), (1, 10**5), (0, 5), (9000, 4000), (28, 28))
        )
        depth, colour = dice.choice(((8, 0), (8, 2), (8, 3), (8, 6), (16, 0), (1, 0), (7, 9)))
        rows = zlib.compress(bytes(dice.choice((10, 10**6, 4 * 10**6))))
        chunks = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)), (b"PLTE", bytes(768))
        text = b"zTXt", b"k\x00\x00" + zlib.compress(bytes(10**6))
        body = [*chunks, *([text] if dice.random() < 0.3 else []), (b"IDAT", rows), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(d)) + name + d + struct.pack(">I", zlib.crc32(name + d)) for name, d in body
        )
    out = io.BytesIO()
    mode = dice.choice(("L", "RGB", "RGBA", "P", "1", "LA", "I;16"))
    form = {"LA": "PNG", "I;16": "PNG", "RGBA": "PNG", "1": "PNG", "P": "GIF"}.get(
        mode, dice.choice(("PNG", "BMP", "JPEG"))
    )
    Image.new(mode, (dice.randrange(1, 40), dice.randrange(1, 40)), dice.randrange(2)).save(out, form)
    return out.getvalue() if dice.random() < 0.3 else damaged(dice, out.getvalue())


# -- run directories ---------------------------------------------------------------------------------------------

FILES = (
    "config.json", "status.json", "metrics.csv", "steps.csv", "gradients.csv", "model.safetensors", "kernels.safetensors",
    "predictions.safetensors", "insight.json", "lock", "request-stop", "request-extend", "request-resume",
)  # fmt: skip


def hostile_run(dice: Dice, name: str, outside: Path) -> list[str]:
    """A run directory of that name with something wrong with it; returns what. `outside` holds what is not ours."""
    folder = paths.runs_dir() / name
    if dice.random() < 0.05:
        folder.symlink_to(outside / "run")
        return ["the directory is a link"]
    shutil.copytree(paths.REFERENCE_DIR / dice.choice(("classic", "modern")), folder)
    done = []
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        path = folder / (dice.choice(FILES[:2]) if dice.random() < 0.4 else dice.choice(FILES))
        done.append(f"{path.name} {_spoil(dice, path, outside)}")
    return done


def _spoil(dice: Dice, path: Path, outside: Path) -> str:
    known = path.is_file() and not path.is_symlink() and path.stat().st_size < 2**24
    raw = path.read_bytes() if known else b""
    how = dice.choice(("content", "content", "content", "content", "rubbish", "cut", "missing", "link", "odd"))
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)
    if how == "missing":
        return "is missing"
    if how == "link":
        target = dice.choice(
            (
                outside / "secret.txt",
                outside / path.name,
                Path("/dev/zero"),
                Path("/etc/passwd"),
                path,
                outside / "no",
            )
        )
        path.symlink_to(target)
        return f"is a link to {target}"
    if how == "odd":
        if dice.random() < 0.4:
            path.mkdir()
            return "is a directory"
        if dice.random() < 0.5:
            os.mkfifo(path)
            return "is a pipe"
        with path.open("wb") as f:
            f.truncate(2**36)
        return "has 64 GiB"
    if how == "rubbish":
        path.write_bytes(hostile_file(dice))
        return "is another file"
    if how == "cut":
        path.write_bytes(damaged(dice, raw))
        return "is damaged"
    path.write_bytes(_changed(dice, path, raw))
    return "has strange content"


def _changed(dice: Dice, path: Path, raw: bytes) -> bytes:
    if path.suffix == ".csv":
        return _changed_table(dice, raw.decode("utf-8", "replace")).encode("utf-8", "replace")
    if path.suffix == ".safetensors":
        if not raw or dice.random() < 0.4:
            return tensors_file(dice)
        try:
            tensors = dict(safetensors.numpy.load(raw))
        except safetensors.SafetensorError:  # it has been damaged before
            return tensors_file(dice)
        for name in dice.sample(list(tensors), min(len(tensors), dice.randrange(1, 3))):
            _change_tensor(dice, tensors, name)
        return safetensors.numpy.save(tensors)
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        value = {}
    if not isinstance(value, dict) or dice.random() < 0.1:
        return json.dumps(dice.value()).encode()
    for _ in range(dice.randrange(1, 4)):
        at = value
        key = dice.choice([*at, dice.text()[:40]])
        if isinstance(at.get(key), dict) and at[key] and dice.random() < 0.8:
            at = at[key]
            key = dice.choice(list(at))
        at[key] = dice.value()
        if path.name == "status.json" and dice.random() < 0.3:
            value |= {"state": dice.choice([*runs.STATES, "dancing"])}
            value |= {
                "code": dice.choice(("disk_full", "crashed", dice.text()[:60])),
                "params": {"reason": dice.text(), "epoch": dice.scalar()},
            }
    return json.dumps(value).encode()


def _change_tensor(dice: Dice, tensors: dict[str, np.ndarray[Any, Any]], name: str) -> None:
    array = np.ascontiguousarray(tensors[name])
    with np.errstate(all="ignore"):
        match dice.randrange(6):
            case 0:
                del tensors[name]
            case 1:
                tensors[name] = array.reshape(-1).copy()
            case 2:
                tensors[name] = np.ascontiguousarray(array[:0])
            case 3:
                filled = np.full(array.shape, dice.choice((np.nan, np.inf, -1, 1e30, 0, 255)))
                tensors[name] = filled.astype(array.dtype)
            case 4:
                tensors[name] = array.astype(dice.choice(KINDS))
            case _:
                tensors[dice.text().replace("\ud800", "")[:50] or "x"] = tensors.pop(name)


def _changed_table(dice: Dice, text: str) -> str:
    lines = text.split("\n")
    for _ in range(dice.randrange(1, 4)):
        n = dice.randrange(len(lines))
        cells = lines[n].split(",")
        match dice.randrange(5):
            case 0:
                del lines[n]
                lines = lines or [""]
            case 1:
                lines[n] += "," + dice.text()[:100]
            case 2:
                lines.insert(n, dice.text()[:1000])
            case 3:
                lines[0] = lines[0].replace(dice.choice(lines[0].split(",")), dice.text()[:60], 1)
            case _:
                cells[dice.randrange(len(cells))] = dice.choice(
                    ("nan", "inf", "-1", "1e400", "", "x", dice.text()[:80])
                )
                lines[n] = ",".join(cells)
    return "\n".join(lines)


def read_everything(run: Run, found: Findings) -> None:
    """Ask a run for all it has: each question is answered or refused in a sentence."""
    from lenet.architecture import inference, weights

    for ask in (
        lambda: run.config, run.stored_status, run.status, run.label, run.metrics, run.steps, run.gradients, run.predictions,
        run.weights, run.kernels, run.log_lines, lambda: run.raw("metrics.csv"), lambda: run.raw("model.safetensors"),
        lambda: curves.read_curve(run), lambda: curves.gradients(run), lambda: results.judged_images(run), lambda: history.read_history(run),
        lambda: history.read_course(run), lambda: history.read_second_layer(run), lambda: ablation.read(run), lambda: ablation.work(run),
        lambda: progress.progress_line(run, run.status()), lambda: tables.settings_table([run], differing=False),
        lambda: results.parameter_dump(run), lambda: inference.build(weights.of_run(run)),
    ):  # fmt: skip
        try:
            answer = ask()
        except LenetError as error:
            found.text(explain(error), "a refusal")
        else:
            found.secret(answer)


# -- what is found -----------------------------------------------------------------------------------------------


@dataclass
class Findings:
    """What went wrong, and how much was thrown."""

    thrown: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)
    now: str = ""  # what is being thrown
    raised: list[BaseException] = field(default_factory=list)  # by the script of a page, since it was last looked at

    def add(self, what: str) -> None:
        self.found.append(f"{what}  ←  {self.now[:600]}")

    @contextmanager
    def throw(self, door: str, what: object) -> Iterator[None]:
        """Whatever is raised inside is a finding, and so is taking longer than twenty seconds."""
        self.thrown[door] += 1
        self.now = f"{door}: {what!r}"
        with alarm(20):
            try:
                yield
            except Exception as e:
                self.add(place_of(e))

    def text(self, text: str, where: str) -> None:
        if len(text) > 2000:
            self.add(f"{where} of {len(text)} characters")
        if any("\ud800" <= c <= "\udfff" for c in text):
            self.add(f"{where} cannot be encoded")
        self.secret(text)

    def secret(self, answer: object) -> None:
        if SECRET in (answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)):
            self.add("a file outside the runs directory was read")

    def page(self, at: AppTest) -> None:
        """No exception, and no text from outside that would be read as markup."""
        if at.exception:
            self.add(f"exception on a page: {place_of(self.raised[-1]) if self.raised else at.exception[0].message}")
        self.raised.clear()
        for where, text in markdown_of(at):
            if hit := MARKUP.search(unescaped(text)):
                self.add(f"markup in {where}: {hit.group()!r} in {text[:200]!r}")
            self.text(text, where)


def is_of_streamlits_reader(error: BaseException) -> bool:
    """Whether it was raised where Streamlit reads what a browser says of a component, before anything of ours sees it."""
    return any(f.filename.endswith(READERS) for f in traceback.extract_tb(error.__traceback__))


READERS = ("components/v2/bidi_component/serialization.py", "runtime/state/common.py")


def place_of(error: BaseException) -> str:
    """What was raised, and the last places of the app and of anything that it went through."""
    places = [f"{Path(f.filename).name}:{f.lineno}" for f in traceback.extract_tb(error.__traceback__)]
    return f"{type(error).__name__}: {str(error)[:200]!r} ({' → '.join(places[-4:])})"


MARKUP = re.compile(
    rf"[<\[*$`|&:#!@~_][^\s<\[*$`|&:#!@~_]{{0,12}}{MARK}|(?:www\.|https?://){MARK}|\]\(javascript", re.IGNORECASE
)
"""A special character that is not escaped, shortly before the mark."""


def unescaped(markdown: str) -> str:
    """Markdown without what is escaped or code."""
    return re.sub(r"\\[!-/:-@\[-`{-~]", "", markdown)


def markdown_of(at: AppTest) -> Iterator[tuple[str, str]]:
    """Every text of the page that Streamlit renders as Markdown."""
    for node in at._tree:
        proto = getattr(node, "proto", None)
        for name in ("body", "label", "help", "text", "caption"):
            value = getattr(proto, name, None)
            if (
                isinstance(value, str)
                and value
                and node.type not in ("code", "text_area", "arrow_data_frame", "html")
            ):
                yield f"{node.type}.{name}", value


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer, where this system can."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeoutError(f"more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


_heard: list[Findings] = []  # an audit hook cannot be taken away again: it speaks to who listens now


def _hook(event: str, args: tuple[Any, ...]) -> None:
    """Report code that is run, and files outside the runs directory that are opened through it or to be written."""
    if not _heard:
        return
    if event in ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen") or (
        event == "pickle.find_class" and args[1] in ("system", "eval", "exec")
    ):
        _heard[-1].add(f"code was run: {event} {args!r:.100}")
    elif event == "open" and isinstance(args[0], str | bytes | os.PathLike):
        path = os.path.abspath(os.fsdecode(args[0]))  # noqa: PTH100 - its links are followed below
        home = str(paths.runs_dir())
        writes = isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if path.startswith(home + os.sep) or writes:
            real = os.path.realpath(path)
            if not real.startswith(home + os.sep) and real not in ALLOWED:
                _heard[-1].add(f"opened {real}{' to write' if writes else ''}, as {path}")


ALLOWED = ("/dev/null",)
_hooked = False


@contextmanager
def watching(found: Findings) -> Iterator[None]:
    """Listen to what the interpreter opens and starts."""
    global _hooked
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    _heard.append(found)
    try:
        yield
    finally:
        _heard.pop()


# -- the doors ---------------------------------------------------------------------------------------------------


@cache
def parameters(page: str) -> tuple[str, ...]:
    """What may mean something in the query of a page: every word that stands by itself in its source."""
    folder = paths.PROJECT / "pages"
    source = (folder / f"{pages.FILES.get(page, page)}.py").read_text(encoding="utf-8")
    parts = {part.stem: part.read_text(encoding="utf-8") for part in (folder / "parts").glob("*.py")}
    while named := [name for name in parts if name in source]:  # by the page, or by another part
        source += "".join(parts.pop(name) for name in named)
    names = {"lang", "run", "foo", *re.findall(r'"([a-z_]\w{0,15})"', source)}
    if page == "architecture":
        names |= set(presets.DEFAULTS)
    if page == "training":
        names |= {setting.key for setting in SETTINGS.values() if setting.key}
    return tuple(sorted(names))


VALID = {
    "convolution": {
        "panel": ("window", "learning", "code"), "example": ("3x3", "kernels", "letter", "lenet2"),
        "activation": ("none", "relu", "sigmoid"), "padding_mode": ("zeros", "reflect"),
    },
    "pooling": {"panel": ("window", "gradient", "robustness", "stack", "code"), "preset": ("3x3", "image", "channels"), "mode": ("max", "avg")},
    "architecture": {"tab": ("network", "walk", "compare", "code"), "src": ("test", "mean", "upload", "draw")},
    "training": {"panel": ("result", "gradients", "confusion", "settings", "speed", "runs"), "view": ("all", "last", "range")},
    "kernels": {"tab": ("wall", "seen", "paths", "compare", "own")},
    "class": {"panel": ("people", "train", "ask", "contest")},
    "experiments": {
        "question": ("activation", "kernels", "luck", "own"), "panel": ("curves", "differences", "kernels", "runs", "files"),
        "experiment": ("reference-activation", "new"), "vary": ("none", "lr", "model.channels", "optimizer"),
        "values": ("0.1, 0.3", "3-16, 6-16", "sgd, adam"), "run_recipe": ("classic", "modern"), "run_data": ("sample",),
    },
}  # fmt: skip
NEAR = [
    "1",
    "2",
    "3",
    "7",
    "8",
    "28",
    "29",
    "100",
    "60000",
    "60001",
    "true",
    "false",
    "on",
    "off",
    "modern",
    "relu",
    "conv",
    "none",
    "gap",
]
"""Values that some parameter or other takes."""


def a_query(dice: Dice, page: str) -> dict[str, Any]:
    """A link to a page: one of its views, and strange values for some of its parameters."""
    query: dict[str, Any] = {k: dice.choice(v) for k, v in VALID.get(page, {}).items() if dice.random() < 0.7}
    for name in dice.sample(names := parameters(page), min(len(names), dice.randrange(1, 10))):
        value = dice.choice(NEAR) if dice.random() < 0.3 else dice.text()[:8000]
        query[name] = [value, dice.text()[:100]] if dice.random() < 0.05 else value
    return query


def alive(at: AppTest, page: str, found: Findings) -> None:
    """The same session goes on: without the query, the page shows what it always shows."""
    at.query_params.clear()
    at.run()
    found.page(at)
    if len(list(at.main)) < 10:
        found.add("an empty page")


def throw_query(dice: Dice, page: str, found: Findings) -> None:
    query = a_query(dice, page)
    with found.throw(f"{page}, query", query):
        at = open_page(page, **query)
        found.page(at)
        if dice.random() < 0.3:
            alive(at, page, found)


def no_text(value: Any) -> Any:
    """What a component sends is no bare text: what that does is another throw, see `throw_text`."""
    return [value] if isinstance(value, str) else value


def a_state(dice: Dice, state: WidgetState) -> None:
    """Another value for a widget, of the kind that it has: others are for Streamlit to refuse."""
    kind = state.WhichOneof("value")
    text = dice.text().replace("\ud800", "?")
    match kind:
        case "trigger_value" | "bool_value":
            setattr(state, kind, True)
        case "int_value":
            state.int_value = dice.choice((-1, 0, 1, 5, 10**6, 2**62, -(2**62)))
        case "double_value":
            state.double_value = dice.choice((0.0, -1.0, 1e15, 0.5, 3.0))
        case "double_array_value":
            state.double_array_value.data[:] = [
                dice.choice((-1.0, 0.0, 3.0, 1e9, 1e15)) for _ in state.double_array_value.data
            ]
        case "int_array_value":
            state.int_array_value.data[:] = [dice.choice((-1, 0, 1, 10**6)) for _ in range(dice.randrange(4))]
        case "string_array_value":
            state.string_array_value.data[:] = [text[:300] for _ in range(dice.randrange(4))]
        case "json_value" | "json_trigger_value":
            setattr(state, kind, json.dumps(no_text(dice.value())))
        case "string_value":
            state.string_value = text[:3000]


def throw_widgets(dice: Dice, page: str, found: Findings) -> None:
    """A browser that says what it likes of the widgets that are on the page."""
    view = {k: dice.choice(v) for k, v in VALID.get(page, {}).items() if dice.random() < 0.8}
    at = open_page(page, **view)
    if (own := {"pooling": "own", "convolution": "own_numbers"}.get(page)) and dice.random() < 0.5:
        at.session_state[own] = True
        at.run()
    for _twice in range(2):
        lie(dice, page, at, (page, view), found)
    alive(at, page, found)
    throw_text(dice, page, at, found)


def throw_text(dice: Dice, page: str, at: AppTest, found: Findings) -> None:
    """Text where a component has to send an object. Streamlit reads it as JSON once more, and its reader fails on what no
    component sends, such as a number of 5,000 digits. Such a session is told to load its page anew; ours never see it."""
    piece, text = dice.choice(list(at.get("bidi_component"))), dice.text().replace("\ud800", "?")
    sent = dice.choice(
        (
            WidgetState(id=piece.proto.id, json_value=json.dumps(text)),
            WidgetState(id=piece.proto.id, json_value=text),
            WidgetState(id=_make_trigger_id(piece.proto.id, "events"), json_trigger_value=text),
        )
    )
    states: WidgetStates = at._tree.get_widget_states()
    with found.throw(f"{page}, text", str(sent)[:160]):
        at._run(WidgetStates(widgets=[*states.widgets, sent]))
        if found.raised and all(map(is_of_streamlits_reader, found.raised)):
            found.raised.clear()
        else:
            found.page(at)


def lie(dice: Dice, page: str, at: AppTest, view: object, found: Findings) -> None:
    """One message of such a browser."""
    states: WidgetStates = at._tree.get_widget_states()
    chosen = dice.sample(list(states.widgets), min(len(states.widgets), dice.randrange(1, 5)))
    for state in chosen:
        a_state(dice, state)
    for piece in at.get("bidi_component"):
        if dice.random() < 0.5:
            keys = ("edit", "share", "link", "guests", "pixels", "step", "value")
            edit = {
                "channel": dice.scalar(),
                "row": dice.choice((0, 1, dice.scalar())),
                "column": 0,
                "text": dice.text(),
            }
            value = (
                {dice.choice(keys): dice.choice((dice.value(), edit))}
                if dice.random() < 0.8
                else no_text(dice.value())
            )
            chosen.append(states.widgets.add(id=piece.proto.id, json_value=json.dumps(value)))
    with found.throw(f"{page}, widgets", (view, [str(s)[:160] for s in chosen])):
        at._run(states)
        found.page(at)


def throw_upload(dice: Dice, page: str, found: Findings) -> None:
    """A file for the page's own door, and the same bytes for what reads them."""
    raw = dice.choice((tensors_file, picture_file, hostile_file))(dice)
    with found.throw(f"{page}, upload", raw[:80]):
        if page == "kernels":
            at = open_page(page)
            (uploader,), name = at.get("file_uploader"), "net.safetensors"
        elif page == "architecture":
            at = open_page(page, tab="walk", src="upload")
            uploader, name = at.file_uploader(key="_file"), "picture.png"
        else:
            at = open_page(page)
            at.session_state["own"] = True
            at.run()
            uploader, name = at.file_uploader(key="picture"), "picture.png"
        name = dice.choice((name, f"{MARK}<{MARK}>[{MARK}](javascript:x).{name.rpartition('.')[2]}"))
        uploader.upload(name, raw).run()
        found.page(at)
        alive(at, page, found)


def throw_bytes(dice: Dice, found: Findings) -> None:
    """Bytes and text for the parsers behind the pages."""
    text, raw = dice.text(), hostile_file(dice)
    for parse in (
        lambda: grid.parse(text), lambda: LeNetConfig.from_url(text), lambda: upload.convolutions(raw), lambda: pictures.prepare(raw, 28),
        lambda: pictures.drawn(text, 28), lambda: grid.from_picture(raw, 28), lambda: grid.with_cell(grid.counting((1, 3, 3)), dice.value()),
        lambda: runs.find(text),
    ):  # fmt: skip
        with found.throw("parsers", (text[:200], raw[:80])):
            try:
                parse()
            except LenetError as error:
                found.text(explain(error), "a refusal")


def throw_run(dice: Dice, found: Findings, outside: Path, *, on_page: bool) -> None:
    """A run directory of somebody else's, read in every way and perhaps shown on a page."""
    home = paths.runs_dir()
    home.mkdir(parents=True, exist_ok=True)
    name = "hostile"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    wrong = hostile_run(dice, name, outside)
    if dice.random() < 0.2:
        odd = home / dice.choice(
            ("a b", f"<{MARK}>", "-x", "ü", ".worker", ".hidden", "x" * 200, "reference-classic")
        )
        shutil.copytree(paths.REFERENCE_DIR / "classic", odd)
        if odd.name == ".worker":
            (odd / "state.json").write_bytes(
                json.dumps({"state": dice.scalar(), "devices": dice.value(), "device_name": dice.scalar()}).encode()
            )
    with found.throw("runs", wrong):
        for run in runs.list_runs():
            if not run.is_reference:
                read_everything(run, found)
        tables.run_table()
        runs.time_to_train(runs.waiting_runs())
        found.text(runs.read_state().words(), "the worker's state")
    if on_page:
        page = dice.choice(PAGES[2:])
        query = {k: dice.choice(v) for k, v in VALID[page].items()} | {"run": name}
        if page == "architecture":
            query["tab"] = dice.choice(("walk", "compare", "network"))
            query |= {"nets": name} if query["tab"] == "compare" else {}
        with found.throw(f"{page}, run", (wrong, query)):
            at = open_page(page, **query)
            found.page(at)


# -- the whole of it ---------------------------------------------------------------------------------------------


@contextmanager
def a_world(found: Findings) -> Iterator[Path]:
    """Directories of our own, a harness that compiles pages once, and somebody else's secret; yields its folder."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        outside = Path(folder) / "outside"
        shutil.copytree(paths.REFERENCE_DIR / "classic", outside / "run")
        for path in (outside / "secret.txt", *(outside / name for name in FILES)):
            path.write_text(f"{SECRET},{SECRET}\n{SECRET},1\n")
        patch.setenv("LENET_RUNS_DIR", str(Path(folder) / "runs"))
        patch.setattr(jobs, "start_process", lambda module, *options, log: None)
        patch.setattr(error_util, "_log_uncaught_app_exception", found.raised.append)
        as_served(patch)
        logging.disable(logging.CRITICAL)
        try:
            yield outside
        finally:
            logging.disable(logging.NOTSET)


Door = Callable[[Dice, Path], None]
"""Throws something; the folder holds what is not ours."""


def doors(found: Findings) -> dict[str, Door]:
    """All doors by name."""
    from lenet.architecture import inference  # noqa: F401 - torch starts processes of its own as it is imported
    from tests.tools import fuzz_class, fuzz_routes  # which throw what is made here

    def at_page(throw: Callable[[Dice, str, Findings], None], page: str) -> Door:
        return lambda dice, _outside: throw(dice, page, found)

    def inside(throw: Callable[[Dice, Findings], None]) -> Door:
        return lambda dice, _outside: throw(dice, found)

    known: dict[str, Door] = {}
    for page in PAGES:
        known[f"{page}, query"] = at_page(throw_query, page)
        known[f"{page}, widgets"] = at_page(throw_widgets, page)
    for page in ("pooling", "architecture", "kernels"):
        known[f"{page}, upload"] = at_page(throw_upload, page)
    known["parsers"] = inside(throw_bytes)
    known["runs"] = lambda dice, outside: throw_run(dice, found, outside, on_page=False)
    known["runs, on a page"] = lambda dice, outside: throw_run(dice, found, outside, on_page=True)
    return known | {name: inside(throw) for name, throw in (fuzz_routes.DOORS | fuzz_class.DOORS).items()}


def fuzz(seed: int, rounds: int, only: str = "", *, exactly: bool = False) -> Findings:
    """`rounds` throws in all, as many at each door (or at those whose name begins with `only`, or is `exactly` that), from a
    seed."""
    found = Findings()
    chosen = {k: v for k, v in doors(found).items() if k == only or (k.startswith(only) and not exactly)}
    with a_world(found) as outside, watching(found):
        for name, throw in chosen.items():
            for n in range(-(-rounds // len(chosen))):
                throw(Dice(f"{seed} {name} {n}"), outside)
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.fuzz", description=(__doc__ or "").partition("\n\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5000, metavar="N", help="throws in all, shared among the doors")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--only", default="", metavar="DOOR", help="the doors whose name begins so: training, runs …")
    args = parser.parse_args(argv)
    print(f"seed {args.seed}")
    found = fuzz(args.seed, args.rounds, args.only)
    for door, n in found.thrown.items():
        print(f"{n:6} at {door}")
    for what, n in Counter(f.partition("  ←  ")[0] for f in found.found).most_common():
        example = next(f for f in found.found if f.startswith(what)).partition("  ←  ")[2]
        print(f"FOUND {n}×  {what}\n    by {example}")
    print(f"{sum(found.thrown.values())} thrown, {len(found.found)} found")
    return 1 if found.found else 0


if __name__ == "__main__":
    sys.exit(main())
