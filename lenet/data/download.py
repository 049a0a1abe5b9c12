"""Downloads of the known data sets, with torchvision, into `data/` in its layout."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path

from lenet.common import jobs, paths
from lenet.common.errors import LenetError
from lenet.data import source
from lenet.data.data_sets import DATA_SETS, DEFAULT
from lenet.data.idx import DataError


def target(key: str = DEFAULT) -> Path:
    """Where a download puts the idx files."""
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

    def fetch() -> None:
        try:
            from torchvision import datasets  # 2 s of import that reading never pays

            part = {"split": wanted.torchvision_split} if wanted.torchvision_split else {}
            getattr(datasets, wanted.torchvision)(str(beside), download=True, **part)  # checks the md5 of each file
        except Exception as e:  # torchvision raises RuntimeError, URLError, OSError, … by version
            failed.append(e)

    # In a thread: torchvision does not say how far it is, and cannot be stopped.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            fetched = sum(path.stat().st_size for path in raw.glob("*.gz"))
            tell(min(fetched / wanted.download_bytes, 1.0))
            thread.join(0.2)
        if failed:
            raise failed[0]
        target(key).parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target(key), ignore_errors=True)
        raw.replace(target(key))
    except (jobs.Stopped, DataError):
        raise
    except Exception as e:
        raise _download_failed(key, str(e).splitlines()[0] if str(e) else type(e).__name__) from e
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target(key)


def _download_failed(key: str, reason: str) -> DataError:
    return DataError("download_failed", reason=reason, folder=str(target(key)), package=DATA_SETS[key].package)


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
        return (
            cause
            if isinstance(cause, LenetError)
            else _download_failed(DEFAULT, str(cause or "its process was killed"))
        )


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
