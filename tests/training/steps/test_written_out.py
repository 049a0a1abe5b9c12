"""The written-out step of the CPU: torch.nn and autograd give the same logits, loss and gradients."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.network import LeNet
from lenet.training.steps import written_out
from lenet.training.steps.blocks import TooLarge
from lenet.training.steps.written_out import WrittenOutNet, one_thread, supports
from tests.helpers.strategies import plain_networks

SMOOTHING = 0.1

pytestmark = pytest.mark.usefixtures("doubles")


@pytest.fixture(autouse=True)
def _no_captures() -> Iterator[None]:
    written_out._captures.clear()
    yield
    written_out._captures.clear()


def by_autograd(net: nn.Module, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
    logits = net(x)
    loss = F.cross_entropy(logits, y, label_smoothing=SMOOTHING)
    return logits, loss, list(torch.autograd.grad(loss, list(net.parameters())))


def check(net: LeNet, x: Tensor, threads: int = 1) -> None:
    y = torch.arange(len(x)) % net.config.num_classes
    logits, loss, gradients = by_autograd(net, x, y)
    written_out._captures.clear()
    written = WrittenOutNet(net, x.shape[1:], threads)
    torch.testing.assert_close(written(x), logits.detach())
    with one_thread():
        for _ in range(2):  # the second time as it was captured
            mean, cross_entropy, correct = written.gradients(
                torch.arange(len(x)), lambda part: (x[part], y[part]), SMOOTHING
            )
    torch.testing.assert_close(mean, loss.detach())
    torch.testing.assert_close(cross_entropy, F.cross_entropy(logits.detach(), y))
    assert int(correct) == int((logits.argmax(1) == y).sum())
    for p, expected in zip(net.parameters(), gradients, strict=True):
        assert p.grad is not None and p.grad.shape == p.shape
        torch.testing.assert_close(p.grad, expected)


@settings(max_examples=60, deadline=None)
@given(plain_networks(), st.integers(1, 9), st.integers(0, 2**31))
def test_any_network_steps_as_autograd_does(config: LeNetConfig, images: int, seed: int) -> None:
    torch.manual_seed(seed)
    check(LeNet(config), torch.rand(images, *config.input_shape[1:]))


@pytest.mark.parametrize("pooling", ["avg", "max"])
def test_shards_add_up_to_the_batch(pooling: str) -> None:
    torch.manual_seed(0)
    config = LeNetConfig(pooling=pooling)
    check(LeNet(config), torch.rand(260, 1, 28, 28), threads=3)


def test_of_equal_numbers_in_a_window_the_first_takes_the_gradient() -> None:
    """In a blank part of an image all four are equal; torch hands the gradient to the first."""
    torch.manual_seed(0)
    x = torch.rand(4, 1, 28, 28).round() * (torch.rand(4, 1, 1, 1) > 0.5)
    x[:, :, :12] = 0
    check(LeNet(LeNetConfig(activation="relu", pooling="max")), x)


def test_nothing_but_the_gradients_changes() -> None:
    torch.manual_seed(0)
    net, x, y = LeNet(), torch.rand(8, 1, 28, 28), torch.arange(8)
    before = {k: v.clone() for k, v in net.state_dict().items()}, x.clone()
    written = WrittenOutNet(net, (1, 28, 28), 1)
    first = written.gradients(torch.arange(8), lambda part: (x[part], y[part]))
    again = written.gradients(torch.arange(8), lambda part: (x[part], y[part]))
    assert first == again
    assert torch.equal(x, before[1])
    assert all(torch.equal(v, before[0][k]) for k, v in net.state_dict().items())


def test_the_steps_of_threads_are_the_same_every_time() -> None:
    """A resumed run takes the very steps of the one that was not interrupted: nothing depends on who is first."""
    torch.manual_seed(0)
    net, x, y = LeNet(), torch.rand(256, 1, 28, 28), torch.arange(256) % 10
    written = WrittenOutNet(net, (1, 28, 28), 4)
    seen = set()
    with one_thread(), ThreadPoolExecutor(2) as others:
        for _ in range(20):
            others.submit(torch.rand(100, 100).matmul, torch.rand(100, 100))
            written.gradients(torch.arange(256), lambda part: (x[part], y[part]))
            seen.add(tuple(float(p.grad.sum()) for p in net.parameters() if p.grad is not None))
    assert len(seen) == 1


@pytest.mark.parametrize("change", [{}, {"activation": "relu", "pooling": "max"}, {"pooling": "none"}])
def test_a_captured_step_has_the_same_bits(change: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a run that is resumed, whose first step is not captured, would end elsewhere."""
    torch.manual_seed(0)
    net = LeNet(LeNetConfig(**change)).float()  # type: ignore[arg-type]
    x, y = torch.rand(256, 1, 28, 28, dtype=torch.float32), torch.arange(256) % 10

    def gradients(written: WrittenOutNet) -> list[Tensor]:
        written.gradients(torch.arange(256), lambda part: (x[part], y[part]), SMOOTHING)
        return [p.grad.clone() for p in net.parameters() if p.grad is not None]

    torch.set_default_dtype(torch.float32)
    try:
        with one_thread():
            written = WrittenOutNet(net, (1, 28, 28), 2)
            plain = gradients(written)
            for _ in range(5):  # torch looks at the first runs of a capture and may then order it anew
                assert all(map(torch.equal, plain, gradients(written)))
            assert [type(work).__name__ for work in written_out._captures.values()] == ["ScriptFunction"]
            assert gradients(WrittenOutNet(net, (1, 28, 28), 2)) and len(written_out._captures) == 1, (
                "one for all runs of its kind"
            )
            written_out._captures.clear()
            monkeypatch.delattr(torch.jit, "trace")  # a torch that has it no more
            written = WrittenOutNet(net, (1, 28, 28), 2)
            for _ in range(2):
                assert all(map(torch.equal, plain, gradients(written)))
    finally:
        torch.set_default_dtype(torch.float64)


def test_batches_of_many_sizes_are_not_captured() -> None:
    """Capturing takes as long as three steps: the batch that is left at the end of an epoch comes but once in it."""
    net, x, y = LeNet(), torch.rand(64, 1, 28, 28), torch.arange(64) % 10
    written = WrittenOutNet(net, (1, 28, 28), 1)
    for size in (32, 20, 32, 20, 32, 32):
        written.gradients(torch.arange(size), lambda part: (x[part], y[part]))
    assert [key[2:5] for key in written_out._captures] == [(32, 32, 0.0)]


def test_no_more_than_a_few_networks_are_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch keeps each capture for good."""
    monkeypatch.setattr(written_out, "MAX_CAPTURES", 2)
    x, y = torch.rand(8, 1, 28, 28), torch.arange(8)
    for width in (10, 20, 30):
        written = WrittenOutNet(LeNet(LeNetConfig(hidden=(width,))), (1, 28, 28), 1)
        for _ in range(3):
            written.gradients(torch.arange(8), lambda part: (x[part], y[part]))
    assert len(written_out._captures) == 2


def test_what_would_take_too_much_memory_is_not_written_out() -> None:
    net = LeNet(LeNetConfig(channels=(128, 256), kernel_size=(15, 15), padding=(5, 5)))
    assert supports(net)
    with pytest.raises(TooLarge):
        WrittenOutNet(net, (1, 28, 28), 1)


def test_what_goes_wrong_in_a_thread_is_raised() -> None:
    written = WrittenOutNet(LeNet(), (1, 28, 28), 2)
    with pytest.raises(IndexError):
        written.gradients(
            torch.arange(128), lambda part: (torch.rand(len(part), 1, 28, 28), torch.zeros(128).long()[part + 1])
        )


@pytest.mark.parametrize(
    ("change", "is_supported"),
    [
        ({}, True),
        ({"pooling": "conv", "activation": "tanh"}, True),
        ({"batch_norm": True}, False),
        ({"dropout": 0.5}, False),
        ({"activation": "gelu"}, False),
        ({"head": "gap"}, False),
    ],
)
def test_what_is_supported(change: dict[str, object], is_supported: bool) -> None:
    assert supports(LeNet(LeNetConfig(**change))) == is_supported  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "behind",
    [
        (nn.AvgPool2d(2), nn.Sigmoid()),  # pooled before the activation
        (nn.Sigmoid(), nn.AvgPool2d(3)),
        (nn.Sigmoid(), nn.MaxPool2d(2, stride=1)),
        (nn.LeakyReLU(0.2),),
        (nn.Sigmoid(), nn.Sigmoid()),
    ],
    ids=str,
)
def test_a_network_in_another_order_or_with_other_settings_is_not_written_out(behind: tuple[nn.Module, ...]) -> None:
    """It would be computed as if it were LeNet."""
    assert supports(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(338, 2)))
    assert not supports(nn.Sequential(nn.Conv2d(1, 2, 3), *behind))


def test_one_thread_is_given_back() -> None:
    before = torch.get_num_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        assert torch.get_num_threads() == 1
        raise ZeroDivisionError
    assert torch.get_num_threads() == before
