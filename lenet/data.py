"""Fashion-MNIST as NumPy arrays: found on this machine, downloaded, or the sample that ships with the app.

Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms" (2017).
`python -m lenet.data` downloads the full set into `data/`, in torchvision's layout.
"""

from __future__ import annotations

import gzip
import math
import shutil
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.architecture.configuration import check_choice
from lenet.common import jobs, paths
from lenet.common.errors import LenetError
from lenet.common.translation import N_

CLASSES = (
    N_("T-shirt/top"), N_("Trouser"), N_("Pullover"), N_("Dress"), N_("Coat"),
    N_("Sandal"), N_("Shirt"), N_("Sneaker"), N_("Bag"), N_("Ankle boot"),
)  # fmt: skip
"""Names of the ten classes, by label; English, to be translated when shown."""

FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
FULL_SIZES = {"train": 60_000, "test": 10_000}
SAMPLE_SIZES = {"train": 6_000, "test": 1_000}
MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
"""Of the unpacked files."""
DOWNLOAD_BYTES = 26_421_880 + 29_515 + 4_422_102 + 5_148
"""Size of the four compressed files that torchvision downloads, for the progress bar."""

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


class DataError(LenetError):
    """The data set is missing or damaged."""


@dataclass(frozen=True)
class Source:
    """Where the data come from: `kind` is `"full"` or `"sample"`, `folder` holds the four idx files."""

    kind: str
    folder: Path


def load(split: str, source: str = "auto") -> tuple[Images, Labels]:
    """Images (N, 1, 28, 28) as uint8 and labels (N,) as int64 of `split` `"train"` or `"test"`.

    `source` `"full"` is the whole data set (60 000 + 10 000), `"sample"` the bundled first 6 000 + 1 000 of it,
    `"auto"` the full set where this machine has it and the sample elsewhere. Raises DataError where the full set
    is missing or a file of it is damaged: a damaged file is never passed over in silence.
    """
    check_choice("split", split, FILES)
    return load_from(find(source).folder, split)


def find(source: str = "auto") -> Source:
    """The folder that `load` would read, by the names of its files alone. Raises DataError."""
    check_choice("source", source, ("auto", "full", "sample"))
    if source != "sample":
        for folder in _candidates():
            if any(_present(folder, name) for name in FILES["train"]):
                return Source("full", folder)
    if source == "full":
        raise DataError("data_missing", folder=str(target()))
    return Source("sample", paths.SAMPLE_DIR)


def _candidates() -> Iterator[Path]:
    """Folders to look in, in order. Torchvision keeps the files in `FashionMNIST/raw/` below its root."""
    for root in (paths.data_dir(), paths.DOWNLOAD_DIR, paths.DEBIAN_DATA_DIR):
        if root is not None:
            yield root
            yield root / "FashionMNIST" / "raw"


def _present(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=4)
def load_from(folder: Path, split: str) -> tuple[Images, Labels]:
    """`load` from a given folder. The arrays are shared between callers and therefore read-only."""
    images_name, labels_name = FILES[split]
    images = _read_idx(folder, images_name, 3)
    labels = _read_idx(folder, labels_name, 1)
    if images.shape[1:] != (28, 28) or len(images) != len(labels) or labels.max(initial=0) > 9:
        raise DataError(
            "data_not_idx",
            path=str(folder / images_name),
            reason=f"{images.shape[0]} images of {images.shape[1]}×{images.shape[2]} for {len(labels)} labels",
        )
    out = images[:, None], labels.astype(np.int64)
    for array in out:
        array.flags.writeable = False
    return out


def _read_idx(folder: Path, name: str, ndim: int) -> NDArray[np.uint8]:
    """One idx file, plain or gzipped: magic number 0x0000 08 ndim, sizes as big-endian int32, then bytes."""
    path = _present(folder, name)
    if path is None:
        raise DataError("data_unreadable", path=str(folder / name), reason="no such file")
    limit = 16 + 60_000 * 28 * 28  # no file of this data set is larger: a bomb is not unpacked
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as f:
            raw = f.read(limit + 1)
    except (OSError, EOFError, zlib.error) as e:
        raise DataError("data_unreadable", path=str(path), reason=str(e)) from e
    head = 4 + 4 * ndim
    if len(raw) < head or raw[:4] != bytes((0, 0, 8, ndim)):
        raise DataError("data_not_idx", path=str(path), reason=f"it begins with {raw[:4].hex() or 'nothing'}")
    shape = tuple(int(n) for n in np.frombuffer(raw[4:head], ">i4"))
    expected = math.prod(shape)
    if len(raw) - head != expected or min(shape) < 0:
        raise DataError("data_truncated", path=str(path), found=len(raw) - head, expected=expected)
    return np.frombuffer(raw, np.uint8, offset=head).reshape(shape)


# -- download ----------------------------------------------------------------------------------------------------


def target() -> Path:
    """Where a download puts the four idx files."""
    return paths.DOWNLOAD_DIR / "FashionMNIST" / "raw"


def download(tell: jobs.Tell = lambda share: None) -> Path:
    """Fetch the full set with torchvision; returns `target()`. Raises DataError.

    The files appear there only when all four are whole: they are fetched into a folder beside it. `tell` hears the
    share of the bytes that has come; whatever it raises ends the download.
    """
    paths.DOWNLOAD_DIR.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".download-", dir=paths.DOWNLOAD_DIR))
    raw = beside / "FashionMNIST" / "raw"
    failed: list[Exception] = []

    def fetch() -> None:
        try:
            from torchvision.datasets import FashionMNIST  # 2 s of import that reading never pays

            FashionMNIST(str(beside), download=True)  # checks the md5 of each file
        except Exception as e:  # torchvision raises RuntimeError, URLError, OSError, … by version
            failed.append(e)

    thread = threading.Thread(
        target=fetch, daemon=True
    )  # torchvision does not say how far it is, and cannot be stopped
    thread.start()
    try:
        while thread.is_alive():
            fetched = sum(path.stat().st_size for path in raw.glob("*.gz"))
            tell(min(fetched / DOWNLOAD_BYTES, 1.0))
            thread.join(0.2)
        if failed:
            raise failed[0]
        target().parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target(), ignore_errors=True)
        raw.replace(target())
    except (jobs.Stopped, DataError):
        raise
    except Exception as e:
        raise _download_failed(str(e).splitlines()[0] if str(e) else type(e).__name__) from e
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target()


def _download_failed(reason: str) -> DataError:
    return DataError("download_failed", reason=reason, folder=str(target()))


class _Downloads(jobs.TaskQueue):
    """The one task is FULL_SET."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        for left in paths.DOWNLOAD_DIR.glob(".download-*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        print(f"Fashion-MNIST is in {download(tell)}")

    def is_done(self, task: str) -> bool:
        return False  # whoever asks for it may want to replace damaged files

    def error(self, cause: Exception | None) -> LenetError:
        return cause if isinstance(cause, LenetError) else _download_failed(str(cause or "its process was killed"))


FULL_SET = "fashion-mnist"


def _downloads() -> _Downloads:
    return _Downloads(paths.DOWNLOAD_DIR / ".download", "lenet.data")


def start_download() -> None:
    """Begin a download in a process of its own, which every server and visitor can watch. Raises LenetError."""
    _downloads().ask(FULL_SET)


def download_progress() -> float | None:
    """Share of the compressed bytes that a download in progress has fetched, 0 to 1; None where there is none."""
    progress = _downloads().progress(FULL_SET)
    return None if progress is None else progress.share


def download_error() -> LenetError | None:
    """Why the last download did not succeed; None where none has failed."""
    return _downloads().failure(FULL_SET)


def main() -> int:
    try:
        _downloads().work_off(FULL_SET)
    except jobs.AlreadyRunning:
        print("a download is going on already", file=sys.stderr)
        return 0
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 1 if download_error() else 0


if __name__ == "__main__":
    sys.exit(main())
