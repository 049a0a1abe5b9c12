"""What the pooling page draws."""
