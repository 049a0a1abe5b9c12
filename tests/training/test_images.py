"""The images of a run: which it is trained on, kept with it, and no others when it goes on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lenet import data, runs, train
from lenet.common import files, paths
from lenet.common.errors import LenetError, say
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, RunConfig
from lenet.training import code
from lenet.training.recorder import Recorder, read_checkpoint
from lenet.training.run import train_run
from tests.data import made
from tests.helpers.scripts import run_here
from tests.helpers.training import SHORT

OWN = replace(CLASSIC, epochs=2, device="cpu", batch_size=10)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of 50 + 10 images in 5 classes, which LENET_DATA_DIR names."""
    return made.use(made.write_own(tmp_path / "own", classes=5), monkeypatch)


def stopped(config: RunConfig = OWN) -> Run:
    """A run that was stopped after its first epoch."""
    run = runs.create(config, "r")
    end_epoch = Recorder.end_epoch

    def stop(self: Recorder, *of_epoch: float) -> None:
        run.request("stop")
        end_epoch(self, *of_epoch)

    with pytest.MonkeyPatch.context() as m:
        m.setattr(Recorder, "end_epoch", stop)
        assert train_run(run).state == "stopped"
    return run


# -- each on its own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [*data.DATA_SETS])
def test_a_run_is_trained_on_any_data_set_and_keeps_which(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = made.shrunk(key, monkeypatch)
    folder = made.use(made.write(tmp_path / "d", known), monkeypatch)
    known = made.shrunk(key, monkeypatch, md5=made.checksums(folder) if known.md5 else {})
    lines: list[str] = []
    run = runs.create(replace(OWN, epochs=1), "r")
    status = train_run(run, say=lines.append)
    assert status.state == "finished"
    by = " (by its sizes)" if key.startswith("emnist") else ""
    assert lines[0] == f"training on cpu; data: {known.name}{by} in {folder}"
    assert run.config.dataset == key and run.data_set == known
    assert run.config.model.num_classes == len(known.classes) == len(run.weights()["11.bias"])
    stored = json.loads((run.path / "status.json").read_text())
    assert (stored["data"], stored["dataset"], stored["classes"]) == ("full", key, len(known.classes))
    assert {"train": stored["train_size"], "test": stored["test_size"]} == known.sizes
    assert re.fullmatch("[0-9a-f]{32}", stored["checksum"]) and stored["checksum"] == data.find().checksum
    for split in ("train", "test"):
        for mine, theirs in zip(run.images(split), data.load(split), strict=True):
            assert np.array_equal(mine, theirs)
    predicted = run.predictions()
    assert predicted is not None and len(predicted[0]) == known.sizes["test"]
    label = "classic, batch 10, 1 epoch, seed 0"
    assert run.label() == (f"r · {label}" if key == data.DEFAULT else f"r · {label}, {known.name}")


def test_own_images_are_a_data_set_of_their_own(own: Path) -> None:
    run = runs.create(OWN, "r")
    train_run(run)
    assert run.config.dataset == "own" and run.config.model.num_classes == 5
    assert run.data_set.classes == ("0", "1", "2", "3", "4")
    shutil.rmtree(own)
    assert run.data_set.sizes == {"train": 50, "test": 10}  # also where they are gone
    with pytest.raises(LenetError, match="LENET_DATA_DIR"):
        run.images("test")


def test_the_sample_is_fashion_mnist() -> None:
    run = runs.create(SHORT, "r")
    assert run.config.dataset == "fashion-mnist" and run.data_set == data.FASHION_MNIST
    assert len(run.images("test")[1]) == 1000


def test_a_run_of_the_full_set_shows_the_samples_images_where_there_is_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.use(tmp_path, monkeypatch)
    monkeypatch.delenv("LENET_DATA_DIR")
    run = runs.find("reference-classic")
    assert run.data_set == data.FASHION_MNIST
    assert np.array_equal(run.images("test")[1], data.load("test", "sample")[1])


@pytest.mark.usefixtures("own")
def test_a_configuration_says_which_data_set() -> None:
    assert RunConfig.from_dict({"dataset": "emnist-letters"}).model.num_classes == 10  # until it is resolved
    with pytest.raises(
        LenetError, match=r"7 classes cannot be trained on EMNIST letters, which has 1×28×28 images in 26"
    ):
        RunConfig(dataset="emnist-letters", model=replace(CLASSIC.model, num_classes=7))
    with pytest.raises(LenetError, match="dataset must be one of auto, fashion-mnist, mnist, kmnist"):
        RunConfig(dataset="cifar")
    with pytest.raises(LenetError, match="7 classes cannot be trained on own images, which has 1×28×28 images in 5"):
        RunConfig(model=replace(CLASSIC.model, num_classes=7))
    assert RunConfig(model=replace(CLASSIC.model, num_classes=5)).resolved().dataset == "own"
    with pytest.raises(LenetError, match="MNIST is not on this machine"):
        RunConfig(dataset="mnist").resolved()


def test_a_run_that_waits_for_its_data_takes_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made.use(tmp_path / "later", monkeypatch)
    run = runs.create(OWN, "r")
    assert run.config.dataset == "auto" and train_run(run).code == "data_dir_absent"
    made.write_own(folder, classes=4)
    assert train_run(run).state == "finished"
    assert (run.config.dataset, run.config.model.num_classes) == ("own", 4)


# -- going on --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_goes_on_with_its_own_images_wherever_they_lie(own: Path, seed: int) -> None:
    run = stopped(replace(OWN, seed=seed))
    made.pack(own)
    assert train_run(run).state == "finished"


def as_many(own: Path) -> None:
    made.write_own(own, classes=5, seed=1)


def fewer(own: Path) -> None:
    made.write_own(own, 40, classes=5)


def larger(own: Path) -> None:
    made.write_own(own, classes=5, size=(30, 30))


def other_classes(own: Path) -> None:
    made.write_own(own, classes=7)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (as_many, "was begun on other images, as many as {own} holds (own images): their checksum is"),
        (larger, "was begun on other images, as many as {own} holds (own images): their checksum is"),
        (other_classes, "was begun on other images, as many as {own} holds (own images): their checksum is"),
        (fewer, "was begun on other images: on 50 + 10 (own images). {own} holds 40 + 10."),
    ],
)
def test_it_does_not_go_on_with_others(
    own: Path, change: Callable[[Path], None], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = stopped()
    change(own)
    expected = f"The run “r” {sentence.format(own=own)}"
    with pytest.raises(LenetError) as refusal:  # on a page: nothing happens to the run
        run.request("resume")
    assert str(refusal.value).startswith(expected)
    assert run.status().state == "stopped" and not run.requested("resume")
    assert train.main(["--resume", "r"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(expected) and err.count("\n") == 1 and "Traceback" not in out + err
    assert run.status().state == "stopped"
    steps = run.steps()["step"].tolist()
    status = train_run(run)  # a worker that took it up all the same
    assert status.state == "failed" and say(status.code, status.params or {}).startswith(expected)
    assert run.steps()["step"].tolist() == steps
    made.write_own(own, classes=5)
    assert train_run(run).state == "finished"  # with its own it goes on


def test_the_same_settings_on_other_images_are_another_run(own: Path) -> None:
    run = runs.create(OWN, "r")
    train_run(run)
    assert runs.find_equal(OWN) == run
    as_many(own)
    assert runs.find_equal(OWN) is None


def test_a_finished_run_is_not_extended_on_others(own: Path) -> None:
    run = runs.create(OWN, "r")
    train_run(run)
    as_many(own)
    with pytest.raises(LenetError, match="was begun on other images"):
        run.request("extend", epochs=3)
    assert run.status().state == "finished" and run.config.epochs == 2


def test_a_run_of_another_data_set_names_it(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = made.shrunk("emnist-letters", monkeypatch)
    made.use(made.write(tmp_path / "letters", known), monkeypatch)
    run = stopped()
    made.use(own, monkeypatch)
    assert say(*_said(train_run(run))) == (
        f"The run “r” was begun on other images: on EMNIST letters, which is not on this machine. {own} holds 50 + 10 images of "
        "28×28 in 5 classes."
    )


def _said(status: runs.Status) -> tuple[str, dict[str, object]]:
    return status.code, status.params or {}


OLD = ("dataset", "classes", "train_size", "test_size", "checksum")
"""What older versions did not write into status.json; nor `dataset` into config.json."""


def made_older(run: Run) -> None:
    """Take away from a run what an older version did not keep."""
    for name in ("config.json", "status.json"):
        stored = json.loads((run.path / name).read_text())
        files.write_json(run.path / name, {k: v for k, v in stored.items() if k not in OLD})


@pytest.mark.parametrize("source", ["sample", "full"])
def test_a_run_of_an_older_version_goes_on_and_then_keeps_its_images(source: str) -> None:
    if data.find().kind == "sample" and source == "full":
        pytest.skip("the full data set is not on this machine")
    config = replace(SHORT, data=source, examples_per_epoch=2560)
    whole = runs.create(config, "whole")
    train_run(whole)
    run = stopped(config)
    made_older(run)
    assert run.data_set == data.FASHION_MNIST and run.stored_status().checksum == ""
    sizes = {"full": data.FASHION_MNIST.sizes, "sample": data.FASHION_MNIST.sample_sizes}
    assert len(run.images("train")[0]) == sizes[source]["train"]
    assert train_run(run).state == "finished"
    assert run.stored_status().checksum == whole.stored_status().checksum == data.find(source).checksum
    assert (run.stored_status().dataset, run.stored_status().train_size) == (
        "fashion-mnist",
        len(run.images("train")[0]),
    )
    for name, w in whole.weights().items():
        assert np.array_equal(w, run.weights()[name])


def test_an_older_run_does_not_go_on_with_what_is_not_fashion_mnist(own: Path) -> None:
    run = stopped()
    made_older(run)
    assert say(*_said(train_run(run))).startswith("The run “r” was begun on other images: on Fashion-MNIST")


# -- a damaged checkpoint --------------------------------------------------------------------------------------------


def rewrite(run: Run, change: Callable[[dict[str, object], dict[str, object]], None]) -> None:
    """Change tensors and values of a checkpoint."""
    path = run.path / "checkpoint.safetensors"
    tensors, values = read_checkpoint(path)
    change(tensors, values)  # type: ignore[arg-type]
    save_file(tensors, path, {"values": json.dumps(values)})


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: (run.path / "checkpoint.safetensors").write_bytes(b""),
        lambda run: (run.path / "checkpoint.safetensors").write_bytes(b"<html>"),
        lambda run: cut(run.path / "checkpoint.safetensors"),
        lambda run: save_file(load_file(run.path / "checkpoint.safetensors"), run.path / "checkpoint.safetensors"),
        lambda run: rewrite(run, lambda tensors, _values: tensors.pop("net.0.weight")),
        lambda run: rewrite(run, lambda tensors, _values: tensors.update({"net.0.weight": np.zeros((6, 1, 3, 3))})),
        lambda run: rewrite(run, lambda tensors, _values: tensors.update({"x.nothing": np.zeros(3)})),
        lambda run: rewrite(run, lambda _tensors, values: values.pop("metrics")),
        lambda run: rewrite(run, lambda _tensors, values: values.update(metrics=[])),
        lambda run: rewrite(run, lambda _tensors, values: values.update(metrics=[[1, 2]])),
        lambda run: rewrite(run, lambda _tensors, values: values.update(epoch=7)),
        lambda run: rewrite(run, lambda _tensors, values: values.update(i=-1)),
        lambda run: rewrite(run, lambda _tensors, values: values.update(i="x")),
        lambda run: rewrite(run, lambda _tensors, values: values.update(train_seconds=None)),
    ],
)
@pytest.mark.usefixtures("own")
def test_a_damaged_checkpoint_is_one_sentence(
    damage: Callable[[Run], object], capsys: pytest.CaptureFixture[str]
) -> None:
    run = stopped()
    damage(run)
    assert train.main(["--resume", "r"]) == 1
    status = run.status()
    assert (status.state, status.code) == ("failed", "run_damaged")
    sentence = say(*_said(status))
    assert (
        sentence.startswith("The file checkpoint.safetensors of the run “r” cannot be read: ")
        and "\n" not in sentence
    )
    out, err = capsys.readouterr()
    assert sentence in out and "Traceback" not in out + err
    assert len(run.metrics()["epoch"]) == 1  # what was there stays


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


# -- damaged images ----------------------------------------------------------------------------------------------------


def test_damage_inside_a_gzip_file_ends_a_run_with_a_sentence(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its head and its end are whole: that is all that one looks at before the images are needed."""
    made.pack(own)
    path = own / "train-images-idx3-ubyte.gz"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)
    status = train_run(runs.create(OWN, "r"))
    assert status.state == "failed" and say(*_said(status)).startswith(f"The data file {path} ")
    assert "Traceback" not in capsys.readouterr().err


# -- the exported script ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("form", ["emnist-letters", "32×30", "20×20", "names"])
def test_the_exported_script_trains_on_the_same_images(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "d"
    if form == "emnist-letters":
        made.write(folder, made.shrunk(form, monkeypatch))
    else:
        made.write_own(folder, size={"32×30": (32, 30), "20×20": (20, 20)}.get(form, (28, 28)), classes=5)
    if form == "names":
        for path in list(folder.iterdir()):
            path.rename(folder / path.name.replace("-idx", ".idx"))
        made.pack(folder)
    made.use(folder, monkeypatch)
    run = runs.create(replace(OWN, lr=0.5, init="torch_default"), "r")
    lines: list[str] = []
    train_run(run, say=lines.append)
    script = tmp_path / "script.py"
    script.write_text(code.of_run(run), encoding="utf-8")
    printed = run_here(script, "--data", str(folder))
    numbers = [[float(x) for x in re.findall(r"[\d.]+", text)] for text in (printed, "".join(lines[1:]))]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.011) and len(numbers[0]) == 8


def test_the_script_of_own_images_needs_their_folder(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = runs.create(OWN, "r")
    text = code.of_run(run)
    assert "torchvision" not in text.replace("Needs torch, torchvision and numpy", "")
    script = tmp_path / "script.py"
    script.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        run_here(script)
    assert end.value.code == 2 and capsys.readouterr().err == "--data must name the folder of the four idx files.\n"
    shutil.rmtree(own)
    assert code.of_run(run)


def test_the_script_fetches_a_part_of_emnist_by_its_name() -> None:
    text = code.as_script(replace(CLASSIC, dataset="emnist-letters"))
    assert 'EMNIST("data", split="letters", train=split == "train", download=True)' in text
    assert "labels = labels - 1" in text and "swapaxes(1, 2)" in text


# -- the command -----------------------------------------------------------------------------------------------------


def test_the_command_trains_on_what_is_asked_for(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--epochs", "1", "--device", "cpu", "--run-id", "a"]) == 0
    assert f"training on cpu; data: own images in {own}: 50 + 10 in 5 classes\n" in capsys.readouterr().out
    assert train.main(["--dataset", "mnist", "--run-id", "b"]) == 2
    assert capsys.readouterr().err.startswith(
        f"MNIST is not on this machine: {own} holds 50 + 10 images of 28×28 in 5 classes"
    )
    assert train.main(["--dataset", "fashion-mnist", "--epochs", "1", "--device", "cpu", "--run-id", "c"]) == 0
    assert "data: bundled sample of Fashion-MNIST, 6,000 + 1,000 images\n" in capsys.readouterr().out
    monkeypatch.setenv("LENET_DATA_DIR", str(tmp_path / "nothing"))
    assert train.main(["--run-id", "d"]) == 2
    assert capsys.readouterr().err.startswith(f"LENET_DATA_DIR names {tmp_path}/nothing, but there is no such folder")
    assert sorted(path.name for path in paths.runs_dir().iterdir() if path.name[0] != ".") == ["a", "c"]
