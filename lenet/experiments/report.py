"""The results of an experiment as JSON and as a table of text: what `python -m lenet.experiment` ends with."""

from __future__ import annotations

from typing import Any

from lenet.experiments import samples, statistics
from lenet.experiments.experiment import Arm, Experiment, plain, short_name
from lenet.experiments.results import Results
from lenet.experiments.statistics import Comparison, Interval
from lenet.experiments.wording import digits_for, percent, points


def as_json(results: Results) -> dict[str, Any]:
    """The results as plain JSON values, unrounded.

    The entries of an arm's `runs` and of its `values` are by seed; one that has not finished, or has failed, is null. `a` and
    `b` of a comparison are the places of two arms in `arms`; the difference is a − b over the seeds that have finished in both.
    """
    arms = []
    for number, arm in enumerate(results.experiment.arms):
        outcomes, values = results.of(number), results.values(number)
        test_acc = {"values": [values.get(o.seed) for o in outcomes]} | _ends(_interval(results, number), "mean")
        settings = {short_name(name): plain(value) for name, value in arm.settings.items()}
        arms.append({"settings": settings, "runs": [o.run_id for o in outcomes], "test_acc": test_acc})
    return {
        "id": results.experiment.id,
        "arms": arms,
        "comparisons": [{"a": c.a, "b": c.b} | _ends(c.difference, "difference") for c in comparisons(results)],
    }


def comparisons(results: Results) -> list[Comparison]:
    """Every two arms that have a finished seed in common."""
    found = samples.of_results(results)
    return statistics.compare(found, method=statistics.method_for(found))


def _interval(results: Results, arm: int) -> Interval | None:
    values = results.values(arm)
    return statistics.mean_interval([values[seed] for seed in sorted(values)], method=_method(results))


def _method(results: Results) -> str:
    return statistics.method_for(samples.of_results(results))


def _ends(found: Interval | None, name: str) -> dict[str, float | None]:
    if found is None:
        return {name: None, "low": None, "high": None}
    return {name: found.mean, "low": found.low, "high": found.high}


# -- as text -------------------------------------------------------------------------------------------------------


def arm_name(experiment: Experiment, arm: Arm) -> str:
    """What a line calls an arm, also the one of an experiment in which nothing varies."""
    return arm.label() or experiment.base.recipe


def table(results: Results) -> list[str]:
    """Lines with the mean of each arm and the difference between every two, each with its interval."""
    experiment = results.experiment
    kind = "95 % interval"
    if _method(results) == statistics.SEQUENTIAL:  # runs are missing
        kind += " for repeated looks"
    names = [arm_name(experiment, arm) for arm in experiment.arms]
    width = max(len("test accuracy"), *map(len, names))
    lines = [f"{'test accuracy':{width}}  {'seeds':>5}  {'mean':>6}  {kind}"]
    for number, name in enumerate(names):
        found = _interval(results, number)
        mean, interval = (percent(found.mean), _span(found, percent)) if found else ("–", "")
        lines.append(f"{name:{width}}  {len(results.values(number)):5}  {mean:>6}  {interval}".rstrip())
    for comparison in comparisons(results):
        d = comparison.difference
        digits = digits_for(d)
        interval = _span(d, lambda value, digits=digits: points(value, digits))
        told = f"{names[comparison.a]} − {names[comparison.b]}: {points(d.mean, digits)} percentage points"
        told += f", {interval} ({kind})" if interval else ""
        told += f"; higher in {d.wins} of {d.n} {'seed' if d.n == 1 else 'seeds'}"
        lines.append(f"{told}, equal in {d.ties}" if d.ties else told)
    return lines


def _span(found: Interval, written: Any) -> str:
    """Both ends of an interval; empty where one value, or values that are all equal, say nothing of them."""
    if found.low is None or found.high is None or found.method == statistics.IDENTICAL:
        return ""
    return f"{written(found.low)} to {written(found.high)}"
