"""How often an interval holds the true difference, by simulation.

    python -m lenet.experiments.coverage                    # 20,000 experiments for each number: three minutes
    python -m lenet.experiments.coverage --trials 2000

Measured so, in percent, for intervals that say 95 %:

    differences               seeds      t   percentile bootstrap   BCa bootstrap   sequential t
    normal                        3   95.3                   75.3            72.4           99.6
                                  8   95.1                   88.7            88.4           99.7
                                 16   95.0                   92.0            92.0           99.8
    with a long tail              3   87.8                   68.9            66.7           97.9
                                  8   89.4                   83.8            85.2           97.2
                                 16   91.2                   88.8            89.9           98.3
    one run in eight fails        3   32.8                   32.5            32.5           71.4
                                  8   65.6                   64.6            63.8           65.7
                                 16   88.2                   87.1            86.3           88.3

Few values resampled do not vary as much as new ones would, so the bootstrap's intervals are too short, with three seeds by
a lot. The t interval holds what it says for normal differences and is the better one for others: it is what is shown.
None knows of failures that it has not seen.

How often one of two equal arms is called better, by whom looks

                                              t   sequential t
    once, at 16 seeds                       5.0            0.2
    at 8 seeds and at 16                    8.4            0.5
    after every seed from 3 to 8           14.4            1.8
    after every seed from 3 to 16          21.3            2.5
    after every seed from 3 to 64          33.1            2.7

    sequential t after every seed, and t once all 8 are there       6.1
    the same with 16 seeds                                          6.7
    the same with 64 seeds                                          7.4

So while runs are missing, and the reader may stop when it is clear, the sequential interval is shown; once no run is missing, the
usual one. Whoever believes either is wrong a little more often than in 5 %, as the last lines say, and as pages say too.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lenet.experiments import statistics
from lenet.experiments.statistics import BCA, PERCENTILE, SEQUENTIAL, Array, T

SEEDS = (3, 8, 16)
METHODS = (T, PERCENTILE, BCA, SEQUENTIAL)
TRIALS = 20_000
FAILING = 1 / 8
"""The share of runs that do not learn, in the last kind of differences."""

Draw = Callable[[np.random.Generator, tuple[int, int]], Array]


def normal(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences with mean 0, as the t interval assumes them."""
    return rng.standard_normal(shape)


def skewed(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences with mean 0 and a long tail to one side, as of accuracies near their end."""
    return 1 - rng.standard_exponential(shape)


def failing(rng: np.random.Generator, shape: tuple[int, int]) -> Array:
    """Differences with mean 0, some of them far off: those of runs that do not learn."""
    return rng.standard_normal(shape) - 50 * ((rng.random(shape) < FAILING) - FAILING)


DIFFERENCES: dict[str, Draw] = {"normal": normal, "with a long tail": skewed, "one run in eight fails": failing}


def coverage(n: int, method: str = T, draw: Draw = normal, trials: int = TRIALS, seed: int = 0) -> float:
    """The share of experiments of `n` seeds whose interval holds the true mean difference."""
    rng = np.random.default_rng(seed)
    # What a seed does to both arms is much more than what it does to one: their difference is without it.
    base = 10 * rng.standard_normal((trials, n))
    other = base + draw(rng, (trials, n))
    held = 0
    for a, b in zip(other, base, strict=True):
        found = statistics.paired(dict(enumerate(a)), dict(enumerate(b)), method=method)
        held += found is not None and found.contains(0)
    return held / trials


def false_alarms(looks: Sequence[int], method: str = T, trials: int = TRIALS, seed: int = 0) -> float:
    """The share of experiments that find one of two equal arms better at one of these looks, at so many seeds each."""
    return float(_alarms(_equal_arms(max(looks), trials, seed), looks, method).mean())


def false_alarms_watched(n: int, trials: int = TRIALS, seed: int = 0) -> float:
    """The same of what pages show: the sequential interval after every seed, and the t interval once all `n` are there."""
    differences = _equal_arms(n, trials, seed)
    watched = _alarms(differences, range(3, n + 1), SEQUENTIAL)
    return float((watched | _alarms(differences, (n,), T)).mean())


def _equal_arms(n: int, trials: int, seed: int) -> Array:
    """Differences of `n` seeds of arms that are equal, in a row for each experiment."""
    return np.random.default_rng(seed).standard_normal((trials, n))


def _alarms(differences: Array, looks: Sequence[int], method: str) -> NDArray[np.bool_]:
    """Which of the experiments find one arm better at one of these looks."""
    alarm: NDArray[np.bool_] = np.zeros(len(differences), bool)
    bound = {T: statistics.critical, SEQUENTIAL: statistics.sequential_critical}[method]
    for n in looks:
        seen = differences[:, :n]
        alarm |= np.abs(seen.mean(1)) > bound(n) * seen.std(1, ddof=1) / np.sqrt(n)
    return alarm


LOOKS: dict[str, Sequence[int]] = {
    "once, at 16 seeds": (16,),
    "at 8 seeds and at 16": (8, 16),
    "after every seed from 3 to 8": range(3, 9),
    "after every seed from 3 to 16": range(3, 17),
    "after every seed from 3 to 64": range(3, 65),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="How often a 95 % interval holds the truth, by simulation.")
    parser.add_argument("--trials", type=int, default=TRIALS)
    trials = parser.parse_args().trials
    print(f"{'differences':<26}{'seeds':>5}  " + "".join(f"{method:>22}" for method in METHODS))
    for name, draw in DIFFERENCES.items():
        for n in SEEDS:
            held = [coverage(n, method, draw, trials) for method in METHODS]
            print(f"{name:<26}{n:>5}  " + "".join(f"{100 * share:>20.1f} %" for share in held), flush=True)
    print(f"\n{'one of two equal arms is called better':<40}{T:>12}{SEQUENTIAL:>16}")
    for name, looks in LOOKS.items():
        alarms = [false_alarms(looks, method, trials) for method in (T, SEQUENTIAL)]
        print(f"{name:<40}{100 * alarms[0]:>10.1f} %{100 * alarms[1]:>14.1f} %")
    for n in (8, 16, 64):
        share = false_alarms_watched(n, trials)
        print(f"{f'sequential t after every seed, and t once all {n} are there':<60}{100 * share:>6.1f} %")


if __name__ == "__main__":
    main()
