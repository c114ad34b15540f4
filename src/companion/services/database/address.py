"""The address of a database, on a server of our own or on one of yours: from here on there is no difference.

    postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE

An administrator's address is enough. With it the schema is made, and the service's role is let in: by a password that
follows from the administrator's, so that every process with that address comes to the same one and nothing is stored.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from companion.services.database.errors import DatabaseError, Unreachable
from companion.services.database.migrations import migrate
from companion.services.database.server import running

SERVICE = "companion_app"
"""The role that a service logs in as."""

CONNECT_SECONDS = 10

ENCODED = "in a password, @ is written as %40, / as %2F, ? as %3F, # as %23 and % as %25"


@dataclass(frozen=True)
class Database:
    """A database with its schema.

    Attributes
    ----------
    admin : str
        The address of who made the schema, and may add tenants. Policies may not bind that role.
    app : str
        The address for a service.
    """

    admin: str
    app: str


@contextlib.contextmanager
def open_database(address: str | None = None) -> Iterator[Database]:
    """Give a database with its schema while the context lasts.

    Parameters
    ----------
    address : str, optional
        An administrator's, ``postgresql://...``: it owns the database and may create roles, and the extension `vector`
        is there or it may create that too. By default the database is on a server of its own, and ends with it.

    Yields
    ------
    Database
        Its schema is up to date.

    Raises
    ------
    Unreachable
        If it is no address, has no password, or nobody answers there.
    MigrationError
        If its schema is not one that the files lead to.
    """
    with contextlib.nullcontext(address) if address is not None else _own_address() as admin:
        yield Database(admin, prepare(admin))


@contextlib.contextmanager
def _own_address() -> Iterator[str]:
    with running() as server:
        yield server.address


def prepare(address: str) -> str:
    """Bring the schema up to date, and let the service's role log in.

    Parameters
    ----------
    address : str
        An administrator's.

    Returns
    -------
    str
        The service's address.

    Raises
    ------
    Unreachable, MigrationError
        As `open_database` says.
    DatabaseError
        If the administrator may not let the service's role in.
    """
    given = _read(address)
    password = _password_after(given)
    with connect(address) as connection, connection.transaction():
        migrate(connection)  # whose lock is held until we are done too
        secret = connection.pgconn.encrypt_password(password.encode(), SERVICE.encode(), b"scram-sha-256")
        statement = sql.SQL("alter role {} password {}").format(sql.Identifier(SERVICE), secret.decode())
        try:
            connection.execute(statement)
        except psycopg.Error as error:
            raise DatabaseError(f"{SERVICE} gets no password: {' '.join(str(error).split())}") from error
    return _address_for(address, given, SERVICE, password)


@contextlib.contextmanager
def connect(address: str) -> Iterator[Connection[TupleRow]]:
    """Open one connection while the context lasts; it commits each statement by itself, unless it is in a transaction.

    Raises
    ------
    Unreachable
        If it is no address, or nobody answers there, or not to us.
    """
    _read(address)
    try:
        connection = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        raise Unreachable(" ".join(str(error).split())) from None
    with connection:
        yield connection


def _read(address: str) -> dict[str, str]:
    if not address.startswith(("postgresql://", "postgres://")):
        raise Unreachable("this is no address of a database: postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE")
    # A password that is not encoded is read as a host or a port, and libpq quotes what it cannot read.
    given = address.partition("://")[2]
    if given.count("@") > 1 or ("@" in given and "@" not in re.split("[/?#]", given)[0]):
        raise Unreachable(f"this address cannot be read: an @ is not where it should be; {ENCODED}")
    try:
        return {name: str(value) for name, value in conninfo_to_dict(address).items()}
    except psycopg.ProgrammingError as error:
        told = re.sub(r'"[^"]*"?', "...", " ".join(str(error).split()))
        raise Unreachable(f"this address cannot be read: {told}; {ENCODED}") from None


def _password_after(given: dict[str, str]) -> str:
    """Derive the service's password: slowly, since who has it should not find the administrator's by trying."""
    if not given.get("password"):
        raise Unreachable("the address has no password, and the service's is derived from it")
    return hashlib.scrypt(given["password"].encode(), salt=SERVICE.encode(), n=2**14, r=8, p=1, dklen=24).hex()


def _address_for(address: str, given: dict[str, str], role: str, password: str) -> str:
    """Give an address that differs in who logs in."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]  # as it stands: it may be a list of hosts, each with its port
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("user", "password", "dbname")]
    name = quote(given.get("dbname") or given.get("user", ""), safe="")  # a database that is not named is the user's
    return urlunsplit((parts.scheme, f"{role}:{quote(password)}@{place}", f"/{name}", urlencode(query), ""))
