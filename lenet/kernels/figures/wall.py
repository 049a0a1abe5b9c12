"""The wall of kernels and the curve beside it, as plain data for the component in `lenet/kernels/components/wall`, which does all drawing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import arrays, colours, links, saving
from lenet.common.links import Address
from lenet.common.translation import cached, ngettext
from lenet.common.translation import translate as _
from lenet.kernels import note
from lenet.kernels.history import Course, History, Kernels, color_limit
from lenet.kernels.similarity import orders
from lenet.training import curves
from lenet.training.curves import Curve

MAX_WEIGHTS = 100_000
"""Weights that go to the browser, 2 bytes each: 267 kB in base64. A whole LeNet run has 11,400 in its first layer."""
CURVE_POINTS = 240
NOT_FINITE = -(2**15)
"""The packed form of a weight that is not a finite number."""


def scene(
    run_id: str,
    label: str,
    history: History | None,
    course: Course | None,
    second: Kernels | None = None,
    shared: tuple[str, Address] | None = None,
    asked: dict[str, str] | None = None,
    *,
    from_file: bool = False,
) -> dict[str, Any]:
    """Everything that the component draws, as JSON values, in the reader's language.

    `wall`, `note` and `second` are kernels as `pack` makes them, with their `shape` [out, in, kh, kw]; `wall.steps`
    are the steps of its snapshots. `limit` is the end of the colour scale that all kernels and steps of the run share;
    the second layer and the note's kernels have their own. `orders`: see `similarity.orders`. `curve` has lists of
    (epoch, value) pairs: the loss of steps, its mean over each epoch, accuracies.

    `shared` is the query for which the component wants a link, and the link; `asked` is what the reader's own link
    says about the view. `from_file`: the kernels are from a file, so they have no steps and no link. Whatever could
    not be read is None, and the rest is drawn.
    """
    room = MAX_WEIGHTS - (0 if second is None else second.size)
    return {
        "run": run_id,
        "label": label,
        "still": from_file,
        "wall": None if history is None else _wall(history, room),
        "second": None if second is None else _second(second),
        "orders": {} if history is None else _orders(history),
        "note": _note(),
        "curve": course and _curve(course.curve),
        "epochs": course.epochs if course else 0,
        "per_epoch": course.steps_per_epoch if course else 0,
        "limit": 1.0 if history is None else _limit(history),
        "asked": asked or {},
        "share": shared and links.shared(*shared),
        "scale": colours.DIVERGING,
        "colors": {
            "loss": colours.SERIES[0],
            "test": colours.SERIES[1],
            "train": colours.SERIES[2],
            "mark": colours.WINDOW,
        },
        "words": _words(None if history is None else history.final.shape),
    }


# -- kernels ------------------------------------------------------------------------------------------------------


def pack(kernels: Kernels) -> tuple[float, str]:
    """Weights as whole multiples of a unit: the unit, and the 16-bit multiples in base64.

    The unit is 0.0001 (four decimals, as in the note) as long as every weight fits: up to ±3.2767. It is 1 for larger whole
    numbers, as quantised networks have them.
    """
    finite = np.isfinite(kernels)
    values = np.where(finite, kernels, 0).astype(np.float64)
    largest = float(np.abs(values).max(initial=0.0))
    is_whole = 3.2767 < largest <= 32767 and bool((values == values.round()).all())
    unit = 1.0 if is_whole else max(1e-4, largest / 32767)
    return unit, arrays.to_base64(np.where(finite, (values / unit).round(), NOT_FINITE), "i2")


def _packed(kernels: Kernels, shape: tuple[int, ...]) -> dict[str, Any]:
    unit, values = pack(kernels)
    return {"shape": shape, "unit": unit, "values": values}


@lru_cache(maxsize=16)
def _wall(history: History, room: int) -> dict[str, Any]:
    """At most `room` weights of a run's snapshots."""
    sent = history.thinned(room)
    return _packed(sent.kernels, history.final.shape) | {"steps": sent.steps.tolist()}


@lru_cache(maxsize=32)
def _limit(history: History) -> float:
    return color_limit(history.kernels)


@lru_cache(maxsize=32)
def _orders(history: History) -> dict[str, list[int]]:
    return orders(history.final)


@cached(maxsize=32)
def _second(kernels: Kernels) -> dict[str, Any]:
    return _packed(kernels, kernels.shape) | {"limit": color_limit(kernels), "orders": orders(kernels)}


@cached(maxsize=1)
def _note() -> dict[str, Any]:
    return _packed(note.KERNELS, note.KERNELS.shape) | {"limit": color_limit(note.KERNELS)}


# -- curve, words -------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _curve(curve: Curve) -> dict[str, Any]:
    x, loss = curves.thin(curve.step_x, curve.step_loss, CURVE_POINTS)
    return {
        "loss": _points(x, loss),
        "mean": _points(curve.epochs, curve.loss),
        "train": _points(curve.epochs, curve.train_acc),
        "test": _points(curve.epochs, curve.test_acc),
    }


def _points(x: NDArray[Any], y: NDArray[Any]) -> list[tuple[float, float]]:
    """(x, y) with four decimals, without what is not finite: JSON cannot say it."""
    return [(round(a, 4), round(b, 4)) for a, b in zip(x.tolist(), y.tolist(), strict=True) if np.isfinite(a + b)]


@cached(maxsize=32)
def _words(shape: tuple[int, ...] | None) -> dict[str, str]:
    """The words of the component; `{…}` in them is filled in the browser."""
    alt = ""
    if shape is not None:
        n, _channels, height, width = shape
        alt = ngettext(
            "{n} kernel of {height}×{width} weights as a heatmap: blue is negative, white is zero, red is positive.",
            "{n} kernels of {height}×{width} weights as heatmaps: blue is negative, white is zero, red is positive.",
            n,
        ).format(n=n, height=height, width=width)
    return {
        "alt": alt,
        "wall": _("Kernels of the run"),
        "alt_curve": _("Loss and accuracy of the run over its epochs, with a mark at the step shown."),
        "alt_bar": _("Colour scale from {low} (blue) over 0 (white) to {high} (red)."),
        "low": _("− max"),
        "high": _("+ max"),
        "step": _("step {step}"),
        "step_epoch": _("step {step} · epoch {epoch}"),
        "initial": _("step 0: random initialisation"),
        "norm": _("norm {norm}"),
        "kernel": _("Kernel {n}"),
        "describe": _(
            "Kernel {n}: norm {norm}, smallest weight {min} (row {min_row}, column {min_column}), largest {max} "
            "(row {max_row}, column {max_column}), mean {mean}."
        ),
        "statistics": _("min {min} · max {max} · mean {mean} · norm {norm}"),
        "cell": _("row {row}, column {column}"),
        "cell_channel": _("channel {channel}, row {row}, column {column}"),
        "comma": _(", "),
        "told": _("{name}: {what}"),
        "not_finite": _("not a number"),
        "note": _("The note’s kernels"),
        "note_scale": _("The note’s kernels · colours to ±{limit}"),
        "note_result": _("The note reports: loss {loss}, train acc {train_acc}, test acc {test_acc}").format(
            **note.RESULT
        ),
        "loss": _("loss"),
        "mean": _("mean of the epoch"),
        "test": _("test acc"),
        "train": _("train acc"),
        "epoch": _("epoch"),
        "previous": _("Previous snapshot"),
        "next": _("Next snapshot"),
        "play": _("Play: from initialisation to the end of training"),
        "play_still": _("Play one epoch for each press: your device asks for little motion"),
        "pause": _("Pause"),
        "slider": _("Training step"),
        "scale": _("Colour scale"),
        "shared": _("One scale for all"),
        "own": _("A scale for each"),
        "values": _("Numbers"),
        "values_none": _("Numbers: no room"),
        "layer": _("Layer"),
        "layer_first": _("First layer"),
        "layer_second": _("Second layer"),
        "second": _("Second layer: each kernel looks at all maps of the first"),
        "channels": _("Channels"),
        "channels_colour": _("As colours"),
        "channels_each": _("By channel"),
        "colour_legend": _(
            "The three channels are mixed as red, green and blue. Grey is a weight of 0; the kernel’s largest |weight| is "
            "at full strength, + bright, − dark."
        ),
        "colour_weights": _("red {red}, green {green}, blue {blue}"),
        "sort": _("Order"),
        "sort_stored": _("As stored"),
        "sort_norm": _("By norm"),
        "sort_similarity": _("By similarity"),
        **saving.words(),
        "print": _("Print a sheet (A4)"),
        "link_none": _(
            "These kernels are from a file that is open only in your browser: a link to them would show "
            "others nothing. Save a picture, or print a sheet."
        ),
        "link_short": _("Link"),
        **links.words(),
        "present": _("Present"),
        "present_more": _("Present: only the kernels, as large as the screen"),
        "leave": _("Leave"),
        "kernels": _("All kernels"),
        "clicker": _("Page keys of a clicker"),
        "clicker_snapshots": _("Clicker: snapshots"),
        "clicker_epochs": _("Clicker: epochs"),
        "more": _("More"),
        "blank": _("Blank"),
        "curve": _("Curve"),
        "hint_present": _(
            "← → snapshots · space plays · 1–9 one kernel, 0 all · C curve · K the note’s kernels · E clicker by epochs · "
            "B blank · D dark or light · N numbers · S scale · L link · F full screen · Esc leaves"
        ),
        "hint_present_still": _(
            "1–9 one kernel, 0 all · B blank · D dark or light · N numbers · S scale · L link · F full screen · Esc leaves"
        ),
        "hint_present_touch": _("Tap a weight for its value. The buttons below play and leave; ⋯ has more."),
        "hint_touch": _(
            "Tap a weight for its value; draw sideways to go from weight to weight. Draw along the curve to go through training."
        ),
        "hint_touch_still": _("Tap a weight for its value; draw sideways to go from weight to weight."),
        "hint_still": _("Press Tab to reach the kernels, then go from weight to weight with the arrow keys."),
        "hint": _("Click the figure, then: ← → one snapshot, Home and End first and last, space plays."),
    }
