"""The architecture page without a browser: what it says for what is set, and how it takes bad input."""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from lenet import data, runs
from lenet.architecture import presets
from lenet.architecture.configuration import LeNetConfig
from lenet.common import paths
from lenet.runs.configuration import CLASSIC, MODERN
from tests.helpers import pages
from tests.helpers.pages import said, typed, url, words

pytestmark = pytest.mark.usefixtures("router")


def page(**query: str) -> AppTest:
    return checked(pages.open_page("architecture", **query))


def checked(at: AppTest) -> AppTest:
    assert not at.exception
    return at


def layers(at: AppTest) -> list[int]:
    """The column of parameters."""
    return [int(row[5].replace(",", "")) for row in pages.layers(at)]


def tables(at: AppTest) -> list[str]:
    return [e.value for e in at.markdown if e.value.startswith("| ")]


# ---- the network ----


def test_the_first_view_is_the_notes_network() -> None:
    at = page()
    assert said(at) == []
    assert layers(at) == [156, 0, 0, 2416, 0, 0, 0, 48120, 0, 10164, 0, 850]
    assert "**61,706** parameters, 95.8% of them in the dense layers: 73.8% fewer" in words(at)
    assert "⌊(28 + 2·2 − 5)/1⌋ + 1 = 28" in words(at)
    assert "6×1×5×5 + 6 = 156" in words(at)


@pytest.mark.parametrize(
    ("key", "value", "total"),
    [
        ("c1", 8, "62,558"),
        ("c2", 32, "112,122"),
        ("k1", 3, "61,610"),
        ("k2", 3, "81,290"),
        ("h1", 64, "34,546"),
        ("h2", 100, "63,802"),
    ],
)
def test_the_total_follows_every_number(key: str, value: int, total: str) -> None:
    at = page()
    checked(typed(at, key).set_value(str(value)).run())
    assert f"**{total}** parameters" in words(at)
    assert url(at)[key] == str(value)


def test_activation_and_pooling_change_layers_but_not_parameters() -> None:
    at = page()
    at.selectbox(key="act").set_value("relu")
    checked(at.selectbox(key="pool").set_value("max").run())
    types = [row[1] for row in pages.layers(at)]
    assert types.count("ReLU") == 4 and types.count("MaxPool2d") == 2
    assert "**61,706**" in words(at)
    assert (url(at)["act"], url(at)["pool"]) == ("relu", "max")


def test_a_link_opens_the_same_network_in_either_language() -> None:
    for language in ("en", "zh_CN"):
        at = page(lang=language, c1="10", k2="3", act="gelu", pool="max", size="32", layer="8")
        assert said(at) == []
        assert pages.layers(at)[7][4] == "120×784 + 120"
        assert "## 8 · Linear" in words(at)


def test_the_preset_brings_the_note_back() -> None:
    at = page(c1="10", act="relu", h1="16")
    assert at.selectbox(key="preset").value == ""
    checked(at.selectbox(key="preset").set_value("note").run())
    assert layers(at)[0] == 156
    assert "**61,706**" in words(at)
    assert not {"c1", "act", "h1"} & set(at.query_params)


def test_every_layer_can_be_opened() -> None:
    at = page()
    for layer in range(1, 13):
        at.session_state["layer"] = str(layer)
        checked(at.run())
        assert pages.scene(at)["selected"] == layer - 1
        assert f"## {layer} · " in words(at)
    assert "logits" in words(at) and "not probabilities" in words(at)


@pytest.mark.parametrize("key", presets.PRESETS)
def test_every_preset_is_one_choice_and_a_link(key: str) -> None:
    at = page()
    checked(at.selectbox(key="preset").set_value(key).run())
    config = presets.PRESETS[key].config
    assert layers(at) == [r.params for r in config.layers]
    again = page(**url(at))
    assert said(again) == []
    assert again.selectbox(key="preset").value == key


def test_more_settings_wait_behind_a_button() -> None:
    at = page()
    assert len(at.text_input) == 7, "six of the row and the batch size"
    at.session_state["more"] = True
    checked(at.run())
    for name, value in {"size": 32, "width": 40, "ch": 3, "classes": 7, "drop": 20}.items():
        typed(at, name).set_value(str(value))
    for name in ("convs", "dense"):
        at.slider(key=name).set_value(3)
    at.selectbox(key="bn").set_value("on")
    checked(at.selectbox(key="head").set_value("gap").run())
    checked(typed(at, "c3").set_value("24").run())
    checked(typed(at, "h3").set_value("16").run())
    at.session_state["more"] = False
    checked(at.run())
    config = LeNetConfig(
        in_channels=3, input_size=(32, 40), channels=(6, 16, 24), kernel_size=(5, 5, 3), padding=(2, 0, 1),
        stride=(1, 1, 1), hidden=(120, 84, 16), num_classes=7, batch_norm=True, dropout=0.2, head="gap",
    )  # fmt: skip
    assert layers(at) == [r.params for r in config.layers]
    again = page(**url(at))
    assert layers(again) == layers(at), "and the link opens the same"


def test_settings_of_a_layer_that_is_not_there_leave_the_url() -> None:
    at = page(convs="3", c3="9", dense="1", h2="50")
    assert url(at)["c3"] == "9"
    at = page(convs="2", c3="9")
    assert "c3" not in at.query_params
    assert typed(at, "c1").disabled is False
    at = page(convs="0")
    assert typed(at, "c1").disabled is True
    assert said(at) == []


def test_a_run_opens_here_with_its_network() -> None:
    config = LeNetConfig(
        channels=(4, 8, 8), kernel_size=(3, 3, 3), padding=(1, 1, 1), stride=(1, 1, 1), activation="gelu",
        pooling="conv", hidden=(), batch_norm=True, dropout=0.3, head="gap",
    )  # fmt: skip
    runs.create(replace(MODERN, model=config), "mine")
    at = page(run="mine")
    assert said(at) == []
    assert layers(at) == [r.params for r in config.layers]
    assert "run" not in at.query_params and "convs" in at.query_params, "the link now holds the network itself"
    at = page(run="nope")
    assert said(at) == ["There is no run called “nope” here."]
    at = page(run="mine", c1="10")
    assert layers(at)[0] == 260, "settings in the link go first"
    at.session_state["more"] = True
    checked(at.run())
    checked(at.selectbox(key="_open").set_value("mine").run())
    assert layers(at) == [r.params for r in config.layers]


def test_the_weights_of_a_layer_are_drawn() -> None:
    for layer, query, name in (("4", {}, "classic, 10 epochs"), ("8", {"c1": "7"}, "untrained")):
        at = page(layer=layer, **query)
        at.session_state["drawn"] = True
        checked(at.run())
        assert name in words(at) and said(at) == []


def test_the_gradient_at_a_layer_is_measured_where_the_reader_asks() -> None:
    at = page(layer="2")
    assert "of the gradient’s length" not in words(at)
    at.session_state["measured"] = True
    checked(at.run())
    assert "This layer passes 24.3% of the gradient’s length on" in words(at) and said(at) == []
    assert "64 test images, weights as PyTorch initialises them" in words(at)


# ---- training it ----


def test_train_this_takes_the_network_to_the_training_page() -> None:
    at = page(c1="10")
    checked(at.button(key="train").click().run())
    assert LeNetConfig.from_url(at.session_state["net"]) == LeNetConfig(channels=(10, 16))
    assert at.title[0].value == "Train LeNet and watch it learn"


def test_a_link_with_a_network_of_the_training_page_opens_it() -> None:
    """The way back from “Train this” leads to such an address."""
    config = LeNetConfig(channels=(9, 16), activation="relu", dropout=0.2)
    at = page(net=config.to_url())
    assert said(at) == []
    assert layers(at) == [r.params for r in config.layers]
    assert "net" not in at.query_params and url(at)["c1"] == "9"
    at = page(net="{}", c1="10")
    assert layers(at)[0] == 260, "settings in the link go first"
    assert said(page(net="zz")) == ["net must be a table of settings, not zz."]


def test_what_would_change_to_fit_the_data_is_said() -> None:
    at = page(ch="3", size="40", classes="7")
    for change in ("Input channels: 3 → 1", "Input size: 40×40 → 28×28", "Classes: 7 → 10"):
        assert change in words(at)
    at = page(size="200", convs="3", k1="15", k2="15", p1="0", k3="15", s1="2")
    assert "cannot be adapted" in words(at)
    assert not [b for b in at.button if b.key == "fit"]
    at = page(convs="0")
    assert not [b for b in at.button if b.key == "fit"], "nothing would change"


def test_what_does_not_fit_the_data_says_why_and_can_be_made_to_fit() -> None:
    at = page()
    checked(at.selectbox(key="preset").set_value("lenet5").run())
    assert "A network for 1×32×32 images and 10 classes cannot be trained on Fashion" in words(at)
    checked(at.button(key="fit").click().run())
    assert "cannot be trained" not in words(at)
    assert pages.layers(at)[0][3] == "6×28×28", "padding 2 stands for the margin of a 32×32 image"
    checked(at.selectbox(key="preset").set_value("mlp").run())
    assert "has no kernels to watch" in words(at)


def test_the_file_for_the_command_line_is_taken_there(tmp_path: Path) -> None:
    from lenet.runs.configuration import RunConfig, for_network

    at = page(tab="code", act="relu", bn="on")
    assert "python -m lenet.train --config lenet.json" in at.code[1].value
    network = LeNetConfig(activation="relu", batch_norm=True)
    assert RunConfig.from_dict(json.loads(json.dumps(for_network(network).to_dict()))).model == network


# ---- what cannot be built ----


def test_maps_that_shrink_to_nothing_are_marked_and_one_click_repairs_them() -> None:
    at = page(c1="10", size="8")
    assert said(at) == [
        "Layer 4 (Conv2d) cannot be built: its 5×5 kernel is larger than its input of 4×4 with padding 0."
    ]
    labels = {b.label: b for b in at.button if b.key and b.key.startswith("repair_")}
    assert list(labels) == ["Padding 2: 1", "Kernel size 2: 3", "Input size: 12", "Pooling: none"]
    for label, first in (("Kernel size 2: 3", 260), ("Input size: 12", 260)):
        at = page(c1="10", size="8")
        button = next(b for b in at.button if b.label == label)
        checked(button.click().run())
        assert said(at) == [] and layers(at)[0] == first
        assert pages.layers(at)[-1][3] == "10"


def test_a_link_to_a_network_that_cannot_be_built() -> None:
    at = page(size="4", k1="8")
    assert said(at) == ["Layer 3 (AvgPool2d) cannot be built: its 2×2 window is larger than its input of 1×1."]
    at = page(size="4", tab="walk")
    assert said(at) == [], "a trained network is walked through whatever is set elsewhere"
    at = page(size="4", tab="walk", run="~untrained")
    assert len(said(at)) == 1 and "Layer 4" in said(at)[0]


def test_a_network_too_large_is_refused() -> None:
    at = page(size="256", c2="256", h1="1024")
    assert "too large" in said(at)[0]
    assert len(layers(at)) == 12


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("c1", "0", "c1 must lie between 1 and 256; it is 0."),
        ("c1", "x", "c1 must be a number, not x."),
        ("k2", "99", "k2 must lie between 1 and 15; it is 99."),
        ("act", "swish", "act must be one of sigmoid, tanh, relu, leaky_relu, gelu; it is swish."),
        ("layer", "13", "layer must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12; it is 13."),
        ("tab", "<b>", "tab must be one of network, walk, compare, code; it is <b>."),
    ],
)
def test_a_bad_value_in_the_url_is_one_sentence(key: str, value: str, sentence: str) -> None:
    at = page(**{key: value})
    assert said(at) == [sentence]
    assert "**61,706**" in words(at)


def test_a_number_that_is_none_is_told_and_no_other_network_can_be_trained_for_it() -> None:
    at = page(c1="8")
    for written, problem in (
        ("0", "Channels 1 must lie between 1 and 256; it is 0."),
        ("6.5", "Channels 1 must be a whole number, not 6.5."),
        ("six", "Channels 1 must be a number, not six."),
    ):
        typed(at, "c1").set_value(written).run()
        assert said(at) == [problem]
        assert "**62,558**" in words(at) and "The network shown is the last one that could be built." in words(at)
        assert url(at)["c1"] == typed(at, "c1").value == written
        assert [b for b in at.button if b.label == "Train this"] == []
    checked(typed(at, "c1").set_value("１０").run())
    assert (typed(at, "c1").value, url(at)["c1"]) == ("１０", "10")
    assert [b for b in at.button if b.label == "Train this"]
    typed(at, "c1").set_value("x").run()
    checked(at.selectbox(key="preset").set_value("note").run())  # which brings its own numbers
    assert typed(at, "c1").value == "6" and "**61,706**" in words(at)


def test_a_bad_number_behind_the_button_is_told_there_and_in_front() -> None:
    at = page(drop="95", convs="3", c3="0")
    assert said(at)[0] == "c3 must lie between 1 and 256; it is 0.", "the first of them"
    at.session_state["more"] = True
    at.run()
    assert "drop must lie between 0 and 90; it is 95." in said(at)
    typed(at, "c3").set_value("8").run()
    typed(at, "drop").set_value("").run()
    assert said(at) == [] and "drop" not in url(at)


def test_a_batch_size_that_is_none_shows_no_table() -> None:
    at = page(batch="0")
    assert said(at) == ["batch must lie between 1 and 60000; it is 0."] and not tables(at)
    checked(typed(at, "batch").set_value("1").run())
    assert len(tables(at)) == 1


# ---- an image walked through ----


def test_a_trained_network_recognises_the_first_boot() -> None:
    at = page(tab="walk")
    assert said(at) == []
    assert at.selectbox(key="run").value == "reference-classic"
    assert ":green-badge[right] Predicted: **Ankle boot**" in words(at)


def test_every_network_on_offer_can_be_walked_through() -> None:
    at = page(tab="walk")
    for run in ("reference-modern", "~untrained"):
        checked(at.selectbox(key="run").set_value(run).run())
        assert said(at) == []
        assert url(at)["run"] == run
        assert "Predicted: **" in words(at)


def test_another_image_of_a_class() -> None:
    at = page(tab="walk")
    checked(at.selectbox(key="_class").set_value(8).run())  # bags
    first = typed(at, "image").value
    assert "Bag" in words(at)
    another = next(b for b in at.button if b.label == "Another")
    checked(another.click().run())
    assert int(typed(at, "image").value) > int(first)
    checked(typed(at, "image").set_value("0").run())
    assert at.selectbox(key="_class").value is None, "image 0 is a boot: the class no longer holds"
    assert "Ankle boot" in words(at)


def test_an_image_that_there_is_not_is_told_and_no_other_is_shown() -> None:
    at = page(tab="walk")
    last = len(data.load("test")[1]) - 1
    typed(at, "image").set_value("99999").run()
    assert said(at) == [f"Test image must lie between 0 and {last}; it is 99999."]
    assert "Predicted" not in words(at) and url(at)["image"] == "99999"
    checked(next(b for b in at.button if b.label == "Another").click().run())
    assert "Predicted" in words(at)


def test_the_untrained_network_is_the_one_that_was_set() -> None:
    at = page(tab="walk", run="~untrained", size="32", c1="3")
    assert "The image of 28×28 is scaled to 32×32 for this network." in words(at)


def test_every_network_that_can_be_built_can_be_walked_through() -> None:
    at = page(
        tab="walk", run="~untrained", ch="3", classes="7", size="20", width="33", bn="on", pool="conv", head="gap"
    )
    assert said(at) == []
    assert "scaled to 20×33" in words(at) and "3 input channels" in words(at)
    assert "Predicted: **" in words(at)
    for deep in ("cover", "channel"):
        at = page(tab="walk", run="~untrained", ch="3", classes="7", deep=deep)
        assert said(at) == []


def test_a_network_with_too_many_numbers_to_draw_still_answers() -> None:
    at = page(tab="walk", run="~untrained", size="128", c1="40", k1="3", pool="none", c2="1", h1="1")
    assert len(said(at)) == 1 and "at most 500" in said(at)[0]
    assert "Predicted: **" in words(at)
    at = page(tab="walk", run="~untrained", size="128", c1="64", c2="64", h1="1", deep="cover")
    assert any("have to run a hundred times" in p for p in said(at))


def test_the_worst_mistakes_of_a_run_are_wrong_and_go_on() -> None:
    at = page(tab="walk", run="reference-modern")
    checked(at.selectbox(key="_class").set_value(-1).run())
    assert ":red-badge[wrong]" in words(at)
    first = typed(at, "image").value
    checked(next(b for b in at.button if b.label == "Another").click().run())
    assert ":red-badge[wrong]" in words(at) and typed(at, "image").value != first
    checked(at.selectbox(key="run").set_value("~untrained").run())
    assert at.selectbox(key="_class").value is None


def test_the_mean_of_a_class_is_walked_through() -> None:
    at = page(tab="walk", src="mean", of="1", run="reference-modern")
    assert said(at) == []
    assert ":green-badge[right] Predicted: **Trouser**" in words(at)


def test_a_picture_is_prepared_and_walked_through() -> None:
    at = page(tab="walk", src="upload")
    assert "Predicted" not in words(at)
    out = io.BytesIO()
    Image.fromarray(np.repeat(255 - data.load("test", "sample")[0][0, 0], 5, 0).repeat(5, 1)).save(out, "PNG")
    checked(at.file_uploader[0].upload("boot.png", out.getvalue(), "image/png").run())
    assert said(at) == []
    assert "Predicted: **Ankle boot**" in words(at), "dark on light, five times as large"
    assert "image’s label" not in words(at), "it has none"
    at = page(tab="walk", src="upload")
    checked(at.file_uploader[0].upload("boot.png", b"no picture", "image/png").run())
    assert said(at) == ["This file cannot be read as a picture: use an undamaged PNG, JPEG, GIF, BMP, WEBP file."]


def test_a_blank_picture_is_answered_with_the_proof_that_softmax_is_not_certainty() -> None:
    at = page(tab="walk", src="upload", run="reference-modern")
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    checked(at.file_uploader[0].upload("blank.png", out.getvalue(), "image/png").run())
    assert said(at) == []
    (told,) = [note.value for note in at.info]
    (probability,) = re.findall(r"Predicted: \*\*.+\*\*, softmax ([\d.]+)\.", words(at))
    assert "28×28 pixels, all of them 0" in told and f"softmax {probability}." in told
    assert "only you can say" in words(at), "whether it is right"
    assert not page(tab="walk").info


def test_what_is_said_of_training_depends_on_the_answer() -> None:
    at = page(tab="walk", deep="versus", run="reference-modern")
    assert "is right: Ankle boot" in words(at) and "is wrong" not in words(at)
    checked(at.selectbox(key="_class").set_value(-1).run())
    assert ":red-badge[wrong]" in words(at) and "is wrong: " in words(at)
    assert "stood out" not in words(at) and "as here" in words(at)
    cover = page(tab="walk", deep="cover", run="reference-modern", image="12")
    assert "The label is **Sneaker**: what is red speaks for a wrong answer." in words(cover)
    assert "A black square of 5×5 pixels (value 0) covers 81 places" in words(cover)


def test_an_empty_drawing_waits_for_its_first_stroke() -> None:
    at = page(tab="walk", src="draw")
    assert said(at) == []
    assert "Nothing is drawn yet" in words(at) and "Predicted: **" not in words(at)


def test_what_lies_deeper_opens_by_link() -> None:
    for deep, sentence in (
        ("versus", "**untrained LeNet** gives Ankle boot 0."),
        ("cover", "lowers the probability of **Ankle boot**"),
        ("channel", "Of the first 2"),
    ):
        at = page(tab="walk", deep=deep)
        assert said(at) == []
        assert sentence in words(at)
    at = page(tab="walk", deep="channel", at="4", channel="99")
    assert said(at) == ["channel must lie between 1 and 16; it is 99."]


def test_a_network_of_other_classes_is_not_compared_and_that_is_said() -> None:
    at = page(tab="walk", run="~untrained", classes="7")
    assert "Not included: untrained" in words(at) and "It has 7 classes" in words(at)
    assert "Not included" not in words(page(tab="walk", run="~untrained"))


def test_a_run_that_is_not_there() -> None:
    at = page(tab="walk", run="nope")
    assert said(at) == ["There is no run called “nope” here."]
    assert "Predicted: **" in words(at)


def test_damaged_weights_are_one_sentence() -> None:
    run = runs.create(CLASSIC, "broken")
    (run.path / "model.safetensors").write_bytes(b"not a file of weights")
    at = page(tab="walk", run="broken")
    assert len(said(at)) == 1
    assert "model.safetensors of the run “broken” cannot be read" in said(at)[0]
    checked(at.selectbox(key="run").set_value("reference-classic").run())
    assert said(at) == [] and "Predicted: **" in words(at)


def test_weights_of_another_network_are_one_sentence() -> None:
    other = runs.find("reference-classic")
    run = runs.create(replace(CLASSIC, model=LeNetConfig(channels=(3, 16))), "other")
    shutil.copy(other.path / "model.safetensors", run.path)
    at = page(tab="walk", run="other")
    assert said(at) == ["The weights of the run “other” do not fit the network of its configuration."]


def test_a_queued_run_has_no_weights_and_is_not_offered() -> None:
    runs.create(CLASSIC, "waiting")
    at = page(tab="walk")
    assert "waiting" not in str(at.selectbox(key="run").options)


def test_a_damaged_data_folder_is_one_sentence_and_the_sample_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    shutil.copytree(paths.SAMPLE_DIR, folder)
    images = next(folder.glob("t10k-images*"))
    images.write_bytes(images.read_bytes()[:5000])
    monkeypatch.setenv("LENET_DATA_DIR", str(folder))
    at = page(tab="walk")
    assert len(said(at)) == 1 and images.name in said(at)[0]
    assert "sample that comes with the app" in words(at)
    assert "Predicted: **Ankle boot**" in words(at)


# ---- the other tabs ----


def test_the_code_is_that_of_the_network_set() -> None:
    at = page(tab="code", c1="9", act="tanh")
    assert "nn.Conv2d(1, 9, kernel_size=5, padding=2), nn.Tanh()," in at.code[0].value
    compile(at.code[0].value, "copied", "exec")


def test_the_comparison_follows_the_network() -> None:
    at = page(tab="compare", h1="1024")
    assert "% more parameters than the multilayer perceptron" in words(at)
    assert said(at) == []
    at = page(tab="compare", dense="0", head="gap")
    assert "few of LeNet’s parameters and the dense layers hold 95.8%" in words(at), "LeNet's own, whatever is set"


def test_networks_and_runs_can_be_compared() -> None:
    at = page(tab="compare", nets="~note,~lenet5,reference-modern", batch="10")
    assert said(at) == []
    assert "32×32 images, tanh" in words(at), "each preset says what it is"
    at = page(tab="compare", nets="~note,nope")
    assert "nets must be one of" in said(at)[0]
