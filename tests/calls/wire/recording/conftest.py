"""Recorded calls, once for each wire."""

import pytest

from companion.calls.wire import PROTOCOLS, Customer
from companion.calls.wire.recording.record import ADA, Exchange, record


@pytest.fixture(scope="module", params=PROTOCOLS)
def exchanges(request: pytest.FixtureRequest) -> list[Exchange]:
    return record(
        request.param,
        lambda client: client.add(Customer(id=7, name="Jörg", balance=0.1)),
        lambda client: client.get(ADA.id),
        lambda client: client.get(ADA.id),
        lambda client: client.get(9),
        lambda client: client.list(),
        lambda client: client.add(ADA),
    )
