"""One server for all tests of a process, and a database of its own for each test that changes one."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.services.database import Database, Pool, Server, connect, open_pool, prepare, running

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running() as started:
        yield started


@pytest.fixture(scope="session")
def service(server: Server) -> str:
    """Give the service's address in the database that others are copies of."""
    return prepare(server.address)


@pytest.fixture
def bare(server: Server) -> Iterator[str]:
    """Give the administrator's address of a new database without a schema."""
    for name in _new(server, "template1"):
        yield in_database(server.address, name)


@pytest.fixture
def database(server: Server, service: str) -> Iterator[Database]:
    """Give a new database with the schema."""
    for name in _new(server, "companion"):
        yield Database(in_database(server.address, name), in_database(service, name))


def in_database(address: str, name: str) -> str:
    return f"{address.rpartition('/')[0]}/{name}"


def _new(server: Server, like: str) -> Iterator[str]:
    name = f"test_{next(numbers)}"
    with connect(in_database(server.address, "postgres")) as connection:
        connection.execute(f"create database {name} template {like} strategy file_copy".encode())
        yield name
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def pool(database: Database) -> Iterator[Pool]:
    with open_pool(database.app, size=2, timeout=30) as opened:
        yield opened


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that the account which runs a server for root may enter, as it may not enter pytest's own."""
    yield from _place()


@pytest.fixture(scope="module")
def shared_place() -> Iterator[Path]:
    yield from _place()


def _place() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="companion-test-")).resolve()
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)
