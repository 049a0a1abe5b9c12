"""The pages in Debian's Firefox, which Playwright cannot drive: `tests/javascript/firefox/pages.js` does, by WebDriver BiDi."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lenet.common import paths
from tests.helpers.processes import Process, wait_for

pytestmark = pytest.mark.browser

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr")
FOLDER = paths.PROJECT / "tests" / "javascript"


def test_what_matters_most_in_firefox(app_url: str, server_runs: Path) -> None:
    missing = [
        name
        for name, found in (
            ("firefox-esr", FIREFOX),
            ("node", shutil.which("node")),
            ("puppeteer-core: npm ci in tests/javascript", (FOLDER / "node_modules" / "puppeteer-core").exists()),
        )
        if not found
    ]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"not here: {', '.join(missing)}")
    assert not missing
    environment = os.environ | {"APP_URL": app_url, "FIREFOX": str(FIREFOX), "RUN": "in-firefox"}
    options = f"--epochs=1000 --data=sample --threads=1 --run-id=in-firefox --runs-dir={server_runs}"
    train = [sys.executable, "-m", "lenet.train", *options.split()]
    command = ["node", "--test", "--test-reporter=spec", "firefox/pages.js"]
    with Process(train, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        wait_for((server_runs / "in-firefox" / "steps.csv").exists)
        found = subprocess.run(command, cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=300)
    assert found.returncode == 0, found.stdout + found.stderr
