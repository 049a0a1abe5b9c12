"""The address under which other people can open what is on screen, and its QR code."""

from __future__ import annotations

import ipaddress
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import segno

from lenet.common.translation import paragraph
from lenet.common.translation import translate as _

if sys.platform == "linux":
    import fcntl

    SIOCGIFFLAGS, SIOCGIFADDR, IFF_RUNNING = 0x8913, 0x8915, 0x40  # netdevice(7)

MAX_URL = 800
"""Characters: a longer address would make a QR code that a telephone cannot read from a wall."""
MAX_PARAMETERS = 30


@dataclass(frozen=True)
class Address:
    """The `url` of a view. `replaced`: the reader's own address works only on this machine and was replaced by
    the machine's address in its network. `local`: it still works only on this machine. `bare`: the query was too long and is
    not in it."""

    url: str
    replaced: bool = False
    local: bool = False
    bare: bool = False


def is_local(host: str | None) -> bool:
    """Whether a host name means the machine on which it is used."""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    ip = ip_address(host)
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


def ip_address(host: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address of that text; None for a name. One of IPv4 is one also where a socket of IPv6 tells it (`::ffff:…`)."""
    try:
        ip = ipaddress.ip_address(host or "")
    except ValueError:
        return None
    return ip.ipv4_mapped or ip if isinstance(ip, ipaddress.IPv6Address) else ip


def is_own(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of this machine's own: only then would the system also send from it what goes there.

    As in `network_address`, nothing is sent.
    """
    try:
        with socket.socket(socket.AF_INET6 if ip.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((str(ip), 9))
            return ip_address(probe.getsockname()[0]) == ip
    except OSError:
        return False


def network_address() -> str | None:
    """This machine's address in its network; None if it has none.

    That of the interface that leads out; where none does, as on a hotspot of its own without internet, the first of its
    interfaces.
    """
    leading_out = _address_leading_out()
    found = [leading_out] if leading_out else _addresses_of_interfaces()
    return next((host for host in found if not is_local(host)), None)


def _address_leading_out() -> str | None:
    """The address from which this machine sends what goes far away.

    A UDP socket is connected to an address reserved for documentation (RFC 5737): the system chooses the interface and
    sends nothing.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return None


def _addresses_of_interfaces() -> list[str]:
    """The IPv4 addresses of the interfaces that are in use, as far as this system tells."""
    if sys.platform != "linux":
        with suppress(OSError):
            return [str(place[0]) for *_kind, place in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
        return []
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _number, name in socket.if_nameindex():
            request = struct.pack("256s", name.encode()[:15])
            with suppress(OSError):  # an interface without an address
                (flags,) = struct.unpack_from("H", fcntl.ioctl(asked.fileno(), SIOCGIFFLAGS, request), 16)
                if flags & IFF_RUNNING:
                    found.append(socket.inet_ntoa(fcntl.ioctl(asked.fileno(), SIOCGIFADDR, request)[20:24]))
    return found


def address_for_others(page: str) -> str | None:
    """This machine's address in its network, if the server of `page` answers there as well.

    A server that listens on localhost only does not, whether `streamlit run` or `uvicorn` started it.
    """
    parts = urlsplit(page)
    host = network_address() if is_local(parts.hostname) else None
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        if host is not None:
            socket.create_connection((host, port), timeout=0.5).close()
    except (OSError, ValueError):
        return None
    return host


def address(page: str, query: str, machine: str | None) -> Address:
    """The address of `page`, as the reader's browser has it, with the query of the view, for other people.

    If browser and server are the same machine, `machine` (see `address_for_others`) replaces the host name.
    `query` comes from a browser: it is parsed and encoded again, and left out if it is too long, never cut: another view would
    come of it. The language is not part of it: others have their own.
    """
    parts = urlsplit(page)
    try:
        pairs = parse_qsl(query.lstrip("?"), max_num_fields=MAX_PARAMETERS) if len(query) <= MAX_URL else None
    except ValueError:
        pairs = None
    view = urlencode([(key, value) for key, value in pairs or () if key != "lang"])
    netloc, replaced, local = parts.netloc, False, is_local(parts.hostname)
    if local and machine:
        port = f":{parts.port}" if parts.port else ""
        netloc, replaced, local = f"{machine}{port}", True, False
    url = urlunsplit((parts.scheme or "http", netloc, parts.path, view, ""))
    bare = pairs is None or len(url) > MAX_URL
    return Address(url.partition("?")[0][:MAX_URL] if bare else url, replaced, local, bare)


def qr_rows(text: str) -> list[str]:
    """The QR code of a text: one string of 0 (light) and 1 (dark) per row, without the quiet zone."""
    code = segno.make_qr(text, error="m")
    return ["".join("1" if dark else "0" for dark in row) for row in code.matrix]


def shared(search: str, address: Address) -> dict[str, Any]:
    """What the panel of a link shows (see components/share/panel.js): the `address` for the query `search`."""
    reach = ""
    if address.local:
        reach = _("This address works only on this machine: others cannot reach it.")
    elif address.replaced:
        reach = _(
            "You opened the app as localhost, which others cannot reach; this is the machine’s address "
            "in the local network."
        )
    bare = _("What you have set is too long for a link: it opens the page without it.") if address.bare else ""
    remark = paragraph(bare, reach)
    return {"search": search, "url": address.url, "rows": qr_rows(address.url), "remark": remark}


def words() -> dict[str, str]:
    """The words of that panel."""
    return {
        "link": _("Open this view on your own screen"),
        "qr": _("QR code of {url}"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "close": _("Close"),
    }
