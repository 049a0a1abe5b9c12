"""The model of visitors and servers against what queueing theory knows in closed form."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from tests.tools import capacity
from tests.tools.capacity import Crowd, Demand, Training


def demand(*changes: float, delay: float = 0.0, client: float = 0.0) -> Demand:
    return Demand(0.0, changes, delay, client, 70.0, 10.0, 0.1)


def exponential(mean: float, n: int = 4000) -> tuple[float, ...]:
    """Evenly many from each part of the distribution."""
    return tuple(-mean * math.log(1 - (k + 0.5) / n) for k in range(n))


def mean_answer(sessions: int, service: float, think: float) -> float:
    """Mean answer of a closed queue with one server, by mean value analysis (Reiser and Lavenberg, 1980)."""
    queue = answer = 0.0
    for n in range(1, sessions + 1):
        answer = service * (1 + queue)
        queue = n / (answer + think) * answer
    return answer


def erlang_c(load: float, servers: int) -> float:
    """Probability that a run must wait (Erlang, 1917)."""
    terms = [load**k / math.factorial(k) for k in range(servers)]
    last = load**servers / math.factorial(servers) * servers / (servers - load)
    return last / (sum(terms) + last)


@pytest.mark.parametrize("sessions", [1, 10, 40, 100])
def test_the_mean_answer_is_that_of_mean_value_analysis(sessions: int) -> None:
    crowd = Crowd(sessions, seconds=max(4000 / sessions, 100), arrive=1.0)
    found = [s for seed in range(4) for s in capacity.answers({"page": demand(*exponential(0.02))}, crowd, seed)]
    # Think times are even and not exponential: with one server that changes the mean answer little.
    assert statistics.mean(found) == pytest.approx(mean_answer(sessions, 0.02, 1.0), rel=0.08)


def test_a_visitor_who_is_alone_never_waits() -> None:
    found = capacity.answers({"page": demand(0.01, delay=0.005, client=0.002)}, Crowd(1), measured=True)
    assert found == pytest.approx([0.017] * len(found)) and len(found) > 40
    assert capacity.answers({"page": demand(0.01, delay=0.005, client=0.002)}, Crowd(1)) == pytest.approx(
        [0.015] * len(found)
    )


def test_a_process_answers_no_more_than_it_can() -> None:
    found = capacity.answers({"page": demand(0.02)}, Crowd(100, seconds=100.0))
    assert len(found) / 100 == pytest.approx(1 / 0.02, rel=0.03)  # as many a second as one core computes
    assert statistics.median(found) == pytest.approx(100 * 0.02 - 1.0, rel=0.05)  # all others are in the queue


def test_the_wait_for_a_trainer_is_erlangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random.Random, "uniform", lambda self, low, high: self.expovariate(1.0))
    training = Training(per_hour=2.0, seconds=20.0)
    sessions, trainers = 150, 2
    load = sessions * training.per_hour / 3600 * training.seconds
    found = capacity.waits(sessions, training, trainers, hours=60.0)
    expected = erlang_c(load, trainers) * training.seconds / (trainers - load)
    assert statistics.mean(found) == pytest.approx(expected, rel=0.1)


def test_a_plan_reaches_its_goal_and_one_process_less_does_not() -> None:
    demands = {"page": demand(*exponential(0.015))}
    found = capacity.plan(demands, 300, think=2.0)
    goal = capacity.Goal()
    assert found.answer <= goal.answer < capacity.answer_of(demands, 300, found.processes - 1, 2.0)
    assert found.wait <= goal.wait < capacity.p95(capacity.waits(300, Training(), found.trainers - 1))
    assert found.machines == math.ceil((found.processes + found.trainers) / 7)


def test_visitors_are_shared_out_completely() -> None:
    counts = capacity.shares(1000, 7)
    assert sum(counts) == 1000 and len(counts) == 7 and max(counts) > 1000 / 7
