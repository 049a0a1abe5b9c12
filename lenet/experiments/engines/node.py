"""What happens on a node of the cluster: a run is trained in a scratch directory, and its files are handed over as they come.

This code travels to the nodes with the experiment (see ray.py). PyTorch and the other libraries have to be there.
"""

from __future__ import annotations

import asyncio
import hashlib
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lenet import data
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.experiments.engines.transfer import Outbox, Part
from lenet.runs import Run
from lenet.runs.files import CHECKPOINT

if TYPE_CHECKING:
    from lenet.training.dataset import Arrays, SentImages

SCRATCH = "lenet-cluster-"
FORGOTTEN_AFTER = 600.0  # seconds until the scratch directory of a killed process is removed
WORDS = ("stop", "pause")
"""What can be asked of a run in training, as of any run (see `Run.request`)."""

Images = tuple[data.Source, "Arrays"]
"""Where the driver has found its images, and those of each split with their labels."""


@dataclass(frozen=True)
class Parcel:
    """A run on its way to a node."""

    run_id: str
    files: Mapping[str, bytes]
    """Those of its directory that training goes on with."""
    versions: Mapping[str, str]
    """What the driver has; a node with others does not train."""
    every: float
    """Seconds between two looks at what is new."""
    large_every: float


@dataclass(frozen=True)
class News:
    """What a node tells of the run that it trains."""

    parts: tuple[Part, ...] = ()
    node: str = ""
    """The name of the machine, in the first news."""
    other_versions: tuple[str, str, str] | None = None
    """What differs, with the version here and the driver's: the run was not begun."""
    last: bool = False
    failed: tuple[str, dict[str, Any]] | None = None
    """Why it could not be begun: code and parameters of a LenetError."""


# -- versions ------------------------------------------------------------------------------------------------------


def versions() -> dict[str, str]:
    """What has to be the same on the driver and on a node for runs to be the same. No library is loaded to find out."""
    return {"Python": platform.python_version(), "torch": _torch(), "lenet": _code()}


@cache
def _torch() -> str:
    """The version of PyTorch without what it was built for; empty where there is none."""
    try:
        return metadata.version("torch").partition("+")[0]
    except metadata.PackageNotFoundError:
        return ""


@cache
def _code() -> str:
    """The version of this program, and what tells its code from all other."""
    from lenet import __version__

    digest = hashlib.sha256()
    for path in sorted(paths.PACKAGE.rglob("*.py")):
        where = path.relative_to(paths.PACKAGE)
        if where.parts[0] != "_app":  # what only a server needs does not travel
            digest.update(where.as_posix().encode() + b"\0" + path.read_bytes())
    return f"{__version__} ({digest.hexdigest()[:8]})"


# -- training ------------------------------------------------------------------------------------------------------


def train(parcel: Parcel, images: Images, desk: Any) -> Iterator[News]:
    """Train a run, and tell news of it until it ends. `desk` is a Desk, where the driver leaves word for it."""
    here = versions()
    for name, theirs in parcel.versions.items():
        if here.get(name) != theirs:
            yield News(other_versions=(name, here.get(name) or "none", theirs), last=True)
            return
    yield News(node=platform.node())
    files.end_with_process()
    with _scratch(parcel) as run:
        outbox = Outbox(run, known=(CHECKPOINT,), large_every=parcel.large_every)
        training = _Training(run, images)
        word = _Word(desk, run)
        word.start()
        training.start()
        try:
            while training.is_alive():
                training.join(parcel.every)
                word.pass_on()
                if training.is_alive() and (parts := outbox.take()):
                    yield News(tuple(parts))
        finally:  # the driver may have cancelled it
            training.leaving = True
            training.join()
        yield News(tuple(outbox.take(everything=True)), failed=training.failed, last=True)


class _Training(threading.Thread):
    """The training of a run, beside the thread that tells of it."""

    def __init__(self, run: Run, images: Images) -> None:
        super().__init__(name="training", daemon=True)
        self.leaving = False
        self.failed: tuple[str, dict[str, Any]] | None = None
        self._run, self._images = run, images

    def run(self) -> None:
        import torch

        from lenet.training.run import train_run

        torch.set_num_threads(1)  # counts for the thread that says it
        try:
            source, arrays = self._images
            train_run(self._run, _images_of(arrays), leaving=lambda: self.leaving, source=source)
        except LenetError as e:
            self.failed = e.code, e.params
        except Exception as e:
            self.failed = "crashed", {"reason": f"{type(e).__name__}: {e}"[:200]}


def _images_of(arrays: Arrays) -> SentImages:
    """This process's images on the device, made from `arrays` where they are others than those of its last run."""
    cache = _sent_images()
    cache.arrays = arrays
    return cache


@cache
def _sent_images() -> SentImages:
    from lenet.training.dataset import SentImages

    return SentImages()


@contextmanager
def _scratch(parcel: Parcel) -> Iterator[Run]:
    """Context with the run in a directory of this machine."""
    for left in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        with suppress(OSError):  # somebody else's, or gone already
            old = time.time() - left.stat().st_mtime > FORGOTTEN_AFTER
            if old and not any(files.is_locked(lock) for lock in left.glob("*/lock")):
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, ignore_cleanup_errors=True) as folder:
        run = Run(parcel.run_id, Path(folder) / parcel.run_id)
        run.path.mkdir()
        for name, content in parcel.files.items():
            (run.path / name).write_bytes(content)
        yield run


# -- word from the driver --------------------------------------------------------------------------------------------


class Desk:
    """Where the driver leaves word for runs in training, and their nodes wait for it. An actor on the driver's machine."""

    def __init__(self) -> None:
        self._words: dict[str, asyncio.Future[str]] = {}

    async def wait(self, run_id: str) -> str:
        """What is asked of a run, once something is; empty when it has ended."""
        return await self._word(run_id)

    async def tell(self, run_id: str, word: str) -> None:
        """Ask one of WORDS of a run."""
        if not (asked := self._word(run_id)).done():
            asked.set_result(word)

    async def forget(self, run_id: str) -> None:
        """The run has ended, or is about to be begun anew."""
        await self.tell(run_id, "")
        del self._words[run_id]

    def _word(self, run_id: str) -> asyncio.Future[str]:
        if run_id not in self._words:
            self._words[run_id] = asyncio.get_running_loop().create_future()
        return self._words[run_id]


class _Word(threading.Thread):
    """What the driver asks of one run.

    A thread waits for it: while the first thread of a process waits for anything of Ray's, its node counts it as idle and
    gives its core to another run.
    """

    def __init__(self, desk: Any, run: Run) -> None:
        super().__init__(name="word", daemon=True)
        self._coming, self._run = desk.wait.remote(run.id), run
        self._asked = ""

    def run(self) -> None:
        import ray

        try:
            word = str(ray.get(self._coming))
        except ray.exceptions.RayError:  # the desk is gone, and so is the driver
            word = "stop"
        if word in WORDS:
            self._asked = word
            self.pass_on()

    def pass_on(self) -> None:
        """Ask it of the run, again and again: a training that begins forgets what was asked before."""
        if self._asked:
            with suppress(OSError):  # it has ended
                (self._run.path / f"request-{self._asked}").touch()
