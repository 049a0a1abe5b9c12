"""What a network says of an image, in words."""

from __future__ import annotations

from lenet.architecture import predictions


def test_the_verdict_tells_right_from_wrong() -> None:
    assert predictions.verdict(9, 9, 0.8281) == ":green-badge[right] Predicted: **Ankle boot**, softmax 0.828."
    wrong = predictions.verdict(6, 9, 0.5)
    assert "wrong" in wrong and "**Shirt**" in wrong and "**Ankle boot**" in wrong
    assert predictions.verdict(6, None, 0.5).startswith("Predicted: **Shirt**")
    assert predictions.verdict(6, 9, 0.5, 7).startswith("Predicted: **6**"), "classes that are not Fashion-MNIST's"
    assert "scaled" not in predictions.preparation((28, 28), (28, 28))
    assert "in bold" in predictions.preparation((28, 28), (28, 28))
    assert "in bold" not in predictions.preparation((28, 28), (28, 28), labelled=False)
    assert "28×28 is scaled to 32×40" in predictions.preparation((28, 28), (32, 40))
    assert "3 input channels" in predictions.preparation((28, 28), (28, 28), 3)
