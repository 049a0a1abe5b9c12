"""Every setting of a run is an option of the command line, read back as it was written, and explained in its help."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from typing import Any, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.runs import options
from lenet.runs.configuration import CLASSIC, MODERN, RECIPES, SETTINGS, SPRINT, RunConfig, flat


def config_of(*words: str, file: dict[str, Any] | None = None) -> RunConfig:
    parser = argparse.ArgumentParser()
    options.add_to(parser)
    return RunConfig.from_dict(options.merged(file or {}, options.given(parser.parse_args(words))))


def as_options(config: RunConfig) -> list[str]:
    words = []
    for name, value in flat(config).items():
        if isinstance(value, bool):
            words.append(options.option(name) if value else options.option(name).replace("--", "--no-"))
        else:
            words += [options.option(name), options.written(value)]
    return words


networks = st.sampled_from([
    LeNetConfig(),
    LeNetConfig(channels=(3,), kernel_size=(5,), padding=(0,), stride=(2,), hidden=(), batch_norm=True, head="gap"),
    LeNetConfig(
        channels=(4, 8, 8), kernel_size=(3, 3, 3), padding=(1, 1, 1), stride=(1, 1, 1), pooling="conv", dropout=0.25
    ),
])  # fmt: skip


@given(
    st.builds(
        RunConfig,
        recipe=st.sampled_from(list(RECIPES)),
        model=networks,
        optimizer=st.sampled_from(SETTINGS["optimizer"].choices),
        lr=st.floats(1e-8, 100),
        warmup=st.floats(0, 0.9),
        batch_size=st.integers(1, 240_000),
        epochs=st.integers(11, 1000),
        cycles=st.sampled_from([(), (3,), (3, 10)]),
        seed=st.integers(0, 2**32 - 1),
        augment=st.sampled_from(SETTINGS["augment"].choices),
    )
)
def test_options_say_a_whole_configuration(config: RunConfig) -> None:
    assert config_of(*as_options(config)) == config


def test_each_setting_has_its_option() -> None:
    """And each changes this setting and no other."""
    others = {
        "recipe": "modern", "model.in_channels": 1, "model.input_size": 28, "model.num_classes": 10,
        "model.padding": (3, 1), "model.kernel_size": (3, 3), "model.stride": (1, 2), "model.channels": (1, 2),
        "model.hidden": (), "device": "cpu", "dataset": "fashion-mnist", "data": "sample",
    }  # fmt: skip
    for name, field in SETTINGS.items():
        value: Any = others.get(name)
        if value is None and get_origin(field.kind) is tuple:
            value = (3,)
        elif value is None:
            value = field.choices[-1] if field.options else True if field.kind is bool else field.kind(1)
            value = min(value, field.high) if field.kind is float else value
        words = [options.option(name)] + ([] if value is True else [options.written(value)])
        expected = flat(CLASSIC)
        if field.only_with and not isinstance(field.only_with[1], str):  # it is refused without the other
            words += [options.option(field.only_with[0]), "0.5"]
            expected[field.only_with[0]] = 0.5
        found = flat(config_of(*words))
        if name == "recipe":
            expected = flat(MODERN)
        expected[name] = list(value) if isinstance(value, tuple) else value
        assert found == expected, name


def test_the_help_has_each_setting_with_limits_and_defaults() -> None:
    parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=400))
    options.add_to(parser)
    lines = [*parser.format_help().splitlines(), ""]

    def line(option: str) -> str:
        (at,) = (n for n, text in enumerate(lines) if text.split()[:1] in ([option], [option + ","]))
        return " ".join((lines[at] + " " + lines[at + 1]).split())

    for name in SETTINGS:
        assert "(default: " in line(options.option(name)), name
    assert line("--lr").startswith("--lr X learning rate: 1e-08 to 100 (default: 0.9; modern: 0.01; sprint: 0.02)")
    assert line("--optimizer").startswith("--optimizer {sgd,adam,adamw,muon} optimiser (default: sgd; modern: muon")
    assert "warm-up (share of all steps): 0 to 0.9; only with --schedule" in line("--warmup")
    assert "channels of the convolutions: 1 to 256, at most 8 of them (default: 6,16)" in line("--channels")
    assert line("--batch-norm").startswith("--batch-norm, --no-batch-norm batch norm (default: no)")
    assert "0 to 1000; only with --validation (default: 0)" in line("--early-stopping")
    headings = [text for text in lines if text.endswith(":") and not text.startswith(" ")]
    assert headings[1:] == [f"{title}:" for title, _remark in options.GROUPS.values()]


def test_a_network_is_the_recipes_but_for_what_is_said() -> None:
    config = config_of("--recipe", "modern", "--channels", "8,32")
    assert config == replace(MODERN, model=replace(MODERN.model, channels=(8, 32)))
    config = config_of("--recipe", "sprint", "--no-batch-norm", "--hidden", "none")
    assert config == replace(SPRINT, model=replace(SPRINT.model, hidden=()))


def test_options_change_a_file() -> None:
    file = {"recipe": "modern", "lr": 0.5, "model": {"channels": [3, 4], "pooling": "max"}}
    config = config_of("--lr", "0.25", "--hidden", "30", file=file)
    assert config == replace(MODERN, lr=0.25, model=LeNetConfig(channels=(3, 4), pooling="max", hidden=(30,))), (
        "what the network of a file leaves out is the note's"
    )
    whole = json.loads(json.dumps(CLASSIC.to_dict()))
    assert config_of("--stride", "1,2", file=whole).model == LeNetConfig(stride=(1, 2))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--lr x", "lr must be a number, not x."),
        ("--lr 200", "lr must lie between 1e-08 and 100.0; it is 200.0."),
        ("--lr nan", "lr must lie between 1e-08 and 100.0; it is NaN."),
        ("--batch-size 1e3", "batch_size must be a whole number, not 1e3."),
        ("--channels 6,x", "channels must be a whole number, not x."),
        ("--channels 6,", 'channels must be a whole number, not "".'),
        ("--channels 6,300", "channels must lie between 1 and 256; it is 300."),
        (
            "--channels 6,16,32",
            "channels, kernel_size, padding and stride must have one entry for each convolution.",
        ),
        (
            "--kernel-size 5,15",
            "Layer 4 (Conv2d) cannot be built: its 15×15 kernel is larger than its input of 14×14 with padding 0.",
        ),
        ("--recipe mine", "recipe must be one of classic, modern, sprint; it is mine."),
        ("--pooling mean", "pooling must be one of avg, max, conv, none; it is mean."),
    ],
)
def test_what_cannot_be_is_one_sentence(words: str, sentence: str) -> None:
    with pytest.raises(LenetError) as refusal:
        config_of(*words.split())
    assert str(refusal.value) == sentence


def test_what_is_given_and_changes_nothing_is_told() -> None:
    given = {"eta_min": 0.1, "muon_lr": 0.1, "early_stopping": 0, "lr": 0.5}
    assert options.without_effect(given, CLASSIC) == [
        "--eta-min has no effect here: it is used only with --schedule cosine.",
        "--muon-lr has no effect here: it is used only with --optimizer muon.",
        "--early-stopping has no effect here: it is used only with --validation.",
    ]
    assert options.without_effect({"muon_lr": 0.1, "warmup": 0.2}, MODERN) == []
