"""What a class is shown. Phones wait for a new `revision`: see lenet/ui/class_routes.py."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from lenet.classroom import store
from lenet.classroom.classroom import Stage


def stage(code: str) -> Stage:
    """What a class is shown now. Raises ClassError."""
    return store.read(store.find(code).code, store.STAGE, lambda values: Stage(**values), Stage())


def change_stage(code: str, **changes: Any) -> Stage:
    """Show the class something else: the fields of a Stage. Raises LenetError; nobody leads a class that has ended."""
    with store.locked_open(code) as known:
        return change_within(known.code, **changes)


def change_within(code: str, **changes: Any) -> Stage:
    """`change_stage` of a class whose lock the caller holds."""
    before = stage(code)
    after = replace(before, **changes, revision=before.revision + 1)
    store.write(code, store.STAGE, asdict(after))
    return after


def lead(code: str, page: str, query: str, live: str = "") -> Stage:
    """Show the class a page, by the path and the query of its address. Raises LenetError."""
    return change_stage(code, page=page, query=query, live=live)
