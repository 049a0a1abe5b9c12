"""LeNet: the network as a flow, every layer with its shape and parameters, and an image walked through it."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from functools import partial
from typing import Any

import streamlit as st

from lenet import data, explain, hosting, presets, recipes, runs, ui
from lenet import images as pictures
from lenet.architecture import CannotBuild, LeNetConfig, repairs
from lenet.errors import LenetError
from lenet.errors import explain as explain_error
from lenet.figures import architecture as figures
from lenet.i18n import translate as _
from lenet.wording import number

ui.inside_app()

# 2 s, once in the life of the server; after that a spinner would only start a thread in every run
with nullcontext() if "torch" in sys.modules else st.spinner(_("Loading PyTorch…")), ui.first_import:
    from lenet import model, walk

    walk.use_one_thread()

draw_maps, draw_sketch, layer_keys = ui.component("walk_maps"), ui.component("sketch"), ui.component("layer_keys")

# -- the controls ------------------------------------------------------------------------------------------------

IN_ROW = ("c1", "k1", "c2", "k2", "h1", "h2", "act", "pool")


def setting(key: str, cell: Any = None, **more: Any) -> None:
    """One control, drawn in `cell`, or not drawn but kept."""
    label, first, more = presets.label(key), presets.DEFAULTS[key], {"help": presets.hint(key)} | more
    if key in presets.NUMBERS:
        low, high, _first = presets.NUMBERS[key]
        ui.number(cell.number_input if cell else ui.kept, label, low, high, key=key, default=int(first), **more)
    else:
        ui.choice(cell.selectbox if cell else ui.kept, label, presets.words(key), key=key, default=str(first), **more)


def controls() -> dict[str, Any]:
    """The arguments of LeNetConfig that the reader has set."""
    open_network_of_link()
    state = st.session_state
    for key in ("convs", "dense"):
        setting(key)
    used = presets.in_use(state)
    preset, *cells, more = st.columns(
        [1.9, 1, 1, 1, 1, 1, 1, 1.1, 1.1, 0.95], vertical_alignment="bottom", gap="xsmall"
    )
    for key, cell in zip(IN_ROW, cells, strict=True):
        setting(key, cell, disabled=key not in used)
    panel = more.popover(_("More"), key="more", on_change="rerun", width="stretch")
    if panel.open:
        with panel:
            show_more(used)
    for key in used.difference(IN_ROW, ("convs", "dense")):
        if not panel.open:
            setting(key)
    for key in set(presets.DEFAULTS).difference(used).intersection(st.query_params):
        del st.query_params[key]
    values = presets.to_values(state)
    names = {k: _(p.name) for k, p in presets.PRESETS.items()}
    state["preset"] = presets.which(values)
    preset.selectbox(
        _("Network"), [*names, *([] if state["preset"] else [""])], key="preset", on_change=take_preset,
        format_func=lambda k: names.get(k) or _("your own"),
        help="\n\n".join(f"**{names[k]}** · {_(p.about)}" for k, p in presets.PRESETS.items()),
    )  # fmt: skip
    return values


def show_more(used: set[str]) -> None:
    """The settings for which there is no room in the row."""
    for keys in (("size", "width", "ch", "classes"), ("convs", "dense", "drop"), ("bn", "head")):
        for key, cell in zip(keys, st.columns(len(keys), vertical_alignment="bottom"), strict=True):
            setting(key, cell)
    for i in range(1, st.session_state.convs + 1):
        for letter, cell in zip("ckps", st.columns(4), strict=True):
            if f"{letter}{i}" not in IN_ROW:
                setting(f"{letter}{i}", cell)
    wide = [f"h{i}" for i in range(3, st.session_state.dense + 1)]
    for key, cell in zip(wide, st.columns(max(4, len(wide))), strict=False):
        setting(key, cell)
    st.selectbox(
        _("Open the network of a run"), list(words := ui.run_words()), index=None, key="_open", on_change=take_run,
        format_func=lambda i: words.get(i, i), placeholder=_("choose a run"),
    )  # fmt: skip


def take(config: LeNetConfig) -> None:
    """Set all controls to this network."""
    st.session_state.update(presets.to_settings(config))


def take_preset() -> None:
    if st.session_state.preset in presets.PRESETS:
        take(presets.PRESETS[st.session_state.preset].config)


def take_run() -> None:
    if st.session_state._open:
        ui.attempt(lambda: take(runs.find(st.session_state._open).config.model))


def open_network_of_link() -> None:
    """A link that holds a network as the training page's do, or names a run (and not the walk), opens that network.

    Settings in the link go first.
    """
    query = st.query_params
    if ui.arrived() and "net" in query:
        text = query["net"]
        del query["net"]
        if not set(presets.DEFAULTS) & set(query):
            ui.attempt(lambda: take(LeNetConfig.from_url(text)))
    if not ui.arrived() or "run" not in query or query.get("tab") == "walk":
        return
    run_id = query["run"]
    del query["run"]
    try:
        run = runs.find(run_id)
        if not set(presets.DEFAULTS) & set(query):
            take(run.config.model)
            st.session_state["run"] = run_id
    except LenetError as error:
        ui.problem(error)


# -- the network -------------------------------------------------------------------------------------------------


def tell_refusal() -> None:
    if refusal:
        ui.problem(refusal)
        st.caption(_("What you see is the last network that could be built."))


def show_network(config: LeNetConfig) -> None:
    if isinstance(refusal, CannotBuild):
        return show_broken(refusal)
    tell_refusal()
    rows = model.lenet_table(config)
    flow = st.container(gap=None)
    pills, line, train = st.columns([5, 5.8, 1.5], vertical_alignment="center")
    numbers = {str(n): str(n) for n in range(1, len(rows) + 1)}
    layer = ui.choice(
        pills.pills,
        _("Layer"),
        numbers,
        key="layer",
        default="1",
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    line.markdown(explain.summary(rows, model.mlp_table()))
    with train:
        offer_training(config)
    flow.plotly_chart(
        figures.network(rows, int(layer) - 1),
        key="flow", on_select=partial(ui.pick, "flow", "layer"), selection_mode="points",
        config=ui.plotly_config("lenet"), alt=figures.network_alt(rows),
    )  # fmt: skip
    with flow:
        layer_keys(key="layer_keys", data=figures.layer_keys(rows, int(layer) - 1), on_open_change=open_layer)
    words, table = st.columns([3, 8], gap="medium")
    with words:
        text = explain.explain_layer(rows, int(layer) - 1)
        st.markdown(f"##### {text.title}\n\n{text.what}\n\n{text.why}")
        st.markdown(_("Output size:") + f" `{text.shape}`")
        st.markdown(_("Parameters:") + (f" `{text.params}`" if text.params else " " + _("none")))
        st.markdown(explain.sees(rows, int(layer) - 1))
        if rows[int(layer) - 1].weight_shape:
            drawn = ui.folded(_("Its weights, drawn"), key="drawn")
            if drawn.open:
                with drawn:
                    ui.guard(lambda: show_weights(config, int(layer) - 1))
    with table:
        show_table(rows)


def show_weights(config: LeNetConfig, layer: int) -> None:
    subject = walk.known(config, st.session_state.get("run", ""))
    weight = walk.arrays(walk.network(subject))[f"{layer}.weight"]
    st.plotly_chart(
        figures.parameters(weight), key="weights", config=ui.plotly_config("weights"),
        alt=_("The weights of this layer as coloured cells"),
    )  # fmt: skip
    name = ui.run_words()[subject.run_id] if subject.run_id else _("untrained, as PyTorch initialises it")
    st.caption(_("Red raises, blue lowers. Network: {name}").format(name=ui.plain(name)))


def show_table(rows: Any) -> None:
    """The layers in numbers, and the same to take home."""
    table = st.container()
    size, as_csv, as_markdown, costs = st.columns([1.1, 1.4, 1.8, 2.6], vertical_alignment="bottom")
    batch = ui.number(size.number_input, _("Batch size"), 1, 60_000, key="batch", default=256)
    help_, columns = explain.column_help(batch), explain.columns(rows, batch)
    numeric = {name for name, values in columns.items() if isinstance(values[0], int | float)}
    table.dataframe(
        ui.table(columns), hide_index=True, row_height=27, height="content", alt=_("The layers as a table"),
        column_config={
            list(columns)[1]: st.column_config.Column(width=24 + 8 * max(len(r.type) for r in rows)),
        } | {
            name: st.column_config.NumberColumn(
                format="%.1f" if isinstance(columns[name][0], float) and max(columns[name]) < 1000 else "localized",
                help=help_.get(name),
            )
            if name in numeric
            else st.column_config.Column(help=help_[name])
            for name in columns if name in help_ or name in numeric
        },
    )  # fmt: skip
    for cell, label, content, name, mime in (
        (as_csv, _("Table as CSV"), explain.as_csv(rows, batch), "lenet-layers.csv", "text/csv"),
        (as_markdown, _("Table as Markdown"), explain.as_markdown(rows, batch), "lenet-layers.md", "text/markdown"),
    ):
        cell.download_button(
            label, content, name, mime, icon=":material/download:", on_click="ignore", width="stretch"
        )  # fmt: skip
    costs.caption(explain.cost_line(rows, batch))


def show_broken(error: CannotBuild) -> None:
    """What is there before the layer that cannot be, why it cannot, and single changes that would help."""
    ui.problem(error)
    if offers := repairs(values):
        st.markdown(_("One of these changes is enough:"))
        with st.container(horizontal=True):
            for r in offers:
                st.button(presets.repair_words(r), key=f"repair_{r.setting}", on_click=take, args=(r.config,))
    st.plotly_chart(
        figures.broken_network(presets.image_shape(values), error.built, error.type, explain.broken(error)),
        key="broken", config=ui.plotly_config("lenet"), alt=str(error),
    )  # fmt: skip


def open_layer() -> None:
    """Enter on a layer in the drawing."""
    st.session_state.layer = str(st.session_state.layer_keys["open"] + 1)


def offer_training(config: LeNetConfig) -> None:
    """Take the network to the training page, or say why it cannot be trained there."""
    try:
        recipes.for_network(config)
    except LenetError as error:
        fitted = presets.fitted(config)
        with st.popover(_("Train this"), icon=":material/model_training:"):
            st.markdown(ui.plain(explain_error(error)))
            if fitted is None:
                st.markdown(_("It cannot be made to fit: with images of 28×28 its maps would shrink to nothing."))
            elif changes := presets.changes(config, fitted):
                st.markdown(_("To fit it must change:") + "".join(f"\n- {line}" for line in changes))
                st.button(_("Make it fit Fashion-MNIST"), on_click=take, args=(fitted,), key="fit")
        return
    if st.button(_("Train this"), icon=":material/model_training:", key="train", width="stretch"):
        st.session_state["model"] = config.to_dict()
        st.switch_page("pages/training.py")


# -- several networks side by side -------------------------------------------------------------------------------


def show_comparison(config: LeNetConfig) -> None:
    tell_refusal()
    ours = {"~mine": config} | {f"~{name}": preset.config for name, preset in presets.PRESETS.items()}
    words = {"~mine": _("this network")} | {f"~{k}": _(p.name) for k, p in presets.PRESETS.items()} | ui.run_words()
    which, size = st.columns([5, 1], vertical_alignment="bottom")
    with which:
        chosen = ui.choices(_("Networks"), words, key="nets", placeholder=_("choose two or three"), at_most=3)
    batch = ui.number(size.number_input, _("Batch size"), 1, 60_000, key="batch", default=256)
    nets = []
    for key in chosen or ["~mine", "~gap", "~mlp"]:
        try:
            net = ours.get(key) or runs.find(key).config.model
            nets.append((words[key], model.lenet_table(net)))
        except LenetError as error:
            ui.problem(error)
    if not nets:
        return
    st.plotly_chart(
        figures.comparison(nets, batch), key="comparison", config=ui.plotly_config("comparison"),
        alt=figures.comparison_alt(nets, batch),
    )  # fmt: skip
    st.caption(_("Point at a segment to see its layer."))
    st.markdown(explain.summary(config.layers, model.mlp_table()))
    st.markdown(explain.why_dense_layers_are_large(LeNetConfig().layers))
    for key in chosen or ["~gap"]:
        if preset := presets.PRESETS.get(key.removeprefix("~")):
            st.markdown(f"**{words[key]}** · {_(preset.about)}")


def show_code(config: LeNetConfig) -> None:
    tell_refusal()
    st.markdown(_("The network as set on the first tab; it runs as copied and prints its number of parameters."))
    st.code(explain.as_code(config), language="python")
    try:
        run = recipes.for_network(config)
    except LenetError as error:
        st.markdown(ui.plain(explain_error(error)))
        return
    st.markdown(_("Its training as a file, for the command line:"))
    st.code("python -m lenet.train --config lenet.json", language="bash")
    st.download_button(
        _("Configuration (JSON)"), json.dumps(run.to_dict(), indent=1), "lenet.json", "application/json",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip


# -- an image walked through -------------------------------------------------------------------------------------

UNTRAINED = "~untrained"  # no run can be called that
FROM = {
    "test": _("test images"),
    "mean": _("mean of a class"),
    "upload": _("a picture of yours"),
    "draw": _("drawing"),
}
CLASSES = dict(enumerate(explain.class_names(10)))


def show_walk(config: LeNetConfig) -> None:
    try:
        source, (images, labels) = "auto", data.load("test")
    except LenetError as error:
        ui.problem(error)
        st.caption(_("The images below are from the sample that comes with the app."))
        source, (images, labels) = "sample", data.load("test", "sample")

    first, second, *cells = st.columns([2.6, 1.5, 1.5, 1.2, 1.2], vertical_alignment="bottom")
    words, default = networks()
    net = ui.choice(first.selectbox, _("Network"), words, key="run", default=default)
    if net == UNTRAINED:
        tell_refusal()
    subject = walk.Subject(config) if net == UNTRAINED else walk.subject_of(runs.find(net))
    network = walk.network(subject)
    how = ui.choice(second.selectbox, _("Image"), FROM, key="src", default="test")
    image, label = None, None
    match how:
        case "test":
            number = test_image(cells, labels, subject, source)
            image, label = images[number], int(labels[number])
        case "mean":
            label = int(
                ui.choice(
                    cells[0].selectbox, _("Class"), {str(i): c for i, c in CLASSES.items()}, key="of", default="0"
                )
            )
            image = walk.class_mean(label, source)
        case "upload":
            image = uploaded()
        case "draw":
            image = sketched()
    if image is None:
        return
    walked = walk.walk(network, image)
    maps, answer = st.columns([13, 8], gap="medium")
    with maps:
        ui.guard(lambda: show_maps(network, walked))
    with answer:
        classes = len(walked.logits)
        st.markdown(explain.verdict(walked.prediction, label, walked.probabilities[walked.prediction], classes))
        st.plotly_chart(
            figures.outputs(walked.logits, walked.probabilities, walked.prediction, label),
            key="outputs", config=ui.plotly_config("outputs"), alt=_("Logits and softmax of the classes as bars"),
        )  # fmt: skip
        st.caption(
            explain.preparation(
                image.shape[1:], network.config.image_size, network.config.in_channels, label is not None
            )
        )
    deeper = ui.tabs(
        {"versus": _("What did training change?"), "cover": _("Pixels that matter"), "channel": _("One channel")},
        key="deep",
    )
    with deeper["versus"]:
        if deeper["versus"].open:
            ui.guard(lambda: show_versus({words[net]: subject}, image, label))
    with deeper["cover"]:
        if deeper["cover"].open:
            ui.guard(lambda: show_occlusion(network, walked, image))
    with deeper["channel"]:
        if deeper["channel"].open:
            ui.guard(lambda: show_channel(subject, images, labels, source))


def show_maps(network: Any, walked: walk.Walk) -> None:
    outputs = [s.values for s in walked.steps]
    draw_maps(key="maps", data=figures.maps(walked.pixels, outputs, network.config.layers, walk.arrays(network)))


def networks() -> tuple[dict[str, str], str]:
    """What can be walked through, by id (every run that has weights, and UNTRAINED), and the one to begin with."""
    weighted = {r.id for r in runs.list_runs() if (r.path / walk.WEIGHTS).is_file()}
    words = {id: name for id, name in ui.run_words().items() if id in weighted}
    words[UNTRAINED] = _("untrained: the network of the first tab")
    return words, "reference-classic" if "reference-classic" in words else next(iter(words))


WORST = -1


def test_image(cells: Any, labels: Any, subject: walk.Subject, source: str) -> int:
    """The number of a test image, chosen by class, among the network's mistakes, or itself."""

    def step(by: int) -> None:
        state = st.session_state
        if state._class == WORST:
            state.image = walk.next_of(walk.mistakes(subject, source), state.image, by)
        else:
            state.image = walk.another(labels, state.image - 1 + by, state._class)

    def any_class() -> None:
        if st.session_state._class != WORST and labels[st.session_state.image] != st.session_state._class:
            st.session_state._class = None

    names = {None: _("any"), WORST: _("worst mistakes")} | CLASSES
    options = [c for c in names if c != WORST or subject.run_id]
    if st.session_state.get("_class") not in options:  # an untrained network has no mistakes worth the name
        st.session_state._class = None
    cells[0].selectbox(
        _("Class"),
        options,
        key="_class",
        on_change=ui.attempt,
        args=(step, 0),
        format_func=lambda c: names.get(c, ""),
    )
    image = ui.number(
        cells[1].number_input,
        _("Test image"),
        0,
        len(labels) - 1,
        key="image",
        default=0,
        on_change=any_class,
    )
    cells[2].button(_("Another"), icon=":material/shuffle:", on_click=ui.attempt, args=(step, 1), width="stretch")
    return image


def uploaded() -> Any:
    """A picture of the reader's, and what was done to it; None as long as there is none."""
    choose, show = st.columns([2, 5], gap="medium")
    with choose:
        file = st.file_uploader(
            _("Picture"),
            type=["png", "jpg", "jpeg", "gif", "bmp", "webp"],
            key="_file",
            max_upload_size=hosting.upload_mb(pictures.MAX_MB),
        )
        invert = ui.choice(
            st.segmented_control, _("Light on dark"), {k: _(v) for k, v in pictures.INVERSIONS.items()}, key="invert",
            default="auto", required=True,
        )  # fmt: skip
    if file is None:
        show.caption(_("Any size, colour or grey, dark on light or light on dark: it is shown how it was prepared."))
        return None
    try:
        prepared = pictures.prepare(file.getvalue(), invert)
    except LenetError as error:
        ui.problem(error)
        return None
    for cell, (words, picture) in zip(show.columns(6), prepared.steps, strict=False):
        cell.image(pictures.framed(picture), caption=_(words), width=112)
    return prepared.image


def sketched() -> Any:
    """What the reader draws."""
    kept = st.session_state.get("_drawing", "")
    words = {"label": _("Draw here; arrows move the pen, Space draws, Delete wipes"), "wipe": _("Wipe")}
    drawing = draw_sketch(key="sketch", data={"words": words, "pixels": kept}, on_pixels_change=lambda: None)
    if drawing.pixels is not None:
        st.session_state["_drawing"] = drawing.pixels
    image = pictures.drawn(st.session_state.get("_drawing"))
    if image is None:
        st.caption(_("Nothing is drawn yet: the network answers as soon as there is a stroke."))
    return image


def show_versus(nets: dict[str, walk.Subject], image: Any, label: int | None) -> None:
    """The answers of the network, of those that came with the app and of an untrained one, side by side."""
    for run in runs.references():
        nets.setdefault(ui.run_words()[run.id], walk.subject_of(run))
    nets.setdefault(_("untrained LeNet"), walk.Subject(LeNetConfig()))
    others = {name: s for name, s in nets.items() if s.config.num_classes != len(CLASSES)}
    found = [(name, walk.answers(walk.network(s), image[None])[0]) for name, s in nets.items() if name not in others]
    st.plotly_chart(
        figures.answers(found, label), key="answers", config=ui.plotly_config("answers"),
        alt=_("Softmax of each network for each class, as a table"),
    )  # fmt: skip
    st.caption(
        _(
            "Softmax for this image. An untrained network gives every class about the same; training moved its weights "
            "until the right class stood out."
        )
    )
    for name, s in others.items():
        text = _("Not among them: {name}. It has {n} classes of its own, not the ten of these images.")
        st.caption(ui.plain(text.format(name=name, n=s.config.num_classes)))


def show_occlusion(network: Any, walked: walk.Walk, image: Any) -> None:
    falls = walk.occlusion(network, image)
    figure, words = st.columns([3, 2], vertical_alignment="center")
    figure.plotly_chart(
        figures.occlusion(walked.pixels, falls), key="cover", config=ui.plotly_config("occlusion"),
        alt=_("The image, and beside it how much each part of it matters"),
    )  # fmt: skip
    name = explain.class_names(len(walked.logits))[walked.prediction]
    words.markdown(
        _(
            "A black square is moved over the image. Where covering it makes the probability of **{name}** fall, the map is "
            "red: the network needs what is there. Blue: without it the network is surer still. Black on black changes nothing."
        ).format(name=name)
    )


def show_channel(subject: walk.Subject, images: Any, labels: Any, source: str) -> None:
    """The test images that move one channel most, and what each class does to it on average."""
    rows = subject.config.layers
    words = {str(i): f"{i} · {r.type}" for i, r in enumerate(rows, 1) if r.type != "Flatten"}
    pick, which, __ = st.columns([1.5, 1, 4])
    layer = int(ui.choice(pick.selectbox, _("Layer"), words, key="at", default="1")) - 1
    channel = (
        ui.number(
            which.number_input,
            _("Channel"),
            1,
            rows[layer].output_shape[1],
            key="channel",
            default=1,
        )
        - 1
    )
    with st.spinner(_("Sending the test images through …")):
        found = walk.most_exciting(subject, layer, channel, source)
    st.plotly_chart(
        figures.gallery(images[found.best], explain.captions(labels[found.best], found.peaks)),
        key="gallery", config=ui.plotly_config("channel"), alt=_("The test images with the largest value in this channel"),
    )  # fmt: skip
    st.caption(
        _(
            "Of the first {n} test images those with the largest number in this channel; below, its mean for each class."
        ).format(n=number(found.images))
    )
    st.plotly_chart(
        figures.by_class(found.by_class), key="by_class", config=ui.plotly_config("by-class"),
        alt=_("Mean activation of this channel for each class, as bars"),
    )  # fmt: skip


# -- the page ----------------------------------------------------------------------------------------------------

panels = ui.tabs(
    {
        "network": _("The network"),
        "walk": _("Walk an image through"),
        "compare": _("Side by side"),
        "code": _("As code"),
    },
    key="tab",
)
refusal: LenetError | None = None
with panels["network"]:
    values = controls()
try:
    config = st.session_state["architecture"] = LeNetConfig(**values)
except LenetError as error:
    refusal, config = error, st.session_state.get("architecture", LeNetConfig())

SHOW = {"network": show_network, "walk": show_walk, "compare": show_comparison, "code": show_code}
for name, panel in panels.items():
    if panel.open:
        with panel:
            ui.guard(lambda: SHOW[name](config))  # noqa: B023 - called at once
