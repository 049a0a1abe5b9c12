"""A run as one self-contained PyTorch script: what the trainer does, without the trainer."""

from __future__ import annotations

from lenet import data
from lenet.architecture import code
from lenet.runs import Run
from lenet.runs.configuration import RunConfig

HEAD = '''"""{title}

Fashion-MNIST: give the folder with its four idx files (plain or gzipped), else torchvision downloads it to ./data.
Needs torch, torchvision and numpy. It takes the run's own steps: the same weights at first, the same batches, the same
mathematics. Sums taken in another order may end in another last digit, and many steps later in another third one.
"""

import gzip
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

device = "cuda" if torch.cuda.is_available() else "cpu"


def read(split, folder=Path(sys.argv[1]) if len(sys.argv) > 1 else None):
    if folder is None:
        from torchvision.datasets import FashionMNIST

        data = FashionMNIST("data", train=split == "train", download=True)
        images, labels = data.data.numpy(), data.targets.numpy()
    else:
        arrays = []
        for name, head in ((f"{{split}}-images-idx3-ubyte", 16), (f"{{split}}-labels-idx1-ubyte", 8)):
            path = next(p for p in (folder / name, folder / f"{{name}}.gz") if p.exists())
            raw = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
            arrays.append(np.frombuffer(raw, np.uint8, offset=head))
        images, labels = arrays[0].reshape(-1, 28, 28), arrays[1]
    x = torch.from_numpy(images.copy())[:, None].to(device).float().div_(255)
    return x, torch.from_numpy(labels.astype(np.int64)).to(device)


'''

BODY = """torch.manual_seed({seed})
{net}
{init}net.to(device, memory_format=torch.channels_last)
{optimizers}groups = [(group, group["lr"]) for o in optimizers for group in o.param_groups]
x_train, y_train = read("train")
x_test, y_test = read("t10k")
{sample}
epochs, batch_size, examples = {epochs}, {batch_size}, {examples}
steps = -(-examples // batch_size)  # of an epoch


def share(step):  # of the peak learning rate
{schedule}


for epoch in range(epochs):
    generator = torch.Generator(device).manual_seed({seed} * 1_000_003 + epoch)
    order = torch.randperm(len(x_train), device=device, generator=generator)
{draw}    loss_sum = correct = 0
    net.train()
    for i in range(steps):
        here = slice(i * batch_size, min((i + 1) * batch_size, examples))
        x, y = x_train[order[here]], y_train[order[here]]
{augment}        for group, peak in groups:
            group["lr"] = peak * share(epoch * steps + i)
        net.zero_grad()
{forward}        loss = F.cross_entropy(logits, y, label_smoothing={label_smoothing})
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        loss_sum += loss.detach() * len(y)
        correct += (logits.argmax(1) == y).sum()
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum() for x, y in zip(x_test.split(1000), y_test.split(1000)))
    print(
        f"epoch {{epoch + 1}}: loss {{loss_sum.item() / examples:.3f}}, "
        f"train acc {{correct.item() / examples:.3f}}, test acc {{hits.item() / len(y_test):.3f}}",
        flush=True,
    )
"""

FORWARD = """        logits = net(x)
"""
AUTOCAST = """        with torch.autocast(device, torch.bfloat16):
            logits = net(x).float()
"""

SAMPLE = """# The run was trained on the sample that comes with LeNet Explorer: the first {train:,} + {test:,} images.
x_train, y_train = x_train[:{train}], y_train[:{train}]
x_test, y_test = x_test[:{test}], y_test[:{test}]
"""

INIT = """for m in net.modules():
    if isinstance(m, nn.Conv2d | nn.Linear):
        nn.init.xavier_uniform_(m.weight)
"""

MUON = """

class Muon(torch.optim.Muon):  # takes kernels (out, in, kh, kw) as matrices (out, in * kh * kw)
    def __init__(self, weights, lr, weight_decay):
        self.weights = weights
        self.matrices = [nn.Parameter(w.detach().flatten(1).clone()) for w in weights]
        super().__init__(self.matrices, lr, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self):
        for matrix, w in zip(self.matrices, self.weights):
            matrix.copy_(w.flatten(1))
            matrix.grad = w.grad.flatten(1)
        super().step()
        for matrix, w in zip(self.matrices, self.weights):
            w.copy_(matrix.view_as(w))


*hidden, _last = (p for p in net.parameters() if p.ndim > 1)
rest = [p for p in net.parameters() if all(p is not h for h in hidden)]
optimizers = [
    torch.optim.AdamW(rest, {lr}, betas=({momentum}, 0.999), weight_decay={weight_decay}, fused=True),
    Muon(hidden, {muon_lr}, {weight_decay}),
]
"""
ADAM = """optimizers = [
    torch.optim.AdamW(
        net.parameters(), {lr}, betas=({momentum}, 0.999), weight_decay={weight_decay}, fused=True
    )
]
"""
SGD = """optimizers = [
    torch.optim.SGD(net.parameters(), {lr}, momentum={momentum}, weight_decay={weight_decay}, fused=True)
]
"""

ONE_CYCLE = """    ends = {ends}
    end = next(e for e in ends if step < e * steps) * steps
    begin = max((e * steps for e in ends if e * steps <= step), default=0)
    warm = {warmup} * (end - begin)
    if step - begin < warm:
        return (step - begin + 1) / (warm + 1)
    return (end - step) / (end - begin - warm)"""

MIRROR = """    mirror = torch.rand(len(x_train), device=device, generator=generator) < 0.5
"""
SHIFT = """    shift = torch.randint(0, 5, (2, len(x_train)), device=device, generator=generator)
"""
AUGMENT = """        x = torch.where(mirror[here][:, None, None, None], x.flip(3), x)
"""
MOVE = """        rows, cols = torch.arange(28, device=device) + shift[:, here, None]
        n = torch.arange(len(x), device=device)[:, None, None]
        x = F.pad(x, (2, 2, 2, 2))[n, 0, rows[:, :, None], cols[:, None]][:, None]
"""


def of_run(run: Run) -> str:
    """The script of a run: on the images that it was trained on, or would be if it began now."""
    config = run.config
    return as_script(config, run.status().data or data.find(config.data).kind)


def as_script(config: RunConfig, kind: str = "full") -> str:
    """Python source that trains as `config` says, epoch by epoch, and prints loss and accuracies.

    `kind` is of the images: with `"sample"` it takes those alone, also where all are there.
    """
    c = config
    values = {"lr": c.lr, "momentum": c.momentum, "weight_decay": c.weight_decay, "muon_lr": c.muon_lr}
    title = f"{c.recipe}: {c.epochs} epochs, seed {c.seed}{', bundled sample' if kind == 'sample' else ''}"
    examples = f"min({c.examples_per_epoch}, len(x_train))" if c.examples_per_epoch else "len(x_train)"
    moved = c.augment == "flip_shift"
    body = BODY.format(
        seed=c.seed,
        net=code.sequential(c.model),
        init=INIT if c.init == "xavier_uniform" else "",
        optimizers={"sgd": SGD, "adam": ADAM, "muon": MUON}[c.optimizer].format(**values),
        epochs=c.epochs,
        batch_size=c.batch_size,
        examples=examples,
        sample=SAMPLE.format(**data.data_set().sample_sizes) if kind == "sample" else "",
        schedule="    return 1.0"
        if c.schedule == "constant"
        else ONE_CYCLE.format(ends=[*c.cycles, c.epochs], warmup=c.warmup),
        draw="" if c.augment == "none" else MIRROR + SHIFT * moved,
        augment="" if c.augment == "none" else AUGMENT + MOVE * moved,
        label_smoothing=c.label_smoothing,
        forward=FORWARD if c.precision == "float32" else AUTOCAST,
    )
    return HEAD.format(title=title) + body
