"""The LeNet Explorer: pooling, LeNet, its training and its kernels.

A package for each page (`pooling`, `architecture`, `training`, `kernels`), with the numbers, the figures and the
components of its subject; `runs` for what a training leaves on the disk; `common` for what all share; `ui` for the
helpers of pages. Start with `pooling/arithmetic.py` and `architecture/network.py` (what), then `train.py` (how).
"""

__version__ = "0.1.0"
