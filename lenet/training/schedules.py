"""Learning rates over the steps of a run. No torch here: pages and TensorBoard's event files tell them too.

`one_cycle` needs nothing else: the exported script takes it as it is written here (`code.py`).
"""

from __future__ import annotations

from lenet.runs.configuration import RunConfig


def learning_rates(config: RunConfig, step: int, steps_per_epoch: int) -> dict[str, float]:
    """The learning rates at `step` (from 0) by the names of their settings: `lr`, and with Muon `muon_lr`."""
    peaks = {"lr": config.lr} | ({"muon_lr": config.muon_lr} if config.optimizer == "muon" else {})
    share = schedule(config, step, steps_per_epoch)
    return {name: peak * share for name, peak in peaks.items()}


def schedule(config: RunConfig, step: int, steps_per_epoch: int) -> float:
    """What the learning rates are multiplied by at `step` (from 0), 0 to 1.

    A run that was extended goes through a cycle of its own for each extension (`config.cycles`).
    """
    if config.schedule == "constant":
        return 1.0
    return one_cycle(step, [epoch * steps_per_epoch for epoch in (*config.cycles, config.epochs)], config.warmup)


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
