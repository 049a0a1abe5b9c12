"""What the gallery says in words: how to read kernels, where the note's are from, what a comparison shows (Markdown)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lenet.common.formatting import decimals
from lenet.common.translation import ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.kernels import note
from lenet.kernels.history import History
from lenet.kernels.matching import STRONG, Chance, Pair
from lenet.kernels.similarity import mean_cosine, without_means

SMALL_CHANGE = 0.05
"""A smaller change of the mean |cosine| is called no change."""
SURPRISING = 0.5
"""If random kernels have so many pairs above STRONG on average, those of a comparison prove nothing."""
MAX_PARTNERS = 32
"""Pairs of each sign that are named in words."""


def how_to_read(colour: bool = False) -> tuple[str, str, str]:
    """What the kernels are, what to look for in them, and why they differ.

    `colour`: they have a channel each for red, green and blue, and are shown as tiles of colour.
    """
    if colour:
        return (_what_colours_are(), _what_colours_tell(), _why_kernels_differ())
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
        _why_kernels_differ(),
    )


def _why_kernels_differ() -> str:
    return _(
        "**Division of work.** Nobody tells a kernel what to look for. The kernels start out random, "
        "so each gets a different gradient and develops in its own way: go to the first steps to see "
        "this begin. How different they become is measured under *Compare*."
    )


def _what_colours_are() -> str:
    return _(
        "**What these are.** The first layer places each kernel at every position of a colour image, multiplies "
        "every weight by the red, green or blue of the pixel beneath it, and adds up the products. As colours, a "
        "tile looks like the patch of image that raises the sum most."
    )


def _what_colours_tell() -> str:
    return _(
        "**What to look for.** Black next to white: an edge detector for any colour. Two colours side by side: a "
        "detector of a change from one to the other. One colour all over or in the middle: a detector of blobs of "
        "this colour. By channel, red is positive and blue negative."
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


def matching(pairs: list[Pair], chance: Chance, with_initial: bool = False) -> str:
    """How many kernels have a partner that looks like them, and how many random kernels would have.

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
    by_chance = chance.strong(STRONG)
    yardstick = _(
        "By chance: random kernels of the same number and size, matched in the same way, reach {strong} of {n} and a "
        "mean |r| of {mean}."
    ).format(strong=decimals(by_chance, 1), n=len(pairs), mean=decimals(chance.mean, 2))
    told = [found.format(strong=strong, n=len(pairs), mean=decimals(mean, 2)), yardstick]
    if by_chance >= SURPRISING:
        told.append(_("For kernels this small or this many, |r| ≥ 0.8 proves nothing: look at the mean."))
    return paragraph(*told)


def partners(pairs: list[Pair]) -> str:
    """The permutation and the signs: which kernel is whose partner."""

    def named(sign: int) -> str:
        chosen = sorted((pair for pair in pairs if pair.sign == sign), key=lambda pair: pair.first)
        return _(", ").join(
            _("{a} with {b}").format(a=pair.first + 1, b=pair.second + 1) for pair in chosen[:MAX_PARTNERS]
        ) + (" …" if len(chosen) > MAX_PARTNERS else "")

    texts = {1: _("Alike as they are: {pairs}."), -1: _("Alike with all signs changed, bright for dark: {pairs}.")}
    return paragraph(*(text.format(pairs=found) for sign, text in texts.items() if (found := named(sign))))


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
        found.append(paragraph(whole, shapes))
    return found
