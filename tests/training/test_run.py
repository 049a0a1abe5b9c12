"""The trainer: the note's mathematics, a run directory that survives anything, the command line."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from lenet import data, runs, train
from lenet.architecture.network import LeNet
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.training import optimizers
from lenet.training import recorder as record
from lenet.training import trainer as engine
from lenet.training.run import forget_peak_memory, peak_memory, train_run
from tests.helpers.processes import Process

CPU = torch.device("cpu")
SAMPLE = data.Source("sample", paths.SAMPLE_DIR)
SHORT = replace(CLASSIC, epochs=2, data="sample", device="cpu")


@pytest.fixture(scope="session")
def splits() -> tuple[engine.Dataset, engine.Dataset]:
    return engine.Dataset.load("train", SAMPLE, CPU), engine.Dataset.load("test", SAMPLE, CPU)


def cut(split: engine.Dataset, n: int) -> engine.Dataset:
    return engine.Dataset(split.pixels[:n], split.labels[:n])


def test_images_are_what_totensor_gives(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    from torchvision.transforms.functional import to_tensor

    images, labels = data.load("train", "sample")
    expected = torch.stack([to_tensor(x[0].copy()) for x in images[:50]])
    assert torch.equal(splits[0].images(slice(50)), expected)
    assert splits[0].labels[:50].tolist() == labels[:50].tolist()


def test_an_epoch_is_the_notes_loop(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    """From the same weights over the same batches: the loop written as in the note gives the same losses."""
    config = replace(SHORT, batch_size=64)
    ours = engine.Trainer(config, cut(splits[0], 1000), splits[1])
    net = LeNet()
    net.load_state_dict(ours.net.state_dict())
    seen: list[float] = []
    loss, acc = ours.run_epoch(lambda: seen.append(float(ours.losses[ours.i - 1])))

    order = torch.randperm(1000, generator=torch.Generator().manual_seed(config.seed * 1_000_003))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.9)
    expected, correct = [], 0
    for batch in order.split(64):
        X, y = ours.train.images(batch), ours.train.labels[batch]
        optimizer.zero_grad()
        y_hat = net(X)
        l = F.cross_entropy(y_hat, y)  # noqa: E741 - the note's name
        l.backward()
        optimizer.step()
        expected.append((l.item(), len(y)))
        correct += int((y_hat.argmax(1) == y).sum())
    np.testing.assert_allclose(seen, [x for x, _n in expected], rtol=2e-4)
    assert loss == pytest.approx(sum(x * n for x, n in expected) / 1000, rel=1e-4)
    assert acc == pytest.approx(correct / 1000, abs=0.003)


def test_xavier_is_the_notes_initialisation() -> None:
    torch.manual_seed(0)
    net = LeNet()
    biases = net[0].bias.clone()
    optimizers.init_weights(net, "xavier_uniform")
    bound = (6 / (1 * 25 + 6 * 25)) ** 0.5  # sqrt(6 / (fan_in + fan_out)), Glorot and Bengio 2010
    assert 0.9 * bound < float(net[0].weight.detach().abs().max()) <= bound
    assert torch.equal(net[0].bias, biases)


def test_accuracy(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    net = LeNet().eval()
    with torch.no_grad():
        expected = (net(splits[1].images(slice(None))).argmax(1) == splits[1].labels).float().mean().item()
    assert engine.accuracy(net, splits[1]) == pytest.approx(expected, abs=1e-6)


def test_one_cycle_rises_to_the_peak_and_ends_near_zero() -> None:
    config = replace(MODERN, warmup=0.25, epochs=10)
    shares = [optimizers.schedule(config, s, 100) for s in range(1000)]
    assert max(shares) == pytest.approx(1, rel=0.01)
    assert 240 <= int(np.argmax(shares)) <= 260
    assert 0 < shares[0] < 0.01
    assert 0 < shares[-1] < 0.01
    assert {optimizers.schedule(CLASSIC, s, 1) for s in range(10)} == {1.0}


def test_muon_trains_all_weights_but_the_last_layers_and_adam_the_rest() -> None:
    net = LeNet()
    adam, muon = optimizers.make_optimizers(net, MODERN)
    names = {p: n for n, p in net.named_parameters()}
    assert isinstance(muon, optimizers.Muon)
    assert [names[p] for p in muon.weights] == ["0.weight", "3.weight", "7.weight", "9.weight"]
    assert [names[p] for g in adam.param_groups for p in g["params"]] == [
        "0.bias", "3.bias", "7.bias", "9.bias", "11.weight", "11.bias",
    ]  # fmt: skip
    assert (adam.param_groups[0]["lr"], muon.param_groups[0]["lr"]) == (MODERN.lr, MODERN.muon_lr)


def test_muon_for_a_captured_step_is_torchs() -> None:
    """Its learning rate is in no number that the step hands to an operation: those a CUDA graph keeps as they were.

    Kernels go as matrices, laid out in memory either way."""
    torch.manual_seed(0)
    start = torch.randn(16, 6, 5, 5)
    one = torch.nn.Parameter(start.flatten(1).clone())
    other = torch.nn.Parameter(start.to(memory_format=torch.channels_last))
    torchs, ours = torch.optim.Muon([one], 0.02, weight_decay=0.1), optimizers.Muon([other], 0.02, 0.1)
    seen = []
    for share in (0.1, 0.5, 1.0, 0.3, 0.0):
        other.grad = torch.randn(16, 6, 5, 5)
        one.grad = other.grad.flatten(1)
        torchs.param_groups[0]["lr"] = 0.02 * share
        ours.share.fill_(share)
        torchs.step()
        with Numbers() as numbers:
            ours.step()
        seen.append(numbers.handed)
        torch.testing.assert_close(other.flatten(1), one)
    assert seen[1] and all(handed == seen[1] for handed in seen[2:])  # the first step also makes its memory


class Numbers(TorchDispatchMode):
    """Context: the plain numbers that operations are handed."""

    def __init__(self) -> None:
        super().__init__()
        self.handed: list[tuple[str, list[object]]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        values = [*args, *(kwargs or {}).values()]
        self.handed.append((str(func), [v for v in values if isinstance(v, int | float)]))
        return func(*args, **(kwargs or {}))


def test_an_extension_is_a_cycle_of_its_own() -> None:
    config = replace(MODERN, warmup=0.25, epochs=10)
    longer = config.extended(14)
    assert (longer.epochs, longer.cycles) == (14, (10,))
    first = [optimizers.schedule(config, s, 100) for s in range(1000)]
    assert [optimizers.schedule(longer, s, 100) for s in range(1000)] == first
    second = [optimizers.schedule(longer, s, 100) for s in range(1000, 1400)]
    assert max(second) == pytest.approx(1, rel=0.02)
    assert second[-1] < 0.01
    with pytest.raises(LenetError):
        config.extended(10)


def test_augmentation_mirrors_and_moves() -> None:
    x = torch.rand(8, 1, 28, 28)
    assert engine.mirror_and_shift(x, None, None) is x
    mirror = torch.tensor([False, True] * 4)
    for n, image in enumerate(engine.mirror_and_shift(x, mirror, None)):
        assert torch.equal(image, x[n].flip(2) if mirror[n] else x[n])
    shift = torch.tensor([[0, 1, 2, 3, 4, 2, 2, 0], [2, 2, 2, 2, 2, 0, 4, 4]])
    for n, image in enumerate(engine.mirror_and_shift(x, mirror, shift)):
        padded = F.pad(x[n].flip(2) if mirror[n] else x[n], (2, 2, 2, 2))
        down, right = shift[:, n].tolist()
        assert torch.equal(image, padded[:, down : down + 28, right : right + 28])


def test_an_epoch_draws_every_image_once_and_each_epoch_anew(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    trainer = engine.Trainer(replace(SHORT, augment="flip_shift"), cut(splits[0], 500), splits[1])
    orders, mirrors = [], []
    for trainer.epoch in (0, 1, 0):
        trainer.begin_epoch()
        assert sorted(trainer.order.tolist()) == list(range(500))
        orders.append(trainer.order.tolist())
        mirrors.append(trainer.mirror.tolist())  # type: ignore[union-attr]
    assert orders[0] == orders[2] != orders[1]
    assert mirrors[0] == mirrors[2] != mirrors[1]
    assert 0.3 < np.mean(mirrors[0]) < 0.7
    assert set(trainer.shift.flatten().tolist()) == {0, 1, 2, 3, 4}  # type: ignore[union-attr]


def test_an_epoch_of_fewer_examples(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    trainer = engine.Trainer(replace(SHORT, examples_per_epoch=600), splits[0], splits[1])
    assert (trainer.examples, trainer.steps_per_epoch) == (600, 3)
    loss, acc = trainer.run_epoch()
    assert loss == pytest.approx(float((trainer.losses * torch.tensor([256, 256, 88])).sum()) / 600, rel=1e-5)
    assert 0 <= acc <= 1


def test_gradient_norms_are_those_of_the_weights(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    trainer = engine.Trainer(replace(SHORT, examples_per_epoch=256), splits[0], splits[1])
    net = LeNet()
    net.load_state_dict(trainer.net.state_dict())
    trainer.run_epoch()
    batch = trainer.order[:256]
    F.cross_entropy(net(splits[0].images(batch)), splits[0].labels[batch]).backward()
    expected = [net.get_parameter(name).grad.norm().item() for name in trainer.layers]
    assert trainer.layers == ["0.weight", "3.weight", "7.weight", "9.weight", "11.weight"]
    np.testing.assert_allclose(trainer.norms[0].tolist(), expected, rtol=1e-4)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks train as on a GPU, by torch.nn and autograd, but on this CPU."""
    monkeypatch.setattr(engine, "supports", lambda net: False)


@pytest.mark.usefixtures("eager")
def test_images_made_ready_for_an_epoch_are_those_of_its_order(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    """As a GPU takes them: the run is the same to the bit, also from the middle of an epoch and with fewer images."""
    config = replace(SHORT, augment="flip_shift", batch_size=100, examples_per_epoch=950, epochs=2)

    def trained(ready: bool) -> engine.Trainer:
        trainer = engine.Trainer(config, cut(splits[0], 1000), splits[1])
        if ready:
            trainer._ready = engine.Ready(trainer.train, trainer.examples)
        return trainer

    plain, ready, resumed = trained(False), trained(True), trained(True)
    assert plain.run_epoch() == ready.run_epoch()

    def stop() -> None:
        if plain.i == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        plain.run_epoch(stop)
    resumed.restore(*plain.checkpoint())
    assert plain.run_epoch() == ready.run_epoch() == resumed.run_epoch()
    for trainer in (ready, resumed):
        for (name, p), q in zip(plain.net.named_parameters(), trainer.net.parameters(), strict=True):
            assert torch.equal(p, q), name


class FakeGraph:
    """What torch.cuda.CUDAGraph is to the engine: repeats what was recorded. Here that is only run again."""

    step: Any = None
    off = 0.0  # how far its loss is from that of the step it repeats

    def replay(self) -> None:
        FakeGraph.step(256)
        FakeGraph.trainer.losses.add_(FakeGraph.off)  # type: ignore[attr-defined]


def fake_cuda(monkeypatch: pytest.MonkeyPatch, trainer: engine.Trainer) -> None:
    """The calls that recording a step makes, for a machine that has no GPU."""
    stream = SimpleNamespace(wait_stream=lambda other: None)
    for name, stand_in in (
        ("Stream", lambda: stream),
        ("current_stream", lambda: stream),
        ("stream", lambda s: nullcontext()),
        ("synchronize", lambda: None),
        ("graph", lambda g: nullcontext()),
        ("CUDAGraph", FakeGraph),
    ):
        monkeypatch.setattr(torch.cuda, name, stand_in)
    monkeypatch.setattr(FakeGraph, "step", trainer._step)
    monkeypatch.setattr(FakeGraph, "trainer", trainer, raising=False)
    monkeypatch.setattr(engine, "_layouts", {})
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", False)
    trainer._side = stream


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "config", [SHORT, replace(MODERN, data="sample", device="cpu", epochs=2)], ids=lambda c: c.recipe
)
def test_recording_a_step_leaves_no_trace_in_the_run(
    config: RunConfig, splits: tuple[engine.Dataset, engine.Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All but the recording itself: layouts tried, weights and the optimiser's memory put back, every step replayed."""
    plain, captured = (engine.Trainer(config, cut(splits[0], 600), splits[1]) for _ in range(2))
    fake_cuda(monkeypatch, captured)
    replayed = []
    monkeypatch.setattr(engine.Trainer, "_time", lambda self, graph: len(replayed) or replayed.append(graph) or 9.0)
    captured._capture()
    assert (captured.engine, list(engine._layouts.values())) == ("CUDA graph", [torch.contiguous_format])
    assert captured.step == captured.count.item() == captured.correct.item() == 0
    for _ in range(2):
        np.testing.assert_allclose(captured.run_epoch(), plain.run_epoch(), rtol=1e-3, atol=5e-3)
    np.testing.assert_allclose(captured.norms, plain.norms, rtol=0.05)


@pytest.mark.usefixtures("eager")
def test_a_recorded_step_that_does_something_else_is_not_used(
    splits: tuple[engine.Dataset, engine.Dataset], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, wrong, failing = (engine.Trainer(SHORT, cut(splits[0], 600), splits[1]) for _ in range(3))
    fake_cuda(monkeypatch, wrong)
    monkeypatch.setattr(FakeGraph, "off", 0.01)
    wrong._capture()

    fake_cuda(monkeypatch, failing)

    def refused(graph: object) -> None:
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    monkeypatch.setattr(torch.cuda, "graph", refused)
    failing._capture()
    assert "not permitted" in capsys.readouterr().out
    expected = plain.run_epoch()
    for trainer in (wrong, failing):
        assert trainer.engine == "eager"
        np.testing.assert_allclose(trainer.run_epoch(), expected, rtol=1e-5)


@pytest.mark.usefixtures("eager")
def test_a_step_of_the_notes_network_is_few_operations(splits: tuple[engine.Dataset, engine.Dataset]) -> None:
    """A GPU takes as long for each, whatever it computes: those that only measure are not in its way."""
    trainer = engine.Trainer(SHORT, splits[0], splits[1])
    trainer._ready = engine.Ready(trainer.train, trainer.examples)
    trainer.begin_epoch()
    trainer._step(256)

    measuring = False

    @contextmanager
    def beside() -> Iterator[None]:
        nonlocal measuring
        measuring = True
        yield
        measuring = False

    trainer._beside = beside  # type: ignore[method-assign]
    seen: list[str] = []

    class Operations(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            if not measuring and not func.is_view:
                seen.append(str(func))
            return func(*args, **(kwargs or {}))

    with Operations():
        trainer._step(256)
    assert len([name for name in seen if name.startswith("aten")]) <= 38, seen


def test_snapshots_are_dense_at_first_and_few_in_all() -> None:
    steps = sorted(engine.snapshot_steps(2350, 235))
    assert steps[:6] == [0, 1, 2, 3, 4, 5]
    assert {235 * e for e in range(11)} <= set(steps)
    assert len(steps) < 110
    assert len(engine.snapshot_steps(235_000, 235)) < 200
    assert engine.snapshot_steps(1, 1) == {0, 1}


def test_a_run_leaves_everything_it_promises() -> None:
    run = runs.create(SHORT, "r")
    lines: list[str] = []
    status = train_run(run, say=lines.append)
    assert status.state == run.status().state == "finished"
    metrics, steps = run.metrics(), run.steps()
    assert metrics["epoch"].tolist() == [1, 2]
    assert metrics["step"].tolist() == [24, 48]
    assert steps["step"].tolist() == list(range(1, 49))
    sizes = np.array([256] * 23 + [112])  # 6 000 images
    np.testing.assert_allclose(metrics["loss"][0], (steps["loss"][:24] * sizes).sum() / 6000, rtol=1e-4)
    at, kernels = run.kernels()
    assert (at[0], at[-1], kernels.shape[1:]) == (0, 48, (6, 1, 5, 5))
    weights = run.weights()
    np.testing.assert_array_equal(kernels[-1], weights["0.weight"])
    net = LeNet(run.config.model)
    net.load_state_dict({k: torch.from_numpy(w.copy()) for k, w in weights.items()})
    test = engine.Dataset.load("test", SAMPLE, CPU)
    assert engine.accuracy(net, test) == pytest.approx(metrics["test_acc"][-1], abs=1e-9)
    loss, train_acc, test_acc = (metrics[k][-1] for k in ("loss", "train_acc", "test_acc"))
    assert run.log_lines()[0] == f"loss {loss:.3f}, train acc {train_acc:.3f}, test acc {test_acc:.3f}"
    assert run.log_lines()[1].endswith(" examples/sec on cpu")
    assert lines[0] == "training on cpu"
    assert train_run(run).state == "finished"  # once more does nothing
    torch.manual_seed(0)
    first = LeNet()
    optimizers.init_weights(first, "xavier_uniform")
    np.testing.assert_array_equal(kernels[0], first[0].weight.detach().numpy())


def test_the_same_seed_is_the_same_run_and_another_is_not() -> None:
    one = replace(SHORT, epochs=1)
    made = [runs.create(c, i) for i, c in (("a", one), ("b", one), ("c", replace(one, seed=1)))]
    for run in made:
        train_run(run)
    a, b, c = (run.weights()["0.weight"] for run in made)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


class Killed(BaseException):
    """Stands for a kill −9: nothing of the trainer's own runs after it."""


WITH_DROPOUT = replace(MODERN, model=replace(MODERN.model, dropout=0.5))
SHORT_ONES = [SHORT, *(replace(r, epochs=2, data="sample", device="cpu") for r in (MODERN, WITH_DROPOUT))]


@pytest.mark.parametrize("recipe", SHORT_ONES, ids=["classic", "modern", "dropout"])
@pytest.mark.parametrize("at", [3, 24, 30, 47])
def test_resumed_run_is_bit_identical(recipe: RunConfig, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, broken = runs.create(recipe, "whole"), runs.create(recipe, "broken")
    train_run(whole)
    look = record.Recorder.look

    def look_and_die(self: record.Recorder) -> None:
        look(self)
        if self.trainer.step == at:
            raise Killed

    with monkeypatch.context() as m:
        m.setattr(record.Recorder, "look", look_and_die)
        with pytest.raises(Killed):
            train_run(broken)
    assert broken.status().state == "interrupted"
    assert broken.stored_status().epoch == (0 if at <= 24 else 1)
    assert train_run(broken).state == "finished"
    same(whole, broken)


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "lenet.train", *options]


def test_command_line_killed_and_resumed(tmp_path: Path) -> None:
    """kill −9 at a random moment loses no finished epoch; --resume ends with the very weights."""
    env = os.environ | {"LENET_RUNS_DIR": str(paths.runs_dir())}
    options = ("--epochs", "6", "--data", "sample", "--device", "cpu", "--seed", "3")
    with Process(command(*options, "--run-id", "killed"), cwd=paths.PROJECT, env=env) as trainer:
        while not (paths.runs_dir() / "killed" / "metrics.csv").exists():
            time.sleep(0.05)
            assert trainer.poll() is None
        run = runs.find("killed")
        while not len(run.metrics()["epoch"]):
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.3))
        finished = len(run.metrics()["epoch"])
        trainer.send_signal(signal.SIGKILL)
        trainer.wait()
    if run.stored_status().state != "finished":
        assert run.status().state == "interrupted"
    resumed = subprocess.run(
        command("--resume", "killed"), cwd=paths.PROJECT, env=env, capture_output=True, text=True
    )
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout.splitlines()[-2:] == run.log_lines()
    assert len(run.metrics()["epoch"]) == 6 >= finished
    whole = subprocess.run(
        command(*options, "--run-id", "whole"), cwd=paths.PROJECT, env=env, capture_output=True, text=True
    )
    assert whole.returncode == 0
    for name, w in runs.find("whole").weights().items():
        assert np.array_equal(w, run.weights()[name]), name
    again = subprocess.run(command("--resume", "killed"), cwd=paths.PROJECT, env=env, capture_output=True, text=True)
    assert (again.returncode, again.stdout.splitlines()[-2:]) == (0, run.log_lines())


@pytest.mark.parametrize("request_and_state", [("stop", "stopped"), ("pause", "paused")])
@pytest.mark.parametrize("recipe", SHORT_ONES, ids=["classic", "modern", "dropout"])
def test_stopped_or_paused_run_goes_on_from_its_very_step(
    recipe: RunConfig, request_and_state: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request, state = request_and_state
    whole, run = runs.create(recipe, "whole"), runs.create(recipe, "r")
    train_run(whole)
    look = record.Recorder.look

    def look_and_ask(self: record.Recorder) -> None:
        if self.trainer.step == 30:
            run.request(request)
            self.looked = -1e9  # it is time to listen
        look(self)

    with monkeypatch.context() as m:
        m.setattr(record.Recorder, "look", look_and_ask)
        assert train_run(run).state == state
    assert len(run.metrics()["epoch"]) == 1
    assert len(run.steps()["step"]) == run.status().step == 30
    assert not run.requested(request)
    run.request("resume")
    assert run.status().state == "queued"
    assert train_run(run).state == "finished"
    assert not run.requested("resume")
    same(whole, run)


def test_a_finished_run_can_be_extended() -> None:
    config = replace(MODERN, epochs=1, data="sample", device="cpu")
    run = runs.create(config, "r")
    train_run(run)
    first = run.steps()["loss"]
    run.request("extend", epochs=3)
    assert run.status().state == "queued"
    assert train_run(run).state == "finished"
    assert run.metrics()["epoch"].tolist() == [1, 2, 3]
    assert (run.config.epochs, run.config.cycles) == (3, (1,))
    np.testing.assert_array_equal(run.steps()["loss"][:24], first)
    with pytest.raises(LenetError):
        run.request("extend", epochs=2)


def same(one: runs.Run, other: runs.Run) -> None:
    """Both runs have the same numbers, to the last bit (but for speed)."""
    for name, w in one.weights().items():
        assert np.array_equal(w, other.weights()[name]), name
    for read in (runs.Run.steps, runs.Run.metrics, runs.Run.gradients):
        assert list(read(one)) == list(read(other))
        for key, column in read(one).items():
            if key != "examples_per_sec":
                assert np.array_equal(column, read(other)[key]), key
    for a, b in zip(one.kernels(), other.kernels(), strict=True):
        assert np.array_equal(a, b)


def test_predictions_are_the_networks() -> None:
    run = runs.create(replace(SHORT, epochs=1), "r")
    assert run.predictions() is None
    train_run(run)
    classes, confidence = run.predictions()  # type: ignore[misc]
    test = engine.Dataset.load("test", SAMPLE, CPU)
    assert np.mean(classes == test.labels.numpy()) == pytest.approx(run.metrics()["test_acc"][-1], abs=1e-6)
    net = LeNet(run.config.model)
    net.load_state_dict({k: torch.from_numpy(w.copy()) for k, w in run.weights().items()})
    with torch.no_grad():
        expected = F.softmax(net.eval()(test.images(slice(None))), 1).max(1).values.numpy()
    np.testing.assert_allclose(confidence, expected, atol=1e-5)


def test_an_epoch_that_is_over_before_a_look_does_not_hide_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "LOOK_EVERY", 1e9)
    whole, run = (runs.create(replace(SHORT, epochs=3), name) for name in ("whole", "r"))
    train_run(whole)
    status = train_run(run, say=lambda line: run.request("stop") if line.startswith("epoch 1:") else None)
    assert (status.state, status.epoch) == ("stopped", 2)
    run.request("resume")
    assert train_run(run).state == "finished"
    same(whole, run)


def test_a_run_of_the_same_settings_is_found() -> None:
    assert runs.twin(SHORT) is None
    run = runs.create(SHORT, "r")
    assert runs.twin(SHORT) == run
    assert runs.twin(replace(SHORT, seed=1)) is None
    run.request("stop")
    assert runs.twin(SHORT) is None


def test_divergence_ends_with_a_sentence_and_keeps_the_curve() -> None:
    config = replace(SHORT, model=replace(CLASSIC.model, activation="leaky_relu"), lr=100.0)
    run = runs.create(config, "r")
    status = train_run(run)
    assert (status.state, status.code) == ("failed", "diverged")
    assert run.status().params["epoch"] == 1  # type: ignore[index]
    assert len(run.steps()["loss"]) > 0


def test_a_loss_that_explodes_and_stays_a_number_ends_the_run_too() -> None:
    run = runs.create(replace(SHORT, model=replace(CLASSIC.model, activation="relu"), lr=100.0, epochs=10), "r")
    status = train_run(run)
    assert (status.state, status.code) == ("failed", "diverged")
    assert status.params is not None
    assert float(status.params["loss"]) > 23
    losses = run.steps()["loss"]
    assert np.isfinite(losses).all()
    assert record.LOST_AFTER <= len(losses) < 10 * status.steps_per_epoch
    assert train_run(run).code == "diverged"  # and again where it is resumed


def watched(losses: list[float]) -> None:
    """Have a recorder look at these losses of a run, seven at a time."""
    recorder = record.Recorder.__new__(record.Recorder)
    recorder.first_loss, recorder.latest = 0.0, deque(maxlen=record.LOST_AFTER)
    recorder.trainer = cast(engine.Trainer, SimpleNamespace(epoch=0))
    for i in range(0, len(losses), 7):
        recorder._check_loss(losses[i : i + 7])


def test_a_leap_of_the_loss_ends_no_run_that_comes_back() -> None:
    calm = [2.5] * 100
    watched([*calm, 1e6, *calm])
    watched([*calm, *[1e4] * (record.LOST_AFTER // 2 - 1), *calm])
    watched([*calm, *[9 * 2.5] * 300])  # bad, and no more than that
    watched([*[80.0] * 300])  # as it began: a network of large weights
    with pytest.raises(LenetError):
        watched([*calm, *[30.0] * record.LOST_AFTER])
    with pytest.raises(LenetError):
        watched([*calm, *([1e4, 1e4, 0.1] * record.LOST_AFTER)])
    for name in ("classic", "modern"):
        watched(runs.find(f"reference-{name}").steps()["loss"].tolist())


def test_full_disk_ends_with_a_sentence_and_keeps_finished_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "r")
    write = files.write_atomic

    def full(path: Path, content: bytes) -> None:
        rows = (run.path / "metrics.csv").read_text().count("\n") - 1 if (run.path / "metrics.csv").exists() else 0
        if rows >= 1 and (run.path / ".room").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    with monkeypatch.context() as m:
        m.setattr(files, "write_atomic", full)
        status = train_run(run)
    assert (status.state, status.code, status.params) == ("failed", "disk_full", {"epoch": 1})
    assert run.status().state == "failed"
    assert len(run.metrics()["epoch"]) == 1
    assert train_run(run).state == "finished"  # once there is room again


def test_a_disk_that_is_full_when_a_run_is_paused_is_a_sentence_too(monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.create(SHORT, "r")

    def full(self: record.Recorder, state: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as m:
        m.setattr(record.Recorder, "end_early", full)
        status = train_run(run, leaving=lambda: True)
    assert (status.state, status.code) == ("failed", "disk_full")
    assert run.stored_status().state == "failed"


def test_a_run_goes_on_with_the_images_that_it_began_with(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where the complete data set has been downloaded in the meantime; the same settings are another run then."""
    config = replace(SHORT, epochs=1, data="auto")
    nowhere = tmp_path / "nowhere"
    with monkeypatch.context() as m:
        for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
            m.setattr(paths, name, nowhere)
        run = runs.create(config, "r")
        train_run(run)
        assert runs.twin(config) == run
    full = data.Source("full", paths.SAMPLE_DIR)
    monkeypatch.setattr(data, "find", lambda source="auto": full if source != "sample" else SAMPLE)
    assert runs.twin(config) is None
    run.request("extend", epochs=2)
    assert train_run(run).data == "sample"


def test_many_small_steps_leave_tables_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a batch of 1 an epoch has 60,000 steps: every tenth or so is written, the same after a pause as without."""
    monkeypatch.setattr(record, "ROWS_AN_EPOCH", 7)
    whole, run = runs.create(SHORT, "whole"), runs.create(SHORT, "r")
    train_run(whole)
    assert whole.steps()["step"].tolist() == [4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]
    for at in (6, 30, 45):
        status = train_run(run, leaving=lambda at=at: run.status().step >= at)  # type: ignore[misc]
        monkeypatch.setattr(record, "LOOK_EVERY", 0.0)
        assert status.state in ("queued", "finished")
    train_run(run)
    same(whole, run)


def test_missing_data_and_device_are_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("DEBIAN_DATA_DIR", "DOWNLOAD_DIR"):
        monkeypatch.setattr(paths, name, tmp_path / "nowhere")
    status = train_run(runs.create(replace(SHORT, data="full"), "no-data"))
    assert (status.state, status.code) == ("failed", "data_missing")
    if not torch.cuda.is_available():
        status = train_run(runs.create(replace(SHORT, device="cuda"), "no-gpu"))
        assert (status.state, status.code) == ("failed", "device_unavailable")


def test_unexpected_error_does_not_escape(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("lenet.training.run.Trainer", broken)
    status = train_run(runs.create(SHORT, "r"))
    assert (status.state, status.code) == ("failed", "crashed")
    assert "boom" in status.params["reason"]  # type: ignore[index]
    assert "Traceback" in capsys.readouterr().err  # for the operator


def test_one_run_is_trained_by_one_process() -> None:
    run = runs.create(SHORT, "r")
    held = runs.lock(run)
    with pytest.raises(LenetError) as error:
        train_run(run)
    assert error.value.code == "run_busy"
    held.release()


# -- command line ------------------------------------------------------------------------------------------------


def config_of(*options: str) -> RunConfig:
    return train.config_from(train.parse_args(list(options)))


def test_options() -> None:
    assert config_of() == CLASSIC
    assert config_of("--recipe", "modern", "--epochs", "3", "--seed", "7") == replace(MODERN, epochs=3, seed=7)


def test_config_file(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(json.dumps({"recipe": "modern", "lr": 0.5, "epochs": 4}))
    assert config_of("--config", str(path), "--epochs", "2") == replace(MODERN, lr=0.5, epochs=2)
    path.write_text(json.dumps({"channels": [3, 4], "pooling": "max"}))
    config = config_of("--config", str(path), "--recipe", "modern")
    assert (config.optimizer, config.model.channels) == (MODERN.optimizer, (3, 4))


@pytest.mark.parametrize("options", [
    ["--epochs", "0"], ["--seed", "-1"], ["--run-id", "../x"], ["--resume", "never"], ["--config", "/nonexistent.json"],
])  # fmt: skip
def test_wrong_option_is_one_sentence(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(options) == 2
    error = capsys.readouterr().err
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error


def test_unreadable_config(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for content in (b"{", b"[" * 10**5, b"\xff\xfe", b'"text"'):
        (tmp_path / "c.json").write_bytes(content)
        assert train.main(["--config", str(tmp_path / "c.json")]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_cpu_is_as_busy_as_this_process_makes_it() -> None:
    meter = engine.Meter(CPU)
    deadline = time.process_time() + 0.2
    while time.process_time() < deadline:
        pass
    assert 0 < meter.read()["use"] <= 1
    time.sleep(0.3)
    assert meter.read()["use"] < 0.4


def test_a_gpu_tells_its_memory_and_if_it_can_its_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(device: object) -> int:
        raise ModuleNotFoundError("pynvml")

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (6 * 2**30, 8 * 2**30))
    monkeypatch.setattr(torch.cuda, "utilization", lambda device: 63)
    meter = engine.Meter(torch.device("cuda:0"))
    assert meter.read() == {"use": 0.63, "memory": 2 * 2**30, "memory_total": 8 * 2**30}
    monkeypatch.setattr(torch.cuda, "utilization", broken)
    assert meter.read() == {"memory": 2 * 2**30, "memory_total": 8 * 2**30}


def test_a_run_that_goes_on_waits_until_it_runs_and_is_never_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that looks between the request and the first step must know that there is something to wait for."""
    seen: list[str] = []
    run = runs.create(SHORT, "again")
    train_run(run)
    run.request("extend", epochs=3)
    made = engine.Trainer

    def look(*args: object) -> engine.Trainer:
        seen.append(run.status().state)
        return made(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("lenet.training.run.Trainer", look)
    held = runs.lock(run)
    seen.append(run.status().state)  # taken, and nothing written yet
    held.release()
    assert train_run(run).state == "finished"
    assert seen == ["queued", "queued"]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells it")
def test_peak_memory_is_of_this_run_not_of_those_before() -> None:
    blocks = np.ones(60_000_000)
    high = peak_memory(CPU)
    del blocks
    forget_peak_memory(CPU)
    assert peak_memory(CPU) < high - 200 * 2**20
