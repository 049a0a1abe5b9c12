"""What a new run is trained on: the data sets that can be had, how much of one, and some of its images."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lenet import data, ui
from lenet.architecture.images import LabelledImages
from lenet.common.errors import LenetError, explain
from lenet.common.formatting import number
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.runs.configuration import RunConfig

SHOWN = 10
"""Classes of which an image is shown."""
NARROW, WIDE = 40, 58
"""Pixels of each, in a narrow column: under long words the wider."""


def data_set_words() -> dict[str, str]:
    """The values of the setting `dataset` that can be had on this machine, with their labels.

    Sets that are not here are offered to whoever may download them.
    """
    found = {"auto": _("what is here: {name}").format(name=data.here().words())}
    for key, name in data.CHOICES.items():
        try:
            data.find("full", key)
            found.setdefault(key, _(name))
        except LenetError:
            if key == data.DEFAULT:  # its sample came with the app
                found[key] = _(name)
            elif key in data.DATA_SETS and ui.operator():
                found[key] = _("{name} (not downloaded yet)").format(name=_(name))
    return found


def source_words(dataset: str) -> dict[str, str]:
    """The values of the setting `data` for a value of `dataset`, with their labels: how many images there are of each."""
    try:
        described = data.find(dataset=dataset).data_set
    except LenetError:
        described = data.DATA_SETS.get(dataset) or data.here()
    words = data.SOURCES
    full = _with_sizes(words["full"], described.sizes)
    if dataset not in ("auto", data.DEFAULT):  # no part of it came with the app
        return {"auto": full}
    sample = data.DATA_SETS[data.DEFAULT].sample_sizes
    return {"auto": _with_sizes(words["auto"], {}), "full": full, "sample": _with_sizes(words["sample"], sample)}


def _with_sizes(text: str, sizes: Mapping[str, int]) -> str:
    return _(text).format(**{split: number(n) for split, n in sizes.items()})


def show(config: RunConfig) -> None:
    """What a run with these settings is trained on: its name and images of its first classes.

    Nothing where that is the usual one and the settings that name it are closed.
    """
    try:
        source = data.find(config.data, config.dataset)
        usual = source.data_set.key == data.here().key == data.DEFAULT
        if usual and not st.session_state.get("where"):
            return
        shown = LabelledImages(source.data_set, *data.load("test", config.data, config.dataset))
    except LenetError as error:
        ui.caption(ui.plain(explain(error)))
        return
    ui.caption(ui.plain(_in_words(source)))
    names = list(shown.class_names().values())[:SHOWN]
    width = WIDE if max(len(word) for name in names for word in name.split()) > 4 else NARROW
    with st.container(horizontal=True, gap="xxsmall"):
        for i, name in zip(shown.first_of_each().values(), names, strict=False):
            st.image(shown.images[i, 0], name, width=width, alt="")


def _in_words(source: data.Source) -> str:
    """What is trained on: name, numbers, and what was done to images of another size."""
    classes, used, stored = len(source.data_set.classes), source.data_set.image_shape[1:], source.image_size
    text = ngettext(
        "A new run is trained on {name}: {train} images in {n} class.",
        "A new run is trained on {name}: {train} images in {n} classes.",
        classes,
    ).format(name=source.data_set.words(), train=number(source.sizes["train"]), n=classes)
    if stored == used:
        return text
    a, b = ("×".join(map(str, size)) for size in (stored, used))
    if stored[0] <= used[0] and stored[1] <= used[1]:
        return paragraph(text, _("Images of {a} are padded with black to {b}, as here.").format(a=a, b=b))
    return paragraph(text, _("Images of {a} are scaled to fit into {b}, as here.").format(a=a, b=b))
