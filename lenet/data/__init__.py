"""Data sets: what there is to know of each, where its images are, and those as NumPy arrays.

>>> from lenet import data
>>> images, labels = data.load("test", "sample")
>>> images.shape, data.DATA_SETS["fashion-mnist"].classes[labels[0]]
((1000, 1, 28, 28), 'Ankle boot')

`python -m lenet.data` downloads the full set of one.
"""

from lenet.data.data_sets import (
    CHOICES,
    DATA_SETS,
    DEFAULT,
    FASHION_MNIST,
    OWN,
    SOURCES,
    DataSet,
    data_set,
    own,
)
from lenet.data.downloads import download, download_error, download_progress, start_download, target
from lenet.data.fitting import fitted
from lenet.data.idx import DataError
from lenet.data.source import MISSING, Images, Labels, Source, find, here, load, load_from, looked_once

__all__ = [
    "CHOICES", "DATA_SETS", "DEFAULT", "FASHION_MNIST", "MISSING", "OWN", "SOURCES",
    "DataError", "DataSet", "Images", "Labels", "Source",
    "data_set", "download", "download_error", "download_progress", "find", "fitted", "here", "load",
    "load_from", "looked_once", "own", "start_download", "target",
]  # fmt: skip
