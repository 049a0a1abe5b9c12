"""When a known vulnerability of a library fails CI."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from lenet.common import paths

spec = importlib.util.spec_from_file_location("audit", paths.PROJECT / ".ci" / "audit.py")
assert spec and spec.loader
audit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(audit)

FIXED = {"id": "CVE-1", "fix_versions": ["2.0"]}
OPEN = {"id": "CVE-2", "fix_versions": []}


def package(*holes: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"name": "x", "version": "1.0", "vulns": list(holes)} | more


@pytest.mark.parametrize(
    ("packages", "status", "told"),
    [
        ([package()], 0, "1 packages audited"),
        ([package(FIXED)], 1, "x 1.0: CVE-1, fixed in 2.0"),
        ([package(OPEN)], 0, "x 1.0: CVE-2, no fixed version yet"),
        ([package(OPEN, FIXED)], 1, "CVE-1"),
        ([package(skip_reason="Dependency not found on PyPI")], 0, "NOT AUDITED"),
        ([package(), package(skip_reason="?", name="torch")], 0, "not known to the service: torch"),
        ([], 0, "NOT AUDITED"),
    ],
)
def test_only_what_can_be_mended_fails(packages: list[dict[str, Any]], status: int, told: str) -> None:
    found, lines = audit.verdict({"dependencies": packages})
    assert found == status and told in " ".join(lines)


@pytest.mark.parametrize("printed", ["", "Traceback: no route to host"])
def test_a_service_that_cannot_be_reached_fails_nothing(
    printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Out:
        stdout = printed

    monkeypatch.setattr(audit.subprocess, "run", lambda *args, **more: Out)
    assert audit.main() == 0
    assert "NOT AUDITED" in capsys.readouterr().out
