"""Exercises on what layers cost: parameters and multiplications."""

from __future__ import annotations

import math

import numpy as np

from lenet.architecture.exercises.networks import SUBJECT, code, network, network_table
from lenet.architecture.layers import first_of, layer_label, parameter_sum, total_parameters
from lenet.common.translation import N_
from lenet.exercises.form import ask_choice, ask_number
from lenet.exercises.kinds import Draft, Random, kind
from lenet.exercises.text import Text, say


@kind(
    "net-parameters", SUBJECT, N_("The parameters of a layer"), level=1,
    hint=N_("Every output has one weight for each number that it looks at, and one bias."),
    misconceptions={
        "bias": N_("You forgot the biases: each of the {outputs} outputs has one."),
        "one_bias": N_("You counted one bias for the whole layer. Each of the {outputs} outputs has its own."),
        "channels": N_("You forgot the input channels: a kernel has {window} weights for each of the {inputs} channels that it looks at."),
        "kernels": N_("These are the parameters of one kernel. The layer has {outputs} of them."),
        "shared": N_("A kernel is used at all {places} places with the same weights: they are counted once."),
        "inputs_only": N_("You counted inputs and outputs. Each output has a weight for each input: multiply."),
    },
)  # fmt: skip
def parameters(random: Random) -> Draft | None:
    config = network(random)
    if config is None:
        return None
    weighted = [row for row in config.layers if row.weight_shape]
    row = weighted[int(random.integers(len(weighted)))]
    assert row.weight_shape is not None
    outputs, inputs = row.weight_shape[:2]
    window, places = math.prod(row.weight_shape[2:]), math.prod(row.output_shape[2:])
    is_conv = row.kind.group == "conv"
    weights = math.prod(row.weight_shape)
    params = {"outputs": outputs, "inputs": inputs, "window": window, "places": places, "layer": code(config, row)}
    return Draft(
        Text(N_("How many parameters has {layer}?"), params), ask_number(), row.params,
        {
            "bias": weights,
            "one_bias": weights + 1,
            "channels": outputs * (window + 1) if is_conv else None,
            "kernels": inputs * window + 1 if is_conv else None,
            "shared": weights * places + outputs if is_conv else None,
            "inputs_only": None if is_conv else inputs + outputs,
        },
        Text("{sum} = {answer}", {"sum": parameter_sum(row), "answer": row.params}), params=params,
        facts={"config": config, "layer": int(row.name)},
    )  # fmt: skip


@kind(
    "net-total", SUBJECT, N_("The parameters of a network"), level=3,
    hint=N_("Convolutions and dense layers have weights and biases; activations, pooling and Flatten have none."),
    misconceptions={
        "bias": N_("You forgot the biases: one for each kernel and each unit, {biases} in all."),
        "flattened": N_("The first dense layer has one input for each number of the {channels} maps, not one for each map."),
        "dense": N_("You left the convolutions out: their kernels are parameters too."),
        "convolutions": N_("You left the dense layers out: each of their units has a weight for each input."),
        "channels": N_("You forgot that a kernel of the second convolution has weights for each of its input channels."),
    },
)  # fmt: skip
def total(random: Random) -> Draft | None:
    config = network(random, small=True)
    if config is None:
        return None
    weighted = [row for row in config.layers if row.weight_shape]
    biases = sum(row.output_shape[1] for row in weighted)
    first = config.layers[first_of(config.layers, "dense")]
    flat = config.layers[int(first.name) - 1]
    channels, units = flat.input_shape[1], first.output_shape[1]
    dense = sum(row.params for row in weighted if row.kind.group == "dense")
    answer = total_parameters(config.layers)
    missing = 0
    if len(config.channels) > 1:
        out, inputs, k, _k = config.convolutions[1].weight_shape or (0, 0, 0, 0)
        missing = out * (inputs - 1) * k * k
    terms = " + ".join(say(row.params) for row in weighted)
    return Draft(
        Text(N_("How many parameters has this network in all?")), ask_number(), answer,
        {
            "bias": answer - biases,
            "flattened": answer - (flat.output_shape[1] - channels) * units,
            "dense": dense,
            "convolutions": answer - dense,
            "channels": answer - missing,
        },
        Text("{terms} = {answer}", {"terms": terms, "answer": answer}),
        (network_table(config, parameters=True, hidden=frozenset((n, 2) for n in range(len(config.layers)))),),
        {"biases": biases, "channels": channels}, {"config": config},
    )  # fmt: skip


@kind(
    "net-most", SUBJECT, N_("Where most parameters sit"), level=1,
    hint=N_("Compare inputs times outputs of the dense layers with the kernels of the convolutions, which are shared by all places."),
    misconceptions={
        "widest": N_("{layer} puts out the most numbers, but all places share its kernels: it has {widest} parameters."),
        "last": N_("The last layer has few outputs, so it has {last} parameters only."),
        "second": N_("Its kernels look at all {maps} maps of the first, but are shared by all places: {second} parameters."),
    },
)  # fmt: skip
def most(random: Random) -> Draft | None:
    config = network(random)
    if config is None:
        return None
    weighted = [row for row in config.layers if row.weight_shape]
    counts, numbers = [row.params for row in weighted], [row.activations for row in weighted]
    right, widest = int(np.argmax(counts)), int(np.argmax(numbers))
    second = 1 if len(config.channels) > 1 else None
    if counts.count(max(counts)) > 1:
        return None
    params = {
        "widest": counts[widest], "last": counts[-1], "second": counts[1], "maps": config.channels[0],
        "layer": code(config, weighted[widest]),
    }  # fmt: skip
    return Draft(
        Text(N_("Which layer has the most parameters?")),
        ask_choice([Text("{layer}", {"layer": layer_label(int(row.name), row)}) for row in weighted]),
        right,
        {"widest": widest, "last": len(weighted) - 1, "second": second},
        Text(N_("It has {n} of {total}: {sum}."), {"n": counts[right], "total": sum(counts), "sum": parameter_sum(weighted[right])}),
        (network_table(config, parameters=True, hidden=frozenset((n, 2) for n in range(len(config.layers)))),),
        params, {"config": config},
    )  # fmt: skip


@kind(
    "net-macs", SUBJECT, N_("The multiplications of a layer"), level=2,
    hint=N_("Every output number takes one multiplication for each weight of its kernel. How many output numbers are there?"),
    misconceptions={
        "parameters": N_("These are the weights, counted once. Each is used at all {places} places of the output."),
        "channels": N_("You forgot the input channels: an output number adds up {inputs}×{window} products."),
        "one_map": N_("This is what one kernel takes. The layer has {outputs} kernels."),
        "input": N_("You counted the places of the input, {before}. The kernel is placed once for each number of an output map: {places}."),
        "bias": N_("A bias is added, not multiplied: only weights count."),
    },
)  # fmt: skip
def macs(random: Random) -> Draft | None:
    config = network(random)
    if config is None:
        return None
    row = config.convolutions[int(random.integers(len(config.channels)))]
    assert row.weight_shape is not None
    outputs, inputs = row.weight_shape[:2]
    window, places, before = (math.prod(shape[2:]) for shape in (row.weight_shape, row.output_shape, row.input_shape))
    params = {
        "outputs": outputs, "inputs": inputs, "window": window, "places": places, "before": before,
        "layer": code(config, row), "shape": row.output_shape[1:], "answer": row.macs,
    }  # fmt: skip
    return Draft(
        Text(N_("{layer} puts out {shape} numbers for one image. How many multiplications does that take?"), params),
        ask_number(), row.macs,
        {
            "parameters": math.prod(row.weight_shape),
            "channels": outputs * window * places,
            "one_map": inputs * window * places,
            "input": outputs * inputs * window * before,
            "bias": (inputs * window + 1) * outputs * places,
        },
        Text("{outputs}·{places}·{inputs}·{window} = {answer}", params), params=params,
        facts={"config": config, "layer": int(row.name)},
    )  # fmt: skip
