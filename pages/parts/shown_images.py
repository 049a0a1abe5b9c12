"""The test images that a page shows: those of a run's data set, or else what this machine has."""

from __future__ import annotations

from collections.abc import Callable

from lenet import data, ui
from lenet.architecture.images import LabelledImages
from lenet.common.errors import LenetError, explain
from lenet.common.translation import translate as _
from lenet.runs import Run


def of_run(run: Run) -> LabelledImages:
    """The test images of the data set that a run was trained on; others, and a sentence about it, if they are not here."""
    return _first_of(lambda: LabelledImages(run.data_set, *run.images("test")), _here, _sample)


def of_this_machine() -> LabelledImages:
    """The test images of the data set that the app trains on; the sample, and a sentence about it, if they are damaged."""
    return _first_of(_here, _sample)


def _here() -> LabelledImages:
    return LabelledImages(data.here(), *data.load("test"))


def _sample() -> LabelledImages:
    return LabelledImages(data.DATA_SETS[data.DEFAULT], *data.load("test", "sample"))


def _first_of(*sources: Callable[[], LabelledImages]) -> LabelledImages:
    """The images of the first source that can be read, with a sentence for each one before it that cannot."""
    told: list[str] = []
    for get in sources[:-1]:
        try:
            found = get()
        except LenetError as error:
            if explain(error) not in told:
                ui.problem(error)
            told.append(explain(error))
            continue
        if told:
            ui.caption(ui.plain(_("The images below are from {name}.").format(name=found.data_set.words())))
        return found
    ui.caption(_("The images below are from the sample that comes with the app."))
    return sources[-1]()
