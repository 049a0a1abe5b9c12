"""A network: how it is described, built, explained and drawn, and what it makes of an image."""
