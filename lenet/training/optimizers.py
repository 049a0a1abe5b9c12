"""What a recipe says of weights and learning rates, as torch says it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lenet.runs.configuration import RunConfig


def init_weights(net: nn.Module, init: str) -> None:
    """Initialise in place. `xavier_uniform` is the note's: weights only, biases stay as torch made them."""
    if init == "xavier_uniform":
        for m in net.modules():
            if isinstance(m, nn.Conv2d | nn.Linear):
                nn.init.xavier_uniform_(m.weight)


def make_optimizers(net: nn.Module, config: RunConfig) -> list[torch.optim.Optimizer]:
    """The optimisers of the recipe; each parameter belongs to one. Fused: one pass over all parameters a step.

    `muon` trains every weight but the last layer's with Muon; AdamW does the rest, as its author advises.
    """
    named = dict(net.named_parameters())
    *hidden, _last = (name for name, p in named.items() if p.ndim > 1)
    matrices = hidden if config.optimizer == "muon" else []
    others = [p for name, p in named.items() if name not in matrices]
    device = others[0].device
    # On a GPU the learning rate is a tensor, so that a captured step sees it change.
    lr: Any = torch.tensor(config.lr, device=device) if device.type == "cuda" else config.lr
    fused: dict[str, Any] = {"fused": True} if device.type != "mps" else {}
    if config.optimizer == "sgd":
        momentum, decay = config.momentum, config.weight_decay
        return [torch.optim.SGD(others, lr, momentum=momentum, weight_decay=decay, **fused)]
    if device.type == "cuda":
        fused["capturable"] = True
    betas = (config.momentum, 0.999)
    adam = torch.optim.AdamW(others, lr, betas=betas, weight_decay=config.weight_decay, **fused)
    return (
        [adam, Muon([named[name] for name in matrices], config.muon_lr, config.weight_decay)] if matrices else [adam]
    )


class Muon(torch.optim.Muon):
    """Muon (Jordan et al. 2024: updates are orthogonalised) for weights of any shape, also in a step that is captured.

    torch's takes matrices alone: a convolution's kernels (out, in, kh, kw) go to it as (out, in · kh · kw), as Jordan
    does. And it takes the learning rate as a number, which a CUDA graph keeps as it was when it was captured. A step is
    linear in it, p ← p − lr · (decay · p + direction): this one goes to where the whole learning rate leads, and of that
    way the part `share`, a tensor.
    """

    def __init__(self, weights: list[nn.Parameter], lr: float, weight_decay: float) -> None:
        self.weights = weights
        self.matrices = [nn.Parameter(w.detach().flatten(1).clone()) for w in weights]
        super().__init__(self.matrices, lr, weight_decay=weight_decay)
        self.share = torch.ones((), device=weights[0].device)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for matrix, weight in zip(self.matrices, self.weights, strict=True):
            assert weight.grad is not None
            matrix.copy_(weight.flatten(1))
            matrix.grad = weight.grad.flatten(1)
        super().step(closure)  # type: ignore[no-untyped-call]
        for matrix, weight in zip(self.matrices, self.weights, strict=True):
            weight.lerp_(matrix.view_as(weight), self.share)


class Shares:
    """The learning rates of some optimisers, set together as shares of what they are at first."""

    def __init__(self, optimizers: list[torch.optim.Optimizer]) -> None:
        self._muons = [o for o in optimizers if isinstance(o, Muon)]
        rest = [group for o in optimizers if o not in self._muons for group in o.param_groups]
        self._groups = [(group, float(group["lr"])) for group in rest]
        self._last = float("nan")

    def set(self, share: float) -> None:
        """0 to 1 of each; on the device, where a captured step finds it."""
        if share == self._last:  # a constant one costs a GPU nothing
            return
        self._last = share
        for muon in self._muons:
            muon.share.fill_(share)
        for group, peak in self._groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(peak * share)
            else:
                group["lr"] = peak * share


def optimizer_memory(
    net: nn.Module, optimizers: list[torch.optim.Optimizer]
) -> dict[str, tuple[Tensor, dict[str, Any]]]:
    """By parameter name, what an optimiser remembers of it, and the tensor in whose shape it does."""
    names = {p: name for name, p in net.named_parameters()}
    found: dict[str, tuple[Tensor, dict[str, Any]]] = {}
    for optimizer in optimizers:
        keys = [p for group in optimizer.param_groups for p in group["params"]]
        owners = optimizer.weights if isinstance(optimizer, Muon) else keys
        found |= {names[p]: (key, optimizer.state[key]) for p, key in zip(owners, keys, strict=True)}
    return found


def schedule(config: RunConfig, step: int, steps_per_epoch: int) -> float:
    """What the learning rates are multiplied by at `step` (from 0), 0 to 1.

    One cycle: linear up over the warm-up, linear down to zero. A run that was extended goes through a cycle of its
    own for each extension (`config.cycles`).
    """
    if config.schedule == "constant":
        return 1.0
    ends = [*config.cycles, config.epochs]
    end = next(e for e in ends if step < e * steps_per_epoch) * steps_per_epoch
    begin = max((e * steps_per_epoch for e in config.cycles if e * steps_per_epoch <= step), default=0)
    warm = config.warmup * (end - begin)
    if step - begin < warm:
        return (step - begin + 1) / (warm + 1)
    return (end - step) / (end - begin - warm)
