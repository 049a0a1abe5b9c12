"""The settings of a new run on the training page, and the network that another page sends to be trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.architecture.configuration import ACTIVATIONS, POOLINGS, LeNetConfig
from lenet.common.errors import LenetError
from lenet.common.translation import N_
from lenet.common.translation import translate as _
from lenet.runs import rules
from lenet.runs.configuration import (
    AUGMENTATIONS,
    INITS,
    MAX_SEED,
    OPTIMIZERS,
    PRECISIONS,
    SCHEDULES,
    RunConfig,
    for_network,
)

DEVICES = {"auto": N_("the fastest here"), "cpu": "CPU", "cuda": "CUDA", "mps": "MPS"}
SOURCES = {
    "auto": N_("the best that is here"),
    "full": N_("complete: 60,000 + 10,000 images"),
    "sample": N_("bundled sample: 6,000 + 1,000 images"),
}
# URL names of what a recipe decides: forgotten when another recipe is chosen.
SETTINGS = (
    "epochs", "act", "pool", "init", "opt", "lr", "muon", "mom", "wd", "sched", "warm", "batch", "smooth", "aug",
)  # fmt: skip
PLACE = ("seed", "device", "data", "prec")  # URL names of what stays when the recipe changes


def take_network() -> None:
    """A network that the architecture page sends to be trained: from now on the one in `?net=`, with its recipe."""
    if "model" in st.session_state:
        model = LeNetConfig.from_dict(st.session_state.pop("model"))
        forget_settings()
        st.session_state["recipe"] = for_network(model).recipe
        st.session_state["net"] = model.to_url()


def brought_network() -> LeNetConfig | None:
    """The network in `?net=`, which the reader may put away again; None where the recipe's own is to be trained."""
    ui.seed_from_url("net", "", lambda raw: raw[:2000], lambda: None)
    text = st.session_state["net"]
    try:
        model = LeNetConfig.from_url(text) if text else None
    except LenetError as error:
        ui.problem(error)
        model = None
    ui.keep_in_url("net", text if model else "", "")
    if model:
        n, _macs = model.cost()
        st.caption(_("Your network from the architecture page: {n} parameters").format(n=f"{n:,}"))
        st.button(_("Back to the recipe’s own network"), on_click=put_network_away, key="own", width="stretch")
    return model


def put_network_away() -> None:
    st.session_state["net"] = ""
    forget_settings()


def choose_settings(recipe: RunConfig, network: LeNetConfig | None) -> RunConfig:
    """The recipe with what the reader has changed of it. Raises LenetError where that cannot be trained."""
    r = replace(recipe, model=network or recipe.model)
    most = rules.max_epochs(100)
    bar = st.slider if most > 1 else st.number_input
    epochs = ui.number(bar, _("Epochs"), 1, most, key="epochs", default=min(r.epochs, most))
    place = ui.folded(_("Seed, device, data, precision"), key="where", expanded=arrived_with(*PLACE))
    with place:
        number, select = ui.widgets(place.open)
        seed_help = _("Decides the initial weights and the order of the images: the same seed gives the same run.")
        seed = ui.number(number, _("Seed"), 0, MAX_SEED, key="seed", default=0, help=seed_help)
        devices = {d: _(DEVICES[d]) for d in runs.read_state().devices or ("auto", "cpu")}
        device = ui.choice(select, _("Device"), devices, key="device", default="auto")
        source = ui.choice(
            select, _("Data"), {s: _(words) for s, words in SOURCES.items()}, key="data", default="auto"
        )
        precision = ui.choice(
            select, _("Precision"), {p: p for p in PRECISIONS}, key="prec", default="float32",
            help=_("bfloat16 rounds the factors of each product in a step to 8 bits. That speeds up large networks; one as small as LeNet it slows down."),
        )  # fmt: skip
        if place.open:
            ui.guard(ui.data_download)
    rest = ui.folded(_("Everything in the recipe"), key="recipe_more", expanded=arrived_with(*SETTINGS[1:]))
    with rest:
        config = choose_recipe(r, is_open=rest.open)
        if rest.open:
            st.caption(_("Weights and their gradients are float32; Muon orthogonalises in bfloat16."))
    return replace(config, epochs=epochs, seed=seed, device=device, data=source, precision=precision)


def choose_recipe(r: RunConfig, is_open: bool) -> RunConfig:
    """Every setting that makes a recipe; the widgets are drawn where what they stand in is open, and of use."""
    number, select = ui.widgets(is_open)

    def name(label: str, options: tuple[str, ...] | dict[str, str], key: str, default: str) -> str:
        return ui.choice(marking(select, default), label, {o: o for o in options}, key=key, default=default)

    def decimal(label: str, low: float, high: float, key: str, default: float, used: bool = True) -> float:
        widget = marking(number, default) if used else ui.kept
        return ui.decimal(widget, label, low, high, key=key, default=default)

    return replace(
        r,
        model=replace(
            r.model,
            activation=name(_("Activation"), ACTIVATIONS, "act", r.model.activation),
            pooling=name(_("Pooling"), POOLINGS, "pool", r.model.pooling),
        ),
        init=name(_("Initialisation"), INITS, "init", r.init),
        optimizer=(optimizer := name(_("Optimiser"), OPTIMIZERS, "opt", r.optimizer)),
        lr=decimal(_("Learning rate"), 1e-6, 100.0, "lr", r.lr),
        muon_lr=decimal(_("Learning rate of Muon"), 1e-6, 100.0, "muon", r.muon_lr, optimizer == "muon"),
        momentum=decimal(_("Momentum (Adam: β₁)"), 0.0, 0.9999, "mom", r.momentum),
        weight_decay=decimal(_("Weight decay"), 0.0, 10.0, "wd", r.weight_decay),
        schedule=(schedule := name(_("Schedule"), SCHEDULES, "sched", r.schedule)),
        warmup=decimal(_("Warm-up (share of all steps)"), 0.0, 0.9, "warm", r.warmup, schedule != "constant"),
        batch_size=ui.number(
            marking(number, r.batch_size), _("Batch size"), 1, 60_000, key="batch", default=r.batch_size
        ),
        label_smoothing=decimal(_("Label smoothing"), 0.0, 0.9, "smooth", r.label_smoothing),
        augment=name(_("Augmentation"), AUGMENTATIONS, "aug", r.augment),
    )


def marking(widget: Callable[..., Any], default: object) -> Callable[..., Any]:
    """The widget with a dot behind its label where the reader has chosen otherwise than the recipe."""

    def draw(label: str, *args: Any, key: str, **more: Any) -> Any:
        changed = st.session_state[key] != default
        return widget(f"{label} :primary[●]" if changed else label, *args, key=key, **more)

    return draw


def arrived_with(*keys: str) -> bool:
    """Whether the link that the reader came by sets one of these: then they are shown, and so is what is wrong there."""
    if ui.arrived():
        st.session_state["came_with"] = [k for k in st.query_params if k in (*SETTINGS, *PLACE)]
    return any(k in keys for k in st.session_state.get("came_with", ()))


def forget_settings() -> None:
    """Another recipe has other values: take them, also in the URL."""
    for key in SETTINGS:
        st.session_state.pop(key, None)
        st.query_params.pop(key, None)
