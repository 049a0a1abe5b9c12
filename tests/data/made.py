"""Small files in the forms of the known data sets: real ones are not at hand where tests run."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet import data
from lenet.common import paths
from tests.helpers.idx import write_idx

SIZES = {"train": 130, "test": 70}
"""Of a data set that is shrunk for a test: every class of the largest comes more than once."""


def shrunk(key: str, patch: pytest.MonkeyPatch, **changes: Any) -> data.DataSet:
    """Have the app know a data set with few images, other ones than in any other data set."""
    known = data.DATA_SETS[key]
    sizes = {split: n + list(data.DATA_SETS).index(key) for split, n in SIZES.items()}
    small = replace(known, **({"sizes": sizes} | changes))
    patch.setitem(data.DATA_SETS, key, small)
    return small


def images_of(known: data.DataSet, split: str, seed: int = 0) -> np.ndarray[Any, Any]:
    """Made-up images as they are stored: (N, 28, 28)."""
    rng = np.random.default_rng([seed, len(split)])
    return rng.integers(0, 256, (known.sizes[split], *known.image_shape[1:]), np.uint8)


def write(folder: Path, known: data.DataSet, seed: int = 0) -> Path:
    """The four files of a data set, with its labels in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    for split, (images, labels) in known.files.items():
        n = known.sizes[split]
        write_idx(folder / images, images_of(known, split, seed))
        write_idx(folder / labels, np.arange(n) % len(known.classes) + known.first_label)
    return folder


def write_own(folder: Path, train: int = 50, test: int = 10, *, size: tuple[int, int] = (28, 28), classes: int = 10,
              seed: int = 0) -> Path:  # fmt: skip
    """Four files of random images that are no known data set."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for split, n in (("train", train), ("t10k", test)):
        write_idx(folder / f"{split}-images-idx3-ubyte", rng.integers(0, 256, (n, *size)))
        write_idx(folder / f"{split}-labels-idx1-ubyte", np.arange(n) % classes)
    return folder


def checksums(folder: Path) -> dict[str, tuple[str, ...]]:
    """The md5 of each file, as a description has them."""
    return {path.name: (hashlib.md5(path.read_bytes()).hexdigest(),) for path in folder.iterdir()}


def pack(folder: Path) -> None:
    """Gzip all files in a folder."""
    for path in list(folder.iterdir()):
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()


def use(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """Have the app look into a folder, and nowhere else but for its sample."""
    for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
        patch.setattr(paths, name, folder / "nowhere")
    patch.setenv("LENET_DATA_DIR", str(folder))
    return folder
