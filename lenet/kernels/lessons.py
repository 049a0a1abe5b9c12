"""The lessons of the kernel page: what each asks, what to do then, and what there is to see.

The questions are in `questions.py`. While one is asked, the page shows only the kernels that the lesson `shows`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lenet import runs
from lenet.common.formatting import decimals
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.kernels import note, questions
from lenet.kernels.history import History, Kernels
from lenet.lessons import Lesson


@dataclass(frozen=True, eq=False, kw_only=True)
class KernelLesson(Lesson):
    """`shows` gives the kernels of its figure while it asks, set by set: a name (English) and the kernels of each."""

    shows: Callable[[History], list[tuple[str, Kernels]]]


def detector(history: History) -> str:
    """Which kernel of a run prefers an edge that is bright on the right."""
    wanted, others = questions.preference(history.final)
    best = int(np.argmax(np.divide(wanted, others, out=np.zeros_like(wanted), where=others > 0)))
    text = _(
        "Here kernel {n} prefers that edge most: {wanted} for it, at most {others} for one in another direction."
    )
    return text.format(n=best + 1, wanted=decimals(wanted[best], 2), others=decimals(others[best], 2))


def moved(history: History) -> str:
    """How far the kernels of a run are from where they began."""
    if len(history.steps) < 2:
        return ""
    cosine, growth = questions.change(history)
    text = _("Here kernels are {times} times as long in the end, and their cosine with the beginning is {cosine}.")
    return text.format(times=decimals(growth, 1), cosine=decimals(cosine, 2))


LESSONS: dict[str, KernelLesson] = {
    "edges": KernelLesson(
        title=N_("Find the edge detector"),
        beginning={"run": runs.DEFAULT_REFERENCE, "tab": "wall"},
        ask=questions.edges,
        opened={"tab": "seen"},
        shows=lambda history: [(N_("after training"), history.final)],
        text=N_(
            "Below each kernel, a curve shows how strongly it responds to edges in each direction. Choose the other run that "
            "came with the app: does it have this detector?"
        ),
        control="run",
        seen=detector,
    ),
    "training": KernelLesson(
        title=N_("What training changes"),
        beginning={"run": runs.DEFAULT_REFERENCE, "tab": "wall"},
        ask=questions.training,
        shows=lambda history: [(N_("before training"), history.kernels[0])],
        text=N_(
            "Press ▶ and watch them: when do they change most? **How they moved** has the length of each kernel’s path."
        ),
        control="tab",
        seen=moved,
    ),
    "seeds": KernelLesson(
        title=N_("Does another start find the same?"),
        beginning={"run": runs.DEFAULT_REFERENCE, "tab": "wall"},
        ask=questions.seeds,
        opened={"tab": "compare", "other": "~note"},
        shows=lambda history: [(N_("this run"), history.final), (N_("the note"), note.KERNELS)],
        text=N_(
            "The bars show how alike each pair is, the band how alike random kernels would be. Choose **Its own initial "
            "kernels** under **Compare with**: what do you expect?"
        ),
        control="other",
    ),
}
