"""What a file says of the network whose weights it holds, so that they can be used without their run. No torch here.

The same names and texts are in the metadata of a safetensors file (`__metadata__` of its header) and of an ONNX file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

import lenet
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.common.translation import N_

INPUT = N_(
    "float32 images of shape {shape}: grey values from 0 (black) to 255 (white), divided by 255; no mean is subtracted"
)
OUTPUT = N_("logits of shape {shape}, one for each class; their softmax gives probabilities")


@dataclass(frozen=True)
class Description:
    """A network and how it was trained: `classes` are the names of its outputs in English, `epoch` and `step` count what
    was finished, `test_accuracy` is the share of test images that it classifies correctly, if that is known."""

    config: LeNetConfig
    classes: tuple[str, ...] = ()
    data_set: str = ""
    epoch: int = 0
    step: int = 0
    test_accuracy: float | None = None

    @property
    def input_shape(self) -> str:
        """The shape of a batch of images: `(N, 1, 28, 28)`."""
        return f"(N, {', '.join(map(str, self.config.input_shape[1:]))})"

    @property
    def output_shape(self) -> str:
        return f"(N, {self.config.num_classes})"

    def metadata(self) -> dict[str, str]:
        """All of it as texts, lists and tables as JSON. An image x goes in as (x · `scale` − `mean`) / `std`."""
        channels = self.config.in_channels
        known = {} if self.test_accuracy is None else {"test_accuracy": f"{self.test_accuracy:.4g}"}
        return {
            "architecture": json.dumps(self.config.to_dict()),
            "classes": json.dumps(self.classes, ensure_ascii=False),
            "data_set": self.data_set,
            "input": INPUT.format(shape=self.input_shape),
            "scale": repr(1 / 255),
            "mean": json.dumps([0.0] * channels),
            "std": json.dumps([1.0] * channels),
            "output": OUTPUT.format(shape=self.output_shape),
            "epoch": str(self.epoch),
            "step": str(self.step),
            **known,
            "producer": f"LeNet Explorer {lenet.__version__}",
        }

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Description:
        """What `metadata` wrote. What is missing or damaged is left out, but for the network: raises LenetError then."""
        config = LeNetConfig.from_dict(json.loads(metadata["architecture"]))
        classes: tuple[str, ...] = ()
        with suppress(KeyError, ValueError, RecursionError):
            found = json.loads(metadata["classes"])
            classes = tuple(map(str, found)) if isinstance(found, list) else ()
        epoch, step, accuracy = 0, 0, None
        with suppress(KeyError, ValueError):
            epoch, step = int(metadata["epoch"]), int(metadata["step"])
            accuracy = float(metadata["test_accuracy"])
        return cls(config, classes, metadata.get("data_set", ""), epoch, step, accuracy)


def read(path: str | Path) -> tuple[Description, dict[str, NDArray[np.float32]]]:
    """The description in a safetensors file and the state dict of its network.

    Raises LenetError where the file cannot be read or does not say which network it belongs to.
    """
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, TypeError) as e:
        raise LenetError("weights_unreadable", path=str(path), reason=str(e)[:200]) from e
    if "architecture" not in metadata:
        raise LenetError("weights_of_no_network", path=str(path))
    try:
        return Description.from_metadata(metadata), weights
    except LenetError:
        raise
    except (ValueError, RecursionError) as e:
        raise LenetError("weights_unreadable", path=str(path), reason=f"architecture: {e}"[:200]) from e
