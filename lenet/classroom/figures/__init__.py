"""What the components of a class are given to draw: everything in words, and nothing of what is still hidden."""
