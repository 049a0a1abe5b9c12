"""The wall: its tiles, which kernels stand where, and how it lies with the class."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lenet import classroom, runs
from lenet.classroom import training, wall
from lenet.common import arrays, files
from lenet.kernels.history import Kernels
from lenet.training.run import train_run
from tests.helpers.classes import begun, opened, run_of, trained
from tests.helpers.experiments import asked
from tests.helpers.made import set_status

CHANNELS = 2
"""Of the networks that are written by hand: see TINY."""


def drawn(seed: int) -> Kernels:
    return np.random.default_rng(seed).standard_normal((CHANNELS, 1, 5, 5)).astype(np.float32)


def by_hand(reference: Kernels, kernels: Kernels) -> tuple[NDArray[np.float64], float]:
    """The best of all permutations and signs, tried one after the other."""

    def r(a: Any, b: Any) -> float:
        return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

    n = len(reference)
    best = max(
        permutations(range(n)), key=lambda order: sum(abs(r(reference[i], kernels[order[i]])) for i in range(n))
    )
    signs = [np.sign(r(reference[i], kernels[best[i]])) for i in range(n)]
    shown = np.stack([signs[i] * kernels[best[i], 0] for i in range(n)])
    return shown, float(np.mean([abs(r(reference[i], kernels[best[i]])) for i in range(n)]))


def test_kernels_stand_where_those_of_the_reference_stand() -> None:
    rng = np.random.default_rng(3)
    reference = rng.standard_normal((5, 1, 5, 5)).astype(np.float32)
    for _n in range(20):
        kernels = rng.standard_normal((5, 1, 5, 5)).astype(np.float32)
        shown, likeness = wall.placed(reference, kernels, range(5))
        wanted, mean = by_hand(reference, kernels)
        np.testing.assert_allclose(shown, wanted, rtol=1e-6)
        assert likeness == pytest.approx(mean, abs=1e-9)
    turned = -3 * reference[[2, 0, 4, 1, 3]]
    shown, likeness = wall.placed(reference, turned, range(5))
    np.testing.assert_allclose(shown, 3 * reference[:, 0], rtol=1e-5)
    assert likeness == pytest.approx(1)


def test_tiles_say_how_each_number_stands() -> None:
    code, members = opened(6)
    activity = begun(code, asked(id="one-arm", seeds=1, vary=()))
    for member in members[:5]:
        training.train(code, activity.id, member, 0)
    mine = [run_of(code, activity, member) for member in members[:5]]
    base = drawn(0)
    trained(mine[1], 0.7, base, updated=10.0)
    trained(mine[0], 0.8, -base[::-1], updated=20.0)
    trained(mine[2], 0.75, drawn(1), updated=30.0)
    set_status(mine[3], state="running", step=5, steps_per_epoch=10)
    files.write_tensors(mine[3].path / "kernels.safetensors", {"steps": np.array([0]), "kernels": drawn(2)[None]})
    held = runs.lock(mine[3])
    found = wall.read(code, activity)
    assert [tile.state for tile in found.tiles] == ["finished", "finished", "finished", "running", "queued", ""]
    assert [tile.accuracy for tile in found.tiles] == [0.8, 0.7, 0.75, None, None, None]
    assert found.reference == 2, "the first that has finished: the wall stands still while it fills"
    assert found.tiles[0].likeness == pytest.approx(1) and found.tiles[1].likeness == pytest.approx(1)
    assert found.tiles[2].likeness == pytest.approx(by_hand(base, drawn(1))[1])
    first = found.tiles[0].kernels
    assert first is not None
    np.testing.assert_allclose(first, base[:, 0])
    assert found.tiles[3].share == 0.25 and found.tiles[3].kernels is not None and found.tiles[4].kernels is None
    assert found.place(1) == (2, 2) and found.place(2) == (0, 2) and found.place(4) is None
    assert wall.read(code, activity) is found, "nothing has changed, so nothing is computed"
    held.release()
    training.end(code, activity)
    assert wall.read(code, classroom.activity(code, activity.id)) is not found


def test_at_the_end_the_reference_is_the_one_that_all_match_best() -> None:
    code, members = opened(4)
    activity = begun(code, asked(id="one-arm", seeds=1, vary=()))
    for n, member in enumerate(members):
        training.train(code, activity.id, member, 0)
        kernels = drawn(100) if n == 0 else drawn(0) + 0.2 * drawn(n) * (n > 1)
        trained(run_of(code, activity, member), 0.8, kernels, updated=float(n + 1))
    assert wall.read(code, activity).reference == 1
    training.end(code, activity)
    assert wall.read(code, classroom.activity(code, activity.id)).reference == 2


def test_the_scene_is_small_and_has_no_text_of_anybody() -> None:
    code, members = opened(40)
    activity = begun(code)
    for n, member in enumerate(members):
        training.train(code, activity.id, member, n % 2)
        trained(run_of(code, activity, member), 0.5 + n / 100, drawn(n), updated=float(n + 1))
    found = wall.read(code, activity)
    scene = wall.scene(found, ("sigmoid", "relu"), line="40 of 40 trained")
    assert wall.scene(found, ("sigmoid", "relu"), line="40 of 40 trained") is scene
    assert scene["shape"] == [CHANNELS, 5, 5] and len(scene["tiles"]) == 40
    tile = scene["tiles"][16]
    assert (tile["number"], tile["arm"], tile["accuracy"]) == (17, "sigmoid", 0.66)
    sent = arrays.from_base64(tile["kernels"], "i1").reshape(CHANNELS, 5, 5)
    shown = found.tiles[16].kernels
    assert shown is not None and np.abs(sent).max() == 127
    np.testing.assert_allclose(sent, 127 * shown / np.abs(shown).max((1, 2), keepdims=True), atol=0.5)
    own = wall.scene(found, ("sigmoid", "relu"), mine=17)
    assert [tile["number"] for tile in own["tiles"]] == [17] and len(own["others"]) == 19
    owners = {member.owner for member in members}
    assert not owners & set(str(scene).replace("'", " ").split()), "no key of any browser"


def test_damaged_and_removed_runs_leave_the_wall_standing() -> None:
    code, members = opened(3)
    activity = begun(code)
    for member in members:
        training.train(code, activity.id, member, 0)
    whole, damaged, removed = (run_of(code, activity, member) for member in members)
    trained(whole, 0.8, drawn(0), updated=1.0)
    trained(damaged, 0.8, drawn(1)[:, :, :3], updated=2.0)
    (damaged.path / "metrics.csv").write_bytes(b"\xff\xfe")
    removed.delete()
    found = wall.read(code, activity)
    assert [tile.state for tile in found.tiles] == ["finished", "finished", wall.GONE]
    assert found.tiles[1].kernels is None and found.tiles[1].accuracy is None and found.reference == 1
    assert wall.scene(found, ("a", "b"))["tiles"][1]["kernels"] == ""


def test_a_run_that_was_extended_since_hangs_there_as_it_was() -> None:
    code, (member,) = opened(1)
    activity = begun(code)
    training.train(code, activity.id, member, 0)
    run = run_of(code, activity, member)
    train_run(run)
    (before,) = wall.read(code, activity).tiles
    train_run(run, epochs=3)
    assert run.config.epochs == 3
    (tile,) = wall.read(code, activity).tiles
    assert (tile.state, tile.accuracy, tile.share) == ("finished", before.accuracy, 1.0)


def test_a_trained_run_hangs_on_the_wall() -> None:
    code, (member,) = opened(1)
    activity = begun(code)
    training.train(code, activity.id, member, 1)
    run = run_of(code, activity, member)
    train_run(run)
    (tile,) = wall.read(code, activity).tiles
    assert tile.state == "finished" and tile.share == 1 and tile.accuracy == run.metrics()["test_acc"][-1]
    np.testing.assert_allclose(tile.kernels, run.kernels()[1][-1][:, 0])  # type: ignore[arg-type]
