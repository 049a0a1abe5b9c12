"""Fashion-MNIST on the device."""

from __future__ import annotations

import pytest
import torch

from lenet import data
from lenet.architecture.network import LeNet
from lenet.training.dataset import predict
from tests.helpers.training import Splits


def test_images_are_what_totensor_gives(splits: Splits) -> None:
    from torchvision.transforms.functional import to_tensor

    images, labels = data.load("train", "sample")
    expected = torch.stack([to_tensor(x[0].copy()) for x in images[:50]])
    assert torch.equal(splits[0].images(slice(50)), expected)
    assert splits[0].labels[:50].tolist() == labels[:50].tolist()


def test_accuracy(splits: Splits) -> None:
    net = LeNet().eval()
    with torch.no_grad():
        expected = (net(splits[1].images(slice(None))).argmax(1) == splits[1].labels).float().mean().item()
    assert splits[1].accuracy(predict(net, splits[1])[0]) == pytest.approx(expected, abs=1e-6)
