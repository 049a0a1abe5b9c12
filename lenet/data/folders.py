"""What a folder holds: the four idx files of a data set, looked at and recognised.

Looking reads the heads of the files and all labels, and is remembered until a file changes; pages ask at every run. Checksums
take half a second for Fashion-MNIST. They are computed where the sizes leave it open which data set it is, or where a
run begins, once for each file: see `_Memory`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from lenet.common import files, paths
from lenet.data import idx
from lenet.data.data_sets import DATA_SETS, MAX_CLASSES, OWN, SPLITS, DataSet, Files, own
from lenet.data.idx import Checksums, DataError

MAX_LISTED = 200
"""Files of a folder that are looked at where none has a name that is known."""

Stamp = tuple[str, int, int, int]
"""Path, inode, time of the last change and size of a file: what changes when the file does."""


@dataclass(frozen=True)
class Contents:
    """Four undamaged idx files: `paths` by split, images and labels, and what they hold.

    `sizes` counts the images of each split, `image_size` is their (height, width), `labels` the lowest and highest label.
    """

    paths: Mapping[str, tuple[Path, Path]] = field(hash=False)
    sizes: Mapping[str, int] = field(hash=False)
    image_size: tuple[int, int]
    labels: tuple[int, int]
    stamps: tuple[Stamp, ...]

    @property
    def folder(self) -> Path:
        return self.paths["train"][0].parent

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """The names of the files by split, images and labels."""
        return tuple((images.name, labels.name) for images, labels in self.paths.values())

    @cached_property
    def checksum(self) -> str:
        """The md5 of the md5s of the four files' contents: what tells these images from all others. Raises DataError."""
        contents = "".join(_memory.checksums(stamp).content for stamp in self.stamps)
        return hashlib.md5(contents.encode(), usedforsecurity=False).hexdigest()

    def own(self) -> DataSet:
        """Their description as images that are no known data set. Raises DataError where they have too many classes."""
        classes = self.labels[1] + 1
        if not 2 <= classes <= MAX_CLASSES:
            raise DataError("data_classes", folder=str(self.folder), label=self.labels[1], limit=MAX_CLASSES - 1)
        return own(classes, self.sizes["train"], self.sizes["test"], self.names)


# -- finding the files ---------------------------------------------------------------------------------------------


@lru_cache
def variants(name: str) -> tuple[str, ...]:
    """The names that a file called `train-images-idx3-ubyte` may have."""
    dotted = re.sub(r"-(idx\d-ubyte)$", r".\1", name)
    return (name, f"{name}.gz", dotted, f"{dotted}.gz")


def in_folder(folder: Path, names: Files) -> Contents | None:
    """The contents of the files of these names; None where there is none of them. Raises DataError."""
    if not os.path.isdir(folder):  # noqa: PTH112 a page asks often
        return None
    wanted = {split: [_present(folder, name) for name in pair] for split, pair in names.items()}
    if not any(path for pair in wanted.values() for path in pair):
        return None
    found: dict[str, tuple[Path, Path]] = {}
    for split, (images, labels) in wanted.items():
        if images and labels:
            found[split] = images, labels
            continue
        for path, name, axes in zip((images, labels), names[split], (3, 1), strict=True):
            if path is None:
                raise DataError("data_file_absent", path=str(folder / name))
            _shape(path, axes)  # damage of a file that is there is told first
    return look(found)


def _present(folder: Path, name: str) -> Path | None:
    for variant in variants(name):
        path = os.path.join(folder, variant)  # noqa: PTH118 as above
        if os.path.isfile(path):  # noqa: PTH113
            return Path(path)
    return None


def any_four(folder: Path) -> Contents | None:
    """The contents of a folder with just four idx files, whatever their names; None where there are not four.

    Two hold images and two labels. They are taken apart by `train` and `test` (or `t10k`, `val`) in their names, or else
    by how many they hold. Raises DataError where one of the four is damaged.
    """
    found = _four_of(tuple(map(_stamp, listed(folder)[:MAX_LISTED])))
    return look(found) if found else None


@lru_cache(maxsize=16)
def _four_of(stamps: tuple[Stamp, ...]) -> dict[str, tuple[Path, Path]] | None:
    """The two files of each split, among these."""
    axes: dict[Path, int] = {}
    for path in (Path(stamp[0]) for stamp in stamps):
        for n in (1, 3):
            with suppress(DataError):
                idx.shape_of(path, n)
                axes[path] = n
    if sorted(axes.values()) != [1, 1, 3, 3]:
        return None
    pairs = []
    for n in (3, 1):
        pair = sorted((path for path in axes if axes[path] == n), key=lambda path: _rank(path, n))
        if _rank(pair[0], n) == _rank(pair[1], n):
            return None
        pairs.append(pair)
    images, labels = pairs
    return {split: (images[i], labels[i]) for i, split in enumerate(SPLITS)}


def _rank(path: Path, axes: int) -> tuple[bool, bool, int]:
    """Smaller for the training images."""
    name = path.name.lower()
    return (re.search(r"test|t10k|val", name) is not None, "train" not in name, -idx.shape_of(path, axes)[0])


def listed(folder: Path) -> list[Path]:
    """The files in a folder by name, without hidden ones. Raises DataError."""
    try:
        with os.scandir(folder) as entries:
            return sorted(Path(e.path) for e in entries if e.is_file() and not e.name.startswith("."))
    except OSError as e:
        raise DataError("data_unreadable", path=str(folder), reason=e.strerror or str(e)) from e


# -- looking at them -----------------------------------------------------------------------------------------------


def look(found: Mapping[str, tuple[Path, Path]]) -> Contents:
    """What four idx files hold, by split images and labels. Raises DataError where one is damaged or they do not match."""
    looked = _looked(tuple(_stamp(path) for pair in found.values() for path in pair))
    if isinstance(looked, DataError):
        raise looked
    return looked


def _stamp(path: Path) -> Stamp:
    try:
        stat = path.stat()
    except OSError as e:
        raise DataError("data_unreadable", path=str(path), reason=e.strerror or str(e)) from e
    return (str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=64)
def _looked(stamps: tuple[Stamp, ...]) -> Contents | DataError:
    """`look`, remembered: also what is wrong, for to find a gzip file cut takes unpacking it."""
    images = [Path(path) for path, *_rest in stamps[::2]]
    labels = [Path(path) for path, *_rest in stamps[1::2]]
    try:
        shapes = [_shape(path, 3) for path in images]
        counts = [_shape(path, 1)[0] for path in labels]
        for pair, shape, count in zip(zip(images, labels, strict=True), shapes, counts, strict=True):
            if shape[0] != count:
                raise DataError(
                    "data_counts_differ", path=str(pair[0]), images=shape[0], labels_path=pair[1].name, labels=count
                )
        (n_train, *size), (n_test, *test_size) = shapes
        if size != test_size:
            sizes = {"size": "×".join(map(str, size)), "test_size": "×".join(map(str, test_size))}
            raise DataError("data_sizes_differ", path=str(images[0]), test_path=images[1].name, **sizes)
        values = [idx.read(path, 1) for path in labels]
    except DataError as error:
        return error
    return Contents(
        paths=dict(zip(SPLITS, zip(images, labels, strict=True), strict=True)),
        sizes={"train": n_train, "test": n_test},
        image_size=(size[0], size[1]),
        labels=(int(min(map(np.min, values))), int(max(map(np.max, values)))),
        stamps=stamps,
    )


def _shape(path: Path, axes: int) -> tuple[int, ...]:
    """The shape of a file that is as long as its head says and not empty. Raises DataError."""
    shape = idx.shape_of(path, axes)
    idx.check_length(path, shape)
    if 0 in shape:
        raise DataError("data_empty", path=str(path), shape="×".join(map(str, shape)))
    return shape


# -- recognising them ----------------------------------------------------------------------------------------------


def recognise(contents: Contents, asked: str = "auto") -> tuple[DataSet, str]:
    """Which data set it is, and by what that is known: `"checksum"`, `"sizes"`, or nothing for own images.

    By its sizes a data set is known where no other has the same, or where its name is `asked` for or is that of the folder.
    Where `own` is asked for, the images are taken as such. Raises DataError where they have too many classes.
    """
    if asked == OWN:
        return contents.own(), ""
    possible = [known for known in DATA_SETS.values() if _fits(known, contents)]
    for known in possible:
        if known.md5 and _has_checksums(contents, known):
            return known, "checksum"
    alike = [known for known in DATA_SETS.values() if possible and known.sizes == contents.sizes]
    for known in possible:
        if not known.only_by_checksum and (len(alike) == 1 or asked == known.key or _is_named(contents, known)):
            return known, "sizes"
    return contents.own(), ""


def _fits(known: DataSet, contents: Contents) -> bool:
    """Whether the numbers of images, their size and the labels are those of a data set."""
    labels = (known.first_label, known.first_label + len(known.classes) - 1)
    return (contents.sizes, contents.image_size, contents.labels) == (known.sizes, known.image_shape[1:], labels)


def _has_checksums(contents: Contents, known: DataSet) -> bool:
    """Whether all files have the checksums of a data set. The labels are looked at first: they are small."""
    names = [name for pair in known.files.values() for name in pair]
    for name, stamp in sorted(zip(names, contents.stamps, strict=True), key=lambda pair: pair[1][3]):
        found = _memory.checksums(stamp)
        if not {found.content, found.file} & set(known.md5.get(name, ())):
            return False
    return True


def _is_named(contents: Contents, known: DataSet) -> bool:
    """Whether the folder, or the one above it, has the name of a data set."""
    above = {contents.folder.name.lower(), contents.folder.parent.name.lower()}
    return bool(above & {known.key, known.torchvision.lower()})


# -- checksums, remembered ------------------------------------------------------------------------------------------


class _Memory:
    """The checksums of files that have not changed since: in this process, and for others in the runs directory."""

    LIMIT = 64 * 2**10  # bytes of the file

    def __init__(self) -> None:
        self._known: dict[Stamp, Checksums] = {}

    def checksums(self, stamp: Stamp) -> Checksums:
        """The checksums of a file as it is now. Raises DataError."""
        if stamp not in self._known:
            stored = dict(self._stored())
            if stamp not in stored:
                found = idx.checksums(Path(stamp[0]))
                if _stamp(Path(stamp[0])) != stamp:
                    raise DataError("data_unreadable", path=stamp[0], reason="it has changed since it was looked at")
                stored[stamp] = found
                self._store(stored)
            self._known[stamp] = stored[stamp]
        return self._known[stamp]

    @property
    def _file(self) -> Path:
        return paths.runs_dir() / ".cache" / "checksums.json"

    def _stored(self) -> Iterator[tuple[Stamp, Checksums]]:
        rows: Any = []
        with suppress(OSError, ValueError, RecursionError):
            rows = json.loads(files.read_plain(self._file, self.LIMIT))
        for row in rows if isinstance(rows, list) else []:
            with suppress(TypeError, ValueError):
                path, inode, changed, size, content, file = row
                yield (str(path), int(inode), int(changed), int(size)), Checksums(str(content), str(file))

    def _store(self, known: dict[Stamp, Checksums]) -> None:
        """Keep what is known of files that have not changed since; nothing where the runs directory cannot be written."""
        rows = []
        for stamp, sums in known.items():
            with suppress(DataError):
                if _stamp(Path(stamp[0])) == stamp:
                    rows.append([*stamp, sums.content, sums.file])
        if paths.runs_dir().is_dir():
            with suppress(OSError):
                self._file.parent.mkdir(exist_ok=True)
                files.write_json(self._file, rows[-100:])


_memory = _Memory()
