"""What there is to know of each data set: one description each.

Fashion-MNIST: Xiao, Rasul, Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms"
(2017), https://github.com/zalandoresearch/fashion-mnist, MIT licence, Zalando SE.

MNIST: LeCun, Cortes, Burges (1998). KMNIST: Clanuwat et al., "Deep Learning for Classical Japanese Literature" (2018).
EMNIST: Cohen, Afshar, Tapson, van Schaik, "EMNIST: an extension of MNIST to handwritten letters" (2017).
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from lenet.common.translation import N_
from lenet.common.translation import translate as _

SPLITS = ("train", "test")
MAX_CLASSES = 62
"""Of own images: ten digits and twice twenty-six letters, as EMNIST has them."""

Files = Mapping[str, tuple[str, str]]
"""The names of the idx files of each split, images and labels, without `.gz`."""


@dataclass(frozen=True)
class DataSet:
    """A data set of labelled images: how it is recognised, what the app says of it, and where it can be downloaded.

    `key` is its name in settings and files. `classes` are the names by label, in English, to be translated when shown
    (`class_names`); `image_shape` is (channels, height, width) of the images as the app uses them. `sizes` counts the
    images of each split, `sample_sizes` those of them that come with the app (none: no sample does). `files` are its idx
    files; in them labels count from `first_label`, and images may be stored `transposed`.

    `md5` has the checksums of those files, of the content or of the published .gz file. Where `only_by_checksum`, images
    of the same number with other checksums are never taken for it.

    `torchvision` is its class in torchvision.datasets, which names the folder as well, and `torchvision_split` what that
    class calls its part; `download_bytes` is the size of the compressed files that it fetches. `package` is Debian's and
    Ubuntu's, if there is one.
    """

    key: str
    name: str
    classes: tuple[str, ...]
    image_shape: tuple[int, int, int]
    sizes: Mapping[str, int] = field(hash=False)
    files: Files = field(hash=False)
    sample_sizes: Mapping[str, int] = field(default_factory=dict, hash=False)
    first_label: int = 0
    transposed: bool = False
    md5: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    only_by_checksum: bool = False
    torchvision: str = ""
    torchvision_split: str = ""
    download_bytes: int = 0
    package: str = ""

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """One image as a batch."""
        return (1, *self.image_shape)

    @property
    def size_text(self) -> str:
        """Height and width of an image: 28×28."""
        return f"{self.image_shape[1]}×{self.image_shape[2]}"

    def class_names(self) -> list[str]:
        """The classes by label, in the reader's language."""
        return [_(name) for name in self.classes]

    def words(self) -> str:
        """Its name in the reader's language."""
        return _(self.name)


STANDARD_FILES: Files = MappingProxyType(
    {
        "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
    }
)
"""The names that MNIST has given to its files, and others after it."""

FASHION_MNIST = DataSet(
    key="fashion-mnist",
    name="Fashion-MNIST",
    classes=(
        N_("T-shirt/top"), N_("Trouser"), N_("Pullover"), N_("Dress"), N_("Coat"),
        N_("Sandal"), N_("Shirt"), N_("Sneaker"), N_("Bag"), N_("Ankle boot"),
    ),
    image_shape=(1, 28, 28),
    sizes={"train": 60_000, "test": 10_000},
    sample_sizes={"train": 6_000, "test": 1_000},
    files=STANDARD_FILES,
    md5={
        "train-images-idx3-ubyte": ("f4a8712d7a061bf5bd6d2ca38dc4d50a", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        "train-labels-idx1-ubyte": ("9018921c3c673c538a1fc5bad174d6f9", "25c81989df183df01b3e8a0aad5dffbe"),
        "t10k-images-idx3-ubyte": ("8181f5470baa50b63fa0f6fddb340f0a", "bef4ecab320f06d8554ea6380940ec79"),
        "t10k-labels-idx1-ubyte": ("15d484375f8d13e6eb1aabb0c3f46965", "bb300cfdad3c16e7a12a480ee83cd310"),
    },
    only_by_checksum=True,  # what the app takes by itself, it has to know
    torchvision="FashionMNIST",
    download_bytes=26_421_880 + 29_515 + 4_422_102 + 5_148,
    package="dataset-fashion-mnist",
)  # fmt: skip

MNIST = DataSet(
    key="mnist",
    name="MNIST",
    classes=tuple(string.digits),
    image_shape=(1, 28, 28),
    sizes={"train": 60_000, "test": 10_000},
    files=STANDARD_FILES,
    md5={
        "train-images-idx3-ubyte": ("6bbc9ace898e44ae57da46a324031adb", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        "train-labels-idx1-ubyte": ("a25bea736e30d166cdddb491f175f624", "d53e105ee54ea40749a09fcbcd1e9432"),
        "t10k-images-idx3-ubyte": ("2646ac647ad5339dbf082846283269ea", "9fb629c4189551a2d022fa330f9573f3"),
        "t10k-labels-idx1-ubyte": ("27ae3e4e09519cfbb04c329615203637", "ec29112dd5afa0611ce80d1b7f02629c"),
    },
    torchvision="MNIST",
    download_bytes=9_912_422 + 28_881 + 1_648_877 + 4_542,
)

KMNIST = DataSet(
    key="kmnist",
    name="KMNIST",
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    image_shape=(1, 28, 28),
    sizes={"train": 60_000, "test": 10_000},
    files=STANDARD_FILES,
    md5={
        "train-images-idx3-ubyte": ("bdb82020997e1d708af4cf47b453dcf7",),
        "train-labels-idx1-ubyte": ("e144d726b3acfaa3e44228e80efcd344",),
        "t10k-images-idx3-ubyte": ("5c965bf0a639b31b8f53240b1b52f4d7",),
        "t10k-labels-idx1-ubyte": ("7320c461ea6c1c855c0b718fb2a4b134",),
    },
    torchvision="KMNIST",
    download_bytes=18_165_135 + 29_497 + 3_041_136 + 5_120,
)


def _emnist(part: str, classes: str, train: int, test: int, first_label: int = 0) -> DataSet:
    """A part of EMNIST. Its archive has all of them, and each image mirrored at its diagonal."""
    return DataSet(
        key=f"emnist-{part}",
        name=f"EMNIST {part}",
        classes=tuple(classes),
        image_shape=(1, 28, 28),
        sizes={"train": train, "test": test},
        files={
            split: (f"emnist-{part}-{split}-images-idx3-ubyte", f"emnist-{part}-{split}-labels-idx1-ubyte")
            for split in SPLITS
        },
        first_label=first_label,
        transposed=True,
        torchvision="EMNIST",
        torchvision_split=part,
        download_bytes=561_753_746,
    )


# Of the letters whose two cases look alike, `balanced` has one class with the name of the capital.
EMNIST_BALANCED = _emnist("balanced", string.digits + string.ascii_uppercase + "abdefghnqrt", 112_800, 18_800)
EMNIST_LETTERS = _emnist("letters", string.ascii_uppercase, 124_800, 20_800, first_label=1)
EMNIST_DIGITS = _emnist("digits", string.digits, 240_000, 40_000)

DATA_SETS = {
    known.key: known
    for known in (FASHION_MNIST, MNIST, KMNIST, EMNIST_BALANCED, EMNIST_LETTERS, EMNIST_DIGITS)
}  # fmt: skip
"""Every data set that the app knows, by its key."""
DEFAULT = "fashion-mnist"
"""The one that a sample comes with the app of."""
OWN = "own"
"""The key of all others."""


@lru_cache(maxsize=64)
def own(classes: int, train: int = 0, test: int = 0, files: tuple[tuple[str, str], ...] = ()) -> DataSet:
    """The description of images that are none of DATA_SETS: classes by number, as many of them as labels have.

    `train` and `test` count its images, and `files` are the names of each split's, where that is known.
    """
    return DataSet(
        key=OWN,
        name=N_("own images"),
        classes=tuple(str(label) for label in range(classes)),
        image_shape=DATA_SETS[DEFAULT].image_shape,
        sizes={"train": train, "test": test},
        files=dict(zip(SPLITS, files, strict=True)) if files else STANDARD_FILES,
        transposed=bool(files) and files[0][0].lower().startswith("emnist-"),
    )


def data_set(key: str = DEFAULT) -> DataSet:
    """The description of a data set."""
    return DATA_SETS[key]


CHOICES = {"auto": N_("what the folder holds")} | {k: d.name for k, d in DATA_SETS.items()} | {OWN: N_("own images")}
"""The values of the setting `dataset`, with their labels."""

SOURCES = {
    "auto": N_("the best available"),
    "full": N_("complete: {train} + {test} images"),
    "sample": N_("bundled sample: {train} + {test} images"),
}
"""`{train}` and `{test}` are how many images of each split there are, `sizes` or `sample_sizes`. `find` says what they mean."""
