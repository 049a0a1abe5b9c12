"""What the lessons of the training page ask. Every right answer is computed from the run that a lesson is about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import runs
from lenet.common.formatting import decimals, percent
from lenet.common.translation import N_
from lenet.exercises import Question, Text
from lenet.lessons import Option, choose, compare
from lenet.lessons.lesson import Settings
from lenet.runs import Run

Array = NDArray[np.float64]

CLASSIC = runs.DEFAULT_REFERENCE
OVERFITTING, RATE = runs.LESSON_PREFIX + "overfitting", runs.LESSON_PREFIX + "rate"
"""The runs that the lessons are about, by their ids."""
PLATEAU_EPOCHS, FIT_EPOCHS, RATE_EPOCHS = 1, 6, 0.21
"""So much of a run is seen while the question is asked."""
CHANCE = 1.5
"""Up to so many times the accuracy of guessing, a network has learned nothing."""
NEAR = 0.03
"""Accuracies that differ by no more are about the same."""


def guessing(run: Run) -> tuple[float, float]:
    """Loss and accuracy of a network that gives every class the same probability."""
    classes = run.config.model.num_classes
    return math.log(classes), 1 / classes


def gains(run: Run) -> Array:
    """What each epoch added to the test accuracy; the first one begins at that of guessing."""
    return np.diff(run.metrics()["test_acc"], prepend=guessing(run)[1])


def _first(is_so: Mapping[str, Any], otherwise: str) -> str:
    """The first of these that is so."""
    return next((name for name, holds in is_so.items() if holds), otherwise)


def curve(before: Settings, _after: Settings) -> Question:
    run = runs.find(before["run"])
    metrics, steps = run.metrics(), run.steps()["loss"]
    accuracies, losses = metrics["test_acc"], metrics["loss"]
    guess, _chance = guessing(run)
    best, last = int(np.argmax(gains(run))) + 1, len(losses)
    told = {
        "first": decimals(float(steps[0]), 2),
        "guess": decimals(guess, 2),
        "start": percent(float(accuracies[0])),
        "before": decimals(float(losses[best - 2]), 2),
        "after": decimals(float(losses[best - 1]), 2),
        "low": percent(float(accuracies[best - 2])),
        "high": percent(float(accuracies[best - 1])),
        "end": decimals(float(losses[-1]), 2),
        "fall": decimals(float(losses[-2] - losses[-1]), 2),
    }
    return compare(
        Text(N_("This is the loss of a whole run. In which epoch did the network learn most?")),
        (
            best,
            Text(
                N_(
                    "The mean loss falls from {before} to {after}, more than in any other epoch, and the test accuracy rises "
                    "from {low} to {high}."
                ),
                told,
            ),
        ),
        {
            "first": (
                1,
                Text(
                    N_(
                        "The loss of a step falls from {first} at once, but to {guess}: ln 10, the loss of guessing among ten "
                        "classes. The test accuracy is {start} then: nothing is learned yet."
                    ),
                    told,
                ),
            ),
            "last": (
                last,
                Text(N_("The loss is lowest there, {end}, but this epoch took only {fall} off it."), told),
            ),
        },
        N_("Epoch {value}"),
    )  # fmt: skip


def plateau(before: Settings, _after: Settings) -> Question:
    run = runs.find(before["run"])
    metrics = run.metrics()
    accuracies, (_loss, chance) = metrics["test_acc"], guessing(run)
    added = gains(run)[PLATEAU_EPOCHS:]
    told = {
        "n": PLATEAU_EPOCHS,
        "now": percent(float(accuracies[PLATEAU_EPOCHS - 1])),
        "next": percent(float(accuracies[PLATEAU_EPOCHS])),
        "end": percent(float(accuracies[-1])),
        "epochs": len(accuracies),
        "steps": int(metrics["step"][PLATEAU_EPOCHS - 1]),
        "equal": percent(float(added.sum() / len(added))),
    }
    options = {
        "stays": Option(
            Text(N_("It stays there")),
            Text(
                N_(
                    "{now} does look like guessing. But the gradient is small and not zero: the last layers move first, and "
                    "then more of it reaches the others."
                ),
                told,
            ),
        ),
        "evenly": Option(
            Text(N_("It climbs evenly")),
            Text(N_("Then each epoch would add {equal}. Curves of training are seldom even: look at the next one."), told),
        ),
        "leaps": Option(
            Text(N_("It leaps in the next epoch")),
            Text(
                N_(
                    "After the next epoch it is {next}, of {end} in the end. Sigmoids let little of the gradient through until "
                    "the layers behind them have moved."
                ),
                told,
            ),
        ),
    }  # fmt: skip
    right = _first({"stays": accuracies[-1] <= CHANCE * chance, "leaps": added[0] > added.sum() / 2}, "evenly")
    text = N_(
        "After {n} epoch, {steps} steps, this network is right on {now} of the test images: as good as guessing. What does the "
        "test accuracy do next?"
    )
    return choose(Text(text, told), options, right)


def overfitting(before: Settings, _after: Settings) -> Question:
    run = runs.find(before["run"])
    metrics = run.metrics()
    train, test, loss = metrics["train_acc"], metrics["test_acc"], metrics["test_loss"]
    seen = FIT_EPOCHS - 1
    told = {
        "n": FIT_EPOCHS,
        "images": run.status().train_images,
        "epochs": len(train),
        "train": percent(float(train[seen])),
        "test": percent(float(test[seen])),
        "whole": percent(float(train[-1])),
        "end": percent(float(test[-1])),
        "low": decimals(float(loss[seen]), 2),
        "high": decimals(float(loss[-1]), 2),
    }
    options = {
        "follows": Option(
            Text(N_("It follows the training accuracy")),
            Text(
                N_(
                    "It would if the network learned what all such images have in common. It learns its own {images} by heart: "
                    "{whole} of them, and {end} of others."
                ),
                told,
            ),
        ),
        "stays": Option(
            Text(N_("It stays, and the test loss rises")),
            Text(
                N_(
                    "{end} after {epochs} epochs, and the test loss rises from {low} to {high}: the network is as often wrong as "
                    "before, and surer of it. That is overfitting."
                ),
                told,
            ),
        ),
        "falls": Option(
            Text(N_("It falls back to guessing")),
            Text(N_("What it knows of other images it does not forget: {end} in the end. It only learns nothing more."), told),
        ),
    }  # fmt: skip
    change = float(test[-1] - test[seen])
    right = _first({"stays": abs(change) <= NEAR and loss[-1] > loss[seen], "follows": change > 0}, "falls")
    text = N_(
        "This run has only {images} training images. After {n} epochs it is right on {train} of them, and on {test} of the test "
        "images. By epoch {epochs} it is right on {whole} of its training images. What does the test accuracy do?"
    )
    return choose(Text(text, told), options, right)


def rate(before: Settings, _after: Settings) -> Question:
    run = runs.find(before["run"])
    metrics, steps, norms = run.metrics(), run.steps()["loss"], run.gradients()["0.weight"]
    guess, chance = guessing(run)
    seen = int(RATE_EPOCHS * run.status().steps_per_epoch)
    told = {
        "n": seen,
        "first": decimals(float(steps[0]), 2),
        "now": decimals(float(steps[seen - 1]), 2),
        "lr": run.config.lr,
        "next": decimals(float(steps[seen]), 2),
        "guess": decimals(guess, 2),
        "end": decimals(float(metrics["loss"][-1]), 2),
        "accuracy": percent(float(metrics["test_acc"][-1])),
        "before": decimals(float(norms[seen - 1]), 2),
        "after": f"{norms[-1]:.6f}",
    }
    options = {
        "falls": Option(
            Text(N_("It goes on falling")),
            Text(
                N_(
                    "ReLU does pass more of the gradient on: so the same learning rate makes larger steps, and these go beyond "
                    "the valley in the loss."
                ),
                told,
            ),
        ),
        "swings": Option(
            Text(N_("It swings, but falls in the end")),
            Text(
                N_(
                    "A rate that is a little too high does that. Here the gradient in the first layer’s weights is {after} at the "
                    "end, and was {before}: nothing brings them back."
                ),
                told,
            ),
        ),
        "lost": Option(
            Text(N_("It jumps, then stays at guessing")),
            Text(
                N_(
                    "The next step makes it {next}; at the end it is {end}, test accuracy {accuracy}. ln 10 = {guess} is the loss "
                    "of guessing. The ReLUs let hardly any gradient through: {after} in the first layer, in place of {before}."
                ),
                told,
            ),
        ),
    }  # fmt: skip
    accuracy, later = float(metrics["test_acc"][-1]), steps[seen:]
    is_lost = accuracy <= CHANCE * chance and later.max() > steps[0]
    right = _first({"lost": is_lost, "falls": np.diff(metrics["loss"]).max() < 0}, "swings")
    text = N_(
        "With sigmoids a learning rate of {lr} is fine. Here the activation is ReLU, everything else is the same. In {n} steps "
        "the loss fell from {first} to {now}. What does it do next?"
    )
    return choose(Text(text, told), options, right)
