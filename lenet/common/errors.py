"""Everything that can go wrong, as a code with parameters that becomes a sentence only when it is shown.

A code may be stored in a run's status and read years later in another language, so codes and parameter names
never change their meaning. `explain` speaks the reader's language; `str(error)` speaks English, for the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lenet.common import translation
from lenet.common.experiment_errors import MESSAGES as EXPERIMENT_MESSAGES
from lenet.common.translation import N_

UNKNOWN = N_("This version of the app does not know the message “{code}”.")

MESSAGES: dict[str, str] = EXPERIMENT_MESSAGES | {
    # a setting of a network or of a run
    "not_integer": N_("{name} must be a whole number, not {value}."),
    "not_number": N_("{name} must be a number, not {value}."),
    "ambiguous_number": N_(
        "{name} must be one number, but {value} can mean {first} or {second}: write one of these."
    ),
    "not_in_range": N_("{name} must lie between {low} and {high}; it is {value}."),
    "no_value_in_link": N_("{name} in the link has no value, so it is ignored."),
    "too_many_chosen": N_("{name} in the link holds more than {limit} values: the first {limit} are shown."),
    "own_not_weights": N_(
        "own in the link must be {n} numbers between −{limit} and {limit} separated by commas; it is {value}."
    ),
    "not_one_of": N_("{name} must be one of {options}; it is {value}."),
    "unknown_recipe": N_(
        "The recipe “{value}” in {path} is none of {options}, so the settings that the file leaves out have no value."
    ),
    "unknown_setting": N_("There is no setting called {name}."),
    "not_an_object": N_("{name} must be a table of settings, not {value}."),
    "lengths_differ": N_("channels, kernel_size, padding and stride must have one entry for each convolution."),
    "conv_does_not_fit": N_(
        "Layer {layer} ({type}) cannot be built: its {kernel}×{kernel} kernel is larger than its input of "
        "{height}×{width} with padding {padding}."
    ),
    "pool_does_not_fit": N_(
        "Layer {layer} ({type}) cannot be built: its {kernel}×{kernel} window is larger than its input of "
        "{height}×{width}."
    ),
    "too_large": N_(
        "This network is too large for the app: {parameters} million parameters (at most {max_parameters}) and "
        "{multiplications} million multiplications per image (at most {max_multiplications})."
    ),
    "weights_do_not_fit": N_("The weights of the run “{id}” do not fit the network of its configuration."),
    "weights_unreadable": N_("The weights in {path} cannot be read: {reason}."),
    "weights_of_no_network": N_(
        "{path} does not say which network its weights belong to: its metadata has no architecture."
    ),
    "file_does_not_fit": N_("The weights in {path} do not fit the network that its metadata describes."),
    "onnx_missing": N_("An ONNX file needs two packages that are not installed here: pip install onnx onnxscript"),
    "export_failed": N_("The ONNX file could not be made ({reason})."),
    "export_killed": N_("The process that made the ONNX file was killed before it had finished."),
    "kernels_differ": N_("Kernels of {a} weights cannot be matched with kernels of {b} weights."),
    "config_unreadable": N_("The configuration {path} cannot be read: {reason}."),
    "does_not_fit_data": N_(
        "A network for {channels}×{height}×{width} images and {classes} classes cannot be trained on "
        "{name}, which has {shape} images in {n} classes."
    ),
    "nothing_to_stop_by": N_(
        "early_stopping is {value}, but no images are held out to judge by: set validation above 0, for example to 0.1."
    ),
    "too_few_to_hold_out": N_("Of {n} training images none can be held out: set validation to 0."),
    "no_convolution": N_(
        "A network without a convolution has no kernels to watch: the app shows it for comparison only "
        "and does not train it."
    ),
    "too_large_to_cover": N_(
        "This network is too large for the map of pixels that matter: it would have to run a hundred times."
    ),
    "too_large_to_draw": N_(
        "The layers of this network output {numbers} numbers for one image: at most {limit} are drawn."
    ),
    # an exercise
    "answer_missing": N_("There is no answer yet: give one first."),
    # a grid of numbers
    "cell_empty": N_(
        "The cell in row {row}, column {column} of channel {channel} is empty: it needs a number between "
        "−{limit} and {limit}."
    ),
    "cell_not_number": N_(
        "The cell in row {row}, column {column} of channel {channel} holds “{value}”: it needs a number "
        "between −{limit} and {limit}."
    ),
    "cell_too_large": N_(
        "The cell in row {row}, column {column} of channel {channel} holds {value}: only numbers between "
        "−{limit} and {limit} can be used."
    ),
    "cell_ambiguous": N_(
        "The cell in row {row}, column {column} of channel {channel} holds “{value}”, which can mean {one} or "
        "{other}: write it without the comma, with a point for decimals."
    ),
    "cell_other_decimals": N_(
        "The cell in row {row}, column {column} of channel {channel} holds “{value}”, but other cells use the "
        "other sign for decimals: write all decimals with points, or all with commas."
    ),
    "grid_ambiguous": N_(
        "This text can be read in more than one way: {readings}. Choose one of them under “Your own grid”, or write "
        "spaces between the numbers and points for decimals."
    ),
    "grid_elided": N_(
        "The text leaves numbers out (“...”). Print the whole array and copy it again: "
        "torch.set_printoptions(threshold=10_000), or np.set_printoptions(threshold=10_000)."
    ),
    "grid_list_uneven": N_(
        "The list is not an array: its brackets do not match, or numbers and lists stand side by side in it."
    ),
    "grid_not_list": N_("Beside a list of numbers the text has “{value}”: paste a single list, array or tensor."),
    "grid_batch": N_("The array has {found} samples along its first axis: paste one of them, such as X[0]."),
    "grid_dimensions": N_("The array has {found} axes: at most {limit} can be used (sample, channel, row, column)."),
    "grid_empty": N_("There are no numbers in the text: write one row of the grid on each line."),
    "grid_ragged": N_(
        "All rows must be equally long: the first row of the grid has {expected} numbers, row {row} of channel "
        "{channel} has {found}."
    ),
    "grid_channels_differ": N_(
        "Channel {channel} has {found} rows, but the first channel has {expected}: all channels must be equally high."
    ),
    "grid_too_large": N_("The grid has {height} rows and {width} columns: at most {limit} of each can be used."),
    "grid_too_many_channels": N_(
        "The grid has {found} channels (a blank line begins a new one): at most {limit} can be used."
    ),
    "grid_text_too_long": N_("The text has {found} characters: at most {limit} can be used."),
    "grid_bad_edit": N_("This change to a cell cannot be understood: {value}."),
    "picture_unreadable": N_("This file cannot be read as a picture: use an undamaged {formats} file."),
    "picture_file_too_large": N_("This file is too large ({found} MB): at most {limit} MB can be used."),
    "picture_too_many_pixels": N_(
        "This picture has {found} million pixels: at most {limit} million pixels can be used. Scale it down first."
    ),
    "picture_too_long": N_("This picture has {width}×{height} pixels: no side may be longer than {limit}."),
    # uploaded kernels
    "upload_too_large": N_(
        "The file is too large ({megabytes} MB): at most {limit} MB are read. A command under “Files” cuts out its "
        "first layer."
    ),
    "upload_not_safetensors": N_("The file is not in the safetensors format: it has no header that can be read."),
    "upload_bad_entry": N_(
        "The file is not in the safetensors format: its header gives no valid type, shape and place of {name}."
    ),
    "upload_header_too_large": N_("The header of the file takes {megabytes} MB: at most {limit} MB are read."),
    "upload_cut_off": N_(
        "The file is cut off: by its header it has {expected} bytes of tensors, but {found} are there."
    ),
    "upload_sizes": N_("The header of the file contradicts itself: {name} does not fill the bytes that it says."),
    "upload_no_convolution": N_("None of the {found} tensors of the file has the four axes of a convolution."),
    "upload_dtype": N_("{name} cannot be shown: its numbers have the type {dtype}, and only {known} are read."),
    "upload_no_weights": N_("{name} has the shape {shape}: there are no weights to show."),
    "upload_too_many_kernels": N_(
        "{name} has the shape {shape}: {found} kernels are more than the {limit} that fit."
    ),
    "upload_too_many_channels": N_(
        "{name} has the shape {shape}: {found} input channels are more than the {limit} that can be shown."
    ),
    "upload_too_large_kernels": N_(
        "{name} has the shape {shape}: its kernels are larger than the {limit}×{limit} weights that can be shown."
    ),
    "upload_too_many_weights": N_(
        "{name} has the shape {shape}: {found} weights are more than the {limit} that a browser draws."
    ),
    "upload_not_finite": N_("{name} cannot be shown: it holds values that are not finite numbers."),
    # the data set
    "data_missing": N_(
        "The full {name} data set is not on this machine. Press Download, or put its four idx files "
        "into {folder}, or set LENET_DATA_DIR, or on Debian and Ubuntu run: apt-get install {package}"
    ),
    "data_set_missing": N_(
        "{name} is not on this machine. Download it (python -m lenet.data {key}), or put its four idx files into "
        "{folder}, or into a folder that LENET_DATA_DIR names."
    ),
    "data_other_set": N_(
        "{name} is not on this machine: {folder} holds {train} + {test} images of {size} in {classes} classes, which "
        "are not {name}. Download it with python -m lenet.data {key}, or name its folder in LENET_DATA_DIR."
    ),
    "data_no_sample": N_("There is no sample of {of}: only one of {name} comes with the app."),
    "data_own_missing": N_("There are no own images: name the folder of their four idx files in LENET_DATA_DIR."),
    "data_dir_absent": N_(
        "LENET_DATA_DIR names {folder}, but there is no such folder: it must hold four idx files ({wanted}, or the like)."
    ),
    "data_dir_is_file": N_(
        "LENET_DATA_DIR names {folder}, which is a file: it must name the folder of four idx files ({wanted}, or the like)."
    ),
    "data_dir_empty": N_(
        "LENET_DATA_DIR names {folder}, which is empty: it must hold four idx files ({wanted}, or the like)."
    ),
    "data_dir_without_data": N_(
        "LENET_DATA_DIR names {folder}, which holds no four idx files ({wanted}, or the like), but {found}."
    ),
    "data_truncated": N_("The data file {path} is damaged: it holds {found} bytes of content, not {expected}."),
    "data_too_long": N_(
        "The data file {path} is damaged: its head says {shape}, but more than {expected} bytes of content follow."
    ),
    "data_not_idx": N_("The data file {path} is not an idx file: {reason}."),
    "data_not_bytes": N_("The data file {path} is an idx file of {type} values: only bytes (type 0x08) can be used."),
    "data_other_axes": N_(
        "The data file {path} has {found} axes, not {expected}: grey images have three (number, height, width), labels one."
    ),
    "data_too_large": N_("The data file {path} holds {found} MiB: at most {limit} MiB can be used."),
    "data_empty": N_("The data file {path} holds nothing: its head says {shape}."),
    "data_counts_differ": N_("The data file {path} holds {images} images, but {labels_path} holds {labels} labels."),
    "data_sizes_differ": N_(
        "The images in {path} are {size}, but those in {test_path} are {test_size}: all must have the same size."
    ),
    "data_classes": N_(
        "The labels in {folder} go up to {label}: they must go up to 1 at least and to {limit} at most, counted from 0."
    ),
    "data_not_as_described": N_(
        "The images in {folder} are not those of {name}: they are {size} with labels up to {label}, not {expected} with "
        "labels up to {highest}."
    ),
    "data_unreadable": N_("The data file {path} cannot be read: {reason}."),
    "data_file_absent": N_("The data file {path} is missing."),
    "data_cut": N_("The data file {path} is cut off: its compressed content ends too early."),
    "begun_on_others": N_(
        "The run “{id}” was begun on other images: on {name}, which is not on this machine. {folder} holds {train} + {test} "
        "images of {size} in {classes} classes."
    ),
    "begun_on_other_sizes": N_(
        "The run “{id}” was begun on other images: on {begun} ({name}). {folder} holds {found}."
    ),
    "begun_on_other_checksum": N_(
        "The run “{id}” was begun on other images, as many as {folder} holds ({name}): their checksum is {begun}, not {found}."
    ),
    "download_failed": N_(
        "The download did not succeed ({reason}). Three other ways: put the four idx files into {folder}, set "
        "LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    "download_offline": N_(
        "The download did not succeed: {host} cannot be reached ({reason}). Is this machine online? Three other ways: put "
        "the four idx files into {folder}, set LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    "download_refused": N_(
        "The download did not succeed: {host} answered “{answer}”. Three other ways: put the four idx files into {folder}, "
        "set LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    "download_web_page": N_(
        "The download did not succeed: in place of {file} came a web page. Does this network want you to log in first? Three "
        "other ways: put the four idx files into {folder}, set LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    "download_cut": N_(
        "The download did not succeed: the connection was cut in the middle of {file}. Try again, or one of three other ways: "
        "put the four idx files into {folder}, set LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    "download_damaged": N_(
        "The download did not succeed: the {file} that came is not the published one (its checksum differs). Three other "
        "ways: put the four idx files into {folder}, set LENET_DATA_DIR to a folder that has them, or run: {command}"
    ),
    # the test on all test images
    "insight_failed": N_("The test on all test images ended with an unexpected error ({reason})."),
    "insight_killed": N_("The process that tested the network on all test images was killed before it had finished."),
    # a run
    "no_such_run": N_("There is no run called “{id}” here."),
    "run_removed": N_("The run “{id}” was removed to make room for another one, at {when} (UTC)."),
    "picture_gone": N_(
        "This link shows a picture that was opened in one browser only and is not stored here: open it again."
    ),
    "upload_gone": N_(
        "This link shows kernels from a file that was opened in one browser only and is not stored here: "
        "open the file again under “Files”."
    ),
    "bad_run_id": N_(
        "“{id}” cannot be the name of a run: use 1 to 64 letters, digits, dots, hyphens or underscores, "
        "beginning with a letter or digit."
    ),
    "run_exists": N_("A run called “{id}” exists already."),
    "run_busy": N_("The run “{id}” is being trained by another process."),
    "run_damaged": N_("The file {file} of the run “{id}” cannot be read: {reason}."),
    "resume_contradicts": N_(
        "{option} is {value}, but the run “{id}” has {own}: leave it out, or start another run."
    ),
    "resume_shorter": N_(
        "The run “{id}” has {own} epochs: with --resume, --epochs must be that number or a larger one, not {value}."
    ),
    "tensorboard_missing": N_(
        "TensorBoard’s event files need a package that is not installed here: pip install tensorboard"
    ),
    "reference_needs_folder": N_(
        "“{id}” came with the app, and nothing is written into its folder: name another one with --tensorboard DIR."
    ),
    "run_pinned": N_("The run “{id}” is pinned: unpin it first."),
    "run_is_reference": N_("“{id}” came with the app and cannot be changed."),
    # a laptop that others look at
    "guests_look": N_(
        "Guests may only look here. Whoever sits at the machine that runs the app can let them do more, under Share."
    ),
    # a public server
    "wrong_password": N_("This is not the operator’s password."),
    "sign_in_closed": N_("Too many wrong passwords: try again in {seconds} seconds."),
    "no_operator_password": N_(
        "Nobody can sign in here: .streamlit/secrets.toml has no password under [operator] on this server."
    ),
    "bad_limit": N_("{name} must be a whole number between {low} and {high}; it is “{value}”."),
    "no_key": N_(
        "This server cannot recognise your browser yet, so a run would not belong to you. Allow cookies "
        "for this site and try again."
    ),
    "not_your_run": N_(
        "The run “{id}” can only be changed in the browser that started it, or by the operator of this server."
    ),
    "too_many_epochs": N_("A run has at most {limit} epochs on this server; this one would have {value}."),
    "too_many_minutes": N_(
        "This run would take about {low}–{high} minutes on {device}, and a run may take {limit} minutes on this server: set "
        "its epochs to at most {epochs}, or choose larger batches or a smaller network."
    ),
    "too_many_minutes_an_epoch": N_(
        "This run would take about {low}–{high} minutes on {device}, and a run may take {limit} minutes on this server: "
        "choose larger batches or a smaller network."
    ),
    "too_many_hours": N_(
        "This run would take about {low}–{high} hours on {device}, and a run may take {limit} minutes on this server: set "
        "its epochs to at most {epochs}, or choose larger batches or a smaller network."
    ),
    "too_many_hours_an_epoch": N_(
        "This run would take about {low}–{high} hours on {device}, and a run may take {limit} minutes on this server: "
        "choose larger batches or a smaller network."
    ),
    "too_long_anywhere": N_(
        "This run would take longer than {limit} minutes on any machine, and a run may not take longer on this server: "
        "choose fewer epochs, larger batches or a smaller network."
    ),
    "too_many_waiting": N_("Your runs in the queue: {value}. The limit here is {limit}: wait for one to begin."),
    "too_many_waiting_here": N_(
        "Runs in the queue from your network address: {value}. The limit here is {limit}: wait for one to begin."
    ),
    "too_many_pinned_here": N_(
        "Pinned runs from your network address: {value}. The limit here is {limit}: one has to be unpinned first."
    ),
    "too_many_runs": N_(
        "This server keeps at most {limit} runs, and none of them can be deleted to make room: try again later."
    ),
    "no_disk_left": N_(
        "Runs may take up {limit} MB on this server; with this one they would take up {value} MB, and "
        "none can be deleted to make room: try again later."
    ),
    "too_many_pinned": N_("Your pinned runs: {value}. The limit here is {limit}: unpin another one first."),
    "busy": N_("This server is too busy to do that now: try again."),
    "bad_name": N_("A name has at most {limit} characters and none of <, > and &: “{name}” cannot be used."),
    # why a run ended, and errors of workers and pages
    "disk_full": N_("The disk is full: training stopped after epoch {epoch}, which is saved."),
    "not_writable": N_("The runs folder {folder} cannot be written to: {reason}."),
    "file_not_writable": N_("The file {path} cannot be written: {reason}."),
    "diverged": N_("The loss became {loss} in epoch {epoch}: training stopped. A smaller learning rate may help."),
    "device_unavailable": N_("The device {device} is not available on this machine."),
    "out_of_memory": N_("The device {device} ran out of memory. A smaller batch size needs less."),
    "worker_missing": N_("Runs are waiting ({n}), but there is no process to train them."),
    "worker_stuck": N_("The run “{id}” is being trained, but its trainer has not reported for {seconds} seconds."),
    "unexpected": N_(
        "Something went wrong on this page. Your settings are kept in the address: reload the page. The "
        "details are in the log under number {id}."
    ),
    "crashed": N_("Training ended with an unexpected error ({reason}). The log of the worker has the details."),
}


class LenetError(ValueError):
    """A refusal or failure that a reader can do something about.

    `code` is a key of MESSAGES; `params` fill in its sentence and are plain JSON values.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params

    @property
    def template(self) -> str:
        """The English sentence, before the parameters are put in: the key of the catalogue."""
        return MESSAGES[self.code]

    def __str__(self) -> str:
        return translation.fill(self.template, self.params)


def say(code: str, params: Mapping[str, Any]) -> str:
    """A stored code and its parameters as one sentence in the reader's language."""
    if code not in MESSAGES:
        return translation.fill(translation.translate(UNKNOWN), {"code": code})
    return translation.fill(translation.translate(MESSAGES[code]), params)


def explain(error: Exception) -> str:
    """An error as one sentence in the reader's language.

    Any error with a `template` and `params` is translated, whatever its class: `PoolingError` has its own sentences, so
    that the arithmetic of pooling does not depend on this module.
    """
    template, params = getattr(error, "template", None), getattr(error, "params", None)
    if isinstance(template, str) and isinstance(params, Mapping):
        return translation.fill(translation.translate(template), params)
    return str(error) or type(error).__name__
