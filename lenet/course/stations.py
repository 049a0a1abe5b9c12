"""The stations of the course, in their order, and what the component is sent of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lenet.common.translation import N_
from lenet.common.translation import translate as _

MINUTES = 5
"""About as long takes a station."""


@dataclass(frozen=True)
class Station:
    """A page, by its name in the URL, in the state that `query` opens, and what a reader can do afterwards.

    The query names whatever the reader may have left otherwise on that page, even where it is the page's default. Both
    texts are English.
    """

    title: str
    aim: str
    page: str
    query: Mapping[str, str]


STATIONS = {
    "convolution": Station(
        N_("A kernel slides over an image"),
        N_("Compute any number of a convolution’s output by hand."),
        "convolution",
        {"example": "image", "panel": "window"},
    ),
    "learning": Station(
        N_("How a kernel learns"),
        N_("Say where the gradient of a weight comes from, and take a step with it."),
        "convolution",
        {"panel": "learning"},
    ),
    "window": Station(
        N_("Pooling: one window, one number"),
        N_("Tell what max and average pooling keep of a window, and what is lost."),
        "pooling",
        {"lesson": "window"},
    ),
    "stride": Station(
        N_("Stride, padding and sizes"),
        N_("Work out the size of an output from kernel, stride and padding."),
        "pooling",
        {"lesson": "stride"},
    ),
    "layers": Station(
        N_("LeNet, layer by layer"),
        N_("Name the shape behind each layer, and count its parameters."),
        "architecture",
        {"lesson": "parameters"},
    ),
    "walk": Station(
        N_("One image through the network"),
        N_("Follow an image from its pixels to the ten outputs."),
        "architecture",
        {"tab": "walk"},
    ),
    "training": Station(
        N_("Train it and read the curve"),
        N_("Read from the curves of loss and accuracy whether a network still learns."),
        "training",
        {"lesson": "curve"},
    ),
    "kernels": Station(
        N_("What the first layer learned"),
        N_("See in a kernel what it responds to, and when it came to do so."),
        "kernels",
        {"lesson": "edges"},
    ),
}
"""By their keys, under which a browser keeps what its reader has opened."""


def station_at(page: str, query: Mapping[str, str]) -> str:
    """The key of the station that a link with this query opens, whatever language it asks for; "" if it opens none."""
    asked = {key: value for key, value in query.items() if key != "lang"}
    return next((key for key, one in STATIONS.items() if one.page == page and dict(one.query) == asked), "")


def scene(address: Callable[[str, Mapping[str, str]], str]) -> dict[str, Any]:
    """What the component draws. `address` gives the URL of a page with a query."""
    lead = _("{n} stations of about {minutes} minutes each, and what you can do after each of them.")
    return {
        "stations": [
            {"key": key, "title": _(one.title), "aim": _(one.aim), "href": address(one.page, one.query)}
            for key, one in STATIONS.items()
        ],
        "words": {
            "title": _("One path through all pages"),
            "lead": lead.format(n=len(STATIONS), minutes=MINUTES),
            "begin": _("Begin: {station}"),
            "go_on": _("Go on: {station}"),
            "all_opened": _("You have opened all of them."),
            "so_far": _("{n} of {total} opened"),
            "opened": _("opened"),
            "again": _("Begin again"),
            "where": _("Only this browser keeps what you have opened."),
        },
    }
