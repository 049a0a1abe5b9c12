"""One epoch on the device: what is drawn for it, its images in that order, and what its steps measure.

`epoch_seed`, `hold_out`, `draw_augmentation` and `mirror_and_shift` need nothing but torch: the exported script takes them as
they are written here (`code.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lenet.runs.configuration import RunConfig
from lenet.training.dataset import Split


def epoch_seed(seed: int, epoch: int) -> int:
    """All that is random in an epoch depends on the run's seed and the epoch's number (from 0) alone."""
    return seed * 1_000_003 + epoch


def hold_out(images: int, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """The numbers, int64, of the training images to train on, and of the `share` of them that is held out for validation.

    They are drawn as if before the first epoch, by a generator of their own: nothing else that is random changes.
    """
    held = min(max(round(share * images), 1), images - 1)
    order = torch.randperm(images, generator=torch.Generator().manual_seed(epoch_seed(seed, -1)))
    return order[held:], order[:held]


def draw_augmentation(n: int, augment: str, generator: torch.Generator) -> tuple[Tensor | None, Tensor | None]:
    """Which of `n` images are mirrored, bool (n,), and how far each is shifted: rows and columns, int64 (2, n)."""
    mirror = shift = None
    if augment in ("flip", "flip_shift"):
        mirror = torch.rand(n, device=generator.device, generator=generator) < 0.5
    if augment == "flip_shift":
        shift = torch.randint(0, 5, (2, n), device=generator.device, generator=generator)
    return mirror, shift


def mirror_and_shift(x: Tensor, mirror: Tensor | None, shift: Tensor | None) -> Tensor:
    """A batch (N, 1, H, W); image n mirrored where `mirror[n]`, and moved by `shift[:, n]` - 2 rows and columns."""
    if mirror is not None:
        x = torch.where(mirror[:, None, None, None], x.flip(3), x)
    if shift is not None:
        images, rows, cols = (torch.arange(x.shape[axis], device=x.device) for axis in (0, 2, 3))
        rows, cols = rows + shift[0, :, None], cols + shift[1, :, None]
        x = F.pad(x, (2, 2, 2, 2))[images[:, None, None], 0, rows[:, :, None], cols[:, None]][:, None]
    return x


@dataclass(frozen=True)
class EpochBuffers:
    """All tensors that the steps of an epoch read and write, besides the network. They keep their addresses from the
    first epoch to the last, so that a step can be captured once and replayed."""

    # Drawn for the epoch.
    order: Tensor  # int64 (images,): the numbers of the training images in the order in which they are taken
    mirror: Tensor | None  # bool (images,), by place in that order
    shift: Tensor | None  # int64 (2, images)
    # Counted and measured by its steps.
    count: Tensor  # int64 (1,): finished steps
    losses: Tensor  # float32 (steps,): mean loss of each batch; those that are still to come hold the last epoch's
    cross_entropies: (
        Tensor | None
    )  # float32 (steps,): the same without label smoothing, if there is any; NaN at first
    norms: Tensor  # float32 (steps, weights): norms of the gradients
    correct: Tensor  # int64 (): images classified correctly
    # Constant.
    offsets: Tensor  # int64 (batch size,): 0, 1, 2, … within a batch

    @classmethod
    def make(cls, device: torch.device, images: int, config: RunConfig, steps: int, weights: int) -> EpochBuffers:
        """Buffers for epochs of `steps` batches out of `images`, and for a network with `weights` weight tensors."""
        augment, smoothed = config.augment, config.label_smoothing > 0
        return cls(
            order=torch.zeros(images, dtype=torch.int64, device=device),
            mirror=torch.zeros(images, dtype=torch.bool, device=device) if augment != "none" else None,
            shift=torch.zeros(2, images, dtype=torch.int64, device=device) if augment == "flip_shift" else None,
            count=torch.zeros(1, dtype=torch.int64, device=device),
            losses=torch.zeros(steps, device=device),
            cross_entropies=torch.full((steps,), torch.nan, device=device) if smoothed else None,
            norms=torch.zeros(steps, weights, device=device),
            correct=torch.zeros((), dtype=torch.int64, device=device),
            offsets=torch.arange(config.batch_size, device=device),
        )

    def draw(self, seed: int, augment: str) -> None:
        """Draw an epoch's order and augmentation."""
        n, device = len(self.order), self.order.device
        generator = torch.Generator(device).manual_seed(seed)
        self.order.copy_(torch.randperm(n, device=device, generator=generator))
        for buffer, drawn in zip((self.mirror, self.shift), draw_augmentation(n, augment, generator), strict=True):
            if buffer is not None and drawn is not None:
                buffer.copy_(drawn)

    def places(self, size: int) -> Tensor:
        """The places, in the epoch's order, of the next `size` images; computed on the device from `count`."""
        return torch.add(self.offsets[:size], self.count, alpha=len(self.offsets))

    def record_loss(self, loss: Tensor, cross_entropy: Tensor, correct: Tensor) -> None:
        """Write down how well the step in progress found the network. `cross_entropy` is the loss without label smoothing."""
        self.losses.index_copy_(0, self.count, loss.detach()[None])
        if self.cross_entropies is not None:
            self.cross_entropies.index_copy_(0, self.count, cross_entropy.detach()[None])
        self.correct.add_(correct)

    def record_step(self, weights: list[nn.Parameter]) -> None:
        """Write down the norms of the gradients, which `weights` have, and count the step."""
        norms = torch.stack(torch._foreach_norm([w.grad for w in weights if w.grad is not None]))
        self.norms.index_copy_(0, self.count, norms[None])
        self.count.add_(1)

    def start_over(self) -> None:
        """Zero what has been counted."""
        self.count.zero_()
        self.correct.zero_()

    def clear(self) -> None:
        """Zero all that steps have written."""
        self.start_over()
        self.losses.zero_()
        if self.cross_entropies is not None:
            self.cross_entropies.fill_(torch.nan)
        self.norms.zero_()


PART = 2**15
"""Images that are prepared at a time: more would take more memory, and fewer a GPU more operations."""


class EpochImages:
    """The training images in the order of the epoch, mirrored and shifted as drawn; computed when they are taken."""

    def __init__(self, train: Split, buffers: EpochBuffers) -> None:
        self.train, self.buffers = train, buffers

    @property
    def device(self) -> torch.device:
        return self.train.device

    def prepare(self) -> None:
        """To be called once an epoch has been drawn."""

    def take(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Images float32 (n, 1, 28, 28) and labels int64 (n,) at `places`, int64 (n,), of the epoch's order."""
        buffers = self.buffers
        which = buffers.order.index_select(0, places)
        x = mirror_and_shift(
            self.train.images(which),
            None if buffers.mirror is None else buffers.mirror[places],
            None if buffers.shift is None else buffers.shift[:, places],
        )
        return x, self.train.labels.index_select(0, which)


class PreparedImages(EpochImages):
    """The same, all computed at the beginning of the epoch and kept at addresses that stay.

    Each operation takes a GPU a few microseconds, however small it is: taking a batch is two of them, not seven.
    60 000 images take 188 MB.
    """

    def __init__(self, train: Split, buffers: EpochBuffers, examples: int) -> None:
        super().__init__(train, buffers)
        self.images = torch.empty(examples, *train.pixels.shape[1:], device=train.device)
        self.labels = torch.empty(examples, dtype=torch.int64, device=train.device)

    def prepare(self) -> None:
        places = torch.arange(len(self.labels), device=self.device)
        for part in (slice(n, n + PART) for n in range(0, len(places), PART)):
            self.images[part], self.labels[part] = super().take(places[part])

    def take(self, places: Tensor) -> tuple[Tensor, Tensor]:
        return self.images.index_select(0, places), self.labels.index_select(0, places)


class PreparedRows(EpochImages):
    """The same with the batch last, as the written-out step takes it: whole batches lie as (pixels + 2, batch size),
    with its rows of zeros and ones, so that taking one is a single operation."""

    def __init__(self, train: Split, buffers: EpochBuffers, examples: int) -> None:
        super().__init__(train, buffers)
        self._size = size = len(buffers.offsets)
        self.rows = torch.zeros(examples // size, train.pixels[0].numel() + 2, size, device=train.device)
        self.rows[:, -1] = 1
        self.labels = torch.empty(examples, dtype=torch.int64, device=train.device)
        self._ends = torch.tensor([[0.0], [1.0]], device=train.device)

    def prepare(self) -> None:
        batches = max(1, PART // self._size)
        for first in range(0, len(self.rows), batches):
            rows = self.rows[first : first + batches]
            images, _ = self.take(torch.arange(len(rows) * self._size, device=self.device) + first * self._size)
            rows[:, :-2] = images.view(len(rows), self._size, -1).transpose(1, 2)
        self.labels.copy_(self.train.labels.index_select(0, self.buffers.order[: len(self.labels)]))

    def next_rows(self, size: int) -> Tensor:
        """The next `size` images as rows, (pixels + 2, size)."""
        if size == self._size:
            return self.rows.index_select(0, self.buffers.count)[0]
        images, _ = self.take(self.buffers.places(size))
        return torch.cat((images.flatten(1).t(), self._ends.expand(2, size)))

    def next_labels(self, size: int) -> Tensor:
        """Their labels, int64 (size,)."""
        return self.labels.index_select(0, self.buffers.places(size))
