"""The model of visitors and servers against what queueing theory knows in closed form."""

from __future__ import annotations

import math
import random
import re
import shlex
import statistics
from collections.abc import Sequence
from pathlib import Path

import pytest
import simpy

from lenet.common import paths
from tests.helpers.processes import call_apart
from tests.tools import capacity, load, server_model
from tests.tools.capacity import Measured
from tests.tools.server_model import Crowd, Demand, Process, Server, Training, answers, p95

ONE_BY_ONE = Server()
"""No cost of its own beside that of its pages, nor more for a crowd."""


def demand(*changes: float, delay: float = 0.0, client: float = 0.0) -> Demand:
    return Demand(0.0, changes, delay, client, 70.0, 10.0)


def exponential(mean: float, n: int = 4000) -> tuple[float, ...]:
    """Evenly many from each part of the distribution."""
    return tuple(-mean * math.log(1 - (k + 0.5) / n) for k in range(n))


def mean_answer(sessions: int, service: float, think: float) -> float:
    """Mean answer of a closed queue with one server, by mean value analysis (Reiser and Lavenberg, 1980). It holds for
    any order of service of exponential times, first come first served as well as all at once."""
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
    found = [s for n in range(4) for s in answers({"page": demand(*exponential(0.02))}, ONE_BY_ONE, crowd, n)]
    # Think times are even and not exponential: with one server that changes the mean answer little.
    assert statistics.mean(found) == pytest.approx(mean_answer(sessions, 0.02, 1.0), rel=0.08)


def test_a_visitor_who_is_alone_never_waits() -> None:
    pages, server = {"page": demand(0.01, delay=0.005, client=0.002)}, Server(loop=0.003, frame=0.004)
    found = answers(pages, server, Crowd(1), measured=True)
    assert found == pytest.approx([0.017] * len(found)) and len(found) > 40
    assert answers(pages, server, Crowd(1)) == pytest.approx([0.015] * len(found))


def test_a_process_answers_no_more_than_it_can() -> None:
    pages = {"page": demand(*exponential(0.02))}
    for server, cost in ((ONE_BY_ONE, 1.0), (Server(crowd=((1, 1.5),)), 1.5)):
        found = answers(pages, server, Crowd(100, seconds=100.0))
        assert len(found) / 100 == pytest.approx(1 / 0.02 / cost, rel=0.03), "as many a second as one core computes"
        assert statistics.mean(found) == pytest.approx(100 * 0.02 * cost - 1.0, rel=0.08), (
            "all others are in the queue"
        )


def test_an_event_loop_that_gets_the_lock_rarely_has_visitors_think_at_once_while_the_process_rests() -> None:
    found = answers({"page": demand(*exponential(0.02))}, Server(loop=0.003, frame=0.003), Crowd(100, seconds=100.0))
    assert 0.85 / 0.02 < len(found) / 100 < 0.96 / 0.02


def run_at_once(server: Server, *seconds: float) -> list[float]:
    """When each of these runs is answered that begin in the same moment."""
    env, ends = simpy.Environment(), dict[int, float]()
    process = Process(env, server)

    def one(n: int) -> server_model.Steps:
        yield from process.run(seconds[n])
        ends[n] = env.now

    env.run(simpy.AllOf(env, [env.process(one(n)) for n in range(len(seconds))]))
    return [ends[n] for n in range(len(seconds))]


def test_pages_compute_in_turn_until_they_lose_patience() -> None:
    assert run_at_once(ONE_BY_ONE, 0.05, 0.05, 0.05) == pytest.approx([0.05, 0.10, 0.15])
    # The second waits for a quarter of a second; from then on both have half of the lock.
    slow = run_at_once(ONE_BY_ONE, 1.0, 0.1)
    assert slow == pytest.approx([1.1, server_model.PATIENCE + 0.2], abs=0.011)


def test_a_crowd_costs_more() -> None:
    server = Server(crowd=((1, 1.0), (3, 2.0)))
    assert [server.cost(n) for n in (1, 2, 3, 90)] == [1.0, 1.5, 2.0, 2.0]
    assert run_at_once(server, 0.01, 0.01, 0.01) == pytest.approx([0.01, 0.025, 0.045])


def test_answers_lie_ready_while_many_pages_compute() -> None:
    """With a busy event loop and many frames, all are answered late and nearly together."""
    ends = run_at_once(Server(loop=0.002, frame=0.006), *[0.012] * 60)
    assert max(ends) == pytest.approx(60 * 0.012, rel=0.02)
    assert statistics.median(ends) > 0.6 * max(ends), "one after the other, the median would be half"


def test_the_wait_for_a_trainer_is_erlangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random.Random, "uniform", lambda self, low, high: self.expovariate(1.0))
    training = Training(per_hour=2.0, seconds=20.0)
    sessions, trainers = 150, 2
    load = sessions * training.per_hour / 3600 * training.seconds
    found = server_model.waits(sessions, training, trainers, hours=60.0)
    expected = erlang_c(load, trainers) * training.seconds / (trainers - load)
    assert statistics.mean(found) == pytest.approx(expected, rel=0.1)


def test_a_plan_reaches_its_goal_and_one_process_less_does_not() -> None:
    measured = Measured({"page": demand(*exponential(0.015))}, Server(0.003, 0.003), "a machine")
    found = capacity.plan(measured, 300, think=2.0)
    goal = capacity.Goal()
    assert found.answer <= goal.answer < capacity.answer_of(measured, 300, found.processes - 1, 2.0)
    assert found.wait <= goal.wait < p95(server_model.waits(300, Training(), found.trainers - 1))
    assert found.machines == math.ceil((found.processes + found.trainers) / 7)


def test_visitors_are_shared_out_completely() -> None:
    counts = capacity.shares(1000, 7)
    assert sum(counts) == 1000 and len(counts) == 7 and max(counts) > 1000 / 7


# -- the command, and the document that names it -----------------------------------------------------------------------

DOCUMENT = paths.PROJECT / "docs" / "scaling.md"


def commands(module: str) -> list[list[str]]:
    """The arguments of each line in the document that calls a module."""
    lines = re.findall(rf"^python -m {re.escape(module)} (.*)$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def test_the_commands_in_the_document_exist() -> None:
    found = commands("tests.tools.capacity")
    assert {line[0] for line in found} == {"--measure", "--compare", "--plan", "--runs"}
    for line in found:
        capacity.parse_args(line)


def test_what_was_measured_is_there_and_can_be_written_again(tmp_path: Path) -> None:
    measured = Measured.read(capacity.STORED)
    assert set(measured.pages) == set(capacity.PAGES) and measured.machine
    measured.write(tmp_path / "again.json")
    assert Measured.read(tmp_path / "again.json") == measured
    text = DOCUMENT.read_text(encoding="utf-8")
    for page, costs in measured.pages.items():
        row: Sequence[str] = re.findall(rf"^\| {page} \|.*$", text, re.MULTILINE)
        assert len(row) == 1 and f" {1000 * statistics.mean(costs.changes):.1f} ms " in row[0], "as the document says"


def test_the_command_plans(capsys: pytest.CaptureFixture[str]) -> None:
    assert capacity.main(["--plan", "60"]) == 0
    head, names, row = capsys.readouterr().out.splitlines()
    assert "5 s think time" in head and names.split()[:3] == ["sessions", "processes", "trainers"]
    assert row.split()[:2] == ["60", "1"]


@pytest.mark.slow
def test_the_command_predicts_beside_the_load_tool(capsys: pytest.CaptureFixture[str]) -> None:
    """That it works and finds the same order of magnitude; how well it predicts needs a quiet machine."""
    assert call_apart(capacity.main, ["--compare", "3", "--seconds", "6"]) == 0
    _names, row = capsys.readouterr().out.splitlines()
    sessions, told, _ms, seen, *_more = row.split()
    assert sessions == "3" and 0 < float(told) < 1000 and 0 < float(seen) < 1000 * load.TIMEOUT
