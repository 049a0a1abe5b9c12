"""What is taken along of a run is the run: its settings train it again, its files compute what its network computes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load, load_file

from lenet import export as command
from lenet import model, runs, train
from lenet.common.errors import LenetError
from lenet.kernels import upload
from lenet.runs import export, onnx_export
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import recorder
from lenet.training.run import train_run
from tests.helpers import made
from tests.helpers.training import same

REFERENCE = "reference-modern"


def images() -> np.ndarray:
    return runs.find(REFERENCE).images("test")[0][:200].astype(np.float32) / 255


def logits(raw: bytes) -> np.ndarray:
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    (out,) = session.run(["logits"], {"images": images()})
    return np.asarray(out)


# -- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("config", [CLASSIC, replace(MODERN, epochs=3, cycles=(1,))], ids=["classic", "extended"])
def test_the_settings_train_the_same_run_again(config: RunConfig, tmp_path: Path) -> None:
    small = replace(config.model, channels=(2, 3), hidden=(8,))
    config = replace(config, model=small, seed=5, epochs=max(2, *config.cycles) + 1 if config.cycles else 2)
    first = runs.create(replace(config, data="sample", device="cpu", examples_per_epoch=500), "first")
    train_run(first)
    path = tmp_path / "config.json"
    path.write_bytes(export.config_json(first))
    assert train.main(["--config", str(path), "--run-id", "again"]) == 0
    again = runs.find("again")
    assert again.config == first.config
    same(first, again)


def test_the_settings_say_which_images_they_were() -> None:
    """A run that took what there was is not trained again on others without a word."""
    run = runs.create(CLASSIC, "r")
    assert json.loads(export.config_json(run))["data"] == "auto"
    made.set_status(run, data="sample", state="finished")
    written = json.loads(export.config_json(run))
    assert written["data"] == "sample"
    assert RunConfig.from_dict(written) == replace(run.config, data="sample")


# -- weights -------------------------------------------------------------------------------------------------------


def test_weights_are_read_by_safetensors_and_build_the_network_again(tmp_path: Path) -> None:
    run, path = runs.find(REFERENCE), tmp_path / "w.safetensors"
    path.write_bytes(export.weights(run))
    for name, tensor in load_file(path).items():
        assert np.array_equal(tensor.numpy(), run.weights()[name])
    told = model.describe(path)
    assert (told.config, told.data_set, told.classes[9]) == (run.config.model, "Fashion-MNIST", "Ankle boot")
    assert (told.epoch, told.step, told.test_accuracy) == (10, 2350, 0.9288)
    with torch.no_grad():
        found = model.load(path)(torch.from_numpy(images())).argmax(1).numpy()
    classes, _confidence = run.predictions() or (None, None)
    assert classes is not None and np.array_equal(found, classes[:200])


def test_the_gallery_reads_them() -> None:
    run = runs.find(REFERENCE)
    first, second = upload.convolutions(export.weights(run))
    assert (first.name, second.name) == ("0.weight", "3.weight")
    assert np.array_equal(first.kernels, run.weights()["0.weight"])  # type: ignore[arg-type]


def test_a_run_that_was_stopped_in_an_epoch_has_no_accuracy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has tested these weights. And those of its last whole epoch keep theirs while it goes on."""
    for name in ("LOOK_EVERY", "MAX_PAUSE"):  # it looks at every step
        monkeypatch.setattr(recorder, name, 0.0)
    config = replace(made.SHORT, epochs=2, examples_per_epoch=512, model=replace(CLASSIC.model, channels=(2, 2)))
    run = runs.create(config, "r")
    status = train_run(run, stopping=lambda: run.stored_status().step == 3)
    ended = export.description(run, export.stored(run))
    assert status.state == "stopped"
    assert (ended.epoch, ended.step, ended.test_accuracy) == (1, 3, None)
    train_run(run)
    ended = export.description(run, export.stored(run))
    assert (ended.epoch, ended.step, ended.test_accuracy) == (2, 4, run.metrics()["test_acc"][-1])
    assert ended.data_set == "Fashion-MNIST, bundled sample"
    made.set_status(run, state="running", step=3)  # the weights in the file are not those of the status
    assert export.description(run, export.stored(run)) == ended


def test_the_best_weights_say_how_good_they_are() -> None:
    config = replace(made.SHORT, epochs=3, examples_per_epoch=500, validation=0.1, lr=0.5)
    run = runs.create(replace(config, model=replace(CLASSIC.model, activation="relu", channels=(2, 2))), "r")
    train_run(run)
    best, metrics = run.best(), run.metrics()
    told = export.description(run, export.stored(run, runs.BEST))
    row = int(best["epoch"]) - 1
    assert (told.epoch, told.step, told.test_accuracy) == (row + 1, metrics["step"][row], metrics["test_acc"][row])
    (first, _second) = upload.convolutions(export.weights(run, runs.BEST))
    assert first.name == "0.weight"


def test_without_weights_there_is_a_sentence() -> None:
    run = runs.create(CLASSIC, "r")
    path = run.path / "model.safetensors"
    for content, reason in ((None, "no such file"), (b"", "Error"), (b"\xff" * 100, "Error")):
        if content is not None:
            path.write_bytes(content)
        for make in (export.weights, onnx_export.make):
            with pytest.raises(LenetError, match=rf"model.safetensors of the run “r” cannot be read: .*{reason}"):
                make(run)


# -- ONNX ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_an_onnx_file_is_made_once_for_each_version_of_the_weights(no_processes: list[tuple[str, ...]]) -> None:
    run = made.finished("mine", "modern")
    assert not onnx_export.is_ready(run) and not onnx_export.is_at_work(run)
    onnx_export.start(run)
    assert no_processes == [("lenet.runs.onnx_export", "mine")]
    assert onnx_export.main(["mine"]) == 0  # what the process does
    assert onnx_export.is_ready(run)
    raw = onnx_export.read(run)
    with torch.no_grad():
        net = model.LeNet(run.config.model)
        net.load_state_dict(load(export.weights(run)))
        wanted = net.eval()(torch.from_numpy(images())).numpy()
    assert np.abs(logits(raw) - wanted).max() <= 1e-5
    before = (run.path / onnx_export.FILE).stat()
    assert onnx_export.main(["mine"]) == 0
    assert (run.path / onnx_export.FILE).stat() == before, "it is not made twice"
    os.utime(run.path / "model.safetensors")  # the run was trained on
    assert not onnx_export.is_ready(run)


def test_a_failure_is_told_until_it_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made.finished()
    monkeypatch.setattr("lenet.architecture.onnx_file.is_installed", lambda name: False)
    assert onnx_export.main([run.id]) == 1
    failed = onnx_export.failure(run)
    assert failed is not None and "pip install onnx onnxscript" in str(failed)
    onnx_export.start(run)
    assert onnx_export.failure(run) is None
    assert onnx_export.main(["nobody"]) == 1


# -- the command ---------------------------------------------------------------------------------------------------


def test_the_command_writes_what_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"config": "c.json", "weights": "w.safetensors", "onnx": "m.onnx", "script": "t.py"}
    words = [word for option, name in names.items() for word in (f"--{option}", str(tmp_path / name))]
    assert command.main([REFERENCE, *words]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / name) for name in names.values()]
    assert RunConfig.from_dict(json.loads((tmp_path / "c.json").read_text())) == replace(
        runs.find(REFERENCE).config, data="full"
    )
    net = model.load(tmp_path / "w.safetensors")
    with torch.no_grad():
        wanted = net(torch.from_numpy(images())).numpy()
    assert np.abs(logits((tmp_path / "m.onnx").read_bytes()) - wanted).max() <= 1e-5
    assert (tmp_path / "t.py").read_text().startswith('"""modern: 10 epochs')


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, code, told in (
        (["nobody", "--config", "c"], 1, "There is no run called “nobody” here."),
        ([REFERENCE, "--config", str(tmp_path / "none" / "c")], 1, "there is no folder"),
        ([REFERENCE, "--config", str(tmp_path)], 1, "it is a folder"),
        (
            [REFERENCE, "--best", str(tmp_path / "b")],
            1,
            "The file best.safetensors of the run “reference-modern” cannot",
        ),
    ):
        assert command.main(words) == code
        error = capsys.readouterr().err
        assert told in error and len(error.splitlines()) == 1
    with pytest.raises(SystemExit) as end:
        command.main([REFERENCE])
    assert end.value.code == 2 and "--config, --weights, --best, --onnx, --script" in capsys.readouterr().err
