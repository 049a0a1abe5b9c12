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
            "**What these are.** The first layer places each kernel at every position of the image, "
            "multiplies every weight by the pixel beneath it, and adds up the products "
            "(cross-correlation: PyTorch’s Conv2d does not flip the kernel). Bright pixels raise the sum "
            "under red weights and lower it under blue ones."
        ),
        _(
            "**What to look for.** Red next to blue: an edge detector, whose response is largest where "
            "the image is bright on the red side and dark on the blue. One colour all over, or a spot in "
            "the middle: a detector of bright (red) or dark (blue) blobs. Almost white: a kernel whose "
            "weights stayed small compared with the largest of the run. With ReLU it may have died: its "
            "sums are no longer above zero for any image, so no gradient reaches it, and weight decay "
            "shrinks it."
        ),
        _(
            "**Division of work.** Nobody tells a kernel what to look for. The kernels start out random, "
            "so each gets a different gradient and develops in its own way: go to the first steps to see "
            "this begin. How different they become is measured under *Compare*."
        ),
    )


def about_the_note() -> str:
    """Where the note's kernels come from, and where its text and its numbers disagree."""
    return _(
        "This app grew from a reader’s note on pooling and LeNet: 深度学习之卷积神经网络 by LXG (31 March 2026). It "
        "prints these six kernels as those of its network after training with the classic recipe: ten "
        "epochs, SGD with learning rate 0.9, batches of 256. The training log in the note ends with loss "
        "{loss}, train acc {train_acc}, test acc {test_acc}. That log belongs to another network: its "
        "first weight is {logged}, and the first weight here is {first}."
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
            "**{strong} of {n} kernel still looks like one of the initial kernels** (|r| ≥ 0.8); mean |r| {mean}.",
            "**{strong} of {n} kernels still look like one of the initial kernels** (|r| ≥ 0.8); mean |r| {mean}.",
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
        shapes = _("For their shapes alone, with each kernel’s mean subtracted: from {before} to {after}.").format(
            before=decimals(mean_cosine(without_means(history.initial)), 2),
            after=decimals(mean_cosine(without_means(history.final)), 2),
        )
        whole = text.format(name=name, before=decimals(before, 2), after=decimals(after, 2))
        found.append(f"{whole} {shapes}")
    return found
