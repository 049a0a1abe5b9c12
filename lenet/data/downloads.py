"""Downloads of the known data sets, with torchvision, into `data/` in its layout."""

from __future__ import annotations

import gzip
import re
import shutil
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lenet.common import jobs, paths
from lenet.common.errors import LenetError
from lenet.data import source
from lenet.data.data_sets import DATA_SETS, DEFAULT, DataSet
from lenet.data.idx import GZIP, DataError


def target(key: str = DEFAULT) -> Path:
    """Where a download puts the idx files of a data set."""
    return source.target(DATA_SETS[key])


def download(tell: jobs.Tell = lambda share: None, key: str = DEFAULT) -> Path:
    """Fetch a data set with torchvision; returns `target(key)`. Raises DataError.

    The files appear there only when all are whole: they are fetched into a folder beside it. `tell` hears the share of
    the bytes that has come; whatever it raises ends the download.
    """
    wanted = DATA_SETS[key]
    paths.DOWNLOAD_DIR.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".download-", dir=paths.DOWNLOAD_DIR))
    raw = beside / wanted.torchvision / "raw"
    failed: list[Exception] = []
    mirrors: list[str] = []

    def fetch() -> None:
        try:
            from torchvision import datasets  # 2 s of import that reading never pays

            fetched = getattr(datasets, wanted.torchvision)
            mirrors.extend([fetched.url] if hasattr(fetched, "url") else getattr(fetched, "mirrors", []))
            part = {"split": wanted.torchvision_split} if wanted.torchvision_split else {}
            fetched(str(beside), download=True, **part)  # checks the md5 of each file
        except Exception as e:  # torchvision raises RuntimeError, URLError, OSError, … by version
            failed.append(e)

    # In a thread: torchvision does not say how far it is, and cannot be stopped.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            tell(min(sum(path.stat().st_size for path in _archives(raw)) / wanted.download_bytes, 1.0))
            thread.join(0.2)
        if failed:
            raise _why(failed[0], wanted, raw, mirrors) from failed[0]
        _tidy(raw, wanted)
        target(key).parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target(key), ignore_errors=True)
        raw.replace(target(key))
    except OSError as e:
        raise _failed(wanted, reason=e.strerror or str(e)) from e
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target(key)


def _archives(raw: Path) -> list[Path]:
    """The compressed files that have come, the latest last."""
    found = [path for suffix in ("gz", "zip") for path in raw.glob(f"*.{suffix}")]
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def _tidy(raw: Path, wanted: DataSet) -> None:
    """Remove what the app does not read: the unpacked copies of .gz files, and of EMNIST its archive and other parts."""
    known = {
        name
        for d in DATA_SETS.values()
        if d.torchvision == wanted.torchvision
        for pair in d.files.values()
        for name in pair
    }
    for path in raw.iterdir():
        is_known = path.name.removesuffix(".gz") in known
        if path.is_file() and (not is_known or path.with_name(f"{path.name}.gz").exists()):
            path.unlink()


# -- why one fails ---------------------------------------------------------------------------------------------------


def _why(error: Exception, wanted: DataSet, raw: Path, mirrors: Sequence[str]) -> DataError:
    """What torchvision's error means: it tells the mirrors' answers as text, and a wrong file as “corrupted”."""
    # “Error downloading <file>:”, and for each mirror “Tried <mirror>, got:” and its error.
    tried = re.findall(r"Tried (\S+), got:\n(.*)", str(error))
    mirror, text = tried[0] if tried else (mirrors[0] if mirrors else "", f"{error}")
    host = urlsplit(mirror).hostname or wanted.torchvision
    if answer := re.search(r"HTTP Error (\d+.*)", text):
        return _failed(wanted, "download_refused", host=host, answer=answer[1].replace(": ", " ")[:80])
    came = _archives(raw)
    if "corrupted" in text and came:
        return _failed(wanted, _what_came(came[-1]), file=came[-1].name)
    if isinstance(error, ConnectionResetError) or re.search(
        r"IncompleteRead|Remote end closed|reset by peer", repr(error)
    ):
        return _failed(wanted, "download_cut", file=came[-1].name if came else wanted.name)
    if isinstance(error, OSError) or "urlopen error" in text:  # also where torchvision has caught it
        reason = re.sub(r"^<urlopen error |^\[Errno -?\d+\] |>$", "", re.sub(r"^<urlopen error ", "", text))
        return _failed(wanted, "download_offline", host=host, reason=reason[:200])
    return _failed(wanted, reason=(text.splitlines() or [""])[0][:200] or type(error).__name__)


def _what_came(path: Path) -> str:
    """The code for a file that is not what it should be: a web page, the beginning of the file, or another file."""
    with path.open("rb") as f:
        head = f.read(1024)
    if head.lstrip()[:1] == b"<":
        return "download_web_page"
    if path.suffix == ".zip":
        whole = zipfile.is_zipfile(path)
    else:
        try:
            with gzip.open(path) as unpacked:
                while unpacked.read(2**20):
                    pass
            whole = True
        except (OSError, EOFError, zlib.error) as e:
            whole = not isinstance(e, EOFError) and head[:2] == GZIP
    return "download_damaged" if whole and head else "download_cut"


def _failed(wanted: DataSet, code: str = "download_failed", **params: Any) -> DataError:
    """A failed download, with other ways to get the data set."""
    command = f"apt-get install {wanted.package}" if wanted.package else f"python -m lenet.data {wanted.key}"
    return DataError(code, **params, folder=str(source.target(wanted)), command=command)


# -- in a process of its own -----------------------------------------------------------------------------------------


class Downloads(jobs.TaskQueue):
    """A task is the key of a data set."""

    def do(self, task: str, tell: jobs.Tell) -> None:
        for left in paths.DOWNLOAD_DIR.glob(".download-*"):  # by a process that was killed
            shutil.rmtree(left, ignore_errors=True)
        folder = download(tell, task)
        print(f"{DATA_SETS[task].name} is in {folder}")

    def is_done(self, task: str) -> bool:
        return False  # whoever asks for it may want to replace damaged files

    def error(self, cause: Exception | None) -> LenetError:
        if isinstance(cause, LenetError):
            return cause
        wanted = DATA_SETS.get(self.in_hand, DATA_SETS[DEFAULT])
        return _failed(wanted, reason=str(cause or "its process was killed"))


def downloads() -> Downloads:
    """The queue of downloads of this machine."""
    return Downloads(paths.DOWNLOAD_DIR / ".download", "lenet.data")


def start_download(key: str = DEFAULT) -> None:
    """Begin a download in a process of its own, which every server and visitor can watch. Raises LenetError."""
    downloads().ask(key, *([] if key == DEFAULT else [key]))


def download_progress(key: str = DEFAULT) -> float | None:
    """Share of the compressed bytes that a download in progress has fetched, 0 to 1; None where there is none."""
    progress = downloads().progress(key)
    return None if progress is None else progress.share


def download_error(key: str = DEFAULT) -> LenetError | None:
    """Why the last download did not succeed; None where none has failed."""
    return downloads().failure(key)
