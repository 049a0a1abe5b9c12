"""How many visitors a server carries: what one costs, a model of many (server_model.py), and what it is worth.

    python -m tests.tools.capacity --measure                    # what one visitor costs, alone on a quiet server
    python -m tests.tools.capacity --compare 10 40 100          # the model's p95 beside the load tool's
    python -m tests.tools.capacity --plan 1000 10000            # processes, trainers, machines, memory, bytes
    python -m tests.tools.capacity --runs 20 200 2000           # what a page costs beside so many runs

`--measure` takes two and a half minutes of a quiet machine with two cores or more, under Linux, and writes `capacity.json` beside
this file, or another file that `--demand` names. The others read it. In a plan, a load balancer gives each visitor to a
process for good, at random.

What it leaves out: the machine's other work, so processes and trainers need a core each; networks and their delays,
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest import mock

from lenet import runs, ui
from lenet.common import files, paths
from tests.helpers import measuring
from tests.helpers import pages as pages_in_tests
from tests.tools import load
from tests.tools.server_model import Crowd, Demand, Server, Training, answers, mean_change, p95, waits

STORED = Path(__file__).with_name("capacity.json")
"""What was measured last, on the machine that it names."""
PAGES = [page for page, changed in load.PAGES.items() if set(changed) != {"lang"}]
LISTING = ["training", "kernels"]
"""Pages that offer all runs."""
CHANGES = 24
"""Of each page, measured one after the other."""
SETTLE = 0.03
"""Seconds after an answer in which the server finishes what belongs to it."""
PAUSE = (0.3, 1.0)
"""Seconds of thought. Who changes something at once after an answer waits for Streamlit to end the run before."""
CROWDS = (4, 16, 48, 96)
"""So many visitors, who do not think at all, keep a process busier than it can be."""
BUSY = 8.0
"""Seconds in which they are measured."""

# -- what one visitor costs ----------------------------------------------------------------------------------------


def process_time(pid: int) -> float:
    """CPU time of another process, to the nanosecond: the clock that clock_getcpuclockid(3) names. Linux alone."""
    return time.clock_gettime((~pid << 3) | 2)


def loop_time(pid: int) -> float:
    """CPU time of its main thread, which is a server's event loop. Linux alone."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[0]) / 1e9


async def measure_page(url: str, pid: int, page: str) -> Demand:
    """What one visitor costs who is alone on a page."""
    rng = random.Random(1)
    for _warm in range(2):  # the first visitor of a page loads what it needs
        async with load.Visitor(url, page, "", rng) as visitor:
            for _change in range(15):
                await visitor.change_something()
    before = process_time(pid)
    visitor = load.Visitor(url, page, "", rng)
    async with visitor:
        await asyncio.sleep(SETTLE)
        first = process_time(pid) - before
        costs, delays, clients = [], [], []
        for _change in range(CHANGES):
            await asyncio.sleep(rng.uniform(*PAUSE) - SETTLE)
            own, then = time.process_time(), process_time(pid)
            took = await visitor.change_something()
            clients.append(time.process_time() - own)
            await asyncio.sleep(SETTLE)
            costs.append(process_time(pid) - then)
            delays.append(took - costs[-1] - clients[-1])
    return Demand(
        first=first,
        changes=tuple(round(cost, 5) for cost in costs),
        delay=max(statistics.median(delays), 0.0),
        client=statistics.mean(clients),
        kb_first=visitor.first_bytes / 1000,
        kb_change=(visitor.bytes - visitor.first_bytes) / 1000 / CHANGES,
    )


async def measure_pages(url: str, pid: int, pages: Sequence[str] = PAGES) -> dict[str, Demand]:
    """The demands of pages, one after the other."""
    return {page: await measure_page(url, pid, page) for page in pages}


async def measure_busy(url: str, pid: int, sessions: int) -> tuple[float, float]:
    """Seconds of a process, and of its event loop, for each run if so many visitors never think.

    Of its CPU time or of time, whichever is less: with few visitors it has pauses, with many it computes a little on a second
    core.
    """
    arrive = sessions / 10
    visitors = [load.Visitor(url, PAGES[n % len(PAGES)], "", random.Random(n)) for n in range(sessions)]
    stays = [v.stay(arrive + 2 + BUSY, 0.0, arrive * n / sessions) for n, v in enumerate(visitors)]

    def now() -> tuple[int, float, float, float]:
        return sum(len(v.reruns) for v in visitors), time.monotonic(), process_time(pid), loop_time(pid)

    async def between() -> tuple[float, float]:
        await asyncio.sleep(arrive + 2)
        then = now()
        await asyncio.sleep(BUSY)
        done, seconds, cpu, loop = (after - before for after, before in zip(now(), then, strict=True))
        return min(seconds, cpu) / done, loop / done

    found, *_none = await asyncio.gather(between(), *stays)
    if failed := [v.failure for v in visitors if v.failure]:
        raise SystemExit(f"{len(failed)} of {sessions} visitors failed: {failed[0]}")
    return found


def measure_frame(times: int = 15) -> float:
    """Seconds of the frame around a page until its turn: of the same script in this process."""
    spent = []

    @contextmanager
    def turn() -> Iterator[None]:
        spent.append(time.thread_time())  # each run has a thread of its own
        yield

    app = pages_in_tests.app()
    with mock.patch.object(ui, "turn", turn):
        for _run in range(times):
            app.run()
    return statistics.median(spent)


@dataclass(frozen=True)
class Measured:
    """All that the model needs to know of a server, and the machine on which it was measured."""

    pages: Mapping[str, Demand]
    server: Server
    machine: str

    def write(self, file: Path) -> None:
        files.write_json(file, asdict(self))

    @classmethod
    def read(cls, file: Path) -> Measured:
        stored = json.loads(file.read_text(encoding="utf-8"))
        pages = {
            page: Demand(**values | {"changes": tuple(values["changes"])}) for page, values in stored["pages"].items()
        }
        crowd = tuple((int(number), float(cost)) for number, cost in stored["server"]["crowd"])
        return cls(pages, Server(**stored["server"] | {"crowd": crowd}), stored["machine"])


async def measure(url: str, pid: int) -> Measured:
    """First alone, then ever larger crowds. Their sessions are all kept until the end: Streamlit lets go of one after two
    minutes."""
    pages = await measure_pages(url, pid)
    print_demands(pages)
    alone, crowd, loops, memory = mean_change(pages), [(1, 1.0)], [], measuring.Memory.of(pid).rss
    for sessions in CROWDS:
        seconds, loop = await measure_busy(url, pid, sessions)
        crowd.append((sessions, round(seconds / alone, 3)))
        loops.append(loop)
        print(
            f"{sessions} without thought: {1000 * seconds:.1f} ms a run, {crowd[-1][1]:.2f} of one alone", flush=True
        )
    session = max(measuring.Memory.of(pid).rss - memory, 0.0) / sum(CROWDS)
    server = Server(loops[0], measure_frame(), tuple(crowd), memory, session)
    print(
        f"event loop {1000 * server.loop:.1f} ms a run, frame of a page {1000 * server.frame:.1f} ms; "
        f"{memory:.0f} MB, and {session:.2f} MB a session"
    )
    return Measured(pages, server, machine())


def machine() -> str:
    """The processor, as Linux names it, and how many cores of it there are."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} cores of {names[0] if names else 'an unnamed processor'}"


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
        print_demands(await measure_pages(url, pid, LISTING))


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


def answer_of(measured: Measured, sessions: int, processes: int, think: float) -> float:
    """The p95 of all answers of so many processes; of many, some that stand for all."""
    counts = sorted(shares(sessions, processes))
    step = max(len(counts) // 9, 1)
    found: list[float] = []
    for n, count in enumerate(counts[step // 2 :: step]):
        found += answers(measured.pages, measured.server, Crowd(count, think=think), seed=n)
    return p95(found)


def least(enough: Callable[[int], bool], low: int) -> int:
    """The smallest number from `low` on that is enough, if all larger ones are."""
    high = low
    while not enough(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def plan(
    measured: Measured, sessions: int, *, think: float = 5.0, training: Training | None = None,
    goal: Goal | None = None,
) -> Plan:  # fmt: skip
    """The fewest processes and trainers that reach the goal."""
    training, goal = training or Training(), goal or Goal()
    demands = measured.pages
    busy = mean_change(demands) / think * sessions
    processes = least(lambda n: answer_of(measured, sessions, n, think) <= goal.answer, max(math.ceil(busy), 1))
    load_of_trainers = sessions * training.per_hour / 3600 * training.seconds
    trainers = least(lambda n: p95(waits(sessions, training, n)) <= goal.wait, max(math.ceil(load_of_trainers), 1))
    changes = sessions / (think + goal.answer)
    kb = statistics.mean(d.kb_change for d in demands.values()) * changes
    return Plan(
        sessions, processes, trainers,
        machines=math.ceil((processes + trainers) / max(goal.cores - 1, 1)),  # one core for the proxy and the system
        answer=answer_of(measured, sessions, processes, think),
        wait=p95(waits(sessions, training, trainers)),
        memory=(processes * measured.server.memory + sessions * measured.server.session) / 1000,
        megabits=kb * 8 / 1000,
    )  # fmt: skip


# -- the command ---------------------------------------------------------------------------------------------------


async def compare(args: argparse.Namespace, measured: Measured, url: str, pid: int) -> None:
    """Prints what the model says before the load tool measures it."""
    for page in measured.pages:  # the first visitor of a page loads what it needs
        async with load.Visitor(url, page, "", random.Random(1)) as visitor:
            for _change in range(10):
                await visitor.change_something()
    print(
        f"{'sessions':>8} {'p95 predicted':>14} {'measured':>9} {'ratio':>6} {'median':>14} {'server':>7} {'tool':>5}"
    )
    for sessions in args.compare:
        crowd = Crowd(sessions, args.seconds, args.think)
        told = [s for n in range(5) for s in answers(measured.pages, measured.server, crowd, n, measured=True)]
        began, server, own = time.monotonic(), process_time(pid), time.process_time()
        visitors = await load.wave(url, list(measured.pages), sessions, args.seconds, args.think, {}, seed=sessions)
        took = time.monotonic() - began
        seen = [s for v in visitors for s in v.reruns]
        cores = [(process_time(pid) - server) / took, (time.process_time() - own) / took]
        medians = "/".join(f"{1000 * statistics.median(values):.0f}" for values in (told, seen))
        print(
            f"{sessions:8} {1000 * p95(told):11.0f} ms {1000 * p95(seen):6.0f} ms {p95(told) / p95(seen):6.2f} "
            f"{medians:>11} ms {cores[0]:7.2f} {cores[1]:5.2f}",
            flush=True,
        )


def print_demands(demands: Mapping[str, Demand]) -> None:
    print(f"{'page':13} {'first':>8} {'change':>8} {'p95':>8} {'delay':>8} {'tool':>8} {'kB first':>9} {'change':>7}")
    for page, d in demands.items():
        ms = " ".join(
            f"{1000 * s:5.1f} ms" for s in (d.first, statistics.mean(d.changes), p95(d.changes), d.delay, d.client)
        )
        print(f"{page:13} {ms} {d.kb_first:9.0f} {d.kb_change:7.1f}", flush=True)


def print_plans(measured: Measured, args: argparse.Namespace) -> None:
    training, goal = Training(args.runs_per_hour, args.run_seconds), Goal(cores=args.cores)
    print(
        f"{args.plan_think:g} s think time, {training.per_hour:g} runs an hour and visitor of {training.seconds:g} s, "
        f"machines of {goal.cores} cores; p95 of an answer ≤ {1000 * goal.answer:.0f} ms, of a run's wait ≤ {goal.wait:.0f} s"
    )
    print(
        f"{'sessions':>8} {'processes':>9} {'trainers':>8} {'machines':>8} {'answer':>8} {'wait':>6} {'memory':>8} {'network':>11}"
    )
    for sessions in args.plan:
        p = plan(measured, sessions, think=args.plan_think, training=training, goal=goal)
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
    what.add_argument("--measure", action="store_true", help="what one visitor costs")
    what.add_argument("--compare", type=int, nargs="+", metavar="N", help="predict, then load")
    what.add_argument("--runs", type=int, nargs="+", metavar="N", help="measure with so many runs in the directory")
    what.add_argument("--plan", type=int, nargs="+", metavar="N", help="what so many visitors need")
    parser.add_argument("--demand", type=paths.option, default=STORED, metavar="FILE", help="what was measured")
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
        print_plans(Measured.read(args.demand), args)
        return 0
    if args.measure:
        files.check_writable(args.demand)
    with tempfile.TemporaryDirectory() as folder, load.app(Path(folder), compresses=False) as (url, server):
        if args.compare:
            asyncio.run(compare(args, Measured.read(args.demand), url, server.pid))
        elif args.runs:
            asyncio.run(measure_runs(args.runs, url, server.pid))
        else:
            asyncio.run(measure(url, server.pid)).write(args.demand)
    return 0


if __name__ == "__main__":
    sys.exit(main())
