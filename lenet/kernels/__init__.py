"""The kernels of the first layer: their history, what they see, and how they compare."""
