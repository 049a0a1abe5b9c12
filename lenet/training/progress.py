"""How far a run is and how long it still takes, in one line for readers; and how long one on the sample has to be."""

from __future__ import annotations

import time
from contextlib import suppress

from lenet import data, runs
from lenet.common.formatting import clock, decimals, number
from lenet.common.translation import N_, ngettext, paragraph
from lenet.common.translation import translate as _
from lenet.runs import Run, Status, cost, rules
from lenet.runs.configuration import NOTE_ACCURACY, RunConfig
from lenet.runs.cost import Duration

PLATEAU_STEPS = 900  # three times as many as a sigmoid network usually needs to leave its plateau
SILENT_AFTER = 30.0  # seconds: a trainer reports several times a second, on a slow disk every ten seconds
SPRINT_EPOCHS = 2  # that take `sprint` past the note's accuracy on the sample


def progress_line(run: Run, status: Status) -> str:
    """State, epoch, speed, device and time left in one line of the reader's language."""
    config = run.config
    parts = [status.words()]
    if status.state == "queued" and status.turn_ended:
        text = _("waits for its next turn; step {step} of {steps}")
        parts = [text.format(step=status.step, steps=status.steps_per_epoch * config.epochs)]
    elif status.state == "queued" and status.epoch:  # how far it goes on may not be in its configuration yet
        parts.append(_("continues after epoch {epoch}").format(epoch=status.epoch))
    else:
        parts.append(_("epoch {epoch} of {epochs}").format(epoch=status.epoch, epochs=config.epochs))
    if status.state == "queued" and (ahead := runs.ahead_of(run)):
        parts.append(ngettext("{n} run before it", "{n} runs before it", len(ahead)).format(n=len(ahead)))
        if wait := runs.time_to_train(ahead):
            text = _("goes on in about {time}") if status.turn_ended else _("begins in about {time}")
            parts.append(text.format(time=wait.words()))
    elif status.state == "queued" and not any(worker.state == "idle" for worker in runs.read_states()):
        parts.append(_("the trainer is starting …"))
    if status.state == "finished" and status.ended_by and (best := run.best()):
        parts.append(
            _("ended early: no better validation accuracy since epoch {best}").format(best=int(best["epoch"]))
        )
    speed = examples_per_sec(status, config.batch_size)
    if speed:
        digits = number(speed) if speed >= 10 else decimals(speed, 1)
        parts.append(_("{speed} examples/sec on {device}").format(speed=digits, device=status.device_name))
    if status.state == "running":
        parts += device_in_use(status)
    if status.train_images:
        parts.append(_("{n} images per epoch").format(n=number(status.train_images)))
    if status.active and (rest := cost.remaining(run.next_config(), status)):
        parts.append(time_left(status, rest))
    if status.state == "running" and (silent := time.time() - status.updated) > SILENT_AFTER:
        parts.append(_("nothing heard from the trainer for {time}").format(time=clock(silent)))
    return " · ".join(parts)


def time_left(status: Status, rest: Duration) -> str:
    """How long the rest of a run takes: of its own time where it waits, or will while others have their turns."""
    text = _("about {time} left")
    if status.state == "queued":
        text = _("about {time} of training")
    elif rules.turn_seconds() is not None:
        text = _("about {time} of training left")
    return text.format(time=rest.words())


def fraction_done(status: Status, epochs: int) -> float:
    """Share of all steps that are done, 0 to 1; 1 for a run that ended early."""
    if status.state == "finished":
        return 1.0
    total = status.steps_per_epoch * epochs
    return min(status.step / total, 1.0) if total else 0.0


def examples_per_sec(status: Status, batch_size: int) -> float:
    """Speed of the training in progress, evaluation included; of an ended run, of its training alone."""
    done, took = status.step - status.started_step, status.updated - status.started
    if status.state != "running" or done <= 0 or took <= 0:
        return status.examples_per_sec
    return done * batch_size / took


def device_in_use(status: Status) -> list[str]:
    """How busy the device is and how full its memory, as far as that was measured."""
    parts = []
    if status.use:
        words = (
            _("{share} of the GPU busy") if status.memory_total else _("{share} of all cores used by this training")
        )
        parts.append(words.format(share=f"{status.use:.0%}"))
    if status.memory_total:
        used, total = (f"{n / 2**30:,.1f}" for n in (status.memory, status.memory_total))
        parts.append(_("{used} of {total} GiB").format(used=used, total=total))
    return parts


def why_interrupted(run: Run) -> str:
    """What an interrupted run is, and how it goes on."""
    text = _("Its process ended before the run was finished: it was killed, or the machine went down.")
    if runs.will_be_requeued(run):
        return paragraph(text, _("The next trainer that starts continues it automatically; Resume continues it now."))
    return paragraph(text, _("Resume continues from the last saved step."))


ENGINES = {
    "eager": N_("PyTorch, operation by operation"),
    "phases": N_("written out for this kind of network"),
    "CUDA graph": N_("one CUDA graph"),
}
"""How a run steps, by the name that its status has for it (see `training/steps/`)."""


def how_it_ran(status: Status) -> str:
    """How the run stepped and what memory that took, in one line; empty before it has ended."""
    if not status.peak_memory:
        return ""
    text = _("Steps: {engine} · peak memory {memory} MiB · {device}")
    name, _colon, failure = status.engine.partition(": ")
    engine = _(ENGINES.get(name, name))
    if failure:
        engine = _("{engine}, as it could not be captured as a CUDA graph ({failure})").format(
            engine=engine, failure=failure
        )
    return text.format(engine=engine, memory=number(status.peak_memory / 2**20), device=status.device_name)


def sample_epochs(config: RunConfig) -> int:
    """The epochs that a run on the sample should have at least; 0 where there is nothing to recommend."""
    steps = _sample_steps(config)
    if not steps:
        return 0
    if config.recipe == "sprint":
        return SPRINT_EPOCHS
    is_slow = config.model.activation == "sigmoid" and config.optimizer == "sgd"
    return round(PLATEAU_STEPS / steps) if is_slow else 0


def _sample_steps(config: RunConfig) -> int:
    """Steps in an epoch on the sample; 0 if the run is not trained on it."""
    with suppress(data.DataError):
        source = data.find(config.data, config.dataset)
        if source.kind == "sample":
            return -(-source.sizes["train"] // config.batch_size)
    return 0


def sample_hint(config: RunConfig) -> str:
    """What to expect of a recipe on the sample; empty where there is nothing to say."""
    steps, epochs = _sample_steps(config), sample_epochs(config)
    if not epochs or (config.recipe == "sprint" and config.epochs >= SPRINT_EPOCHS):
        return ""
    if config.recipe == "sprint":
        text = _(
            "With the bundled sample an epoch has only {steps} steps: train for {epochs} epochs or more "
            "to get past {accuracy}."
        )
        return text.format(steps=steps, epochs=SPRINT_EPOCHS, accuracy=NOTE_ACCURACY)
    if epochs > rules.max_epochs():
        text = _(
            "With the bundled sample an epoch has only {steps} steps. A sigmoid network needs about 300 "
            "steps to leave its plateau: choose a smaller batch, the modern recipe or the complete data."
        )
        return text.format(steps=steps)
    text = _(
        "With the bundled sample an epoch has only {steps} steps. A sigmoid network needs about 300 "
        "steps to leave its plateau: train for {epochs} epochs or more, or choose the modern recipe or "
        "the complete data."
    )
    return text.format(steps=steps, epochs=epochs)
