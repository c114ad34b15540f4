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
        prepare(started.address)
        yield started


@pytest.fixture
def bare(server: Server) -> Iterator[str]:
    """Give the administrator's address of a new database without a schema."""
    yield from _new(server, "template1")


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """Give a new database with the schema."""
    for admin in _new(server, "companion"):
        yield Database(admin, prepare(admin))


def _new(server: Server, like: str) -> Iterator[str]:
    base, _, _ = server.address.rpartition("/")
    name = f"test_{next(numbers)}"
    with connect(f"{base}/postgres") as connection:
        connection.execute(f"create database {name} template {like}".encode())
        yield f"{base}/{name}"
        connection.execute(f"drop database {name} with (force)".encode())


@pytest.fixture
def pool(database: Database) -> Iterator[Pool]:
    with open_pool(database.app, size=2, timeout=5) as opened:
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
