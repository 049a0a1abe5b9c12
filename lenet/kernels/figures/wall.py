"""What the kernel gallery draws: plain data for `lenet/kernels/components/wall`, which does all drawing and moving."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet.common import charts, links
from lenet.common.formatting import decimals
from lenet.common.links import Address
from lenet.common.translation import language, ngettext
from lenet.common.translation import translate as _
from lenet.kernels import history as kernels
from lenet.kernels.history import Course, History, Kernels
from lenet.training import curves
from lenet.training.curves import Curve

CURVE_POINTS = 240


def scene(
    run_id: str,
    label: str,
    history: History | None,
    course: Course | None,
    second: Kernels | None = None,
    shared: tuple[str, Address] | None = None,
    asked: dict[str, str] | None = None,
    *,
    still: bool = False,
) -> dict[str, Any]:
    """Everything the component draws, as JSON values, in the reader's language.

    `wall`, `note` and `second` hold kernels as packed by `kernels.pack`: a `shape` [out, in, kh, kw], `unit` and
    `values`; `wall.steps` are the steps of its snapshots. `curve` has lists of (epoch, value) pairs: the loss of
    steps, its mean over each epoch, accuracies. `limit` is the end of the colour scale that all kernels and all steps of
    the run share (the second layer and the note's kernels have their own), `orders` see `kernels.orders`. `shared` is the query that the component asked a link
    for, and its address; `asked` what the reader's link says of the view. `still`: the kernels of a file, without steps
    and without an address. What could not be read is None, and the rest is drawn.
    """
    limit = 1.0
    wall = None
    if history is not None:
        limit = history.limit() or limit
        sent = history.thinned(kernels.MAX_VALUES - (0 if second is None else second.size))
        wall = _packed(sent.kernels, history.final.shape) | {"steps": sent.steps.tolist()}
    return {
        "run": run_id,
        "label": label,
        "still": still,
        "wall": wall,
        "second": None if second is None else _second(second.tobytes(), second.shape),
        "orders": kernels.orders(history.final) if history is not None else {},
        "note": _note(),
        "curve": course and _curve(course.curve),
        "epochs": course.epochs if course else 0,
        "per_epoch": course.steps_per_epoch if course else 0,
        "limit": limit,
        "asked": asked or {},
        "share": shared and _share(*shared),
        "scale": charts.DIVERGING,
        "colors": {
            "loss": charts.SERIES[0],
            "test": charts.SERIES[1],
            "train": charts.SERIES[2],
            "mark": charts.WINDOW,
        },
        "words": _words(history and history.final.shape, language()),
    }


def _share(search: str, address: Address) -> dict[str, Any]:
    remark = ""
    if address.local:
        remark = _("This address works on this machine alone: others cannot reach it.")
    elif address.replaced:
        remark = _(
            "You opened the app as localhost, which others cannot reach; this is the machine’s address in its network."
        )
    return {"search": search, "url": address.url, "rows": links.qr_rows(address.url), "remark": remark}


@lru_cache(maxsize=32)
def _second(raw: bytes, shape: tuple[int, ...]) -> dict[str, Any]:
    """The second layer, which does not change while a page is open."""
    weights = np.frombuffer(raw, np.float32).reshape(shape)
    limit = kernels.still(weights).limit() or 1.0
    return _packed(weights, shape) | {"limit": limit, "orders": kernels.orders(weights)}


@lru_cache(maxsize=1)
def _note() -> dict[str, Any]:
    return _packed(kernels.NOTE, kernels.NOTE.shape) | {"limit": float(np.abs(kernels.NOTE).max())}


def _packed(values: kernels.Kernels, shape: tuple[int, ...]) -> dict[str, Any]:
    unit, text = kernels.pack(values)
    return {"shape": shape, "unit": unit, "values": text}


def _curve(curve: Curve) -> dict[str, Any]:
    x, loss = curves.thin(curve.step_x, curve.step_loss, CURVE_POINTS)
    return {
        "loss": _pairs(x, loss),
        "mean": _pairs(curve.epochs, curve.loss),
        "train": _pairs(curve.epochs, curve.train_acc),
        "test": _pairs(curve.epochs, curve.test_acc),
    }


def _pairs(x: NDArray[Any], y: NDArray[Any]) -> list[tuple[float, float]]:
    """Points with four decimals; JSON has no word for what is not finite."""
    return [(round(a, 4), round(b, 4)) for a, b in zip(x.tolist(), y.tolist(), strict=True) if np.isfinite(a + b)]


@lru_cache(maxsize=32)
def _words(shape: tuple[int, ...] | None, code: str) -> dict[str, str]:
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
        "not_finite": _("not a number"),
        "note": _("The note’s kernels"),
        "note_scale": _("The note’s kernels · colours to ±{limit}"),
        "note_result": _("The note reports: loss {loss}, train acc {train_acc}, test acc {test_acc}").format(
            **kernels.NOTE_RESULT
        ),
        "loss": _("loss"),
        "mean": _("mean of the epoch"),
        "test": _("test acc"),
        "train": _("train acc"),
        "epoch": _("epoch"),
        "previous": _("Previous snapshot"),
        "next": _("Next snapshot"),
        "play": _("Play: from initialisation to the end of training"),
        "pause": _("Pause"),
        "slider": _("Training step"),
        "scale": _("Colour scale"),
        "shared": _("One scale for all"),
        "own": _("Each its own scale"),
        "values": _("Numbers"),
        "values_none": _("Numbers: no room"),
        "layer": _("Layer"),
        "layer_first": _("First layer"),
        "layer_second": _("Second layer"),
        "second": _("Second layer: each kernel looks at all maps of the first"),
        "sort": _("Order"),
        "sort_stored": _("As stored"),
        "sort_norm": _("By norm"),
        "sort_similarity": _("By similarity"),
        "save": _("Save"),
        "save_svg": _("Picture (SVG)"),
        "save_png": _("Picture (PNG)"),
        "print": _("Print a sheet (A4)"),
        "link": _("This view on your own screen"),
        "link_none": _(
            "These kernels are from a file that is open in your browser alone: a link to them would show others nothing. "
            "Save a picture, or print a sheet."
        ),
        "link_short": _("Link"),
        "qr": _("QR code of {url}"),
        "close": _("Close"),
        "present": _("Present"),
        "present_more": _("Present: the kernels alone, as large as the screen"),
        "leave": _("Leave"),
        "hint_present": _(
            "← → snapshots · space plays · D dark or light · N numbers · S scale · L link · F full screen · Esc leaves"
        ),
        "hint_present_still": _("D dark or light · N numbers · S scale · L link · F full screen · Esc leaves"),
        "hint_still": _("Tab to the kernels, then: arrow keys go from weight to weight."),
        "hint": _("Click the figure, then: ← → one snapshot, Home and End first and last, space plays."),
    }


def how_to_read() -> tuple[str, str, str]:
    """What the kernels are, what to look for in them, and why they differ (Markdown)."""
    return (
        _(
            "**What these are.** The first layer lays each kernel over every place of the image, multiplies every weight "
            "with the pixel beneath it, and adds up (cross-correlation: PyTorch’s Conv2d does not turn the kernel over). "
            "Under red weights bright pixels raise the sum, under blue ones they lower it."
        ),
        _(
            "**What to look for.** Red beside blue: an edge detector, strongest where the image is bright on the red side "
            "and dark on the blue. One colour all over, or a spot in the middle: a detector of bright (red) or dark (blue) "
            "blobs. Almost white: a kernel whose weights stayed small beside the largest of the run. With ReLU it may have "
            "died: its sums are above zero for no image any more, so no gradient reaches it, and weight decay wears it away."
        ),
        _(
            "**Division of work.** Nobody tells a kernel what to look for. They start at random, so each gets other "
            "gradients and goes its own way: move to the first steps to see it begin. How far they come to differ is "
            "measured under *Compare*."
        ),
    )


def about_the_note() -> str:
    """Where the note's kernels come from, and where its text and its numbers part (Markdown)."""
    return _(
        "The note is 深度学习之卷积神经网络 by LXG (31 March 2026). It prints these six kernels as those of its "
        "network after training with the classic recipe: ten epochs, SGD with learning rate 0.9, batches of 256. "
        "The training that it logs ends with loss {loss}, train acc {train_acc}, test acc {test_acc}. That log "
        "is of another network: its first weight is {logged}, and the first weight here is {first}."
    ).format(
        **kernels.NOTE_RESULT,
        logged=decimals(kernels.NOTE_LOGGED_WEIGHT, 4),
        first=decimals(kernels.NOTE[0, 0, 0, 0], 4),
    )
