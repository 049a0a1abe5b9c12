"""Settings that check themselves: what is taken, and what the refusal of everything else says."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet.common import fields
from lenet.common.errors import LenetError
from lenet.common.fields import MAX_NUMBER, Field, setting

COLOURS = {"red": "Red", "blue": "Blue"}


@dataclass(frozen=True)
class Example:
    rate: float = setting(0.9, "Rate", low=1e-8, high=100.0)
    count: int = setting(3, "Count", low=1, high=5)
    colour: str = setting("red", options=lambda: COLOURS)
    widths: tuple[int, ...] = setting((1, 2), low=1, high=256, length=3)
    size: int | tuple[int, int] = setting(28, low=4, high=256)
    name: str = setting("own", pattern="[a-z]{1,4}", options=("note",))
    open: bool = setting(False)

    def __post_init__(self) -> None:
        fields.check(self)


@dataclass(frozen=True)
class File:
    """What a program that is not ours may have written."""

    step: int = 0
    speed: float = 0.0
    device: str = ""
    params: dict[str, Any] | None = None


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("rate", 1, 1.0),
        ("rate", np.float64(0.5), 0.5),
        ("rate", np.float32(0.5), 0.5),
        ("widths", [4, 5], (4, 5)),
        ("widths", [], ()),
        ("size", [28, 30], (28, 30)),
        ("size", 4, 4),
        ("name", "abcd", "abcd"),
        ("open", True, True),
    ],
)
def test_what_is_taken_and_how_it_is_kept(name: str, given: object, kept: object) -> None:
    value = getattr(Example(**{name: given}), name)
    assert (type(value), value) == (type(kept), kept)
    assert hash(Example(**{name: given}))


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("rate", 0, "rate must lie between 1e-08 and 100.0; it is 0."),
        ("rate", math.nan, "rate must lie between 1e-08 and 100.0; it is NaN."),
        ("rate", math.inf, "rate must lie between 1e-08 and 100.0; it is ∞."),
        ("rate", 10**400, "rate must lie between 1e-08 and 100.0; it is ∞."),
        ("rate", -(10**400), "rate must lie between 1e-08 and 100.0; it is −∞."),
        ("rate", True, "rate must be a number, not True."),
        ("rate", "fast", "rate must be a number, not fast."),
        ("rate", "0.1", 'rate must be a number, not "0.1".'),
        ("rate", "0,1", 'rate must be a number, not "0,1".'),
        ("rate", "NaN", 'rate must be a number, not "NaN".'),
        ("rate", "", 'rate must be a number, not "".'),
        ("rate", 100.0000001, "rate must lie between 1e-08 and 100.0; it is 100.0000001."),
        ("count", 4294967296, "count must lie between 1 and 5; it is 4294967296."),
        ("count", math.nan, "count must be a whole number, not NaN."),
        ("count", math.inf, "count must be a whole number, not ∞."),
        ("colour", "", 'colour must be one of red, blue; it is "".'),
        ("rate", None, "rate must be a number, not None."),
        ("count", 6, "count must lie between 1 and 5; it is 6."),
        ("count", 10**5000, "count must lie between 1 and 5; it is ∞."),
        ("count", 2.0, "count must be a whole number, not 2.0."),
        ("count", True, "count must be a whole number, not True."),
        ("count", "3", 'count must be a whole number, not "3".'),
        ("colour", "green", "colour must be one of red, blue; it is green."),
        ("colour", ["red"], "colour must be one of red, blue; it is ['red']."),
        ("widths", 6, "widths must be one of lists of at most 3 numbers; it is 6."),
        ("widths", [1] * 4, "widths must be one of lists of at most 3 numbers; it is [1, 1, 1, 1]."),
        ("widths", "12", 'widths must be one of lists of at most 3 numbers; it is "12".'),
        ("widths", [1, 0], "widths must lie between 1 and 256; it is 0."),
        ("widths", [1, 2.5], "widths must be a whole number, not 2.5."),
        ("widths", [[10**5000]], "widths must be a whole number, not ∞."),
        ("size", 3, "size must lie between 4 and 256; it is 3."),
        ("size", [28, 3], "size must lie between 4 and 256; it is 3."),
        ("size", [28, True], "size must be a whole number, not True."),
        ("size", [28] * 3, "size must be a whole number, not [28, 28, 28]."),
        ("name", "toolong", "name must be one of note; it is toolong."),
        ("name", "a\n", "name must be one of note; it is a\n."),
        ("open", 1, "open must be one of true, false; it is 1."),
    ],
    ids=range(37),
)
def test_a_refusal_names_the_setting_the_value_and_what_is_taken(name: str, given: object, sentence: str) -> None:
    with pytest.raises(LenetError) as refusal:
        Example(**{name: given})
    assert str(refusal.value) == sentence


def test_an_option_that_is_added_is_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COLOURS, "green", "Green")
    field = fields.table(Example)["colour"]
    assert field.choices == ("red", "blue", "green")
    assert field.words["green"] == "Green"
    assert Example(colour="green").colour == "green"


def test_the_table_has_every_field_with_its_default() -> None:
    table = fields.table(Example)
    assert {name: field.default for name, field in table.items()} == vars(Example())
    assert (table["rate"].label, table["rate"].low, table["rate"].kind) == ("Rate", 1e-8, float)


def test_names_that_are_no_settings_are_refused() -> None:
    assert fields.known(Example, {"rate": 3}, "config") == {"rate": 3}
    for values, sentence in (
        ({"speed": 3}, "There is no setting called speed."),
        ([], "config must be a table of settings, not []."),
    ):
        with pytest.raises(LenetError) as refusal:
            fields.known(Example, values, "config")
        assert str(refusal.value) == sentence


def test_a_file_of_a_newer_version_is_read_without_what_it_adds() -> None:
    assert fields.read(File, {"step": 3, "mood": "good", "params": {"a": 1}}, "file") == File(step=3, params={"a": 1})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step", -1), ("step", MAX_NUMBER + 1), ("step", 1.0), ("step", True), ("speed", math.nan), ("speed", 10**400),
        ("device", "x" * 201), ("device", "a\nb"), ("device", "\u202e"), ("device", "\ud800"), ("device", 5), ("params", []),
    ],
    ids=range(12),
)  # fmt: skip
def test_a_file_with_an_impossible_value_is_refused_as_a_whole_or_read_without_it(name: str, value: object) -> None:
    with pytest.raises(LenetError, match=name):
        fields.read(File, {"step": 3, "speed": 2.0, name: value}, "file")
    good = {"step": 3, "speed": 2.0}
    good.pop(name, None)
    assert fields.read_what_fits(File, good | {name: value}) == File(**good)  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [None, [], "x", 3])
def test_what_is_no_table(values: object) -> None:
    with pytest.raises(LenetError):
        fields.read(File, values, "file")
    assert fields.read_what_fits(File, values) == File()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(list(fields.table(Example).values())), json_values)
def test_any_value_is_kept_or_refused_in_a_sentence(field: Field, value: object) -> None:
    try:
        kept = field.check(value)
    except LenetError as refusal:
        assert field.name in str(refusal) and len(str(refusal)) < 200
    else:
        assert field.check(kept) == kept
        assert field.check(json.loads(json.dumps(kept))) == kept


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("rate", "0.1", 0.1), ("rate", "1e-3", 0.001), ("rate", "0,1", 0.1), ("rate", "１", 1.0), ("rate", "−0", None),
        ("count", "３", 3), ("count", " 5 ", 5), ("count", "3.0", None), ("count", "6", None),
        ("count", "3,0", None), ("count", "3e0", None), ("count", "3.", None), ("count", "+3", 3),
    ],
)  # fmt: skip
def test_what_is_typed_is_read_or_refused(name: str, text: str, value: float | None) -> None:
    field = fields.table(Example)[name]
    if value is None:
        with pytest.raises(LenetError):
            field.read(text)
    else:
        assert (field.read(text), type(field.read(text))) == (value, field.kind)


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("rate", "5000", "Learning rate must lie between 1e-08 and 100.0; it is 5000."),
        ("rate", "abc", "Learning rate must be a number, not abc."),
        ("rate", "1,234", "Learning rate must be one number, but 1,234 can mean 1.234 or 1234: write one of these."),
        ("rate", "1e400", "Learning rate must lie between 1e-08 and 100.0; it is 1e400."),
        ("count", "2,5", "Learning rate must be a whole number, not 2,5."),
        ("count", "4294967296", "Learning rate must lie between 1 and 5; it is 4294967296."),
        ("count", "1_0", "Learning rate must be a whole number, not 1_0."),
    ],
)
def test_the_refusal_names_what_the_reader_calls_it_and_what_was_typed(name: str, text: str, sentence: str) -> None:
    with pytest.raises(LenetError) as refusal:
        fields.table(Example)[name].read(text, "Learning rate")
    assert str(refusal.value) == sentence


@given(st.sampled_from(["rate", "count"]), st.text(max_size=15))
def test_whatever_is_typed_the_value_is_one_that_the_setting_takes(name: str, text: str) -> None:
    field = fields.table(Example)[name]
    try:
        value = field.read(text)
    except LenetError as refusal:
        assert name in str(refusal)
    else:
        assert field.check(value) == value
