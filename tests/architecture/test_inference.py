"""What every layer of a network makes of one image, against PyTorch's own hooks and arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from lenet import data
from lenet.architecture import inference
from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.weights import Network
from lenet.common.errors import LenetError

IMAGES, LABELS = data.load("test", "sample")


def test_every_layer_is_what_the_network_puts_out() -> None:
    net = inference.untrained(LeNetConfig(activation="relu", pooling="max"))
    seen: list[np.ndarray[Any, Any]] = []
    handles = [
        layer.register_forward_hook(lambda _m, _a, out: seen.append(out[0].detach().numpy().copy())) for layer in net
    ]
    with torch.no_grad():
        logits = net(torch.from_numpy(IMAGES[:1].astype(np.float32) / 255))
    for handle in handles:
        handle.remove()

    walked = inference.of_image(net, IMAGES[0])

    assert [s.type for s in walked.layers] == [type(layer).__name__ for layer in net]
    for step, out in zip(walked.layers, seen, strict=True):
        np.testing.assert_allclose(step.values, out, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(walked.logits, logits[0], rtol=1e-5, atol=1e-6)
    assert walked.prediction == int(logits.argmax())
    np.testing.assert_allclose(walked.probabilities, torch.softmax(logits[0].double(), 0), rtol=1e-6)
    assert walked.probabilities.sum() == pytest.approx(1)


def test_pixels_are_divided_by_255_and_nothing_else() -> None:
    walked = inference.of_image(inference.untrained(LeNetConfig()), IMAGES[3])
    assert walked.pixels.dtype == np.float32 and walked.pixels.shape == (1, 28, 28)
    np.testing.assert_array_equal(walked.pixels, IMAGES[3].astype(np.float32) / np.float32(255))


def test_grey_fills_every_channel_and_any_shape_is_reached() -> None:
    config = LeNetConfig(in_channels=3, input_size=(20, 36), num_classes=7)
    walked = inference.of_image(inference.untrained(config), IMAGES[0])
    assert walked.pixels.shape == (3, 20, 36) and walked.logits.shape == (7,)
    np.testing.assert_array_equal(walked.pixels[0], walked.pixels[2])


def test_steps_do_not_share_memory() -> None:
    """Flatten returns a view of the layer before it; what a step holds must not change with another."""
    steps = inference.of_image(inference.untrained(LeNetConfig()), IMAGES[0]).layers
    assert not np.shares_memory(steps[5].values, steps[6].values)


def test_another_size_is_scaled_and_stays_an_image() -> None:
    for size in (20, 32, 96):
        walked = inference.of_image(inference.untrained(LeNetConfig(input_size=size)), IMAGES[0])
        assert walked.pixels.shape == (1, size, size)
        assert walked.pixels.min() >= 0 and walked.pixels.max() <= 1
        assert walked.pixels.mean() == pytest.approx(IMAGES[0].mean() / 255, rel=0.03)
        assert walked.logits.shape == (10,)


def test_untrained_is_the_same_each_time_and_leaves_other_random_numbers_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    a, b, c = (inference.untrained(LeNetConfig(), seed=s)[0].weight for s in (0, 0, 1))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_the_weights_of_a_run_are_used() -> None:
    config = LeNetConfig(channels=(3, 4), hidden=(9,))
    source = inference.untrained(config, seed=5)
    weights = {name: p.detach().numpy() for name, p in source.named_parameters()}
    for w in weights.values():
        w.flags.writeable = False  # as they come from a file that is shared between visitors
    net = inference.trained(config, weights, "mine")
    assert not net.training
    np.testing.assert_array_equal(
        inference.of_image(net, IMAGES[0]).logits, inference.of_image(source, IMAGES[0]).logits
    )


@pytest.mark.parametrize("damage", ["missing", "extra", "shape", "name"])
def test_weights_that_do_not_fit_are_one_sentence(damage: str) -> None:
    weights = {name: p.detach().numpy() for name, p in inference.untrained(LeNetConfig()).named_parameters()}
    if damage == "missing":
        del weights["11.bias"]
    elif damage == "extra":
        weights["12.bias"] = weights["11.bias"]
    elif damage == "shape":
        weights["0.weight"] = weights["0.weight"][:, :, :3]
    else:
        weights["zero.weight"] = weights.pop("0.weight")
    with pytest.raises(LenetError) as refusal:
        inference.trained(LeNetConfig(), weights, "mine")
    assert str(refusal.value) == "The weights of the run “mine” do not fit the network of its configuration."


def test_huge_and_dead_networks_have_finite_probabilities() -> None:
    net = inference.untrained(LeNetConfig(activation="relu"))
    with torch.no_grad():
        net[-1].weight.mul_(1e6)
    assert np.isfinite(inference.of_image(net, IMAGES[0]).probabilities).all()


def test_networks_with_other_classes_do_not_answer() -> None:
    networks = {"ours": Network(LeNetConfig()), "theirs": Network(LeNetConfig(num_classes=3))}
    digits = data.DATA_SETS["mnist"]
    networks["digits"] = Network(LeNetConfig(), "digits", (1,), data_set=digits)
    found = inference.answers(networks, IMAGES[0], data.DATA_SETS[data.DEFAULT])
    assert list(found) == ["ours"] and found["ours"].shape == (10,)
    net = inference.build(networks["ours"])
    np.testing.assert_allclose(found["ours"], inference.of_image(net, IMAGES[0]).probabilities, rtol=1e-5)


def test_the_weights_of_one_layer() -> None:
    network = Network(LeNetConfig())
    expected = inference.build(network)[3].weight.detach().numpy()
    np.testing.assert_array_equal(inference.layer_weights(network, 3), expected)
