"""What a step measures, and gradients of weights: kept out of the way of what the rest of the step waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


class Beside:
    """On a CUDA device a stream of its own; elsewhere nothing."""

    def __init__(self, device: torch.device) -> None:
        self._stream: Any = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]
        self._read: list[Tensor] = []

    @contextmanager
    def beside(self, *read: Tensor) -> Iterator[None]:
        """Computed beside what comes next, from what is there by now.

        The tensors `read` are held until `join`: their memory would be given to what comes next.
        """
        if self._stream is None:
            yield
            return
        self._read += read
        self._stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self._stream):
            yield

    def join(self) -> None:
        """What comes next waits for all that is computed beside."""
        if self._stream is not None:
            torch.cuda.current_stream().wait_stream(self._stream)
            self._read.clear()


NOWHERE = Beside(torch.device("cpu"))
"""For what has no place of its own: it is computed in its turn."""
