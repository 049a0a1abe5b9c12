"""Downloads: whole or not at all, and why one fails, from a server of ours in torchvision's mirror's place."""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import socket
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lenet import data
from lenet.common import files, jobs, paths
from lenet.data.__main__ import main
from tests.data import made

torchvision = pytest.importorskip("torchvision.datasets")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files of 20 + 10 images; downloads go to `tmp_path / "data"`, and there are no others on this machine."""
    made.use(tmp_path, monkeypatch)
    monkeypatch.delenv("LENET_DATA_DIR")
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    return made.write_own(tmp_path / "small", 20, 10)


# -- from a server ---------------------------------------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


def send(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, length: int | None = None) -> None:
    """Answer with a body, of which the head says that it is `length` bytes long."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    if handler.command == "GET":
        handler.wfile.write(body)


class Server:
    """Serves files by name; `answer` may be replaced by a worse one."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.answer: Answer = send
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.answer(self, server.files[self.path.rpartition("/")[2]])

            do_HEAD = do_GET

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server(small: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The mirror of Fashion-MNIST and KMNIST, with the small files in their place, and EMNIST's archive of them."""
    here = Server()
    here.files = {f"{path.name}.gz": gzip.compress(path.read_bytes(), mtime=0) for path in small.iterdir()}
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in here.files.items()]
    for fetched in (torchvision.FashionMNIST, torchvision.KMNIST):
        monkeypatch.setattr(fetched, "mirrors", [here.url])
        monkeypatch.setattr(fetched, "resources", sums)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        for part in ("balanced", "letters", "digits", "byclass"):
            for name, content in here.files.items():
                z.writestr(f"gzip/emnist-{part}-{name.replace('t10k', 'test')}", content)
    here.files["gzip.zip"] = archive.getvalue()
    monkeypatch.setattr(torchvision.EMNIST, "url", f"{here.url}gzip.zip")
    monkeypatch.setattr(torchvision.EMNIST, "md5", hashlib.md5(archive.getvalue()).hexdigest())
    yield here
    here.close()


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("key", ["fashion-mnist", "kmnist", "emnist-letters"])
def test_a_data_set_is_fetched_with_torchvision(key: str, tmp_path: Path) -> None:
    assert main([] if key == data.DEFAULT else [key]) == 0
    target, (split_names) = data.target(key), data.DATA_SETS[key].files
    assert {name for pair in split_names.values() for name in pair} <= {
        p.name.removesuffix(".gz") for p in target.iterdir()
    }
    found = data.find("full", "own" if key == data.DEFAULT else "auto")
    assert found.folder == target and len(data.load_from(found, "train")[0]) == 20
    assert data.download_error(key) is None and data.download_progress(key) is None
    assert sorted(p.name for p in target.parent.parent.iterdir()) == [".download", target.parent.name]


@pytest.mark.usefixtures("server")
def test_of_emnist_its_archive_and_what_the_app_does_not_know_is_not_kept() -> None:
    assert main(["emnist-digits"]) == 0
    parts = {path.name.split("-")[1] for path in data.target("emnist-digits").iterdir()}
    assert parts == {"balanced", "letters", "digits"}


def free_port() -> int:
    with closing(socket.socket()) as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


FORBIDDEN: Answer = lambda handler, _body: send(handler, b"no", status=403)  # noqa: E731
LOG_IN: Answer = lambda handler, _body: send(handler, b"\n<!DOCTYPE html><title>Log in</title>")  # noqa: E731
CUT: Answer = lambda handler, body: send(handler, body[: len(body) // 2], length=len(body))  # noqa: E731
NOTHING: Answer = lambda handler, _body: send(handler, b"")  # noqa: E731
OTHER: Answer = lambda handler, body: send(handler, gzip.compress(b"something else"))  # noqa: E731
WHY = [
    ("forbidden", FORBIDDEN, "127.0.0.1 answered “403 Forbidden”."),
    ("log in", LOG_IN, "in place of {file} came a web page. Does this network want you to log in first?"),
    ("cut", CUT, "the connection was cut in the middle of {file}."),
    ("nothing", NOTHING, "the connection was cut in the middle of {file}."),
    ("other", OTHER, "the {file} that came is not the published one (its checksum differs)."),
]


@pytest.mark.parametrize(("answer", "why"), [row[1:] for row in WHY], ids=[row[0] for row in WHY])
@pytest.mark.parametrize("key", ["fashion-mnist", "emnist-letters"])
def test_a_failed_download_says_why(
    key: str, answer: Answer, why: str, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answer = answer
    assert main([key]) == 1
    file = "gzip.zip" if key == "emnist-letters" else torchvision.FashionMNIST.resources[0][0]
    said = str(data.download_error(key))
    if (key, why) == ("emnist-letters", WHY[-1][2]):  # a .gz file in place of the archive is as good as a cut one
        why = WHY[2][2]
    assert said.startswith(f"The download did not succeed: {why.format(file=file)}")
    assert said in capsys.readouterr().err and "\n" not in said
    command = "apt-get install dataset-fashion-mnist" if key == data.DEFAULT else f"python -m lenet.data {key}"
    for way in ("LENET_DATA_DIR", command, str(data.target(key))):
        assert way in said
    assert not data.target(key).exists() and not list(paths.DOWNLOAD_DIR.glob(".download-*"))


@pytest.mark.parametrize(
    ("mirror", "why"),
    [
        ("http://no-such-host.invalid/", "no-such-host.invalid cannot be reached"),
        ("http://127.0.0.1:{port}/", "127.0.0.1 cannot be reached (Connection refused). Is this machine online?"),
    ],
)
@pytest.mark.parametrize("key", ["mnist", "emnist-letters"])
@pytest.mark.usefixtures("small")
def test_a_machine_without_network_says_so(key: str, mirror: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = mirror.format(port=free_port())
    monkeypatch.setattr(torchvision.MNIST, "mirrors", [mirror, mirror])
    monkeypatch.setattr(torchvision.EMNIST, "url", f"{mirror}gzip.zip")
    assert main([key]) == 1
    assert f"The download did not succeed: {why}" in str(data.download_error(key))


def test_a_server_that_falls_silent_ends_the_download(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    monkeypatch.setattr("lenet.data.__main__.SILENCE", 0.2)
    server.answer = lambda handler, _body: (goes_on.wait(60), None)[1]
    try:
        assert main([]) == 1
    finally:
        goes_on.set()
        socket.setdefaulttimeout(None)
    assert "127.0.0.1 cannot be reached (timed out)" in str(data.download_error())


# -- its end ---------------------------------------------------------------------------------------------------------


def test_failed_download_names_the_other_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")

    def no_network(*args: object, **kwargs: object) -> None:
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(torchvision, "FashionMNIST", no_network)
    assert main([]) == 1
    error = data.download_error()
    assert error is not None
    for way in ("LENET_DATA_DIR", "apt-get install dataset-fashion-mnist", str(data.target())):
        assert way in str(error)
    assert data.download_progress() is None
    assert not list((tmp_path / "data").glob(".download-*"))  # nothing half done is left


def test_download_appears_whole(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")

    def fetch(root: str, download: bool) -> None:
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        for path in small.iterdir():
            (raw / path.name).write_bytes(path.read_bytes())
            assert not data.target().exists()

    monkeypatch.setattr(torchvision, "FashionMNIST", fetch)
    assert main([]) == 0
    assert data.find().folder == data.target()
    assert len(data.load("train")[0]) == 20


def test_a_download_tells_how_far_it_is_and_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    goes_on = threading.Event()

    def fetch(root: str, download: bool) -> None:
        raw = Path(root) / "FashionMNIST" / "raw"
        raw.mkdir(parents=True)
        with (raw / "train-images-idx3-ubyte.gz").open("wb") as f:
            f.truncate(data.FASHION_MNIST.download_bytes // 2)
        goes_on.wait(60)

    def tell(share: float) -> None:
        told.append(share)
        if share:
            raise jobs.Stopped

    told: list[float] = []
    monkeypatch.setattr(torchvision, "FashionMNIST", fetch)
    with pytest.raises(jobs.Stopped):
        data.download(tell)
    goes_on.set()
    assert told[-1] == pytest.approx(0.5, abs=1e-6)
    assert list((tmp_path / "data").iterdir()) == []


def test_a_killed_download_says_so_and_leaves_nothing_for_ever(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch, no_processes: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(paths, "DOWNLOAD_DIR", tmp_path / "data")
    data.start_download()
    assert no_processes == [("lenet.data",)] and data.download_error() is None
    left = tmp_path / "data" / ".download-x"
    left.mkdir()
    progress = {"task": data.DEFAULT, "share": 0.25, "left": 9.0}
    files.write_json(tmp_path / "data" / ".download" / "progress.json", progress)
    with files.locked(tmp_path / "data" / ".download" / "lock"):
        assert data.download_progress() == 0.25
    error = data.download_error()
    assert data.download_progress() is None
    assert error is not None and "killed" in str(error) and str(data.target()) in str(error)
    data.start_download()
    assert data.download_error() is None
    monkeypatch.setattr(
        torchvision, "FashionMNIST", lambda root, download: shutil.copytree(small, Path(root, "FashionMNIST", "raw"))
    )
    assert main([]) == 0
    assert data.find().folder == data.target() and not left.exists()
