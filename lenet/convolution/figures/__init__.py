"""What the convolution page draws: plain data for components, and their words. No torch."""
