"""The operator's password, who has to wait, and the cookie that the password is exchanged for."""

from __future__ import annotations

import stat
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

from lenet.common import log, paths
from lenet.common.errors import LenetError
from lenet.runs import attempts, secret, sign_in
from lenet.runs.sign_in import SignIn
from tests.helpers.visitors import code_of

PASSWORD = "correct horse battery staple"
HERE, THERE = "192.0.2.7", "2001:db8:1:2::/64"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which stands still unless a test moves it."""
    now = [1.8e9]
    for module in (sign_in, attempts):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0], time=lambda: now[0]))
    return now


# -- the password ------------------------------------------------------------------------------------------------------


def guess(door: SignIn, address: str = HERE, times: int = 1) -> list[str]:
    """The codes of the refusals of as many wrong passwords."""
    return [code_of(lambda: door.check("guess", PASSWORD, address)) for _time in range(times)]


def test_the_password_and_no_other() -> None:
    door = SignIn()
    door.check(PASSWORD, PASSWORD, HERE)
    door.check("密码 пароль", "密码 пароль", HERE)
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", "密码"):
        assert code_of(partial(door.check, wrong, PASSWORD, HERE)) == "wrong_password"
    door.check(PASSWORD, PASSWORD, HERE)
    told = log.recent()
    assert [(e["event"], e["in_a_row"]) for e in told] == [("wrong_password", n) for n in (4, 3, 2, 1)]
    assert guess(door) == ["wrong_password"] and log.recent()[0]["in_a_row"] == 1, "the right one ended the row"
    text = log.path().read_text(encoding="utf-8")
    assert "密码" not in text and HERE not in text, "neither what was tried, nor by whom"


def test_without_a_password_nobody_signs_in() -> None:
    assert code_of(lambda: SignIn().check("", "", HERE)) == "no_operator_password"


def test_who_guesses_waits_and_nobody_else_does(clock: list[float]) -> None:
    door = SignIn()
    assert guess(door, times=6) == ["wrong_password"] * 5 + ["sign_in_closed"]
    with pytest.raises(LenetError, match="try again in 30 seconds"):
        door.check(PASSWORD, PASSWORD, HERE)  # the right one is not looked at, or guessing would go on
    assert (door.wait(HERE), door.wait(THERE)) == (30.0, 0.0)
    door.check(PASSWORD, PASSWORD, THERE)
    clock[0] += 30
    door.check(PASSWORD, PASSWORD, HERE)
    assert guess(door) == ["wrong_password"]


def test_who_goes_on_guessing_waits_longer_up_to_a_quarter_of_an_hour(clock: list[float]) -> None:
    door, waits = SignIn(), []
    guess(door, times=5)
    for _turn in range(20):
        waits.append(door.wait(HERE))
        clock[0] += waits[-1]
        assert guess(door) == ["wrong_password"]
    assert waits[:7] == [30, 60, 120, 240, 480, 900, 900] and waits[-1] == 900


def test_a_bounded_number_of_addresses_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "MAX_ADDRESSES", 3)
    door = SignIn()
    for address in ("a", "b", "c", "a", "d"):
        guess(door, address)
    assert list(door._attempts._wrong) == ["c", "a", "d"]


# -- the cookie --------------------------------------------------------------------------------------------------------


def test_a_cookie_is_valid_for_eight_hours(clock: list[float]) -> None:
    cookie = sign_in.new_cookie(PASSWORD)
    for seconds, valid in ((0, True), (8 * 3600 - 1, True), (8 * 3600, False), (10**8, False)):
        clock[0] = 1.8e9 + seconds
        assert sign_in.is_valid(cookie, PASSWORD) is valid
    clock[0] = 1.8e9 - 60
    assert not sign_in.is_valid(cookie, PASSWORD), "of a clock that was set back: longer than eight hours"


def test_what_is_no_cookie_of_ours() -> None:
    cookie = sign_in.new_cookie(PASSWORD)
    until, signature = cookie.split(".")
    later = f"{int(until) - 1}.{signature}"
    for forged in ("", ".", until, signature, later, cookie[:-1], cookie + "0", cookie.upper(), cookie + "\n",
                   f"{until}.{'0' * 64}", f"{'9' * 10}.{signature}", f"{'１' * 10}.{signature}"):  # fmt: skip
        assert not sign_in.is_valid(forged, PASSWORD), forged
    assert sign_in.is_valid(cookie, PASSWORD)
    assert not sign_in.is_valid(cookie, "another password"), "who changes the password ends all sign-ins"
    assert not sign_in.is_valid(cookie, ""), "no password, no operator"
    assert not sign_in.is_valid(sign_in.new_cookie(""), "")


def test_signing_out_ends_every_cookie_and_only_who_is_signed_in_can(clock: list[float]) -> None:
    mine, stolen = sign_in.new_cookie(PASSWORD), sign_in.new_cookie(PASSWORD)
    sign_in.sign_out(f"{mine[:-1]}{'0' if mine[-1] != '0' else '1'}", PASSWORD)
    assert sign_in.is_valid(mine, PASSWORD), "a stranger signs nobody out"
    sign_in.sign_out(mine, PASSWORD)
    assert not sign_in.is_valid(mine, PASSWORD) and not sign_in.is_valid(stolen, PASSWORD)
    assert sign_in.is_valid(sign_in.new_cookie(PASSWORD), PASSWORD)


# -- the secret --------------------------------------------------------------------------------------------------------


def test_a_secret_is_made_once_and_is_nobody_elses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert secret.stamp("operator") == ()
    first = secret.keyed_hash("operator", "a", "b")
    assert first == secret.keyed_hash("operator", "a", "b") != secret.keyed_hash("addresses", "a", "b")
    assert secret.keyed_hash("operator", "ab", "") != first
    (one, other) = sorted(f for f in (paths.runs_dir() / ".secrets").iterdir() if f.name != "lock")
    assert stat.S_IMODE(one.stat().st_mode) == stat.S_IMODE(other.stat().st_mode) == 0o600
    assert one.read_bytes() != other.read_bytes() and len(one.read_bytes()) == 32
    before = secret.stamp("operator")
    secret.renew("operator")
    assert secret.stamp("operator") != before and secret.keyed_hash("operator", "a", "b") != first
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "elsewhere"))
    assert secret.keyed_hash("operator", "a", "b") != first
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LENET_RUNS_DIR", str(tmp_path / "file"))
    assert code_of(lambda: secret.keyed_hash("operator", "a")) == "not_writable"


def test_a_secret_that_was_cut_off_is_replaced() -> None:
    cookie = sign_in.new_cookie(PASSWORD)
    (paths.runs_dir() / ".secrets" / "operator").write_bytes(b"")
    assert not sign_in.is_valid(cookie, PASSWORD)
    assert sign_in.is_valid(sign_in.new_cookie(PASSWORD), PASSWORD)
