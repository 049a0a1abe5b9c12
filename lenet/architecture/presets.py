"""The networks that the architecture page offers, and any network as the page's controls hold it. No torch here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Protocol

from lenet.architecture.configuration import MAX_DEPTH, MLP, LeNetConfig, Repair
from lenet.architecture.layers import dense_widths
from lenet.common import fields
from lenet.common.fields import Field
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.data import DataSet


@dataclass(frozen=True)
class Preset:
    """A network with its name and a sentence about it (English, to be translated when shown).

    `{widths}` in the name stands for those of its dense layers.
    """

    name: str
    about: str
    config: LeNetConfig

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return _(self.name).format(widths=dense_widths(self.config.layers))


PRESETS = {
    "note": Preset(
        N_("LeNet (classic)"),
        N_("The network of the recipe classic: sigmoids, average pooling, three dense layers."),
        LeNetConfig(),
    ),
    "lenet5": Preset(
        N_("LeNet-5 (1998)"),
        N_(
            "LeCun, Bottou, Bengio, Haffner, 1998: 32×32 images, tanh. Here every map of the second "
            "convolution sees all six maps, pooling layers have no weights and the outputs are logits; "
            "the original differs in these points and has 60,000 parameters."
        ),
        LeNetConfig(input_size=32, padding=(0, 0), activation="tanh"),
    ),
    "modern": Preset(
        N_("Small modern net"),
        N_("3×3 kernels, batch norm, ReLU, max pooling, dropout: what has replaced the parts of LeNet in "
           "thirty years."),
        LeNetConfig(
            channels=(16, 32), kernel_size=(3, 3), padding=(1, 1), activation="relu", pooling="max", hidden=(64,),
            batch_norm=True, dropout=0.2,
        ),
    ),
    "gap": Preset(
        N_("Global average pooling"),
        N_("The only dense layer is the last one: it takes the mean of each map, so hardly any "
           "parameters are in dense layers."),
        LeNetConfig(
            channels=(16, 32, 64), kernel_size=(5, 3, 3), padding=(2, 1, 1), stride=(1, 1, 1), activation="relu",
            pooling="max", hidden=(), batch_norm=True, head="gap",
        ),
    ),
    "mlp": Preset(
        "MLP {widths}",
        N_("No convolution at all: a multilayer perceptron, with which LeNet is compared."),
        MLP,
    ),
}  # fmt: skip


@cache
def for_classes(n: int) -> dict[str, Preset]:
    """The presets with an output for each of `n` classes."""
    return {key: replace(preset, config=replace(preset.config, num_classes=n)) for key, preset in PRESETS.items()}


# -- a network as the controls of the page hold it -----------------------------------------------------------------


class SupportsSettings(Protocol):
    """A table of settings, or a browser session that holds them among other things."""

    def __getitem__(self, key: str, /) -> Any: ...


Settings = dict[str, int | str]
"""Flat, by the names in the page's URL: `size`, `c1`, `k1`, `p1`, `s1`, `c2` …, `h1` …, `act`, `pool` …"""

SETTINGS = fields.table(LeNetConfig)
COUNTS = {name: "dense" if name == "hidden" else "convs" for name, field in SETTINGS.items() if field.length}
"""Setting with an entry for each layer → the control that says how many entries it has."""
PERCENT = 100
"""The control of a share counts in percent."""


def _controls() -> Iterator[Field]:
    """A control for each number and each choice, by its key in the URL; first they make the note's network."""
    for name, field in SETTINGS.items():
        control = replace(field, label=field.control or field.label, control="")
        if name in COUNTS:
            for i in range(1, MAX_DEPTH + 1):
                first = field.default[i - 1] if i <= len(field.default) else field.further
                yield replace(control, key=f"{field.key}{i}", kind=int, default=first, length=None)
        elif field.kind is bool:
            default = "on" if field.default else "off"
            yield replace(control, kind=str, default=default, options={"off": N_("off"), "on": N_("on")})
        elif field.kind is float:
            first, low, high = (round(PERCENT * share) for share in (field.default, field.low, field.high))
            yield replace(control, kind=int, default=first, low=low, high=high)
        else:
            yield replace(control, kind=str if field.choices else int)
    widest = int(SETTINGS["input_size"].high)
    yield Field("width", int, 0, N_("Input width"), high=widest, key="width", help=N_("0: same as the height"))
    for key, layers, label in (
        ("convs", LeNetConfig().channels, N_("Convolutions")),
        ("dense", LeNetConfig().hidden, N_("Hidden dense layers")),
    ):
        yield Field(key, int, len(layers), label, high=MAX_DEPTH, key=key)


CONTROLS = {control.key: control for control in _controls()}
"""The controls by their names in the URL: those of LeNetConfig's settings, and of how many layers there are."""
DEFAULTS: Settings = {key: control.default for key, control in CONTROLS.items()}


def label(key: str) -> str:
    """What stands over a control, in the reader's language."""
    return _(CONTROLS[key].label).format(n=key[1:])


def words(key: str) -> dict[str, str]:
    """The options of a choice with their words, in the reader's language."""
    return {option: _(said) for option, said in CONTROLS[key].words.items()}


def repair_words(repair: Repair) -> str:
    """What a repair does: `Kernel 2: 3`."""
    key, value = key_of(repair), repair.value
    value = "×".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return f"{label(key)}: {words(key).get(value, value)}"


def in_use(settings: SupportsSettings) -> set[str]:
    """The settings that matter: none of a convolution or dense layer that is not there."""
    unused = {
        f"{SETTINGS[name].key}{i}"
        for name, count in COUNTS.items()
        for i in range(settings[count] + 1, MAX_DEPTH + 1)
    }
    return set(CONTROLS) - unused


def to_values(settings: SupportsSettings) -> dict[str, Any]:
    """The keyword arguments of LeNetConfig for a set of controls, whether or not such a network can be built."""

    def value(name: str, field: Field) -> Any:
        if name in COUNTS:
            return tuple(settings[f"{field.key}{i}"] for i in range(1, settings[COUNTS[name]] + 1))
        given = settings[field.key]
        if name == "input_size":
            return (given, settings["width"]) if settings["width"] else given
        if field.kind is bool:
            return given == "on"
        return given / PERCENT if field.kind is float else given

    return {name: value(name, field) for name, field in SETTINGS.items()}


def to_settings(config: LeNetConfig) -> Settings:
    """The controls that make this network, those in use; shares are rounded to a percent."""
    height, width = config.image_size
    out: Settings = {}
    for name, field in SETTINGS.items():
        value = getattr(config, name)
        if name in COUNTS:
            out |= {f"{field.key}{i}": entry for i, entry in enumerate(value, 1)} | {COUNTS[name]: len(value)}
        elif name == "input_size":
            out |= {"size": height, "width": width if width != height else 0}
        elif field.kind is bool:
            out[field.key] = "on" if value else "off"
        else:
            out[field.key] = round(PERCENT * value) if field.kind is float else value
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
    key = SETTINGS[repair.setting].key
    return key if repair.index is None else f"{key}{repair.index + 1}"


def image_shape(values: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """The shape of one image as a batch, for arguments of LeNetConfig."""
    size = values["input_size"]
    return (1, values["in_channels"], *((size, size) if isinstance(size, int) else size))


def which(values: Mapping[str, Any], classes: int = LeNetConfig().num_classes) -> str:
    """The key of the preset whose arguments these are, or ""; one with an output for each of `classes` counts as well."""
    return next((key for n in (classes, LeNetConfig().num_classes) for key, its in _values(n) if its == values), "")


@cache
def _values(classes: int) -> list[tuple[str, dict[str, Any]]]:
    return [(key, to_values(to_settings(preset.config))) for key, preset in for_classes(classes).items()]


def fitted(config: LeNetConfig, wanted: DataSet) -> LeNetConfig | None:
    """The same network for the images and classes of a data set, or None where it cannot be built for them.

    A network for images that are larger by 4 (32×32 for 28×28) whose first convolution has no padding gets 2: that is
    the same as a margin of 2 pixels of 0 around the image, as LeNet-5 had it.
    """
    channels, *size = wanted.image_shape
    values = config.to_dict() | {"in_channels": channels, "input_size": size, "num_classes": len(wanted.classes)}
    if list(config.image_size) == [n + 4 for n in size] and config.padding and config.stride[0] == 1:
        values["padding"] = [config.padding[0] + 2, *config.padding[1:]]
    try:
        return LeNetConfig.from_dict(values)
    except ValueError:
        return None
