"""The note's training loop, written plainly: what `python -m lenet.bench` measures ours against.

torchvision's data set with ToTensor, a shuffling DataLoader, and two numbers read from the device after every batch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lenet.architecture.network import LeNet
from lenet.data import DATA_SETS, DEFAULT, Source, load_from
from lenet.runs.configuration import CLASSIC
from lenet.training.optimizers import init_weights


class NoteLoop:
    """The classic recipe as the note's `train_ch6` trains it; `root` is where torchvision finds the data set."""

    def __init__(self, root: Path, device: torch.device, workers: int) -> None:
        from torch.utils.data import DataLoader
        from torchvision import datasets, transforms  # takes two seconds to import

        wanted = getattr(datasets, DATA_SETS[DEFAULT].torchvision)

        def loader(is_train: bool) -> Any:
            split = wanted(str(root), train=is_train, transform=transforms.ToTensor())
            return DataLoader(
                split, CLASSIC.batch_size, shuffle=is_train, num_workers=workers, persistent_workers=workers > 0
            )

        self.train_iter, self.test_iter = loader(True), loader(False)
        torch.manual_seed(CLASSIC.seed)
        self.device = device
        self.net = LeNet(CLASSIC.model)
        init_weights(self.net, CLASSIC.init)
        self.net.to(device)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=CLASSIC.lr)
        self.loss = nn.CrossEntropyLoss()

    def epoch(self) -> tuple[float, float, float]:
        """Train one more epoch and evaluate; mean loss, training accuracy and test accuracy."""
        total_loss = total_correct = total = 0.0
        self.net.train()
        for X, y in self.train_iter:
            self.optimizer.zero_grad()
            X, y = X.to(self.device), y.to(self.device)
            y_hat = self.net(X)
            loss = self.loss(y_hat, y)
            loss.backward()
            self.optimizer.step()
            with torch.no_grad():
                total_loss += float(loss * X.shape[0])
                total_correct += float((y_hat.argmax(1) == y).sum())
                total += X.shape[0]
        self.net.eval()
        correct = count = 0
        with torch.no_grad():
            for X, y in self.test_iter:
                correct += int((self.net(X.to(self.device)).argmax(1) == y.to(self.device)).sum())
                count += len(y)
        return total_loss / total, total_correct / total, correct / count


def write_torchvision_layout(root: Path, source: Source) -> None:
    """Unpack the four idx files of `source` to where torchvision looks for them under `root`."""
    wanted = source.data_set
    raw = root / wanted.torchvision / "raw"
    raw.mkdir(parents=True)
    for split, names in wanted.files.items():
        images, labels = load_from(source, split)
        for name, array in zip(names, (images[:, 0], labels.astype(np.uint8)), strict=True):
            head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">i4").tobytes()
            (raw / name).write_bytes(head + array.tobytes())
