"""Plotly figures: numbers in, figure out. One module a page; colours and the common layout in `theme.py`."""
