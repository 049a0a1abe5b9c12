"""Ask whether a library that we depend on has a known vulnerability: `python .ci/audit.py`.

`pip-audit` asks PyPI about each package of the environment. A vulnerability that a newer version fixes fails the check;
one without a fix is only printed, since there is nothing to update to. Where the service cannot be reached the check
passes and says so: that tells nothing about our libraries.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


def verdict(found: dict[str, Any]) -> tuple[int, list[str]]:
    """Exit status and lines to print for what `pip-audit --format json` printed."""
    packages = found.get("dependencies", [])
    asked = [p for p in packages if "skip_reason" not in p]
    lines, fixable = [], 0
    for package in asked:
        for hole in package.get("vulns", []):
            fixes = hole.get("fix_versions") or []
            fixable += bool(fixes)
            told = f"fixed in {', '.join(fixes)}" if fixes else "no fixed version yet"
            lines.append(f"{package['name']} {package['version']}: {hole['id']}, {told}")
    if not asked:
        lines.append(
            "NOT AUDITED: the vulnerability service knows none of our packages or cannot be reached from here"
        )
    elif len(asked) < len(packages):
        skipped = ", ".join(p["name"] for p in packages if "skip_reason" in p)
        lines.append(f"{len(asked)} packages audited; not known to the service: {skipped}")
    else:
        lines.append(f"{len(asked)} packages audited")
    return (1 if fixable else 0), lines


def main() -> int:
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    try:
        out = subprocess.run(command, capture_output=True, text=True, timeout=300)
        status, lines = verdict(json.loads(out.stdout))
    except (OSError, ValueError, subprocess.TimeoutExpired):  # no network: pip-audit ends with a traceback
        status, lines = 0, ["NOT AUDITED: the vulnerability service cannot be reached from here"]
    print("\n".join(lines))
    return status


if __name__ == "__main__":
    sys.exit(main())
