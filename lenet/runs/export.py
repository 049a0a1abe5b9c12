"""A run as files to take along: its settings, and its weights together with what must be known to use them. No torch here.

The ONNX file is made in onnx_export.py, the PyTorch script in lenet/training/code.py.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import safetensors.numpy

from lenet.architecture.description import Description
from lenet.runs.files import MODEL
from lenet.runs.store import Run


def config_json(run: Run) -> bytes:
    """The settings as JSON, from which `python -m lenet.train --config FILE` trains the same again.

    Where the run was to take the best images there were, it says which these have been. Raises LenetError.
    """
    config = run.config
    config = replace(config, data=run.stored_status().data or config.data)
    return json.dumps(config.to_dict(), indent=1, ensure_ascii=False).encode() + b"\n"


def weights(run: Run, file: str = MODEL) -> bytes:
    """The state dict as safetensors, with a Description in its metadata: `lenet.model.load` builds the network from it.

    `file` is the one of the run's that holds it. Raises LenetError if it is not there, or cannot be read.
    """
    raw = stored(run, file)
    metadata = {"format": "pt"} | description(run, raw).metadata()  # the format as the library writes it for PyTorch
    return safetensors.numpy.save(safetensors.numpy.load(raw), metadata)


def stored(run: Run, file: str = MODEL) -> bytes:
    """A file of weights as it is now. Raises LenetError if there is none, or it cannot be read."""
    raw = run.raw(file)
    if raw is None:
        raise run.damaged(file, "no such file")
    try:
        safetensors.numpy.load(raw)
    except Exception as e:  # a damaged file can make it raise anything
        raise run.damaged(file, str(e)) from e
    return raw


def description(run: Run, raw: bytes) -> Description:
    """What must be known of the weights in `raw`, a file of the run's. Raises LenetError.

    After a stop in the middle of an epoch nobody has tested them: their accuracy is not known.
    """
    status, metrics = run.stored_status(), run.metrics()
    told, step = _metadata(raw), status.step  # older versions did not write when they were taken
    with suppress(KeyError, ValueError, IndexError):
        step = int(told["step"] if "step" in told else metrics["step"][int(told["epoch"]) - 1])
    tested = np.flatnonzero(metrics["step"] == step)
    images = run.data_set
    return Description(
        run.config.model,
        images.classes,
        images.name + (", bundled sample" if status.data == "sample" else ""),
        epoch=int((metrics["step"] <= step).sum()),
        step=step,
        test_accuracy=float(metrics["test_acc"][tested[-1]]) if tested.size else None,
    )


def _metadata(raw: bytes) -> dict[str, str]:
    length = int.from_bytes(raw[:8], "little")
    found = json.loads(raw[8 : 8 + length]).get("__metadata__")
    return found if isinstance(found, dict) else {}
