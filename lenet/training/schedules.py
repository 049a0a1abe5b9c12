"""Learning rates over the steps of a run. No torch here: pages and TensorBoard's event files tell them too.

`one_cycle`, `cosine_annealing` and `step_decay` need nothing of ours: the exported script takes them as they are written
here (`code.py`).
"""

from __future__ import annotations

import math

from lenet.runs.configuration import RunConfig


def learning_rates(config: RunConfig, step: int, steps_per_epoch: int) -> dict[str, float]:
    """The learning rates at `step` (from 0) by the names of their settings: `lr`, and with Muon `muon_lr`."""
    peaks = {"lr": config.lr} | ({"muon_lr": config.muon_lr} if config.optimizer == "muon" else {})
    least, share = lowest(config), schedule(config, step, steps_per_epoch)
    return {name: least + (peak - least) * share for name, peak in peaks.items()}


def lowest(config: RunConfig) -> float:
    """The learning rate to which the schedule goes down, from the peaks of all optimisers."""
    return config.eta_min if config.schedule == "cosine" else 0.0


def schedule(config: RunConfig, step: int, steps_per_epoch: int) -> float:
    """How far, 0 to 1, the learning rates are from the lowest one towards their peaks at `step` (from 0).

    A run that was extended goes through a cycle of its own for each extension (`config.cycles`). The schedule `step` knows
    no cycles: it counts epochs from the beginning.
    """
    if config.schedule == "constant":
        return 1.0
    if config.schedule == "step":
        return step_decay(step // steps_per_epoch, config.step_size, config.gamma)
    ends = [epoch * steps_per_epoch for epoch in (*config.cycles, config.epochs)]
    return cosine_annealing(step, ends) if config.schedule == "cosine" else one_cycle(step, ends, config.warmup)


def one_cycle(step: int, ends: list[int], warmup: float) -> float:
    """The share of the peak learning rate at `step` (from 0): linearly up during the warm-up, then linearly to zero.

    `ends` are the steps at which the cycles end; `warmup` is the part of a cycle in which the share rises.
    """
    end = next(e for e in ends if step < e)
    begin = max((e for e in ends if e <= step), default=0)
    warm = warmup * (end - begin)
    if step - begin < warm:
        return (step - begin + 1) / (warm + 1)
    return (end - step) / (end - begin - warm)


def cosine_annealing(step: int, ends: list[int]) -> float:
    """How far, 0 to 1, the learning rate is from `eta_min` towards its peak at `step` (from 0): from 1 down along a cosine.

    As torch.optim.lr_scheduler.CosineAnnealingLR, stepped after each batch, with `T_max` the batches of a cycle. `ends` are
    the steps at which the cycles end.
    """
    end = next(e for e in ends if step < e)
    begin = max((e for e in ends if e <= step), default=0)
    return (1 + math.cos(math.pi * (step - begin) / (end - begin))) / 2


def step_decay(epoch: int, step_size: int, gamma: float) -> float:
    """The share of the first learning rate in `epoch` (from 0): times `gamma` every `step_size` epochs.

    As torch.optim.lr_scheduler.StepLR, stepped after each epoch.
    """
    return float(gamma ** (epoch // step_size))
