"""Data sets: what there is to know of each, and its images as NumPy arrays.

They are found on this machine, downloaded, or the sample that comes with the app is taken. `python -m lenet.data`
downloads the full set into `data/`, in torchvision's layout.

Fashion-MNIST: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms"
(2017), https://github.com/zalandoresearch/fashion-mnist, MIT licence, Zalando SE.
"""

from __future__ import annotations

import gzip
import math
import shutil
import sys
import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.common import jobs, paths
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import N_
from lenet.common.translation import translate as _


@dataclass(frozen=True)
class DataSet:
    """A data set of labelled images: what the app says of it and offers to download.

    `classes` are the names by label, in English, to be translated when shown (`class_names`); `image_shape` is
    (channels, height, width). `sizes` counts the images of each split, `sample_sizes` those of them that come with the
    app. `files` are the idx files of each split, images and labels.

    `torchvision` is its class in torchvision.datasets, which names the folder as well; `download_bytes` is the size of
    the compressed files that it fetches. `package` is Debian's and Ubuntu's.
    """

    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    sizes: Mapping[str, int]
    sample_sizes: Mapping[str, int]
    files: Mapping[str, tuple[str, str]]
    torchvision: str
    download_bytes: int
    package: str

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """One image as a batch."""
        return (1, *self.image_shape)

    def sizes_of(self, kind: str) -> Mapping[str, int]:
        """Images of each split of the `"full"` data set, or of its `"sample"`."""
        return self.sample_sizes if kind == "sample" else self.sizes

    @property
    def size_text(self) -> str:
        """Height and width of an image: 28×28."""
        return f"{self.image_shape[1]}×{self.image_shape[2]}"

    def class_names(self) -> list[str]:
        """The classes by label, in the reader's language."""
        return [_(name) for name in self.classes]


FASHION_MNIST = DataSet(
    name="Fashion-MNIST",
    classes=(
        N_("T-shirt/top"), N_("Trouser"), N_("Pullover"), N_("Dress"), N_("Coat"),
        N_("Sandal"), N_("Shirt"), N_("Sneaker"), N_("Bag"), N_("Ankle boot"),
    ),
    image_shape=(1, 28, 28),
    sizes={"train": 60_000, "test": 10_000},
    sample_sizes={"train": 6_000, "test": 1_000},
    files={
        "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
    },
    torchvision="FashionMNIST",
    download_bytes=26_421_880 + 29_515 + 4_422_102 + 5_148,
    package="dataset-fashion-mnist",
)  # fmt: skip

DATA_SETS = {"fashion_mnist": FASHION_MNIST}
"""Every data set that the app knows, by the name in settings and files."""
DEFAULT = "fashion_mnist"


def data_set(name: str = DEFAULT) -> DataSet:
    """The description of a data set; that of the one that the app trains on unless `name` says otherwise."""
    return DATA_SETS[name]


def class_names(n: int) -> list[str]:
    """Names for `n` classes in the reader's language: those of the data set, or numbers where it has more or fewer."""
    names = data_set().class_names()
    return names if n == len(names) else [str(i) for i in range(n)]


def size_words(text: str, kind: str) -> str:
    """`text` with the numbers of images of that kind in it, where it asks for them: `{train}`, `{test}`."""
    return text.format(**{split: number(n) for split, n in data_set().sizes_of(kind).items()})


SOURCES = {
    "auto": N_("the best available"),
    "full": N_("complete: {train} + {test} images"),
    "sample": N_("bundled sample: {train} + {test} images"),
}
"""`{train}` and `{test}` are how many images of each there are, see `DataSet.sizes_of`. `load` says what they mean."""

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


class DataError(LenetError):
    """The data set is missing or damaged."""


@dataclass(frozen=True)
class Source:
    """Where the data were found: `kind` is `"full"` or `"sample"`, `folder` holds the four idx files."""

    kind: str
    folder: Path


def load(split: str, source: str = "auto") -> tuple[Images, Labels]:
    """Images (N, 1, 28, 28) as uint8 and labels (N,) as int64 of `split` `"train"` or `"test"`.

    `source` `"full"` is the whole data set (60 000 + 10 000), `"sample"` the bundled first 6 000 + 1 000 of it,
    `"auto"` the full set where this machine has it and the sample elsewhere. Raises DataError where the full set
    is missing or a file of it is damaged: a damaged file is never passed over in silence.
    """
    if split not in data_set().files:
        raise LenetError("not_one_of", name="split", value=str(split)[:40], options=", ".join(data_set().files))
    return load_from(find(source).folder, split)


def find(source: str = "auto") -> Source:
    """The folder that `load` would read, by the names of its files alone. Raises DataError."""
    if source not in SOURCES:
        raise LenetError("not_one_of", name="source", value=str(source)[:40], options=", ".join(SOURCES))
    if source != "sample":
        for folder in _candidates():
            if any(_present(folder, name) for name in data_set().files["train"]):
                return Source("full", folder)
    if source == "full":
        raise DataError("data_missing", name=data_set().name, folder=str(target()), package=data_set().package)
    return Source("sample", paths.SAMPLE_DIR)


def _candidates() -> Iterator[Path]:
    """Folders to look in, in order. Torchvision keeps the files in `FashionMNIST/raw/`, or the like, below its root."""
    for root in (paths.data_dir(), paths.DOWNLOAD_DIR, paths.DEBIAN_DATA_DIR):
        if root is not None:
            yield root
            yield root / data_set().torchvision / "raw"


def _present(folder: Path, name: str) -> Path | None:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=4)
def load_from(folder: Path, split: str) -> tuple[Images, Labels]:
    """`load` from a given folder. The arrays are shared between callers and therefore read-only."""
    ours = data_set()
    images_name, labels_name = ours.files[split]
    images = _read_idx(folder, images_name, 3)
    labels = _read_idx(folder, labels_name, 1)
    fits = images.shape[1:] == ours.image_shape[1:] and labels.max(initial=0) < len(ours.classes)
    if not fits or len(images) != len(labels):
        raise DataError(
            "data_not_idx",
            name=ours.name,
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
    limit = 16 + max(data_set().sizes.values()) * math.prod(data_set().image_shape)  # a bomb is not unpacked
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as f:
            raw = f.read(limit + 1)
    except (OSError, EOFError, zlib.error) as e:
        raise DataError("data_unreadable", path=str(path), reason=str(e)) from e
    head = 4 + 4 * ndim
    if len(raw) < head or raw[:4] != bytes((0, 0, 8, ndim)):
        raise DataError(
            "data_not_idx",
            name=data_set().name,
            path=str(path),
            reason=f"it begins with {raw[:4].hex() or 'nothing'}",
        )
    shape = tuple(int(n) for n in np.frombuffer(raw[4:head], ">i4"))
    expected = math.prod(shape)
    if len(raw) - head != expected or min(shape) < 0:
        raise DataError("data_truncated", path=str(path), found=len(raw) - head, expected=expected)
    return np.frombuffer(raw, np.uint8, offset=head).reshape(shape)


# -- download ----------------------------------------------------------------------------------------------------


def target() -> Path:
    """Where a download puts the four idx files."""
    return paths.DOWNLOAD_DIR / data_set().torchvision / "raw"


def download(tell: jobs.Tell = lambda share: None) -> Path:
    """Fetch the full set with torchvision; returns `target()`. Raises DataError.

    The files appear there only when all four are whole: they are fetched into a folder beside it. `tell` hears the
    share of the bytes that has come; whatever it raises ends the download.
    """
    paths.DOWNLOAD_DIR.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".download-", dir=paths.DOWNLOAD_DIR))
    raw = beside / data_set().torchvision / "raw"
    failed: list[Exception] = []

    def fetch() -> None:
        try:
            from torchvision import datasets  # 2 s of import that reading never pays

            getattr(datasets, data_set().torchvision)(str(beside), download=True)  # checks the md5 of each file
        except Exception as e:  # torchvision raises RuntimeError, URLError, OSError, … by version
            failed.append(e)

    # In a thread: torchvision does not say how far it is, and cannot be stopped.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            fetched = sum(path.stat().st_size for path in raw.glob("*.gz"))
            tell(min(fetched / data_set().download_bytes, 1.0))
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
    return DataError("download_failed", reason=reason, folder=str(target()), package=data_set().package)


class _Downloads(jobs.TaskQueue):
    """A task is the name of a data set."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        for left in paths.DOWNLOAD_DIR.glob(".download-*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        print(f"{data_set(task).name} is in {download(tell)}")

    def is_done(self, task: str) -> bool:
        return False  # whoever asks for it may want to replace damaged files

    def error(self, cause: Exception | None) -> LenetError:
        return cause if isinstance(cause, LenetError) else _download_failed(str(cause or "its process was killed"))


def _downloads() -> _Downloads:
    return _Downloads(paths.DOWNLOAD_DIR / ".download", "lenet.data")


def start_download() -> None:
    """Begin a download in a process of its own, which every server and visitor can watch. Raises LenetError."""
    _downloads().ask(DEFAULT)


def download_progress() -> float | None:
    """Share of the compressed bytes that a download in progress has fetched, 0 to 1; None where there is none."""
    progress = _downloads().progress(DEFAULT)
    return None if progress is None else progress.share


def download_error() -> LenetError | None:
    """Why the last download did not succeed; None where none has failed."""
    return _downloads().failure(DEFAULT)


def main() -> int:
    try:
        _downloads().work_off(DEFAULT)
    except jobs.AlreadyRunning:
        print("a download is going on already", file=sys.stderr)
        return 0
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 1 if download_error() else 0


if __name__ == "__main__":
    sys.exit(main())
