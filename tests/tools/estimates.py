"""How good the estimates of a run's time are on this machine: estimate, train, compare.

    python -m tests.tools.estimates             # each from the short measurement of the device alone
    python -m tests.tools.estimates --learn     # each also from the runs before it, as on a server

    python -m tests.tools.estimates --busy      # on a machine with other work: judged by this process's seconds of computing

Takes some minutes.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from lenet import runs
from lenet.architecture.configuration import LeNetConfig
from lenet.common import paths
from lenet.runs import cost
from lenet.runs.configuration import CLASSIC, MODERN, RunConfig
from lenet.runs.state import worker_job, write_state
from lenet.training.run import train_run
from lenet.worker import Worker

SECONDS = 8.0
"""Of training, by the estimate: so many images an epoch are drawn."""
NARROW = LeNetConfig(
    channels=(4,), kernel_size=(3,), padding=(1,), stride=(1,), hidden=(16,), activation="relu", pooling="max"
)
DEEP = LeNetConfig(
    channels=(16, 16, 32, 32), kernel_size=(3,) * 4, padding=(1,) * 4, stride=(1,) * 4, activation="relu", hidden=(64,),
    pooling="none",
)  # fmt: skip
WIDE = LeNetConfig(activation="relu", hidden=(1024, 512))
BROAD = LeNetConfig(activation="relu", channels=(64, 64), batch_norm=True)
KINDS = {
    "classic": CLASSIC,
    "classic, batches of 1": replace(CLASSIC, batch_size=1, lr=0.05),
    "classic, batches of 16": replace(CLASSIC, batch_size=16, lr=0.1),
    "classic, batches of 2048": replace(CLASSIC, batch_size=2048),
    "modern": MODERN,
    "modern, batches of 1": replace(MODERN, batch_size=1),
    "modern, dropout, shifts": replace(MODERN, model=replace(MODERN.model, dropout=0.3), augment="flip_shift"),
    "Adam, batches of 32": replace(MODERN, optimizer="adam", batch_size=32),
    "narrow": replace(MODERN, model=NARROW, batch_size=64),
    "deep": replace(MODERN, model=DEEP, batch_size=64),
    "wide": replace(MODERN, model=WIDE, batch_size=64),
    "broad, batch norm": replace(MODERN, model=BROAD, batch_size=128),
    "256 channels": replace(CLASSIC, model=replace(CLASSIC.model, channels=(256, 256)), batch_size=32, lr=0.1),
}


def sized(config: RunConfig) -> RunConfig:
    """The run with two epochs of as many images as are trained in SECONDS."""
    config = replace(config, epochs=2, data="auto")
    whole = cost.estimate(config)
    assert whole is not None
    share = SECONDS / ((whole.low * whole.high) ** 0.5)
    images = round(60_000 * share / config.batch_size) * config.batch_size
    return replace(config, examples_per_epoch=min(max(images, config.batch_size), 60_000))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.estimates", description="Compare estimates with runs."
    )
    parser.add_argument("--learn", action="store_true", help="estimate from the runs before, too")
    parser.add_argument(
        "--busy", action="store_true", help="count the time in which this process computed (CPU alone)"
    )
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        paths.use_runs_dir(Path(folder))
        worker = Worker(1)
        worker_job().folder.mkdir()
        write_state(1, **worker.machine())
        worker.calibrate()
        off = []
        for name, kind in KINDS.items():
            config = sized(kind)
            estimate = cost.estimate(config)
            assert estimate is not None
            worker.use_threads()
            computed = time.process_time()
            status = train_run(runs.create(config), worker.cache)
            if args.learn:
                cost.learn(config, status)
            took = (time.process_time() - computed) / worker.threads if args.busy else status.updated - status.started
            middle = (estimate.low * estimate.high) ** 0.5
            off.append(max(took / middle, middle / took))
            inside = "inside" if estimate.low <= took <= estimate.high else "OUTSIDE"
            print(
                f"{name:26} {status.step:7,} steps  {estimate.low:5.1f}–{estimate.high:5.1f} s  took {took:5.1f} s  "
                f"× {took / middle:4.2f}  {inside} {status.state}",
                flush=True,
            )  # fmt: skip
        print(f"off by a factor of {statistics.median(off):.2f} in the median, {max(off):.2f} at most")


if __name__ == "__main__":
    main()
