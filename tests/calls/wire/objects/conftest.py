"""One server, one client and one table of attacks for all the tests: each costs processes."""

from collections.abc import Iterator

import pytest

from companion.calls.wire.customers import Address
from companion.calls.wire.objects import corba, invoker
from companion.calls.wire.objects.endings import Ending, endings


def needs_an_orb() -> None:
    """Skip, and say why, where there is no ORB."""
    if (why := corba.missing()) is not None:
        pytest.skip(why)


@pytest.fixture(scope="session")
def served() -> Iterator[Address]:
    needs_an_orb()
    with corba.serving() as (_, address):
        yield address


@pytest.fixture(scope="session")
def client() -> Iterator[corba.Child]:
    needs_an_orb()
    with corba.orb() as child:
        yield child


@pytest.fixture(scope="session")
def ended() -> list[Ending]:
    needs_an_orb()
    return endings(live=True)


@pytest.fixture(scope="session")
def attempted() -> list[invoker.Attempt]:
    if not invoker.bounded():
        pytest.skip("this system does not bound a process, so that nothing hostile is run")
    return invoker.table(live=True)
