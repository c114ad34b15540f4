"""Two fixtures, as `companion serve fixture` serves them, for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.services.mcp.fixture import fixture_app, fixture_server
from companion.services.serving import running
from tests.services.mcp.protocol.client import Client


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    yield from _client(stateless=False)


@pytest.fixture(scope="session")
def stateless() -> Iterator[Client]:
    yield from _client(stateless=True)


def _client(*, stateless: bool) -> Iterator[Client]:
    with running(fixture_app(fixture_server(), stateless=stateless)) as address:
        made = Client(str(address))
        yield made
        made.close()
