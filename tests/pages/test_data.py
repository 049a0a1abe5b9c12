"""Pages where something is wrong with the images: a sentence where they are needed, and all else works."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lenet.common import jobs, paths
from lenet.data import DataError
from tests.data import made
from tests.helpers import pages

pytestmark = pytest.mark.usefixtures("router")


def absent(folder: Path) -> str:
    return f"LENET_DATA_DIR names {folder}, but there is no such folder"


def without_data(folder: Path) -> str:
    folder.mkdir()
    (folder / "fashion-mnist_train.csv").write_text("label,pixel1\n")
    return f"LENET_DATA_DIR names {folder}, which holds no four idx files"


def cut(folder: Path) -> str:
    path = made.write_own(folder) / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    return f"The data file {path} is damaged: it holds 7839 bytes of content, not 7840."


VIEWS = [
    ("home", {}, True),  # its overview is of the sample, but it says what is wrong with the installation
    ("convolution", {}, False),
    ("pooling", {}, False),
    ("architecture", {}, False),
    ("architecture", {"tab": "walk", "run": "reference-classic"}, True),
    ("architecture", {"tab": "compare"}, False),
    ("training", {}, False),
    ("training", {"panel": "confusion"}, True),
    ("training", {"panel": "settings"}, False),
    ("kernels", {}, False),
    ("kernels", {"tab": "seen"}, True),
    ("kernels", {"tab": "paths"}, False),
    ("kernels", {"tab": "compare"}, False),
    ("kernels", {"tab": "own"}, True),
    ("status", {}, False),
]


@pytest.mark.parametrize(("page", "query", "needs"), VIEWS, ids=[f"{p}-{'-'.join(q.values())}" for p, q, _n in VIEWS])
@pytest.mark.parametrize("wrong", [absent, without_data, cut])
def test_unusable_data_are_said_calmly(
    page: str,
    query: dict[str, str],
    needs: bool,
    wrong: Callable[[Path], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = made.use(tmp_path / "d", monkeypatch)
    sentence = wrong(folder)
    at = pages.app().run() if page == "home" else pages.open_page(page, **query)
    assert not at.exception
    assert all(said.startswith(sentence) for said in pages.said(at)) and bool(pages.said(at)) == needs
    assert f"Data: {sentence}" in pages.words(at)


def test_train_says_what_is_wrong_and_begins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.use(tmp_path / "d", monkeypatch)
    at = pages.open_page("training")
    pages.button(at, "Train").click().run()
    assert [said[:60] for said in pages.said(at)] == [absent(tmp_path / "d")[:60]]
    assert not list(paths.runs_dir().glob("*/config.json"))


def test_the_foot_says_which_images_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made.use(made.write_own(tmp_path / "d", size=(32, 32), classes=4), monkeypatch)
    assert f"Data: own images in {folder}: 50 + 10 in 4 classes, 32×32 scaled down to 28×28" in foot()
    known = made.shrunk("emnist-letters", monkeypatch)
    folder = made.use(made.write(tmp_path / "letters", known), monkeypatch)
    assert f"Data: EMNIST letters (by its sizes) in {folder}" in foot()


def foot() -> str:
    at: AppTest = pages.open_page("pooling")
    assert not at.exception
    return pages.words(at)


def test_a_download_that_fails_says_why_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made.use(tmp_path, monkeypatch)
    monkeypatch.delenv("LENET_DATA_DIR")

    def fail(task: jobs.TaskQueue, key: str, tell: jobs.Tell) -> None:
        raise DataError("download_web_page", file="train-images-idx3-ubyte.gz", folder="/f", command="c")

    monkeypatch.setattr("lenet.data.downloads.Downloads.do", fail)
    from lenet.data.__main__ import main

    assert main([]) == 1
    at = pages.app().run()
    assert [said[:80] for said in pages.said(at)] == [
        "The download did not succeed: in place of train-images-idx3-ubyte.gz came a web page."[:80]
    ]
    assert [b.label for b in at.button if b.key == "download"] == ["Download the complete data set (31 MB)"]
