"""Addresses for others, and their QR codes."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from lenet.common import links


@pytest.mark.parametrize(
    ("page", "query", "machine", "expected"),
    [
        ("http://localhost:8501/kernels", "step=3", "10.0.0.7", ("http://10.0.0.7:8501/kernels?step=3", True, False)),
        ("http://127.0.0.1:8501/kernels", "", "10.0.0.7", ("http://10.0.0.7:8501/kernels", True, False)),
        ("http://[::1]:8501/kernels", "", "10.0.0.7", ("http://10.0.0.7:8501/kernels", True, False)),
        ("http://localhost:8501/kernels", "a=b", None, ("http://localhost:8501/kernels?a=b", False, True)),
        (
            "https://demo.edu/lenet/kernels",
            "run=x",
            "10.0.0.7",
            ("https://demo.edu/lenet/kernels?run=x", False, False),
        ),
        ("http://teacher.local:8501/kernels", "", "10.0.0.7", ("http://teacher.local:8501/kernels", False, False)),
    ],
)
def test_the_address_that_others_reach(
    page: str, query: str, machine: str | None, expected: tuple[str, bool, bool]
) -> None:
    assert links.address(page, query, machine) == links.Address(*expected)


@given(st.text(max_size=2000))
def test_whatever_a_browser_sends_stays_a_query_of_this_page(query: str) -> None:
    found = links.address("http://host/kernels", query, None)
    assert found.url.startswith("http://host/kernels") and len(found.url) <= links.MAX_URL
    assert not set(found.url) & set(" <>\"'\n")
    assert found.url.count("#") == 0


@pytest.mark.parametrize("length", [1, 60, 200, links.MAX_URL])
def test_the_code_is_read_back_by_another_library(length: int) -> None:
    """ZXing, which reads the codes of telephones, and the sizes of the standard (ISO/IEC 18004): 17 + 4·version."""
    url = ("http://10.0.0.7:8501/kernels?run=reference-modern&step=235" + "x" * length)[:length]
    rows = links.qr_rows(url)
    assert len(rows) == len(rows[0]) and (len(rows) - 17) % 4 == 0
    dark = np.array([[cell == "1" for cell in row] for row in rows])
    picture = np.kron(np.pad(np.where(dark, 0, 255), 4, constant_values=255), np.ones((6, 6))).astype(np.uint8)
    (found,) = zxingcpp.read_barcodes(picture)
    assert found.text == url


class Socket:
    """A socket of a machine of that address; None: without a network."""

    def __init__(self, host: str | None) -> None:
        self.host = host

    def __call__(self, *_kind: object) -> Socket:
        return self

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def connect(self, _address: tuple[str, int]) -> None:
        if self.host is None:
            raise OSError("network is unreachable")

    def getsockname(self) -> tuple[str, int]:
        assert self.host
        return self.host, 40_000


@pytest.mark.parametrize(
    ("host", "found"),
    [("192.168.7.20", "192.168.7.20"), ("127.0.0.1", None), ("0.0.0.0", None), (None, None)],
)
def test_a_machine_has_the_address_of_the_interface_that_leads_out(
    host: str | None, found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links.socket, "socket", Socket(host))
    monkeypatch.setattr(links, "_addresses_of_interfaces", list)
    assert links.network_address() == found


def test_a_machine_that_nothing_leads_out_of_has_the_address_of_its_own_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A laptop whose hotspot has no internet: no interface leads anywhere, and phones reach it all the same."""
    assert "127.0.0.1" in links._addresses_of_interfaces()
    monkeypatch.setattr(links, "_address_leading_out", lambda: None)
    monkeypatch.setattr(links, "_addresses_of_interfaces", lambda: ["127.0.0.1", "10.42.0.1"])
    assert links.network_address() == "10.42.0.1"


@pytest.mark.skipif(not shutil.which("ip"), reason="asks Linux's `ip`")
def test_it_is_an_address_of_this_machine() -> None:
    told = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    own = set(re.findall(r"inet ([\d.]+)", told))
    assert links.network_address() in own | {None}


def test_which_addresses_are_this_machines_own() -> None:
    def is_own(text: str) -> bool:
        ip = links.ip_address(text)
        return ip is not None and links.is_own(ip)

    own = links.network_address()
    assert own is None or (is_own(own) and is_own(f"::ffff:{own}"))
    assert is_own("127.0.0.1")
    assert not any(map(is_own, ("192.0.2.77", "203.0.113.9", "2001:db8::9", "0.0.0.0", "localhost", "")))


def test_the_machines_address_is_offered_only_where_the_server_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "network_address", lambda: "127.0.0.2")
    with socket.create_server(("127.0.0.1", 0)) as alone:
        assert links.address_for_others(f"http://localhost:{alone.getsockname()[1]}/kernels") is None
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        assert links.address_for_others(f"http://localhost:{port}/kernels") == "127.0.0.2"
        assert links.address_for_others(f"http://demo.example.org:{port}/kernels") is None  # it needs no other
    assert links.address_for_others("http://localhost:99999/") is None
    monkeypatch.setattr(links, "network_address", lambda: None)
    assert links.address_for_others("http://localhost:80/") is None


def test_a_query_that_is_too_long_is_left_out_and_not_cut() -> None:
    long = "name=" + "%20" * 400  # which is written shorter, as a plus each
    found = links.address("http://demo.example/pooling", long, None)
    assert (found.url, found.bare) == ("http://demo.example/pooling", True)
    assert "too long" in links.shared(long, found)["remark"]
    assert links.shared("", links.address("http://demo.example/pooling", "", None))["remark"] == ""
