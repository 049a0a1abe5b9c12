"""The header that sets a cookie of ours: for this app alone, and out of reach of scripts."""

from __future__ import annotations

import streamlit as st
from starlette.requests import HTTPConnection


def base_path() -> str:
    """The path below which the app is served, without a slash at its end: empty, or such as `/lenet`."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def set_cookie(name: str, value: str, browser: HTTPConnection, *, max_age: int, same_site: str) -> str:
    """The value of `Set-Cookie`; `max_age` is in seconds, and 0 deletes the cookie."""
    cookie = f"{name}={value}; Path={base_path() or '/'}; Max-Age={max_age}; HttpOnly; SameSite={same_site}"
    return f"{cookie}; Secure" if _is_secure(browser) else cookie


def _is_secure(browser: HTTPConnection) -> bool:
    """Whether the browser uses https, perhaps to a proxy in front of us."""
    forwarded = browser.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    return "https" in (browser.url.scheme, forwarded)
