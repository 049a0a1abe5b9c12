"""A short measurement of how fast a device trains, for the estimates of runs on a machine that has not trained any."""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from lenet.architecture.configuration import LeNetConfig
from lenet.common import paths, process
from lenet.common.files import locked
from lenet.runs import cost, speeds
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.runs.speeds import Measured, kind_of
from lenet.training.dataset import Split
from lenet.training.devices import device_name
from lenet.training.trainer import Trainer

SECONDS = 0.3  # of steps that are measured, of each kind
STEPS = 4  # of a short epoch, at least
MIN_IMAGES = 32  # of it

KINDS = (
    CLASSIC,
    replace(MODERN, schedule="constant", batch_size=1),
    replace(CLASSIC, model=LeNetConfig(activation="relu", channels=(32, 64), batch_norm=True), batch_size=64),
)
"""What is measured: the note's network, steps that are mostly overhead, and a network with forty times the products."""


def measure(device: torch.device) -> None:
    """Measure a few kinds of runs and keep their speeds, unless some are known of this device; takes a second or two.

    Raises LenetError where the runs directory cannot be written to.
    """
    name = device_name(device)
    with locked(
        paths.runs_dir() / ".cache" / ".calibration.lock", timeout=60.0
    ):  # two at once would slow each other down
        if not speeds.on_device(kind_of(str(device)), name):
            for config in KINDS:
                speeds.record(_measured(config, device, name))


def _measured(config: RunConfig, device: torch.device, name: str) -> Measured:
    images = max(STEPS * config.batch_size, MIN_IMAGES)
    trainer = Trainer(config, _random_split(images, config, device), _random_split(1, config, device))
    trainer.run_epoch()  # the first steps allocate, and capture what they do
    took: list[float] = []
    ends = time.perf_counter() + SECONDS
    while not took or time.perf_counter() < ends:
        began, waited = time.perf_counter(), process.waited_for_core()
        trainer.run_epoch()  # reads its loss at the end, and so waits for a GPU
        # A machine that has just started a server has other things to do, and will have done them.
        took.append(time.perf_counter() - began - (process.waited_for_core() - waited))
    step = min(took) / trainer.steps_per_epoch
    reference = cost.work(config, kind_of(str(device)), images, 1)
    return Measured(str(device), name, reference.image, config.batch_size, step / reference.step)


def _random_split(n: int, config: RunConfig, device: torch.device) -> Split:
    """What `n` images show makes no difference to the time that they take."""
    shape, classes = (n, *config.model.input_shape[1:]), config.model.num_classes
    pixels = torch.randint(256, shape, dtype=torch.uint8)
    return Split(pixels.to(device), torch.randint(classes, (n,)).to(device))
