"""What the components of a class show: its code at the front, the field for the code, and who somebody is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from lenet.classroom.classroom import CODE_LETTERS, Classroom, Member
from lenet.common import links
from lenet.common.links import Address
from lenet.common.translation import ngettext
from lenet.common.translation import translate as _


def front(
    known: Classroom, members: Sequence[Member], address: Address, following: Collection[int] | None = None
) -> dict[str, Any]:
    """What stands at the front: the code, how to join at `address`, and who has joined. See components/people.

    `following` are the numbers whose screens show what is at the front; None where nobody is led.
    """
    here = [member for member in members if not member.left]
    count = ngettext("{n} has joined", "{n} have joined", len(here)).format(n=len(here))
    if following is not None:
        follow = ngettext("{n} follows", "{n} follow", len(following)).format(n=len(following))
        count = f"{count} · {follow}"
    return {
        "code": known.code,
        "url": address.url,
        "address": short(address.url),
        "rows": list(_qr_rows(address.url)),
        "remark": _("Phones cannot reach this address: it works only on this machine.") if address.local else "",
        "people": [look(member) | {"follows": _follows(member, following)} for member in here],
        "count": count,
        "words": {
            "how": _("Scan the code, or open this address and type the four letters:"),
            "qr": _("QR code of {url}"),
            "code": _("The code of the class: {code}"),
            "here": _("Who has joined"),
        },
    }


def look(member: Member) -> dict[str, Any]:
    """The number of a member, and how it looks."""
    return {"number": member.number, "colour": member.colour, "symbol": member.symbol}


def _follows(member: Member, following: Collection[int] | None) -> bool | None:
    return None if following is None else member.number in following


def short(url: str) -> str:
    """What is typed into a telephone to get to a page."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


@lru_cache(maxsize=64)
def _qr_rows(url: str) -> tuple[str, ...]:
    return tuple(links.qr_rows(url))


def code_field(typed: str, refusal: str) -> dict[str, Any]:
    """The field for a code: see components/code_field."""
    return {
        "typed": typed,
        "refusal": refusal,
        "letters": CODE_LETTERS,
        "words": {
            "label": _("The code of your class"),
            "hint": _("Four letters, as they stand at the front."),
            "join": _("Join"),
        },
    }


def badge(member: Member, more: Sequence[str]) -> dict[str, Any]:
    """Who somebody is in a class, and what happens next: see components/badge."""
    return look(member) | {"you": _("You are number {n}").format(n=member.number), "more": list(more)}
