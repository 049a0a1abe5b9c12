"""Download a data set into `data/`, where the app looks for it.

    python -m lenet.data            # Fashion-MNIST
    python -m lenet.data mnist      # or kmnist, emnist-balanced, emnist-letters, emnist-digits

It says why where that fails; its exit status is then 1.
"""

from __future__ import annotations

import argparse
import socket
import sys

from lenet.common import jobs
from lenet.common.errors import LenetError
from lenet.data.data_sets import DATA_SETS, DEFAULT
from lenet.data.downloads import download_error, downloads

SILENCE = 60.0  # seconds without a byte, after which a download has failed


def main(argv: list[str] | None = None) -> int:
    """Download as the options say; 0 when the data set is there, 1 when that failed."""
    parser = argparse.ArgumentParser(prog="python -m lenet.data", description="Download a data set.")
    parser.add_argument("dataset", nargs="?", choices=DATA_SETS, default=DEFAULT, help=f"default: {DEFAULT}")
    key = parser.parse_args(argv).dataset
    socket.setdefaulttimeout(SILENCE)
    try:
        downloads().work_off(key)
    except jobs.AlreadyRunning:
        print("a download is going on already", file=sys.stderr)
        return 0
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 1 if download_error(key) else 0


if __name__ == "__main__":
    sys.exit(main())
