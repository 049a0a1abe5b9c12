"""The convolutions of a `.safetensors` file that a visitor uploads, the likely first one of the network in front."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod

import numpy as np

from lenet.common.errors import LenetError
from lenet.kernels.history import Kernels
from lenet.kernels.safetensors_file import WHOLE, Tensor, read_header
from lenet.runs import rules

MAX_MB = 20
"""A larger file is not read; a LeNet has 0.25 MB."""
MAX_KERNELS = 256
MAX_CHANNELS = 16
MAX_SIZE = 15
MAX_WEIGHTS = 40_000
"""Weights of one layer that a browser draws without effort; AlexNet's first has 34,848."""
MAX_OFFERED = 64
"""Convolutions of a file that are offered, the likeliest first: a session keeps their weights."""

CUT_OUT = (
    'python -c "from safetensors import safe_open; from safetensors.torch import save_file; '
    "f = safe_open('model.safetensors', 'pt'); s = lambda n: f.get_slice(n).get_shape(); "
    "save_file({n: f.get_tensor(n) for n in f.keys() if len(s(n)) == 4 and s(n)[1] <= 4}, 'first.safetensors')\""
)
"""A command that cuts the first convolution out of a file of any size: it keeps those of at most four input channels."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """A four-axis tensor of a file: its name, its type there, its shape [out, in, kh, kw], and its weights.

    `refusal` says why it cannot be shown; the weights are None then.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    kernels: Kernels | None
    refusal: LenetError | None = None

    @property
    def label(self) -> str:
        """What a reader chooses by: name, shape and type."""
        return f"{self.name[:60]} · {shape_text(self.shape)} · {self.dtype[:20]}"

    @property
    def is_whole(self) -> bool:
        """Whether its weights are whole numbers, as a quantised network stores them."""
        return self.dtype in WHOLE


def convolutions(raw: bytes) -> list[Convolution]:
    """The convolutions of a safetensors file, the likely first one of the network first; at most MAX_OFFERED.

    The format holds arrays alone, nothing that could run. Raises LenetError if the file is too large, is not in the
    format, or has no tensor with four axes. Weights are read only of those that can be shown.
    """
    if len(raw) > (limit := rules.upload_mb(MAX_MB)) * 10**6:
        raise LenetError("upload_too_large", megabytes=f"{len(raw) / 1e6:.1f}", limit=limit)
    tensors, framework, body = read_header(raw)
    found = [
        (_axes(tensor, framework), tensor) for tensor in tensors if len(tensor.shape) == 4 and not _is_buffer(tensor)
    ]
    if not found:
        raise LenetError("upload_no_convolution", found=len(tensors))
    shapes = {tensor.name: tuple(tensor.shape[axis] for axis in axes) for axes, tensor in found}
    has_colour = any(_is_colour(name, shape) for name, shape in shapes.items())
    found.sort(key=lambda one: _unlikeliness(one[1].name, shapes[one[1].name], has_colour))
    return [_read(tensor, axes, shapes[tensor.name], body) for axes, tensor in found[:MAX_OFFERED]]


def _read(tensor: Tensor, axes: tuple[int, ...], shape: tuple[int, ...], body: memoryview) -> Convolution:
    try:
        _check_shape(tensor.name, shape)
        kernels = tensor.read(body).transpose(axes)
        if not np.isfinite(kernels).all():
            raise LenetError("upload_not_finite", name=tensor.name[:60])
    except LenetError as error:
        return Convolution(tensor.name, tensor.dtype, shape, None, error)
    return Convolution(tensor.name, tensor.dtype, shape, np.ascontiguousarray(kernels))


def _check_shape(name: str, shape: tuple[int, ...]) -> None:
    """Raise LenetError with the limit that is passed."""
    out, channels, high, wide = shape
    told = {"name": name[:60], "shape": shape_text(shape)}
    if min(shape) < 1:
        raise LenetError("upload_no_weights", **told)
    if channels > MAX_CHANNELS:
        raise LenetError("upload_too_many_channels", **told, found=channels, limit=MAX_CHANNELS)
    if max(high, wide) > MAX_SIZE:
        raise LenetError("upload_too_large_kernels", **told, limit=MAX_SIZE)
    if out > MAX_KERNELS:
        raise LenetError("upload_too_many_kernels", **told, found=out, limit=MAX_KERNELS)
    if prod(shape) > MAX_WEIGHTS:
        raise LenetError("upload_too_many_weights", **told, found=prod(shape), limit=MAX_WEIGHTS)


def shape_text(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


# -- which one is the first ---------------------------------------------------------------------------------------

# Words are whole parts of a name: "dw" is in "blocks.0.dw.weight", not in "midwest.weight".
WEIGHT = re.compile(r"(^|[._/])(weight|weights|kernel|w|weight_orig|qweight)(:\d+)?$")
DEPTHWISE = re.compile(r"(^|[._/])(dw|dwconv|conv_?dw|depth_?wise|dw_conv)\d*([._/]|$)")
LATER = re.compile(r"(^|[._/])(decoder|deconv\d*|upconv\d*|up\d*|head|heads|classifier|fc\d*|output|logits)([._/]|$)")
FIRST = re.compile(
    r"^((model|module|net|network|backbone|encoder|trunk|body|visual|vision_model|features?|embeddings?|_orig_mod)[._/])*"
    r"(conv_?[01](_1)?|block_?[01]_conv_?[01]|conv|conv2d_?[01]?|conv_?(stem|in|input|proj)|stem|patch_embed(dings?)?|input|first|features?[._/]0|0)"
    r"([._/]|$)"
)
"""How the first layer is called by itself, outside all blocks: conv1, features.0, stem, patch_embed, 0 …"""


def _unlikeliness(name: str, shape: tuple[int, ...], has_colour: bool) -> tuple[object, ...]:
    """The likely first convolution has the smallest: see the order in which it is judged."""
    _out, channels, high, wide = shape
    lower = name.lower()
    return (
        not _is_weight(lower, shape),
        not 1 <= channels <= 4,  # images have so many
        high * wide == 1,  # classifiers and projections
        bool(DEPTHWISE.search(lower)),
        bool(LATER.search(lower)),
        not FIRST.search(lower),
        channels == 1 and has_colour,  # beside one for colours, a depth-wise one
        -high * wide,
        _natural(name),
    )


def _is_buffer(tensor: Tensor) -> bool:
    """Whether it is one number a channel, such as `mean` [1, 3, 1, 1]."""
    return not WEIGHT.search(tensor.name.lower()) and sum(n > 1 for n in tensor.shape) <= 1


def _is_weight(lower: str, shape: tuple[int, ...]) -> bool:
    """Whether it is weights by its name, and not a table such as `pos_embed` [1, 14, 14, 4]."""
    return bool(WEIGHT.search(lower)) or ("." not in lower and shape[0] > 1)


def _is_colour(name: str, shape: tuple[int, ...]) -> bool:
    lower = name.lower()
    grouped = bool(DEPTHWISE.search(lower) or LATER.search(lower))
    return shape[1] == 3 and shape[2] * shape[3] > 1 and _is_weight(lower, shape) and not grouped


def _natural(name: str) -> list[tuple[int, str]]:
    """`conv2` before `conv10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d{1,18})", name) if part]


def _axes(tensor: Tensor, framework: str) -> tuple[int, ...]:
    """Which axes of the tensor are [out, in, kh, kw]: TensorFlow's and Flax's kernels are [kh, kw, in, out], MLX's
    [out, kh, kw, in]."""
    if framework in ("tf", "flax") or re.search(r"(^|[._/])kernel(:\d+)?$", tensor.name):
        return 3, 2, 0, 1
    return (0, 3, 1, 2) if framework == "mlx" else (0, 1, 2, 3)
