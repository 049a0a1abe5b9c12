"""LeNet: the network as a flow, every layer with its shape and parameters, and an image walked through it."""

from __future__ import annotations

import streamlit as st

from lenet import data, explain, runs, ui
from lenet.architecture import ACTIVATIONS, POOLINGS, LeNetConfig
from lenet.errors import LenetError
from lenet.figures import architecture as figures
from lenet.i18n import translate as _

ui.inside_app()

with st.spinner(_("Loading PyTorch…")):  # 2 s, once in the life of the server
    from lenet import model, walk

    walk.use_one_thread()

NUMBERS = {"size": 28, "c1": 6, "k1": 5, "c2": 16, "k2": 5, "h1": 120, "h2": 84}  # the note's

# -- the network -------------------------------------------------------------------------------------------------


def controls() -> LeNetConfig:
    """The network that the reader has set. Raises LenetError where it cannot be built."""
    cells = iter(st.columns([1, 1, 1, 1, 1, 1, 1, 0.98, 1.02, 0.34], vertical_alignment="bottom", gap="xsmall"))

    def number(key: str, label: str, low: int, high: int, step: int = 1) -> int:
        return ui.number(next(cells).number_input, label, low, high, key=key, default=NUMBERS[key], step=step)

    def name(key: str, label: str, options: dict[str, str]) -> str:
        return ui.choice(next(cells).selectbox, label, options, key=key, default=next(iter(options)))

    size = number("size", _("Input size"), 4, 128, step=4)
    c1, k1 = number("c1", _("Channels 1"), 1, 64), number("k1", _("Kernel 1"), 1, 11)
    c2, k2 = number("c2", _("Channels 2"), 1, 64), number("k2", _("Kernel 2"), 1, 11)
    hidden = number("h1", _("Dense 1"), 1, 1024, step=4), number("h2", _("Dense 2"), 1, 1024, step=4)
    act, pool = name("act", _("Activation"), ACTIVATIONS), name("pool", _("Pooling"), POOLINGS)
    next(cells).button(
        "", icon=":material/restart_alt:", help=_("Back to the note’s LeNet"), on_click=reset, key="reset"
    )
    return LeNetConfig(
        input_size=size, channels=(c1, c2), kernel_size=(k1, k2), hidden=hidden, activation=act, pooling=pool
    )


def reset() -> None:
    st.session_state.update(NUMBERS, act=next(iter(ACTIVATIONS)), pool=next(iter(POOLINGS)))


def tell_refusal() -> None:
    if refusal:
        ui.problem(refusal)
        st.caption(_("What you see is the last network that could be built."))


def show_network(config: LeNetConfig) -> None:
    rows = model.lenet_table(config)
    flow, line = st.container(), st.columns([5, 6], vertical_alignment="center")
    numbers = {str(n): str(n) for n in range(1, len(rows) + 1)}
    layer = ui.choice(
        line[0].pills,
        _("Layer"),
        numbers,
        key="layer",
        default="1",
        required=True,
        wrap=True,
        label_visibility="collapsed",
    )
    line[1].markdown(explain.summary(rows, model.mlp_table()))
    flow.plotly_chart(
        figures.network(rows, int(layer) - 1),
        key="flow", on_select=pick_layer, selection_mode="points",
        config=ui.plotly_config("lenet"), alt=figures.network_alt(rows),
    )  # fmt: skip
    words, table = st.columns([4, 5], gap="medium")
    with words:
        text = explain.explain_layer(rows, int(layer) - 1)
        st.markdown(f"##### {text.title}\n\n{text.what}\n\n{text.why}")
        st.markdown(_("Output size:") + f" `{text.shape}`")
        st.markdown(_("Parameters:") + (f" `{text.params}`" if text.params else " " + _("none")))
    with table:
        st.dataframe(
            explain.columns(rows), hide_index=True, row_height=27, height="content", alt=_("The layers as a table"),
            column_config={_("Parameters"): st.column_config.NumberColumn(format="localized")},
        )  # fmt: skip
        st.download_button(
            _("Table as CSV"), explain.as_csv(rows), "lenet-layers.csv", "text/csv", icon=":material/download:",
            on_click="ignore",
        )  # fmt: skip


def pick_layer() -> None:
    """A click on a layer in the drawing."""
    points = st.session_state.flow["selection"]["points"]
    if points:
        st.session_state.layer = str(points[0]["customdata"][0] + 1)


def show_comparison(config: LeNetConfig) -> None:
    lenet, mlp = model.lenet_table(config), model.mlp_table()
    st.markdown(explain.summary(lenet, mlp))
    st.plotly_chart(
        figures.comparison([("LeNet", lenet), ("MLP", mlp)]),
        key="comparison", config=ui.plotly_config("parameters"), alt=_("Parameters of LeNet and of the MLP as bars"),
    )  # fmt: skip
    st.markdown(
        _(
            "A dense layer has a weight for every pair of an input and an output; a convolution uses one small "
            "kernel at every place. That is why the convolutions hold so few of LeNet’s parameters and the dense "
            "layers {share}, and why later networks gave up most of their dense layers."
        ).format(share=explain.dense_share(lenet))
    )


def show_code(config: LeNetConfig) -> None:
    st.markdown(_("The network as set on the first tab; it runs as copied and prints its number of parameters."))
    st.code(explain.as_code(config), language="python")


# -- an image walked through -------------------------------------------------------------------------------------

UNTRAINED = "untrained"


def show_walk(config: LeNetConfig) -> None:
    try:
        images, labels = data.load("test")
    except LenetError as error:
        ui.problem(error)
        st.caption(_("The images below are from the sample that comes with the app."))
        images, labels = data.load("test", "sample")

    def next_image(step: int) -> None:
        state = st.session_state
        state.image = walk.another(labels, state.image - 1 + step, state._class)

    def any_class() -> None:
        if labels[st.session_state.image] != st.session_state._class:
            st.session_state._class = None

    cells = st.columns([3, 1.5, 1.2, 1.2], vertical_alignment="bottom")
    words, default = networks()
    net = ui.choice(cells[0].selectbox, _("Network"), words, key="run", default=default)
    cells[1].selectbox(
        _("Class"), [None, *range(len(data.CLASSES))], key="_class", on_change=next_image, args=(0,),
        format_func=lambda c: _("any") if c is None else _(data.CLASSES[c]),
    )  # fmt: skip
    image = ui.number(
        cells[2].number_input, _("Test image"), 0, len(labels) - 1, key="image", default=0, on_change=any_class
    )
    cells[3].button(_("Another"), icon=":material/shuffle:", on_click=next_image, args=(1,), width="stretch")

    if net == UNTRAINED:
        tell_refusal()
        network = walk.untrained(config)
    else:
        run = runs.find(net)
        network = walk.trained(run.config.model, run.weights(), net)
    walked = walk.walk(network, images[image])
    maps, answer = st.columns([11, 9], gap="medium")
    with maps:
        st.plotly_chart(
            figures.strips(walked.pixels, [(s.type, s.values) for s in walked.steps]),
            key="strips", config=ui.plotly_config("activations"),
            alt=_("The output of every layer as a strip of maps"),
        )  # fmt: skip
    with answer:
        label = int(labels[image])
        st.markdown(explain.verdict(walked.prediction, label, walked.probabilities[walked.prediction]))
        st.plotly_chart(
            figures.outputs(walked.logits, walked.probabilities, walked.prediction, label),
            key="outputs", config=ui.plotly_config("outputs"), alt=_("Logits and softmax of the ten classes as bars"),
        )  # fmt: skip
        st.caption(explain.preparation(images.shape[2], walked.pixels.shape[1]))


def networks() -> tuple[dict[str, str], str]:
    """What can be walked through, by id (every run that has weights, and UNTRAINED), and the one to begin with."""
    weighted = {r.id for r in runs.list_runs() if (r.path / "model.safetensors").is_file()}
    words = {id: name for id, name in ui.run_words().items() if id in weighted}
    words[UNTRAINED] = _("untrained: the network of the first tab")
    return words, "reference-classic" if "reference-classic" in words else next(iter(words))


# -- the page ----------------------------------------------------------------------------------------------------

panels = ui.tabs(
    {
        "network": _("The network"),
        "walk": _("Walk an image through"),
        "mlp": _("Against an MLP"),
        "code": _("As code"),
    },
    key="tab",
)
refusal: LenetError | None = None
with panels["network"]:
    try:
        config = st.session_state["architecture"] = controls()
    except LenetError as error:
        refusal, config = error, st.session_state.get("architecture", LeNetConfig())

SHOW = {"network": show_network, "walk": show_walk, "mlp": show_comparison, "code": show_code}
for name, panel in panels.items():
    if panel.open:
        with panel:
            if name != "walk":  # a trained network is walked through whatever is set here
                tell_refusal()
            ui.guard(lambda: SHOW[name](config))  # noqa: B023 - called at once
