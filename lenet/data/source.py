"""Where the images are: found on this machine, or the sample that comes with the app; and read as NumPy arrays."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.common.formatting import number
from lenet.common.translation import translate as _
from lenet.data import folders, idx
from lenet.data.data_sets import CHOICES, DATA_SETS, DEFAULT, OWN, SOURCES, SPLITS, DataSet
from lenet.data.fitting import fitted
from lenet.data.folders import Contents
from lenet.data.idx import DataError

MAX_NAMES = 5
"""Files that a message names."""

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """Images that were found: `kind` is `"full"` or `"sample"`, `folder` holds the four idx files of `data_set`.

    `known_by` says by what the data set was recognised: `"checksum"`, `"sizes"`, or nothing where there is nothing to
    recognise (own images, the sample). `sizes` counts the images of each split.
    """

    kind: str
    folder: Path
    data_set: DataSet
    known_by: str
    contents: Contents

    def words(self) -> str:
        """Which images these are and where they lie, in one phrase of the reader's language."""
        ours, (train, test) = self.data_set, (number(n) for n in self.sizes.values())
        if self.kind == "sample":
            text = _("bundled sample of {name}, {train} + {test} images")
            return text.format(name=ours.words(), train=train, test=test)
        if ours.key != OWN:
            text = _("{name} (by its sizes) in {folder}") if self.known_by == "sizes" else _("{name} in {folder}")
            return text.format(name=ours.words(), folder=self.folder)
        text = _("own images in {folder}: {train} + {test} in {n} classes")
        found = text.format(folder=self.folder, train=train, test=test, n=len(ours.classes))
        if self.image_size == ours.image_shape[1:]:
            return found
        larger = any(old > new for old, new in zip(self.image_size, ours.image_shape[1:], strict=True))
        how = _("{size} scaled down to {new}") if larger else _("{size} padded to {new}")
        return f"{found}, {how.format(size='×'.join(map(str, self.image_size)), new=ours.size_text)}"

    @property
    def sizes(self) -> Mapping[str, int]:
        return self.contents.sizes

    @property
    def checksum(self) -> str:
        """What tells these images from all others, in hexadecimal. The first time it takes reading all files. Raises DataError."""
        return self.contents.checksum

    @property
    def image_size(self) -> tuple[int, int]:
        """(height, width) of the images as they are stored; `load_from` fits them to the data set's `image_shape`."""
        height, width = self.contents.image_size
        return (width, height) if self.data_set.transposed else (height, width)


@contextmanager
def looked_once() -> Iterator[None]:
    """Within it this thread looks at the folders once for each question that `find` is asked: for a run of a page, which asks often."""
    _of_thread.found = {}
    try:
        yield
    finally:
        del _of_thread.found


_of_thread = threading.local()


def find(source: str = "auto", dataset: str = "auto") -> Source:
    """The images that `load` would read, looked at and recognised. Raises DataError.

    `source` `"full"` is a whole data set, `"sample"` the part of one that comes with the app, and `"auto"` the first where
    this machine has it and the second elsewhere. `dataset` is a key of DATA_SETS, or `"own"` for any other images;
    `"auto"` takes what is there. A damaged file is never passed over in silence, nor is a folder in `LENET_DATA_DIR`
    that holds nothing.
    """
    found: dict[tuple[str, str], Source | LenetError] | None = getattr(_of_thread, "found", None)
    if found is None:
        return _look(source, dataset)
    question = (source, dataset)
    if question not in found:
        try:
            found[question] = _look(source, dataset)
        except LenetError as error:
            found[question] = error
    answer = found[question]
    if isinstance(answer, LenetError):
        raise answer
    return answer


def here() -> DataSet:
    """The data set that the app shows and trains on unless a run says otherwise; the default's where none can be used."""
    try:
        return find().data_set
    except DataError:
        return DATA_SETS[DEFAULT]


def load(split: str, source: str = "auto", dataset: str = "auto") -> tuple[Images, Labels]:
    """Images (N, 1, 28, 28) as uint8 and labels (N,) as int64, from 0, of `split` `"train"` or `"test"`.

    `source` and `dataset` are as in `find`. Raises DataError.
    """
    if split not in SPLITS:
        raise LenetError("not_one_of", name="split", value=str(split)[:40], options=", ".join(SPLITS))
    return load_from(find(source, dataset), split)


@lru_cache(maxsize=4)
def load_from(source: Source, split: str) -> tuple[Images, Labels]:
    """`load` from images that were found. The arrays are shared between callers and therefore read-only."""
    ours = source.data_set
    images_path, labels_path = source.contents.paths[split]
    images = idx.read(images_path, 3)
    labels = idx.read(labels_path, 1).astype(np.int64) - ours.first_label
    if ours.transposed:
        images = np.ascontiguousarray(images.swapaxes(1, 2))
    out = fitted(images, *ours.image_shape[1:])[:, None], labels
    for array in out:
        array.flags.writeable = False
    return out


# -- the search ----------------------------------------------------------------------------------------------------


def _look(source: str, dataset: str) -> Source:
    """`find`, at the folders as they are now."""
    for name, value, options in (("source", source, SOURCES), ("dataset", dataset, CHOICES)):
        if value not in options:
            raise LenetError("not_one_of", name=name, value=str(value)[:40], options=", ".join(options))
    if source == "sample" and dataset not in ("auto", DEFAULT):
        name, of = (DATA_SETS[key].words() if key in DATA_SETS else _("own images") for key in (DEFAULT, dataset))
        raise DataError("data_no_sample", name=name, of=of)
    other: Source | None = None
    for found in _found(dataset) if source != "sample" else ():
        if dataset in ("auto", found.data_set.key):
            return found
        other = other or found
    if source != "full" and dataset in ("auto", DEFAULT):
        return _sample()
    raise _missing(dataset, other)


def _found(dataset: str) -> Iterator[Source]:
    """Whole data sets on this machine, in the order of search, at least all that `dataset` can mean. Raises DataError."""
    named = paths.data_dir()
    if named is not None:
        held = list(_held(named, DATA_SETS.values()))
        if not held and named.is_dir() and (four := folders.any_four(named)):
            held = [four]
        if not held:
            raise _unusable(named)
        yield from (_source(contents, dataset) for contents in held)
    wanted = DATA_SETS.values() if dataset in ("auto", OWN) else [DATA_SETS[dataset]]
    for root in (paths.DOWNLOAD_DIR, paths.DEBIAN_DATA_DIR):
        for contents in _held(root, wanted):
            # A known data set is one's own images only where one has named its folder.
            yield _source(contents, "auto" if dataset == OWN else dataset)


def _source(contents: Contents, dataset: str) -> Source:
    data_set, known_by = folders.recognise(contents, dataset)
    return Source("full", contents.folder, data_set, known_by, contents)


def _held(root: Path, wanted: Iterable[DataSet]) -> Iterator[Contents]:
    """What lies in a folder, or below it where torchvision (`MNIST/raw`) and archives put it. Raises DataError."""
    if not os.path.isdir(root):  # noqa: PTH112 a page asks often
        return
    for below in ("", "raw", "gzip"):
        for names in dict.fromkeys(tuple(d.files.items()) for d in wanted):
            if contents := folders.in_folder(root / below, dict(names)):
                yield contents
    for known in wanted:
        if contents := folders.in_folder(root / known.torchvision / "raw", known.files):
            yield contents


def _sample() -> Source:
    """The sample that comes with the app. Raises DataError where it is damaged."""
    ours, folder = DATA_SETS[DEFAULT], paths.SAMPLE_DIR
    contents = folders.in_folder(folder, ours.files)
    if contents is None:
        raise DataError("data_file_absent", path=str(folder / ours.files["train"][0]))
    if contents.image_size != ours.image_shape[1:] or contents.labels[1] >= len(ours.classes):
        raise DataError(
            "data_not_as_described",
            folder=str(folder),
            name=ours.name,
            size="×".join(map(str, contents.image_size)),
            label=contents.labels[1],
            expected=ours.size_text,
            highest=len(ours.classes) - 1,
        )
    return Source("sample", folder, ours, "", contents)


# -- what to say where there is nothing ------------------------------------------------------------------------------

MISSING = ("data_missing", "data_set_missing", "data_other_set", "data_own_missing")
"""The codes of what `_missing` says: that a data set is not on this machine, and nothing else is wrong."""


def _missing(dataset: str, other: Source | None) -> DataError:
    """That what was asked for is not here, and how to get it. `other` was found instead."""
    if dataset == OWN:
        return DataError("data_own_missing")
    wanted = DATA_SETS[DEFAULT if dataset == "auto" else dataset]
    if other:
        return DataError(
            "data_other_set",
            name=wanted.name,
            folder=str(other.folder),
            train=other.sizes["train"],
            test=other.sizes["test"],
            size="×".join(map(str, other.contents.image_size)),
            classes=len(other.data_set.classes),
            key=wanted.key,
        )
    if wanted.package:
        return DataError("data_missing", name=wanted.name, folder=str(target(wanted)), package=wanted.package)
    return DataError("data_set_missing", name=wanted.name, folder=str(target(wanted)), key=wanted.key)


def _unusable(folder: Path) -> DataError:
    """What was looked for in the folder that `LENET_DATA_DIR` names, and what is there."""
    wanted = ", ".join(name for pair in DATA_SETS[DEFAULT].files.values() for name in pair)
    if not folder.exists():
        return DataError("data_dir_absent", folder=str(folder), wanted=wanted)
    if not folder.is_dir():
        return DataError("data_dir_is_file", folder=str(folder), wanted=wanted)
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as e:
        return DataError("data_unreadable", path=str(folder), reason=e.strerror or str(e))
    if not names:
        return DataError("data_dir_empty", folder=str(folder), wanted=wanted)
    found = ", ".join(names[:MAX_NAMES]) + (" …" if len(names) > MAX_NAMES else "")
    return DataError("data_dir_without_data", folder=str(folder), wanted=wanted, found=found)


def target(data_set: DataSet) -> Path:
    """Where a download puts the idx files of a data set: where torchvision looks for them."""
    return paths.DOWNLOAD_DIR / data_set.torchvision / "raw"
