"""A run directory, kept up to date on another machine by what is new in it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from lenet import runs
from lenet.common.errors import LenetError
from lenet.experiments.engines import transfer
from lenet.experiments.engines.transfer import Outbox, Part, put
from lenet.runs import Run
from lenet.runs.files import CHECKPOINT, KERNELS, METRICS_CSV, MODEL, STATUS, STEPS_CSV
from lenet.training.run import train_run
from tests.helpers.training import SHORT

RUN = replace(SHORT, epochs=3, examples_per_epoch=2560)


@pytest.fixture
def there(tmp_path: Path) -> Run:
    """The directory on the other side, with what its owner has written into it."""
    folder = tmp_path / "there" / "a"
    folder.mkdir(parents=True)
    return Run("a", folder)


def same_files(one: Run, other: Run) -> None:
    names = {path.name for path in one.path.iterdir()} - {"lock", "config.json"}
    assert names == {path.name for path in other.path.iterdir()} and set(transfer.ORDER) >= names
    for name in names:
        assert one.raw(name) == other.raw(name), name


def test_the_copy_is_the_same_to_the_last_byte(there: Run) -> None:
    here = runs.create(RUN, "a")
    outbox, sizes = Outbox(here, large_every=0.0), []

    def send() -> None:
        parts = outbox.take()
        put(there.path, parts)
        sizes.append({part.name: (part.start, len(part.content)) for part in parts})
        # Of what lies beside a checkpoint nothing is older.
        assert len(there.steps()["loss"]) >= there.stored_status().epoch * 10

    train_run(here, after_epoch=send)
    put(there.path, outbox.take(everything=True))
    same_files(here, there)
    # What grows is sent from where it was, and all of it once.
    assert [start for start, _ in (news[STEPS_CSV] for news in sizes)] == sorted({n[STEPS_CSV][0] for n in sizes})
    for name in (STEPS_CSV, METRICS_CSV):
        assert sum(news[name][1] for news in sizes) == len(here.raw(name) or b"")
    assert sizes[1][KERNELS][0] > 0 and sizes[2][KERNELS][1] < sizes[0][KERNELS][1]
    assert outbox.take(everything=True) == []


def test_weights_wait_and_what_grows_does_not(there: Run) -> None:
    here = runs.create(RUN, "a")
    outbox, news = Outbox(here, large_every=3600.0), []
    train_run(here, after_epoch=lambda: news.append({part.name for part in outbox.take()}))
    assert all(STEPS_CSV in names and not names & set(transfer.LARGE) for names in news)
    assert {part.name for part in outbox.take(everything=True)} >= {CHECKPOINT, MODEL, STATUS}


def test_a_run_that_goes_on_replaces_what_came_after_its_checkpoint(there: Run) -> None:
    """The other side may have more rows than the checkpoint that a machine was lost with."""
    here = runs.create(RUN, "a")
    leave: list[bool] = []
    train_run(here, after_epoch=lambda: leave.append(True), stopping=lambda: bool(leave))
    shutil.copytree(here.path, there.path, dirs_exist_ok=True)
    for name in ("config.json", "lock"):
        (there.path / name).unlink()
    with (there.path / STEPS_CSV).open("a") as f:
        f.write("11,9.9\n12,")
    outbox = Outbox(here, known=(CHECKPOINT,))
    train_run(here)
    put(there.path, outbox.take(everything=True))
    same_files(here, there)


def test_a_part_that_does_not_fit_is_refused(there: Run) -> None:
    put(there.path, [Part(METRICS_CSV, 0, b"epoch\n1\n")])
    with pytest.raises(LenetError, match=r"metrics\.csv"):
        put(there.path, [Part(METRICS_CSV, 3, b"2\n")])
    with pytest.raises(LenetError, match="cannot be written"):
        put(there.path, [Part(STEPS_CSV, 3, b"2\n")])


@pytest.mark.parametrize("name", ["../a", "/etc/x", "config.json", "owner", "lock"])
def test_a_node_writes_no_other_files(there: Run, name: str) -> None:
    with pytest.raises(ValueError):
        put(there.path, [Part(name, 0, b"")])
    assert not list(there.path.iterdir())
