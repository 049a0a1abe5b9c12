"""Is there a Ray cluster at an address, and what does it have? Asked without ever waiting for long.

    python -m lenet.experiments.engines.cluster --address HOST:PORT     # print the answer

Ray's own way of connecting waits for two minutes where nobody answers, and then ends the process. So the question is put to
a process of its own, which has ANSWERS_WITHIN seconds. Pages read what the last such process has found (`describe`), and a server
never loads Ray.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from lenet.common import fields, files, paths
from lenet.common.errors import MESSAGES, LenetError
from lenet.common.jobs import MAX_JSON, AlreadyRunning, Job

MODULE = "lenet.experiments.engines.cluster"
HERE = "auto"
"""The address that stands for the cluster of this machine."""
KNOCK_WITHIN = 3.0  # seconds in which a machine takes a connection
ANSWERS_WITHIN = 40.0  # seconds to load Ray and to join, on a busy machine
FRESH = 30.0  # seconds in which what was found counts as it is
START_EVERY = 10.0  # seconds between two processes that are started to look


@dataclass(frozen=True)
class Cluster:
    """What is known of the cluster at `address`. Where it cannot be used, `code` and `params` say why."""

    address: str = ""
    looked: float = 0.0  # when, in seconds since 1970; 0: not yet
    nodes: int = 0
    cpus: float = 0.0
    gpus: float = 0.0
    code: str = ""
    params: dict[str, Any] | None = None

    @property
    def error(self) -> LenetError | None:
        return LenetError(self.code, **(self.params or {})) if self.code in MESSAGES else None


def named(address: str = "") -> str:
    """The address of the cluster: as given, else `RAY_ADDRESS`; empty where none is named."""
    return (address or os.environ.get("RAY_ADDRESS", "")).strip()


def host_and_port(address: str) -> tuple[str, int]:
    """The two parts of `host:port`. Raises LenetError."""
    found = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):(\d{1,5})", address)
    if not found or not 0 < int(found[2]) < 2**16:
        raise LenetError("cluster_bad_address", address=address[:80])
    return found[1].strip("[]"), int(found[2])


def knock(address: str) -> None:
    """Raises LenetError where no machine takes a connection at that address."""
    if address == HERE:
        return
    try:
        socket.create_connection(host_and_port(address), timeout=KNOCK_WITHIN).close()
    except OSError as e:
        reason = e.strerror or str(e) or type(e).__name__
        raise LenetError("cluster_absent", address=address, reason=reason) from e


# -- for pages -----------------------------------------------------------------------------------------------------


_started: dict[str, float] = {}


def describe(address: str = "") -> Cluster | None:
    """What the last process that looked has found, at once; where that is not new, another one is started.

    None where no cluster is named.
    """
    if not (address := named(address)):
        return None
    known = _stored()
    if known.address != address:
        known = Cluster(address)
    job, now = _job(), time.monotonic()
    if not 0 <= time.time() - known.looked < FRESH and now - _started.get(address, -START_EVERY) >= START_EVERY:
        _started[address] = now
        with suppress(LenetError):  # the folder cannot be written to
            if not job.is_running:
                job.start("--address", address, "--keep")
    return known


def _job() -> Job:
    return Job(paths.runs_dir() / "experiments" / ".cluster", MODULE)


def _stored() -> Cluster:
    with suppress(OSError, ValueError, RecursionError):
        return fields.read_what_fits(Cluster, json.loads(files.read_plain(_job().folder / "state.json", MAX_JSON)))
    return Cluster()


# -- for commands --------------------------------------------------------------------------------------------------


def look(address: str = "") -> Cluster:
    """What is at an address now; takes KNOCK_WITHIN or ANSWERS_WITHIN seconds at most. Never raises for the cluster's sake."""
    address = named(address)
    try:
        if not address:
            raise LenetError("cluster_not_named")
        knock(address)
        return _ask(address)
    except LenetError as e:
        return Cluster(address, time.time(), code=e.code, params=e.params)


def _ask(address: str) -> Cluster:
    """What a process finds that joins the cluster. Raises LenetError where it finds no end."""
    safe_path = ["-P"] if paths.INSTALLED else []
    try:
        out = subprocess.run(
            [sys.executable, *safe_path, "-m", MODULE, "--address", address, "--join"],
            cwd=paths.PROJECT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=ANSWERS_WITHIN,
        )  # fmt: skip
        return fields.read(Cluster, json.loads(out.stdout.splitlines()[-1]), "cluster")
    except subprocess.TimeoutExpired as e:
        raise LenetError("cluster_absent", address=address, reason=f"no answer in {ANSWERS_WITHIN:.0f} s") from e
    except (ValueError, IndexError) as e:  # it was ended from within Ray
        said = [line for line in out.stderr.splitlines() if line.strip()]
        raise LenetError("cluster_absent", address=address, reason=(said or ["no answer"])[-1][:200]) from e


def join(address: str) -> Cluster:
    """What the cluster has, as one of its drivers. Only in a process that may be ended."""
    here = Cluster(address, time.time())
    try:
        import ray
    except ImportError:
        return replace(here, code="ray_missing")
    try:
        ray.init(address=address, logging_level="ERROR", log_to_driver=False)
        alive = [node for node in ray.nodes() if node["Alive"]]
        have = ray.cluster_resources()
        found = replace(
            here,
            address=ray.get_runtime_context().gcs_address,
            nodes=len(alive),
            cpus=float(have.get("CPU", 0)),
            gpus=float(have.get("GPU", 0)),
        )
        return found if found.cpus >= 1 else replace(found, code="cluster_without_cpus", params={"address": address})
    except Exception as e:
        error = refusal(address, str(e) or type(e).__name__)
        return replace(here, code=error.code, params=error.params)


def refusal(address: str, reason: str) -> LenetError:
    """Why Ray does not join a cluster, from what it says."""
    versions = re.findall(r"Ray: (\S+)\s+Python: (\S+)", reason)
    if len(versions) == 2:
        (theirs, their_python), (ours, our_python) = versions
        name, there, here = "Ray", theirs, ours
        if theirs == ours:
            name, there, here = "Python", their_python, our_python
        return LenetError("cluster_other_version", address=address, name=name, theirs=there, ours=here)
    return LenetError("cluster_absent", address=address, reason=reason.splitlines()[0][:200])


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description="Say what a Ray cluster has.")
    parser.add_argument("--address", default="", metavar="HOST:PORT", help="of the cluster (default: RAY_ADDRESS)")
    parser.add_argument("--keep", action="store_true", help=argparse.SUPPRESS)  # for `describe`
    parser.add_argument("--join", action="store_true", help=argparse.SUPPRESS)  # for `look`
    args = parser.parse_args(argv)
    if args.join:
        print(json.dumps(asdict(join(args.address))), flush=True)
        os._exit(0)  # Ray takes half a second to leave
    if not args.keep:
        found = look(args.address)
        print(found.error or f"{found.address}: {found.nodes} nodes, {found.cpus:g} CPUs, {found.gpus:g} GPUs")
        return 1 if found.error else 0
    with suppress(AlreadyRunning), _job().hold(timeout=0.1):
        # `auto` stays what it is called: pages ask for it by that name.
        files.write_json(_job().folder / "state.json", asdict(replace(look(args.address), address=args.address)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
