"""An experiment to take along: its runs as a table, and what a report says of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from lenet import data
from lenet.common import files
from lenet.common.errors import LenetError
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.experiments import conclusions, more_seeds, samples, statistics
from lenet.experiments.experiment import short_name
from lenet.experiments.results import Results
from lenet.experiments.statistics import Interval
from lenet.runs import labels, options
from lenet.runs.configuration import RunConfig


def runs_csv(results: Results) -> str:
    """A row for each run, arm by arm: what varies, seed, state, epochs and the unrounded test accuracy."""
    names = [variation.name for variation in results.experiment.vary]
    rows: list[tuple[Any, ...]] = []
    for number, arm in enumerate(results.experiment.arms):
        settings = [options.written(arm.settings[name]) for name in names]
        for o in results.of(number):
            accuracy = "" if o.test_acc is None else repr(o.test_acc)
            rows.append((*settings, o.seed, o.run_id or "", o.state, o.epochs, accuracy))
    return files.csv_text((*map(short_name, names), "seed", "run", "state", "epochs", "test_acc"), rows)


def for_report(results: Results) -> str:
    """What was done and what follows, with the number of seeds, the interval and how it was computed; "" without results."""
    numbers = samples.of_results(results)
    if not any(sample.values for sample in numbers):
        return ""
    found = conclusions.conclude(numbers, chance=samples.chance(results), factors=samples.factors(results))
    looked = more_seeds.looked_at_before(numbers, results.looks)
    return paragraph(_done(results), _so_far(results), found.text, _computed(numbers), looked)


def _done(results: Results) -> str:
    """What was trained, how often, and on what it was tested."""
    base, seeds = results.experiment.base, results.experiment.seeds
    images = data.DATA_SETS.get(base.dataset) or data.DATA_SETS[data.DEFAULT]
    words = {"recipe": labels.label(base), "images": images.name, "n": seeds}
    words["epochs"] = ngettext("{n} epoch", "{n} epochs", base.epochs).format(n=base.epochs)
    if _is_sample(base):
        words["images"] = _("the bundled sample of {name}").format(name=images.name)
    words["arms"] = " × ".join(_(", ").join(values) for values in samples.factors(results))
    if len(results.experiment.arms) == 1:
        text = ngettext(
            "LeNet ({recipe}, {epochs}) was trained on {images} with {n} seed; accuracy is that on the test images "
            "after the last epoch.",
            "LeNet ({recipe}, {epochs}) was trained on {images} with {n} seeds; accuracy is that on the test images "
            "after the last epoch.",
            seeds,
        )
    else:
        text = ngettext(
            "LeNet ({recipe}, {epochs}; {arms}) was trained on {images} with the same {n} seed each; accuracy is that "
            "on the test images after the last epoch.",
            "LeNet ({recipe}, {epochs}; {arms}) was trained on {images} with the same {n} seeds each; accuracy is that "
            "on the test images after the last epoch.",
            seeds,
        )
    return text.format(**words)


def _so_far(results: Results) -> str:
    """How many of the runs there are, where some are missing."""
    if not results.waiting:
        return ""
    n, all_runs = len(results.finished), len(results.outcomes)
    return ngettext(
        "So far, {n} of {all} run has finished.", "So far, {n} of {all} runs have finished.", all_runs
    ).format(n=n, all=all_runs)


def _is_sample(base: RunConfig) -> bool:
    """Whether runs are trained on the part of a data set that comes with the app."""
    if base.data != "auto":
        return base.data == "sample"
    with suppress(LenetError):
        return data.find(base.data, base.dataset).kind == "sample"
    return False


def _computed(numbers: list[statistics.Sample]) -> str:
    """How the intervals were computed; "" where there is none."""
    method = statistics.method_for(numbers)
    if not any(found.method == method for found in _intervals(numbers, method)):
        return ""
    if method == statistics.SEQUENTIAL:
        return _("While runs are missing, intervals are those of a sequential t test, which hold at every look.")
    if len(numbers) == 1:
        return _("The interval is Student’s t, at 95%.")
    if len(numbers) == 2:
        return _("The interval is Student’s t of the differences of paired seeds, at 95%.")
    return _(
        "Intervals are Student’s t of the differences of paired seeds, at 95%; p values after Holm’s correction."
    )


def _intervals(numbers: list[statistics.Sample], method: str) -> list[Interval]:
    """What the sentences speak of: the differences of arms, or the mean of the only one."""
    if len(numbers) > 1:
        return [comparison.difference for comparison in statistics.compare(numbers, method=method)]
    found = statistics.mean_interval(list(numbers[0].values.values()), method=method)
    return [found] if found else []
