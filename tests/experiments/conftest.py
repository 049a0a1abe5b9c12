"""A public server and its visitors, as for runs."""

from tests.runs.conftest import as_  # noqa: F401
