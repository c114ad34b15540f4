"""One laboratory for the tests of a module: each run begins with tables that are new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.services.database import Server
from companion.services.tenancy.leaks import Laboratory, open_laboratory


@pytest.fixture(scope="module")
def lab(server: Server) -> Iterator[Laboratory]:
    with open_laboratory(server.address) as opened:
        yield opened
