"""Settings: dataclasses whose fields say which values they take, what they are called and where they are asked for.

    @dataclass(frozen=True)
    class Example:
        lr: float = setting(0.9, N_("Learning rate"), low=1e-8, high=100.0, key="lr")
        optimizer: str = setting("sgd", N_("Optimiser"), options=("sgd", "adam"), key="opt")

        def __post_init__(self) -> None:
            check(self)

`Example(lr=200)` raises a LenetError with the setting, the value and the limits. `table(Example)["lr"]` is the Field that
everything else is derived from: the widget on a page, the option of a command, the list of settings.

Files that somebody else may have written are read into plain dataclasses: see `read` and `read_what_fits`.

pydantic-core does the checking. It tells True from 1 and 1.0 from 1, and no range holds NaN; its errors say what is wrong
with which part of a value, which `Field.check` puts into one of our sentences.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import MISSING, dataclass, is_dataclass
from functools import cache, cached_property, lru_cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic_core import SchemaValidator, ValidationError
from pydantic_core import core_schema as schemas

from lenet.common import numbers
from lenet.common.errors import LenetError
from lenet.common.formatting import as_typed
from lenet.common.translation import shown

MAX_NUMBER = 2**53
"""Above it, floats no longer represent every whole number."""
MAX_TEXT = 200
"""Characters of a text that is not limited to a list of options."""
PRINTABLE = r"( |[^\p{C}\p{Z}])*"
"""One line, without control characters such as those that change the writing direction."""
CODES = {
    "int_type": "not_integer",
    "float_type": "not_number",
    "greater_than_equal": "not_in_range",
    "less_than_equal": "not_in_range",
}
"""Kind of an error of pydantic-core → code of ours; every other kind is `not_one_of`."""

T = TypeVar("T")


@dataclass(frozen=True)
class Field:
    """One setting. Its texts are English, to be translated when they are shown.

    `kind` is its type: int, float, bool, str, `tuple[int, ...]`, `int | tuple[int, int]` and the like. Of a tuple, `low` and
    `high` are the limits of each entry, and `length` is the largest number of entries; of a text, that of characters.
    `options` may be a function, called each time, and may be a mapping from options to their labels. With a `pattern`,
    every text that matches it is taken, and `options` are suggestions.
    """

    name: str
    kind: Any
    default: Any = None
    label: str = ""
    low: float = 0
    high: float = MAX_NUMBER
    length: int | None = None
    options: Collection[str] | Callable[[], Collection[str]] = ()
    pattern: str = ""

    key: str = ""  # its name in URLs
    group: str = ""  # of settings that stand together on a page; empty: it is on none
    help: str = ""  # more about it, on the page
    control: str = ""  # its label on the page where that differs; {n} is the number of an entry
    further: int = 0  # what the page offers for an entry that the default lacks
    only_with: tuple[str, object] | None = None  # another setting and the value (True: any but 0) that this one needs
    flag: str = ""  # its help on the command line, where that is not the label
    compared: bool = True  # whether a run is said to differ from its recipe by it

    @property
    def choices(self) -> tuple[str, ...]:
        """The options as they are now; empty for a number."""
        return tuple(self.words)

    @property
    def words(self) -> Mapping[str, str]:
        """The options and their labels."""
        options = self.options() if callable(self.options) else self.options
        return options if isinstance(options, Mapping) else {option: option for option in options}

    def has_effect(self, values: Mapping[str, object]) -> bool:
        """Whether it changes anything beside the other settings in `values`, by name."""
        if self.only_with is None:
            return True
        name, needed = self.only_with
        return bool(values[name]) if needed is True else values[name] == needed

    def check(self, value: object) -> Any:
        """`value` in the form in which it is kept: float for int where the field is a float, tuple for list. Raises LenetError."""
        choices = self.choices if self.options and not self.pattern else ()
        try:
            return (_one_of(choices) if choices else self._validator).validate_python(value)
        except ValidationError as error:
            raise self._refusal(error, value) from None

    def read(self, text: str, name: str = "") -> Any:
        """The number that a reader has typed or put into a link, for a setting that is an int or a float.

        `name` is what the reader calls the setting, if that is not the name in files. Raises LenetError with the text as
        it was written, also where it can mean two numbers.
        """
        plain = numbers.plain(text).strip()
        name, told, found = name or self.name, plain[:40], numbers.meanings(plain)
        whole = numbers.with_groups(plain) is not None and not set(plain) & set(".eE")
        if len(found) > 1:
            first, second = map(as_typed, found)
            raise LenetError("ambiguous_number", name=name, value=told, first=first, second=second)
        if not found:
            meant = self.kind is int and any(c.isdecimal() for c in told)
            raise LenetError("not_integer" if meant else "not_number", name=name, value=told)
        if not self.low <= found[0] <= self.high:
            raise LenetError("not_in_range", name=name, value=told, low=self.low, high=self.high)
        if self.kind is int and not whole:
            raise LenetError("not_integer", name=name, value=told)
        return self.kind(found[0])

    @cached_property
    def _validator(self) -> SchemaValidator:
        return SchemaValidator(self._schema(self.kind))

    def _schema(self, kind: Any) -> schemas.CoreSchema:
        parts = get_args(kind)
        if kind is int:
            return schemas.int_schema(strict=True, ge=int(self.low), le=int(self.high))
        if kind is float:
            return schemas.float_schema(strict=True, ge=self.low, le=self.high)
        if kind is bool:
            return schemas.bool_schema(strict=True)
        if kind is str:
            longest = self.length or MAX_TEXT
            return schemas.str_schema(strict=True, max_length=longest, pattern=f"^(?:{self.pattern or PRINTABLE})$")
        if get_origin(kind) is tuple:
            entries = [self._schema(part) for part in parts if part is not ...]
            some = 0 if ... in parts else None
            return schemas.tuple_schema(entries, variadic_item_index=some, max_length=self.length)
        if get_origin(kind) is UnionType:
            return schemas.union_schema([self._schema(part) for part in parts])
        return schemas.none_schema() if kind is type(None) else schemas.dict_schema()

    def _refusal(self, error: ValidationError, value: object) -> LenetError:
        problems = [p for p in error.errors(include_url=False, include_context=False) if p["type"] in CODES]
        if not problems:
            written = _as_written(value, as_text=self.kind is str)
            return LenetError("not_one_of", name=self.name, value=written, options=self._what_it_takes())
        # Where a number or a list of numbers can be meant, both are refused: the deeper problem is of what was meant.
        problem = max(problems, key=lambda p: len(p["loc"]))
        code, wrong = CODES[problem["type"]], problem["input"]
        if code == "not_number" and type(wrong) is int:
            code = "not_in_range"  # larger than any float
        if code == "not_in_range":
            return LenetError(code, name=self.name, value=_as_written(wrong), low=self.low, high=self.high)
        return LenetError(code, name=self.name, value=_as_written(wrong))

    def _what_it_takes(self) -> str:
        if choices := self.choices:
            return ", ".join(choices)
        if self.kind is bool:
            return "true, false"
        if self.kind is str:
            return f"texts of at most {self.length or MAX_TEXT} characters"
        if get_origin(self.kind) is tuple:
            return f"lists of at most {self.length} numbers" if self.length else "lists of numbers"
        return "tables"


@lru_cache(maxsize=64)
def _one_of(options: tuple[str, ...]) -> SchemaValidator:
    return SchemaValidator(schemas.literal_schema(list(options)))


def setting(default: Any, label: str = "", **about: Any) -> Any:
    """A field of a dataclass of settings: its default, its label, and further attributes of its Field."""
    return dataclasses.field(default=default, metadata={"label": label, **about})


def table(cls: type) -> dict[str, Field]:
    """The settings of a dataclass by name, in order, except those that are dataclasses themselves."""
    return _table(cls)


@cache
def _table(cls: Any) -> dict[str, Field]:
    kinds = get_type_hints(cls)
    return {
        f.name: Field(f.name, kinds[f.name], None if f.default is MISSING else f.default, **f.metadata)
        for f in dataclasses.fields(cls)
        if not is_dataclass(kinds[f.name])
    }


def check(settings: Any) -> None:
    """Check every field of a frozen dataclass and convert it to the form in which it is kept. Raises LenetError.

    For `__post_init__`.
    """
    for name, field in table(type(settings)).items():
        object.__setattr__(settings, name, field.check(getattr(settings, name)))


# -- from outside --------------------------------------------------------------------------------------------------


def known(cls: type, values: object, name: str) -> dict[str, Any]:
    """`values` as keyword arguments of dataclass `cls`; `name` is what a reader calls them.

    Raises LenetError if `values` is not a mapping or has a name that `cls` does not have.
    """
    if not isinstance(values, Mapping):
        raise LenetError("not_an_object", name=name, value=shown(values)[:40])
    names = {f.name for f in dataclasses.fields(cls)}
    for key in values:
        if key not in names:
            raise LenetError("unknown_setting", name=str(key)[:40])
    return dict(values)


def read(cls: type[T], values: object, name: str) -> T:
    """A `cls` with the fields in `values`; names that `cls` does not have are ignored: a newer version added them.

    Raises LenetError if `values` is not a mapping or a value is not of its field's kind. Unless the field says otherwise,
    numbers must lie between 0 and MAX_NUMBER, and texts must be one line of up to MAX_TEXT characters.
    """
    if not isinstance(values, Mapping):
        raise LenetError("not_an_object", name=name, value=shown(values)[:40])
    return cls(**{n: field.check(values[n]) for n, field in table(cls).items() if n in values})


def read_what_fits(cls: type[T], values: object) -> T:
    """Like `read`, but a value that is not of its field's kind is ignored and the default is kept."""
    given = values if isinstance(values, Mapping) else {}
    fits = {}
    for name, field in table(cls).items():
        with suppress(LenetError, KeyError):
            fits[name] = field.check(given[name])
    return cls(**fits)


# -- single values ---------------------------------------------------------------------------------------------------


def check_integer(name: str, value: object, low: int, high: int) -> int:
    """`value` if it is a whole number from low to high. Raises LenetError otherwise."""
    checked: int = Field(name, int, low=low, high=high).check(value)
    return checked


def _as_written(value: object, *, as_text: bool = False) -> str:
    """A refused value in a few characters; Python refuses to print integers of thousands of digits.

    A text that could be mistaken for a number (unless a text was expected: `as_text`) or for nothing at all is in
    quotation marks: `0.1` is a number and `"0.1"` is none.
    """
    if isinstance(value, str):
        text = shown(value)
        bare = text.strip() and (as_text or not _like_a_number(text))
        return text[:40] if bare else f'"{text[:38]}"'
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)[:40]
    if value != value:
        return "NaN"
    if abs(value) >= 1e300:
        return "−∞" if value < 0 else "∞"
    return str(value) if abs(value) < 1e20 else f"{value:g}"


def _like_a_number(text: str) -> bool:
    try:
        float(text)  # takes `NaN` and `Infinity` too
    except ValueError:
        return bool(numbers.meanings(text))
    return True
