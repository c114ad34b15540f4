"""A PostgreSQL behind a proxy, for all tests of this folder: each fills the tables that it wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.calls.network_tax.queries.watched import Watched, watched_database


@pytest.fixture(scope="session")
def watched() -> Iterator[Watched]:
    with watched_database() as database:
        yield database
