"""Take a run along: its settings, its weights, its network as ONNX, a PyTorch script that trains it.

python -m lenet.export RUN --weights lenet.safetensors
python -m lenet.export RUN --onnx lenet.onnx --config config.json --script train.py
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from lenet import runs
from lenet.common import files, paths
from lenet.common.errors import LenetError
from lenet.runs import Run, export, onnx_export
from lenet.training import code

FORMS: dict[str, tuple[Callable[[Run], bytes], str]] = {
    "config": (export.config_json, "its settings as JSON: python -m lenet.train --config FILE trains the same again"),
    "weights": (
        export.weights,
        "its weights as safetensors, with what they need in the metadata: lenet.model.load(FILE) builds the network",
    ),
    "best": (
        lambda run: export.weights(run, runs.BEST),
        "likewise its weights after the best epoch, if it has validation images",
    ),
    "onnx": (onnx_export.make, "its network as ONNX, for any number of images (needs: pip install onnx onnxscript)"),
    "script": (lambda run: code.of_run(run).encode(), "a PyTorch script that trains the same, without this package"),
}
"""What a run can be written as, and the help of that option."""


def main(argv: list[str] | None = None) -> int:
    """Write what the options ask for; 0 when all is written, 1 when something cannot be, 2 for a wrong option."""
    parser = argparse.ArgumentParser(prog="python -m lenet.export", description="Write a run as files to take along.")
    parser.add_argument("run", metavar="RUN", help="id of the run, the last part of its page's address")
    for name, (_make, text) in FORMS.items():
        parser.add_argument(f"--{name}", type=paths.option, metavar="FILE", help=text)
    paths.add_runs_dir_option(parser)
    args = parser.parse_args(argv)
    wanted: dict[str, Path] = {name: path for name in FORMS if (path := getattr(args, name))}
    if not wanted:
        parser.error(f"say what to write: {', '.join('--' + name for name in FORMS)}")
    if args.runs_dir:
        paths.use_runs_dir(args.runs_dir)
    try:
        run = runs.find(args.run)
        for path in wanted.values():
            files.check_writable(path)
        for name, path in wanted.items():
            with files.writing(path.parent):
                files.write_atomic(path, FORMS[name][0](run))
            print(path)
    except LenetError as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
