"""A kernel that learns, as plain data for `lenet/convolution/components/learning`, which does all computing."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from lenet.common import colours
from lenet.common.translation import LANGUAGES, language
from lenet.common.translation import translate as _
from lenet.convolution.examples import KERNELS
from lenet.convolution.learning import FIRST_RATE, RATES, TASKS, Task

KEYS = {
    "task": list(TASKS),
    "rate": [f"{rate:g}" for rate in RATES],
    "weight": [f"{row},{column}" for row in (1, 2, 3) for column in (1, 2, 3)],
}
"""What the component keeps in the address, each with its values: the task, the learning rate, and row and column of the
chosen weight."""


def scene(
    asked: dict[str, str] | None = None, lesson: dict[str, Any] | None = None, *, covered: bool = False
) -> dict[str, Any]:
    """Everything that the component needs, as JSON values, in the reader's language.

    `asked` is what the reader's link says of KEYS. `lesson` has values of KEYS to begin with, and an `id`; while it asks,
    the gradients and what is said of them are `covered`.
    """
    return {
        "asked": asked or {},
        "lesson": lesson,
        "covered": covered,
        "tasks": [_task(key, task) for key, task in TASKS.items()],
        "rates": RATES,
        "rate": FIRST_RATE,
        "scales": {"amounts": colours.SEQUENTIAL, "signed": colours.DIVERGING},
        "mark": colours.WINDOW,
        "color": colours.SERIES[0],
        "space": LANGUAGES[language()].space,
        "words": {
            "task": _("Task"),
            "rate": _("Learning rate"),
            "step": _("Step"),
            "play": _("Learn"),
            "play_still": _("Play one step for each press: your device asks for little motion"),
            "pause": _("Pause"),
            "reset": _("Start again"),
            "reveal": _("Show the kernel that made the target"),
            "input": _("Input"),
            "kernel": _("Kernel"),
            "output": _("Output"),
            "target": _("Target"),
            "arriving": _("What arrives"),
            "gradient": _("Gradient"),
            "alt": _("Input, kernel, its output, the target, the gradient that arrives at each place, and that of each weight."),
            "alt_kernel": _("Kernel: arrow keys choose a weight. Weight in row {row}, column {column}: {value}."),
            "alt_arriving": _("What arrives: arrow keys choose a place. Row {row}, column {column}: {value}."),
            "alt_curve": _("Loss after each step, on a logarithmic scale."),
            "hint": _(
                "Click a weight: its gradient is a sum over all places of the output, since it takes part in all of them. Hover "
                "over a place to see its term."
            ),
            "hint_touch": _(
                "Tap a weight: its gradient is a sum over all places of the output, since it takes part in all of them. Tap a "
                "place to see its term."
            ),
            "weight": _("Weight in row {row}, column {column}: {value}"),
            "sum": _("Its gradient: at each of {n} places the input cell under it times what arrives there."),
            "row": _("Row {row}"),
            "total": _("Gradient: {total}"),
            "next": _("New weight: {old} − {rate} · {gradient} = {new}"),
            "chosen": _("Weight in row {row}, column {column}: {old} − {rate} · {gradient} = {new} after a step."),
            "place": _("Row {row}, column {column}: input {value} · arriving {arriving} = {product}"),
            "arrives": _("Arriving: 2 · (output {output} − target {target}) / {n}"),
            "loss": _("Step {n}: loss {loss} (mean squared error)."),
            "ahead": _("After one more step with learning rate {rate}: {loss}."),
            "worse": _("That is more than now: the step leads past the minimum."),
            "too_large": _("Learning rates above {largest} make the loss of this task grow without end."),
            "done": _("The output is the target."),
            "diverged": _("The loss has grown without end. Start again with a smaller learning rate."),
            "steps": _("Steps"),
        },
    }  # fmt: skip


def _task(key: str, task: Task) -> dict[str, Any]:
    return {
        "key": key,
        "name": _(task.name),
        "remark": _(task.remark),
        "input": _grid(task.grid),
        "target": _grid(task.target),
        "start": _grid(task.first.weight[0]),
        "hidden": KERNELS[task.hidden].weight().ravel().tolist(),
        "largest": task.largest_rate,
    }


def _grid(values: NDArray[Any]) -> dict[str, Any]:
    """One channel (1, height, width), its numbers row by row."""
    return {"size": values.shape[1:], "values": values.ravel().tolist()}
