"""The first-layer kernels of all runs of an arm: which are learned again and again, and how often that is chance."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lenet import runs
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments.results import Results
from lenet.kernels import matching
from lenet.kernels.history import Kernels, finite, read_history
from lenet.kernels.matching import STRONG

Array = NDArray[np.float64]

MAX_KERNELS = 1500
"""So many are compared with each other, all in all: of large networks, those of the first runs."""
CANDIDATES = 32
"""So many runs are tried as the one that the others are aligned to."""


@dataclass(frozen=True)
class Member:
    """Kernel `kernel` of run `run`, both by place; multiplied by `sign` it looks like its detector."""

    run: int
    kernel: int
    sign: int


# Equal only if it is the same object: arrays have no truth value.
@dataclass(frozen=True, eq=False)
class Detector:
    """Kernels that look the same: the mean |correlation| between those that were put together is STRONG at least.

    `mean` [in, kh, kw] is that of the kernels, each of length 1 and with its sign. `by_chance` counts the runs whose initial
    kernels have one that looks like it.
    """

    members: tuple[Member, ...]
    mean: Array
    by_chance: int

    @property
    def runs(self) -> int:
        """How many runs have learned it, once or more often."""
        return len({member.run for member in self.members})


@dataclass(frozen=True, eq=False)
class Detectors:
    """What the kernels of several runs [runs, out, in, kh, kw] have in common; `seeds` tells the runs apart.

    `places[run][column]` is the kernel of a run that stands in a column of the wall: beside those of the other runs that it
    was matched with. `detectors` have the one that most runs learned first; a kernel that no other run has is in none.
    """

    seeds: tuple[int, ...]
    kernels: Kernels
    places: tuple[tuple[Member, ...], ...]
    detectors: tuple[Detector, ...]
    from_initial: bool
    """Whether chance is what the runs began with; otherwise random kernels, because not all have kept that."""
    largest_by_chance: int
    """How many runs share the most frequent group when the kernels of chance are put into groups in the same way."""

    def of(self, run: int, kernel: int) -> int | None:
        """The place of the detector that a kernel is one of."""
        return self._owners.get((run, kernel))

    @cached_property
    def _owners(self) -> dict[tuple[int, int], int]:
        return {(m.run, m.kernel): place for place, found in enumerate(self.detectors) for m in found.members}


def of_arm(results: Results, arm: int) -> Detectors | None:
    """The detectors of an arm's finished runs; None if fewer than two have kernels that can be read."""
    learned: dict[int, Kernels] = {}
    initial: dict[int, Kernels] = {}
    for outcome in results.of(arm):
        if outcome.state != "finished":
            continue
        with suppress(LenetError):
            learned[outcome.seed] = results.kernels(arm, outcome.seed)
            # What came with the app has no whole runs.
            first = read_history(runs.find(outcome.run_id)).initial if outcome.run_id else None
            if first is not None:
                initial[outcome.seed] = first
    if len(learned) < 2:
        return None
    seeds = list(learned)[: max(2, MAX_KERNELS // len(next(iter(learned.values()))))]
    known = [initial[seed] for seed in seeds if seed in initial]
    return find(
        seeds, np.stack([learned[seed] for seed in seeds]), np.stack(known) if len(known) == len(seeds) else None
    )


def find(seeds: Sequence[int], kernels: Kernels, initial: Kernels | None = None) -> Detectors:
    """The detectors of `kernels` [runs, out, in, kh, kw], against the `initial` ones of the same runs or random ones."""
    kernels = finite(kernels)
    yardstick = np.random.default_rng(0).standard_normal(kernels.shape).astype(np.float32)
    if initial is not None:
        yardstick = finite(initial)
    found = []
    for members in groups(kernels):
        mean = _mean(kernels, members)
        found.append(Detector(members, mean, _runs_with(yardstick, mean)))
    found.sort(key=lambda detector: (-detector.runs, -len(detector.members), detector.members[0].run))
    by_chance = max((len({member.run for member in members}) for members in groups(yardstick)), default=1)
    return Detectors(tuple(seeds), kernels, aligned(kernels), tuple(found), initial is not None, by_chance)


def groups(kernels: Kernels) -> list[tuple[Member, ...]]:
    """Kernels of at least two runs that look the same, up to sign.

    By average linkage: two groups are joined while the mean |correlation| of a kernel of one and one of the other is STRONG
    or more.
    """
    # Not at the top: as in matching.assign.
    from scipy.cluster import hierarchy
    from scipy.spatial.distance import squareform

    runs, out = kernels.shape[:2]
    rows = kernels.reshape(runs * out, *kernels.shape[2:])
    r = matching.correlations(rows, rows)
    if len(rows) < 2:
        return []
    apart = 1 - np.abs(r)
    np.fill_diagonal(apart, 0)
    tree = hierarchy.linkage(squareform((apart + apart.T) / 2, checks=False), "average")
    labels = hierarchy.fcluster(tree, 1 - STRONG, "distance")
    found = []
    for label in np.unique(labels):
        places = np.flatnonzero(labels == label)
        if len(set((places // out).tolist())) < 2:
            continue
        # The sign of most: that of the kernel which is most like the others.
        within = r[np.ix_(places, places)]
        signs = np.where(within[np.abs(within).sum(1).argmax()] < 0, -1, 1)
        found.append(
            tuple(
                Member(int(place) // out, int(place) % out, int(sign))
                for place, sign in zip(places, signs, strict=True)
            )
        )
    return found


@dataclass(frozen=True)
class Alignment:
    """Several runs matched with one of them, the `reference`: `pairs` of each run, and the reference's kernels in the `order`
    in which the others match them, the strongest first."""

    reference: int
    order: tuple[int, ...]
    pairs: tuple[tuple[matching.Pair, ...], ...]


def alignment(kernels: Kernels) -> Alignment:
    """The runs of `kernels` [runs, out, in, kh, kw] matched with the one whose kernels all others match best."""
    runs, out = kernels.shape[:2]
    pairs = {
        reference: tuple(tuple(matching.align(kernels[reference], kernels[run])) for run in range(runs))
        for reference in range(min(runs, CANDIDATES))
    }
    strength = {
        reference: np.sum([[abs(pair.correlation) for pair in matched] for matched in found])
        for reference, found in pairs.items()
    }
    best = max(strength, key=lambda reference: strength[reference])
    columns = np.zeros(out)
    for matched in pairs[best]:
        for pair in matched:
            columns[pair.first] += abs(pair.correlation)
    return Alignment(best, tuple(np.argsort(-columns, kind="stable").tolist()), pairs[best])


def aligned(kernels: Kernels) -> tuple[tuple[Member, ...], ...]:
    """For each run, its kernels in the order in which they match those of one run, the strongest column first."""
    found = alignment(kernels)
    rows = []
    for run, matched in enumerate(found.pairs):
        of = {pair.first: Member(run, pair.second, pair.sign) for pair in matched}
        rows.append(tuple(of[first] for first in found.order))
    return tuple(rows)


def describe(found: Detectors) -> str:
    """How often the same is learned again, beside chance."""
    runs, n = len(found.seeds), len(found.detectors)
    chance = _("the kernels that these runs began with") if found.from_initial else _("random kernels")
    if not n:
        return _(
            "No two of the {runs} runs have learned a kernel that looks the same (mean |r| ≥ {strong}, up to sign)."
        ).format(runs=runs, strong=STRONG)
    half = sum(2 * detector.runs >= runs for detector in found.detectors)
    told = [
        ngettext(
            "{n} kind of kernel is learned by two of the {runs} runs or more, {half} by at least half of them.",
            "{n} kinds of kernels are learned by two of the {runs} runs or more, {half} by at least half of them.",
            n,
        ).format(n=n, runs=runs, half=half),
        _(
            "The most frequent, A, is learned in {a} of {runs}; of {chance}, {by_chance} of {runs} sets have one like it."
        ).format(a=found.detectors[0].runs, runs=runs, chance=chance, by_chance=found.detectors[0].by_chance),
    ]
    if found.largest_by_chance < 2:
        told.append(_("Put into groups in the same way, no two sets of {chance} share a kind.").format(chance=chance))
    else:
        told.append(
            _("Put into groups in the same way, at most {most} of {runs} sets of {chance} share a kind.").format(
                most=found.largest_by_chance, runs=runs, chance=chance
            )
        )
    return paragraph(*told)


def _mean(kernels: Kernels, members: Sequence[Member]) -> Array:
    """Of kernels that are scaled to length 1, with their signs."""
    chosen = np.stack([member.sign * kernels[member.run, member.kernel].astype(np.float64) for member in members])
    norms = np.linalg.norm(chosen.reshape(len(chosen), -1), axis=1)
    return np.asarray((chosen / np.maximum(norms, 1e-12)[:, None, None, None]).mean(0))


def _runs_with(kernels: Kernels, detector: Array) -> int:
    """How many runs have a kernel that looks like the detector."""
    runs, out = kernels.shape[:2]
    r = matching.correlations(kernels.reshape(runs * out, *kernels.shape[2:]), detector[None])
    return int((np.abs(r).reshape(runs, out) >= STRONG).any(1).sum())
