"""A run as one self-contained PyTorch script: what the trainer does, without the trainer.

Functions that need nothing but torch are taken from the trainer's own source, as it stands. The rest (reading the
data, the loop) is written below more simply than there: nothing of it has to be captured, resumed or watched.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from lenet import data
from lenet.architecture.code import sequential
from lenet.architecture.description import Description
from lenet.data import fitting
from lenet.runs import Run
from lenet.runs.configuration import MAX_SEED, RunConfig
from lenet.runs.labels import label

SHARED = (
    ("epoch", "epoch_seed"),
    ("epoch", "hold_out"),
    ("optimizers", "xavier_uniform"),
    ("optimizers", "split_weights"),
    ("optimizers", "Muon"),
    ("schedules", "one_cycle"),
    ("schedules", "cosine_annealing"),
    ("schedules", "step_decay"),
    ("epoch", "draw_augmentation"),
    ("epoch", "mirror_and_shift"),
)
"""Module and name of what a script takes from the trainer's source, if it uses it."""

UNKNOWN = ("epoch", "step", "producer")
"""What the metadata of its weights do not say: a script can be changed."""

FITTING = ("fitted", "scaled_size", "shares")
"""Of data/fitting.py: what it takes where images have another size than networks take."""

WHERE = (
    "--data names the folder of its four idx files, plain or gzipped; without it torchvision fetches them to ./data."
)
WHERE_OWN = "--data names the folder of their four idx files, plain or gzipped."

HEAD = '''"""{title}

    python train.py --data DIR --epochs {epochs} --seed {seed} --save weights.safetensors

{data_set}: {where}
Needs torch, torchvision and numpy. It takes the run's own steps: the same initial weights, the same batches, the same
mathematics. Sums taken in another order may differ in the last digit, and many steps later in the third.
"""

import argparse
import gzip
import json
{math}import zlib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
{imports}from torch import {names}

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the four idx files")
parser.add_argument("--epochs", type=int, default={epochs}, help="default: {epochs}")
parser.add_argument("--seed", type=int, default={seed}, help="default: {seed}")
parser.add_argument("--save", type=Path, metavar="FILE", help="write the weights there, as safetensors")
args = parser.parse_args()
if args.epochs < 1:
    parser.exit(2, "--epochs must be at least 1.\\n")
if not 0 <= args.seed <= {max_seed}:
    parser.exit(2, "--seed must lie between 0 and {max_seed}.\\n")
if args.save and not args.save.absolute().parent.is_dir():
    parser.exit(2, f"--save: there is no folder {{args.save.parent}}.\\n")
if args.save and args.save.is_dir():
    parser.exit(2, f"--save: {{args.save}} is a folder, not a file.\\n")

device = "cuda" if torch.cuda.is_available() else "cpu"

FILES = {{
    "train": {train_files},
    "test": {test_files},
}}
'''

READ = """def stem(name):
    return name.removesuffix(".gz").replace(".idx", "-idx")


def read_idx(name):
    path = next((p for p in sorted(args.data.glob("*")) if stem(p.name) == stem(name)), None)
    if path is None:
        parser.exit(2, f"--data: there is no file {{name}} (or {{name}}.gz) in {{args.data}}.\\n")
    try:
        raw = path.read_bytes()
        raw = gzip.decompress(raw) if raw[:2] == b"\\x1f\\x8b" else raw
        shape = np.frombuffer(raw, ">i4", raw[3], 4)
        return np.frombuffer(raw, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
    except (OSError, EOFError, IndexError, ValueError, zlib.error) as error:
        parser.exit(2, f"--data: {{path}} cannot be read: {{error}}.\\n")


def read(split):
    if args.data is None:
{without_folder}
    else:
        images, labels = map(read_idx, FILES[split])
        if images.shape != (*labels.shape, {height}, {width}) or labels.max() > {last}:
            told = f"shape {{images.shape}}, {{len(labels)}} labels up to {{labels.max()}}"
            parser.exit(2, f"--data: the images in {{args.data}} are not those of the run: {{told}}.\\n")
{transposed}{labels}{fitted}    x = torch.from_numpy(images.copy())[:, None].to(device).float().div_(255)
    return x, torch.from_numpy(labels.astype(np.int64)).to(device)
"""

DOWNLOAD = """        from torchvision.datasets import {torchvision}

        data = {torchvision}("data", {part}train=split == "train", download=True)
        images, labels = data.data.numpy(), data.targets.numpy()"""
NO_DOWNLOAD = """        parser.exit(2, "--data must name the folder of the four idx files.\\n")"""
TRANSPOSED = """    images = images.swapaxes(1, 2)  # they are stored mirrored at the diagonal
"""
LABELS = """    labels = labels - {first}  # they count from {first}
"""
FITTED = """    images = fitted(images, {height}, {width})
"""

BODY = """torch.manual_seed(args.seed)
{net}
{init}net.to(device, memory_format=torch.channels_last)
{optimizers}{peaks}x_train, y_train = read("train")
x_test, y_test = read("test")
{sample}{split}
epochs, batch_size, examples = args.epochs, {batch_size}, {examples}
steps_per_epoch = -(-examples // batch_size)
{cycle_ends}{best}
for epoch in range(epochs):
    seed = epoch_seed(args.seed, epoch)
{dropout}    generator = torch.Generator(device).manual_seed(seed)
    order = torch.randperm(len(x_train), device=device, generator=generator)
{draw}    loss_sum = correct = 0
    net.train()
    for i in range(steps_per_epoch):
        here = slice(i * batch_size, min((i + 1) * batch_size, examples))
        x, y = x_train[order[here]], y_train[order[here]]
{augment}{schedule}        net.zero_grad()
{forward}        loss = F.cross_entropy(logits, y, label_smoothing={label_smoothing})
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        loss_sum += loss.detach() * len(y)
        correct += (logits.argmax(1) == y).sum()
    _, test_acc = evaluate(x_test, y_test)
{judge}    print(
        f"epoch {{epoch + 1}}: loss {{loss_sum.item() / examples:.3f}}, "
        f"train acc {{correct.item() / examples:.3f}}, test acc {{test_acc:.3f}}"{val_acc},
        flush=True,
    )
{stop}
if args.save:
    save()
"""

SAVE = """METADATA = {{
{metadata}
}}


def save():
    # safetensors: the length of a header, the header in JSON with the place of each tensor, the numbers
    header, numbers = {{"__metadata__": METADATA}}, b""
    for name, tensor in net.state_dict().items():
        kind = {{torch.float32: "F32", torch.int64: "I64"}}[tensor.dtype]
        raw = tensor.cpu().numpy().tobytes()
        header[name] = {{"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(numbers), len(numbers + raw)]}}
        numbers += raw
    head = json.dumps(header).encode()
    args.save.write_bytes(len(head).to_bytes(8, "little") + head + numbers)
"""

EVALUATE = """@torch.no_grad()
def evaluate(x, y):
    net.eval()
    logits = torch.cat([net(part) for part in x.split(1000)])
    return F.cross_entropy(logits, y).item(), (logits.argmax(1) == y).float().mean().item()
"""

SPLIT = """kept, held = hold_out(len(x_train), {share}, args.seed)
x_val, y_val = x_train[held.to(device)], y_train[held.to(device)]
x_train, y_train = x_train[kept.to(device)], y_train[kept.to(device)]
"""
BEST = """best, best_epoch = (0.0, 0.0), 0  # validation accuracy and -loss of the best epoch, and its number
best_weights = {}  # after that epoch: net.load_state_dict(best_weights)
"""
JUDGE = """    val_loss, val_acc = evaluate(x_val, y_val)
    if not best_epoch or (val_acc, -val_loss) > best:
        best, best_epoch = (val_acc, -val_loss), epoch + 1
        best_weights = {name: value.clone() for name, value in net.state_dict().items()}
"""
VAL_ACC = """
        f", val acc {val_acc:.3f}\""""
STOP = """    if epoch + 1 - {since} >= {patience}:
        print(f"ended early: no epoch since {{best_epoch}} has had a better validation accuracy")
        break
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

INIT = """xavier_uniform(net)
"""

MUON = """hidden, rest = split_weights(net)
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

PEAKS = """peaks = [(group, group["lr"]) for optimizer in optimizers for group in optimizer.param_groups]
"""
CYCLE_ENDS = """cycle_ends = [{ends}]
"""
SCHEDULES = {
    "one_cycle": "peak * one_cycle(epoch * steps_per_epoch + i, cycle_ends, {warmup})",
    "cosine": "{eta_min} + (peak - {eta_min}) * cosine_annealing(epoch * steps_per_epoch + i, cycle_ends)",
    "step": "peak * step_decay(epoch, {step_size}, {gamma})",
}
LEARNING_RATE = """        for group, peak in peaks:
            group["lr"] = {rate}
"""

DROPOUT = """    torch.manual_seed(seed)
"""

DRAW = """    mirror, shift = draw_augmentation(len(x_train), "{augment}", generator)
"""
FLIP = """        x = mirror_and_shift(x, mirror[here], None)
"""
FLIP_SHIFT = """        x = mirror_and_shift(x, mirror[here], shift[:, here])
"""


def of_run(run: Run) -> str:
    """The script of a run: on the images that it was trained on, or would be if it began now."""
    kind, images, size = run.status().data, run.data_set, None
    with suppress(data.DataError):  # they may have been taken away
        found = run.find_images()
        kind, images, size = found.kind, found.data_set, found.contents.image_size
    return as_script(run.config, kind or "full", images, size)


def as_script(
    config: RunConfig,
    kind: str = "full",
    images: data.DataSet | None = None,
    stored_size: tuple[int, int] | None = None,
) -> str:
    """Python source that trains as `config` says, epoch by epoch, and prints loss and accuracies.

    `kind` is of the images: with `"sample"` it takes those alone, also where all are there. `images` is their description
    (default: of the data set of `config`), and `stored_size` the (height, width) in their files, where it is another.
    """
    c = config
    values = {"lr": c.lr, "momentum": c.momentum, "weight_decay": c.weight_decay, "muon_lr": c.muon_lr}
    data_set = images or data.DATA_SETS.get(c.dataset) or data.here()
    title = f"{label(c)}: {c.epochs} epochs, seed {c.seed}{', bundled sample' if kind == 'sample' else ''}"
    examples = f"min({c.examples_per_epoch}, len(x_train))" if c.examples_per_epoch else "len(x_train)"
    rate = SCHEDULES.get(c.schedule, "").format(
        warmup=c.warmup, eta_min=c.eta_min, step_size=c.step_size, gamma=c.gamma
    )
    since = (
        f"max([best_epoch, *(e for e in {[*c.extended_at]} if e <= epoch + 1)])" if c.extended_at else "best_epoch"
    )
    ends = ", ".join(f"{epochs} * steps_per_epoch" for epochs in (*c.cycles, "epochs"))
    body = BODY.format(
        net=sequential(c.model),
        init=INIT if c.init == "xavier_uniform" else "",
        optimizers={"sgd": SGD, "adam": ADAM, "adamw": ADAM, "muon": MUON}[c.optimizer].format(**values),
        batch_size=c.batch_size,
        examples=examples,
        peaks=PEAKS if rate else "",
        cycle_ends=CYCLE_ENDS.format(ends=ends) if "cycle_ends" in rate else "",
        sample=SAMPLE.format(**data_set.sample_sizes) if kind == "sample" else "",
        dropout=DROPOUT if c.model.dropout else "",
        draw="" if c.augment == "none" else DRAW.format(augment=c.augment),
        augment={"none": "", "flip": FLIP, "flip_shift": FLIP_SHIFT}[c.augment],
        schedule=LEARNING_RATE.format(rate=rate) if rate else "",
        split=SPLIT.format(share=c.validation, seed=c.seed) if c.validation else "",
        best=BEST if c.validation else "",
        judge=JUDGE if c.validation else "",
        val_acc=VAL_ACC if c.validation else "",
        stop=STOP.format(since=since, patience=c.early_stopping) if c.early_stopping else "",
        label_smoothing=c.label_smoothing,
        forward=FORWARD if c.precision == "float32" else AUTOCAST,
    )
    here = Path(__file__)
    functions = [source(here.with_name(f"{module}.py"), name) for module, name in SHARED if f"{name}(" in body]
    names = "Tensor, nn" if any(re.search(r"\bTensor\b", f) for f in functions) else "nn"
    reading, fitting_source = _reading(data_set, stored_size or data_set.image_shape[1:])
    head = HEAD.format(
        title=title,
        epochs=c.epochs,
        seed=c.seed,
        max_seed=MAX_SEED,
        math="import math\n" if any("math." in f for f in functions) else "",
        names=names,
        imports="from numpy.typing import NDArray\n" if fitting_source else "",
        data_set=data_set.name,
        where=WHERE if data_set.torchvision else WHERE_OWN,
        train_files=_strings(data_set.files["train"]),
        test_files=_strings(data_set.files["test"]),
    )
    metadata = Description(c.model, data_set.classes, data_set.name).metadata()
    saving = SAVE.format(metadata="\n".join(_entry(*item) for item in metadata.items() if item[0] not in UNKNOWN))
    return "\n\n".join([head, *fitting_source, reading, *functions, EVALUATE, saving, body])


def _reading(data_set: data.DataSet, stored_size: tuple[int, int]) -> tuple[str, list[str]]:
    """The function of the script that reads the images, and what it needs to make them as large as networks take them."""
    _channels, height, width = data_set.image_shape
    part = f"split={json.dumps(data_set.torchvision_split)}, " if data_set.torchvision_split else ""
    download = DOWNLOAD.format(torchvision=data_set.torchvision, part=part)
    fits = stored_size == (height, width)
    reading = READ.format(
        without_folder=download if data_set.torchvision else NO_DOWNLOAD,
        height=stored_size[0],
        width=stored_size[1],
        last=data_set.first_label + len(data_set.classes) - 1,
        transposed=TRANSPOSED if data_set.transposed else "",
        labels=LABELS.format(first=data_set.first_label) if data_set.first_label else "",
        fitted="" if fits else FITTED.format(height=height, width=width),
    )
    file = Path(fitting.__file__)
    needed = [] if fits else [f"PART = {fitting.PART}\n", *(source(file, name) for name in FITTING)]
    return reading, needed


def _entry(name: str, text: str) -> str:
    """An entry of a dict in Python; a long text is written over several lines."""
    parts = textwrap.wrap(text, 105, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
    quoted = [repr(part) if '"' in part else json.dumps(part, ensure_ascii=False) for part in parts]
    if len(quoted) == 1:
        return f"    {json.dumps(name)}: {quoted[0]},"
    lines = "".join(f"        {part}\n" for part in quoted)
    return f"    {json.dumps(name)}: (\n{lines}    ),"


def _strings(names: Sequence[str]) -> str:
    """A tuple of strings as the formatter would write it."""
    return f"({', '.join(json.dumps(name) for name in names)})"


@cache
def source(file: Path, name: str) -> str:
    """A function or class as it is written in a file of ours, without remarks to the type checker.

    The module is not imported: it would load torch, for which pages do not wait.
    """
    text = file.read_text(encoding="utf-8")
    node = next(n for n in ast.parse(text).body if getattr(n, "name", "") == name)
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    lines = text.splitlines()[node.lineno - 1 : node.end_lineno]
    return re.sub(r"  # type: ignore\[.*\]$", "", "\n".join(lines), flags=re.MULTILINE) + "\n"
