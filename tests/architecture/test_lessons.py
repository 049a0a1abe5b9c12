"""The lessons of the architecture page: their answers computed by PyTorch, their reasons, and what is covered until then."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

from lenet import data, runs
from lenet.architecture import lessons, questions, weights
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.figures import flow
from lenet.exercises import Question
from lenet.model import LeNet, layer_table, lenet_table

NOTE = LeNetConfig()


def trained() -> weights.Network:
    return weights.of_run(runs.find(runs.DEFAULT_REFERENCE))


LESSONS = lessons.lessons(trained)


def right(name: str) -> str:
    question = LESSONS[name].question
    return question.form.say(question.answer)


def total(config: LeNetConfig) -> int:
    return sum(p.numel() for p in LeNet(config).parameters())


def maps(config: LeNetConfig) -> tuple[int, ...]:
    """The shape of what comes to Flatten."""
    net = LeNet(config)
    before = list(net)[: next(i for i, layer in enumerate(net) if isinstance(layer, nn.Flatten))]
    return tuple(nn.Sequential(*before)(torch.zeros(config.input_shape)).shape)


def test_the_size_of_the_last_maps() -> None:
    size = maps(replace(NOTE, padding=(0, 0)))[-1]
    assert right("shrink") == f"{size}×{size}" == "4×4"
    assert right("shrink") in lessons.sizes(lenet_table(replace(NOTE, padding=(0, 0))))
    assert lessons.sizes(lenet_table(NOTE)).startswith("Done: 28×28 → 28×28 → 14×14 → 10×10 → 5×5")


@pytest.mark.parametrize(
    "config",
    [NOTE, replace(NOTE, kernel_size=(3, 3), padding=(0, 0)), replace(NOTE, kernel_size=(5, 4))],
)
def test_there_is_more_than_one_way_to_5(config: LeNetConfig) -> None:
    assert maps(config)[-2:] == (5, 5)
    assert lessons.sizes(lenet_table(config)).startswith("Done")


def test_which_layer_has_most_and_what_share() -> None:
    rows = [
        (i, type(layer).__name__, sum(p.numel() for p in layer.parameters())) for i, layer in enumerate(LeNet(), 1)
    ]
    n, name, most = max(rows, key=lambda row: row[2])
    assert right("parameters") == f"{n} · {name}: {100 * most / total(NOTE):.0f}%" == "8 · Linear: 78%"
    assert LESSONS["parameters"].opened == {"layer": str(n)}


def test_the_shares_of_the_wrong_options_are_what_their_reasons_say() -> None:
    """Of all multiplications, counted with hooks, and of all outputs."""
    work: dict[int, int] = {}
    net = LeNet()
    for i, layer in enumerate(net, 1):
        if hasattr(layer, "weight"):
            layer.register_forward_hook(
                lambda layer, _args, out, i=i: work.update({i: layer.weight.numel() * out[0, 0].numel()})
            )
    net(torch.zeros(1, 1, 28, 28))
    asked = LESSONS["parameters"].question
    said = {mistake.name: asked.form.say(mistake.answer) for mistake in asked.mistakes}
    everything = sum(work.values())
    assert said["first"] == f"1 · Conv2d: {100 * work[1] / everything:.0f}%"
    assert said["second"] == f"4 · Conv2d: {100 * work[4] / everything:.0f}%"
    assert said["outputs"] == f"8 · Linear: {100 * 120 / (6 + 16 + 120 + 84 + 10):.0f}%"


def test_a_smaller_kernel_makes_the_network_larger() -> None:
    assert total(replace(NOTE, kernel_size=(5, 3))) == 81_290 > total(NOTE)
    assert right("smaller") == "More"
    assert (
        "6×6" in LESSONS["smaller"].question.solution.say() and "81,290" in LESSONS["smaller"].question.solution.say()
    )


def test_what_pooling_saves() -> None:
    assert right("unpooled") == f"{total(replace(NOTE, pooling='none')):,}" == "1,119,626"
    assert total(replace(NOTE, pooling="avg")) == total(replace(NOTE, pooling="max"))


def test_what_flatten_does() -> None:
    x = torch.zeros(maps(NOTE))
    assert right("flatten") == str(tuple(nn.Flatten()(x).shape)) == "(1, 400)"


def test_what_a_linear_layer_does_without_flatten() -> None:
    """It refuses, in the very words that the reason has."""
    net = nn.Sequential(*(layer for layer in LeNet() if not isinstance(layer, nn.Flatten)))
    with pytest.raises(RuntimeError) as refused:
        net(torch.zeros(NOTE.input_shape))
    assert right("without") == "It refuses"
    assert str(refused.value) in LESSONS["without"].question.solution.say()
    fitting = nn.Linear(maps(NOTE)[-1], 120)(torch.zeros(maps(NOTE)))
    assert str(tuple(fitting.shape)) in LESSONS["without"].question.form.options[1].say()


def test_what_an_activation_changes() -> None:
    run = runs.find(runs.DEFAULT_REFERENCE)
    net = LeNet(run.config.model)
    net.load_state_dict({name: torch.tensor(values) for name, values in run.weights().items()})
    images, _labels = data.load("test", "sample")
    with torch.no_grad():
        before = net[0](torch.tensor(images[:1] / 255, dtype=torch.float32))
        after = net[1](before)
    assert before.shape == after.shape and ((after > 0) & (after < 1)).all() and (after[before < 0] > 0).all()
    assert right("activation") == "All numbers get between 0 and 1"
    told = LESSONS["activation"].question.solution.say()
    assert f"{before.min():.2f} and {before.max():.2f}".replace("-", "−") in told
    seen = lessons.squeezed([("Conv2d", before[0].numpy()), ("Sigmoid", after[0].numpy())])
    assert f"{int((before < 0).sum()):,} of {before.numel():,} numbers were negative" in seen


def test_what_relu_changes() -> None:
    run = runs.find("reference-modern")
    outputs = [torch.randn(6, 4, 4, generator=torch.Generator().manual_seed(0))]
    outputs.append(torch.relu(outputs[0]))
    seen = lessons.squeezed([(row.type, x.numpy()) for row, x in zip(run.config.model.layers, outputs, strict=False)])
    assert f"Now {int((outputs[0] <= 0).sum())} are exactly 0." in seen


@pytest.mark.parametrize("name", LESSONS)
def test_every_option_has_its_own_reason(name: str) -> None:
    asked: Question = LESSONS[name].question
    assert 2 <= len(asked.form.options) <= 4
    verdicts = [asked.grade((float(n),)) for n in range(len(asked.form.options))]
    assert sum(verdict.is_right for verdict in verdicts) == 1
    assert len({verdict.reason.say() for verdict in verdicts}) == len(verdicts)
    assert asked.hint not in [verdict.reason for verdict in verdicts]


# -- what is covered ---------------------------------------------------------------------------------------------------


def told(drawn: dict[str, Any]) -> str:
    """All that the drawing tells of its layers."""
    return json.dumps(drawn["layers"], ensure_ascii=False)


def test_sizes_are_covered() -> None:
    rows = lenet_table(replace(NOTE, padding=(0, 0)))
    shown, covered = told(flow.network(rows)), told(flow.asking(rows, ("sizes",)))
    for row in layer_table(LeNet(replace(NOTE, padding=(0, 0)))):
        size = "×".join(map(str, row.output_shape[1:]))
        assert f'"{size}"' in shown and f'"{size}"' not in covered
    assert "4×4" not in covered and "Parameters" not in covered
    shapes = {json.dumps(layer["shape"]) for layer in flow.asking(rows, ("sizes",))["layers"]}
    assert shapes == {"[1, 28, 28]", "[1]"}, "no picture is as large as what it stands for"


def test_what_follows_flatten_is_covered() -> None:
    drawn = flow.asking(lenet_table(NOTE), ("flatten",))
    assert [layer["size"] for layer in drawn["layers"]][5:8] == ["16×5×5", "?", "?"]
    assert "400" not in told(drawn) and "selected" not in drawn


def test_parameters_are_covered_and_sizes_are_not() -> None:
    drawn = flow.asking(lenet_table(NOTE), ("parameters",))
    assert "Parameters" not in told(drawn) and "48,120" not in told(drawn)
    assert [layer["size"] for layer in drawn["layers"]] == [
        layer["size"] for layer in flow.network(lenet_table(NOTE))["layers"]
    ]


def test_nothing_is_covered_where_only_a_change_shows_the_answer() -> None:
    assert flow.asking(lenet_table(NOTE), ()) == flow.network(lenet_table(NOTE))


# -- what there is to see ----------------------------------------------------------------------------------------------


def test_what_is_seen_of_parameters() -> None:
    narrow = replace(NOTE, hidden=(4, 84))
    rows = list(LeNet(narrow))
    most = max(range(len(rows)), key=lambda i: sum(p.numel() for p in rows[i].parameters()))
    assert f"layer {most + 1} · {type(rows[most]).__name__} has most" in lessons.largest(lenet_table(narrow))
    assert f"{total(narrow):,}" in lessons.total(lenet_table(narrow))
    assert lessons.total(lenet_table(NOTE)) == "Now it has 61,706 parameters, as many as LeNet."


@pytest.mark.parametrize(("head", "inputs"), [("flatten", 400), ("gap", 16)])
def test_what_comes_to_the_first_linear_layer(head: str, inputs: int) -> None:
    config = replace(NOTE, head=head)
    (first, *_rest) = (layer for layer in LeNet(config) if isinstance(layer, nn.Linear))
    assert first.in_features == inputs
    assert f"and {inputs} to " in lessons.into_dense(lenet_table(config))


def test_networks_that_have_no_maps_or_no_dense_layer_before_the_last() -> None:
    no_maps = replace(NOTE, channels=(), kernel_size=(), padding=(), stride=())
    for config in (no_maps, replace(NOTE, hidden=())):
        for seen in (lessons.sizes, lessons.largest, lessons.total, lessons.into_dense):
            assert "None" not in seen(lenet_table(config))
    assert questions.last_maps(lenet_table(no_maps)) == (0, 0, 0)
