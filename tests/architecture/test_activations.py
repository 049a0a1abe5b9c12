"""What every layer of a network makes of one image, against PyTorch's own hooks and arithmetic."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lenet import data, runs
from lenet.architecture import activations
from lenet.architecture.configuration import LeNetConfig
from lenet.common.errors import LenetError
from lenet.runs.configuration import RECIPES

IMAGES, LABELS = data.load("test", "sample")


def test_every_layer_is_what_the_network_puts_out() -> None:
    net = activations.untrained(LeNetConfig(activation="relu", pooling="max"))
    seen: list[np.ndarray[Any, Any]] = []
    handles = [
        layer.register_forward_hook(lambda _m, _a, out: seen.append(out[0].detach().numpy().copy())) for layer in net
    ]
    with torch.no_grad():
        logits = net(torch.from_numpy(IMAGES[:1].astype(np.float32) / 255))
    for handle in handles:
        handle.remove()

    walked = activations.walk(net, IMAGES[0])

    assert [s.type for s in walked.steps] == [type(layer).__name__ for layer in net]
    for step, out in zip(walked.steps, seen, strict=True):
        np.testing.assert_allclose(step.values, out, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(walked.logits, logits[0], rtol=1e-5, atol=1e-6)
    assert walked.prediction == int(logits.argmax())
    np.testing.assert_allclose(walked.probabilities, torch.softmax(logits[0].double(), 0), rtol=1e-6)
    assert walked.probabilities.sum() == pytest.approx(1)


def test_pixels_are_divided_by_255_and_nothing_else() -> None:
    walked = activations.walk(activations.untrained(LeNetConfig()), IMAGES[3])
    assert walked.pixels.dtype == np.float32 and walked.pixels.shape == (1, 28, 28)
    np.testing.assert_array_equal(walked.pixels, IMAGES[3].astype(np.float32) / np.float32(255))


def test_grey_fills_every_channel_and_any_shape_is_reached() -> None:
    config = LeNetConfig(in_channels=3, input_size=(20, 36), num_classes=7)
    walked = activations.walk(activations.untrained(config), IMAGES[0])
    assert walked.pixels.shape == (3, 20, 36) and walked.logits.shape == (7,)
    np.testing.assert_array_equal(walked.pixels[0], walked.pixels[2])


def test_steps_do_not_share_memory() -> None:
    """Flatten returns a view of the layer before it; what a step holds must not change with another."""
    steps = activations.walk(activations.untrained(LeNetConfig()), IMAGES[0]).steps
    assert not np.shares_memory(steps[5].values, steps[6].values)


def test_another_size_is_scaled_and_stays_an_image() -> None:
    for size in (20, 32, 96):
        walked = activations.walk(activations.untrained(LeNetConfig(input_size=size)), IMAGES[0])
        assert walked.pixels.shape == (1, size, size)
        assert walked.pixels.min() >= 0 and walked.pixels.max() <= 1
        assert walked.pixels.mean() == pytest.approx(IMAGES[0].mean() / 255, rel=0.03)
        assert walked.logits.shape == (10,)


def test_untrained_is_the_same_each_time_and_leaves_other_random_numbers_alone() -> None:
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    a, b, c = (activations.untrained(LeNetConfig(), seed=s)[0].weight for s in (0, 0, 1))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_the_weights_of_a_run_are_used() -> None:
    config = LeNetConfig(channels=(3, 4), hidden=(9,))
    source = activations.untrained(config, seed=5)
    weights = {name: p.detach().numpy() for name, p in source.named_parameters()}
    for w in weights.values():
        w.flags.writeable = False  # as they come from a file that is shared between visitors
    net = activations.trained(config, weights, "mine")
    assert not net.training
    np.testing.assert_array_equal(activations.walk(net, IMAGES[0]).logits, activations.walk(source, IMAGES[0]).logits)


@pytest.mark.parametrize("damage", ["missing", "extra", "shape", "name"])
def test_weights_that_do_not_fit_are_one_sentence(damage: str) -> None:
    weights = {name: p.detach().numpy() for name, p in activations.untrained(LeNetConfig()).named_parameters()}
    if damage == "missing":
        del weights["11.bias"]
    elif damage == "extra":
        weights["12.bias"] = weights["11.bias"]
    elif damage == "shape":
        weights["0.weight"] = weights["0.weight"][:, :, :3]
    else:
        weights["zero.weight"] = weights.pop("0.weight")
    with pytest.raises(LenetError) as refusal:
        activations.trained(LeNetConfig(), weights, "mine")
    assert str(refusal.value) == "The weights of the run “mine” do not fit the network of its configuration."


def test_huge_and_dead_networks_have_finite_probabilities() -> None:
    net = activations.untrained(LeNetConfig(activation="relu"))
    with torch.no_grad():
        net[-1].weight.mul_(1e6)
    assert np.isfinite(activations.walk(net, IMAGES[0]).probabilities).all()


def test_another_image_goes_round_within_its_class() -> None:
    labels = np.array([3, 1, 3, 2, 3])
    assert [activations.another(labels, i, None) for i in range(5)] == [1, 2, 3, 4, 0]
    assert [activations.another(labels, i, 3) for i in range(5)] == [2, 2, 4, 4, 0]
    assert activations.another(labels, 2, 2) == 3 and activations.another(labels, 3, 2) == 3
    assert activations.another(labels, 1, 9) == 1, "there is none of that class: stay"
    assert activations.another(labels, -1, 3) == 0


def test_the_next_of_an_order_goes_round() -> None:
    order = np.array([5, 2, 9])
    assert [activations.next_of(order, i, 1) for i in (5, 2, 9, 7)] == [2, 9, 5, 5]
    assert activations.next_of(order, 5, 0) == 5 and activations.next_of(np.array([], np.int64), 4, 1) == 4


# ---- what a network makes of all test images ----

MODERN = activations.subject_of(runs.find("reference-modern"))


def test_a_network_is_built_once_for_all_visitors_and_again_when_its_weights_change(tmp_path: Path) -> None:
    assert activations.network(MODERN) is activations.network(activations.subject_of(runs.find("reference-modern")))
    run = runs.create(RECIPES["modern"], "mine")
    with pytest.raises(LenetError, match=r"model.safetensors of the run “mine”"):
        activations.subject_of(run)
    weights = run.path / "model.safetensors"
    shutil.copy(runs.find("reference-modern").path / "model.safetensors", weights)
    before = activations.subject_of(run)
    replacement = run.path / "new"
    shutil.copy(runs.find("reference-modern").path / "model.safetensors", replacement)
    replacement.replace(weights)
    assert activations.subject_of(run) != before


def test_mistakes_are_the_wrong_answers_worst_first() -> None:
    p = activations.test_answers(MODERN, "sample")
    assert p.shape == (1000, 10)
    np.testing.assert_allclose(p.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(
        p[3], activations.walk(activations.network(MODERN), IMAGES[3]).probabilities, atol=1e-5
    )
    wrong = activations.mistakes(MODERN, "sample")
    assert 50 < len(wrong) < 150, "91 % of the test images are right"
    assert set(wrong) == {i for i in range(1000) if p[i].argmax() != LABELS[i]}
    own = [p[i, LABELS[i]] for i in wrong]
    assert own == sorted(own)


def test_the_most_exciting_images_are_those_with_the_largest_number() -> None:
    found = activations.most_exciting(MODERN, 3, 2, "sample", n=5)
    assert found.images == 1000
    each = [activations.walk(activations.network(MODERN), image).steps[3].values[2] for image in IMAGES]
    peaks = np.array([v.max() for v in each])
    assert set(found.best) == set(np.argsort(-peaks)[:5])
    np.testing.assert_allclose(found.peaks, np.sort(peaks)[::-1][:5], rtol=1e-5)
    mean = np.mean([v.mean() for v, label in zip(each, LABELS, strict=True) if label == 8])
    assert found.by_class[8] == pytest.approx(mean, rel=1e-4)
    dense = activations.most_exciting(MODERN, 11, 9, "sample")
    assert LABELS[dense.best[0]] == 9, "the logit of boots is largest for a boot"


def test_occlusion_is_the_mean_fall_over_the_squares_that_cover_a_pixel() -> None:
    net = activations.network(MODERN)
    falls = activations.occlusion(net, IMAGES[0])
    assert falls.shape == (28, 28) and np.isfinite(falls).all()
    before = activations.walk(net, IMAGES[0])
    changed = IMAGES[0].copy()
    changed[:, :5, :5] = 0
    fall = before.probabilities[before.prediction] - activations.walk(net, changed).probabilities[before.prediction]
    assert falls[0, 0] == pytest.approx(fall, abs=1e-5), "one square alone covers the corner"
    black = np.zeros((1, 28, 28), np.uint8)
    assert np.abs(activations.occlusion(net, black)).max() < 1e-5, "black on black changes nothing"
    assert activations.occlusion(activations.untrained(LeNetConfig(input_size=(20, 33))), IMAGES[0]).shape == (20, 33)


def test_a_network_too_large_to_be_run_often_is_one_sentence() -> None:
    large = LeNetConfig(input_size=128, channels=(64, 64), hidden=())
    with pytest.raises(LenetError, match="too large to be run a hundred times"):
        activations.occlusion(activations.untrained(large), IMAGES[0])
    assert activations.affordable(LeNetConfig(), 10_000) == 10_000
    assert activations.affordable(large, 10_000) < 1000


def test_the_mean_of_a_class() -> None:
    mean = activations.class_mean(9, "sample")
    assert mean.shape == (1, 28, 28) and mean.dtype == np.uint8
    np.testing.assert_allclose(mean, IMAGES[LABELS == 9].mean(0), atol=0.51)
