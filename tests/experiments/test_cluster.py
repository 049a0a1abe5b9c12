"""What is told of a Ray cluster, and how soon, where there is none. No cluster is started here, and Ray is not loaded."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.experiments.engines import cluster
from lenet.experiments.engines.cluster import Cluster
from lenet.experiments.engines.ray import RayEngine
from tests.helpers.processes import free_port


def test_no_cluster_is_named(monkeypatch: pytest.MonkeyPatch, no_processes: list[tuple[str, ...]]) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert cluster.describe() is None and not no_processes
    assert cluster.look().code == "cluster_not_named"


@pytest.mark.parametrize("address", ["nowhere", "ray://head:10001", "head:0", "head:70000", "a b:1", "head:6379/x"])
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    assert cluster.look(address).code == "cluster_bad_address"


@pytest.mark.parametrize("address", ["127.0.0.1:6379", "head.example:6379", "[::1]:6379"])
def test_addresses(address: str) -> None:
    host, port = cluster.host_and_port(address)
    assert port == 6379 and host in address


def test_where_nobody_answers_one_sentence_comes_soon() -> None:
    address = f"127.0.0.1:{free_port()}"
    began = time.monotonic()
    with pytest.raises(LenetError) as refused:
        RayEngine(address).train([], ended=lambda task: None, say=print, stopping=lambda: False)
    assert refused.value.code == "cluster_absent" and address in str(refused.value)
    assert time.monotonic() - began < cluster.KNOCK_WITHIN + 1


def test_where_something_else_answers_the_question_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray alone would wait for minutes."""
    monkeypatch.setattr(cluster, "ANSWERS_WITHIN", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        found = cluster.look(f"127.0.0.1:{other.getsockname()[1]}")
    assert found.code == "cluster_absent" and "no answer in 2 s" in str(found.error)


def test_pages_are_told_at_once_and_a_process_looks(no_processes: list[tuple[str, ...]]) -> None:
    assert cluster.describe("head:6379") == Cluster("head:6379")  # not looked yet
    assert cluster.describe("head:6379") == Cluster("head:6379")
    assert no_processes == [(cluster.MODULE, "--address", "head:6379", "--keep")]  # one of the two


def test_pages_read_what_was_found(monkeypatch: pytest.MonkeyPatch, no_processes: list[tuple[str, ...]]) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("RAY_ADDRESS", address)
    assert cluster.main(["--address", address, "--keep"]) == 0
    found = cluster.describe()
    assert found and found.code == "cluster_absent" and not no_processes
    # What was found at another address says nothing of this one.
    other = cluster.describe("head:1")
    assert other and not other.looked


def test_a_damaged_state_is_passed_over(no_processes: list[tuple[str, ...]]) -> None:
    folder = paths.runs_dir() / "experiments" / ".cluster"
    folder.mkdir(parents=True)
    for text in ("[", "{}", json.dumps({"address": "head:2", "nodes": "many", "looked": time.time()})):
        (folder / "state.json").write_text(text)
        found = cluster.describe("head:2")
        assert found and found.address == "head:2" and found.nodes == 0
    files.write_json(folder / "state.json", {"address": "head:2", "code": "no_such_code", "looked": time.time()})
    found = cluster.describe("head:2")
    assert found and found.error is None


VERSIONS = """Version mismatch: The cluster was started with:
    Ray: {0}
    Python: {1}
This process on node 10.0.0.2 was started with:
    Ray: {2}
    Python: {3}
"""


@pytest.mark.parametrize(
    ("versions", "named"),
    [
        (("2.60.0", "3.12.4", "2.60.0", "3.11.2"), ("Python", "3.12.4", "3.11.2")),
        (("2.48.0", "3.11.2", "2.60.0", "3.11.2"), ("Ray", "2.48.0", "2.60.0")),
    ],
)
def test_other_versions_are_named(versions: tuple[str, ...], named: tuple[str, str, str]) -> None:
    """As Ray says it (ray._private.utils.check_version_info)."""
    error = cluster.refusal("head:6379", VERSIONS.format(*versions))
    assert error.code == "cluster_other_version"
    assert tuple(error.params[key] for key in ("name", "theirs", "ours")) == named


def test_without_ray_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    found = cluster.join("head:6379")
    assert found.code == "ray_missing" and "requirements-cluster.txt" in str(found.error)
    assert (Path(paths.PROJECT) / "requirements-cluster.txt").is_file()


def test_neither_ray_nor_torch_is_loaded_to_ask() -> None:
    code = (
        "import sys, lenet.experiments.engines.cluster, lenet.experiments.engines.ray\n"
        "print([name for name in ('ray', 'torch') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
