"""The settings of a new run on the training page, and the network that the architecture page sends to be trained.

The settings and their groups are defined in lenet/runs/configuration.py.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from lenet import runs, ui
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.common.fields import Field
from lenet.common.formatting import number
from lenet.common.translation import translate as _
from lenet.runs import configuration, rules
from lenet.runs.configuration import PLACE_GROUPS, RECIPE_GROUPS, RECIPES, SETTINGS, RunConfig, for_network
from lenet.training import progress
from pages.parts import training_images

OFFERED_EPOCHS = 100


def take_network() -> None:
    """Accept a network from the architecture page: it becomes the one in `?net=`, with the recipe that suits it."""
    if "model" in st.session_state:
        model = LeNetConfig.from_dict(st.session_state.pop("model"))
        forget_settings()
        st.session_state["recipe"] = for_network(model).recipe
        st.session_state["net"] = model.to_url()


def brought_network() -> LeNetConfig | None:
    """The network in `?net=`, which the reader can dismiss; None if the recipe's own is to be trained."""
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
        ui.caption(_("Your network from the architecture page: {n} parameters").format(n=number(n)))
        st.button(_("Back to the network of the recipe"), on_click=put_network_away, key="own", width="stretch")
    return model


def put_network_away() -> None:
    st.session_state["net"] = ""
    forget_settings()


def choose_settings(recipe: RunConfig, network: LeNetConfig | None) -> RunConfig | LenetError:
    """The recipe with the reader's changes, or why that cannot be trained. Raises LenetError if nothing can be."""
    base = replace(recipe, model=network or recipe.model)
    bar = st.container()
    place = ui.folded(_("Seed, device, data, precision"), key="where", expanded=arrived_with(*PLACE_GROUPS))
    with place:
        chosen = choose(base, PLACE_GROUPS, drawn=place.open)
        if place.open:
            ui.guard(partial(ui.data_download, st.session_state["dataset"]))
    rest = ui.folded(_("All settings of the recipe"), key="recipe_more", expanded=arrived_with(*RECIPE_GROUPS))
    with rest:
        chosen |= choose(base, RECIPE_GROUPS, drawn=rest.open, beside=chosen)
        if rest.open:
            ui.caption(_("Weights and their gradients are float32; Muon orthogonalises in bfloat16."))
    for name, value in chosen.items():
        if error := ui.refusal(SETTINGS[name], value, _(SETTINGS[name].label)):
            with bar:
                choose_epochs(base)
            return error
    try:
        config = configuration.changed(base, chosen)
    except LenetError as error:
        with bar:
            choose_epochs(base)
        if error.code != "nothing_to_stop_by":
            raise
        ui.problem(error)
        return error
    with bar:
        return replace(config, epochs=choose_epochs(config))


def choose_epochs(config: RunConfig) -> int:
    """The number of epochs: up to 100, or as many as a hint recommends or the reader's link or another run has."""
    field, state = SETTINGS["epochs"], st.session_state
    asked = [state.get(field.key, 0)]
    with suppress(KeyError, LenetError):
        asked.append(field.read(ui.query()[field.key]))
    most = rules.max_epochs(max(OFFERED_EPOCHS, progress.sample_epochs(config), *asked))
    slider = st.slider if most > 1 else ui.kept
    return ui.number(slider, _(field.label), 1, most, key=field.key, default=min(config.epochs, most))


def choose(
    base: RunConfig, groups: tuple[str, ...], *, drawn: bool, beside: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The reader's values of the settings in these groups; only widgets that have an effect are drawn.

    `beside` are the reader's values of other settings, by which some of these have an effect.

    Options of a recipe's settings are shown by their names in files, and a dot marks settings that differ from `base`.
    """
    fields, values = configuration.on_page(*groups), configuration.flat(base) | (beside or {})
    for name, field in fields.items():
        used = field.has_effect(values) or is_refused(field)
        in_recipe = field.group in RECIPE_GROUPS
        values[name] = ui.setting(
            field, st if drawn and used else None, default=values[name], marked=in_recipe,
            words=None if in_recipe else option_words(name, drawn=drawn),
        )  # fmt: skip
    return {name: values[name] for name in fields}


def is_refused(field: Field) -> bool:
    """Whether the reader has set what cannot be used without another setting: then its field stays until it is set back."""
    needs_another = field.only_with is not None and field.only_with[1] is True
    return needs_another and bool(ui.setting(field, None, default=field.default, tell=False))


def option_words(name: str, *, drawn: bool) -> dict[str, str]:
    """The options of a setting that are available on this machine, with their labels."""
    if name == "dataset" and drawn:  # some milliseconds of looking into folders
        return training_images.data_set_words()
    if name == "data":
        return training_images.source_words(st.session_state["dataset"])
    words = {option: _(said) for option, said in SETTINGS[name].words.items()}
    here = runs.read_state().devices or ("auto", "cpu")
    return {option: said for option, said in words.items() if option in here} if name == "device" else words


def arrived_with(*groups: str) -> bool:
    """Whether the reader's link has a setting of these groups: then they are shown, with notices about invalid values."""
    if ui.arrived():
        st.session_state["came_with"] = list(ui.query())
    return any(
        field.key in st.session_state.get("came_with", ()) for field in configuration.on_page(*groups).values()
    )


def forget_settings() -> None:
    """Forget all settings that a recipe determines, also in the URL: the next recipe's values apply."""
    for field in configuration.on_page("length", *RECIPE_GROUPS).values():
        st.session_state.pop(field.key, None)
        ui.query().pop(field.key, None)


def take_settings(config: RunConfig) -> None:
    """Set the controls to the settings of a run, as a step that Back undoes; the device stays the reader's.

    A network that they cannot be set to becomes the reader's own, as one from the architecture page.
    """
    forget_settings()
    recipe, values = RECIPES.get(config.recipe, configuration.CLASSIC), configuration.flat(config)
    fields = configuration.on_page("length", *PLACE_GROUPS, *RECIPE_GROUPS)
    st.session_state["recipe"] = recipe.recipe
    for name, field in fields.items():
        if name != "device":
            st.session_state[field.key] = values[name]
    set_here = {name: values[name] for name in fields if name.startswith("model.")}
    network = configuration.changed(recipe, set_here).model
    own = replace(config.model, num_classes=network.num_classes) != network
    st.session_state["net"] = config.model.to_url() if own else ""
    ui.begin_step()


def not_on_page(config: RunConfig) -> list[str]:
    """The settings of a run, in words, that `take_settings` has to leave out."""
    recipe, values = RECIPES.get(config.recipe, configuration.CLASSIC), configuration.flat(config)
    base = configuration.flat(recipe)
    return [
        f"{_(field.label)} {values[name]}"
        for name, field in SETTINGS.items()
        if field.compared and not field.key and values[name] != base[name]
    ]
