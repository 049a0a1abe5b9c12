"""The exercises on kernels: what they respond to, what training makes of them, and which a network needs.

They are asked about the kernels of the runs that came with the app and those that the note printed, so that every number is
one that these networks have.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenet import data, runs
from lenet.common.formatting import percent
from lenet.common.translation import N_
from lenet.exercises.form import ask_choice, ask_number
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.panels import Grid, cells
from lenet.exercises.text import Text, say
from lenet.kernels import ablation, note
from lenet.kernels.history import read_history
from lenet.kernels.matching import correlations
from lenet.kernels.responses import pixels, responses

SUBJECT = "kernels"
LETTERS = "ABCD"
KERNEL, IMAGE, MAP = Text(N_("Kernel")), Text(N_("Image")), Text(N_("Feature map"))
CLEAR = 0.15
"""Correlations or shares that differ by less are too close to ask about."""
ALIKE = 0.7
"""Kernels, or maps, that correlate by more are too like one another to choose between them by eye."""
LEANING = 0.3
"""Of the sizes of all weights, the share that is left of their sum where they lean to one sign."""

Array = NDArray[np.float64]


@kind(
    "kernel-map", SUBJECT, N_("Which kernel made this map"), level=1,
    hint=N_("Red weights want bright pixels, blue ones dark pixels: look for an edge and at the side on which the map is red."),
    misconceptions={
        "negated": N_("This kernel has the opposite signs: where the map is red, it would be blue."),
        "turned": N_("This kernel is turned by 180°: it looks for the same pattern upside down."),
        "other": N_("This kernel looks for another edge: its map would be red in other places."),
    },
)  # fmt: skip
def made_map(random: Random) -> Draft | None:
    kernels, image = _kernels(random), _image(random)
    n, other = (int(at) for at in random.permutation(len(kernels))[:2])
    right = kernels[n]
    options = [right, -right, right[::-1, ::-1], kernels[other]]
    maps = [_map(option, image) for option in options]
    if any(_correlation(a[0], b) > ALIKE for a in (maps, options) for b in a[1:]):
        return None
    order = [int(at) for at in random.permutation(4)]
    return Draft(
        Text(N_("The image was correlated with one of these kernels, which gave the map. Which one?")),
        _ask_kernel([options[at] for at in order]), order.index(0),
        {"negated": order.index(1), "turned": order.index(2), "other": order.index(3)},
        Text(N_("Where the image looks like the kernel, bright under its red weights, the map is red; where it looks like the opposite, it is blue.")),
        (Grid(IMAGE, image, picture=True, image=True), Grid(MAP, maps[0], "→", picture=True)),
        facts={"image": image, "map": maps[0], "kernels": np.stack([options[at] for at in order])},
    )  # fmt: skip


@kind(
    "kernel-edge", SUBJECT, N_("Which edge it looks for"), level=1,
    hint=N_("The largest sum needs bright pixels under the large weights and dark ones under the small weights."),
    misconceptions={
        "opposite": N_("Here bright and dark have changed places: the sum is {opposite}, not {most}."),
        "across": N_("Here the light changes in another direction: the sum is {across}, not {most}."),
        "bright": N_("A bright patch adds all weights up, the negative ones as well: leaving some of those dark gives more."),
    },
)  # fmt: skip
def edge(random: Random) -> Draft | None:
    kernel = _kernels(random)[int(random.integers(6))]
    ramp = np.clip(np.arange(5.0)[None] - 1.5, 0, 1) * np.ones((5, 1))
    patches = [np.rot90(ramp, turn).copy() for turn in range(4)] + [np.ones((5, 5))]
    sums = np.array([float((kernel * patch).sum()) for patch in patches])
    right = int(sums[:4].argmax())
    others = [(right + 2) % 4, (right + 1) % 4, 4]
    if sums[right] - np.sort(sums)[-2] < CLEAR * np.abs(kernel).sum() / 4 or sums[4] > sums[right]:
        return None
    options = [right, *others]
    order = [int(at) for at in random.permutation(4)]
    shown = [patches[options[at]] for at in order]
    return Draft(
        Text(N_("With which of these patches does the kernel have the largest weighted sum?")),
        ask_choice(_letters(4), [Grid(Text(LETTERS[n]), patch, picture=True, image=True) for n, patch in enumerate(shown)]),
        order.index(0), {"opposite": order.index(1), "across": order.index(2), "bright": order.index(3)},
        Text(N_("The sums are {sums}."), {"sums": _sums([sums[options[at]] for at in order])}),
        (Grid(KERNEL, kernel, picture=True),),
        {name: round(float(sums[at]), 2) for name, at in zip(("most", "opposite", "across"), options, strict=False)},
        {"kernel": kernel, "patches": np.stack(shown)},
    )  # fmt: skip


@kind(
    "kernel-sign", SUBJECT, N_("The sign of a response"), level=1,
    hint=N_("Do the bright pixels of the marked place lie under red weights, which are positive, or under blue ones?"),
    misconceptions={
        "weights": N_("The weights add up to that sign, but each is multiplied by its pixel: dark pixels leave their weight out."),
        "middle": N_("The weight in the middle has that sign, but the others count as well."),
        "bright": N_("Pixels are never negative, but weights are: bright pixels under negative weights make the sum negative."),
        "dark": N_("There are dark pixels, but they make nothing negative: a product with 0 is 0."),
    },
)  # fmt: skip
def sign(random: Random) -> Draft | None:
    kernel, image = _kernels(random)[int(random.integers(6))], _image(random)
    i, j = (int(random.integers(0, 24)) for _axis in range(2))
    patch = image[i : i + 5, j : j + 5]
    response = float((kernel * patch).sum())
    if abs(response) < CLEAR * np.abs(kernel).sum() * patch.max() or patch.max() < 0.3:
        return None
    answer = 0 if response > 0 else 1
    return Draft(
        Text(N_("The kernel is laid over the marked place of the image. Is the weighted sum there positive or negative?")),
        ask_choice([Text(N_("Positive")), Text(N_("Negative"))]), answer,
        {
            "weights": 0 if kernel.sum() > 0 else 1,
            "middle": 0 if kernel[2, 2] > 0 else 1,
            "bright": 0 if patch.mean() > 0.5 else None,
            "dark": 1 if patch.mean() <= 0.5 else None,
        },
        Text(N_("The sum is {sum}."), {"sum": round(response, 2)}),
        (
            Grid(KERNEL, kernel, picture=True),
            Grid(Text(N_("The marked place")), patch, "∗", picture=True, image=True),
            Grid(IMAGE, image, picture=True, image=True, marked=cells(range(i, i + 5), range(j, j + 5))),
        ),
        facts={"kernel": kernel, "patch": patch},
    )  # fmt: skip


@kind(
    "kernel-response", SUBJECT, N_("A response in numbers"), level=2,
    hint=N_("Multiply each pixel by the weight in the same place, and add the nine products up."),
    misconceptions={
        "flipped": N_("You turned the kernel by 180°. That is a convolution in mathematics; networks lay the kernel on as it is."),
        "unsigned": N_("You left the minus signs of the weights out: products with negative weights are taken away."),
        "pixels": N_("This is the sum of the pixels. Each is multiplied by its weight first."),
        "mean": N_("You divided by 9. A convolution adds the products up; it takes no mean."),
    },
)  # fmt: skip
def response(random: Random) -> Draft | None:
    kernel = random.integers(-2, 3, (3, 3)).astype(float)
    patch = random.integers(0, 6, (3, 3)).astype(float)
    products = kernel * patch
    if (kernel < 0).sum() < 2 or (kernel == 0).sum() > 4:
        return None
    terms = " + ".join(
        f"{say(float(p))}·{f'({say(float(w))})' if w < 0 else say(float(w))}"
        for p, w in zip(patch.ravel(), kernel.ravel(), strict=True)
        if w and p
    )
    answer = float(products.sum())
    return Draft(
        Text(N_("What is the response of this kernel, its weighted sum, to these pixels? There is no bias.")),
        ask_number(), answer,
        {
            "flipped": float((kernel[::-1, ::-1] * patch).sum()), "unsigned": float(np.abs(products).sum()),
            "pixels": float(patch.sum()), "mean": answer / 9,
        },
        Text("{terms} = {answer}", {"terms": terms, "answer": answer}),
        (Grid(Text(N_("Pixels")), patch), Grid(KERNEL, kernel, "∗")), facts={"kernel": kernel, "patch": patch},
    )  # fmt: skip


@kind(
    "kernel-trained", SUBJECT, N_("Before and after training"), level=1,
    hint=N_("Training leaves structure: neighbouring weights become alike, with an edge or a stripe between red and blue."),
    misconceptions={
        "strong": N_("Its weights are large, but neighbours differ at random: this is how a kernel begins, before the first step."),
        "bright": N_("Its weights lean to one sign, but that is chance: neighbours differ at random, as before the first step."),
        "random": N_("Its neighbouring weights differ at random: this is how a kernel begins, before the first step."),
    },
)  # fmt: skip
def trained(random: Random) -> Draft | None:
    history = read_history(runs.references()[int(random.integers(len(runs.references())))])
    if history.initial is None:
        return None
    n = int(random.integers(len(history.final)))
    start = [int(at) for at in random.permutation(len(history.final))[:3]]
    options = [_unit(kernel) for kernel in (history.final[n, 0], *(history.initial[at, 0] for at in start))]
    order = [int(at) for at in random.permutation(4)]
    rough = [_roughness(kernel) for kernel in options]
    if min(rough[1:]) < rough[0] + CLEAR:
        return None
    strong = 1 + int(np.argmax([np.abs(kernel).mean() for kernel in options[1:]]))
    leaning = [abs(float(kernel.sum())) / float(np.abs(kernel).sum()) for kernel in options[1:]]
    bright = 1 + int(np.argmax(leaning)) if max(leaning) > LEANING else None
    left = [float(order.index(at)) for at in (1, 2, 3) if at not in (strong, bright)]
    return Draft(
        Text(N_("One of these kernels of one network is shown after its training, the others as they were before. Which is the trained one?")),
        _ask_kernel([options[at] for at in order]), order.index(0),
        {"strong": order.index(strong), "bright": None if bright is None else order.index(bright), "random": left},
        Text(N_("Its neighbouring weights are alike, as neighbouring pixels of the images are.")),
        facts={"kernels": np.stack([options[at] for at in order])},
    )  # fmt: skip


@kind(
    "kernel-match", SUBJECT, N_("The same kernel in another network"), level=2,
    hint=N_("Compare where the weights change. Red and blue may be exchanged: the layers behind can undo a sign."),
    misconceptions={
        "sign": N_("It is most like the first one if signs count. But a kernel with red and blue exchanged finds the same edges, and one of those is more alike."),
        "strong": N_("Its weights come closest in size, but what counts is where they are positive and negative."),
        "turned": N_("It is alike when it is turned by 90°: then it looks for edges in another direction."),
    },
)  # fmt: skip
def match(random: Random) -> Draft | None:
    sets = [_trained(name) for name in _sources()]
    a, b = (sets[int(at)] for at in random.permutation(len(sets))[:2])
    first, candidates = a[int(random.integers(len(a)))], b[random.permutation(len(b))[:4]]
    alike = correlations(first[None, None], candidates[:, None])[0]
    strength = np.abs(alike)
    right = int(strength.argmax())
    if strength[right] - np.sort(strength)[-2] < CLEAR:
        return None
    largest = np.abs(candidates).mean((1, 2))
    turned = correlations(np.rot90(first)[None, None], candidates[:, None])[0]
    return Draft(
        Text(N_("This kernel was learned by one network, those below by another. Which one is most like it, up to its sign?")),
        _ask_kernel(list(candidates)), right,
        {
            "sign": int(alike.argmax()) if alike.max() > CLEAR else None,
            "strong": int(np.abs(largest - np.abs(first).mean()).argmin()),
            "turned": int(np.abs(turned).argmax()) if np.abs(turned).max() > 0.5 else None,
        },
        Text(N_("Their weights correlate by {r}; of the others none has more than {other} or less than −{other}."), {"r": round(float(alike[right]), 2), "other": round(float(np.sort(strength)[-2]), 2)}),
        (Grid(KERNEL, first, picture=True),), facts={"kernel": first, "kernels": candidates},
    )  # fmt: skip


@kind(
    "kernel-needed", SUBJECT, N_("Which kernel a network needs"), level=3,
    hint=N_("What is lost depends on what the other kernels can do as well. Look for the kernel that is least like the others."),
    misconceptions={
        "strong": N_("It has the larger weights, but the layers behind can weigh its map as they need: size alone tells little."),
        "contrast": N_("Its weights differ more, but if other kernels find what it finds, little is lost without it."),
        "other": N_("Without it the network loses {other} points of accuracy, without the other one {most}."),
    },
)  # fmt: skip
def needed(random: Random) -> Draft | None:
    run = runs.references()[int(random.integers(len(runs.references())))]
    result = ablation.read(run)
    if result is None:
        return None
    kernels = read_history(run).final[:, 0].astype(float)
    pair = [int(at) for at in random.permutation(len(kernels))[:2]]
    lost = [100 * float(result.accuracy - result.zero_accuracy[at]) for at in pair]
    if abs(lost[0] - lost[1]) < 1:
        return None
    right = int(np.argmax(lost))
    size = [float(np.abs(kernels[at]).sum()) for at in pair]
    contrast = [float(kernels[at].std()) for at in pair]
    params = {
        "most": round(max(lost), 1),
        "other": round(min(lost), 1),
        "run": run.id,
        "accuracy": percent(result.accuracy),
    }
    return Draft(
        Text(N_("Two kernels of the same network. Without which one, its map set to 0, does the network lose more of its accuracy on the test images?")),
        _ask_kernel([kernels[at] for at in pair]), right,
        {"strong": int(np.argmax(size)), "contrast": int(np.argmax(contrast)), "other": 1 - right},
        Text(N_("Of its accuracy of {accuracy} it loses {most} points without this one, and {other} without the other."), params),
        (_all_kernels(kernels),), params, {"run": run.id, "pair": pair},
    )  # fmt: skip


# -- what they have in common -------------------------------------------------------------------------------------------


def _sources() -> list[str]:
    """The sets of trained kernels: what the note printed, and those of the runs that came with the app."""
    return ["", *(run.id for run in runs.references())]


@cache
def _trained(run_id: str) -> Array:
    """The first kernels of a run, or ("") those of the note, [out, kh, kw], each scaled alike."""
    found = read_history(runs.find(run_id)).final if run_id else note.KERNELS
    return found[:, 0].astype(np.float64)


def _kernels(random: Random) -> Array:
    """A set of trained kernels [6, 5, 5]."""
    sources = _sources()
    return _trained(sources[int(random.integers(len(sources)))])


@cache
def _images() -> Array:
    """The first test images of the sample that comes with the app, from 0 to 1."""
    images, _labels = data.load("test", "sample")
    return np.stack([pixels(image) for image in images[:100]]).astype(np.float64)


def _image(random: Random) -> Array:
    found = _images()
    image: Array = found[int(random.integers(len(found)))]
    return image


def _map(kernel: Array, image: Array) -> Array:
    """The response of a kernel at every place of an image."""
    made: Array = responses(kernel[None, None].astype(np.float32), image.astype(np.float32))[0].astype(np.float64)
    return made


def _correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _unit(kernel: NDArray[Any]) -> Array:
    """A kernel scaled so that its largest weight is 1 in size: its strength does not tell when it was taken."""
    return np.asarray(kernel / np.abs(kernel).max(), np.float64)


def _roughness(kernel: Array) -> float:
    """How much neighbouring weights differ, for the differences that there are at all."""
    steps = np.concatenate([np.diff(kernel, axis=0).ravel(), np.diff(kernel, axis=1).ravel()])
    return float((steps**2).mean() / (2 * kernel.var()))


def _letters(n: int) -> list[Text]:
    return [Text(letter) for letter in LETTERS[:n]]


def _ask_kernel(kernels: list[Array]) -> Any:
    """A choice of kernels."""
    names = _letters(len(kernels))
    return ask_choice(names, [Grid(name, kernel, picture=True) for name, kernel in zip(names, kernels, strict=True)])


def _all_kernels(kernels: Array) -> Grid:
    """All kernels of a layer, side by side."""
    gap = np.zeros((kernels.shape[1], 1))
    row = np.concatenate([part for kernel in kernels for part in (kernel, gap)][:-1], axis=1)
    return Grid(Text(N_("All kernels of this network")), row, picture=True)


def _sums(sums: list[float]) -> str:
    return ", ".join(f"{letter}: {say(round(value, 2))}" for letter, value in zip(LETTERS, sums, strict=False))
