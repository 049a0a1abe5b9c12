"""What the LeNet Explorer computes: pooling, LeNet, its training and its kernels.

Start with `pooling.py` and `model.py` (what), then `train.py` (how) and `runfiles.py` (what it leaves).
"""
