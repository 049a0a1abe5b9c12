"""Figures of an experiment, from plain numbers."""
