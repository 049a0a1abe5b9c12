"""TensorBoard's event files: what stands in them as TensorBoard itself reads it, and when they are written."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import urllib.request
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator
from tensorboard.plugins.hparams import api_pb2, plugin_data_pb2

from lenet import runs, train
from lenet.architecture.network import LeNet, layer_table
from lenet.common import colours, paths
from lenet.common.errors import LenetError
from lenet.runs import Run
from lenet.runs.configuration import CLASSIC, MODERN
from lenet.training import events, tensorboard
from lenet.training.run import train_run
from tests.helpers.made import finished, set_status
from tests.helpers.processes import Process, answers, free_port, wait_for
from tests.helpers.training import SHORT

WEIGHTS = ("0.weight", "3.weight", "7.weight", "9.weight", "11.weight")


def read(folder: Path) -> EventAccumulator:
    """What TensorBoard finds in a folder."""
    return EventAccumulator(str(folder), STORE_EVERYTHING_SIZE_GUIDANCE).Reload()


def unpacked(run: Run, folder: Path) -> Path:
    """The folder with the event file of a run in its download, taken out of it."""
    with zipfile.ZipFile(io.BytesIO(tensorboard.zipped(run))) as archive:
        archive.extractall(folder)
    return folder / run.id


def table(run: Run, name: str) -> list[dict[str, str]]:
    with (run.path / name).open(newline="", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def event_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*tfevents*"))


# -- what is in them -----------------------------------------------------------------------------------------------


def test_curves_are_what_the_run_has(tmp_path: Path) -> None:
    run = runs.find("reference-classic")
    found = read(unpacked(run, tmp_path))
    metrics, steps, gradients = (table(run, f"{name}.csv") for name in ("metrics", "steps", "gradients"))
    expected = {
        "loss/train": [(row["step"], row["loss"]) for row in metrics],
        "accuracy/train": [(row["step"], row["train_acc"]) for row in metrics],
        "accuracy/test": [(row["step"], row["test_acc"]) for row in metrics],
        "examples_per_sec": [(row["step"], row["examples_per_sec"]) for row in metrics],
        "loss/step": [(row["step"], row["loss"]) for row in steps],
        "learning_rate/lr": [(row["step"], "0.9") for row in steps],
    } | {f"gradient_norm/{name}": [(row["step"], row[name]) for row in gradients] for name in WEIGHTS}
    assert {*found.Tags()["scalars"]} == {*expected, "kernels/largest_weight"}
    for tag, rows in expected.items():
        values = found.Scalars(tag)
        assert [event.step for event in values] == [int(step) for step, _value in rows]
        np.testing.assert_allclose([event.value for event in values], [float(value) for _step, value in rows], 1e-6)


def test_times_are_those_of_training(tmp_path: Path) -> None:
    """The relative axis tells seconds of training, on which wall-clock time begins when the run was made."""
    run = runs.find("reference-classic")
    status, values = run.status(), read(unpacked(run, tmp_path)).Scalars("loss/step")
    times = np.array([event.wall_time for event in values])
    assert (np.diff(times) > 0).all()
    assert times[-1] - status.created == pytest.approx(status.train_seconds, rel=0.01)
    took = 60_000 / float(table(run, "metrics.csv")[0]["examples_per_sec"])
    assert times[234] - status.created == pytest.approx(took, abs=1e-3), "the end of the first epoch"


@pytest.mark.parametrize("epochs", [0, 3])
def test_times_behind_the_last_epoch_go_on_at_its_speed(epochs: int) -> None:
    run = finished("mine")
    lines = (run.path / "metrics.csv").read_text().splitlines(keepends=True)
    (run.path / "metrics.csv").write_text("".join(lines[: 1 + epochs]))
    set_status(run, state="stopped", step=800, started_step=0, started=100.0, updated=180.0, created=50.0)
    at = np.array([0, 700, 705, 800])
    if epochs:
        took = sum(60_000 / float(line.split(",")[5]) for line in lines[1:4])
        expected = 50 + took * np.array([0, 700, 705, 800]) / 705
        np.testing.assert_allclose(events.seconds(run, at)[[0, 2, 3]], expected[[0, 2, 3]])
    else:
        np.testing.assert_allclose(events.seconds(run, at), 50 + at / 10)


def test_kernels_are_pictures(tmp_path: Path) -> None:
    run = runs.find("reference-classic")
    found, (steps, kernels) = read(unpacked(run, tmp_path)), run.kernels()
    pictures = found.Images("kernels")
    assert [picture.step for picture in pictures] == steps.tolist()
    largest = found.Scalars("kernels/largest_weight")
    np.testing.assert_allclose([e.value for e in largest], np.abs(kernels).max((1, 2, 3, 4)), rtol=1e-6)
    last = np.asarray(Image.open(io.BytesIO(pictures[-1].encoded_image_string)).convert("RGB"))
    cells = last[events.CELL // 2 :: events.CELL, events.CELL // 2 :: events.CELL]  # 2 rows of 3, white between them
    assert cells.shape == (13, 19, 3) and (cells[[0, 6, 12]] == 255).all() and (cells[:, [0, 6, 12, 18]] == 255).all()
    for n, (kernel,) in enumerate(kernels[-1]):
        top, left = n // 3 * 6 + 1, n % 3 * 6 + 1
        drawn = cells[top : top + 5, left : left + 5].astype(int)
        exact = colours.rgb(0.5 + kernel / (2 * largest[-1].value), colours.DIVERGING).astype(int)
        assert np.abs(drawn - exact).max() <= 2, "to the nearest of 255 shades"
    darkest = np.unravel_index(np.abs(kernels[-1]).argmax(), kernels[-1].shape)
    n, _channel, y, x = (int(i) for i in darkest)
    shown = cells[n // 3 * 6 + 1 + y, n % 3 * 6 + 1 + x]
    ends = [tuple(bytes.fromhex(str(color)[1:])) for _place, color in (colours.DIVERGING[0], colours.DIVERGING[-1])]
    assert tuple(shown.tolist()) in ends


@pytest.mark.parametrize(("out", "channels", "side"), [(1, 1, 1), (64, 3, 5), (256, 1, 11), (7, 2, 3)])
def test_sheets_of_other_networks(out: int, channels: int, side: int) -> None:
    kernels = np.random.default_rng(0).normal(size=(out, channels, side, side)).astype(np.float32)
    kernels[0, 0, 0, 0] = np.nan
    picture = events.sheet(kernels)
    assert picture.width <= events.WIDTH and picture.height <= 4 * picture.width
    plain = np.asarray(events.sheet(np.zeros_like(kernels)).convert("RGB"))
    assert (plain >= 0xF7).all(), "nothing but the middle of the scale, and white"


def test_the_graph_is_the_network(tmp_path: Path) -> None:
    nodes = read(unpacked(runs.find("reference-classic"), tmp_path)).Graph().node
    rows = layer_table(LeNet())
    assert [node.op for node in nodes] == ["images", *(row.type for row in rows)]
    assert [list(node.input) for node in nodes] == [[], *([node.name] for node in nodes[:-1])]
    for node, shape in zip(nodes, [rows[0].input_shape, *(row.output_shape for row in rows)], strict=True):
        (told,) = node.attr["_output_shapes"].list.shape
        assert [d.size for d in told.dim] == [-1, *shape[1:]]
    assert nodes[1].attr["arguments"].s == b"1, 6, kernel_size=5, padding=2"


def test_settings_are_hyperparameters(tmp_path: Path) -> None:
    run = runs.find("reference-modern")
    found = hyperparameters(read(unpacked(run, tmp_path)))
    values = found["_hparams_/session_start_info"].session_start_info.hparams
    assert values["lr"].number_value == MODERN.lr and values["optimizer"].string_value == "muon"
    assert values["model.channels"].string_value == "[6, 16]" and values["model.batch_norm"].bool_value is False
    assert {*values} == {*runs.configuration.flat(run.config)}
    experiment = found["_hparams_/experiment"].experiment
    assert {info.name for info in experiment.hparam_infos} == {*values}
    assert [info.name.tag for info in experiment.metric_infos] == ["loss/train", "accuracy/train", "accuracy/test"]
    assert found["_hparams_/session_end_info"].session_end_info.status == api_pb2.STATUS_SUCCESS


def hyperparameters(found: EventAccumulator) -> dict[str, Any]:
    contents = found.PluginTagToContent("hparams")
    return {tag: plugin_data_pb2.HParamsPluginData.FromString(content) for tag, content in contents.items()}


def test_the_learning_rate_is_that_of_the_step(tmp_path: Path) -> None:
    """One cycle: up for a tenth of the steps, down to nothing at the last."""
    found = read(unpacked(runs.find("reference-modern"), tmp_path))
    for name, peak in (("lr", MODERN.lr), ("muon_lr", MODERN.muon_lr)):
        rates = [event.value for event in found.Scalars(f"learning_rate/{name}")]
        assert np.argmax(rates) == 235 and max(rates) == pytest.approx(peak)
        assert rates[0] == pytest.approx(peak / 236) and rates[-1] == pytest.approx(peak / 2115)


def test_further_columns_of_the_metrics_come_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a validation split under names beside the others; what was not measured in an epoch is left out."""
    run = runs.find("reference-classic")
    more = {"val_acc": np.linspace(0.1, 0.9, 10), "val_loss": np.full(10, np.nan), "own": np.arange(10.0)}
    more["test_loss"] = np.where(np.arange(10) < 4, np.nan, 0.5)
    metrics = run.metrics()
    monkeypatch.setattr(Run, "metrics", lambda self: metrics | more)
    found = read(unpacked(run, tmp_path))
    assert [e.value for e in found.Scalars("accuracy/validation")] == pytest.approx(more["val_acc"])
    assert [e.step for e in found.Scalars("loss/test")] == [1175, 1410, 1645, 1880, 2115, 2350]
    assert [e.value for e in found.Scalars("own")] == [*range(10)]
    assert "loss/validation" not in found.Tags()["scalars"]
    compared = hyperparameters(found)["_hparams_/experiment"].experiment.metric_infos
    assert {"accuracy/validation", "loss/test"} <= {info.name.tag for info in compared}


def test_a_long_run_has_fewer_points_and_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_STEPS", 100)
    run = finished("mine")
    whole = events.scalars(run)
    steps, losses = whole["loss/step"]
    assert len(steps) == 100 and steps[-1] == 2350
    assert len(whole["gradient_norm/0.weight"][0]) == len(whole["learning_rate/lr"][0]) == 100
    np.testing.assert_array_equal(losses, run.steps()["loss"][steps - 1])
    lines = (run.path / "steps.csv").read_text().splitlines(keepends=True)
    (run.path / "steps.csv").write_text("".join(lines[:1001]))
    np.testing.assert_array_equal(events.scalars(run)["loss/step"][0], steps[steps <= 1000], "as while it grew")


def test_a_run_that_still_waits_has_its_settings_and_its_network(tmp_path: Path) -> None:
    run = runs.create(CLASSIC, "waits")
    found = read(unpacked(run, tmp_path))
    assert found.Tags()["scalars"] == found.Tags()["images"] == []
    assert {*hyperparameters(found)} == {"_hparams_/experiment", "_hparams_/session_start_info"}
    assert len(found.Graph().node) == 13


def test_no_torch_is_loaded() -> None:
    code = (
        "import sys; from lenet import runs; from lenet.training import tensorboard; assert 'tensorboard' not in sys.modules;"
        "assert tensorboard.zipped(runs.find('reference-classic')); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, check=True)


# -- while a run is trained ----------------------------------------------------------------------------------------


def test_a_file_that_grows_ends_as_one_that_is_made_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorboard, "MAX_SHARE", 1e9)
    run = runs.create(SHORT, "r")
    seen: list[int] = []

    def look(extend: Any) -> None:
        extend()
        seen.append(read(tmp_path).Scalars("loss/step")[-1].step)

    with tensorboard.following(run, tmp_path, say=print) as extend:
        train_run(run, after_epoch=lambda: look(extend))
    assert seen == [24, 48]
    (grown,) = event_files(tmp_path)
    at_once = io.BytesIO()
    events.EventFile(run, at_once).finish()
    assert grown.read_bytes() == at_once.getvalue()


def test_a_run_that_goes_on_has_no_step_twice(tmp_path: Path) -> None:
    """A TensorBoard that is open reads on: its file of before is emptied, not taken away. Files of others stay."""
    options = ["--data", "sample", "--device", "cpu", "--run-id", "r", "--tensorboard"]
    assert train.main([*options, "--epochs", "1"]) == 0
    folder = runs.find("r").path / "tensorboard"
    (first,) = event_files(folder)
    watching = read(folder)
    assert len(watching.Scalars("loss/step")) == 24
    assert train.main(["--resume", "r", "--epochs", "2", "--tensorboard"]) == 0
    before, second = event_files(folder)
    assert before == first and before.stat().st_size == 0
    for found in (watching.Reload(), read(folder)):
        assert [event.step for event in found.Scalars("loss/step")] == [*range(1, 49)]
        assert [event.step for event in found.Scalars("accuracy/test")] == [24, 48]
    (other := folder / "events.out.tfevents.1.other").write_bytes(b"theirs")
    assert train.main(["--resume", "r", "--tensorboard"]) == 0, "a finished run as well"
    assert [path.stat().st_size > 0 for path in event_files(folder)] == [True, False, True]
    assert event_files(folder)[:2] == [other, second] and other.read_bytes() == b"theirs"
    assert train.main(["--resume", "r", "--tensorboard", str(tmp_path / "logs")]) == 0
    assert len(read(tmp_path / "logs" / "r").Scalars("loss/step")) == 48


def test_a_run_that_diverges_has_failed(tmp_path: Path) -> None:
    run = runs.create(replace(SHORT, model=replace(CLASSIC.model, activation="leaky_relu"), lr=100.0), "r")
    with tensorboard.following(run, tmp_path, say=print) as extend:
        assert train_run(run, after_epoch=extend).code == "diverged"
    found = read(tmp_path)
    assert len(found.Scalars("loss/step")) == len(run.steps()["loss"])
    assert hyperparameters(found)["_hparams_/session_end_info"].session_end_info.status == api_pb2.STATUS_FAILURE


def test_a_disk_that_fills_does_not_end_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, said = runs.create(SHORT, "r"), []

    def full(self: events.EventFile) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tensorboard, "MAX_SHARE", 1e9)
    monkeypatch.setattr(events.EventFile, "extend", full)
    with tensorboard.following(run, tmp_path, said.append) as extend:
        assert train_run(run, after_epoch=extend).state == "finished"
    assert len(said) == 1 and "No space left on device" in said[0]


# -- where it cannot be --------------------------------------------------------------------------------------------


def test_a_missing_package_is_said_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tensorboard, "is_installed", lambda: False)
    with pytest.raises(LenetError, match=r": pip install tensorboard$"):
        tensorboard.zipped(runs.find("reference-classic"))
    assert train.main(["--tensorboard", "--run-id", "r"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (paths.runs_dir() / "r").exists(), "nothing was begun"


def test_a_folder_that_cannot_be_written_is_said_before_anything_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert train.main(["--tensorboard", str(tmp_path / "file"), "--run-id", "r"]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err
    assert not (paths.runs_dir() / "r").exists()
    assert train.main(["--resume", "reference-classic", "--tensorboard"]) == 2
    said = capsys.readouterr().err
    assert "came with the app" in said and "--tensorboard DIR" in said


# -- TensorBoard ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_tensorboard_serves_them(tmp_path: Path) -> None:
    unpacked(runs.find("reference-classic"), tmp_path)
    unpacked(runs.find("reference-modern"), tmp_path)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "tensorboard.main",
        "--logdir",
        str(tmp_path),
        f"--port={port}",
        "--host=127.0.0.1",
    ]

    def ask(what: str, body: Any = None) -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{port}/data/{what}", body and json.dumps(body).encode())
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    with Process(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/data/runs") or server.poll() is not None)
        wait_for(lambda: len(ask("plugin/scalars/tags")) == 2)
        points = ask("plugin/scalars/scalars?run=reference-modern&tag=accuracy/test")
        assert [step for _time, step, _value in points] == [235 * n for n in range(1, 11)]
        assert all(len(tags) == 12 + (run == "reference-modern") for run, tags in ask("plugin/scalars/tags").items())
        assert ask("plugin/images/images?run=reference-classic&tag=kernels&sample=0")[-1]["step"] == 2350
        assert ask("plugin/graphs/info")["reference-classic"]["run_graph"]
        wanted = {"startIndex": 0, "sliceSize": 9, "allowedStatuses": ["STATUS_SUCCESS"]}
        groups = ask("plugin/hparams/session_groups", wanted)["sessionGroups"]
        assert {group["hparams"]["recipe"] for group in groups} == {"classic", "modern"}
