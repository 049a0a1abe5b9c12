"""The grid of numbers that a reader edits: its text forms and its component."""
