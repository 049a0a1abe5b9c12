"""Fashion-MNIST: the bundled sample, the full set where it is, and damaged files."""

from __future__ import annotations

import gzip
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from lenet import data
from lenet.common import paths
from lenet.data import DataError
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
        (lambda p: p.unlink(), "data_file_absent"),
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
    assert error.value.code == "data_cut"


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


def test_within_one_run_of_a_page_the_data_stay_what_they_were(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "named"
    monkeypatch.setenv("LENET_DATA_DIR", str(named))
    with data.looked_once():
        for _time in range(2):
            with pytest.raises(DataError, match="named"):
                data.find()
        shutil.copytree(small, named)
        with pytest.raises(DataError):
            data.find()
        assert data.find("sample").kind == "sample", "another question"
    assert data.find().folder == named
