"""An experiment that is begun from a page: its runs are queued, within the limits of a public server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lenet import experiments, runs
from lenet.experiments import control, results, store
from lenet.experiments.experiment import Variation
from lenet.experiments.store import Stored
from lenet.runs.visitors import Visitor
from tests.helpers.experiments import asked
from tests.helpers.made import own_runs, set_status
from tests.helpers.visitors import ANN, BOB, code_of


def states(experiment_id: str) -> list[str]:
    return [outcome.state for outcome in results.read(experiment_id).outcomes]


def end(run: runs.Run) -> None:
    """As if a worker had trained it."""
    from lenet.common import files
    from lenet.runs.metrics import METRICS

    rows = [[n, n, 1.0, 0.5, 0.5, 1.0] for n in range(1, run.config.epochs + 1)]
    files.write_atomic(run.path / "metrics.csv", files.csv_text(METRICS, rows).encode())
    set_status(run, state="finished", epoch=run.config.epochs, device="cpu")


def test_on_a_laptop_all_runs_are_queued_at_once_and_a_worker_is_started(no_processes: list[tuple[str, ...]]) -> None:
    stored = experiments.start(asked(seeds=3))
    assert states(stored.experiment.id) == ["queued"] * 6
    assert {run.id for run in own_runs()} == set(stored.runs.values())
    assert all(run.status().for_worker and run.config.threads == 1 for run in own_runs())
    assert no_processes == [("lenet.worker",)]
    assert experiments.keep_up(stored.experiment.id) is None
    again = experiments.start(asked(seeds=2))
    assert again.experiment.id == stored.experiment.id, "who asks the same gets the same"
    assert len(own_runs()) == 6


def test_it_stops_goes_on_and_takes_more_seeds() -> None:
    name = experiments.start(asked(seeds=1)).experiment.id
    experiments.stop(name)
    assert states(name) == ["stopped", "stopped"]
    assert results.read(name).stopped and not experiments.held_up(results.read(name))
    assert experiments.keep_up(name) is None and states(name) == ["stopped", "stopped"]
    experiments.go_on(name)
    assert states(name) == ["queued", "queued"] and not results.read(name).stopped
    for run in own_runs():
        end(run)
    experiments.extend(name, 2)
    assert states(name) == ["finished", "finished", "queued", "queued"]
    assert store.find(name).looks == (1,), "its answer was there before"
    set_status(runs.find(store.find(name).runs[0, 1]), state="failed", code="disk_full", params={"epoch": 0})
    experiments.go_on(name)
    assert states(name)[2] == "failed", "what has failed is tried again only on request"
    experiments.go_on(name, retry=True)
    assert states(name)[2] == "queued"


def test_who_stops_one_leaves_the_runs_that_another_waits_for() -> None:
    one = experiments.start(asked(seeds=1)).experiment.id
    tanh = Variation("model.activation", ("relu", "tanh"))
    other = experiments.start(asked(seeds=1, vary=(tanh,))).experiment.id
    shared = store.find(one).runs[1, 0]
    assert shared == store.find(other).runs[0, 0] and len(own_runs()) == 3
    experiments.stop(one)
    assert states(one) == ["stopped", "queued"] and states(other) == ["queued", "queued"]
    experiments.stop(other)
    assert states(one) == states(other) == ["stopped", "stopped"], "nobody waits for it any more"


def test_what_a_command_was_to_train_keeps_nothing_in_the_queue() -> None:
    """It trains its runs itself, and if it was killed, nobody does."""
    one = experiments.start(asked(seeds=1)).experiment.id
    store.save(Stored(replace(asked(seeds=1), id="command"), runs=store.find(one).runs))
    experiments.stop(one)
    assert set(states(one)) == {"stopped"}


def test_a_public_server_lets_in_what_its_limits_allow_and_the_rest_later(
    as_: Callable[[Visitor], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = experiments.start(asked(seeds=3)).experiment.id
    assert states(name) == ["queued"] * 3 + ["missing"] * 3
    refusal = experiments.keep_up(name)
    assert refusal and str(refusal) == "Your runs in the queue: 3. The limit here is 3: wait for one to begin."
    assert len(experiments.held_up(results.read(name))) == 3
    end(own_runs()[0])
    as_(BOB)
    assert code_of(lambda: experiments.stop(name)) == "not_your_experiment"
    assert experiments.keep_up(name) is None and len(own_runs()) == 3, "it is not his"
    control.keep_up_all()  # as a worker does
    assert sorted(states(name)) == ["finished"] + ["missing"] * 2 + ["queued"] * 3
    assert {run.owner for run in own_runs()} == {ANN.owner}
    assert not experiments.may_change(store.find(name))
    assert not experiments.may_change(store.find("reference-activation"))


def test_where_nothing_is_let_in_there_is_no_experiment(as_: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "1")
    assert code_of(lambda: experiments.start(asked())) == "too_many_epochs"
    assert [stored.is_reference for stored in store.list_experiments()] == [True]
    assert code_of(lambda: experiments.extend("reference-activation", 20)) == "experiment_is_reference"


def test_guests_may_only_look(monkeypatch: pytest.MonkeyPatch) -> None:
    from lenet.runs import guests, visitors

    monkeypatch.setattr(guests, "may_only_look", lambda: True)
    monkeypatch.setattr(visitors, "_of_session", lambda: visitors.GUEST)
    assert code_of(lambda: experiments.start(asked())) == "guests_look"


def test_more_seeds_before_there_is_an_answer_are_no_look() -> None:
    name = experiments.start(asked(seeds=2)).experiment.id
    experiments.extend(name, 3)
    assert store.find(name).looks == () and store.find(name).experiment.seeds == 3
    damaged = store.find(name).to_dict() | {"looks": [2, True, "1", 3, 99, [], 1.5]}
    assert Stored.from_dict(damaged).looks == (2,)


def test_who_stops_one_leaves_the_runs_that_a_command_waits_for() -> None:
    one = experiments.start(asked(seeds=1)).experiment.id
    store.save(Stored(replace(asked(seeds=1), id="command"), runs=store.find(one).runs))
    with control.driving("command"):
        experiments.stop(one)
        assert states(one) == ["queued", "queued"]
    experiments.stop(one)
    assert states(one) == ["stopped", "stopped"], "it was killed: nobody trains them for it"


def test_an_experiment_that_a_process_trains_is_seen_to_go_on() -> None:
    store.save(store.Stored(asked(id="driven")))
    assert not experiments.is_driven("driven")
    with control.driving("driven"):
        assert experiments.is_driven("driven")
        with control.driving("driven"):  # a second process does not end for that
            pass
        assert experiments.is_driven("driven")
    assert not experiments.is_driven("driven")


def test_more_seeds_are_trained_on_the_cluster_too(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(control.Job, "start", lambda _job, *options: started.append(options))
    store.save(store.Stored(asked(id="driven", seeds=2), stopped=True))
    stored = experiments.extend_on_cluster("driven", 3, retry=True)
    assert stored.experiment.seeds == 3 and not stored.stopped and not stored.by_workers
    assert started == [("--id", "driven", "--engine", "ray", "--retry")]


def test_what_the_last_process_said_is_not_taken_for_the_new_ones_words(monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(store.Stored(asked(id="driven", seeds=2)))
    log = control.driver("driven").folder / "log"
    log.parent.mkdir()
    log.write_text("stopped; go on with: …\n")
    assert not experiments.is_driven("driven") and experiments.last_words("driven").startswith("stopped")
    monkeypatch.setattr(control.Job, "start", lambda _job, *options: None)
    experiments.extend_on_cluster("driven", 0)
    assert experiments.is_driven("driven") and experiments.last_words("driven") == ""
    with log.open("a") as said:
        said.write("There is no cluster at …\n")
    assert not experiments.is_driven("driven") and experiments.last_words("driven").startswith("There is no cluster")
