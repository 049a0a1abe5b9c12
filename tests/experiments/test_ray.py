"""Runs on a Ray cluster of several nodes in this machine: the same as anywhere, whatever is lost or stopped meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.experiments.engines import Task, cluster, node
from lenet.experiments.engines.ray import RayEngine
from lenet.runs import Run
from lenet.runs.files import KERNELS
from tests.helpers.processes import Process, wait_for
from tests.helpers.training import SHORT, same, trained

if os.environ.get("CI") != "true":
    pytest.importorskip("ray")

pytestmark = pytest.mark.slow

STORE = 80 * 2**20
"""Bytes of a node's object store."""
LONG = replace(SHORT, epochs=8, threads=1)
"""Some seconds of training."""


class Nodes:
    """A cluster whose head trains nothing, and has the driver."""

    def __init__(self, cpus: Sequence[int]) -> None:
        from ray.cluster_utils import Cluster

        about = {"object_store_memory": STORE, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **about})
        self.others = [self.cluster.add_node(num_cpus=n, **about) for n in cpus]
        self.address: str = self.cluster.address

    def kill_busy(self) -> None:
        """A node that trains loses its power."""
        busy = next(each for each in self.others if trains(each))
        self.others.remove(busy)
        self.cluster.remove_node(busy, allow_graceful=False)


def trains(each: Any) -> bool:
    """Whether a process of that node trains: its command line says so."""
    raylet = each.all_processes["raylet"][0].process.pid
    children = Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split()
    return any(b"ray::train" in Path(f"/proc/{child}/cmdline").read_bytes() for child in children)


@contextmanager
def nodes(scratch: Path, cpus: Sequence[int]) -> Iterator[Nodes]:
    # The head looks after its nodes more often than every three seconds, so that a killed one is noticed soon.
    settings = {"TMPDIR": str(scratch), "RAY_USAGE_STATS_ENABLED": "0", "RAY_health_check_period_ms": "500"}
    before = {name: os.environ.get(name) for name in settings}
    os.environ |= settings
    try:
        made = Nodes(cpus)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
    try:
        yield made
    finally:
        made.cluster.shutdown()


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    """Where the nodes train, and Ray keeps its sockets, whose paths must be short."""
    with tempfile.TemporaryDirectory(prefix="nodes-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="module")
def two(scratch: Path) -> Iterator[Nodes]:
    """The head and one more node, which trains two runs at a time."""
    with nodes(scratch, [2]) as made:
        yield made


def in_training(scratch: Path) -> int:
    """How many runs the nodes train."""
    return sum(files.is_locked(path) for path in scratch.glob(f"{node.SCRATCH}*/*/lock"))


def train(
    address: str, tasks: Sequence[Task], stopping: Callable[[], bool] = lambda: False, **options: Any
) -> tuple[list[str], list[str]]:
    """The ids of runs in the order in which they ended, and what the engine has said."""
    ended: list[str] = []
    said: list[str] = []
    RayEngine(address, **options).train(
        tasks, ended=lambda task: ended.append(task.run_id), say=said.append, stopping=stopping
    )
    return ended, said


def tasks_of(config: Any, n: int) -> list[Task]:
    return [Task(f"run-{seed}", replace(config, seed=seed)) for seed in range(n)]


class Beside:
    """Context with a thread that does `what` while the engine trains in this one; what goes wrong in it is raised at the end."""

    def __init__(self, what: Callable[[], None]) -> None:
        self._what, self._error = what, None
        self._thread = threading.Thread(target=self._do)

    def _do(self) -> None:
        try:
            self._what()
        except BaseException as e:
            self._error = e

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._thread.join()
        if self._error:
            raise self._error


# -- two nodes -------------------------------------------------------------------------------------------------------


def test_runs_are_the_same_to_the_last_bit_and_seen_live(two: Nodes) -> None:
    tasks = tasks_of(replace(SHORT, threads=1), 3)
    seen: set[str] = set()

    def watch() -> None:
        run = wait_for(lambda: (r := find("run-0")) and len(r.steps()["loss"]) and (r.path / KERNELS).exists() and r)
        seen.add(run.status().state)  # `running`: the driver holds its lock
        assert run.kernels()[0][0] == 0

    with Beside(watch):
        ended, said = train(two.address, tasks)
    assert sorted(ended) == ["run-0", "run-1", "run-2"] and seen == {"running"}
    assert "2 nodes, 2 CPUs" in said[0]
    for task in tasks[:2]:
        here, there = trained(task.config), runs.find(task.run_id)
        same(here, there)
        status = there.status()
        assert status.state == "finished" and not there.in_training
        assert (status.checksum, status.train_size) == (here.status().checksum, here.status().train_size)
        assert here.kernels()[1].tobytes() == there.kernels()[1].tobytes()
        ours, theirs = (run.predictions() for run in (here, there))
        assert ours and theirs and (ours[0] == theirs[0]).all() and (ours[1] == theirs[1]).all()
    # Asked again, nothing is trained twice.
    began = [runs.find(task.run_id).status().started for task in tasks]
    assert len(train(two.address, tasks)[0]) == 3
    assert began == [runs.find(task.run_id).status().started for task in tasks]


def test_one_run_is_stopped_by_its_page_and_the_others_go_on(two: Nodes) -> None:
    tasks = tasks_of(LONG, 2)

    def stop() -> None:
        wait_for(lambda: (run := find("run-0")) and run.stored_status().step and run).request("stop")

    with Beside(stop):
        ended, _ = train(two.address, tasks)
    stopped, finished = (runs.find(task.run_id) for task in tasks)
    assert ended == ["run-0", "run-1"] and finished.status().state == "finished"
    status = stopped.status()
    assert status.state == "stopped" and 0 < status.step < finished.status().step
    assert not stopped.requested("stop")
    same(trained(tasks[1].config), finished)


def test_a_driver_that_stops_keeps_every_step(two: Nodes, scratch: Path) -> None:
    tasks = tasks_of(LONG, 4)
    begun = threading.Event()
    at_once: set[int] = set()

    def wait() -> None:
        wait_for(lambda: at_once.add(in_training(scratch)) or ((run := find("run-1")) and run.stored_status().step))
        begun.set()

    with Beside(wait):
        ended, _ = train(two.address, tasks, stopping=begun.is_set)
    assert max(at_once) == 2  # one for each CPU, and not those that wait
    assert ended == [] and in_training(scratch) == 0
    found = [find(task.run_id) for task in tasks]
    states = [run.status() for run in found if run]
    assert {status.state for status in states} == {"stopped"} and sum(status.step > 0 for status in states) >= 1
    step = runs.find("run-1").status().step
    train(two.address, tasks[1:2])
    assert runs.find("run-1").status().started_step == step
    same(trained(tasks[1].config), runs.find("run-1"))


DRIVER = """
import sys
from lenet import runs
from lenet.experiments.engines import Task
from lenet.experiments.engines.ray import RayEngine
from tests.experiments.test_ray import tasks_of, LONG
RayEngine(sys.argv[1], large_every=0.1).train(tasks_of(LONG, 2), ended=print, say=print, stopping=lambda: False)
"""


def test_a_killed_driver_leaves_nothing_in_training(two: Nodes, scratch: Path) -> None:
    tasks = tasks_of(LONG, 2)
    # Started elsewhere: its nodes have this program from it alone.
    command, environment = (
        [sys.executable, "-c", DRIVER, two.address],
        os.environ | {"PYTHONPATH": str(paths.PROJECT)},
    )
    with Process(command, cwd=scratch, env=environment) as driver:
        wait_for(lambda: (run := find("run-0")) and (run.path / "checkpoint.safetensors").exists())
        assert in_training(scratch) > 0
        driver.send_signal(signal.SIGKILL)
        driver.wait()
    assert runs.find("run-0").status().state == "interrupted"
    wait_for(lambda: in_training(scratch) == 0, 30)
    ended, _ = train(two.address, tasks)
    assert sorted(ended) == ["run-0", "run-1"]
    assert runs.find("run-0").status().started_step > 0
    same(trained(tasks[0].config), runs.find("run-0"))


@pytest.mark.parametrize(("name", "other"), [("torch", "1.0.0"), ("Python", "3.5.1"), ("lenet", "0.1 (00000000)")])
def test_a_node_with_another_version_trains_nothing(
    two: Nodes, monkeypatch: pytest.MonkeyPatch, name: str, other: str
) -> None:
    """As far as the driver can tell, all nodes have another one."""
    here = node.versions()
    monkeypatch.setattr(node, "versions", lambda: here | {name: other})
    with pytest.raises(LenetError) as refused:
        train(two.address, tasks_of(SHORT, 3))
    assert refused.value.code == "cluster_other_version"
    assert {refused.value.params["ours"], refused.value.params["theirs"]} == {other, here[name]}
    run = runs.find("run-0")
    assert not run.in_training and run.status().step == 0
    monkeypatch.undo()


def test_what_cannot_be_trained_fails_by_itself(two: Nodes) -> None:
    """A run that diverges, one whose device no node has, one whose images are not here."""
    bad = [
        Task("diverges", replace(SHORT, threads=1, lr=100.0, seed=1)),
        Task("no-gpu", replace(SHORT, threads=1, device="cuda")),
        Task("no-data", replace(SHORT, threads=1, dataset="kmnist", data="full")),
    ]
    good = Task("good", replace(SHORT, threads=1, epochs=1))
    ended, _ = train(two.address, [*bad, good])
    assert sorted(ended) == ["diverges", "good", "no-data", "no-gpu"]
    codes = {task.run_id: runs.find(task.run_id).status().code for task in bad}
    assert (
        codes["no-gpu"] == "device_unavailable"
        and codes["no-data"]
        and runs.find("good").status().state == "finished"
    )


HOLDER = """
import sys, time
from lenet import runs
held = runs.lock(runs.find(sys.argv[1]))
print("held", flush=True)
time.sleep(2)
"""


def test_a_run_that_is_deleted_meanwhile_is_let_go(two: Nodes) -> None:
    tasks = tasks_of(LONG, 2)
    with Beside(
        lambda: shutil.rmtree(wait_for(lambda: (run := find("run-0")) and run.stored_status().step and run).path)
    ):
        ended, said = train(two.address, tasks)
    assert ended == ["run-1"] and find("run-0") is None and any("run-0" in line for line in said)


def test_a_run_that_another_process_trains_is_waited_for(two: Nodes) -> None:
    task = Task("shared", replace(SHORT, threads=1))
    run = runs.create(task.config, task.run_id, for_worker=False)
    command = [sys.executable, "-c", HOLDER, task.run_id]
    with Process(command, cwd=paths.PROJECT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline()
        ended, _ = train(two.address, [task])
        assert holder.wait(1) == 0
    assert ended == ["shared"] and run.status().state == "finished"


def test_what_a_cluster_has_is_told(two: Nodes) -> None:
    assert cluster.main(["--address", two.address, "--keep"]) == 0
    found = cluster.describe(two.address)
    assert found and (found.nodes, found.cpus, found.gpus, found.error) == (2, 2, 0, None)
    out = subprocess.run(
        [sys.executable, "-m", cluster.MODULE, "--address", two.address],
        cwd=paths.PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert out.stdout == f"{two.address}: 2 nodes, 2 CPUs, 0 GPUs\n"


# -- four nodes ------------------------------------------------------------------------------------------------------


def test_of_four_nodes_one_is_lost_and_no_run(scratch: Path) -> None:
    tasks = tasks_of(LONG, 4)
    with nodes(scratch, [1, 1, 1]) as four:

        def kill() -> None:
            wait_for(lambda: all((run := find(t.run_id)) and run.stored_status().epoch > 1 for t in tasks[:2]))
            four.kill_busy()

        with Beside(kill):
            ended, said = train(four.address, tasks, large_every=0.1)
    assert sorted(ended) == [task.run_id for task in tasks]
    # One, or two where it had ended and its last news were still there when the next one had begun.
    assert 1 <= sum("goes on elsewhere" in line for line in said) <= 2, said
    assert sum(runs.find(task.run_id).status().started_step > 0 for task in tasks) >= 1
    for task in tasks:
        same(trained(task.config), runs.find(task.run_id))


def test_where_the_cluster_is_lost_one_sentence_says_so(scratch: Path) -> None:
    """Ray ends the driver at once, without a word."""
    with nodes(scratch, [1]) as lost:
        command = [sys.executable, "-c", DRIVER, lost.address]
        with Process(command, cwd=paths.PROJECT, stderr=subprocess.PIPE) as driver:
            wait_for(lambda: (run := find("run-0")) and run.stored_status().step)
            lost.cluster.head_node.all_processes["raylet"][0].process.kill()
            said = driver.communicate(timeout=60)[1].decode()
    assert driver.returncode and f"The cluster at {lost.address} is gone" in said
    assert not runs.find("run-0").in_training


def find(run_id: str) -> Run | None:
    """The run of that id, once it is there."""
    try:
        return runs.find(run_id)
    except LenetError:
        return None
