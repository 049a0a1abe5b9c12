"""Ways to take a training step."""
