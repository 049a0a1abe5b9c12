"""A discrete-event model (SimPy) of visitors, a server process and trainers: how long they wait for each other.

What a visitor asks of a server who is alone on it is measured (`capacity.measure`). The rest are rules, which follow how the
server works, and from which the queues of many visitors follow:

- **Python's lock.** One thread of a process computes at a time. One that others wait for passes the lock on after
  `SWITCH` seconds, to the one that has waited longest, and waits again.
- **The event loop** is one of these threads. It takes in what visitors send, which begins the run of a page, and sends
  all answers. While many pages compute it gets the lock as rarely as each of them: then answers lie ready and are not sent.
- **A page's turn** (`ui.turn`). After its frame a page stands in line until the one before it is done, or has computed for
  `speed.PATIENCE` seconds.
- **A crowd costs more.** Threads that push each other aside empty the processor's caches, and what sessions keep must be
  gone through for garbage: a run takes longer, the more of them are under way. How much is measured (`Server.crowd`).
- A visitor thinks, changes something, waits for the answer, and thinks again; a trainer trains one run at a time.
"""

from __future__ import annotations

import heapq
import random
import statistics
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy

from lenet.ui.speed import PATIENCE
from tests.helpers import measuring

SWITCH = 0.005
"""Seconds after which a thread passes Python's lock on: `sys.getswitchinterval()`."""
INCOMING, OUTGOING = 0, 1
"""What the event loop does first: between two messages that it sends, it takes in all that have come."""

Steps = Generator[Any, Any, None]


@dataclass(frozen=True)
class Demand:
    """What a visitor of a page asks of a server, in seconds of its CPU time.

    `changes` has one value for each measured change: they differ by what is changed. `delay` is what an answer takes beyond
    that, and `client` what the load tool, which measures, computes for an answer itself.
    """

    first: float
    changes: tuple[float, ...]
    delay: float
    client: float
    kb_first: float
    kb_change: float


@dataclass(frozen=True)
class Server:
    """What runs of all pages have in common: seconds of the event loop, half of them before the run begins, and seconds of
    the frame, before the page's turn. They are part of what `Demand` has. `crowd`: so many runs under way make each cost so
    many times as much. `memory` is in MB, without visitors, and `session` what each session adds."""

    loop: float = 0.0
    frame: float = 0.0
    crowd: tuple[tuple[int, float], ...] = ((1, 1.0),)
    memory: float = 750.0
    session: float = 0.1

    def cost(self, under_way: int) -> float:
        """How many times as much a run costs as one alone."""
        numbers, costs = zip(*self.crowd, strict=True)
        return float(np.interp(under_way, numbers, costs))


@dataclass(frozen=True)
class Crowd:
    """So many visitors, who come within the first `arrive` seconds, stay for `seconds` and think `think` seconds on average,
    evenly between half and one and a half of it, as those of the load tool do."""

    sessions: int
    seconds: float = 60.0
    think: float = 1.0
    arrive: float = 0.0

    def within(self) -> float:
        return self.arrive or min(max(self.think, self.sessions / 10), self.seconds / 3)


@dataclass(order=True)
class Message:
    """Work of the event loop; `done` when it has been done."""

    kind: int
    number: int
    seconds: float = field(compare=False)
    done: simpy.Event = field(compare=False)


class Process:
    """A server process, by the rules above."""

    def __init__(self, env: simpy.Environment, server: Server) -> None:
        self.env, self.server = env, server
        self.under_way = 0
        self._lock = simpy.Resource(env)
        self._turn, self._line = simpy.Resource(env), simpy.Resource(env)
        self._began = 0.0
        self._messages: list[Message] = []
        self._count = 0
        self._woken = env.event()
        env.process(self._loop())

    def run(self, seconds: float) -> Steps:
        """Answer one visitor, which takes so many seconds of a process that has nothing else to do."""
        self.under_way += 1
        cost = self.server.cost(self.under_way)
        loop, frame = self.server.loop * cost, self.server.frame * cost
        yield self._message(INCOMING, loop / 2)
        yield from self._compute(frame)
        with self._line.request() as first:
            yield first
            turn = self._turn.request()
            yield turn | self.env.timeout(max(self._began + PATIENCE - self.env.now, 0.0))
            if turn.triggered:
                self._began = self.env.now
            else:
                turn.cancel()
        yield from self._compute(max(seconds * cost - loop - frame, 0.0))
        if turn.triggered:
            self._turn.release(turn)
        yield self._message(OUTGOING, loop / 2)
        self.under_way -= 1

    def _compute(self, seconds: float) -> Steps:
        """In a thread of its own."""
        while seconds > 0:
            with self._lock.request() as lock:
                yield lock
                yield self.env.timeout(min(seconds, SWITCH))
            seconds -= SWITCH

    def _message(self, kind: int, seconds: float) -> simpy.Event:
        message = Message(kind, self._count, seconds, self.env.event())
        self._count += 1
        heapq.heappush(self._messages, message)
        if not self._woken.triggered:
            self._woken.succeed()
        return message.done

    def _loop(self) -> Steps:
        while True:
            yield self._woken
            with self._lock.request() as lock:
                yield lock
                left = SWITCH
                while self._messages and left > 0:
                    message = heapq.heappop(self._messages)
                    spent = min(message.seconds, left)
                    yield self.env.timeout(spent)
                    left, message.seconds = left - spent, message.seconds - spent
                    if message.seconds > 0:
                        heapq.heappush(self._messages, message)
                    else:
                        message.done.succeed()
            if not self._messages:
                self._woken = self.env.event()


def answers(
    demands: Mapping[str, Demand], server: Server, crowd: Crowd, seed: int = 0, *, measured: bool = False
) -> list[float]:
    """Seconds until each change was answered by one server process. `measured`: as the load tool sees it, whose one process
    reads the answers of all visitors."""
    env, rng, found = simpy.Environment(), random.Random(seed), list[float]()
    process, tool = Process(env, server), simpy.Resource(env)
    pages = list(demands)

    def visit(n: int) -> Steps:
        demand = demands[pages[n % len(pages)]]
        yield env.timeout(crowd.within() * n / crowd.sessions)
        yield from process.run(demand.first)
        while True:
            pause = crowd.think * rng.uniform(0.5, 1.5)
            if env.now + pause > crowd.seconds:
                return
            yield env.timeout(pause)
            asked = env.now
            yield from process.run(rng.choice(demand.changes))
            yield env.timeout(demand.delay)
            if measured:
                with tool.request() as free:
                    yield free
                    yield env.timeout(demand.client)
            found.append(env.now - asked)

    visits = [env.process(visit(n)) for n in range(crowd.sessions)]
    env.run(simpy.AllOf(env, visits))
    return found


def mean_change(demands: Mapping[str, Demand]) -> float:
    """Seconds of a change, of all pages alike."""
    return statistics.mean(statistics.mean(demand.changes) for demand in demands.values())


def p95(values: Sequence[float]) -> float:
    """As the load tool counts it."""
    return measuring.summary(list(values))["p95"] / 1000


# -- training ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Training:
    """Runs that visitors start: so many an hour each, of so many seconds each."""

    per_hour: float = 2.0
    seconds: float = 20.0


def waits(sessions: int, training: Training, trainers: int, hours: float = 8.0, seed: int = 0) -> list[float]:
    """Seconds that each run waits for one of the `trainers`, if visitors start them independently of each other."""
    env, rng, found = simpy.Environment(), random.Random(seed), list[float]()
    pool = simpy.Resource(env, capacity=trainers)

    def run() -> Steps:
        asked = env.now
        with pool.request() as turn:
            yield turn
            found.append(env.now - asked)
            yield env.timeout(training.seconds * rng.uniform(0.5, 1.5))

    def visitors() -> Steps:
        while env.now < hours * 3600:
            yield env.timeout(rng.expovariate(sessions * training.per_hour / 3600))
            env.process(run())

    env.process(visitors())
    env.run()
    return found
