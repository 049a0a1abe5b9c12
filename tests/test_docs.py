"""What the documents refer to is there, and the deployment files are what the tools that read them accept."""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lenet import ui
from lenet.common.paths import PROJECT

HOSTING = PROJECT / "docs" / "hosting"
DOCUMENTS = ["README.md", *sorted(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md"))]


def text_of(document: str) -> str:
    return (PROJECT / document).read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """By what GitHub makes of the headings of a document."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files_and_headings(document: str) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", text_of(document)):
        file, _hash, heading = link.partition("#")
        path = (PROJECT / document).parent / file if file else PROJECT / document
        assert path.exists(), link
        assert not heading or heading in anchors(path), link


def printed_commands() -> dict[str, set[str]]:
    """What the documents have a reader run with `python -m`: the options of each module that are printed anywhere."""
    found: dict[str, set[str]] = {}
    for document in DOCUMENTS:
        text = re.sub(r"\\\n", " ", text_of(document))
        for module, rest in re.findall(r"python -m ([\w.]+)([^\n`#]*)", text):
            found.setdefault(module, set()).update(re.findall(r"(?<!\S)--[a-z][a-z-]*", rest.partition("|")[0]))
    return {module: options for module, options in found.items() if module.startswith(("lenet", "tests"))}


COMMANDS = printed_commands()


@pytest.mark.parametrize("module", COMMANDS)
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_commands_take_the_options_that_are_printed(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert not ended.value.code
    assert COMMANDS[module] <= set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out))


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if "teaching" not in name])
def test_code_that_is_named_is_there(document: str) -> None:
    """Files by their path, and what `module.name` names."""
    text = re.sub(r"^```.*?^```$", "", text_of(document), flags=re.M | re.S)
    named = re.findall(r"`([\w./-]+)(?:\(\))?`", text)
    paths = [name for name in named if name.startswith(("lenet/", "pages/", "tests/", "docs/"))]
    assert [path for path in paths if not (PROJECT / path).exists()] == []
    modules: dict[str, str] = {}
    for path in (PROJECT / "lenet").rglob("*.py"):
        modules[path.stem] = modules.get(path.stem, "") + path.read_text(encoding="utf-8")
    for name in named:
        module, _dot, rest = name.partition(".")
        assert module != "ui" or hasattr(ui, rest), name
        if module in modules and rest not in ("", "py", "csv", "safetensors"):  # names of files
            assert re.search(rf"^ *(?:def |class )?{rest.partition('.')[0]}\b", modules[module], re.M), name


def test_the_readme_begins_with_commands_that_make_and_use_their_own_environment() -> None:
    """Debian refuses `pip install` outside of one. CI runs both, word for word."""
    text = text_of("README.md")
    blocks = re.findall(r"^```bash\n(.+?)^```$", text, re.M | re.S)
    make = "python3 -m venv .venv && .venv/bin/pip install "
    start, test, without_cuda = blocks[:3]
    assert start == f"{make}-r requirements.txt && .venv/bin/streamlit run app.py\n"
    assert test == ".venv/bin/pip install -r tests/requirements.txt && .venv/bin/python -m pytest\n"
    assert without_cuda.startswith(make) and without_cuda.endswith(start.removeprefix(make.split(" && ")[0]))
    assert text.index(start) < text.index("lenet-explorer`")


def test_commands_name_files_that_are_there() -> None:
    text = text_of("docs/hosting.md")
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
