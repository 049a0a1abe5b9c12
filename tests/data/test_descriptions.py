"""Another data set is another description: its name, classes, shapes and sizes are read there, everywhere."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lenet import data, runs, ui
from lenet.architecture import examples, explanations, presets, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import examples as example_figures
from lenet.architecture.figures import overview
from lenet.architecture.figures import predictions as prediction_figures
from lenet.architecture.images import LabelledImages
from lenet.common import errors, paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.training import code, progress, results
from lenet.training import figures as training_figures
from lenet.training.run import train_run
from tests.helpers import pages
from tests.helpers.idx import write_idx
from tests.helpers.scripts import run_here

DIGITS = replace(
    data.FASHION_MNIST,
    name="Digits",
    classes=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    sizes={"train": 700, "test": 50},
    sample_sizes={"train": 30, "test": 20},
    files={"train": ("digits", "digit-labels"), "test": ("more-digits", "more-digit-labels")},
    torchvision="DIGITS",
    download_bytes=5_200_000,
    package="dataset-digits",
)
SHAPES = replace(DIGITS, name="Shapes", classes=("disc", "square", "line"), image_shape=(1, 20, 24))


def use(description: data.DataSet, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Have the app know this description, with a sample of made-up images in `folder`."""
    rng = np.random.default_rng(0)
    folder.mkdir()
    for split, n in description.sample_sizes.items():
        images, labels = description.files[split]
        write_idx(folder / images, rng.integers(0, 256, (n, *description.image_shape[1:])))
        write_idx(folder / labels, np.arange(n) % len(description.classes))
    nowhere = folder / "nowhere"
    for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
        patch.setattr(paths, name, nowhere)
    patch.setattr(paths, "SAMPLE_DIR", folder)
    patch.setitem(data.DATA_SETS, data.DEFAULT, description)


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(DIGITS, tmp_path / "digits", monkeypatch)


@pytest.fixture
def shapes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(SHAPES, tmp_path / "shapes", monkeypatch)


# ---- files ----


@pytest.mark.usefixtures("shapes")
def test_files_are_read_and_checked_as_described() -> None:
    images, labels = data.load("test")
    assert images.shape == (20, 1, 20, 24) and labels[:4].tolist() == [0, 1, 2, 0]
    with pytest.raises(LenetError, match=r"full Shapes data set.*apt-get install dataset-digits"):
        data.load("test", "full")
    assert data.target().parts[-2:] == ("DIGITS", "raw")


def test_what_does_not_fit_the_description_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(SHAPES, tmp_path / "wrong", monkeypatch)
    write_idx(tmp_path / "wrong" / "more-digit-labels", np.full(20, 3))
    with pytest.raises(
        LenetError, match="are not those of Shapes: they are 20×24 with labels up to 3, not 20×24 with labels up to 2"
    ):
        data.load("test")
    with pytest.raises(LenetError):
        data.load("test")
    write_idx(tmp_path / "wrong" / "digits", np.zeros((30, 28, 28)))
    with pytest.raises(LenetError, match="28×28"):
        data.load("train")


# ---- networks and runs ----


@pytest.mark.usefixtures("shapes")
def test_networks_are_held_against_its_images_and_classes() -> None:
    with pytest.raises(LenetError) as refusal:
        RunConfig()
    assert str(refusal.value) == (
        "A network for 1×28×28 images and 10 classes cannot be trained on Shapes, which has 1×20×24 images in 3 classes."
    )
    assert "Shapes" in errors.explain(refusal.value)
    fitted = presets.fitted(LeNetConfig(in_channels=3, num_classes=7), data.here())
    assert fitted == LeNetConfig(input_size=(20, 24), num_classes=3)
    assert RunConfig(model=fitted).model == fitted


@pytest.mark.usefixtures("shapes")
def test_a_run_on_it_is_trained_and_told() -> None:
    model = LeNetConfig(input_size=(20, 24), num_classes=3)
    run = runs.create(RunConfig(model=model, epochs=1, data="sample", device="cpu", batch_size=10), "shapes")
    train_run(run, say=lambda line: None)
    judged = results.judged_images(run)
    assert judged is not None and judged[0].shape[-2:] == (20, 24)
    assert run.data_set.class_names() == ["disc", "square", "line"]
    assert set(np.unique(judged[2])) <= {0, 1, 2}
    network, shown = weights.of_run(run), LabelledImages(run.data_set, *run.images("test"))
    assert len(examples.of_channel(network, 0, 0, shown).class_means) == 3
    assert network.class_names(data.here()) == ["disc", "square", "line"]


@pytest.mark.usefixtures("shapes")
def test_the_exported_script_reads_and_trains_on_it(tmp_path: Path) -> None:
    model = LeNetConfig(input_size=(20, 24), num_classes=3)
    config = RunConfig(
        model=model, epochs=2, data="sample", device="cpu", batch_size=10, augment="flip_shift", lr=0.1
    )
    lines: list[str] = []
    run = runs.create(config, "shapes")
    train_run(run, say=lines.append)
    script = tmp_path / "script.py"
    script.write_text(code.of_run(run), encoding="utf-8")
    assert "\nShapes: " in script.read_text() and "datasets import DIGITS" in script.read_text()
    printed = run_here(script, "--data", str(tmp_path / "shapes"))
    numbers = [[float(x) for x in re.findall(r"[\d.]+", "".join(text))] for text in (printed, lines[1:])]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.04)  # another order of sums; one of 30 images is 0.033


@pytest.mark.usefixtures("shapes")
def test_a_run_with_predictions_of_other_classes_is_damaged() -> None:
    with pytest.raises(LenetError, match=r"predictions\.safetensors.*no classes"):
        runs.find("reference-classic").predictions()


# ---- words and figures ----


@pytest.mark.usefixtures("digits")
def test_names_of_classes_are_its_own() -> None:
    names = data.here().class_names()
    assert names == list(DIGITS.classes)
    assert "**three**" in explanations.verdict(3, 3, 0.5, names)
    assert explanations.captions([3], [0.5], names) == ["three<br>0.5"]
    logits = np.arange(10, dtype=np.float32)
    for figure in (
        prediction_figures.outputs(logits, logits / 45, 9, 3, names),
        prediction_figures.side_by_side([("a", logits / 45)], 3, names),
        example_figures.by_class([0.5] * 10, names),
        training_figures.confusion(np.eye(10, dtype=int), names),
    ):
        assert "seven" in str(figure.to_dict()) and "Sneaker" not in str(figure.to_dict())
    maps = [np.zeros((6, 4, 4), np.float32), logits]
    picture = overview.overview(np.zeros((1, 8, 8), np.float32), maps, LeNetConfig().layers, names, "three")
    assert "seven" in str(picture) and "Sneaker" not in str(picture)
    assert results.mistake_words(7, 8, 0.9, names) == ("seven →", "eight, 0.90")


@pytest.mark.usefixtures("digits")
def test_the_foot_and_the_hints_have_its_sizes() -> None:
    assert ui.data_words() == "bundled sample of Digits, 30 + 20 images"
    assert "an epoch has only 3 steps" in progress.sample_hint(replace(CLASSIC, batch_size=10))


@pytest.mark.usefixtures("digits", "router")
def test_pages_speak_of_it() -> None:
    at = pages.app().run()
    assert not at.exception
    assert "One test image of Digits" in pages.words(at)
    assert "bundled sample of Digits" in pages.words(at)
    assert [b.label for b in at.button if b.key == "download"] == ["Download the complete data set (5 MB)"]
    at = pages.open_page("architecture", size="40")
    assert not at.exception
    assert [b.label for b in at.button if b.key == "fit"] == ["Adapt it to Digits"]
    assert "cannot be trained on Digits" in pages.words(at)
    pages.typed(at, "batch").set_value("701").run()
    assert pages.said(at)[-1] == "Batch size must lie between 1 and 700; it is 701."
    at = pages.open_page("architecture", tab="walk", run="~untrained", deep="channel")
    assert not at.exception and pages.said(at) == []
    assert "seven" in at.selectbox(key="_class").options
    assert any(f"**{name}**" in pages.words(at) for name in DIGITS.classes)
    at = pages.open_page("kernels", tab="seen", image="7")
    assert not at.exception and "**seven.**" in pages.words(at)
