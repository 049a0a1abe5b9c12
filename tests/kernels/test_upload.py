"""Kernels from a file of somebody's."""

from __future__ import annotations

import json
import random
import shlex
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from lenet import runs
from lenet.common.errors import LenetError
from lenet.kernels import safetensors_file, upload
from lenet.kernels.safetensors_file import FLOAT8, Tensor


def saved(**tensors: Any) -> bytes:
    return safetensors.numpy.save({k.replace("__", "."): np.asarray(v) for k, v in tensors.items()})


def file(header: Any, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def described(shapes: dict[str, tuple[int, ...]], **metadata: str) -> bytes:
    """A file of float32 tensors of these shapes, without its bytes: enough to choose from."""
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, shape in shapes.items():
        end = at + 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [at, end]}
        at = end
    return file(header)


def first(raw: bytes) -> upload.Convolution:
    return upload.convolutions(raw)[0]


# -- which one is the first ---------------------------------------------------------------------------------------


def test_the_apps_own_weights() -> None:
    run = runs.find("reference-classic")
    found = first(run.raw("model.safetensors"))
    assert found.name == "0.weight" and found.shape == (6, 1, 5, 5)
    np.testing.assert_array_equal(found.kernels, run.weights()["0.weight"])


@pytest.mark.parametrize(
    "name",
    ["alexnet", "resnet18", "resnext50_32x4d", "vgg11_bn", "mobilenet_v2", "mobilenet_v3_small", "convnext_tiny", "densenet121",
     "efficientnet_b0", "efficientnet_v2_s", "googlenet", "shufflenet_v2_x0_5", "squeezenet1_0", "swin_t", "vit_b_16",
     "lraspp_mobilenet_v3_large", "maxvit_t"],
)  # fmt: skip
def test_the_first_convolution_of_known_networks(name: str) -> None:
    """As PyTorch orders their modules; the file has them in any order."""
    import torchvision

    more = {"weights_backbone": None} if "raspp" in name else {"init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        net = torchvision.models.get_model(name, weights=None, **more)
    expected = next(key for key, module in net.named_modules() if isinstance(module, nn.Conv2d))
    tensors = [(key, tuple(value.shape)) for key, value in net.state_dict().items()]
    random.Random(0).shuffle(tensors)
    assert first(described(dict(tensors))).name == f"{expected}.weight"


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ({"features.10.weight": (4, 4, 3, 3), "features.2.weight": (8, 3, 3, 3)}, "features.2.weight"),
        ({"classifier.weight": (10, 4, 1, 1), "conv.weight": (8, 3, 3, 3)}, "conv.weight"),
        ({"a.weight": (3, 1, 1, 1), "mean": (1, 3, 1, 1), "z.weight": (8, 3, 3, 3)}, "z.weight"),
        ({"blocks.0.dw.weight": (96, 1, 7, 7), "stem.weight": (96, 3, 4, 4)}, "stem.weight"),
        ({"a.depthwise.weight": (16, 1, 5, 5), "b.conv.weight": (16, 1, 3, 3)}, "b.conv.weight"),
        ({"pos_embed": (1, 3, 14, 14), "patch_embed.proj.weight": (192, 3, 8, 8)}, "patch_embed.proj.weight"),
        ({"decoder.conv_out.weight": (64, 3, 5, 5), "encoder.conv_in.weight": (64, 3, 3, 3)}, "encoder.conv_in.weight"),
        ({"down.0.weight": (64, 64, 7, 7), "small.weight": (64, 3, 3, 3)}, "small.weight"),
        ({"branch_a.weight": (8, 3, 3, 3), "branch_b.weight": (8, 3, 7, 7)}, "branch_b.weight"),
        ({"0.weight": (6, 1, 5, 5), "3.weight": (16, 6, 5, 5)}, "0.weight"),
        ({"module.backbone.conv1.weight": (64, 3, 7, 7), "ema": (64, 3, 7, 7)}, "module.backbone.conv1.weight"),
    ],
)  # fmt: skip
def test_the_first_convolution_by_shape_and_name(shapes: dict[str, tuple[int, ...]], expected: str) -> None:
    assert first(described(shapes)).name == expected
    assert first(described(dict(reversed(shapes.items())))).name == expected


def test_all_others_are_offered_but_buffers() -> None:
    found = upload.convolutions(
        saved(
            conv1__weight=np.ones((4, 3, 3, 3), np.float32),
            conv2__weight=np.ones((8, 4, 3, 3), np.float32),
            mean=np.ones((1, 3, 1, 1), np.float32),
            fc__weight=np.ones((10, 8), np.float32),
            wide__weight=np.ones((8, 64, 3, 3), np.float32),
        )
    )
    assert [one.name for one in found] == ["conv1.weight", "conv2.weight", "wide.weight"]
    assert found[0].label == "conv1.weight · 4×3×3×3 · F32"
    assert found[2].kernels is None and "64 input channels are more than the 16" in str(found[2].refusal)
    many = described({f"layers.{n}.weight": (4, 4, 3, 3) for n in range(500)} | {"conv1.weight": (4, 3, 3, 3)})
    assert len(upload.convolutions(many)) == upload.MAX_OFFERED and first(many).name == "conv1.weight"


@pytest.mark.parametrize(
    ("name", "metadata", "axes"),
    [
        ("conv1.weight", {"format": "pt"}, (0, 1, 2, 3)),
        ("conv1/kernel:0", {"format": "tf"}, (2, 3, 1, 0)),
        ("conv_init.kernel", {}, (2, 3, 1, 0)),
        ("conv1.weight", {"format": "mlx"}, (0, 2, 3, 1)),
    ],
)
def test_kernels_of_other_frameworks_have_other_axes(
    name: str, metadata: dict[str, str], axes: tuple[int, ...]
) -> None:
    kernels = np.random.default_rng(0).normal(size=(6, 3, 4, 5)).astype(np.float32)
    raw = safetensors.numpy.save({name: np.ascontiguousarray(kernels.transpose(axes))}, metadata or None)
    found = first(raw)
    assert found.shape == (6, 3, 4, 5)
    np.testing.assert_array_equal(found.kernels, kernels)


# -- numbers ------------------------------------------------------------------------------------------------------


FLOATS = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
    "F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2,
    "F8_E4M3FNUZ": torch.float8_e4m3fnuz, "F8_E5M2FNUZ": torch.float8_e5m2fnuz,
}  # fmt: skip


@pytest.mark.parametrize("kind", FLOATS)
def test_every_kind_of_float_is_read_as_pytorch_reads_it(kind: str) -> None:
    weights = torch.randn(8, 3, 7, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).to(
        FLOATS[kind]
    )
    found = upload.convolutions(
        safetensors.torch.save({"conv1.weight": weights, "conv2.weight": torch.zeros(4, 4, 3, 3)})
    )
    assert [one.name for one in found] == ["conv1.weight", "conv2.weight"], "and not the second in silence"
    assert found[0].dtype == kind
    np.testing.assert_array_equal(found[0].kernels, weights.float().numpy())


@pytest.mark.parametrize("kind", FLOAT8)
def test_every_byte_of_an_8_bit_float(kind: str) -> None:
    expected = torch.arange(256, dtype=torch.uint8).view(FLOATS[kind]).float().numpy()
    values = FLOAT8[kind].values()
    np.testing.assert_array_equal(values, expected)
    signed = np.isfinite(expected)
    np.testing.assert_array_equal(np.signbit(values[signed]), np.signbit(expected[signed]))


@pytest.mark.parametrize("kind", [torch.int8, torch.uint8])
def test_quantised_weights_are_their_whole_numbers(kind: torch.dtype) -> None:
    weights = torch.arange(-100, 62).reshape(6, 3, 3, 3).to(kind)
    found = first(safetensors.torch.save({"conv1.weight": weights, "conv2.weight": torch.zeros(4, 4, 3, 3)}))
    assert found.name == "conv1.weight" and found.is_whole
    np.testing.assert_array_equal(found.kernels, weights.numpy())


@pytest.mark.parametrize("kind", ["F4", "I64", "BOOL", "C64", "F128"])
def test_a_type_that_is_not_read_is_named(kind: str) -> None:
    """And the rest of the file can be chosen."""
    header = {
        "conv1.weight": {"dtype": kind, "shape": [4, 3, 3, 3], "data_offsets": [0, 108]},
        "conv2.weight": {"dtype": "F32", "shape": [1, 3, 3, 3], "data_offsets": [108, 216]},
    }
    found = upload.convolutions(file(header, bytes(216)))
    assert [one.name for one in found] == ["conv1.weight", "conv2.weight"]
    assert found[0].kernels is None and found[1].kernels is not None
    assert str(found[0].refusal).startswith(f"conv1.weight cannot be shown: its numbers have the type {kind}")


# -- limits -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(96, 3, 11, 11), (64, 3, 11, 11), (64, 3, 7, 7), (32, 1, 15, 15)])
def test_the_first_layers_of_famous_networks_fit(shape: tuple[int, ...]) -> None:
    assert first(saved(x=np.ones(shape, np.float32))).shape == shape


@pytest.mark.parametrize(
    ("shape", "code", "passed"),
    [
        ((300, 1, 3, 3), "upload_too_many_kernels", "300 kernels are more than the 256"),
        ((8, 64, 3, 3), "upload_too_many_channels", "64 input channels are more than the 16"),
        ((8, 3, 16, 16), "upload_too_large_kernels", "larger than the 15×15"),
        ((200, 3, 11, 11), "upload_too_many_weights", "72600 weights are more than the 40000"),
        ((0, 3, 3, 3), "upload_no_weights", "0×3×3×3"),
    ],
)
def test_the_limit_that_is_passed_is_named(shape: tuple[int, ...], code: str, passed: str) -> None:
    found = first(saved(x__weight=np.zeros(shape, np.float32)))
    assert found.kernels is None and found.refusal is not None
    assert found.refusal.code == code and passed in str(found.refusal)
    for other in (upload.MAX_KERNELS, upload.MAX_CHANNELS, upload.MAX_SIZE, upload.MAX_WEIGHTS):
        assert str(other) in passed or f" {other} " not in str(found.refusal), "and no other"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "upload_not_safetensors"),
        (b"\x80\x04\x95", "upload_not_safetensors"),  # the beginning of a pickle
        (struct.pack("<Q", 2**60) + b"{}", "upload_not_safetensors"),
        (file(b"[" * 900_000), "upload_not_safetensors"),
        (file([1, 2]), "upload_not_safetensors"),
        (file({"x": 3}), "upload_bad_entry"),
        (file({"x": {"dtype": "F32", "shape": [-1, 1, 1, 1], "data_offsets": [0, 4]}}), "upload_bad_entry"),
        (file({"x": {"dtype": "F32", "shape": [1, 1, True, 1], "data_offsets": [0, 4]}}), "upload_bad_entry"),
        (file({"x": {"dtype": "F32", "shape": [2**70, 1, 1, 1], "data_offsets": [0, 4]}}), "upload_bad_entry"),
        (file({"x": {"dtype": "F32", "shape": [1.0, 1, 3, 3], "data_offsets": [0, 4]}}), "upload_bad_entry"),
        (file(b" " * 2_000_000), "upload_header_too_large"),
        (saved(x=np.zeros(3)), "upload_no_convolution"),
        (saved(mean=np.zeros((1, 3, 1, 1), np.float32)), "upload_no_convolution"),
        (bytes(upload.MAX_MB * 10**6 + 1), "upload_too_large"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_weights_is_one_sentence(raw: bytes, code: str) -> None:
    with pytest.raises(LenetError) as caught:
        upload.convolutions(raw)
    assert caught.value.code == code
    assert "?" not in str(caught.value) and "{" not in str(caught.value)


@pytest.mark.parametrize(
    ("offsets", "shape", "code"),
    [
        ([0, 4], [6, 1, 5, 5], "upload_sizes"),
        ([600, 0], [6, 1, 5, 5], "upload_sizes"),
        ([0, 600], [6, 1, 5, 50], "upload_too_large_kernels"),
        ([100, 700], [6, 1, 5, 5], "upload_cut_off"),
        ([2**59, 2**59 + 600], [6, 1, 5, 5], "upload_cut_off"),
    ],
)
def test_a_header_that_lies(offsets: list[int], shape: list[int], code: str) -> None:
    found = first(file({"x.weight": {"dtype": "F32", "shape": shape, "data_offsets": offsets}}, bytes(600)))
    assert found.refusal is not None and found.refusal.code == code


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_what_is_no_finite_number_is_not_shown(value: float) -> None:
    found = first(saved(x=np.full((2, 1, 3, 3), value)))
    assert found.refusal is not None and found.refusal.code == "upload_not_finite"


def test_a_hostile_header_takes_little_memory() -> None:
    """Thousands of tensors that all claim the same bytes, and a shape of numbers without end."""
    same = {"dtype": "I8", "shape": [250, 16, 10, 1], "data_offsets": [0, 40_000]}
    raws = [
        file({f"layers.{n}.weight": same for n in range(5000)}, bytes(10**7)),
        file(b'{"x":{"dtype":"F32","data_offsets":[0,4],"shape":[' + b"9," * 400_000 + b"9]}}"),
    ]
    tracemalloc.start()
    for raw in raws:
        try:
            upload.convolutions(raw)
        except LenetError as error:
            assert error.code == "upload_bad_entry"
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40e6


@given(st.binary(max_size=300), st.booleans())
def test_whatever_a_stranger_sends(content: bytes, framed: bool) -> None:
    with pytest.raises(LenetError):
        upload.convolutions(struct.pack("<Q", len(content)) + content if framed else content)


names = st.sampled_from(["conv1.weight", "mean", "0.weight", "a/kernel", "b.dw.weight"])
counts = st.lists(st.integers(-1, 9) | st.just(2**40), max_size=5)
entries = st.fixed_dictionaries(
    {"dtype": st.sampled_from(["F32", "F8_E4M3", "I8", "F4", ""]), "shape": counts, "data_offsets": counts}
)


@given(st.dictionaries(names, entries | st.integers() | st.none(), max_size=4), st.binary(max_size=200))
def test_whatever_a_header_says(header: dict[str, Any], body: bytes) -> None:
    try:
        found = upload.convolutions(file(header, body))
    except LenetError:
        return
    for one in found:
        assert (one.kernels is None) == (one.refusal is not None)
        if one.kernels is not None:
            assert one.kernels.shape == one.shape and one.kernels.dtype == np.float32


shapes = st.lists(st.integers(1, 4), min_size=4, max_size=4).map(tuple)


@given(st.dictionaries(st.text("abc.", min_size=1, max_size=6), shapes, min_size=1, max_size=4), st.integers(0, 99))
def test_a_valid_file_is_read_as_the_library_reads_it(wanted: dict[str, Any], seed: int) -> None:
    rng = np.random.default_rng(seed)
    tensors = {name: rng.normal(size=shape).astype(np.float32) for name, shape in wanted.items()}
    raw = safetensors.numpy.save(tensors)
    found, framework, body = safetensors_file.read_header(raw)
    assert framework == ""
    library = dict(safetensors.deserialize(raw))  # type: ignore[no-untyped-call]
    assert {tensor.name for tensor in found} == set(library)
    for tensor in found:
        assert list(tensor.shape) == library[tensor.name]["shape"]
        np.testing.assert_array_equal(tensor.read(body), tensors[tensor.name])


def test_names_that_no_page_can_show() -> None:
    """JSON can hold half of a character; it is not told on in a sentence nor in a menu."""
    entry = b'{"dtype":"F32\\ud800","shape":[1,1,1,2],"data_offsets":[0,8]}'
    (found,) = upload.convolutions(file(b'{"conv\\ud800.weight":' + entry + b"}", bytes(8)))
    assert found.name == "conv?.weight"
    for text in (found.label, str(found.refusal)):
        text.encode()


def test_a_tensor_that_is_not_asked_for_is_not_read() -> None:
    tensor = Tensor("x", "F32", (2,), 0, 8)
    assert tensor.read(memoryview(bytes(8))).tolist() == [0, 0]
    with pytest.raises(LenetError, match="cut off"):
        tensor.read(memoryview(bytes(7)))


# -- a file that is too large --------------------------------------------------------------------------------------


def test_the_command_cuts_out_the_first_layer(tmp_path: Path) -> None:
    """Executed as it stands, on a file with types that NumPy lacks."""
    weights = {
        "conv1.weight": torch.randn(8, 3, 7, 7).to(torch.bfloat16),
        "layer1.conv1.weight": torch.randn(64, 64, 3, 3),
        "fc.weight": torch.randn(10, 64),
        "float8.weight": torch.randn(4, 3, 5, 5).to(torch.float8_e4m3fn),
    }
    safetensors.torch.save_file(weights, tmp_path / "model.safetensors")
    program, *rest = shlex.split(upload.CUT_OUT)
    assert program == "python"
    subprocess.run([sys.executable, *rest], cwd=tmp_path, check=True)
    found = upload.convolutions((tmp_path / "first.safetensors").read_bytes())
    assert [one.name for one in found] == ["conv1.weight", "float8.weight"]
    np.testing.assert_array_equal(found[0].kernels, weights["conv1.weight"].float().numpy())
