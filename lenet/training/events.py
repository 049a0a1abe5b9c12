"""What TensorBoard is told of a run: curves, pictures of its kernels, its settings and its network, from what its directory
holds.

The records are those that torch's SummaryWriter writes, but nothing here loads torch: the web server makes event files
too. The package `tensorboard` is imported only where records are made, because it is optional (see `tensorboard.py`).
"""

from __future__ import annotations

import io
from collections import defaultdict
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lenet.common import colours
from lenet.runs import Run, configuration, files
from lenet.runs.configuration import RunConfig
from lenet.training.schedules import learning_rates

MAX_STEPS = 10_000  # of a curve over steps; TensorBoard itself shows a thousand unless it is told otherwise
STEP_LOSS = "loss/step"
KERNELS = "kernels"
TAGS = {
    "loss": "loss/train",
    "test_loss": "loss/test",
    "val_loss": "loss/validation",
    "train_cross_entropy": "loss/train_cross_entropy",
    "train_acc": "accuracy/train",
    "test_acc": "accuracy/test",
    "val_acc": "accuracy/validation",
}
"""What columns of metrics.csv are called in TensorBoard, which shows tags of one beginning side by side. A column that is
not named here keeps its name."""

FORMS = (
    (bool, "DATA_TYPE_BOOL", "bool_value"),
    ((int, float), "DATA_TYPE_FLOAT64", "number_value"),
    (object, "DATA_TYPE_STRING", "string_value"),
)
"""Type of a setting, what it is for TensorBoard, and where its value goes; the first that fits."""

Series = tuple[NDArray[np.int64], NDArray[Any]]
"""Steps of the optimiser, which increase, and a value at each."""


# -- numbers -------------------------------------------------------------------------------------------------------


def scalars(run: Run) -> dict[str, Series]:
    """All curves of a run so far by their tags. Raises LenetError if a file of the run cannot be read."""
    found: dict[str, Series] = {}
    config, per_epoch = run.config, max(run.status().steps_per_epoch, 1)
    total = per_epoch * config.epochs
    losses, gradients = run.steps(), dict(run.gradients())
    steps, kept = _thinned(losses["step"], total)
    found[STEP_LOSS] = steps, losses["loss"][kept]
    if gradients:
        at, kept = _thinned(gradients.pop("step"), total)
        found |= {f"gradient_norm/{name}": (at, norms[kept]) for name, norms in gradients.items()}
    planned = steps[steps <= total]
    rates = [learning_rates(config, step - 1, per_epoch) for step in planned.tolist()]  # of the step that ended there
    for name in rates[0] if rates else ():
        found[f"learning_rate/{name}"] = planned, np.array([rate[name] for rate in rates])
    metrics = run.metrics()
    for name, column in metrics.items():
        measured = ~np.isnan(column)
        if name not in ("epoch", "step") and measured.any():
            found[TAGS.get(name, name)] = metrics["step"][measured].astype(np.int64), column[measured]
    return found


def _thinned(column: NDArray[np.float64], total: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The steps in a table that are kept, and in which of its rows they are: MAX_STEPS of a run of `total` steps.

    The same while a run grows as at its end.
    """
    steps = column.astype(np.int64)
    kept = np.diff(steps * MAX_STEPS // max(total, MAX_STEPS), prepend=0) > 0
    return steps[kept], kept


def seconds(run: Run, steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """When so many steps had been done, in seconds since 1970.

    Only training takes time here, from the making of the run on: a run does not keep when it paused and evaluated.
    """
    status, metrics = run.status(), run.metrics()
    images = status.train_images or status.steps_per_epoch * run.config.batch_size
    speed = metrics["examples_per_sec"]
    took = np.divide(images, speed, out=np.zeros(len(speed)), where=speed > 0)
    ends, spent = np.append(0, metrics["step"]), np.append(0, np.cumsum(took))
    if len(took):
        per_step = spent[-1] / ends[-1]
    else:
        done = status.step - status.started_step
        per_step = max(status.updated - status.started, 0.0) / done if done > 0 else 0.0
    behind = np.maximum(steps - ends[-1], 0)  # the last finished epoch
    begun = status.created or status.started
    return np.asarray(begun + np.interp(steps, ends, spent) + behind * per_step)


# -- pictures ------------------------------------------------------------------------------------------------------

CELL = 14  # pixels of a weight
WIDTH = 900  # pixels of a sheet, where a weight in one pixel does not take more
SHADES = 255  # of the diverging scale
WHITE = 255  # between kernels
PALETTE = (*colours.rgb(np.linspace(0, 1, SHADES), colours.DIVERGING).ravel().tolist(), 255, 255, 255)
"""Red, green and blue of the shades and of white: a picture has one byte for a weight."""


def sheet(kernels: NDArray[np.float32]) -> Image.Image:
    """Kernels [out, in, kh, kw] as one picture, the channels of each side by side.

    The scale is centred on zero and ends at the largest |weight|; what is no finite number is drawn as 0.
    """
    out, channels, high, wide = kernels.shape
    kernels = np.nan_to_num(kernels, nan=0, posinf=0, neginf=0)
    shades = ((0.5 + kernels / (2 * (np.abs(kernels).max() or 1))) * (SHADES - 1)).round().astype(np.uint8)
    across, down = channels * (wide + 1), high + 1  # cells of a kernel, each time with the gap behind it
    columns = max(1, min(out, round((1.5 * out * down / across) ** 0.5)))
    cells = np.full((-(-out // columns) * down + 1, columns * across + 1), WHITE, np.uint8)
    for n, kernel in enumerate(shades):
        top, left = n // columns * down + 1, n % columns * across + 1
        for c, channel in enumerate(kernel):
            x = left + c * (wide + 1)
            cells[top : top + high, x : x + wide] = channel
    size = min(CELL, max(1, WIDTH // cells.shape[1]))
    cells = cells.repeat(size, 0).repeat(size, 1)
    picture = Image.frombytes("P", (cells.shape[1], cells.shape[0]), cells.tobytes())
    picture.putpalette(PALETTE)
    return picture


# -- the network ---------------------------------------------------------------------------------------------------


def graph(config: RunConfig) -> Any:
    """The network as TensorBoard's GraphDef: its input, and a node for each layer with its arguments and output shape."""
    from tensorboard.compat.proto.attr_value_pb2 import AttrValue
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.compat.proto.node_def_pb2 import NodeDef
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto

    def node(name: str, op: str, inputs: list[str], shape: tuple[int, ...], arguments: str) -> Any:
        dims = [TensorShapeProto.Dim(size=n) for n in (-1, *shape[1:])]  # a batch has any length
        shapes = AttrValue.ListValue(shape=[TensorShapeProto(dim=dims)])
        attributes = {"_output_shapes": AttrValue(list=shapes), "arguments": AttrValue(s=arguments.encode())}
        return NodeDef(name=name, op=op, input=inputs, attr=attributes)

    nodes = [node("input", "images", [], config.model.input_shape, "")]
    for row in config.model.layers:
        name = f"{row.type}_{row.name}"
        nodes.append(node(name, row.type, [nodes[-1].name], row.output_shape, str(row.kind.arguments(row))))
    return GraphDef(node=nodes)


# -- the file ------------------------------------------------------------------------------------------------------


class EventFile:
    """The event file of one run, written to `out`, which stays open."""

    def __init__(self, run: Run, out: BinaryIO) -> None:
        from tensorboard.compat.proto.event_pb2 import SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        self.run = run
        self._records = RecordWriter(out)
        self._written: dict[str, int] = defaultdict(int)  # values of each tag
        self._has_settings = False
        self._begun = float(seconds(run, np.zeros(1, np.int64))[0])
        self._event(self._begun, file_version="brain.Event:2")
        self._event(self._begun, session_log=SessionLog(status=SessionLog.START))  # forget what was read before
        self._event(self._begun, graph_def=graph(run.config).SerializeToString())

    def extend(self) -> None:
        """Append all that the run has and the file has not. Raises OSError, and LenetError if a file of the run cannot be read."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        curves = scalars(self.run)
        if not self._has_settings and any(tag.startswith("accuracy/") for tag in curves):
            self._settings(curves)
        values: dict[int, list[Any]] = defaultdict(list)
        for tag, series in (curves | self._kernels(values)).items():
            for step, value in zip(*self._new(tag, series), strict=True):
                values[int(step)].append(Summary.Value(tag=tag, simple_value=value))
        steps = sorted(values)
        for step, at in zip(steps, seconds(self.run, np.array(steps, np.int64)).tolist(), strict=True):
            self._event(at, step=step, summary=Summary(value=values[step]))
        self._records.flush()

    def finish(self) -> None:
        """Append what is new, and that the run has finished or failed if it has."""
        from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

        self.extend()
        if not self._has_settings:
            self._settings(scalars(self.run))
        status = self.run.status()
        result = {"finished": api_pb2.STATUS_SUCCESS, "failed": api_pb2.STATUS_FAILURE}.get(status.state)
        if result is not None:
            at = float(seconds(self.run, np.array([status.step]))[0])
            end = plugin_data_pb2.SessionEndInfo(status=result, end_time_secs=at)
            self._plugin(at, metadata.SESSION_END_INFO_TAG, session_end_info=end)
        self._records.flush()

    def _kernels(self, values: dict[int, list[Any]]) -> dict[str, Series]:
        """Put pictures of the kernels that are new among `values` of steps; the curve of their largest |weight|."""
        from tensorboard.compat.proto.summary_pb2 import Summary

        if not (self.run.path / files.KERNELS).exists():  # it still waits
            return {}
        steps, kernels = self.run.kernels()
        numbers = np.arange(len(steps))
        for step, n in zip(*self._new(KERNELS, (steps, numbers)), strict=True):
            picture, png = sheet(kernels[int(n)]), io.BytesIO()
            picture.save(png, "PNG")
            size = {"width": picture.width, "height": picture.height, "colorspace": 3}  # 3: red, green and blue
            image = Summary.Image(encoded_image_string=png.getvalue(), **size)
            values[int(step)].append(Summary.Value(tag=KERNELS, image=image))
        return {"kernels/largest_weight": (steps, np.abs(kernels).reshape(len(steps), -1).max(1))}

    def _new(self, tag: str, series: Series) -> Series:
        """The part of a series that is not written yet, which counts as written from now on."""
        steps, values = series
        done, self._written[tag] = self._written[tag], len(steps)
        return steps[done:], values[done:]

    def _settings(self, curves: dict[str, Series]) -> None:
        """The settings of the run as hyperparameters; `curves` are what it can be compared by."""
        from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

        start, infos = plugin_data_pb2.SessionStartInfo(start_time_secs=self._begun), []
        for name, value in configuration.flat(self.run.config).items():
            kind, field = next(form for type_, *form in FORMS if isinstance(value, type_))
            infos.append(api_pb2.HParamInfo(name=name, type=api_pb2.DataType.Value(kind)))
            setattr(start.hparams[name], field, str(value) if field == "string_value" else value)
        metrics = [tag for tag in curves if tag.startswith(("accuracy/", "loss/")) and tag != STEP_LOSS]
        compared = [api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag)) for tag in metrics]
        experiment = api_pb2.Experiment(hparam_infos=infos, metric_infos=compared)
        self._plugin(self._begun, metadata.EXPERIMENT_TAG, experiment=experiment)
        self._plugin(self._begun, metadata.SESSION_START_INFO_TAG, session_start_info=start)
        self._has_settings = True

    def _plugin(self, at: float, tag: str, **content: Any) -> None:
        """A record for TensorBoard's page of hyperparameters."""
        from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
        from tensorboard.plugins.hparams.metadata import PLUGIN_DATA_VERSION, PLUGIN_NAME
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

        data = HParamsPluginData(version=PLUGIN_DATA_VERSION, **content).SerializeToString()
        plugin = SummaryMetadata.PluginData(plugin_name=PLUGIN_NAME, content=data)
        value = Summary.Value(tag=tag, metadata=SummaryMetadata(plugin_data=plugin))
        self._event(at, summary=Summary(value=[value]))

    def _event(self, at: float, **content: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._records.write(Event(wall_time=at, **content).SerializeToString())
