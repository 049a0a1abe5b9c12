"""What the gallery says in words: how to read kernels, where the note's are from, what a comparison shows (Markdown)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.common.formatting import decimals
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _
from lenet.kernels import note
from lenet.kernels.history import History
from lenet.kernels.matching import Pair
from lenet.kernels.similarity import mean_cosine, without_means

STRONG = 0.8
"""From this |correlation| on, two kernels count as the same."""
SMALL_CHANGE = 0.05
"""A smaller change of the mean |cosine| is called no change."""


def how_to_read() -> tuple[str, str, str]:
    """What the kernels are, what to look for in them, and why they differ."""
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
    """Where the note's kernels come from, and where its text and its numbers disagree."""
    return _(
        "The note is 深度学习之卷积神经网络 by LXG (31 March 2026). It prints these six kernels as those of its "
        "network after training with the classic recipe: ten epochs, SGD with learning rate 0.9, batches of 256. "
        "The training that it logs ends with loss {loss}, train acc {train_acc}, test acc {test_acc}. That log "
        "is of another network: its first weight is {logged}, and the first weight here is {first}."
    ).format(
        **note.RESULT,
        logged=decimals(note.LOGGED_WEIGHT, 4),
        first=decimals(note.KERNELS[0, 0, 0, 0], 4),
    )


def matching(pairs: list[Pair], with_initial: bool = False) -> str:
    """How many kernels have a partner that looks like them, the permutation and the signs.

    `with_initial`: the partners are the kernels that the same training began with.
    """
    strong = sum(abs(pair.correlation) >= STRONG for pair in pairs)
    mean = float(np.mean([abs(pair.correlation) for pair in pairs]))
    if with_initial:
        found = ngettext(
            "**{strong} of {n} kernel still looks like one of the start** (|r| ≥ 0.8); mean |r| {mean}.",
            "**{strong} of {n} kernels still look like one of the start** (|r| ≥ 0.8); mean |r| {mean}.",
            len(pairs),
        )
    else:
        found = ngettext(
            "**{strong} of {n} kernel was learned again** (|r| ≥ 0.8); mean |r| {mean}.",
            "**{strong} of {n} kernels were learned again** (|r| ≥ 0.8); mean |r| {mean}.",
            len(pairs),
        )
    order = " · ".join(
        f"{pair.first + 1}→{'−' if pair.sign < 0 else ''}{pair.second + 1}"
        for pair in sorted(pairs, key=lambda pair: pair.first)
    )
    return " ".join(
        [
            found.format(strong=strong, n=len(pairs), mean=decimals(mean, 2)),
            _("Permutation and signs: {order}.").format(order=order),
        ]
    )


def mean_cosines(histories: Sequence[tuple[str, History]]) -> list[str]:
    """What training did to the mean |cosine|: one paragraph for each named history that goes back to its start."""
    found = []
    for name, history in histories:
        if history.initial is None or len(history.final) < 2:
            continue
        before, after = mean_cosine(history.initial), mean_cosine(history.final)
        if abs(after - before) < SMALL_CHANGE:
            text = _("In “{name}” it hardly changed: {before} before, {after} after training.")
        elif after > before:
            text = _("In “{name}” it rose from {before} to {after}: training made the kernels more alike.")
        else:
            text = _("In “{name}” it fell from {before} to {after}: training made the kernels differ more.")
        shapes = _("Of their shapes alone, each kernel’s mean taken off: from {before} to {after}.").format(
            before=decimals(mean_cosine(without_means(history.initial)), 2),
            after=decimals(mean_cosine(without_means(history.final)), 2),
        )
        whole = text.format(name=name, before=decimals(before, 2), after=decimals(after, 2))
        found.append(f"{whole} {shapes}")
    return found
