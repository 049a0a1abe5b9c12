"""Processes that tests start."""

from __future__ import annotations

import subprocess
from typing import Any


class Process(subprocess.Popen[bytes]):
    """Ends with its `with` block, whatever happens there: a test that fails does not wait for what would go on."""

    def __exit__(self, *error: Any) -> None:
        self.kill()
        super().__exit__(*error)
