"""Ready questions: what varies, under which recipe, and with how many seeds. Each entry is one on the page.

A question fits on a laptop: as it stands, it takes minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.experiments import values
from lenet.experiments.experiment import Experiment, Variation
from lenet.runs.configuration import RECIPES, SETTINGS, RunConfig, changed

OWN = "own"
"""The key of a question that the reader makes."""
FIRST = "activation"
"""The question that the page begins with."""
EPOCHS = {"classic": 10, "modern": 3, "sprint": 1}
"""With how many epochs a recipe is asked. The learning rate of `modern` and `sprint` falls to 0 within any number of them."""


@dataclass(frozen=True)
class Question:
    """`title` and `about` are English, to be translated when shown; `about` says what is held equal, and what is not.

    `given` are settings of all runs beside the recipe's, by their names in SETTINGS. `epochs` 0 stands for those of EPOCHS. With
    `equal_draws` an epoch draws as many images as the smallest of the training sets has.
    """

    title: str
    about: str
    vary: tuple[Variation, ...] = ()
    recipe: str = "modern"
    given: Mapping[str, Any] = field(default_factory=dict)
    epochs: int = 0
    seeds: int = 8
    equal_draws: bool = False

    @property
    def usual_epochs(self) -> int:
        """With how many epochs each run is trained, unless the reader chooses another number."""
        return self.epochs or EPOCHS[self.recipe]

    def base(self, recipe: str, images: int) -> RunConfig:
        """What all runs have in common under a recipe, where the training set has so many images."""
        config = RECIPES[recipe]
        if recipe == self.recipe:
            config = changed(config, self.given)
        if self.equal_draws:
            held_out = max(share for variation in self.vary for share in variation.values)
            config = replace(config, examples_per_epoch=images - round(held_out * images))
        return config


QUESTIONS: dict[str, Question] = {
    "activation": Question(
        N_("Sigmoid or ReLU?"),
        N_(
            "The same network, once with the sigmoids of the 1990s and once with ReLU. Both are trained by Adam with a learning "
            "rate of 0.005: with the 0.9 of the classic recipe, a network with ReLU learns nothing."
        ),
        (Variation("model.activation", ("sigmoid", "relu")),),
        recipe="classic",
        given={"optimizer": "adam", "momentum": 0.9, "lr": 0.005},
        epochs=5,
    ),
    "pooling": Question(
        N_("Max or average pooling?"),
        N_("The same network with either kind of pooling; neither has parameters."),
        (Variation("model.pooling", ("avg", "max")),),
    ),
    "luck": Question(
        N_("How much luck is in a seed?"),
        N_(
            "Nothing varies but the seed: the random start of the weights and the order of the images. How far apart do "
            "equal runs end?"
        ),
        recipe="classic",
        seeds=16,
    ),
    "kernels": Question(
        N_("How many kernels?"),
        N_("The first convolution with 3, 6, 12 or 24 kernels; the rest of the network is the same."),
        (Variation("model.channels", ((3, 16), (6, 16), (12, 16), (24, 16))),),
    ),
    "lr": Question(
        N_("Which learning rate?"),
        N_("The classic recipe, whose learning rate is 0.9, with smaller and larger ones."),
        (Variation("lr", (0.1, 0.3, 0.9, 2.0)),),
        recipe="classic",
        seeds=4,
    ),
    "init": Question(
        N_("Does the initialisation matter?"),
        N_(
            "Xavier’s initialisation, which keeps signals about as large from layer to layer, and PyTorch’s default. The "
            "recipe is classic: its sigmoids depend on it more than ReLU does."
        ),
        (Variation("init", ("xavier_uniform", "torch_default")),),
        recipe="classic",
    ),
    "batch": Question(
        N_("Which batch size?"),
        N_(
            "Every run sees each image as often, so a larger batch takes fewer steps. The learning rate stays the same: a "
            "larger batch might do better with a larger one."
        ),
        (Variation("batch_size", (64, 256, 1024)),),
    ),
    "images": Question(
        N_("How many images does it need?"),
        N_(
            "All training images, half of them, or a tenth. An epoch draws as many images as the smallest set has, so all "
            "runs take the same number of steps. Images that are held out go to validation; the seed chooses them."
        ),
        (Variation("validation", (0.0, 0.5, 0.9)),),
        epochs=10,
        seeds=6,
        equal_draws=True,
    ),
    "elsewhere": Question(
        N_("Does it see the same from another start?"),
        N_(
            "Nothing varies but the seed. Do the first layer’s kernels become the same, whatever they began as? See the "
            "tab Kernels."
        ),
        recipe="classic",
    ),
}
"""By their keys in URLs and in the files of experiments."""


def asks(question: Question, vary: tuple[Variation, ...]) -> bool:
    """Whether an experiment in which this varies is an answer to the question, with whatever values."""
    return [variation.name for variation in vary] == [variation.name for variation in question.vary]


def title(experiment: Experiment) -> str:
    """What an experiment asks, in the reader's language: `Max or average pooling?`, `Learning rate: 0.3, 0.9`."""
    if question := QUESTIONS.get(experiment.question):
        return _(question.title)
    if not experiment.vary:
        return _("Seeds")
    parts = [f"{_(SETTINGS[v.name].label)}: {values.written(v.values)}" for v in experiment.vary]
    return " × ".join(parts)
