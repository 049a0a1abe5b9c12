"""What a run costs: what is counted, what that takes, how it is said and how it is corrected."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import paths
from lenet.common.errors import LenetError
from lenet.runs import Status, cost, speeds
from lenet.runs.configuration import CLASSIC, MODERN
from lenet.runs.cost import Duration
from lenet.runs.speeds import Measured
from lenet.runs.visitors import OPERATOR, Visitor
from lenet.training.dataset import Split
from lenet.training.trainer import Trainer
from tests.helpers.made import known_speed, middle, set_status, set_worker
from tests.helpers.training import CPU, cut
from tests.helpers.training import SAMPLE as SAMPLE_IMAGES

SAMPLE = replace(CLASSIC, data="sample")
"""6,000 + 1,000 images: 24 steps an epoch."""
HUGE = replace(MODERN, model=LeNetConfig(channels=(256, 256)), batch_size=1, epochs=30, data="sample")
"""With which one visitor could keep the trainer busy for days."""

# -- what is counted ---------------------------------------------------------------------------------------------


def test_a_step_of_the_notes_network_is_counted_by_hand() -> None:
    done = cost.operations(CLASSIC, written_out=False)
    first, second = 6 * 25 * 28 * 28, 16 * 6 * 25 * 10 * 10
    dense = 400 * 120 + 120 * 84 + 84 * 10
    assert done.products == 2 * first + 3 * (second + dense)
    assert (done.layers, done.parameters) == (5, 61_706)
    assert (done.adam_parameters, done.muon_layers, done.muon) == (0, 0, 0), "SGD remembers nothing"
    # Written out: 98 windows of 6×6 pixels… as blocks.py has them with one pooling window a tile.
    assert cost.operations(CLASSIC, written_out=True).moved == 14 * 14 * 36 + 5 * 5 * 6 * 36


def test_muon_is_counted_by_its_products() -> None:
    done = cost.operations(MODERN, written_out=True)
    assert done.muon_layers == 4, "the last layer is Adam's"
    shapes = [(6, 25), (16, 150), (120, 400), (84, 120)]
    assert done.muon == sum(5 * (2 * n * n * m + n**3) for n, m in shapes)
    assert done.adam_parameters == 61_706


@pytest.mark.parametrize(
    ("changes", "written_out"),
    [
        ({}, True), ({"activation": "tanh", "pooling": "max"}, True), ({"pooling": "conv"}, True),
        ({"activation": "gelu"}, False), ({"batch_norm": True}, False), ({"dropout": 0.5}, False),
        ({"channels": (64, 64)}, True), ({"channels": (256, 256)}, False), ({"head": "gap"}, False),
    ],
)  # fmt: skip
def test_which_steps_are_written_out_is_told_without_building_them(
    changes: dict[str, object], written_out: bool
) -> None:
    config = replace(CLASSIC, model=replace(CLASSIC.model, **changes))
    assert cost.is_written_out(config) == written_out
    images = cut(Split.load("test", SAMPLE_IMAGES, CPU), 8)
    assert Trainer(config, images, images).train_step.name == ("phases" if written_out else "eager")


@given(st.integers(1, 60_000), st.integers(1, 60_000))
def test_larger_batches_make_a_run_cheaper(small: int, large: int) -> None:
    small, large = sorted((small, large))
    of_epoch = [cost.work(replace(MODERN, batch_size=n), "cpu", 60_000, 10_000) for n in (small, large)]
    costs = [whole.seconds(0, whole.steps_per_epoch) for whole in of_epoch]
    assert costs[1] <= costs[0] * (1 + large / 60_000) + 1e-9  # the last batch of an epoch counts as a whole one


def test_evaluations_are_counted_at_the_ends_of_epochs() -> None:
    whole = cost.work(SAMPLE, "cpu", 6000, 1000)
    assert whole.steps_per_epoch == 24
    assert whole.evaluation == pytest.approx(1000 * whole.image * cost.EVALUATED)
    assert whole.seconds(0, 23) == pytest.approx(23 * whole.step)
    assert whole.seconds(20, 50) == pytest.approx(30 * whole.step + 2 * whole.evaluation)
    held_out = cost.work(replace(SAMPLE, validation=0.1), "cpu", 6000, 1000)
    assert held_out.steps_per_epoch == 22, "5,400 images are left"
    assert held_out.evaluation == pytest.approx(1600 * whole.image * cost.EVALUATED)


# -- in words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.2, 0.4, "1 s"), (3.4, 6.6, "3–7 s"), (28, 56, "30–55 s"), (45, 89, "45–90 s"), (45, 91, "1–2 min"),
        (120, 240, "2–4 min"), (1000, 2000, "17–35 min"), (3300, 6600, "1–2 h"), (90_000, 180_000, "25–50 h"),
        (677_000, 1_355_000, "8–16 days"), (190, 200, "3 min"), (86_400e4, 172_800e4, "10,000–20,000 days"),
    ],
)  # fmt: skip
def test_durations_in_words(low: float, high: float, words: str) -> None:
    assert Duration(low, high).words() == words


def test_durations_add_up() -> None:
    both = Duration(1, 2) + Duration(10, 20)
    assert both == Duration(11, 22) and both / 2 == Duration(5.5, 11.0)
    assert both.at_most(15.0) == Duration(11, 15.0)


# -- by the speed of a device --------------------------------------------------------------------------------------


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert cost.estimate(SAMPLE) is None
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    assert cost.estimate(SAMPLE) is None
    known_speed(device="cuda:0", device_name="H100")
    assert cost.estimate(SAMPLE) is None, "of another device"
    known_speed(device_name="CPU × 8")
    assert cost.estimate(SAMPLE) is None, "of another machine"
    known_speed(2.0)
    estimate, whole = cost.estimate(SAMPLE), cost.work(SAMPLE, "cpu", 6000, 1000)
    assert estimate and middle(estimate) == pytest.approx(2 * whole.seconds(0, 240))
    assert estimate.high / estimate.low == pytest.approx(2.0), "a factor of two"
    assert cost.estimate(replace(SAMPLE, data="full", dataset="kmnist")) is None, "there are no such images here"
    on_gpu = cost.estimate(replace(SAMPLE, device="cuda"))
    assert on_gpu and middle(on_gpu) != pytest.approx(middle(estimate))


def test_the_estimate_is_of_the_network_and_the_batch_size() -> None:
    """A hundred times the products, and a batch of one image: what "10:23" was said of, for days of training."""
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    known_speed()
    small, batch_of_1, huge = (cost.estimate(c) for c in (SAMPLE, replace(SAMPLE, batch_size=1), HUGE))
    assert small and batch_of_1 and huge
    assert middle(batch_of_1) > 3 * middle(small)
    assert middle(huge) > 500 * middle(small)
    assert huge.high / huge.low > small.high / small.low, "it is less sure, so far from what was measured"


def test_a_training_teaches_its_speed() -> None:
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    known_speed()
    before = cost.estimate(HUGE)
    whole = cost.work(HUGE, "cpu", 6000, 1000)
    ended = Status(
        state="paused", step=6100, steps_per_epoch=6000, started_step=100, started=50.0, device="cpu", device_name="CPU × 1",
        train_size=6000, test_size=1000, updated=50.0 + 3 * whole.seconds(100, 6100),
    )  # fmt: skip
    cost.learn(HUGE, replace(ended, updated=51.0))
    assert cost.estimate(HUGE) == before, "a second tells nothing"
    cost.learn(HUGE, ended)
    after, other = cost.estimate(HUGE), cost.estimate(SAMPLE)
    assert after and before and other
    assert middle(after) == pytest.approx(3 * middle(before), rel=0.1)
    assert middle(other) == pytest.approx(cost.work(SAMPLE, "cpu", 6000, 1000).seconds(0, 240), rel=0.1)
    cost.learn(HUGE, replace(ended, updated=50.0 + 12 * whole.seconds(100, 6100)))  # on a busy day
    busy = cost.estimate(HUGE)
    assert busy and middle(busy) == pytest.approx(6 * middle(before), rel=0.1)
    assert len(speeds.read()) == 2


def test_a_run_in_training_is_judged_by_its_own_speed_and_ever_more_surely() -> None:
    status = Status(
        state="running", step=300, steps_per_epoch=100, started_step=100, started=1000.0, updated=1020.0, device="cpu",
        train_size=25_600, test_size=0,
    )  # fmt: skip
    config = replace(CLASSIC, epochs=10)
    left = cost.remaining(config, status)
    assert left and middle(left) == pytest.approx(70)  # 700 steps at 10 a second
    later = cost.remaining(config, replace(status, updated=1200.0))
    assert later and later.high / later.low < left.high / left.low < 1.4
    early = replace(status, updated=1001.5)
    assert cost.remaining(config, early) is None, "too early to tell, and nothing known of the device"
    known_speed(device_name="")
    assert cost.remaining(config, early) is not None
    put_back = replace(status, state="queued", train_seconds=30.0)
    again = cost.remaining(config, put_back)
    assert again and middle(again) == pytest.approx(70, rel=0.01)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"measured": 3}', '{"measured": [3, {}, {"device": "cpu"}, {"device": "cpu", "image": -1}]}'],
)
def test_a_damaged_file_of_speeds_is_none(content: str) -> None:
    file = paths.runs_dir() / ".cache" / "speeds.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert speeds.read() == ()
    known_speed()
    assert len(speeds.read()) == 1
    assert len(json.loads(file.read_text())["measured"]) == 1


def test_speeds_are_no_link_and_not_without_end(tmp_path: Path) -> None:
    known_speed()
    file = paths.runs_dir() / ".cache" / "speeds.json"
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert speeds.read() == ()
    file.unlink()
    for n in range(speeds.KEPT + 5):
        speeds.record(Measured("cpu", f"machine {n}", 1e-5, 256, 1.0))
    assert len(speeds.read()) == speeds.KEPT


# -- on a public server --------------------------------------------------------------------------------------------


@pytest.fixture
def measured() -> None:
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    known_speed()


@pytest.mark.usefixtures("measured")
def test_a_run_that_takes_too_long_is_refused_in_one_sentence(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LenetError) as caught:
        runs.obtain(HUGE)
    said = str(caught.value)
    estimate = cost.estimate(HUGE)
    assert estimate and caught.value.code == "too_many_hours"
    assert f"about {estimate.words().removesuffix(' h')} hours on CPU × 1" in said, "as beside Train"
    assert "a run may take 30 minutes on this server" in said and "larger batches or a smaller network" in said
    fitting = caught.value.params["epochs"]
    runs.obtain(replace(HUGE, epochs=fitting))
    with pytest.raises(LenetError):
        runs.obtain(replace(HUGE, epochs=fitting + 1))
    assert len(runs.all_facts()) == 1
    monkeypatch.setenv("LENET_MAX_MINUTES", "1")
    one = replace(HUGE, seed=1, epochs=1)
    with pytest.raises(LenetError) as caught:
        runs.obtain(one)
    estimate = cost.estimate(one)
    assert estimate and caught.value.code == "too_many_minutes_an_epoch"
    assert f"about {estimate.words().removesuffix(' min')} minutes" in str(caught.value)
    assert "epochs" not in str(caught.value), "not even one fits"
    monkeypatch.setenv("LENET_MAX_MINUTES", "100000")
    runs.obtain(replace(HUGE, seed=1))


@pytest.mark.usefixtures("measured")
def test_the_operator_and_a_laptop_may_train_for_days(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    as_(OPERATOR)
    runs.obtain(HUGE)
    monkeypatch.delenv("LENET_HOSTED")
    runs.obtain(replace(HUGE, seed=1))


def test_what_is_unknown_is_not_refused(as_: object) -> None:
    runs.obtain(HUGE)


def test_what_no_device_trains_in_time_is_refused_before_anything_is_measured(
    as_: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_worker(state="idle", device="cpu", device_name="CPU × 1")
    monkeypatch.setenv("LENET_MAX_MINUTES", "1")
    assert cost.estimate(HUGE) is None and cost.shortest(HUGE) > 60
    with pytest.raises(LenetError) as caught:
        runs.obtain(HUGE)
    assert caught.value.code == "too_long_anywhere" and "longer than 1 minutes on any machine" in str(caught.value)
    runs.obtain(replace(HUGE, batch_size=256, epochs=1))


@pytest.mark.usefixtures("measured")
def test_an_extension_counts_whole_and_going_on_does_not(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(LenetError) as caught:
        runs.obtain(HUGE)
    fits = caught.value.params["epochs"]
    run, _new = runs.obtain(replace(HUGE, epochs=fits))
    set_status(run, state="finished")
    with pytest.raises(LenetError, match="about"):
        run.request("extend", epochs=fits + 1)
    assert not run.requested("extend")
    set_status(run, state="paused")
    monkeypatch.setenv("LENET_MAX_MINUTES", "1")
    run.request("resume")
