"""Write what ships of a finished experiment: see lenet/experiments/shipped.py.

python -m tests.tools.ship_experiment ID [--as NAME] [--runs-dir DIR]
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from lenet.common import paths
from lenet.experiments import arguments, results, shipped, store


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.ship_experiment")
    parser.add_argument("id")
    parser.add_argument("--as", dest="name", help="what it is called among those that ship (default: its id)")
    paths.add_runs_dir_option(parser)
    args = parser.parse_args()
    if args.runs_dir:
        paths.use_runs_dir(args.runs_dir)
    found = results.read(args.id)
    experiment = found.experiment
    assert len(found.finished) == len(found.outcomes), "it has not finished"
    metrics = {(o.arm, o.seed): found.metrics(o.arm, o.seed) for o in found.outcomes}
    seeds = range(experiment.seeds)
    kernels = np.array([[found.kernels(arm, seed) for seed in seeds] for arm in range(len(experiment.arms))])
    named = replace(experiment, id=store.REFERENCE_PREFIX + (args.name or args.id))
    shipped.save(store.file_of(named.id), named, shipped.Shipped(metrics, kernels))
    print(arguments.command(named))


if __name__ == "__main__":
    main()
