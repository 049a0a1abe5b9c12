"""A network as an ONNX file, by torch's exporter. It needs the packages onnx and onnxscript, which are optional."""

from __future__ import annotations

import copy
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from lenet.architecture.description import Description
from lenet.common.errors import LenetError

if TYPE_CHECKING:
    from lenet.architecture.network import LeNet

INPUT, OUTPUT = "images", "logits"
"""Names of the input float32 (N, channels, height, width), N of any size, and of the output float32 (N, classes)."""


def to_onnx(net: LeNet, description: Description) -> bytes:
    """The network as it computes in evaluation mode. Its metadata are those of `description`, as in a file of weights.

    Takes some seconds. Raises LenetError where a package is missing.
    """
    check_packages()
    import torch  # pages ask `check_packages` and do not wait for it
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass

    images = torch.zeros(
        2, *net.config.input_shape[1:]
    )  # with one image the exporter would take N for the constant 1
    program = torch.onnx.export(
        copy.deepcopy(net).eval(),
        (images,),
        input_names=[INPUT],
        output_names=[OUTPUT],
        dynamic_shapes=({0: torch.export.Dim("N")},),
        verbose=False,
    )
    assert program is not None
    model = program.model
    ClearMetadataAndDocStringPass()(model)  # each node would tell from which folder of this machine it comes
    told = description.metadata()
    model.metadata_props.update(told)
    model.doc_string = f"{INPUT}: {told['input']}. {OUTPUT}: {told['output']}."
    return bytes(program.model_proto.SerializeToString())


def check_packages() -> None:
    """Raises LenetError with the command that installs what is missing. Imports none of it."""
    if not (is_installed("onnx") and is_installed("onnxscript")):
        raise LenetError("onnx_missing")


@cache
def is_installed(package: str) -> bool:
    """Whether this Python has a package; pages ask in every run, and looking through its path takes a while."""
    return find_spec(package) is not None
