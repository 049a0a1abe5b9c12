"""Fashion-MNIST: the bundled sample, the full set where it is, and damaged files."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from lenet import data
from lenet.common import files, jobs, paths
from lenet.data import DataError
from lenet.data.__main__ import main
from tests.helpers.idx import write_idx

FULL = (paths.DEBIAN_DATA_DIR / "train-images-idx3-ubyte.gz").is_file()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data folder of 20 + 10 images in plain idx files."""
    folder = tmp_path / "small"
    folder.mkdir()
    for split, n in (("train", 20), ("test", 10)):
        images, labels = data.FASHION_MNIST.files[split]
        write_idx(folder / images, np.arange(n * 784).reshape(n, 28, 28) % 251)
        write_idx(folder / labels, np.arange(n) % 10)
    return folder


def test_sample_is_the_beginning_of_the_real_thing() -> None:
    images, labels = data.load("train", "sample")
    assert (images.shape, images.dtype) == ((6000, 1, 28, 28), np.uint8)
    assert (labels.shape, labels.dtype) == ((6000,), np.int64)
    assert data.load("test", "sample")[0].shape == (1000, 1, 28, 28)
    assert labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]  # as printed in every tutorial on the data set
    if FULL:
        full_images, full_labels = data.load("train", "full")
        assert np.array_equal(full_images[:6000], images)
        assert np.array_equal(full_labels[:6000], labels)


MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
"""Of each unpacked file, as published."""


@pytest.mark.skipif(not FULL, reason="needs the dataset-fashion-mnist package")
def test_full_set_is_the_published_one() -> None:
    for split, (images_name, labels_name) in data.FASHION_MNIST.files.items():
        images, labels = data.load(split, "full")
        assert len(images) == len(labels) == data.FASHION_MNIST.sizes[split]
        for name, array in ((images_name, images[:, 0]), (labels_name, labels.astype(np.uint8))):
            head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">i4").tobytes()
            assert hashlib.md5(head + array.tobytes()).hexdigest() == MD5[name]


def test_order_of_search(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "nowhere"
    monkeypatch.setattr(paths, "DEBIAN_DATA_DIR", nowhere)
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", nowhere)
    assert (data.find().kind, data.find().folder) == ("sample", paths.SAMPLE_DIR)
    with pytest.raises(DataError) as missing:
        data.load("train", "full")
    assert missing.value.code == "data_missing"

    monkeypatch.setattr(paths, "DEBIAN_DATA_DIR", small)
    assert (data.find("full").kind, data.find("full").folder) == ("full", small)

    raw = tmp_path / "data" / "FashionMNIST" / "raw"
    raw.parent.mkdir(parents=True)
    small.rename(raw)
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    assert data.find().folder == raw  # torchvision's layout

    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setenv("LENET_DATA_DIR", str(named))
    with pytest.raises(DataError, match="LENET_DATA_DIR"):  # a named folder without data is not passed over
        data.find()
    shutil.copytree(raw, named, dirs_exist_ok=True)
    assert data.find().folder == named


def test_plain_and_gzipped_files_are_the_same(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_DATA_DIR", str(small))
    plain = data.load("test")
    for path in list(small.iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    data.load_from.cache_clear()
    zipped = data.load("test")
    assert all(np.array_equal(a, b) for a, b in zip(plain, zipped, strict=True))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda p: write_idx(p, np.zeros((20, 28, 28)), cut=5), "data_truncated"),
        (lambda p: p.write_bytes(b""), "data_not_idx"),
        (lambda p: p.write_bytes(b"<html>not found</html>"), "data_not_idx"),
        (lambda p: write_idx(p, np.zeros((20, 32, 32))), "data_sizes_differ"),
        (lambda p: write_idx(p, np.zeros((19, 28, 28))), "data_counts_differ"),  # one image fewer than labels
        (lambda p: p.unlink(), "data_unreadable"),
    ],
)
def test_damaged_file_is_one_sentence(small: Path, monkeypatch: pytest.MonkeyPatch, damage, code: str) -> None:
    monkeypatch.setenv("LENET_DATA_DIR", str(small))
    path = small / "train-images-idx3-ubyte"
    (small / "keep.gz").write_bytes(b"")
    damage(path)
    if not path.exists():  # then another file of the split must still lead to this folder
        assert (small / "train-labels-idx1-ubyte").exists()
    data.load_from.cache_clear()
    with pytest.raises(DataError) as error:
        data.load("train")
    assert error.value.code == code
    assert "train-images-idx3-ubyte" in str(error.value)
    assert "\n" not in str(error.value)


def test_truncated_gzip_is_one_sentence(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_DATA_DIR", str(small))
    path = small / "train-images-idx3-ubyte"
    whole = gzip.compress(path.read_bytes())
    path.with_suffix(".gz").write_bytes(b"")
    path.unlink()
    (small / "train-images-idx3-ubyte.gz").write_bytes(whole[: len(whole) // 2])
    data.load_from.cache_clear()
    with pytest.raises(DataError) as error:
        data.load("train")
    assert error.value.code == "data_unreadable"


def test_arrays_are_shared_and_read_only() -> None:
    images, labels = data.load("test", "sample")
    assert data.load("test", "sample")[0] is images
    for array in (images, labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("split", ["valid", "", None])
def test_unknown_split(split: str) -> None:
    with pytest.raises(ValueError, match="split"):
        data.load(split)


def test_failed_download_names_the_other_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")

    def no_network(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(torchvision, "FashionMNIST", no_network)
    assert main([]) == 1
    error = data.download_error()
    assert error is not None
    for way in ("LENET_DATA_DIR", "apt-get install dataset-fashion-mnist", str(data.target())):
        assert way in str(error)
    assert data.download_progress() is None
    assert not list((tmp_path / "data").glob(".download-*"))  # nothing half done is left


def test_download_appears_whole(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")

    def fetch(root: str, download: bool) -> None:
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for path in small.iterdir():
            (raw / path.name).write_bytes(path.read_bytes())
            assert not data.target().exists()

    monkeypatch.setattr(torchvision, "FashionMNIST", fetch)
    assert main([]) == 0
    assert data.find().folder == data.target()
    assert len(data.load("train")[0]) == 20


def test_a_download_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torchvision = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    goes_on = threading.Event()

    def fetch(root: str, download: bool) -> None:
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        with (raw / "train-images-idx3-ubyte.gz").open("wb") as f:
            f.truncate(data.FASHION_MNIST.download_bytes // 2)
        goes_on.wait(60)

    def tell(share: float) -> None:
        told.append(share)
        if share:
            raise jobs.Stopped

    told: list[float] = []
    monkeypatch.setattr(torchvision, "FashionMNIST", fetch)
    with pytest.raises(jobs.Stopped):
        data.download(tell)
    goes_on.set()
    assert told[-1] == pytest.approx(0.5, abs=1e-6)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_killed_download_says_so_and_leaves_nothing_for_ever(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[tuple[str, ...]]
) -> None:
    torchvision = pytest.importorskip("torchvision.datasets")
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    data.start_download()
    assert no_processes == [("lenet.data",)] and data.download_error() is None
    left = tmp_path / "data" / ".download-x"
    left.mkdir()
    progress = {"task": data.DEFAULT, "share": 0.25, "left": 9.0}
    files.write_json(tmp_path / "data" / ".download" / "progress.json", progress)
    with files.locked(tmp_path / "data" / ".download" / "lock"):
        assert data.download_progress() == 0.25
    error = data.download_error()
    assert data.download_progress() is None
    assert error is not None and "killed" in str(error) and str(data.target()) in str(error)
    data.start_download()
    assert data.download_error() is None
    monkeypatch.setattr(
        torchvision, "FashionMNIST", lambda root, download: shutil.copytree(small, Path(root, "FashionMNIST", "raw"))
    )
    assert main([]) == 0
    assert data.find().folder == data.target() and not left.exists()
