"""How many visitors a server carries: a discrete-event model of visitors, processes and trainers, and what it is worth.

    python -m tests.tools.capacity --measure demand.json        # what one visitor costs, alone on a quiet server
    python -m tests.tools.capacity --compare 10 40 100          # the model's p95 beside the load tool's
    python -m tests.tools.capacity --plan 1000 10000            # processes, trainers, machines, memory, bytes
    python -m tests.tools.capacity --runs 200 2000 20000        # what a page costs beside so many runs

The model knows what one visitor alone costs (`Demand`, measured) and three rules: a visitor thinks, changes something, waits
for the answer, and thinks again; a server process computes one page at a time, in the order of asking (`ui.turn`, and under
it Python's lock); a trainer trains one run at a time. All else follows by simulation (SimPy): how long the queues become with
many visitors. A load balancer gives each visitor to a process for good, at random.

What it leaves out: the machine's other work, so processes and trainers need a core each; several networks and their delays,
which add to each answer alike; the seconds after a restart.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import simpy

from lenet import runs
from lenet.common import files, paths
from tests.helpers import measuring
from tests.tools import load

STORED = Path(__file__).with_name("capacity.json")
"""What was measured last, on the machine that it names."""
PAGES = [page for page in load.PAGES if page != "home"]
LISTING = ["training", "kernels"]
"""Pages that offer all runs."""
CHANGES = 60
"""Of each page, measured one after the other."""
SETTLE = 0.03
"""Seconds after an answer in which the server finishes what belongs to it."""

# -- what one visitor costs ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Demand:
    """What the visitors of one page ask of a server, in seconds of its CPU time.

    `changes` has one value for each measured change: they differ by what is changed. `delay` is what an answer takes beyond
    that, and `client` what the load tool, which measures, computes for an answer itself. `memory` is in MB a session.
    """

    first: float
    changes: tuple[float, ...]
    delay: float
    client: float
    kb_first: float
    kb_change: float
    memory: float


@dataclass(frozen=True)
class Training:
    """Runs that visitors start: so many an hour each, of so many seconds each."""

    per_hour: float = 2.0
    seconds: float = 20.0


def process_time(pid: int) -> float:
    """CPU time of another process, to the nanosecond: the clock that clock_getcpuclockid(3) names. Linux alone."""
    return time.clock_gettime((~pid << 3) | 2)


async def measure_page(url: str, pid: int, page: str) -> Demand:
    """What one visitor costs who is alone on a page."""
    rng = random.Random(1)
    for _warm in range(2):  # the first visitor of a page loads what it needs
        async with load.Visitor(url, page, "", rng) as visitor:
            for _change in range(15):
                await visitor.change_something()
    before, kept = process_time(pid), measuring.Memory.of(pid).rss
    visitor = load.Visitor(url, page, "", rng)
    async with visitor:
        await asyncio.sleep(SETTLE)
        first = process_time(pid) - before
        costs, delays, clients = [], [], []
        for _change in range(CHANGES):
            own, then = time.process_time(), process_time(pid)
            took = await visitor.change_something()
            clients.append(time.process_time() - own)
            await asyncio.sleep(SETTLE)
            costs.append(process_time(pid) - then)
            delays.append(max(took - costs[-1] - clients[-1], 0.0))
        held = measuring.Memory.of(pid).rss - kept
    return Demand(
        first=first,
        changes=tuple(round(cost, 5) for cost in costs),
        delay=statistics.median(delays),
        client=statistics.mean(clients),
        kb_first=visitor.first_bytes / 1000,
        kb_change=(visitor.bytes - visitor.first_bytes) / 1000 / CHANGES,
        memory=max(held, 0.0),
    )


async def measure(url: str, pid: int, pages: Sequence[str] = PAGES) -> dict[str, Demand]:
    """The demands of pages, one after the other."""
    return {page: await measure_page(url, pid, page) for page in pages}


def add_runs(count: int) -> None:
    """Make finished runs, each of another seed, until there are so many."""
    lenet = json.loads((paths.REFERENCE_DIR / "classic" / "config.json").read_text(encoding="utf-8"))
    have = sum(not run.is_reference for run in runs.list_runs())
    for seed in range(have, count):
        folder = paths.runs_dir() / f"made-{seed}"
        folder.mkdir()
        for name in ("status.json", "metrics.csv", "kernels.safetensors"):
            shutil.copy(paths.REFERENCE_DIR / "classic" / name, folder)
        files.write_json(folder / "config.json", lenet | {"seed": seed})


async def measure_runs(counts: Sequence[int], url: str, pid: int) -> None:
    """Print what those pages cost that list the runs, beside ever more of them."""
    for count in sorted(counts):
        add_runs(count)
        print(f"{count} runs")
        print_demands(await measure(url, pid, LISTING))


# -- the model -----------------------------------------------------------------------------------------------------


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


def answers(demands: Mapping[str, Demand], crowd: Crowd, seed: int = 0, *, measured: bool = False) -> list[float]:
    """Seconds until each change was answered by one server process. `measured`: as the load tool sees it, whose one process
    reads the answers of all visitors."""
    env, rng, found = simpy.Environment(), random.Random(seed), list[float]()
    server, tool = simpy.Resource(env), simpy.Resource(env)
    pages = list(demands)

    def use(station: simpy.Resource, seconds: float) -> Generator[Any, Any, None]:
        with station.request() as turn:
            yield turn
            yield env.timeout(seconds)

    def visit(n: int) -> Generator[Any, Any, None]:
        demand = demands[pages[n % len(pages)]]
        yield env.timeout(crowd.within() * n / crowd.sessions)
        yield from use(server, demand.first)
        while True:
            pause = crowd.think * rng.uniform(0.5, 1.5)
            if env.now + pause > crowd.seconds:
                return
            yield env.timeout(pause)
            asked = env.now
            yield from use(server, rng.choice(demand.changes))
            yield env.timeout(demand.delay)
            if measured:
                yield from use(tool, demand.client)
            found.append(env.now - asked)

    for n in range(crowd.sessions):
        env.process(visit(n))
    env.run()
    return found


def waits(sessions: int, training: Training, trainers: int, hours: float = 8.0, seed: int = 0) -> list[float]:
    """Seconds that each run waits for one of the `trainers`, if visitors start them independently of each other."""
    env, rng, found = simpy.Environment(), random.Random(seed), list[float]()
    pool = simpy.Resource(env, capacity=trainers)

    def run() -> Generator[Any, Any, None]:
        asked = env.now
        with pool.request() as turn:
            yield turn
            found.append(env.now - asked)
            yield env.timeout(training.seconds * rng.uniform(0.5, 1.5))

    def visitors() -> Generator[Any, Any, None]:
        while env.now < hours * 3600:
            yield env.timeout(rng.expovariate(sessions * training.per_hour / 3600))
            env.process(run())

    env.process(visitors())
    env.run()
    return found


def p95(values: Sequence[float]) -> float:
    """As the load tool counts it."""
    return measuring.summary(list(values))["p95"] / 1000


# -- planning ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """What is good enough: the p95 of an answer and of the wait for a trainer, in seconds; and the cores of a machine."""

    answer: float = 0.15
    wait: float = 60.0
    cores: int = 8


@dataclass(frozen=True)
class Plan:
    """What so many visitors need. `memory` in GB for all server processes, `megabits` a second of pages and answers."""

    sessions: int
    processes: int
    trainers: int
    machines: int
    answer: float
    wait: float
    memory: float
    megabits: float


def shares(sessions: int, processes: int, seed: int = 0) -> list[int]:
    """How many visitors each process gets from a load balancer that draws one for each."""
    rng, counts = random.Random(seed), [0] * processes
    for _visitor in range(sessions):
        counts[rng.randrange(processes)] += 1
    return counts


def answer_of(demands: Mapping[str, Demand], sessions: int, processes: int, think: float) -> float:
    """The p95 of all answers of so many processes; of many, some that stand for all."""
    counts = sorted(shares(sessions, processes))
    step = max(len(counts) // 9, 1)
    found: list[float] = []
    for n, count in enumerate(counts[step // 2 :: step]):
        found += answers(demands, Crowd(count, think=think), seed=n)
    return p95(found)


def least(enough: Any, low: int) -> int:
    """The smallest number from `low` on that is enough, if all larger ones are."""
    high = low
    while not enough(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def plan(
    demands: Mapping[str, Demand], sessions: int, *, think: float = 5.0, training: Training | None = None,
    goal: Goal | None = None, base_memory: float = 0.75,
) -> Plan:  # fmt: skip
    """The fewest processes and trainers that reach the goal. `base_memory`: GB of a process with torch and no visitor."""
    training, goal = training or Training(), goal or Goal()
    busy = statistics.mean(statistics.mean(d.changes) for d in demands.values()) / think * sessions
    processes = least(lambda n: answer_of(demands, sessions, n, think) <= goal.answer, max(math.ceil(busy), 1))
    load_of_trainers = sessions * training.per_hour / 3600 * training.seconds
    trainers = least(lambda n: p95(waits(sessions, training, n)) <= goal.wait, max(math.ceil(load_of_trainers), 1))
    changes = sessions / (think + goal.answer)
    kb = statistics.mean(d.kb_change for d in demands.values()) * changes
    return Plan(
        sessions, processes, trainers,
        machines=math.ceil((processes + trainers) / max(goal.cores - 1, 1)),  # one core for the proxy and the system
        answer=answer_of(demands, sessions, processes, think),
        wait=p95(waits(sessions, training, trainers)),
        memory=processes * base_memory + sessions * statistics.mean(d.memory for d in demands.values()) / 1000,
        megabits=kb * 8 / 1000,
    )  # fmt: skip


# -- the command ---------------------------------------------------------------------------------------------------


def stored(file: Path) -> dict[str, Demand]:
    pages = json.loads(file.read_text(encoding="utf-8"))["pages"]
    return {page: Demand(**values | {"changes": tuple(values["changes"])}) for page, values in pages.items()}


async def compare(args: argparse.Namespace, url: str, pid: int) -> None:
    """Prints what the model says before the load tool measures it, on the same server."""
    demands = await measure(url, pid)
    print_demands(demands)
    print(f"{'sessions':>8} {'p95 predicted':>14} {'measured':>9} {'ratio':>6} {'server':>7} {'tool':>5}", flush=True)
    for sessions in args.compare:
        crowd = Crowd(sessions, args.seconds, args.think)
        told = p95([s for seed in range(5) for s in answers(demands, crowd, seed, measured=True)])
        began, server, own = time.monotonic(), process_time(pid), time.process_time()
        visitors = await load.wave(url, list(demands), sessions, args.seconds, args.think, {}, seed=sessions)
        took = time.monotonic() - began
        seen = p95([s for v in visitors for s in v.reruns])
        cores = [(process_time(pid) - server) / took, (time.process_time() - own) / took]
        print(
            f"{sessions:8} {1000 * told:11.0f} ms {1000 * seen:6.0f} ms {told / seen:6.2f} {cores[0]:7.2f} {cores[1]:5.2f}",
            flush=True,
        )


def print_demands(demands: Mapping[str, Demand]) -> None:
    print(
        f"{'page':13} {'first':>8} {'change':>8} {'p95':>8} {'delay':>8} {'tool':>8} {'kB first':>9} {'change':>7} {'MB':>6}"
    )
    for page, d in demands.items():
        ms = " ".join(
            f"{1000 * s:5.1f} ms" for s in (d.first, statistics.mean(d.changes), p95(d.changes), d.delay, d.client)
        )
        print(f"{page:13} {ms} {d.kb_first:9.0f} {d.kb_change:7.1f} {d.memory:6.2f}", flush=True)


def print_plans(demands: Mapping[str, Demand], args: argparse.Namespace) -> None:
    training, goal = Training(args.runs_per_hour, args.run_seconds), Goal(cores=args.cores)
    print(
        f"{args.plan_think:g} s think time, {training.per_hour:g} runs an hour and visitor of {training.seconds:g} s, "
        f"machines of {goal.cores} cores; p95 of an answer ≤ {1000 * goal.answer:.0f} ms, of a run's wait ≤ {goal.wait:.0f} s"
    )
    print(
        f"{'sessions':>8} {'processes':>9} {'trainers':>8} {'machines':>8} {'answer':>8} {'wait':>6} {'memory':>8} {'network':>11}"
    )
    for sessions in args.plan:
        p = plan(demands, sessions, think=args.plan_think, training=training, goal=goal)
        print(
            f"{p.sessions:8} {p.processes:9} {p.trainers:8} {p.machines:8} {1000 * p.answer:5.0f} ms {p.wait:4.0f} s "
            f"{p.memory:5.1f} GB {p.megabits:6.1f} Mb/s",
            flush=True,
        )


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.capacity",
        description="A model of visitors, server processes and trainers.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--measure", type=paths.option, metavar="FILE", help="what one visitor costs")
    what.add_argument("--compare", type=int, nargs="+", metavar="N", help="measure, then predict and load")
    what.add_argument("--runs", type=int, nargs="+", metavar="N", help="measure with so many runs in the directory")
    what.add_argument("--plan", type=int, nargs="+", metavar="N", help="what so many visitors need")
    parser.add_argument("--demand", type=paths.option, default=STORED, metavar="FILE", help="of --plan")
    parser.add_argument("--seconds", type=float, default=40.0, help="of a wave of --compare")
    parser.add_argument("--think", type=float, default=1.0, metavar="SECONDS", help="in --compare")
    parser.add_argument("--plan-think", type=float, default=5.0, metavar="SECONDS", help="in --plan")
    parser.add_argument("--runs-per-hour", type=float, default=2.0, help="that a visitor starts")
    parser.add_argument("--run-seconds", type=float, default=20.0, help="of training a run")
    parser.add_argument("--cores", type=int, default=8, help="of a machine")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    if args.plan:
        print_plans(stored(args.demand), args)
        return 0
    if args.measure:
        files.check_writable(args.measure)
    with tempfile.TemporaryDirectory() as folder, load.app(Path(folder)) as (url, server):
        if args.compare:
            asyncio.run(compare(args, url, server.pid))
        elif args.runs:
            asyncio.run(measure_runs(args.runs, url, server.pid))
        else:
            demands = asyncio.run(measure(url, server.pid))
            print_demands(demands)
            values = {"pages": {page: asdict(demand) for page, demand in demands.items()}}
            args.measure.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
