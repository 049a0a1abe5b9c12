"""What a Ray cluster costs: its speed against plain processes, and what a thousand runs cost the driver.

    python -m tests.tools.bench_ray                         # a cluster of a node for each core of this machine; some minutes
    python -m tests.tools.bench_ray --sprint 4 --classic 0  # small
    python -m tests.tools.bench_ray --simulated 100,1000    # only the driver, on runs that train nothing

**Speed.** As many plain `lenet.train` processes as there are cores train beside each other, with one thread each; then the
cluster trains many such runs. Both are measured alike: images trained on in a second of the clock, evaluation and files
included, once every process has trained an epoch.
With the speed comes what the cores did meanwhile: what others did on this machine makes the comparison worth less.

**Driver.** Simulated runs hand over files as large as those of LeNet. Each number of them has a driver of its own, whose peak of
memory and whose time, from the first run's end to the last one's, are printed.

Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lenet import runs
from lenet.common import paths, process
from lenet.experiments.engines import Task, node
from lenet.experiments.engines.node import News, Parcel
from lenet.experiments.engines.ray import RayEngine
from lenet.experiments.engines.transfer import Part
from lenet.runs.configuration import RECIPES, SPRINT, RunConfig
from lenet.runs.files import CHECKPOINT, METRICS_CSV, MODEL, STATUS, STEPS_CSV
from tests.tools.cores import OTHERS, Moment, busy, look

SIZES = {CHECKPOINT: 500_000, MODEL: 250_000, STEPS_CSV: 30_000}
"""Bytes of the files of a simulated run, which are those of LeNet after some epochs."""
MOST_EPOCHS = 8  # of a plain process
WARM = "warm"
"""What the ids of runs begin with that warm the processes up."""


@contextmanager
def nodes(n: int) -> Iterator[str]:
    """Context with a cluster of n nodes with a CPU each, and a head without: its address."""
    # Ray has its processes give way to others, which plain ones do not: beside them it would count as slower than it is.
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    about: dict[str, Any] = {"object_store_memory": 100 * 2**20, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **about})
    try:
        for _ in range(n):
            cluster.add_node(num_cpus=1, **about)
        yield cluster.address
    finally:
        cluster.shutdown()


# -- speed ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Speed:
    rate: float
    """Images trained on in a second."""
    said: float
    """The same, as the runs say themselves: training alone."""
    busy: dict[str, float]
    """Cores that were busy with what."""

    def __str__(self) -> str:
        own = sum(cores for kind, cores in self.busy.items() if kind != OTHERS)
        shares = ", ".join(f"{kind} {cores:.2f}" for kind, cores in sorted(self.busy.items()))
        return (
            f"{self.rate:7,.0f} examples/sec ({self.said:,.0f} in training alone), "
            f"{1e6 * own / self.rate:.1f} µs of CPU each; cores busy: {shares}"
        )


def plain(recipe: str, epochs: int, data: str, n: int) -> Speed:
    """What n `lenet.train` beside each other do once each has trained an epoch, until the first of them ends."""
    with ThreadPoolExecutor(n) as lanes:
        times = list(lanes.map(lambda seed: _train(recipe, epochs + 1, data, seed), range(n)))
    statuses = [runs.find(f"plain-{recipe}-{seed}").status() for seed in range(n)]
    first = max(moments[0].at for moments in times)
    last = min(moments[-1].at for moments in times)
    between = sorted((m for moments in times for m in moments if first <= m.at <= last), key=lambda m: m.at)
    return Speed(
        rate=sum(
            status.train_images * epochs / (moments[-1].at - moments[0].at)
            for status, moments in zip(statuses, times, strict=True)
        ),
        said=sum(status.examples_per_sec for status in statuses),
        busy=busy(between),
    )


def _train(recipe: str, epochs: int, data: str, seed: int) -> list[Moment]:
    """The ends of the epochs of a `lenet.train`."""
    command = [
        sys.executable, "-m", "lenet.train", f"--recipe={recipe}", f"--epochs={epochs}", f"--data={data}",
        f"--seed={seed}", "--threads=1", "--device=cpu", f"--run-id=plain-{recipe}-{seed}",
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True) as trainer:
        assert trainer.stdout
        return [look(kind) for line in trainer.stdout if line.startswith("epoch")]


def kind(command: str) -> str:
    """What a process does, by its command line."""
    if "lenet.train" in command or command.startswith(("ray::together", "ray::IDLE")):
        return "training"
    return "driver" if "tests.tools.bench_ray" in command else "Ray"


def together(parcel: Parcel, images: Any, desk: Any) -> Iterator[News]:
    """Train a run; the first ones, which warm the processes up, end only once all of them have been trained."""
    import ray

    for news in node.train(parcel, images, desk):
        if news.last and parcel.run_id.startswith(WARM):
            recipe, number, n = parcel.run_id.split("-")[1:]
            ray.get(desk.tell.remote(f"{recipe}-{number}", "trained"))
            ray.get([desk.wait.remote(f"{recipe}-{k}") for k in range(int(n))])
        yield news


def clustered(address: str, config: RunConfig, n: int, at_once: int) -> Speed:
    """What a cluster does with n runs once each of its processes has trained an epoch, until the last run is here."""
    warm = [Task(f"{WARM}-{config.recipe}-{k}-{at_once}", replace(config, epochs=1, seed=k)) for k in range(at_once)]
    tasks = [Task(f"ray-{config.recipe}-{k}", replace(config, seed=k)) for k in range(n)]
    ends: list[Moment] = []
    RayEngine(address, work=together).train(
        [*warm, *tasks], ended=lambda task: ends.append(look(kind)), say=print, stopping=lambda: False
    )
    statuses = [runs.find(task.run_id).status() for task in tasks]
    assert all(status.state == "finished" for status in statuses)
    return Speed(
        rate=sum(status.train_images * status.epoch for status in statuses) / (ends[-1].at - ends[0].at),
        said=sum(status.examples_per_sec for status in statuses) / n * at_once,
        busy=busy(ends),
    )


def speed(address: str, recipe: str, n: int, data: str, at_once: int) -> None:
    """Compare and print."""
    config = replace(RECIPES[recipe], threads=1, device="cpu", data=data)
    epochs = min(config.epochs * n // at_once, MOST_EPOCHS)
    beside = plain(recipe, epochs, data, at_once)
    print(f"{recipe}, {at_once} plain processes: {beside}", flush=True)
    found = clustered(address, config, n, at_once)
    print(f"{recipe}, {n} runs on the cluster:   {found}", flush=True)
    print(f"{recipe}: {found.rate / beside.rate:.0%} ({found.said / beside.said:.0%} in training alone)", flush=True)


# -- the driver ----------------------------------------------------------------------------------------------------


def simulated(parcel: Parcel, images: Any, desk: Any) -> Iterator[News]:
    """What a node would tell of a run, without training it."""
    yield News(node="simulated")
    status = json.loads(parcel.files[STATUS])
    for epoch in (1, 2):
        status |= {"state": "finished" if epoch == 2 else "running", "epoch": epoch}
        parts = [Part(name, 0, bytes(size)) for name, size in SIZES.items()]
        parts += [Part(METRICS_CSV, 0, b"epoch,step\n"), Part(STATUS, 0, json.dumps(status).encode())]
        yield News(tuple(parts), last=epoch == 2)


def drive(address: str, n: int) -> dict[str, float]:
    """Seconds from the first end of n simulated runs to the last, and the peak of this process's memory."""
    tasks = [Task(f"simulated-{k}", replace(SPRINT, threads=1, data="sample", seed=k)) for k in range(n)]
    at: list[float] = []
    engine = RayEngine(address, work=simulated)
    engine.train(
        tasks, ended=lambda task: at.append(time.perf_counter()), say=lambda line: None, stopping=lambda: False
    )
    assert len(at) == n
    return {"runs": n, "seconds": at[-1] - at[0], "peak_memory": process.peak_memory(), "received": engine.received}


def drivers(address: str, numbers: Sequence[int]) -> None:
    """A driver for each number of runs; printed."""
    rows = []
    for n in numbers:
        command = [sys.executable, "-m", "tests.tools.bench_ray", "--drive", str(n), "--address", address]
        out = subprocess.run(command, cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True, check=True)
        rows.append(json.loads(out.stdout.splitlines()[-1]))
        row = rows[-1]
        print(
            f"{n:>6} simulated runs: {row['seconds']:6.1f} s ({1000 * row['seconds'] / n:.1f} ms each), "
            f"peak {row['peak_memory'] / 2**20:.1f} MiB, {row['received'] / 2**20:,.0f} MiB received",
            flush=True,
        )
    first, last = rows[0], rows[-1]
    print(
        f"memory {last['peak_memory'] / first['peak_memory']:.3f}×, "
        f"time a run {last['seconds'] / last['runs'] / (first['seconds'] / first['runs']):.2f}×"
    )


def numbers(text: str) -> list[int]:
    """Those in `100,1000`. One run has no time between its end and the last one's."""
    found = [int(part) if part.isdecimal() else 0 for part in text.split(",")]
    if min(found) < 2:
        raise argparse.ArgumentTypeError("each number of runs is 2 or more, with commas between them")
    return found


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.bench_ray", description=__doc__.splitlines()[0])
    parser.add_argument("--sprint", type=int, default=16, metavar="N", help="runs of that recipe (default: 16)")
    parser.add_argument("--classic", type=int, default=8, metavar="N", help="runs of that recipe (default: 8)")
    parser.add_argument("--data", default="auto", help="as of lenet.train")
    parser.add_argument(
        "--simulated", type=numbers, metavar="N,N", help="measure the driver alone, with so many runs"
    )
    parser.add_argument("--address", default="", help="an existing cluster (default: one made for it)")
    parser.add_argument("--drive", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if min(args.sprint, args.classic) < 0:
        parser.error("a number of runs is 0 or more")
    with tempfile.TemporaryDirectory() as folder:
        paths.use_runs_dir(Path(folder))
        if args.drive:
            print(json.dumps(drive(args.address, args.drive)))
            return 0
        at_once = process.cores()
        with nodes(at_once) as address:
            if args.simulated:
                drivers(args.address or address, args.simulated)
                return 0
            for recipe, n in (("sprint", args.sprint), ("classic", args.classic)):
                if n:
                    speed(args.address or address, recipe, n, args.data, at_once)
    return 0


if __name__ == "__main__":
    sys.exit(main())
