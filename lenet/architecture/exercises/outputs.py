"""Exercises on what the outputs of a network say."""

from __future__ import annotations

import numpy as np

from lenet.architecture.exercises.networks import SUBJECT
from lenet.common.translation import N_
from lenet.data import FASHION_MNIST
from lenet.exercises.form import ask_choice, ask_number
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.panels import Grid, Table, cells
from lenet.exercises.text import Text


@kind(
    "net-class", SUBJECT, N_("The class that ten outputs name"), level=1,
    hint=N_("The outputs are logits: the class of the largest one is the answer of the network."),
    misconceptions={
        "size": N_("This output is furthest from 0, but negative: it speaks against its class."),
        "smallest": N_("This is the smallest output. A loss is better the smaller it is, a logit speaks for its class the larger it is."),
        "one": N_("This output is nearest to 1, but logits are no probabilities: only which is the largest counts."),
    },
)  # fmt: skip
def predicted(random: Random) -> Draft | None:
    logits = random.permutation(np.arange(-90, 90))[:10] / 10
    if logits.max() < 1:
        return None
    names = [Text(name) for name in FASHION_MNIST.classes]
    table = Table(
        Text(N_("Outputs")),
        (Text(N_("Image class")), Text(N_("Logit"))),
        tuple((name, float(z)) for name, z in zip(names, logits, strict=True)),
    )
    right = int(logits.argmax())
    return Draft(
        Text(N_("Which class does this network name?")), ask_choice(names), right,
        {"size": int(np.abs(logits).argmax()) if -logits.min() > logits.max() else None, "smallest": int(logits.argmin()), "one": int(np.abs(logits - 1).argmin())},
        Text(N_("{logit} is the largest of the ten outputs."), {"logit": float(logits[right])}), (table,),
        facts={"logits": logits},
    )  # fmt: skip


@kind(
    "net-softmax", SUBJECT, N_("From logits to a probability"), level=2,
    hint=N_("Softmax: e to the logit, divided by the sum of e to each logit."),
    misconceptions={
        "share": N_("You divided the logit by the sum of the logits. Softmax takes e to the power of each first."),
        "alone": N_("This is the sigmoid of one logit. Softmax compares it with the other logits."),
        "top": N_("The class of the largest logit is named, but its probability is 1 only if all others are 0."),
        "even": N_("The three are not alike: a larger logit has a larger probability."),
    },
)  # fmt: skip
def softmax(random: Random) -> Draft | None:
    logits = random.integers(-2, 4, 3).astype(float)
    at = int(random.integers(3))
    powers = np.exp(logits)
    shares = powers / powers.sum()
    params = {
        "a": logits[0],
        "b": logits[1],
        "c": logits[2],
        "n": at + 1,
        "power": f"e^{logits[at]:g}".replace("-", "−"),
    }
    terms = " + ".join(f"e^{z:g}".replace("-", "−") for z in logits)
    return Draft(
        Text(N_("A network for three classes puts out the logits {a}, {b} and {c}. Which probability, from 0 to 1, has class {n}?"), params),
        ask_number(2), float(shares[at]),
        {
            "share": float(logits[at] / logits.sum()) if logits.sum() > 0 and logits[at] >= 0 else None,
            "alone": float(1 / (1 + np.exp(-logits[at]))),
            "top": 1.0 if at == logits.argmax() else 0.0,
            "even": 1 / 3,
        },
        Text("{power}/({terms}) = {answer}", params | {"terms": terms, "answer": round(float(shares[at]), 4)}),
        (Grid(Text(N_("Outputs")), logits[None], marked=cells([0], [at])),), params, {"logits": logits, "class": at},
    )  # fmt: skip
