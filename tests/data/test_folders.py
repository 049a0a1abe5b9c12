"""What a folder holds: each data set in its form, own images, damaged files, and a folder without any."""

from __future__ import annotations

import gzip
import os
import time
from pathlib import Path

import numpy as np
import pytest

from lenet import data
from lenet.common import paths
from lenet.data import DataError, folders, idx
from tests.data import made
from tests.helpers.idx import write_idx

EMNIST = ("emnist-balanced", "emnist-letters", "emnist-digits")


# -- known data sets -------------------------------------------------------------------------------------------------


def test_descriptions_have_as_many_classes_as_labels() -> None:
    counted = {key: len(known.classes) for key, known in data.DATA_SETS.items()}
    assert counted == {
        "fashion-mnist": 10, "mnist": 10, "kmnist": 10, "emnist-balanced": 47, "emnist-letters": 26, "emnist-digits": 10,
    }  # fmt: skip
    for key, known in data.DATA_SETS.items():
        assert known.key == key and len(set(known.classes)) == len(known.classes)


def test_descriptions_agree_with_torchvision() -> None:
    """Checksums of the .gz files, classes, and where the archive's names come from."""
    torchvision = pytest.importorskip("torchvision.datasets")
    for known in data.DATA_SETS.values():
        theirs = getattr(torchvision, known.torchvision)
        if known.torchvision_split:
            classes = theirs.classes_split_dict[known.torchvision_split][known.first_label :]
            assert [c.lower() for c in classes] == [c.lower() for c in known.classes]
            continue
        for name, md5 in theirs.resources:
            assert md5 in known.md5[name.removesuffix(".gz")]
        assert [c.split(" - ")[0] for c in theirs.classes] == list(known.classes)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("key", ["fashion-mnist", "mnist", "kmnist"])
def test_a_data_set_is_known_by_its_checksums(
    key: str, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(made.write(tmp_path / "d", made.shrunk(key, monkeypatch)), monkeypatch)
    if packed:  # KMNIST's are known of the .gz files, the others' of the content as well
        made.pack(folder)
    sums = {name.removesuffix(".gz"): md5 for name, md5 in made.checksums(folder).items()}
    known = made.shrunk(key, monkeypatch, md5=sums)
    found = data.find()
    assert (found.kind, found.data_set, found.known_by, found.sizes) == ("full", known, "checksum", known.sizes)
    assert found.words() == f"{known.name} in {folder}"
    assert data.here() == known and data.find("full", key) == found


@pytest.mark.parametrize("key", EMNIST)
def test_parts_of_emnist_are_known_by_their_sizes_put_upright_and_counted_from_0(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made.shrunk(key, monkeypatch)
    folder = made.use(made.write(tmp_path / "d", known), monkeypatch)
    found = data.find()
    assert (found.data_set.key, found.known_by) == (key, "sizes")
    assert found.words() == f"{known.name} (by its sizes) in {folder}"
    for split in ("train", "test"):
        images, labels = data.load(split)
        assert np.array_equal(images[:, 0], made.images_of(known, split).swapaxes(1, 2))
        assert labels.dtype == np.int64
        assert np.array_equal(labels, np.arange(known.sizes[split]) % len(known.classes))


def test_labels_out_of_the_range_of_a_data_set_are_not_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made.shrunk("emnist-letters", monkeypatch)
    folder = made.use(made.write(tmp_path / "d", known), monkeypatch)
    write_idx(
        folder / known.files["test"][1], np.arange(known.sizes["test"]) % 26
    )  # from 0, so Z is missing in the test
    assert data.find().data_set.key == "own"


def test_digits_are_never_taken_for_clothes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many images, as large, in as many classes as Fashion-MNIST, in the same four files; but not the same images."""
    known = made.shrunk("fashion-mnist", monkeypatch)
    folder = made.use(made.write(tmp_path / "FashionMNIST" / "raw", known), monkeypatch)
    found = data.find()
    assert found.data_set.key == "own" and found.data_set.classes == tuple("0123456789")
    assert found.words() == f"own images in {folder}: 130 + 70 in 10 classes"
    with pytest.raises(
        DataError, match=r"Fashion-MNIST is not on this machine.*holds 130 \+ 70 images of 28×28 in 10 classes"
    ):
        data.find("full", "fashion-mnist")


def test_what_has_the_sizes_of_several_goes_by_its_folder_or_by_what_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("fashion-mnist", "mnist", "kmnist"):
        known = made.shrunk(key, monkeypatch, sizes=made.SIZES)
    made.use(made.write(tmp_path / "d", known), monkeypatch)
    assert data.find().data_set.key == "own"
    asked = data.find("auto", "mnist")
    assert (asked.data_set.key, asked.known_by) == ("mnist", "sizes")
    folder = made.use(made.write(tmp_path / "KMNIST" / "raw", known), monkeypatch)
    assert data.find().words() == f"KMNIST (by its sizes) in {folder}"


@pytest.mark.parametrize("key", [*data.DATA_SETS])
def test_a_download_is_found_where_torchvision_puts_it(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made.shrunk(key, monkeypatch)
    folder = made.write(tmp_path / known.torchvision / "raw", known)
    made.shrunk(key, monkeypatch, md5=made.checksums(folder) if known.md5 else {})
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path)
    assert folder == data.target(key)
    found = data.find("full", key)
    assert (found.data_set.key, found.folder) == (key, folder)
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "nowhere")
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path))  # and where somebody else's torchvision has
    assert data.find().data_set.key == key


# -- forms of files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "gz", "dotted", "dotted gz", "plain called gz", "gz called plain"])
def test_files_are_read_whatever_they_are_called(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made.use(made.write_own(tmp_path / "d"), monkeypatch)
    expected = data.load("train")
    for path in list(folder.iterdir()):
        raw, name = path.read_bytes(), path.name
        path.unlink()
        if "dotted" in form:
            name = name.replace("-idx", ".idx")
        if form in ("gz", "dotted gz", "gz called plain"):
            raw = gzip.compress(raw)
        if form in ("gz", "dotted gz", "plain called gz"):
            name += ".gz"
        (folder / name).write_bytes(raw)
    data.load_from.cache_clear()
    for a, b in zip(data.load("train"), expected, strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize(
    "names",
    [
        ("train.img", "train.lab", "test.img", "test.lab"),
        ("x_train", "y_train", "x_val", "y_val"),
        ("a.idx", "b.idx", "c.idx", "d.idx"),  # the larger half is the training set
    ],
)
def test_any_four_idx_files_are_own_images(
    names: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(made.write_own(tmp_path / "d", 30, 20, classes=4), monkeypatch)
    before = [data.load(split) for split in ("train", "test")]
    for name, path in zip(names, sorted(folder.iterdir(), key=lambda p: (p.name[:2] == "t1", p.name)), strict=True):
        path.rename(folder / name)
    (folder / "README.txt").write_text("mine")
    assert data.find().words() == f"own images in {folder}: 30 + 20 in 4 classes"
    for split, arrays in zip(("train", "test"), before, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(data.load(split), arrays, strict=True))


def test_own_images_have_as_many_classes_as_labels_up_to_62(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in (2, 47, 62):
        made.use(made.write_own(tmp_path / f"{n}", 130, 10, classes=n), monkeypatch)
        assert data.here().classes == tuple(map(str, range(n)))
    for n, highest in ((63, 62), (1, 0)):
        folder = made.use(made.write_own(tmp_path / f"{n}", 130, 70, classes=n), monkeypatch)
        with pytest.raises(DataError) as error:
            data.find()
        assert str(error.value) == (
            f"The labels in {folder} go up to {highest}: they must go up to 1 at least and to 61 at most, counted from 0."
        )


def test_70000_images_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.use(made.write_own(tmp_path / "d", 70_000, 10, size=(2, 2)), monkeypatch)
    assert data.load("train")[0].shape == (70_000, 1, 28, 28)


@pytest.mark.parametrize("split", ["byclass", "bymerge"])
def test_other_parts_of_emnist_are_own_images_put_upright(
    split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(made.write_own(tmp_path / "d", 70, 70, size=(20, 28), classes=62), monkeypatch)
    stored = idx.read(folder / "t10k-images-idx3-ubyte", 3)
    for path in list(folder.iterdir()):
        path.rename(folder / f"emnist-{split}-{path.name.replace('t10k', 'test')}")
    assert np.array_equal(data.load("test")[0][:, 0, :, 4:24], stored.swapaxes(1, 2))
    assert "28×20 padded to 28×28" in data.find().words()


# -- refusals --------------------------------------------------------------------------------------------------------


def head(*shape: int, type_: int = 8) -> bytes:
    return bytes((0, 0, type_, len(shape))) + np.array(shape, ">i4").tobytes()


IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (IMAGES, b"", "The data file {path} is not an idx file: it begins with nothing."),
        (IMAGES, b"<html>log in</html>", "The data file {path} is not an idx file: it begins with 3c68746d."),
        (IMAGES, head(50, 28, 28) + bytes(50 * 784 - 3),
         "The data file {path} is damaged: it holds 39197 bytes of content, not 39200."),
        (IMAGES, gzip.compress(head(50, 28, 28) + bytes(784), mtime=0),
         "The data file {path} is damaged: it holds 784 bytes of content, not 39200."),
        (IMAGES, head(50, 28, 28) + bytes(50 * 784 + 3),
         "The data file {path} is damaged: its head says 50×28×28, but more than 39200 bytes of content follow."),
        (IMAGES, head(50, 28)[:9], "The data file {path} has 2 axes, not 3: grey images have three (number, height, width), labels one."),
        (IMAGES, head(50, 28, 28)[:9], "The data file {path} is damaged: it holds 9 bytes of content, not 16."),
        (IMAGES, head(50, 3, 28, 28) + bytes(50 * 3 * 784),
         "The data file {path} has 4 axes, not 3: grey images have three (number, height, width), labels one."),
        (IMAGES, head(50, 28, 28, type_=13) + bytes(50 * 784 * 4),
         "The data file {path} is an idx file of float32 values: only bytes (type 0x08) can be used."),
        (LABELS, head(50, type_=12) + bytes(200),
         "The data file {path} is an idx file of int32 values: only bytes (type 0x08) can be used."),
        (IMAGES, head(0, 28, 28), "The data file {path} holds nothing: its head says 0×28×28."),
        (IMAGES, head(50, 0, 28), "The data file {path} holds nothing: its head says 50×0×28."),
        (LABELS, head(0), "The data file {path} holds nothing: its head says 0."),
        (LABELS, head(49) + bytes(49), "The data file {folder}/train-images-idx3-ubyte holds 50 images, but "
         "train-labels-idx1-ubyte holds 49 labels."),
        (IMAGES, head(50, 32, 32) + bytes(50 * 1024), "The images in {path} are 32×32, but those in "
         "t10k-images-idx3-ubyte are 28×28: all must have the same size."),
        (IMAGES, head(2**30, 28, 28), "The data file {path} holds 802816 MiB: at most 1024 MiB can be used."),
        (LABELS, head(50) + bytes([99] * 50),
         "The labels in {folder} go up to 99: they must go up to 1 at least and to 61 at most, counted from 0."),
    ],
)  # fmt: skip
def test_each_refusal_gives_its_reason(
    name: str, content: bytes, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Already when one looks for the data, not first when one trains on them."""
    folder = made.use(made.write_own(tmp_path / "d"), monkeypatch)
    (folder / name).write_bytes(content)
    for ask in (
        data.find,
        lambda: data.load("test"),
        lambda: data.find("full", "mnist"),
        lambda: data.find("full", "own"),
    ):
        with pytest.raises(DataError) as error:
            ask()
        assert str(error.value) == sentence.format(path=folder / name, folder=folder)
    assert data.here().key == "fashion-mnist"


@pytest.mark.parametrize("name", [IMAGES, LABELS, "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
def test_one_file_of_four_that_is_cut_or_missing_is_noticed_when_one_looks(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(made.write_own(tmp_path / "d"), monkeypatch)
    made.pack(folder)
    path = folder / f"{name}.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cannot be read: Compressed file ended"):
        data.find()
    path.unlink()
    with pytest.raises(DataError, match=rf"{name} cannot be read: no such file"):
        data.find()
    path.write_bytes(whole)
    assert data.find().data_set.key == "own"


# -- LENET_DATA_DIR --------------------------------------------------------------------------------------------------

WANTED = (
    "(train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, or the like)"
)


def test_a_named_folder_without_data_is_an_error_that_says_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(tmp_path / "d", monkeypatch)

    def refusal() -> str:
        with pytest.raises(DataError) as error:
            data.find()
        for source, dataset in (("full", "auto"), ("auto", "fashion-mnist"), ("auto", "mnist"), ("full", "own")):
            with pytest.raises(DataError) as other:
                data.find(source, dataset)
            assert str(other.value) == str(error.value)
        assert data.find("sample").kind == "sample" and data.here().key == "fashion-mnist"
        return str(error.value)

    assert (
        refusal()
        == f"LENET_DATA_DIR names {folder}, but there is no such folder: it must hold four idx files {WANTED}."
    )
    folder.mkdir()
    assert refusal() == f"LENET_DATA_DIR names {folder}, which is empty: it must hold four idx files {WANTED}."
    (folder / "fashion-mnist_train.csv").write_text("label,pixel1\n")
    (folder / "fashion-mnist_test.csv").write_text("label,pixel1\n")
    assert refusal() == (
        f"LENET_DATA_DIR names {folder}, which holds no four idx files {WANTED}, but "
        "fashion-mnist_test.csv, fashion-mnist_train.csv."
    )
    for n in range(7):
        (folder / f"{n}.png").write_bytes(b"")
    assert "but 0.png, 1.png, 2.png, 3.png, 4.png …." in refusal()
    made.use(folder / "0.png", monkeypatch)
    assert "0.png, which is a file: it must name the folder of four idx files" in refusal()


def test_the_home_folder_can_be_named_by_its_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell does not expand it in `LENET_DATA_DIR="~/data"`, nor does systemd."""
    folder = made.use(made.write_own(tmp_path / "data"), monkeypatch)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LENET_DATA_DIR", "~/data")
    assert data.find().folder == folder
    monkeypatch.setenv("LENET_DATA_DIR", "~nobody-of-that-name/data")
    with pytest.raises(DataError, match="no such folder"):
        data.find()


def test_another_data_set_than_the_one_asked_for_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made.use(made.write_own(tmp_path / "d"), monkeypatch)
    with pytest.raises(DataError) as error:
        data.find("auto", "kmnist")
    assert str(error.value) == (
        f"KMNIST is not on this machine: {folder} holds 50 + 10 images of 28×28 in 10 classes, which are not KMNIST. "
        "Download it with python -m lenet.data kmnist, or name its folder in LENET_DATA_DIR."
    )
    assert data.find("auto", "fashion-mnist").kind == "sample"
    monkeypatch.delenv("LENET_DATA_DIR")
    with pytest.raises(
        DataError,
        match=r"EMNIST letters is not on this machine\. Download it \(python -m lenet\.data emnist-letters\)",
    ):
        data.find("auto", "emnist-letters")
    with pytest.raises(DataError, match="There are no own images"):
        data.find("auto", "own")
    for dataset, name in (("mnist", "MNIST"), ("own", "own images")):
        with pytest.raises(
            DataError, match=f"There is no sample of {name}: only one of Fashion-MNIST comes with the app"
        ):
            data.find("sample", dataset)


@pytest.mark.skipif(data.find().kind != "full", reason="needs the full Fashion-MNIST")
def test_fashion_mnist_is_ones_own_images_only_where_one_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.find("full")
    assert (found.data_set.key, found.known_by) == ("fashion-mnist", "checksum")
    if found.folder != paths.DEBIAN_DATA_DIR:
        return
    with pytest.raises(DataError):
        data.find("full", "own")
    monkeypatch.setenv("LENET_DATA_DIR", str(found.folder))
    assert data.find() == found
    assert data.find("full", "own").data_set.classes == tuple("0123456789")


# -- remembered ------------------------------------------------------------------------------------------------------


def test_a_file_is_read_for_its_checksum_once_for_all_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Path] = []
    checksums = idx.checksums
    monkeypatch.setattr(idx, "checksums", lambda path: (read.append(path), checksums(path))[1])
    known = made.shrunk("mnist", monkeypatch)
    folder = made.use(made.write(tmp_path / "d", known), monkeypatch)
    made.shrunk("mnist", monkeypatch, md5=made.checksums(folder))
    paths.runs_dir().mkdir()
    for _process in range(3):
        monkeypatch.setattr(folders, "_memory", folders._Memory())
        folders._looked.cache_clear()
        assert data.find().known_by == "checksum" and data.find().checksum
        assert sorted(read) == sorted(folder.iterdir())
    path = folder / "t10k-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes())
    os.utime(path, (0, 0))
    assert data.find().known_by == "checksum" and read[4:] == [path]
    (paths.runs_dir() / ".cache" / "checksums.json").write_text('[["damaged"], 3]')
    monkeypatch.setattr(folders, "_memory", folders._Memory())
    assert data.find().known_by == "checksum" and len(read) == 9


def test_own_images_are_told_from_others_without_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idx, "checksums", lambda path: pytest.fail("a page has to wait"))
    made.use(made.write_own(tmp_path / "d"), monkeypatch)
    assert data.find().data_set.key == "own"


def test_other_images_in_the_same_folder_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made.use(made.write_own(tmp_path / "d"), monkeypatch)
    before, images = data.find().checksum, data.load("train")[0]
    stale = data.find()
    made.write_own(folder, seed=1)
    for path in folder.iterdir():
        os.utime(path, (time.time() + 5, time.time() + 5))  # a file system may tell time in steps of seconds
    assert not np.array_equal(data.load("train")[0], images)
    assert data.find().checksum != before == made_again(folder, monkeypatch)
    with pytest.raises(DataError, match="it has changed since it was looked at"):
        folders._memory.checksums((*stale.contents.stamps[0][:2], 1, 1))


def made_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The checksum of the same images elsewhere, packed."""
    elsewhere = made.use(made.write_own(folder.with_name("elsewhere")), monkeypatch)
    made.pack(elsewhere)
    return data.find().checksum
