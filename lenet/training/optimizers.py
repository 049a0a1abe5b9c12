"""Initial weights and optimisers of a recipe.

`xavier_uniform`, `split_weights` and `Muon` need nothing but torch: the exported script takes them as they are written here
(`code.py`).
"""

from __future__ import annotations

from inspect import unwrap
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from lenet.runs.configuration import RunConfig
from lenet.training.schedules import lowest

K = TypeVar("K", bound=torch.optim.Optimizer)


def xavier_uniform(net: nn.Module) -> None:
    """Initialise the weights as Glorot and Bengio (2010) do; biases and batch norms stay as torch made them."""
    for p in net.parameters():
        if p.ndim > 1:
            nn.init.xavier_uniform_(p)


def init_weights(net: nn.Module, init: str) -> None:
    """Initialise `net` in place: `xavier_uniform`, or `torch_default`, which torch has done already."""
    if init == "xavier_uniform":
        xavier_uniform(net)


def split_weights(net: nn.Module) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """The weights of all layers but the last, which Muon trains; and all other parameters."""
    *hidden, _last = (p for p in net.parameters() if p.ndim > 1)
    rest = [p for p in net.parameters() if all(p is not h for h in hidden)]
    return hidden, rest


class Muon(torch.optim.Muon):
    """torch's Muon takes matrices only: a kernel (out, in, kh, kw) goes to it as (out, in * kh * kw)."""

    def __init__(self, weights: list[nn.Parameter], lr: float, weight_decay: float) -> None:
        self.weights = weights
        self.matrices = [nn.Parameter(w.detach().flatten(1).clone()) for w in weights]
        super().__init__(self.matrices, lr, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for matrix, weight in zip(self.matrices, self.weights, strict=True):
            matrix.copy_(weight.flatten(1))
            matrix.grad = weight.grad.flatten(1)  # type: ignore[union-attr]
        super().step(closure)  # type: ignore[no-untyped-call]
        self.write_back()

    def write_back(self) -> None:
        """Set the weights to what their matrices have become."""
        for matrix, weight in zip(self.matrices, self.weights, strict=True):
            weight.copy_(matrix.view_as(weight))


def uncompiled(kind: type[K]) -> type[K]:
    """A kind of optimiser without what torch wraps around its methods for `torch.compile`: at the first call that loads the
    compiler, which takes 2 s and 150 MB, and nothing is compiled here."""
    kind.add_param_group = unwrap(kind.add_param_group)  # type: ignore[method-assign]
    kind.step = torch.no_grad()(unwrap(kind.step))  # type: ignore[method-assign]
    return kind


@uncompiled
class SGD(torch.optim.SGD):
    pass


@uncompiled
class AdamW(torch.optim.AdamW):
    pass


@uncompiled
class MuonOfMatrices(torch.optim.Muon):
    pass


class CapturableMuon(Muon, MuonOfMatrices):
    """Muon whose learning rate can change while its step is replayed as a CUDA graph.

    A graph keeps every plain number as it was when the step was captured, and torch's Muon takes its learning rate as
    such a number. But a step is linear in the learning rate, p ← p − lr · (decay · p + direction): so this one
    computes where the full learning rate leads and goes `share` of the way there; `share` is a tensor.
    """

    def __init__(self, weights: list[nn.Parameter], lr: float, weight_decay: float) -> None:
        super().__init__(weights, lr, weight_decay)
        self.share = torch.ones((), device=weights[0].device)

    def write_back(self) -> None:
        """Go `share` of the way to where the matrices are."""
        for matrix, weight in zip(self.matrices, self.weights, strict=True):
            weight.lerp_(matrix.view_as(weight), self.share)


def make_optimizers(net: nn.Module, config: RunConfig) -> list[torch.optim.Optimizer]:
    """The optimisers of the recipe; each parameter belongs to one. Fused: one pass over all parameters a step.

    With `muon`, Muon trains the weights of all layers but the last, and AdamW the rest, as Muon's author advises.
    """
    hidden, rest = split_weights(net) if config.optimizer == "muon" else ([], list(net.parameters()))
    device = rest[0].device
    # On a GPU the learning rate is a tensor, so that a captured step sees it change.
    lr: Any = torch.tensor(config.lr, device=device) if device.type == "cuda" else config.lr
    fused: dict[str, Any] = {"fused": True} if device.type != "mps" else {}
    if config.optimizer == "sgd":
        return [SGD(rest, lr, momentum=config.momentum, weight_decay=config.weight_decay, **fused)]
    if device.type == "cuda":
        fused["capturable"] = True
    betas = (config.momentum, 0.999)
    adam = AdamW(rest, lr, betas=betas, weight_decay=config.weight_decay, **fused)
    return [adam, CapturableMuon(hidden, config.muon_lr, config.weight_decay)] if hidden else [adam]


class Optimizers:
    """The optimisers of a recipe, used as one."""

    def __init__(self, net: nn.Module, config: RunConfig) -> None:
        self.all = make_optimizers(net, config)
        self._names = {p: name for name, p in net.named_parameters()}
        self._muons = [o for o in self.all if isinstance(o, CapturableMuon)]
        self._lowest = lowest(config)
        others = [group for o in self.all if o not in self._muons for group in o.param_groups]
        self._peaks = [(group, float(group["lr"])) for group in others]
        self._share = float("nan")

    def step(self) -> None:
        """Update the parameters from their gradients."""
        for optimizer in self.all:
            optimizer.step()

    def set_learning_rates(self, share: float) -> None:
        """Set each learning rate to `share` (0 to 1) of the way from the lowest one to its peak; on a GPU in a tensor that
        captured steps read."""
        if share == self._share:  # a constant learning rate costs a GPU nothing
            return
        self._share = share
        for muon in self._muons:
            least = self._lowest / muon.param_groups[0]["lr"]
            muon.share.fill_(least + (1 - least) * share)
        for group, peak in self._peaks:
            lr = self._lowest + (peak - self._lowest) * share
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(lr)
            else:
                group["lr"] = lr

    def zero(self) -> None:
        """Set all momentum and moments to zero where they are."""
        for optimizer in self.all:
            for buffers in optimizer.state.values():
                for t in buffers.values():
                    if isinstance(t, Tensor):
                        t.zero_()

    def tensors(self) -> dict[str, Tensor]:
        """What the optimisers remember, by kind and parameter: `exp_avg.0.weight`, …"""
        found: dict[str, Tensor] = {}
        for name, (_p, buffers) in self._memory().items():
            found |= {f"{kind}.{name}": v for kind, v in buffers.items() if isinstance(v, Tensor)}
        return found

    def load(self, tensors: dict[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        memory = self._memory()
        for key, value in tensors.items():
            kind, _, name = key.partition(".")
            p, buffers = memory[name]
            if kind in buffers:  # a captured step knows it by its address
                buffers[kind].copy_(value)
            elif value.shape == p.shape:  # laid out in memory as its parameter is
                buffers[kind] = torch.empty_like(p).copy_(value).detach()
            else:  # AdamW's count of steps, which its fused form keeps on the parameter's device
                buffers[kind] = value.to(p.device)

    def _memory(self) -> dict[str, tuple[Tensor, dict[str, Any]]]:
        """By parameter name: the tensor that the optimiser updates (Muon's are matrices), and what it remembers."""
        found: dict[str, tuple[Tensor, dict[str, Any]]] = {}
        for optimizer in self.all:
            updated = [p for group in optimizer.param_groups for p in group["params"]]
            owners = optimizer.weights if isinstance(optimizer, Muon) else updated
            found |= {self._names[p]: (key, optimizer.state[key]) for p, key in zip(owners, updated, strict=True)}
        return found
