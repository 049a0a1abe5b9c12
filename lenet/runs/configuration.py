"""The configuration of a run: the network, how it is initialised and trained, for how long, and on which data.

A recipe is a RunConfig like any other. `classic` has the note's values; `modern` keeps the network's
61 706 parameters and replaces what thirty years have improved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as fields_of
from typing import Any

from lenet import data as data_sets
from lenet.architecture.configuration import LeNetConfig
from lenet.common import fields
from lenet.common.errors import LenetError
from lenet.common.fields import Field, check_integer, setting
from lenet.common.translation import N_
from lenet.common.translation import translate as _

INITS = ("xavier_uniform", "torch_default")
OPTIMIZERS = ("sgd", "adam", "adamw", "muon")
SCHEDULES = ("constant", "one_cycle", "cosine", "step")
AUGMENTATIONS = ("none", "flip", "flip_shift")
DEVICE_WORDS = {"auto": N_("the fastest available"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
DEVICES = tuple(DEVICE_WORDS)
PRECISIONS = ("float32", "bfloat16")

MAX_EPOCHS = 1000
MAX_IMAGES = max(known.sizes["train"] for known in data_sets.DATA_SETS.values())
"""Of a batch or an epoch: the images of the largest training set, of which an epoch draws each at most once."""
MAX_SEED = 2**32 - 1

RECIPE_GROUPS = ("network", "training", "regularisation")
"""The groups of settings that a recipe determines."""
PLACE_GROUPS = ("run", "numerics")
"""The groups of settings that are kept when another recipe is chosen."""


@dataclass(frozen=True)
class RunConfig:
    """Everything that determines what a run computes. Raises LenetError if a value is invalid.

    `lr` is the learning rate; with the `one_cycle` schedule it is the peak, reached after `warmup` of all steps
    and then lowered linearly to zero. The schedule `cosine` lowers it from `lr` to `eta_min` over the run, as PyTorch's
    `CosineAnnealingLR` does when it is stepped after every batch; `step` multiplies it by `gamma` every `step_size`
    epochs, as `StepLR`. `momentum` is SGD's momentum or Adam's β₁. Both `adamw` and `adam` are PyTorch's `AdamW`, whose
    weight decay bypasses the moments: `adam` is what older runs and links call it. With the optimiser `muon`, `muon_lr`
    is the learning rate of all weights except the last layer's; Adam trains the last layer and the biases with `lr`.

    `validation` is the share of the training images that is held out, chosen by the seed. The best epoch of a run is the
    one with the highest validation accuracy; of equals, with the lowest validation loss. With `early_stopping` the run
    ends after so many epochs without a better one, counted anew from each of `extended_at`: the finished epochs at which
    a run with early stopping was extended.

    `examples_per_epoch` is how many images an epoch draws; 0 means all. With the `precision` `bfloat16` the factors of the
    products in a training step are rounded to 8 bits (`torch.autocast`); weights, loss and evaluation stay float32.
    `cycles` are the epochs at which the schedule had ended when the run was extended.

    The number of `threads` decides the order of sums on a CPU, and so their last bits. A run with a number takes as many
    whatever trains it; one without takes as many as its first trainer has, and goes on with those.

    To add a setting, add a field. It is then checked and stored, listed in the table of settings and among the changes
    from a recipe, offered on the training page (if it has a `key` and a `group`) and an option of
    `python -m lenet.train` (whose help says `flag`, or else the label).
    """

    recipe: str = setting(
        "classic", N_("Recipe"), options=lambda: RECIPES, pattern=r"[A-Za-z0-9 ._-]{1,40}", compared=False,
        flag="a named configuration; every other option changes it",
    )  # fmt: skip
    model: LeNetConfig = field(default_factory=LeNetConfig)
    init: str = setting("xavier_uniform", N_("Initialisation"), options=INITS, key="init", group="training")
    optimizer: str = setting("sgd", N_("Optimiser"), options=OPTIMIZERS, key="opt", group="training")
    lr: float = setting(0.9, N_("Learning rate"), low=1e-8, high=100.0, key="lr", group="training")
    muon_lr: float = setting(
        0.02, N_("Learning rate of Muon"), low=1e-8, high=100.0, only_with=("optimizer", "muon"), key="muon",
        group="training",
    )  # fmt: skip
    momentum: float = setting(0.0, N_("Momentum (Adam: β₁)"), low=0.0, high=0.9999, key="mom", group="training")
    weight_decay: float = setting(0.0, N_("Weight decay"), low=0.0, high=10.0, key="wd", group="training")
    schedule: str = setting("constant", N_("Schedule"), options=SCHEDULES, key="sched", group="training")
    warmup: float = setting(
        0.0, N_("Warm-up (share of all steps)"), low=0.0, high=0.9, only_with=("schedule", "one_cycle"), key="warm",
        group="training",
    )  # fmt: skip
    eta_min: float = setting(
        0.0, N_("Lowest learning rate (eta_min)"), low=0.0, high=100.0, only_with=("schedule", "cosine"), key="etamin",
        group="training",
    )  # fmt: skip
    step_size: int = setting(
        5, N_("Epochs between two steps down (step_size)"), low=1, high=MAX_EPOCHS, only_with=("schedule", "step"),
        key="stepsize", group="training",
    )  # fmt: skip
    gamma: float = setting(
        0.1, N_("Factor of a step down (gamma)"), low=0.0, high=1.0, only_with=("schedule", "step"), key="gamma",
        group="training",
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, N_("Label smoothing"), low=0.0, high=0.9, key="smooth", group="regularisation"
    )
    augment: str = setting("none", N_("Augmentation"), options=AUGMENTATIONS, key="aug", group="regularisation")
    early_stopping: int = setting(
        0, N_("Early stopping: patience in epochs (0: off)"), low=0, high=MAX_EPOCHS, only_with=("validation", True),
        key="patience", group="regularisation",
        help=N_(
            "The run ends after so many epochs without a better one: a higher validation accuracy, or the same with a "
            "lower validation loss."
        ),
    )  # fmt: skip
    batch_size: int = setting(256, N_("Batch size"), low=1, high=MAX_IMAGES, key="batch", group="training")
    epochs: int = setting(
        10, N_("Epochs"), low=1, high=MAX_EPOCHS, key="epochs", group="length", compared=False,
        flag="passes over the training images",
    )  # fmt: skip
    examples_per_epoch: int = setting(0, N_("Images per epoch (0: all)"), low=0, high=MAX_IMAGES)
    cycles: tuple[int, ...] = setting(
        (), N_("Epochs at which the schedule restarted"), low=1, high=MAX_EPOCHS, length=100, compared=False
    )
    extended_at: tuple[int, ...] = setting(
        (), N_("Epochs at which early stopping began anew"), low=1, high=MAX_EPOCHS, length=100, compared=False
    )
    seed: int = setting(
        0, N_("Seed"), low=0, high=MAX_SEED, key="seed", group="run", compared=False,
        help=N_("Determines the initial weights and the order of the images: the same seed gives the same run."),
        flag="determines the initial weights and every shuffle",
    )  # fmt: skip
    device: str = setting(
        "auto", N_("Device"), options=DEVICE_WORDS, key="device", group="run", compared=False,
        flag="auto uses a GPU if there is one",
    )  # fmt: skip
    threads: int = setting(
        0, N_("CPU threads (0: as many as the trainer has)"), low=0, high=256, compared=False,
        flag="CPU threads (0: one for each core); fewer are faster on a busy machine",
    )  # fmt: skip
    precision: str = setting(
        "float32", N_("Precision"), options=PRECISIONS, key="prec", group="numerics",
        help=N_(
            "bfloat16 rounds the factors of each product in a step to 8 significant bits. This "
            "speeds up large networks, but slows down one as small as LeNet."
        ),
    )  # fmt: skip
    dataset: str = setting(
        "auto", N_("Data set"), options=data_sets.CHOICES, key="dataset", group="run", compared=False,
        flag="auto: what the data folder holds; own: any other images in it",
    )  # fmt: skip
    data: str = setting(
        "auto", N_("Data"), options=data_sets.SOURCES, key="data", group="run", compared=False,
        flag="the full data set or the bundled sample",
    )  # fmt: skip
    validation: float = setting(
        0.0, N_("Validation (share of the training images)"), low=0.0, high=0.9, key="val", group="run",
        help=N_(
            "These images, chosen by the seed, are not trained on. They tell which epoch and which run is best, so that "
            "the test images need not be used to choose."
        ),
    )  # fmt: skip

    def __post_init__(self) -> None:
        if not isinstance(self.model, LeNetConfig):
            raise LenetError("not_an_object", name="model", value=str(self.model)[:40])
        fields.check(self)
        for name, epochs in (("cycles", self.cycles), ("extended_at", self.extended_at)):
            for epoch in epochs:
                check_integer(name, epoch, 1, self.epochs - 1)
            if list(epochs) != sorted(set(epochs)):
                raise LenetError("not_one_of", name=name, value=str(epochs)[:40], options="rising epochs")
        if self.early_stopping and not self.validation:
            raise LenetError("nothing_to_stop_by", value=self.early_stopping)
        self._check_network()
        if not self.model.channels:
            raise LenetError("no_convolution")

    def _check_network(self) -> None:
        """Hold the network against the images and classes of the data set. Raises LenetError.

        A network for as many classes as the default data set has is for any: `resolved` gives it those of the data. What a
        folder holds is looked at only for networks with another number.
        """
        default, m = data_sets.DATA_SETS[data_sets.DEFAULT], self.model
        images = data_sets.DATA_SETS.get(self.dataset, default)
        if self.dataset == "auto" and m.num_classes != len(default.classes):
            images = data_sets.here()
        fits = self.dataset == data_sets.OWN or m.num_classes in (len(default.classes), len(images.classes))
        if m.input_shape != images.input_shape or not fits:
            raise does_not_fit(m, images)

    def resolved(self) -> RunConfig:
        """The same with the key of the data set that this machine has for it, and as many classes. Raises DataError."""
        found = data_sets.find(self.data, self.dataset).data_set
        return replace(self, dataset=found.key, model=replace(self.model, num_classes=len(found.classes)))

    @property
    def steps(self) -> int | None:
        """Steps of the whole run; None if an epoch draws all images, whose number depends on the data."""
        return -(-self.examples_per_epoch // self.batch_size) * self.epochs if self.examples_per_epoch else None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        values = {one.name: getattr(self, one.name) for one in fields_of(self)}  # asdict would copy each deeply
        return values | {
            "model": self.model.to_dict(), "cycles": list(self.cycles), "extended_at": list(self.extended_at),
        }  # fmt: skip

    def ends_early(self, epoch: int, best: int) -> bool:
        """Whether early stopping ends the run after `epoch` epochs, the best of which was `best` (0: none yet)."""
        since = max([best, *(e for e in self.extended_at if e <= epoch)])
        return bool(self.early_stopping) and epoch - since >= self.early_stopping

    def extended(self, epochs: int, done: int | None = None) -> RunConfig:
        """The same run with `epochs` epochs, extended when it had finished `done` of them (default: all). Raises LenetError.

        A schedule that had ended begins a new cycle. A run that ended early goes on in the schedule that it was in; it may
        keep its number of epochs, and then trains those that it left out.
        """
        done = self.epochs if done is None else done
        check_integer("epochs", epochs, max(self.epochs, done + 1), MAX_EPOCHS)
        return replace(
            self,
            epochs=epochs,
            cycles=self.cycles if epochs == self.epochs else (*self.cycles, self.epochs),
            extended_at=tuple(sorted({*self.extended_at, done})) if self.early_stopping else self.extended_at,
        )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfig:
        """The configuration in `values`; missing settings have their recipe's value. Raises LenetError.

        A mapping with only the settings of a network is taken as `{"model": …}`.
        """
        given = fields.known(cls, whole(values), "config")
        if "model" in given:
            given["model"] = LeNetConfig.from_dict(given["model"])
        base = RECIPES.get(str(given.get("recipe", "classic")), CLASSIC)
        return replace(base, **given)


def whole(values: Any) -> Any:
    """`{"model": values}` if `values` holds only the settings of a network; otherwise `values` unchanged."""
    settings = {f.name for f in fields_of(LeNetConfig)}
    is_network = isinstance(values, Mapping) and bool(values) and set(values) <= settings
    return {"model": values} if is_network else values


def does_not_fit(model: LeNetConfig, images: data_sets.DataSet) -> LenetError:
    """That a network is for other images or classes than a data set has."""
    _one, channels, height, width = model.input_shape
    return LenetError(
        "does_not_fit_data", channels=channels, height=height, width=width, classes=model.num_classes,
        name=images.name, shape="×".join(map(str, images.image_shape)), n=len(images.classes),
    )  # fmt: skip


CLASSIC = RunConfig()
"""The note: Xavier uniform, SGD with learning rate 0.9, batches of 256, cross-entropy, ten epochs."""

MODERN = RunConfig(
    recipe="modern",
    model=LeNetConfig(activation="relu"),
    optimizer="muon",
    lr=0.01,
    muon_lr=0.03,
    momentum=0.9,
    weight_decay=0.1,
    schedule="one_cycle",
    warmup=0.1,
    label_smoothing=0.1,
)
"""ReLU, Muon and Adam with a one-cycle learning rate, label smoothing. Tuned on 5 000 held-out training images, eight
seeds: 92.6 %. There max pooling in place of the note's average took 0.2 to 0.5 % of them, Adam in place of Muon for the
kernels 0.4 to 0.6 %; mirrored copies did not help: all shoes of Fashion-MNIST point to the left."""

SPRINT = replace(
    MODERN,
    recipe="sprint",
    model=LeNetConfig(activation="relu", pooling="max"),
    epochs=1,
    batch_size=192,
    examples_per_epoch=50 * 192,
    lr=0.02,
    muon_lr=0.14,
    label_smoothing=0.0,
)
"""Past the note's 80.5 % in 50 steps, for which max pooling is better. Tuned on the same held-out images, where the weakest
of 32 seeds reached 83.3 %."""

NOTE_ACCURACY = 0.805
"""The share of the test images that the note's network classifies correctly, after the ten epochs that it logs."""

RECIPES: dict[str, RunConfig] = {"classic": CLASSIC, "modern": MODERN, "sprint": SPRINT}


ABOUT = {
    "classic": N_(
        "LeNet as textbooks train it: sigmoid, average pooling, SGD with learning rate 0.9, Xavier initialisation."
    ),
    "modern": N_("The same network with today’s choices: ReLU, Muon and a one-cycle learning rate."),
    "sprint": N_(
        "Like modern, but with max pooling and only {n} steps: on all of Fashion-MNIST it exceeds a test "
        "accuracy of {accuracy}, which takes the classic recipe ten epochs, in less than a second."
    ),
}
"""A sentence about each recipe; {n} is the number of its steps, {accuracy} the note's."""


def about(recipe: str) -> str:
    """A sentence about a recipe in the reader's language; empty if there is none."""
    return _(ABOUT.get(recipe, "")).format(n=RECIPES[recipe].steps, accuracy=NOTE_ACCURACY)


def for_network(model: LeNetConfig) -> RunConfig:
    """The recipe that suits a network: the note's for sigmoids, `modern` for every other. Raises LenetError."""
    return replace(CLASSIC if model.activation == "sigmoid" else MODERN, model=model)


SETTINGS: dict[str, Field] = fields.table(RunConfig) | {
    f"model.{name}": field for name, field in fields.table(LeNetConfig).items()
}
"""Every setting of a run by its name in files; those of the network begin with `model.`."""


def flat(config: RunConfig) -> dict[str, Any]:
    """The settings of a run by the names of SETTINGS, as plain JSON values."""
    values = config.to_dict()
    network = values.pop("model")
    return values | {f"model.{name}": value for name, value in network.items()}


def changed(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """The configuration with the settings in `values` (by the names of SETTINGS) replaced. Raises LenetError."""
    network = {name.removeprefix("model."): value for name, value in values.items() if name.startswith("model.")}
    others = {name: value for name, value in values.items() if not name.startswith("model.")}
    return replace(config, **others, model=replace(config.model, **network) if network else config.model)


def on_page(*groups: str) -> dict[str, Field]:
    """The settings of these groups by name: group by group, each in the order of SETTINGS."""
    return {name: field for group in groups for name, field in SETTINGS.items() if field.group == group}
