"""What the convolution page draws."""
