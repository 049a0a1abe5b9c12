"""The lessons of the kernel page: their answers computed in another way, and which kernels are shown until then."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lenet import runs
from lenet.kernels import History, note, read_history
from lenet.kernels.figures import asking
from lenet.kernels.lessons import LESSONS, detector, moved
from tests.helpers.plotted import numbers


def history(name: str = "classic") -> History:
    return read_history(runs.find(f"reference-{name}"))


def right(name: str) -> tuple[str, str]:
    question = LESSONS[name].question
    return question.form.say(question.answer), question.solution.say()


def responses(picture: NDArray[Any], kernels: NDArray[Any]) -> NDArray[Any]:
    """The largest response of each kernel to a picture, by PyTorch."""
    found = torch.nn.functional.conv2d(torch.tensor(picture)[None, None].double(), torch.tensor(kernels).double())
    return found.amax((0, 2, 3)).numpy()


def test_the_edge_detector_finds_the_edge_in_a_picture() -> None:
    """An edge of contrast 1 in each of the four directions, wherever the kernel lies on it or beside it."""
    to_the_right = np.where(np.arange(28) < 14, -0.5, 0.5) * np.ones((28, 1))
    kernels = history().final
    to_it = responses(to_the_right, kernels)
    others = np.max([responses(np.rot90(to_the_right, n).copy(), kernels) for n in (1, 2, 3)], axis=0)
    best = int(np.argmax(to_it / others))
    assert right("edges")[0] == str(best + 1) == "6"
    assert to_it[best] > 4 * others[best] and sorted(to_it / others)[-2] < 2, "no other comes near"
    assert f"{to_it[best]:.2f}"[:3] in right("edges")[1]
    assert kernels[best, 0, :, :2].mean() < 0 < kernels[best, 0, :, 3:].mean()
    opposite = int(np.argmax(responses(-to_the_right, kernels) / to_it))
    why = {mistake.name: mistake.why.say() for mistake in LESSONS["edges"].question.mistakes}
    assert opposite == 5 or why[str(opposite)].startswith("It finds the opposite")
    assert "respond most of all" in why[str(int(np.argmax(to_it)))]


def test_what_training_changes() -> None:
    kernels = history().kernels.astype(np.float64).reshape(len(history().steps), 6, -1)
    first, last = torch.tensor(kernels[0]), torch.tensor(kernels[-1])
    cosine = torch.nn.functional.cosine_similarity(first, last, dim=1).mean()
    growth = last.norm(dim=1).mean() / first.norm(dim=1).mean()
    said, why = right("training")
    assert said == "They get other patterns, and stronger"
    assert why.startswith(f"{growth:.1f} times as long") and f"is {cosine:.2f}:" in why and cosine < 0.5
    assert moved(history()) == (
        f"Here kernels are {growth:.1f} times as long in the end, and their cosine with the beginning is {cosine:.2f}."
    )


def test_the_first_layer_gets_the_smallest_gradient() -> None:
    """As the reason of a wrong answer says: at most steps, and by far at the beginning."""
    found = runs.find("reference-classic").gradients()
    others = np.min([values for name, values in found.items() if name not in ("step", "0.weight")], axis=0)
    assert (found["0.weight"] < others).mean() > 0.9


def test_another_start_finds_most_of_them() -> None:
    """Every permutation is tried, with the correlations of NumPy."""
    ours, theirs = (kernels.reshape(6, -1) for kernels in (history().final, note.KERNELS))
    r = np.corrcoef(ours, theirs)[:6, 6:]
    best = max(permutations(range(6)), key=lambda order: sum(abs(r[i, j]) for i, j in enumerate(order)))
    pairs = np.array([r[i, j] for i, j in enumerate(best)])
    said, why = right("seeds")
    assert said == f"{(abs(pairs) >= 0.8).sum()}" == "4"
    answers = {m.name: LESSONS["seeds"].question.form.say(m.answer) for m in LESSONS["seeds"].question.mistakes}
    assert answers["in_place"] == f"{(abs(np.diag(r)) >= 0.8).sum()}"
    assert answers["signed"] == f"{(pairs >= 0.8).sum()}"
    rng = np.random.default_rng(7)
    by_chance = [abs(np.corrcoef(rng.normal(size=(12, 25)))[:6, 6:]).max() >= 0.8 for _trial in range(200)]
    assert np.mean(by_chance) < 0.05 and "Of random kernels 0.0 of 6 have one" in why


@pytest.mark.parametrize("name", LESSONS)
def test_every_option_has_its_own_reason(name: str) -> None:
    asked = LESSONS[name].question
    verdicts = [asked.grade((float(n),)) for n in range(len(asked.form.options))]
    assert sum(verdict.is_right for verdict in verdicts) == 1
    assert len({verdict.reason.say() for verdict in verdicts}) == len(verdicts) == len(asked.mistakes) + 1


def test_only_the_kernels_that_are_asked_about_are_drawn() -> None:
    whole = history()
    expected = {"edges": [whole.final], "training": [whole.kernels[0]], "seeds": [whole.final, note.KERNELS]}
    for name, sets in expected.items():
        plain = asking.kernels(LESSONS[name].shows(whole)).to_dict()
        shown = [numbers(trace["z"]) for trace in plain["data"]]
        assert np.allclose(shown, np.concatenate(sets)[:, 0], atol=1e-6)
        limits = {trace["zmax"] for trace in plain["data"]}
        assert len(limits) <= len(sets), "a colour means the same in all kernels of a set"
    assert not np.allclose(whole.kernels[0], whole.final, atol=0.5)


def test_what_is_seen_of_another_run() -> None:
    told = detector(history("modern"))
    assert told.startswith("Here kernel 1 prefers that edge most: 3.72 for it")
    assert moved(History.of_snapshot(note.KERNELS)) == ""
