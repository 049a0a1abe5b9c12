"""A network as PyTorch code."""

from __future__ import annotations

from lenet.architecture.configuration import LeNetConfig
from lenet.architecture.layers import Place


def as_code(config: LeNetConfig) -> str:
    """The network as an `nn.Sequential` that runs as copied and prints its number of parameters."""
    size = ", ".join(map(str, config.input_shape))
    ready = "net.eval()\n" if config.batch_norm or config.dropout else ""
    return (
        f"import torch\nfrom torch import nn\n\n{sequential(config)}\n\n"
        f"{ready}logits = net(torch.rand({size}))  # shape (1, {config.num_classes})\n"
        "print(sum(p.numel() for p in net.parameters()))\n"
    )


def sequential(config: LeNetConfig) -> str:
    """The statement that makes the network: `net = nn.Sequential(…)`, a line for each layer with its activation."""
    lines: list[str] = []
    for i, row in enumerate(config.layers):
        text = row.kind.code(Place(config.layers, i)) + ","
        if row.kind.group == "activation" and lines:  # on the line of the layer that it follows
            lines[-1] += " " + text
        else:
            lines.append(text)
    body = "\n".join("    " + line for line in lines)
    return f"net = nn.Sequential(\n{body}\n)"
