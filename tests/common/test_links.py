"""Addresses for others, and their QR codes."""

from __future__ import annotations

import io

import pytest
import segno
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


def test_the_code_is_the_standards() -> None:
    """Row by row what segno writes as text, quiet zone included."""
    url = "http://10.0.0.7:8501/kernels?run=reference-modern&step=235"
    text = io.StringIO()
    segno.make_qr(url, error="m").save(text, kind="txt", border=0)
    rows = links.qr_rows(url)
    assert rows == text.getvalue().split()
    assert len(rows) == len(rows[0]) and len(rows) % 4 == 1, "17 + 4·version modules"
    assert all(row[:7] == "1111111" for row in (rows[0], rows[6], rows[-1], rows[-7])), "the finder patterns"


def test_a_machine_has_an_address_of_its_own_or_none() -> None:
    host = links.network_address()
    assert host is None or not links.is_local(host)
