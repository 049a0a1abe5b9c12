"""The convolution sandbox as a page: its widgets, its URL, and what it says about bad input."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lenet.common import paths
from lenet.convolution.examples import KERNELS
from lenet.kernels import note
from lenet.kernels.layers import TRAINED_LAYERS
from pages.parts.convolution_numbers import ALL
from tests.helpers.pages import go_back, open_page, said, scene, turn_to, typed, url, words

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return open_page("convolution", **query)


def outputs(at: AppTest) -> list[str]:
    texts: list[str] = scene(at)["output"]["texts"][0]
    return texts


def choose(at: AppTest, key: str, value: str) -> AppTest:
    return at.segmented_control(key=key).set_value(value).run()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["19", "25", "37", "43"]),
        ({"example": "channels"}, ["56", "72", "104", "120"]),
        ({"example": "kernels", "out": "3"}, ["95", "127", "191", "223"]),
        ({"example": "kernels", "out": "2", "bias": "-100", "activation": "relu"}, ["0", "0", "48", "72"]),
        ({"conv_stride": "2"}, ["19"]),
        ({"conv_padding": "1", "conv_stride": "2"}, ["0", "8", "21", "43"]),
        ({"conv_dilation": "2"}, ["38"]),
        ({"weights": "1,0;0,1", "grid": "1,2;3,-9"}, ["−8"]),
        ({"weights": "1,0;0,1", "grid": "1,2;3,-9", "activation": "relu"}, ["0"]),
        ({"weights": "1", "bias": "0.5", "grid": "1,2"}, ["1.5", "2.5"]),
        ({"weights": "1|-1", "grid": "1,2|3,4"}, ["−2", "−2"]),
        ({"conv_padding": "1", "padding_mode": "replicate", "weights": "1", "grid": "7"}, ["7"] * 9),
    ],
)
def test_a_link_opens_what_it_says(query: dict[str, str], expected: list[str]) -> None:
    at = page(**query)
    assert not at.exception and not said(at)
    assert outputs(at) == expected
    assert url(at) == query


@pytest.mark.parametrize("name", ALL)
def test_every_example_opens_with_its_remark(name: str) -> None:
    at = page(example=name)
    assert not at.exception and not said(at)
    assert ALL[name].remark in words(at)
    assert scene(at)["image"] == (name == "image")
    layer = ALL[name].layer()
    assert scene(at)["out_size"] == list(layer.output_size(ALL[name].grid().shape[1:]))


def test_choosing_an_example_sets_everything() -> None:
    at = page(weights="1,2;3,4", grid="1,2,3;4,5,6;7,8,9", bias="3", activation="tanh", conv_stride="2")
    choose(at, "example", "kernels")
    assert outputs(at) == ["56", "72", "104", "120"] and url(at) == {"example": "kernels"}
    at.slider(key="out").set_value(3).run()
    assert outputs(at) == ["95", "127", "191", "223"], "with its own bias, −1"
    assert typed(at, "bias").value == "-1" and url(at) == {"example": "kernels", "out": "3"}
    choose(at, "example", "letter")
    assert at.slider(key="out").value == 1 and at.slider(key="conv_padding").value == 1
    assert at.selectbox(key="known").value == "vertical"


def test_a_kernel_from_textbooks_is_laid_on_every_channel_and_its_name_is_kept_only_with_its_numbers() -> None:
    at = page(example="channels", conv_padding="1")
    assert at.selectbox(key="known").value == "own"
    at.selectbox(key="known").set_value("sharpen").run()
    weights = ["0", "−1", "0", "−1", "5", "−1", "0", "−1", "0"]
    assert scene(at)["kernel"]["texts"] == [weights, weights]
    assert KERNELS["sharpen"].remark in words(at)
    assert url(at)["weights"] == "0.0,-1,0.0;-1,5,-1;0.0,-1,0.0|0.0,-1,0.0;-1,5,-1;0.0,-1,0.0".replace("0.0", "0")
    again = page(**url(at))
    assert outputs(again) == outputs(at) and again.selectbox(key="known").value == "sharpen"


def test_a_bias_belongs_to_its_kernel() -> None:
    at = page(example="kernels")
    typed(at, "bias").set_value("100").run()
    assert outputs(at)[0] == "156" and url(at) == {"example": "kernels", "bias": "100"}
    at.slider(key="out").set_value(2).run()
    assert outputs(at)[0] == "77" and "bias" not in url(at)
    at.slider(key="out").set_value(1).run()
    assert outputs(at)[0] == "156" and url(at)["bias"] == "100"


def test_the_gradient_is_in_the_link_with_its_cell() -> None:
    at = page(panel="gradient", arriving="count", conv_padding="1", cell="2,3")
    drawn = scene(at)
    assert not at.exception and not said(at)
    assert drawn["back"] and drawn["asked"] == {"cell": "2,3"} and drawn["output"]["texts"][0][:3] == ["1", "2", "3"]
    assert url(at) == {"panel": "gradient", "arriving": "count", "conv_padding": "1"}, "the browser keeps the cell"
    assert "all 16 places" in words(at) and "turned by 180°" in words(at)
    choose(at, "arriving", "ones")
    assert scene(at)["kernel"]["texts"] == [["36"] * 4] and scene(at)["bias"] == 16
    at = page(panel="gradient", example="depthwise", out="3", activation="relu")
    assert scene(at)["seen"] == [2] and set(scene(at)["input"]["texts"][0]) == {"0"}
    assert "kernel 3 alone" in words(at) and not said(at)


@pytest.mark.parametrize("cell", ["3,1", "0,1", "x", "1"])
def test_a_cell_that_there_is_not_is_one_sentence(cell: str) -> None:
    (told,) = said(page(cell=cell))
    assert f"cell must be one of 1,1 … 2,2; it is {cell}." in told


def open_editor(at: AppTest) -> AppTest:
    at.session_state["own_numbers"] = True
    return at.run()


def test_numbers_are_typed_as_text() -> None:
    at = open_editor(page())
    grid, kernel = at.text_area
    assert (grid.value, kernel.value) == ("0, 1, 2\n3, 4, 5\n6, 7, 8", "0, 1\n2, 3")
    kernel.set_value("1 2\n3 x")
    at.button(key="kernel_use").click().run()
    (sentence,) = said(at)
    assert "row 2, column 2" in sentence and "“x”" in sentence
    assert outputs(at) == ["19", "25", "37", "43"], "the kernel stays"
    at.text_area[1].set_value("tensor([[1., 2.]])")
    at.button(key="kernel_use").click().run()
    assert url(at) == {"weights": "1,2"} and outputs(at) == ["2", "5", "11", "14", "20", "23"]
    assert "Your text was read as 1×2." in words(at)
    at.text_area[0].set_value("1 2\n3 4\n\n5 6\n7 8")
    at.button(key="in_use").click().run()
    assert len(scene(at)["kernel"]["texts"]) == 2, "the kernel follows the channels of the input"
    assert outputs(at) == [str((1 + 5) + 2 * (2 + 6)), str((3 + 7) + 2 * (4 + 8))]


def test_the_sides_of_the_kernel_are_cut_and_restored() -> None:
    at = open_editor(page(conv_padding="1"))
    at.slider(key="kernel_rows").set_value(1).run()
    assert scene(at)["kernel"]["texts"] == [["0", "1"]]
    at.slider(key="kernel_rows").set_value(3).run()
    assert scene(at)["kernel"]["texts"] == [["0", "1", "2", "3", "0", "0"]]
    at.button(key="convolution_reset").click().run()
    assert url(at) == {} and outputs(at) == ["19", "25", "37", "43"]


def test_kernels_are_added_and_come_back_with_the_readers_numbers() -> None:
    at = page(conv_kernels="1", example="letter", conv_padding="0")
    assert not said(at) and url(at) == {"conv_kernels": "1", "example": "letter", "conv_padding": "0"}
    assert "3×3 weights" not in words(at) and "1 · 3 · 3 weights + 1 bias = 10 parameters" in words(at)
    at.slider(key="conv_kernels").set_value(5).run()
    assert at.slider(key="out").value == 5 and at.selectbox(key="known").value == "corner", "the first that is new"
    typed(at, "bias").set_value("7").run()
    at.selectbox(key="known").set_value("blur").run()
    assert url(at)["weights"].startswith("0.0625,0.125")
    at.slider(key="out").set_value(2).run()
    assert at.selectbox(key="known").value == "horizontal"
    at.slider(key="conv_kernels").set_value(4).run()
    assert at.slider(key="out").value == 2
    at.slider(key="conv_kernels").set_value(5).run()
    assert (at.slider(key="out").value, typed(at, "bias").value, at.selectbox(key="known").value) == (5, "7", "blur")
    at.slider(key="conv_kernels").set_value(2).run()
    assert at.slider(key="out").value == 2 and typed(at, "bias").value == "0"
    assert "weights" not in url(at) and not at.exception and not said(at)


def test_a_link_to_an_added_kernel_opens_it() -> None:
    at = page(conv_kernels="3", out="3")
    assert not said(at) and scene(at)["kernel"]["texts"] == [["−1", "−1", "1", "1"]]
    again = page(**url(at))
    assert outputs(again) == outputs(at)


def test_with_groups_a_kernel_sees_the_channels_of_its_group() -> None:
    at = page(example="depthwise", out="2")
    assert not said(at) and url(at) == {"example": "depthwise", "out": "2"}
    assert scene(at)["seen"] == [1] and len(scene(at)["kernel"]["texts"]) == 1
    assert "**3 groups**" in words(at) and "1 ← 1, 2 ← 2, 3 ← 3" in words(at) and "3 · 1 · 3 · 3 weights" in words(at)
    at.session_state["conv_more"] = True
    at.run()
    choose(at, "groups", "1")
    assert scene(at)["seen"] == [0, 1, 2] and url(at) == {"example": "depthwise", "out": "2", "groups": "1"}
    assert not said(at) and "groups**" not in words(at)
    at.slider(key="conv_kernels").set_value(4).run()
    choose(at, "groups", "3")
    (told,) = said(at)
    assert "groups 3 does not divide the 4 output channels" in told


def test_other_groups_keep_the_readers_numbers() -> None:
    query = {"example": "kernels", "conv_kernels": "2", "out": "2", "weights": "1,2;3,4|5,6;7,8"}
    at = page(**query)
    choose(at, "groups", "2")
    assert scene(at)["kernel"]["texts"] == [["5", "6", "7", "8"]] and url(at)["weights"] == "5,6;7,8"
    again = page(**url(at))
    assert outputs(again) == outputs(at) and not said(again)
    choose(at, "groups", "1")
    assert scene(at)["kernel"]["texts"] == [["1", "2", "3", "4"], ["5", "6", "7", "8"]]
    at = page(example="kernels", groups="3")
    (told,) = said(at)
    assert "groups must be one of 1, 2" in told


def picture(size: tuple[int, int] = (60, 30)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


def test_a_picture_of_ones_own_keeps_the_kernels() -> None:
    at = open_editor(page(example="letter"))
    at.file_uploader(key="in_picture").upload("red.png", picture(), "image/png").run()
    assert scene(at)["size"] == [14, 28] and scene(at)["image"] and not said(at)
    assert at.selectbox(key="known").value == "vertical" and url(at) == {"example": "letter"}
    assert "A link to this page does not hold all of these numbers" in words(at)
    at.toggle(key="in_color").set_value(True).run()
    assert [channel[0] for channel in scene(at)["input"]["texts"]] == ["255", "0", "0"] and "weights" not in url(at)
    at.slider(key="in_side").set_value(8).run()
    assert scene(at)["size"] == [4, 8] and not at.exception
    at.button(key="convolution_reset").click().run()
    assert scene(at)["size"] == [8, 8] and not scene(at)["image"]


def test_a_file_that_is_no_picture_is_one_sentence() -> None:
    at = open_editor(page())
    at.file_uploader(key="in_picture").upload("x.png", b"not a picture", "image/png").run()
    (told,) = said(at)
    assert "cannot be read as a picture" in told and outputs(at) == ["19", "25", "37", "43"]


def test_kernels_that_were_learned_are_used() -> None:
    at = open_editor(page(example="image"))
    at.slider(key="learned_kernel").set_value(2).run()
    at.button(key="use_learned").click().run()
    shown = [float(text.replace("−", "-")) for text in scene(at)["kernel"]["texts"][0]]
    np.testing.assert_allclose(shown, note.KERNELS[1].ravel(), atol=1e-6)
    assert len(outputs(at)) == 26 * 26
    again = page(**url(at))
    assert outputs(again) == outputs(at), "they are in the link"
    at.selectbox(key="learned_from").set_value("reference-classic").run()
    at.button(key="use_learned").click().run()
    assert not said(at) and scene(at)["kernel"]["texts"] != scene(again)["kernel"]["texts"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"weights": "1,2;3"}, "row 2"),
        ({"grid": ""}, "grid in the link has no value, so it is ignored."),
        ({"weights": ""}, "weights in the link has no value, so it is ignored."),
        ({"grid": "1,x"}, "“x”"),
        ({"example": "no"}, "example must be one of"),
        ({"conv_stride": "9"}, "conv_stride must lie between 1 and 7"),
        ({"out": "2"}, "out must lie between 1 and 1"),
        ({"bias": "x"}, "bias must be a number"),
        ({"activation": "swish"}, "activation must be one of none, sigmoid, tanh, relu, leaky_relu, gelu"),
        ({"padding_mode": "no"}, "padding_mode must be one of zeros, reflect, replicate, circular"),
        ({"grid": "1,2;3,4", "weights": "1,1,1"}, "the output size would be (2, 0)"),
        ({"conv_padding": "3", "padding_mode": "reflect"}, "padding 3 is too large for padding_mode 'reflect'"),
        ({"weights": "1|2"}, "takes 2"),
    ],
)
def test_bad_input_is_one_sentence(query: dict[str, str], sentence: str) -> None:
    at = page(**query)
    assert not at.exception
    (told,) = said(at)
    assert sentence in told


def test_numbers_that_no_link_can_hold_say_so() -> None:
    at = open_editor(page())
    at.text_area[0].set_value("\n".join(" ".join(["7"] * 9) for _ in range(9)))
    at.button(key="in_use").click().run()
    assert "A link to this page does not hold all of these numbers" in words(at) and "grid" not in url(at)
    assert "A link to this page" not in words(page(example="lenet2")), "an example's own numbers are in its link"


def test_back_leads_to_the_example_before() -> None:
    at = choose(page(), "example", "bar")
    go_back(at)
    assert outputs(at) == ["19", "25", "37", "43"]


def test_both_sandboxes_keep_their_own_settings() -> None:
    at = page(example="letter", conv_stride="2")
    turn_to(at, "pooling", kernel="3")
    assert at.slider(key="stride").value == 1
    turn_to(at, "convolution")
    assert not at.exception and not said(at)


@pytest.mark.parametrize("name", ["pytorch", "loop", "numpy"])
def test_the_code_prints_what_is_on_screen(name: str) -> None:
    at = page(example="kernels", panel="code", code=name, bias="2", activation="relu", conv_padding="1")
    (shown,) = at.code
    run = subprocess.run([sys.executable, "-c", shown.value], capture_output=True, text=True, check=True)
    assert "99" in run.stdout or "104" in run.stdout, run.stdout
    assert not at.exception


def test_it_speaks_chinese() -> None:
    at = page(lang="zh_CN")
    assert "卷积核" in scene(at)["words"]["kernel"] and "填充" in at.slider(key="conv_padding").label


def test_no_torch_is_needed() -> None:
    script = (
        "import sys\n"
        "from tests.helpers.pages import open_page\n"
        "assert not open_page('convolution').exception\n"
        "assert not open_page('convolution', example='lenet2').exception\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=paths.PROJECT)


@pytest.mark.parametrize("name", TRAINED_LAYERS)
def test_the_layers_of_lenet_are_those_of_the_run(name: str) -> None:
    import torch

    from lenet import runs
    from lenet.data import load
    from lenet.model import LeNet

    run = runs.find("reference-classic")
    net = LeNet(run.config.model)
    net.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in run.weights().items()})
    x = torch.from_numpy(load("test", "sample")[0][:1] / np.float32(255))
    number = list(TRAINED_LAYERS).index(name)
    layers: list[Any] = list(net)
    stop = [n for n, layer in enumerate(layers) if isinstance(layer, torch.nn.Conv2d)][number]
    with torch.no_grad():
        for layer in layers[: stop + 2]:
            x = layer(x)
    at = page(example=name, out="4")
    shown = [float(text.replace("−", "-")) for text in outputs(at)]
    np.testing.assert_allclose(shown, x[0, 3].ravel().numpy(), atol=1e-4)
