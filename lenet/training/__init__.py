"""Training: the step and the loop, what it records, and how that is shown."""
