"""The training loop: a network, its optimisers, and how far it has been trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from lenet.architecture.network import LeNet
from lenet.common import malloc
from lenet.common.errors import LenetError
from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Predictions, Split
from lenet.training.epoch import EpochBuffers, epoch_seed, hold_out
from lenet.training.optimizers import Optimizers, init_weights
from lenet.training.schedules import schedule
from lenet.training.steps import choose_step


class Trainer:
    """One training, epoch by epoch.

    What is random in an epoch depends on the seed and the epoch alone, and everything else is in `checkpoint`, so
    that a run resumed at any step takes the very steps that an uninterrupted one takes.

    `train` are all training images, of which `config.validation` is held out. Raises LenetError where none is left.
    """

    def __init__(self, config: RunConfig, train: Split, test: Split) -> None:
        self.validation: Split | None = None
        if config.validation:
            if len(train) < 2:
                raise LenetError("too_few_to_hold_out", n=len(train))
            rest, held = hold_out(len(train), config.validation, config.seed)
            train, self.validation = train.part(rest), train.part(held)
        self.config, self.train, self.test = config, train, test
        self.device = train.device
        malloc.keep_freed_memory()
        self.examples = min(config.examples_per_epoch or len(train), len(train))
        self.steps_per_epoch = -(-self.examples // config.batch_size)
        self.total_steps = self.steps_per_epoch * config.epochs
        self.epoch = 0  # finished epochs
        self.i = 0  # finished steps of the epoch in progress

        torch.manual_seed(config.seed)
        self.net = LeNet(config.model)  # on the CPU first: the same weights on every device
        init_weights(self.net, config.init)
        self.net.to(self.device)
        self.layers = [name for name, p in self.net.named_parameters() if p.ndim > 1]
        """Names of the weights whose gradients are measured."""
        self.optimizers = Optimizers(self.net, config)
        self.buffers = EpochBuffers.make(self.device, len(train), config, self.steps_per_epoch, len(self.layers))
        self.train_step = choose_step(config, self.net, self.optimizers, train, self.buffers, self.examples)

        # Dropout draws in each step, from torch's own generator.
        self._generator: Any = torch if self.device.type == "cpu" else torch.get_device_module(self.device)
        self._restored_state: Tensor | None = None  # of that generator, in the middle of an epoch

    @property
    def step(self) -> int:
        """Finished steps in all."""
        return self.epoch * self.steps_per_epoch + self.i

    def begin_epoch(self) -> None:
        """Draw what is random in this epoch, and have its images made ready."""
        seed = epoch_seed(self.config.seed, self.epoch)
        torch.manual_seed(seed)
        if self._restored_state is not None:
            self._generator.set_rng_state(self._restored_state)
            self._restored_state = None
        self.buffers.draw(seed, self.config.augment)
        self.train_step.begin_epoch()

    def run_epoch(self, after_step: Callable[[], None] = lambda: None) -> tuple[float, float]:
        """The rest of an epoch; mean loss and accuracy over its images, as its batches went by.

        `after_step` is called after each step; it may read `buffers.losses[:i]` and `buffers.norms[:i]`, but not
        every time: reading waits for the device.
        """
        batch_size = self.config.batch_size
        with self.train_step.running():
            self.begin_epoch()
            while self.i < self.steps_per_epoch:
                self.optimizers.set_learning_rates(schedule(self.config, self.step, self.steps_per_epoch))
                self.train_step(min(batch_size, self.examples - self.i * batch_size))
                self.i += 1
                after_step()
            loss = self._mean(self.buffers.losses)
            accuracy = self.buffers.correct.item() / self.examples
            self.epoch, self.i = self.epoch + 1, 0
            self.buffers.start_over()
            return loss, accuracy

    def train_cross_entropy(self) -> float:
        """Mean over the images of the epoch that has just ended of their loss without label smoothing.

        NaN where there is none, or where an older version, which did not measure it, took a part of the epoch.
        """
        measured = self.buffers.cross_entropies
        return float("nan") if measured is None else self._mean(measured)

    def _mean(self, of_batches: Tensor) -> float:
        """The mean over the images of an epoch of what is a mean over the images of each batch."""
        sizes = torch.full((self.steps_per_epoch,), self.config.batch_size)
        sizes[-1] = self.examples - (self.steps_per_epoch - 1) * self.config.batch_size
        return (of_batches.cpu() * sizes).sum().item() / self.examples

    def predict(self, split: Split) -> Predictions:
        """What the network says of each image, with the weights as they are."""
        return self.train_step.predict(split)

    def accuracy(self) -> float:
        """Share of the test images that the weights as they are classify correctly."""
        return self.test.accuracy(self.predict(self.test).classes)

    def first_kernels(self) -> Tensor:
        """A copy of the first convolution's weights, (out, in, kh, kw), as they are now."""
        weight: Tensor = self.net.get_parameter(self.config.model.convolutions[0].weight_name)
        return weight.detach().clone()

    # A checkpoint holds what steps have changed: weights, what the optimisers remember, the sums of the epoch in
    # progress. Plain tensors and numbers; loading it runs no code.

    def checkpoint(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
        """Tensors as arrays, and plain values, from which `restore` goes on."""
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= self.optimizers.tensors()
        measured = {name: getattr(self.buffers, name) for name in ("losses", "cross_entropies", "norms", "correct")}
        tensors |= {f"epoch.{name}": tensor for name, tensor in measured.items() if tensor is not None}
        if self.i and self.config.model.dropout:
            tensors["random.state"] = self._generator.get_rng_state()
        values = {"epoch": self.epoch, "i": self.i, "threads": self.train_step.threads}
        return {k: to_numpy(v) for k, v in tensors.items()}, values

    def restore(self, tensors: dict[str, NDArray[Any]], values: dict[str, Any]) -> None:
        """Take up a checkpoint of the same configuration (it may have fewer epochs)."""
        net: dict[str, Tensor] = {}
        remembered: dict[str, Tensor] = {}
        for name, array in tensors.items():
            kind, _, rest = name.partition(".")
            value = torch.from_numpy(array)
            if kind == "net":
                net[rest] = value
            elif kind == "random":
                self._restored_state = value
            elif kind == "epoch":
                getattr(self.buffers, rest).copy_(value)
            else:
                remembered[name] = value
        self.net.load_state_dict(net)  # copies in place
        self.optimizers.load(remembered)
        self.train_step.threads = values["threads"]
        self.epoch, self.i = values["epoch"], values["i"]
        self.buffers.count.fill_(self.i)


def to_numpy(t: Tensor) -> NDArray[Any]:
    """A copy of a tensor as a contiguous array on the CPU."""
    return t.detach().cpu().contiguous().numpy().copy()
