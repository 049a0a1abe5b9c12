"""What the documents refer to is there, and the deployment files are what the tools that read them accept."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lenet.common.paths import PROJECT

HOSTING = PROJECT / "docs" / "hosting"


@pytest.mark.parametrize(
    "document", ["README.md", "docs/hosting.md", "docs/scaling.md", "docs/teaching.md", "docs/teaching.zh.md"]
)
def test_links_lead_to_files(document: str) -> None:
    path = PROJECT / document
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize(
    "document", ["README.md", "docs/hosting.md", "docs/performance.md", "docs/scaling.md", "docs/security.md"]
)
def test_code_that_is_named_is_there(document: str) -> None:
    """Files by their path, and what `module.name` names."""
    text = re.sub(r"^```.*?^```$", "", (PROJECT / document).read_text(encoding="utf-8"), flags=re.M | re.S)
    named = re.findall(r"`([\w./-]+)(?:\(\))?`", text)
    paths = [name for name in named if name.startswith(("lenet/", "pages/", "tests/", "docs/"))]
    assert [path for path in paths if not (PROJECT / path).exists()] == []
    modules: dict[str, str] = {}
    for path in (PROJECT / "lenet").rglob("*.py"):
        modules[path.stem] = modules.get(path.stem, "") + path.read_text(encoding="utf-8")
    for name in named:
        module, _dot, rest = name.partition(".")
        if module in modules and rest not in ("", "py", "csv", "safetensors"):  # names of files
            assert re.search(rf"^ *(?:def |class )?{rest.partition('.')[0]}\b", modules[module], re.M), name


def test_the_readme_begins_with_commands_that_make_and_use_their_own_environment() -> None:
    """Debian refuses `pip install` outside of one. CI runs both, word for word."""
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```bash\n(.+?)^```$", text, re.M | re.S)
    make = "python3 -m venv .venv && .venv/bin/pip install "
    start, test, without_cuda = blocks[:3]
    assert start == f"{make}-r requirements.txt && .venv/bin/streamlit run app.py\n"
    assert test == ".venv/bin/pip install -r tests/requirements.txt && .venv/bin/python -m pytest\n"
    assert without_cuda.startswith(make) and without_cuda.endswith(start.removeprefix(make.split(" && ")[0]))
    assert text.index(start) < text.index("lenet-explorer`")


def test_commands_name_files_that_are_there() -> None:
    text = (PROJECT / "docs" / "hosting.md").read_text(encoding="utf-8")
    named = set(re.findall(r"docs/hosting/[\w@.-]+", text)) | set(re.findall(r"tests/[\w/]+\.py", text))
    assert len(named) > 4
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_settings_that_systemd_and_a_shell_can_read() -> None:
    for line in (HOSTING / "lenet.env").read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"#.*|[A-Z_]+=\S+", line), line


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """But for the programs, which are on the server and not here."""
    for source, name in (
        ("lenet@.service", "lenet@8501.service"),
        ("lenet-worker@.service", "lenet-worker@1.service"),
    ):
        unit = re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", (HOSTING / source).read_text(encoding="utf-8"))
        (tmp_path / name).write_text(unit, encoding="utf-8")
    command = ["systemd-analyze", "verify", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no Caddy on this machine")
def test_caddy_takes_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(HOSTING / "Caddyfile")]
    assert subprocess.run(command, capture_output=True).returncode == 0


def test_the_container_has_everything_that_the_app_is_made_of() -> None:
    text = (HOSTING / "Containerfile").read_text(encoding="utf-8")
    copied = {word for line in re.findall(r"^COPY (.+)$", text, re.M) for word in line.split()[:-1]}
    assert copied >= {"requirements.txt", "app.py", "pages", "lenet", ".streamlit/config.toml"}
    assert all((PROJECT / name).exists() for name in copied)
    ignored = (HOSTING / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored  # no environment, no runs, no password
    assert copied == {line.removeprefix("!") for line in ignored if line.startswith("!")}
