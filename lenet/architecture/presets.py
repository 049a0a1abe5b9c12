"""The networks that the architecture page offers, and any network as the page's controls hold it. No torch here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from lenet import data
from lenet.architecture.configuration import LIMITS, MAX_DEPTH, MAX_DROPOUT, LeNetConfig, Repair
from lenet.architecture.layers import ACTIVATIONS, CHOICE_WORDS, HEADS, POOLINGS
from lenet.common.translation import N_
from lenet.common.translation import translate as _


@dataclass(frozen=True)
class Preset:
    """A network with its name and a sentence about it (English, to be translated when shown)."""

    name: str
    about: str
    config: LeNetConfig


PRESETS = {
    "note": Preset(
        N_("LeNet of the note"),
        N_("LeNet as the note builds it: sigmoids, average pooling, three dense layers."),
        LeNetConfig(),
    ),
    "lenet5": Preset(
        N_("LeNet-5 (1998)"),
        N_(
            "LeCun, Bottou, Bengio, Haffner, 1998: 32×32 images, tanh. Here every map of the second convolution sees all "
            "six maps, poolings have no weights and the outputs are logits; the original differs in these and has "
            "60,000 parameters."
        ),
        LeNetConfig(input_size=32, padding=(0, 0), activation="tanh"),
    ),
    "modern": Preset(
        N_("Small modern net"),
        N_("3×3 kernels, batch norm, ReLU, max pooling, dropout: what replaced LeNet’s parts in thirty years."),
        LeNetConfig(
            channels=(16, 32), kernel_size=(3, 3), padding=(1, 1), activation="relu", pooling="max", hidden=(64,),
            batch_norm=True, dropout=0.2,
        ),
    ),
    "gap": Preset(
        N_("Global average pooling"),
        N_("No dense layer but the last: it takes the mean of each map, so hardly any parameters are in dense layers."),
        LeNetConfig(
            channels=(16, 32, 64), kernel_size=(5, 3, 3), padding=(2, 1, 1), stride=(1, 1, 1), activation="relu",
            pooling="max", hidden=(), batch_norm=True, head="gap",
        ),
    ),
    "mlp": Preset(
        N_("MLP 784–256–128–10"),
        N_("No convolution at all: the multilayer perceptron that the note compares LeNet with."),
        LeNetConfig(
            channels=(), kernel_size=(), padding=(), stride=(), hidden=(256, 128), activation="relu", pooling="none"
        ),
    ),
}  # fmt: skip

# -- a network as the controls of the page hold it -----------------------------------------------------------------


class SupportsSettings(Protocol):
    """A table of settings, or a browser session that holds them among other things."""

    def __getitem__(self, key: str, /) -> Any: ...


Settings = dict[str, int | str]
"""Flat, by the names in the page's URL: `size`, `c1`, `k1`, `p1`, `s1`, `c2` …, `h1` …, `act`, `pool` …"""

NUMBERS: dict[str, tuple[int, int, int]] = {
    "size": (*LIMITS["input_size"], 28),
    "width": (0, LIMITS["input_size"][1], 0),  # 0: as wide as high
    "ch": (*LIMITS["in_channels"], 1),
    "classes": (*LIMITS["num_classes"], 10),
    "convs": (0, MAX_DEPTH, 2),
    "dense": (0, MAX_DEPTH, 2),
    "drop": (0, round(100 * MAX_DROPOUT), 0),  # percent
}
"""Smallest, largest and first value of each number; the note's network, and small layers behind it."""
for _i in range(1, MAX_DEPTH + 1):
    NUMBERS[f"c{_i}"] = (*LIMITS["channels"], {1: 6, 2: 16}.get(_i, 32))
    NUMBERS[f"k{_i}"] = (*LIMITS["kernel_size"], 5 if _i <= 2 else 3)
    NUMBERS[f"p{_i}"] = (*LIMITS["padding"], {1: 2, 2: 0}.get(_i, 1))
    NUMBERS[f"s{_i}"] = (*LIMITS["stride"], 1)
    NUMBERS[f"h{_i}"] = (*LIMITS["hidden"], {1: 120, 2: 84}.get(_i, 32))
CHOICES: dict[str, Collection[str]] = {
    "act": ACTIVATIONS,
    "pool": POOLINGS,
    "bn": ("off", "on"),
    "head": HEADS,
}
"""The options of each choice, the note's first."""
DEFAULTS: Settings = {k: v[2] for k, v in NUMBERS.items()} | {k: next(iter(v)) for k, v in CHOICES.items()}


LABELS = {
    "size": N_("Input size"), "width": N_("Input width"), "ch": N_("Input channels"), "classes": N_("Classes"),
    "convs": N_("Convolutions"), "dense": N_("Hidden dense layers"), "drop": N_("Dropout, %"),
    "act": N_("Activation"), "pool": N_("Pooling"), "bn": N_("Batch norm"), "head": N_("To the dense layers"),
    "c": N_("Channels {n}"), "k": N_("Kernel {n}"), "p": N_("Padding {n}"), "s": N_("Stride {n}"), "h": N_("Dense {n}"),
}  # fmt: skip
"""What stands over each control; those of a numbered layer by their letter."""
WORDS: dict[str, Mapping[str, str]] = {
    "act": CHOICE_WORDS["activation"],
    "pool": CHOICE_WORDS["pooling"],
    "bn": {"off": N_("off"), "on": N_("on")},
    "head": CHOICE_WORDS["head"],
}
"""What each option of CHOICES is called."""


def label(key: str) -> str:
    """What stands over a control, in the reader's language."""
    return _(LABELS[key]) if key in LABELS else _(LABELS[key[0]]).format(n=key[1:])


def words(key: str) -> dict[str, str]:
    """The options of a choice with their words, in the reader's language."""
    return {option: _(said) for option, said in WORDS[key].items()}


def hint(key: str) -> str | None:
    """What more there is to know of a control."""
    return _("0: as wide as high") if key == "width" else None


def repair_words(repair: Repair) -> str:
    """What a repair does: `Kernel 2: 3`."""
    key, value = key_of(repair), repair.value
    value = "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{label(key)}: {words(key).get(value, value) if key in WORDS else value}"


def in_use(settings: SupportsSettings) -> set[str]:
    """The settings that matter: none of a convolution or dense layer that is not there."""
    unused = {f"{letter}{i}" for i in range(settings["convs"] + 1, MAX_DEPTH + 1) for letter in "ckps"}
    unused |= {f"h{i}" for i in range(settings["dense"] + 1, MAX_DEPTH + 1)}
    return set(DEFAULTS) - unused


def to_values(settings: SupportsSettings) -> dict[str, Any]:
    """The keyword arguments of LeNetConfig for a set of controls, whether or not such a network can be built."""
    convs, size, width = range(1, settings["convs"] + 1), settings["size"], settings["width"]
    return {
        "in_channels": settings["ch"],
        "input_size": (size, width) if width else size,
        "channels": tuple(settings[f"c{i}"] for i in convs),
        "kernel_size": tuple(settings[f"k{i}"] for i in convs),
        "padding": tuple(settings[f"p{i}"] for i in convs),
        "stride": tuple(settings[f"s{i}"] for i in convs),
        "activation": settings["act"],
        "pooling": settings["pool"],
        "hidden": tuple(settings[f"h{i}"] for i in range(1, settings["dense"] + 1)),
        "num_classes": settings["classes"],
        "batch_norm": settings["bn"] == "on",
        "dropout": settings["drop"] / 100,
        "head": settings["head"],
    }


def to_settings(config: LeNetConfig) -> Settings:
    """The controls that make this network, those in use; dropout is rounded to a percent."""
    height, width = config.image_size
    out: Settings = {
        "size": height,
        "width": width if width != height else 0,
        "ch": config.in_channels,
        "classes": config.num_classes,
        "convs": len(config.channels),
        "dense": len(config.hidden),
        "drop": round(100 * config.dropout),
        "act": config.activation,
        "pool": config.pooling,
        "bn": "on" if config.batch_norm else "off",
        "head": config.head,
    }
    for letter, values in zip(
        "ckpsh", (config.channels, config.kernel_size, config.padding, config.stride, config.hidden), strict=True
    ):
        out |= {f"{letter}{i}": value for i, value in enumerate(values, 1)}
    return out


def changes(old: LeNetConfig, new: LeNetConfig) -> list[str]:
    """The numbers that set a network apart from one of the same layers: `Classes: 7 → 10`."""
    before, after = to_settings(old), to_settings(new)
    for settings, config in ((before, old), (after, new)):
        settings["size"] = "×".join(map(str, config.image_size))
        del settings["width"]
    return [f"{label(key)}: {value} → {after[key]}" for key, value in before.items() if value != after[key]]


def key_of(repair: Repair) -> str:
    """The control that a repair changes."""
    if repair.setting in ("input_size", "pooling"):
        return {"input_size": "size", "pooling": "pool"}[repair.setting]
    return f"{repair.setting[0]}{(repair.index or 0) + 1}"


def image_shape(values: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """The shape of one image as a batch, for arguments of LeNetConfig."""
    size = values["input_size"]
    return (1, values["in_channels"], *((size, size) if isinstance(size, int) else size))


def which(values: Mapping[str, Any]) -> str:
    """The key of the preset whose arguments these are, or ""."""
    return next((key for key, its in _VALUES.items() if its == values), "")


_VALUES = {key: to_values(to_settings(preset.config)) for key, preset in PRESETS.items()}


def fitted(config: LeNetConfig) -> LeNetConfig | None:
    """The same network for the images and classes of the data set, or None where it cannot be built for them.

    A network for images that are larger by 4 (32×32 for 28×28) whose first convolution has no padding gets 2: that is
    the same as a margin of 2 pixels of 0 around the image, as LeNet-5 had it.
    """
    wanted = data.data_set()
    channels, *size = wanted.image_shape
    values = config.to_dict() | {"in_channels": channels, "input_size": size, "num_classes": len(wanted.classes)}
    if list(config.image_size) == [n + 4 for n in size] and config.padding and config.stride[0] == 1:
        values["padding"] = [config.padding[0] + 2, *config.padding[1:]]
    try:
        return LeNetConfig.from_dict(values)
    except ValueError:
        return None
