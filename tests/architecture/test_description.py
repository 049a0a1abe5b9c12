"""What a file of weights says of its network, and the network that is built from it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.description import Description
from lenet.common.errors import LenetError
from lenet.model import LeNet, describe, load
from tests.helpers.strategies import settings_of_a_net

TOLD = Description(LeNetConfig(activation="relu"), ("day", "日"), "pictures", 3, 700, 0.75)


def test_it_is_texts_that_any_reader_of_metadata_takes() -> None:
    told = TOLD.metadata()
    assert all(isinstance(text, str) for text in told.values())
    assert json.loads(told["architecture"])["activation"] == "relu"
    assert (json.loads(told["classes"]), told["data_set"]) == (["day", "日"], "pictures")
    assert (told["epoch"], told["step"], told["test_accuracy"]) == ("3", "700", "0.75")
    assert "(N, 1, 28, 28)" in told["input"] and "divided by 255" in told["input"]
    scale, mean, std = (json.loads(told[name]) for name in ("scale", "mean", "std"))
    pixel = 51.0
    assert (pixel * scale - mean[0]) / std[0] == pytest.approx(0.2), "as the input of the network is computed"
    assert "test_accuracy" not in replace(TOLD, test_accuracy=None).metadata()


@given(settings_of_a_net())
def test_there_and_back(settings: dict[str, Any]) -> None:
    try:
        told = replace(TOLD, config=LeNetConfig(**settings))
    except LenetError:
        return
    assert Description.from_metadata(told.metadata()) == told


@given(
    st.dictionaries(st.sampled_from(["classes", "epoch", "step", "test_accuracy", "data_set"]), st.text(max_size=9))
)
def test_of_damaged_metadata_it_takes_what_fits(damage: dict[str, str]) -> None:
    assert Description.from_metadata(TOLD.metadata() | damage).config == TOLD.config


@pytest.mark.parametrize("settings", [{}, {"batch_norm": True, "channels": [3, 4], "hidden": [9], "head": "gap"}])
def test_the_network_is_built_again(settings: dict[str, Any], tmp_path: Path) -> None:
    """With its weights and statistics, ready to classify."""
    config = LeNetConfig.from_dict(settings)
    net = LeNet(config)
    net(torch.rand(8, 1, 28, 28))  # batch norms have seen something
    path = tmp_path / "w.safetensors"
    save_file(net.state_dict(), path, Description(config).metadata())
    again = load(path)
    assert again.config == config == describe(path).config
    assert not again.training
    images = torch.rand(5, 1, 28, 28)
    assert torch.equal(again(images), net.eval()(images))


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    net, path = LeNet(), tmp_path / "w.safetensors"
    for metadata, sentence in (
        (None, f"{path} does not say which network its weights belong to: its metadata has no architecture."),
        ({"architecture": "{"}, f"The weights in {path} cannot be read: architecture: Expecting property name"),
        ({"architecture": "[1]"}, "model must be a table of settings, not [1]."),
        ({"architecture": '{"channels": [6, 300]}'}, "channels must lie between 1 and 256; it is 300."),
        (
            {"architecture": '{"channels": [6, 15]}'},
            f"The weights in {path} do not fit the network that its metadata describes.",
        ),
    ):
        save_file(net.state_dict(), path, metadata)
        with pytest.raises(LenetError) as refusal:
            load(path)
        assert str(refusal.value).startswith(sentence)
    path.write_bytes(path.read_bytes()[:1000])
    for wrong in (path, tmp_path, tmp_path / "none"):
        with pytest.raises(LenetError) as refusal:
            load(wrong)
        assert str(refusal.value).startswith(f"The weights in {wrong} cannot be read: ")
