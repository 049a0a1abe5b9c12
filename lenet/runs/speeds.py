"""How fast each device trains, as measured there: what turns the reference seconds of `cost.py` into seconds.

Workers add to `<runs>/.cache/speeds.json` after each training, and after a short measurement where nothing is known of their
device yet (training/calibration.py). The file may be deleted at any time.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lenet.common import fields, files, paths
from lenet.common.errors import LenetError
from lenet.common.fields import setting

KEPT = 100  # measurements, of all devices; the oldest go first
MAX_BYTES = 64 * 2**10
NEAR = 1.0  # doublings of work or batch size within which a measurement says all
MEASURED_ALONE = 0.2  # what the short measurement counts beside runs: it saw the machine for a second
FAR = 4.0  # doublings from where on it says little
SPREAD_NEAR, SPREAD_FAR = math.sqrt(2.0), 2.0


@dataclass(frozen=True)
class Measured:
    """The speed of one kind of run on one device.

    `ratio` is the time that it took divided by its reference seconds; `image` are the reference seconds of an image.
    """

    device: str = ""  # as torch calls it: `cpu`, `cuda:0`
    device_name: str = ""
    image: float = setting(0.0, low=1e-15, high=1e6)
    batch: int = setting(1, low=1)
    ratio: float = setting(0.0, low=1e-9, high=1e9)
    trained: bool = False  # by a run; else by the short measurement
    at: float = 0.0  # seconds since 1970

    @property
    def kind(self) -> str:
        """The kind of device: `cpu`, `cuda`, `mps`."""
        return kind_of(self.device)

    def distance(self, image: float, batch: int) -> float:
        """How unlike it is a run with images of so many reference seconds in batches of `batch`, in doublings."""
        return math.hypot(math.log2(self.image / image), math.log2(self.batch / batch))


@dataclass(frozen=True)
class Speed:
    """An expected ratio; the true one should lie between `ratio / spread` and `ratio * spread`."""

    ratio: float
    spread: float


def kind_of(device: str) -> str:
    """`cuda` of `cuda:0`."""
    return device.partition(":")[0]


def expected(measured: Sequence[Measured], image: float, batch: int) -> Speed | None:
    """The speed of a run from those measured, of which like ones count most; None if there are none."""
    if not measured:
        return None
    distances = [m.distance(image, batch) for m in measured]
    nearest = min(distances)
    weights = [
        2.0 ** -(distance - nearest) * (1.0 if m.trained else MEASURED_ALONE)
        for distance, m in zip(distances, measured, strict=True)
    ]
    mean = sum(w * math.log(m.ratio) for w, m in zip(weights, measured, strict=True)) / sum(weights)
    share = min(max((nearest - NEAR) / (FAR - NEAR), 0.0), 1.0)
    return Speed(math.exp(mean), SPREAD_NEAR ** (1 - share) * SPREAD_FAR**share)


# -- the file ------------------------------------------------------------------------------------------------------


def on_device(kind: str, name: str = "") -> list[Measured]:
    """What was measured on devices of that kind (`cpu`, `cuda`, `mps`), and if a name is given, of that name."""
    return [m for m in read() if m.kind == kind and name in ("", m.device_name)]


def read() -> tuple[Measured, ...]:
    """All measurements, the newest last; none if there is no file or it is damaged."""
    file = _file()
    try:
        stat = file.stat()
    except OSError:
        return ()
    return _read(file, (stat.st_ino, stat.st_mtime_ns, stat.st_size))


def record(new: Measured) -> None:
    """Add a measurement. One of a run like it is replaced by the mean of both. A full disk is ignored."""
    with suppress(LenetError, OSError), files.locked(_file().with_name(".speeds.lock")):
        kept = []
        ratio = new.ratio
        for old in read():
            same_device = (old.device, old.device_name) == (new.device, new.device_name)
            if not same_device or old.distance(new.image, new.batch) >= NEAR / 2:
                kept.append(asdict(old))
            elif old.trained:
                ratio = math.sqrt(old.ratio * new.ratio)
        kept.append(asdict(new) | {"ratio": ratio, "at": time.time()})
        files.write_json(_file(), {"measured": kept[-KEPT:]})


def _file() -> Path:
    return paths.runs_dir() / ".cache" / "speeds.json"


@lru_cache(maxsize=8)
def _read(file: Path, _stamp: tuple[int, ...]) -> tuple[Measured, ...]:
    found = []
    with suppress(OSError, ValueError, RecursionError):
        content: Any = json.loads(files.read_plain(file, MAX_BYTES))
        entries = content.get("measured") if isinstance(content, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            with suppress(LenetError):
                one = fields.read(Measured, entry, "speeds")
                if one.device and one.image and one.ratio:
                    found.append(one)
    return tuple(found)
