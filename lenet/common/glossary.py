"""The terms that a newcomer to convolutional networks meets in this app, each in one or two sentences.

>>> link("A stride of 2 halves the map.", "en")
'A [stride](#term-stride) of 2 halves the map.'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lenet.common.translation import N_, translate

ADDRESS = "#term-"
"""Where the link of a term leads, with its key behind it."""


@dataclass(frozen=True)
class Term:
    """`name` and `text`, its explanation, are English, to be translated when shown.

    `forms` are the words, in each language, that are linked where texts use them.
    """

    name: str
    text: str
    forms: Mapping[str, tuple[str, ...]]


def _term(name: str, text: str, english: str, chinese: str) -> Term:
    """`english` and `chinese` are the forms, with `|` between them."""
    return Term(name, text, {"en": tuple(english.split("|")), "zh_CN": tuple(chinese.split("|"))})


TERMS: dict[str, Term] = {
    "feature-map": _term(
        N_("feature map"),
        N_("The grid of numbers that one kernel makes: how strongly its pattern is found at each place."),
        "feature map|feature maps",
        "特征图",
    ),
    "channel": _term(
        N_("channel"),
        N_("One of several grids of the same size that belong to one image, such as red, green and blue, or one feature map of many."),
        "channel|channels",
        "通道",
    ),
    "convolution": _term(
        N_("convolution"),
        N_("A kernel moves over the image; at each place its weights are multiplied with the numbers below them and the products are added."),
        "convolution|convolutions|convolutional",
        "卷积层|卷积运算",
    ),
    "kernel": _term(
        N_("kernel"),
        N_("The small grid of weights that a convolution moves over its input, also called a filter. In pooling: the size of the window."),
        "kernel|kernels",
        "卷积核",
    ),
    "weight": _term(
        N_("weight"),
        N_("A number that a network multiplies an input with. Training changes it."),
        "weight|weights",
        "权重",
    ),
    "bias": _term(
        N_("bias"),
        N_("A number that is added to a weighted sum. Training changes it too."),
        "bias|biases",
        "偏置",
    ),
    "parameter": _term(
        N_("parameter"),
        N_("A number of a network that training changes: its weights and biases."),
        "parameter|parameters",
        "参数量|参数",
    ),
    "pooling": _term(
        N_("pooling"),
        N_("Replaces each window of a map by one number. It has no parameters, and each channel is pooled by itself."),
        "pooling",
        "汇聚",
    ),
    "window": _term(
        N_("window"),
        N_("The cells of the input that one number of the output is computed from."),
        "window|windows",
        "窗口",
    ),
    "stride": _term(
        N_("stride"),
        N_("How many cells the window moves from one output number to the next. A stride of 2 about halves height and width."),
        "stride|strides",
        "步幅",
    ),
    "padding": _term(
        N_("padding"),
        N_("Cells that are added around the input, so that windows can reach over its edge. A convolution adds zeros, max pooling −∞."),
        "padding|padded",
        "填充",
    ),
    "dilation": _term(
        N_("dilation"),
        N_("The distance between neighbouring cells of a window. With 2 it sees every other cell, and reaches further with as many numbers."),
        "dilation",
        "空洞",
    ),
    "receptive-field": _term(
        N_("receptive field"),
        N_("All pixels of the image that one number of a later layer depends on. It grows from layer to layer."),
        "receptive field|receptive fields",
        "感受野",
    ),
    "shape": _term(
        N_("shape"),
        N_("How many numbers there are in each direction: (batch, channels, height, width) for images."),
        "shape|shapes",
        "形状",
    ),
    "activation": _term(
        N_("activation function"),
        N_("A function that each number goes through after a layer. Without it, many layers could do no more than one."),
        "activation function|activation functions",
        "激活函数",
    ),
    "sigmoid": _term(
        "sigmoid",
        N_("The activation function 1/(1 + exp(−x)). It presses every number between 0 and 1; its slope is at most 1/4."),
        "sigmoid",
        "sigmoid|Sigmoid",
    ),
    "relu": _term(
        "ReLU",
        N_("The activation function max(0, x): negative numbers become 0, all others stay."),
        "ReLU",
        "ReLU",
    ),
    "flatten": _term(
        "Flatten",
        N_("Writes all numbers of all feature maps in one row, which a linear layer can take. No number changes."),
        "Flatten",
        "Flatten",
    ),
    "linear-layer": _term(
        N_("linear layer"),
        N_("Each of its outputs is a weighted sum of all inputs, plus a bias. Also called a dense or fully connected layer."),
        "linear layer|linear layers|dense layer|dense layers",
        "全连接层",
    ),
    "logit": _term(
        N_("logit"),
        N_("One of the numbers that the last layer gives, one for each class: the larger, the more the network is for that class. They are no probabilities."),
        "logit|logits",
        "logits|logit",
    ),
    "softmax": _term(
        "softmax",
        N_("Turns logits into probabilities: exp(x) of each logit x is divided by the sum of all of them, so that they add up to 1."),
        "softmax",
        "softmax",
    ),
    "loss": _term(
        N_("loss"),
        N_("One number that says how wrong a network is. Training makes it smaller."),
        "loss",
        "损失",
    ),
    "cross-entropy": _term(
        N_("cross-entropy"),
        N_("The loss for classes: −ln of the probability that the network gives the right class. Guessing among ten gives ln 10 = 2.3."),
        "cross-entropy",
        "交叉熵",
    ),
    "gradient": _term(
        N_("gradient"),
        N_("How much the loss changes when a number changes a little: a weight, or a cell of a map."),
        "gradient|gradients",
        "梯度",
    ),
    "backpropagation": _term(
        N_("backpropagation"),
        N_("Computes all gradients in one pass from the loss back to the image, layer by layer."),
        "backpropagation|backward pass",
        "反向传播",
    ),
    "optimiser": _term(
        N_("optimiser"),
        N_("The rule by which weights follow their gradients. SGD takes a step against each; Adam also keeps track of how large they have been."),
        "optimiser|optimisers",
        "优化器",
    ),
    "learning-rate": _term(
        N_("learning rate"),
        N_("How far a step of training goes. Too small: the loss hardly falls. Too large: it jumps, or grows without end."),
        "learning rate|learning rates",
        "学习率",
    ),
    "batch": _term(
        N_("batch"),
        N_("The images that one step of training looks at together; their mean gradient is used."),
        "batch|batches",
        "批量|批次",
    ),
    "epoch": _term(
        N_("epoch"),
        N_("One pass through all training images."),
        "epoch|epochs",
        "轮次|轮数",
    ),
    "seed": _term(
        N_("seed"),
        N_("The number from which all random choices of a run follow: its first weights and the order of images. The same seed gives the same run."),
        "seed|seeds",
        "随机种子|种子",
    ),
    "accuracy": _term(
        N_("accuracy"),
        N_("The share of images whose class the network says correctly. On test images, which it has not trained on, it tells how well the network does."),
        "accuracy",
        "准确率",
    ),
    "overfitting": _term(
        N_("overfitting"),
        N_("The network gets better on the images it trains on, and not on others: it learns them by heart."),
        "overfitting|overfits",
        "过拟合",
    ),
    "confusion-matrix": _term(
        N_("confusion matrix"),
        N_("A table of how often images of each class are given each class: the right ones lie on its diagonal."),
        "confusion matrix",
        "混淆矩阵",
    ),
}  # fmt: skip

_LEAVE = r"`[^`]*`|\$[^$]*\$|!?\[[^\]]*\]\([^)]*\)|:[a-z_]+(?:/[a-z_]+)?:|<[^>]*>|^[#|].*$"
"""What no link may stand in: code, formulas, links, icons, markup, headings and tables."""


def link(text: str, language: str, may: Callable[[str], bool] = lambda key: True) -> str:
    """A Markdown text in `language` with a link at the first use of each term for which `may(key)` is true.

    A language without forms of its own has none.
    """
    linked, end, seen = [], 0, set()
    for start, stop, key in _uses(text, language):
        if key not in seen and may(key):
            seen.add(key)
            linked += [text[end:start], f"[{text[start:stop]}]({ADDRESS}{key})"]
            end = stop
    return "".join([*linked, text[end:]])


@lru_cache(maxsize=1024)
def _uses(text: str, language: str) -> tuple[tuple[int, int, str], ...]:
    """Where a text uses a term: from, to, and its key. Most texts are shown again and again, and a search takes a while."""
    pattern, keys = _pattern(language), _keys(language)
    found = pattern.finditer(text) if pattern else ()
    return tuple((*match.span(), keys[match[0].lower()]) for match in found if match["term"])


def entries() -> dict[str, tuple[str, str]]:
    """Name and explanation of each term by its key, in the reader's language."""
    return {key: (translate(term.name), translate(term.text)) for key, term in TERMS.items()}


@lru_cache
def _keys(language: str) -> dict[str, str]:
    return {form.lower(): key for key, term in TERMS.items() for form in term.forms.get(language, ())}


@lru_cache
def _pattern(language: str) -> re.Pattern[str] | None:
    forms = "|".join(map(re.escape, sorted(_keys(language), key=len, reverse=True)))  # the longest form that fits
    edge = r"\b" if language == "en" else ""  # no spaces between Chinese words
    return re.compile(rf"{_LEAVE}|{edge}(?P<term>{forms}){edge}", re.IGNORECASE | re.MULTILINE) if forms else None
