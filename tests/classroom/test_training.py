"""Everybody trains: whose run is which, the experiment that they make, and who may do what."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from lenet import classroom, experiments, runs
from lenet.classroom import training, work
from lenet.common.errors import LenetError
from lenet.experiments import conclusions, control, samples, statistics, store
from lenet.experiments.questions import QUESTIONS
from lenet.experiments.results import is_of
from lenet.runs import guests, visitors
from lenet.runs.visitors import GUEST
from tests.helpers.classes import begun, opened, owner, run_of, trained
from tests.helpers.experiments import asked
from tests.helpers.made import own_runs, set_status
from tests.helpers.visitors import acting_as


def refusal(action: object, *args: object, **options: object) -> str:
    with pytest.raises(LenetError) as caught:
        action(*args, **options)  # type: ignore[operator]
    return caught.value.code


@pytest.mark.parametrize("question", training.OFFERED)
@pytest.mark.parametrize("recipe", training.OFFERED_RECIPES)
def test_what_is_offered_can_be_asked(question: str, recipe: str) -> None:
    experiment = training.ask(question, recipe, 3)
    assert (experiment.base.epochs, experiment.base.threads, experiment.seeds) == (3, 1, 1)
    assert experiment.vary == QUESTIONS[question].vary and len(experiment.arms) in (1, 2)
    shapes = {experiment.config(arm, 0).model.convolutions[0].weight_shape for arm in range(len(experiment.arms))}
    assert len(shapes) == 1, "kernels of all arms can be matched"


def test_each_has_the_next_seed_of_the_arm_that_they_chose() -> None:
    code, members = opened(5)
    activity = begun(code)
    chosen = [0, 1, 0, 0, 1]
    entries = [training.train(code, activity.id, m, arm) for m, arm in zip(members, chosen, strict=True)]
    assert [(entry.arm, entry.seed) for entry in entries] == [(0, 0), (1, 0), (0, 1), (0, 2), (1, 1)]
    assert training.train(code, activity.id, members[2], 1) == entries[2], "pressed again: the same run"
    assert training.entries(code, activity) == {entry.number: entry for entry in entries}
    assert len(own_runs()) == 5
    stored = training.experiment_of(activity)
    assert stored.experiment.seeds == 3 and training.missing(stored) == 1
    assert stored.runs == {(e.arm, e.seed): e.run_id for e in entries}
    for member, entry in zip(members, entries, strict=True):
        run = runs.find(entry.run_id)
        assert run.owner == member.owner and is_of(run.config, stored.experiment.config(entry.arm, entry.seed))
        assert run.status().state == "queued" and run.status().for_worker


def test_all_press_at_once() -> None:
    code, members = opened(24)
    activity = begun(code)

    def press(twice: int) -> training.Entry:
        return training.train(code, activity.id, members[twice // 2], twice // 2 % 2)

    with ThreadPoolExecutor(12) as pool:
        entries = list(pool.map(press, range(48)))
    assert entries[::2] == entries[1::2], "each has one run"
    assert Counter((e.arm, e.seed) for e in entries[::2]) == Counter((a, s) for a in (0, 1) for s in range(12))
    assert len(own_runs()) == 24 and len(training.experiment_of(activity).runs) == 24


def test_a_run_that_cannot_be_handed_in_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    code, (member,) = opened(1)
    activity = begun(code)

    def full(*_args: object) -> None:
        raise LenetError("disk_full", epoch=0)

    with monkeypatch.context() as patch:
        patch.setattr(work, "answer", full)
        assert refusal(training.train, code, activity.id, member, 0) == "disk_full"
    assert not own_runs() and not training.experiment_of(activity).runs
    assert training.train(code, activity.id, member, 0).seed == 0


def test_a_new_class_trains_anew() -> None:
    """Seeds begin at 0 in each class; whoever presses Train sees a network learn, and none that was trained last week."""
    first = []
    for _n in range(2):
        code, (member,) = opened(1)
        activity = begun(code)
        first.append(training.train(code, activity.id, member, 0))
        trained(run_of(code, activity, member), 0.8)
    assert first[0].seed == first[1].seed == 0 and first[0].run_id != first[1].run_id


def test_what_nobody_has_asked_for_is_not_missing() -> None:
    code, members = opened(5)
    activity = begun(code)
    for n, member in enumerate(members):
        training.train(code, activity.id, member, int(n >= 3))
        trained(run_of(code, activity, member), 0.6 + 0.1 * (n >= 3) + 0.01 * n)
    results = experiments.read(training.experiment_of(activity).experiment.id)
    assert len(results.outcomes) == 5 and not results.waiting and not experiments.held_up(results)
    numbers = samples.of_results(results)
    assert [len(sample.values) for sample in numbers] == [3, 2]
    assert statistics.method_for(numbers) == statistics.T, "nothing is waited for"
    assert "2 seeds cannot tell relu from sigmoid" in conclusions.conclude(numbers).sentence
    control.keep_up(results.experiment.id)
    control.keep_up_all()
    assert len(own_runs()) == 5, "nobody trains seeds that nobody has asked for"


def test_the_missing_ones_are_trained_when_that_is_asked_for() -> None:
    code, members = opened(3)
    activity = begun(code)
    for n, member in enumerate(members):
        training.train(code, activity.id, member, int(n == 2))
    training.end(code, classroom.activity(code, activity.id))
    assert not own_runs(), "none had begun"
    code, members = opened(3)
    activity = begun(code)
    for n, member in enumerate(members):
        training.train(code, activity.id, member, int(n == 2))
        trained(run_of(code, activity, member), 0.7)
    training.end(code, classroom.activity(code, activity.id))
    training.train_missing(activity)
    stored = training.experiment_of(activity)
    assert not stored.by_class and training.missing(stored) == 0 and len(own_runs()) == 4
    (waiting,) = experiments.read(stored).waiting
    assert (waiting.arm, waiting.seed, waiting.state) == (1, 1, "queued")


def test_asking_the_same_elsewhere_leaves_the_class_alone() -> None:
    code, (member,) = opened(1)
    activity = begun(code)
    training.train(code, activity.id, member, 0)
    started = experiments.start(replace(training.experiment_of(activity).experiment, seeds=2))
    assert started.experiment.id != training.experiment_of(activity).experiment.id
    assert len(training.experiment_of(activity).runs) == 1


# -- who may do what ---------------------------------------------------------------------------------------------------


def test_a_guest_of_a_laptop_trains_through_the_class_only() -> None:
    code, (member, other) = opened(2)
    activity = begun(code)
    guests.let_only_look(True)
    with acting_as(GUEST):
        assert refusal(runs.obtain, asked().config(0, 7)) == "guests_look"
        assert refusal(begun, code, asked(id="another")) == "guests_look"
        entry = training.train(code, activity.id, member, 0)
        training.train(code, activity.id, other, 0)
        assert runs.find(entry.run_id).owner == member.owner
        assert refusal(runs.find(entry.run_id).request, "stop") == "guests_look"
        training.stop(code, activity, member)
        assert runs.find(entry.run_id).status().state == "stopped"
        assert run_of(code, activity, other).status().state == "queued"
        assert len(experiments.read(training.experiment_of(activity)).outcomes) == 1, (
            "what is stopped is not waited for"
        )
        training.go_on(code, activity, member)
        assert runs.find(entry.run_id).status().state == "queued"


@pytest.mark.usefixtures("hosted")
def test_a_school_behind_one_address_is_no_crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a public server the limits of an address count visitors; a class has one run for each."""
    monkeypatch.setenv("LENET_MAX_WAITING", "1")
    monkeypatch.setenv("LENET_MAX_VISITORS_PER_ADDRESS", "2")
    monkeypatch.setenv("LENET_MAX_EPOCHS", "5")
    code, members = opened(12)
    teacher = visitors.Visitor(owner("teacher"), network="192.0.2.7")
    with acting_as(teacher):
        assert refusal(begun, code, training.ask("luck", "sprint", 6)) == "too_many_epochs"
        activity = begun(code)
        stored = training.experiment_of(activity)
        assert stored.owner == teacher.owner and experiments.may_change(stored)
    for member in members:
        with acting_as(visitors.Visitor(member.owner, network="192.0.2.7")):
            training.train(code, activity.id, member, 0)
            assert not experiments.may_change(stored)
            others = [run for run in own_runs() if run.owner != member.owner]
            assert not any(run.may_change for run in others), "only their own"
    assert len(own_runs()) == 12
    # Turns are fair: each has one run, and they are trained in the order in which Train was pressed.
    order = [run.owner for run in runs.waiting_runs()]
    assert order == [member.owner for member in members]
    assert [training.ahead(run)[0] for run in runs.waiting_runs()] == list(range(12))


def test_the_end_takes_back_what_waits_and_lets_the_rest_finish() -> None:
    code, members = opened(4)
    activity = begun(code)
    for member in members[:3]:
        training.train(code, activity.id, member, 0)
    trained(run_of(code, activity, members[0]), 0.8)
    set_status(run_of(code, activity, members[1]), state="running", step=5, steps_per_epoch=10)
    held = runs.lock(run_of(code, activity, members[1]))
    training.end(code, classroom.activity(code, activity.id))
    assert run_of(code, activity, members[0]).status().state == "finished"
    assert run_of(code, activity, members[1]).status().state == "running"
    held.release()
    with pytest.raises(LenetError):
        run_of(code, activity, members[2])
    stored = training.experiment_of(activity)
    assert sorted(stored.runs) == [(0, 0), (0, 1)]
    assert refusal(training.train, code, activity.id, members[3], 0) == "answers_closed"
    assert store.find(stored.experiment.id) == stored


def test_what_no_phone_can_do() -> None:
    code, (member,) = opened(1)
    activity = begun(code)
    for arm in (-1, 2, 99):
        assert refusal(training.train, code, activity.id, member, arm) == "no_such_activity"
    assert refusal(training.stop, code, activity, member) == "no_such_activity"
    assert refusal(training.train, code, activity.id, replace(member, owner=""), 0) == "not_in_class"
    assert refusal(training.train, code, activity.id, replace(member, number=99), 0) == "not_in_class"
    assert not own_runs() and not training.experiment_of(activity).runs
