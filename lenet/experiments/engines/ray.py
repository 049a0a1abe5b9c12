"""The engine `ray`: trains the runs of an experiment on the nodes of an existing Ray cluster.

A run is a task with needs of its own: one CPU, or a share of a GPU. Its node trains it in a scratch directory (node.py) and hands
the files over as they come; this process, the driver, writes them into the runs directory (transfer.py). So no disk is
shared, and the app shows these runs live like all others. The driver holds the lock of every run that is on its way.

The images go into the object store once, and this program travels with the experiment: nodes need Python, Ray and what
requirements.txt names, in the driver's versions. The driver's machine has to be a node itself, if only one without CPUs.

A node may be lost. Ray's own retries would begin its runs at their start, and give out again what has been given; so
they are off, and the driver sends such a run elsewhere with the last checkpoint that it has. When the driver ends,
however it does, Ray ends what it has started.

Only as many runs are on their way as the cluster can train, and a few that wait there: what the driver holds does not depend
on how many there are.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

import filelock

from lenet import data, runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.experiments.engines import Task, cluster, find_or_create, node, transfer
from lenet.experiments.engines.cluster import Cluster
from lenet.experiments.engines.local import PER_GPU
from lenet.experiments.engines.node import WORDS, Desk, Images, News, Parcel
from lenet.runs import Run, parsing
from lenet.runs.configuration import RunConfig
from lenet.runs.files import CHECKPOINT, CONFIG, GRADIENTS_CSV, KERNELS, STATUS, STEPS_CSV

GOES_ON_WITH = (CONFIG, STATUS, STEPS_CSV, GRADIENTS_CSV, KERNELS, CHECKPOINT)
"""The files of a run that its training needs."""
NOT_SENT = ["sample/", "reference/", "_app/", "__pycache__/", "*.js", "*.css", "*.woff2", "*.png", "*.po"]
"""Files of this program that no training needs."""
ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}
"""What processes of the nodes are started with, for glibc: training is not in their first thread. The heaps that other threads
get are small, and are given back and made anew in the middle of an evaluation."""
MOST_ON_THEIR_WAY = 500  # runs at a time, each with an open lock
NEWS_A_SECOND = 50  # that the driver takes in: with more runs at a time, each is looked at less often
LOOK_EVERY = 0.5  # seconds between two looks of a node at what is new, and of the driver at what is asked
CHECK_EVERY = 5.0  # seconds between two looks whether the cluster is there, and how large it is
GONE_AFTER = 4  # such looks in a row that find nobody
STOP_WITHIN = 60.0  # seconds in which runs end at their step, on a busy machine; then they are cut off
LEAVE_WITHIN = 10.0  # seconds in which Ray is left; a cluster that is gone does not answer
AHEAD = 2  # news of a run that wait for the driver; then its node keeps what is new together
TRIES = 3  # processes that a run may lose without a new checkpoint


@dataclass
class _Sent:
    """A run on its way through the cluster."""

    task: Task
    run: Run
    held: filelock.BaseFileLock
    began: str = ""  # the node that has begun it
    word: str = ""  # what has been asked of it


class RayEngine:
    """Trains on the cluster at `address` (default: the one that `RAY_ADDRESS` names).

    `work` is what a node does with a run. `large_every` is how often weights are handed over, in seconds.
    """

    def __init__(
        self,
        address: str = "",
        *,
        work: Callable[[Parcel, Any, Any], Iterator[News]] = node.train,
        large_every: float = transfer.LARGE_EVERY,
    ) -> None:
        self.address, self._work, self._large_every = address, work, large_every
        self.received = 0
        """Bytes of files that nodes have handed over."""

    def train(
        self,
        tasks: Sequence[Task],
        *,
        ended: Callable[[Task], None],
        say: Callable[[str], None],
        stopping: Callable[[], bool],
    ) -> None:
        """See engines.Engine. Raises LenetError where there is no such cluster, or it cannot train these runs."""
        found = cluster.look(self.address)
        if found.error:
            raise found.error
        with _joined(found.address):
            say(f"{found.address}: {found.nodes} nodes, {found.cpus:g} CPUs, {found.gpus:g} GPUs")
            training = _Training(tasks, found, self._work, self._large_every, ended, say)
            try:
                while training.goes_on:
                    if stopping():
                        training.stop()
                    training.go_on()
            finally:
                self.received += training.received
                training.abandon()


@contextmanager
def _joined(address: str) -> Iterator[None]:
    """Context in which this process is a driver of the cluster. Raises LenetError where the cluster is lost."""
    import ray

    heard = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    environment = {"py_modules": [str(paths.PACKAGE)], "excludes": NOT_SENT, "env_vars": ONE_HEAP}
    try:
        ray.init(address=address, runtime_env=environment, logging_level="ERROR", log_to_driver=False)
    except Exception as e:
        raise cluster.refusal(address, str(e)) from e
    if threading.current_thread() is threading.main_thread():
        for number, handler in heard.items():  # Ray has taken SIGTERM for itself
            signal.signal(number, handler)
    lost = LenetError("cluster_lost", address=address)
    with _last_words(str(lost)):
        try:
            yield
        except ray.exceptions.RayError as e:
            raise lost from e
        except OSError as e:
            if e.errno is None:  # Ray's own have words alone: this machine's part of the cluster no longer listens
                raise lost from e
            raise
        finally:
            leaving = threading.Thread(target=ray.shutdown, daemon=True)
            leaving.start()
            leaving.join(LEAVE_WITHIN)


@contextmanager
def _last_words(sentence: str) -> Iterator[None]:
    """Context in which a sentence is printed if this process ends: Ray ends it at once where this machine's part of the
    cluster is gone. Another process holds the end of a pipe, and prints it where that is closed without a word."""
    code = "import sys; sys.stdin.read() or print(sys.argv[1], file=sys.stderr)"
    command = [sys.executable, "-I", "-S", "-c", code, sentence]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as other:
        try:
            yield
        finally:
            with suppress(OSError):
                other.communicate(b"well")


class _Training:
    """The state of one `train`."""

    def __init__(
        self,
        tasks: Sequence[Task],
        found: Cluster,
        work: Callable[[Parcel, Any, Any], Iterator[News]],
        large_every: float,
        ended: Callable[[Task], None],
        say: Callable[[str], None],
    ) -> None:
        import ray

        self.todo = deque(tasks)
        self.elsewhere: list[Task] = []  # other processes train them
        self.sent: dict[Any, _Sent] = {}  # by the generator of their news
        self.received = 0
        self._ray, self._cluster = ray, found
        self._work = ray.remote(
            num_returns="streaming", max_retries=0, max_calls=0, _generator_backpressure_num_objects=AHEAD
        )(work)
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        self._desk = ray.remote(num_cpus=0, max_concurrency=2 * MOST_ON_THEIR_WAY, scheduling_strategy=here)(
            Desk
        ).remote()
        self._versions = node.versions()
        self._images: dict[data.Source, Any] = {}
        self._large_every, self._ended, self._say = large_every, ended, say
        self._lost: Counter[str] = Counter()
        self._stop_at = 0.0
        self._looked = self._checked = time.monotonic()
        self._missed = 0
        self._began = False  # any run

    @property
    def goes_on(self) -> bool:
        return bool(self.todo or self.elsewhere or self.sent)

    def go_on(self) -> None:
        """Send what there is room for, and take in what has come; takes LOOK_EVERY at most."""
        while self.todo and len(self.sent) < self._room():
            self._send(self.todo.popleft())
        for coming in self._ready():
            self._take(coming)
        now = time.monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._heed_requests()
            self._take_up_those_elsewhere()
        if now - self._checked >= CHECK_EVERY:
            self._checked = now
            self._check_cluster()
        if self._stop_at and now > self._stop_at:
            self.abandon()

    # -- sending

    def _room(self) -> int:
        """How many runs may be on their way: those that the cluster trains at a time, and some that wait there."""
        on_gpus = self._cluster.gpus * PER_GPU
        slots = int(max(on_gpus, 1) if on_gpus else max(self._cluster.cpus, 1))
        return min(slots + max(slots // 4, 2), MOST_ON_THEIR_WAY)

    def _needs(self, config: RunConfig) -> dict[str, float]:
        """What a run takes of the cluster. `auto` is a GPU where there is one, as everywhere."""
        on_gpu = config.device in ("auto", "cuda") and self._cluster.gpus
        return {"num_cpus": 1, "num_gpus": 1 / PER_GPU if on_gpu else 0}

    def _send(self, task: Task) -> None:
        try:
            run = find_or_create(task)
            if run.in_training:
                self.elsewhere.append(task)
                return
            held = runs.lock(run)
        except LenetError as e:
            if e.code != "run_busy":
                raise
            self.elsewhere.append(task)
            return
        sent = _Sent(task, run, held)
        try:
            status = run.status()
            if status.state == "finished" and not run.requested("extend"):
                return self._land(sent)
            run.forget_requests("stop", "pause", "resume")
            config = run.take_extension()
            images = self._put_images(run)
        except LenetError as e:
            _write(run, "failed", code=e.code, params=e.params)
            return self._land(sent)
        _write(run, "queued", code="", params=None)
        together = min(self._room(), len(self.sent) + 1 + len(self.todo))
        every = max(LOOK_EVERY, together / NEWS_A_SECOND)
        parcel = Parcel(task.run_id, _content(run), self._versions, every, max(self._large_every, every))
        self.sent[self._work.options(**self._needs(config)).remote(parcel, images, self._desk)] = sent

    def _put_images(self, run: Run) -> Any:
        """The images of a run as an object of the store, into which each data set goes once. Raises LenetError."""
        source = run.find_images()
        if source not in self._images:
            assert source.checksum  # computed here: nodes do not have the files
            train, test = (data.load_from(source, split) for split in ("train", "test"))
            images: Images = (source, (train, test))
            self._images[source] = self._ray.put(images)
            data.load_from.cache_clear()
        return self._images[source]

    # -- taking in

    def _ready(self) -> list[Any]:
        """The generators that have news, once there is one."""
        if not self.sent:
            time.sleep(LOOK_EVERY if self.elsewhere and not self.todo else 0)
            return []
        coming = list(self.sent)
        if not self._ray.wait(coming, num_returns=1, timeout=LOOK_EVERY)[0]:
            return []
        ready: list[Any] = self._ray.wait(coming, num_returns=len(coming), timeout=0)[0]
        return ready

    def _take(self, coming: Any) -> None:
        sent = self.sent[coming]
        try:
            news: News = self._ray.get(next(coming))
        except (self._ray.exceptions.RayError, StopIteration) as e:
            del self.sent[coming]
            self._take_loss(sent, e)
            return
        if news.other_versions:
            name, theirs, ours = news.other_versions
            address = self._cluster.address
            raise LenetError("cluster_other_version", address=address, name=name, theirs=theirs, ours=ours)
        sent.began = sent.began or news.node
        self._began = True
        try:
            transfer.put(sent.run.path, news.parts)
        except LenetError:
            if sent.run.exists:
                raise
            self._drop(coming)
            return
        self.received += sum(len(part.content) for part in news.parts)
        if any(part.name == CHECKPOINT for part in news.parts):
            self._lost[sent.task.run_id] = 0
        if news.last:
            del self.sent[coming]
            if news.failed:
                code, params = news.failed
                _write(sent.run, "failed", code=code, params=params)
            self._land(sent)

    def _drop(self, coming: Any) -> None:
        """A run was deleted: nobody needs it any more."""
        sent = self.sent.pop(coming)
        self._ray.cancel(coming)
        self._desk.forget.remote(sent.task.run_id)
        sent.held.release()
        self._say(str(runs.missing(sent.task.run_id)))

    def _land(self, sent: _Sent) -> None:
        """A run is here for good: it has ended, or was stopped."""
        self._desk.forget.remote(sent.task.run_id)
        sent.run.forget_requests(*WORDS)
        state = sent.run.stored_status().state
        sent.held.release()
        if not (self._stop_at and state == "stopped"):
            self._ended(sent.task)
        parsing.forget()

    def _take_loss(self, sent: _Sent, error: Exception) -> None:
        """The process that trained a run is gone, or its node: another is to go on from the last checkpoint that is here."""
        reason = type(error).__name__
        if isinstance(error, self._ray.exceptions.RayTaskError):
            reason = str(error.cause if getattr(error, "cause", None) else error).strip().splitlines()[-1][:200]
            if isinstance(getattr(error, "cause", None), ImportError):
                sent.held.release()
                raise LenetError("cluster_cannot_import", address=self._cluster.address, reason=reason)
        self._lost[sent.task.run_id] += 1
        if self._lost[sent.task.run_id] >= TRIES:
            _write(sent.run, "failed", code="run_lost", params={"times": TRIES, "reason": reason})
            return self._land(sent)
        self._desk.forget.remote(sent.task.run_id)
        if self._stop_at or sent.word:
            _write(sent.run, "paused" if sent.word == "pause" else "stopped")
            return self._land(sent)
        _write(sent.run, "queued")
        sent.held.release()
        self._say(f"{sent.task.run_id}: {sent.began or 'its node'} is lost ({reason}); it goes on elsewhere")
        self.todo.appendleft(sent.task)

    # -- what is asked

    def _heed_requests(self) -> None:
        """Pass on what pages have asked of single runs."""
        for coming, sent in list(self.sent.items()):
            for word in WORDS:
                if sent.word != word and sent.run.requested(word):
                    self._ask(coming, sent, word)

    def _ask(self, coming: Any, sent: _Sent, word: str) -> None:
        sent.word = word
        if sent.began:
            self._desk.tell.remote(sent.task.run_id, word)
            return
        self._ray.cancel(coming)  # it waits for a node
        del self.sent[coming]
        _write(sent.run, "paused" if word == "pause" else "stopped")
        self._land(sent)

    def stop(self) -> None:
        """Send nothing more, and have every run stop at its next step."""
        if not self._stop_at:
            self._stop_at = time.monotonic() + STOP_WITHIN
            self.todo.clear()
            self.elsewhere.clear()
            for coming, sent in list(self.sent.items()):
                self._ask(coming, sent, "stop")

    def abandon(self) -> None:
        """Cut off what is still on its way. It can go on later from what is here."""
        for coming, sent in self.sent.items():
            with suppress(Exception):  # of a cluster that is gone
                self._ray.cancel(coming, force=True)
            with suppress(LenetError, OSError):
                _write(sent.run, "stopped")
            sent.held.release()
        self.sent.clear()
        self.todo.clear()
        self.elsewhere.clear()

    def _take_up_those_elsewhere(self) -> None:
        for task in [task for task in self.elsewhere if not find_or_create(task).in_training]:
            self.elsewhere.remove(task)
            self.todo.appendleft(task)

    def _check_cluster(self) -> None:
        """Whether it is still there, and what it has by now. Raises LenetError."""
        try:
            cluster.knock(self._cluster.address)
        except LenetError as e:
            self._missed += 1
            if self._missed >= GONE_AFTER:
                raise LenetError("cluster_lost", address=self._cluster.address) from e
            return
        self._missed = 0
        if self.sent and not self._began and not any(sent.began for sent in self.sent.values()):
            self._say(f"{len(self.sent)} runs wait for a node of the cluster to be free")
        have = self._ray.cluster_resources()
        self._cluster = replace(self._cluster, cpus=have.get("CPU", 0.0), gpus=have.get("GPU", 0.0))


def _content(run: Run) -> dict[str, bytes]:
    return {name: raw for name in GOES_ON_WITH if (raw := run.raw(name)) is not None}


def _write(run: Run, state: str, **changes: Any) -> None:
    """Write how a run stands that no node writes for."""
    status = replace(run.stored_status(), state=state, updated=time.time(), **changes)
    files.write_json(run.path / STATUS, asdict(status))
