"""Experiments: many runs that answer one question, with an error bar."""
