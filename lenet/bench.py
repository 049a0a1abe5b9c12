"""Our loop against the note's, side by side on this machine.

    python -m lenet.bench                       # about a minute on two CPU cores
    python -m lenet.bench --device cuda --json bench.json
    python -m lenet.bench --batch-sizes         # our loop alone, over batch sizes: speed and memory

The reference is the note's loop (training/note_loop.py). Both train the classic network at batch 256 for the same
number of epochs, each with its data loading and its evaluation, and they take turns (A B A B …), so that a machine
that slows down slows both. Then: how long until the note's accuracy on the test images, loading included?
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.common.fields import check_integer
from lenet.data import DEFAULT, Source, data_set, find, load_from
from lenet.runs.configuration import CLASSIC, DEVICES, MAX_EPOCHS, NOTE_ACCURACY, SPRINT
from lenet.training.dataset import DatasetCache
from lenet.training.devices import device_name, peak_memory, pick_device
from lenet.training.note_loop import NoteLoop, write_torchvision_layout
from lenet.training.trainer import Trainer


def clocked(work: Any, *args: Any) -> tuple[float, Any]:
    """Wall seconds and result of a call; a GPU has finished its work in that time."""
    start = time.perf_counter()
    result = work(*args)
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start, result


def seconds_to(target: float, source: Source, device: torch.device, seed: int) -> tuple[float, float]:
    """Wall seconds from nothing (data on disk, no network) until the test accuracy is `target`, and that accuracy.

    The `sprint` recipe, whose schedule ends with it; the test accuracy is looked at once, at the end.
    """
    start = time.perf_counter()
    load_from.cache_clear()
    splits = DatasetCache().get(source, device)
    trainer = Trainer(replace(SPRINT, seed=seed), *splits)
    trainer.run_epoch()
    reached = trainer.accuracy()
    return time.perf_counter() - start if reached >= target else float("inf"), reached


BATCH_SIZES = (16, 64, 256, 1024, 4096)


def batch_size_row(size: int, device: torch.device, source: Source) -> dict[str, float]:
    """Speed and memory of the classic network at one batch size, after a first epoch that is not counted."""
    splits = DatasetCache().get(source, device)
    trainer = Trainer(replace(CLASSIC, batch_size=size, examples_per_epoch=max(8 * size, 16384)), *splits)
    trainer.run_epoch()
    times = [clocked(trainer.run_epoch)[0] for _ in range(5)]
    speed = trainer.examples / float(np.median(times))
    return {"batch_size": size, "examples_per_sec": speed, "peak_memory": peak_memory(device)}


def batch_size_table(args: argparse.Namespace, device: torch.device) -> dict[str, Any]:
    """Speed and memory by batch size, printed and returned. Each row is measured by a process of its own: memory once
    taken is not given back."""
    rows = []
    print(f"device: {device_name(device)}, torch {torch.__version__}, classic\n")
    print(f"{'batch size':>10} {'examples/sec':>14} {'peak memory':>14}")
    for size in BATCH_SIZES:
        command = [sys.executable, "-m", "lenet.bench", "--batch-size", str(size), "--device", args.device]
        out = subprocess.run(command, capture_output=True, text=True, check=True)
        row = json.loads(out.stdout)
        rows.append(row)
        print(f"{size:>10} {row['examples_per_sec']:>14,.0f} {row['peak_memory'] / 2**20:>10,.0f} MiB", flush=True)
    return {"device": device_name(device), "torch": torch.__version__, "rows": rows}


def measure(root: Path, device: torch.device, source: Source, epochs: int, seeds: int) -> dict[str, Any]:
    """Run both loops in turn and print the table; the figures by their JSON names."""
    write_torchvision_layout(root, source)
    name = device_name(device)
    print(f"device: {device} ({name}), torch {torch.__version__}, data: {source.words()}")
    trials = {workers: clocked(NoteLoop(root, device, workers).epoch)[0] for workers in (0, 4)}
    workers = min(trials, key=trials.__getitem__)
    print(f"reference with {workers} workers (an epoch with 0: {trials[0]:.1f} s, with 4: {trials[4]:.1f} s)")

    reference = NoteLoop(root, device, workers)
    ours = Trainer(CLASSIC, *DatasetCache().get(source, device))

    def our_epoch() -> tuple[float, float, float]:
        loss, train_acc = ours.run_epoch()
        return loss, train_acc, ours.accuracy()

    times: dict[str, list[float]] = {"reference": [], "ours": []}
    print(f"\n{'epoch':>5} {'reference':>12} {'ours':>12}   examples/sec, evaluation included")
    n = len(ours.train)
    for e in range(1, epochs + 1):
        a, b = clocked(reference.epoch), clocked(our_epoch)
        times["reference"].append(a[0])
        times["ours"].append(b[0])
        print(f"{e:>5} {n / a[0]:>12,.0f} {n / b[0]:>12,.0f}   loss {a[1][0]:.3f} | {b[1][0]:.3f}", flush=True)
    reference_seconds, our_seconds = sum(times["reference"]), sum(times["ours"])

    print(f"\ntime to {NOTE_ACCURACY:.1%} on the test images (sprint, loading included)")
    took = []
    for seed in range(seeds):
        seconds, reached = seconds_to(NOTE_ACCURACY, source, device, seed)
        took.append(seconds)
        print(f"seed {seed}: {seconds:.2f} s, test accuracy {reached:.4f}", flush=True)
    mean = float(np.mean(took))

    figures = {
        "device": name,
        "reference_examples_per_sec": n * epochs / reference_seconds,
        "examples_per_sec": n * epochs / our_seconds,
        "throughput_ratio": reference_seconds / our_seconds,
        "reference_seconds": reference_seconds * 10 / epochs,
        "seconds_to_80_5": mean,
        "time_to_accuracy_ratio": reference_seconds * 10 / epochs / mean,
    }
    print(f"\nreference  {figures['reference_examples_per_sec']:>10,.0f} examples/sec")
    print(f"ours       {figures['examples_per_sec']:>10,.0f} examples/sec   {figures['throughput_ratio']:.2f}×")
    print(
        f"{100 * NOTE_ACCURACY:.1f} %     {mean:>10.2f} s, against {figures['reference_seconds']:.0f} s for the note's ten epochs   "
        f"{figures['time_to_accuracy_ratio']:.0f}×"
    )
    return figures


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m lenet.bench", description="Compare our training loop with the note's."
    )
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--json", type=paths.option, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--epochs", type=int, default=10, help="epochs of each loop (default: 10, as in the note)")
    parser.add_argument("--seeds", type=int, default=4, help="number of runs to the target accuracy (default: 4)")
    parser.add_argument("--batch-sizes", action="store_true", help="measure only our loop, at several batch sizes")
    parser.add_argument("--batch-size", type=int, help="print one row of that table as JSON")
    args = parser.parse_args(argv)
    try:
        check_integer("epochs", args.epochs, 1, MAX_EPOCHS)
        check_integer("seeds", args.seeds, 1, 1000)
        if args.batch_size is not None:
            check_integer("batch-size", args.batch_size, 1, data_set().sizes["train"])
        if args.json:
            files.check_writable(args.json)
        device, source = pick_device(args.device), find(dataset=DEFAULT)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 2
    if args.batch_size:
        print(json.dumps(batch_size_row(args.batch_size, device, source)))
        return 0
    if args.batch_sizes:
        figures = batch_size_table(args, device)
    else:
        with tempfile.TemporaryDirectory() as root:
            figures = measure(Path(root), device, source, args.epochs, args.seeds)
    if args.json:
        finite = {k: None if v == float("inf") else v for k, v in figures.items()}  # a seed that never got there
        args.json.write_text(json.dumps(finite, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
