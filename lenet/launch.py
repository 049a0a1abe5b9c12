"""The command `lenet-explorer`, which `pip install .` makes: start the app from any folder.

    lenet-explorer                          # opens the app in the browser
    lenet-explorer --server.port 8600       # all options go to Streamlit

It is `python -m streamlit run` on this copy's app.py, in the same process: output and exit status are Streamlit's own.
"""

from __future__ import annotations

import argparse
import runpy
import signal
import sys
from types import FrameType

from lenet import data
from lenet.common import paths

EPILOG = """\
All other options go to Streamlit. Most used:
  --server.port PORT        the port to answer on (8501 or the next free one)
  --server.address ADDRESS  localhost: only this machine (otherwise everybody in your network can open the app)
  --server.headless true    do not open a browser
`python -m streamlit run --help` lists the rest.

Runs are kept in      {runs}
A download goes to    {data}
LENET_RUNS_DIR names another folder for runs, LENET_DATA_DIR one that holds the four idx files of Fashion-MNIST, MNIST,
KMNIST, EMNIST, or of images of your own.
"""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """The server has closed by then: it hands Ctrl-C on, which would end with “Aborted!” and the status of an error."""
    sys.exit(0)


def _data_words() -> str:
    """Which images the app uses, or what is wrong with them: the pages that need none work nevertheless."""
    try:
        return data.find().words()
    except data.DataError as error:
        return str(error)


def main(argv: list[str] | None = None) -> None:
    """Start the server and serve until it is stopped; always ends with SystemExit, with Streamlit's exit status."""
    parser = argparse.ArgumentParser(
        prog="lenet-explorer",
        usage="lenet-explorer [-h] [OPTION ...]",
        description="Explore pooling and LeNet, trained live: opens the app in your browser.",
        epilog=EPILOG.format(runs=paths.runs_dir(), data=paths.DOWNLOAD_DIR),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _none_of_ours, options = parser.parse_known_args(argv)
    print(f"Runs are kept in {paths.runs_dir()}, a download goes to {paths.DOWNLOAD_DIR}.")
    print(f"Data: {_data_words()}", flush=True)
    signal.signal(signal.SIGINT, _stop)
    sys.argv = ["streamlit", "run", str(paths.APP_DIR / "app.py"), *options]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
