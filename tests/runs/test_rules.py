"""The limits of a public server."""

from __future__ import annotations

from dataclasses import fields
from functools import partial

import pytest

from lenet.common import pictures
from lenet.common.errors import LenetError
from lenet.kernels import upload
from lenet.runs import rules
from lenet.runs.rules import Limits
from tests.helpers.visitors import code_of


def test_nothing_is_limited_on_a_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", "ten")  # and nothing is read
    assert rules.limits() is None
    assert (rules.upload_mb(20), rules.max_epochs(100), rules.workers()) == (20, 100, 1)


def test_limits_come_from_the_environment(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert rules.limits() == Limits()
    for n, limit in enumerate(fields(Limits)):
        monkeypatch.setenv(rules.variable(limit.name), f" {11 + n} ")
    assert rules.limits() == Limits(*range(11, 11 + len(fields(Limits))))
    assert rules.upload_mb(20) == 17
    assert rules.upload_mb(10) == 10  # a page's own limit stands


@pytest.mark.parametrize("value", ["ten", "0", "-3", "3.5", "1e3", "1001", "9" * 400, "²", "0x10"])
def test_a_bad_limit_is_one_sentence(value: str, hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_EPOCHS", value)
    with pytest.raises(LenetError) as caught:
        rules.limits()
    assert "LENET_MAX_EPOCHS must be a whole number between 1 and 1000" in str(caught.value)
    assert value[:40] in str(caught.value)


def test_files_that_visitors_bring_keep_within_the_limit(hosted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MAX_UPLOAD_MB", "1")
    for read in (lambda raw: pictures.decode(raw, 28, rules.upload_mb(pictures.MAX_MB)), upload.convolutions):
        with pytest.raises(LenetError, match="at most 1 MB"):
            read(bytes(10**6 + 1))
        assert code_of(partial(read, bytes(10**6))) in ("picture_unreadable", "upload_not_safetensors")
