"""The lessons of the training page: what each asks, what to do then, and what there is to see.

The questions are in `questions.py`. While one is asked, the page shows the curve of the lesson's run only, and as much of it as
the question leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lenet.common.formatting import decimals, percent
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.lessons import Lesson
from lenet.runs import Run
from lenet.training import questions
from lenet.training.questions import CHANCE, CLASSIC, OVERFITTING, RATE, gains, guessing


@dataclass(frozen=True, eq=False, kw_only=True)
class CurveLesson(Lesson):
    """While it asks, the first `epochs` of the curve are seen, or all where that is 0, without the parts that it `hides`."""

    epochs: float = 0.0


# -- what there is to see of a run -------------------------------------------------------------------------------------


def largest_gain(run: Run) -> str:
    """The epoch that added most to the test accuracy."""
    accuracies = run.metrics()["test_acc"]
    if not len(accuracies):
        return ""
    best = int(np.argmax(gains(run)))
    text = _("Here the test accuracy rose most in epoch {epoch}, to {accuracy}.")
    return text.format(epoch=best + 1, accuracy=percent(accuracies[best]))


def plateau(run: Run) -> str:
    """How many epochs the test accuracy stayed at that of guessing."""
    accuracies, (_loss, chance) = run.metrics()["test_acc"], guessing(run)
    learned = np.flatnonzero(accuracies > CHANCE * chance)
    if not len(accuracies):
        return ""
    if not len(learned):
        return _("After epoch {n} this run is still on its plateau.").format(n=len(accuracies))
    text = _("This run had left its plateau by the end of epoch {epoch}, with a test accuracy of {accuracy}.")
    return text.format(epoch=int(learned[0]) + 1, accuracy=percent(accuracies[learned[0]]))


def gap(run: Run) -> str:
    """How far the accuracy on training images is above that on test images, and since when the test loss rises."""
    metrics = run.metrics()
    if not len(metrics["loss"]):
        return ""
    train, test = float(metrics["train_acc"][-1]), float(metrics["test_acc"][-1])
    told = _("After epoch {n} this run is right on {train} of its training images and on {test} of the test images.")
    words = told.format(n=len(metrics["loss"]), train=percent(train), test=percent(test))
    losses = metrics.get("test_loss", np.array([]))
    if not np.isfinite(losses).any():
        return words
    best = int(np.nanargmin(losses))
    text = _("Its test loss was lowest after epoch {epoch}: {low}; at the end it is {end}.")
    return f"{words} " + text.format(epoch=best + 1, low=decimals(losses[best], 2), end=decimals(losses[-1], 2))


def outcome(run: Run) -> str:
    """Whether a run was lost, learned nothing, or learned, by its own numbers."""
    status, metrics = run.status(), run.metrics()
    rate = _("learning rate {lr}").format(lr=f"{run.config.lr:g}")
    if status.code == "diverged":
        text = _("With {rate} this run was lost in epoch {epoch}: its loss became {loss}.")
        params = status.params or {}
        return text.format(rate=rate, epoch=params.get("epoch", "?"), loss=params.get("loss", "?"))
    if not len(metrics["loss"]):
        return ""
    guess, chance = guessing(run)
    loss, accuracy, highest = (
        float(metrics["loss"][-1]),
        float(metrics["test_acc"][-1]),
        float(run.steps()["loss"].max()),
    )
    if accuracy <= CHANCE * chance:
        text = _(
            "With {rate} this run learned nothing: its loss went up to {highest}, at the end it is {loss}, that of guessing "
            "is {guess}; test accuracy {accuracy}."
        )
    else:
        text = _(
            "With {rate} this run learned: loss {loss}, test accuracy {accuracy}. Its highest loss was {highest}."
        )
    return text.format(
        rate=rate, highest=decimals(highest, 2), loss=decimals(loss, 2), guess=decimals(guess, 2),
        accuracy=percent(accuracy),
    )  # fmt: skip


# -- the lessons -------------------------------------------------------------------------------------------------------

LESSONS: dict[str, CurveLesson] = {
    "curve": CurveLesson(
        title=N_("Read a curve"),
        beginning={"run": CLASSIC, "panel": "result"},
        ask=questions.curve,
        hides=("accuracy",),
        text=N_("Choose the other run that came with the app under **Run**: when did that one learn most?"),
        control="run",
        seen=largest_gain,
    ),
    "plateau": CurveLesson(
        title=N_("A plateau"),
        beginning={"run": CLASSIC, "panel": "gradients"},
        ask=questions.plateau,
        epochs=questions.PLATEAU_EPOCHS,
        text=N_(
            "**Gradients** below the curve shows how little reaches the first layers. Press **Train** with another seed: does "
            "the plateau last as long?"
        ),
        opened={"recipe": "classic", "seed": 1},
        control="train",
        seen=plateau,
    ),
    "overfitting": CurveLesson(
        title=N_("Overfitting"),
        beginning={"run": OVERFITTING, "panel": "result"},
        ask=questions.overfitting,
        epochs=questions.FIT_EPOCHS,
        text=N_(
            "The settings of this run are set. Choose the augmentation “flip_shift” under **All settings of the recipe**, and "
            "press **Train**: does the gap close?"
        ),
        opened={"recipe": "modern", "data": "sample", "epochs": 30, "wd": 0.0, "smooth": 0.0},
        control="train",
        seen=gap,
    ),
    "rate": CurveLesson(
        title=N_("A learning rate too high"),
        beginning={"run": RATE, "panel": "gradients"},
        ask=questions.rate,
        epochs=questions.RATE_EPOCHS,
        text=N_(
            "Now watch it: the same is set with another seed. Press **Train**. Then change **Learning rate** to 0.1 and to 3 "
            "under **All settings of the recipe**."
        ),
        opened={"recipe": "classic", "act": "relu", "lr": 0.9, "epochs": 3, "data": "sample", "seed": 0},
        control="train",
        seen=outcome,
    ),
}
