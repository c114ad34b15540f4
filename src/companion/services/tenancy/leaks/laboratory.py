"""A laboratory for leaks: a database with two tenants, one policy, and a role that the policy binds.

    with open_laboratory() as lab:
        for route in ROUTES:
            print(route.name, lab.run(route).what, lab.run(route, cured=True).what)

Tenant A has five documents and B has seven; whoever asks is A. A route sets something up, as somebody may have done in
a system that was built with care, then A attempts something, and what A has seen is the result. With the cure, the same
attempt is made again. Each run begins with tables that are new, and is made over connections of its own.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import Database, connect, open_database

OWNER, SERVICE = "companion_owner", "companion_app"
SUPERUSER, OWNS, BYPASSES = "superuser", "owns", "bypasses"
"""Roles that a service had better not log in as: the last two are made for the laboratory."""

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
"""The tenant, as policies read it."""

TABLES = f"""
grant execute on function set_config(text, text, boolean) to public; -- as it is by default
drop schema if exists laboratory cascade;
create schema laboratory;
grant usage, create on schema laboratory to companion_owner;
grant usage on schema laboratory to companion_app;
set role companion_owner;
create table tenants (id uuid primary key, name text not null);
create table documents (
    tenant_id uuid not null,
    id        uuid primary key default gen_random_uuid(),
    title     text not null,
    body      text not null
);
alter table documents enable row level security, force row level security;
create policy tenant on documents using (tenant_id = {TENANT});
grant select on tenants to companion_app;
grant select, insert, update, delete on documents to companion_app;
reset role;
insert into tenants values ('{{A}}', 'A'), ('{{B}}', 'the secret name of B');
insert into documents (tenant_id, title, body) select '{{A}}', 'A' || n, 'a page of A' from generate_series(1, 5) n;
insert into documents (tenant_id, title, body) select '{{B}}', 'B' || n, 'the secret of B' from generate_series(1, 7) n;
analyze documents;
"""

SECRET, OWN = "secret", "a page of A"


@dataclass(frozen=True)
class Seen:
    """What an attempt came to.

    Attributes
    ----------
    leaked : bool
        Whether A has got at rows of B, or knows something of B's that it should not.
    what : str
        In a few words, such as "7 rows of B".
    """

    leaked: bool
    what: str


@dataclass(frozen=True)
class Route:
    """A way by which one tenant may come to another's rows, or to the knowledge of them.

    Attributes
    ----------
    name : str
        What a reader would call it.
    attempt : callable
        What A does, on a laboratory that is set up; a refusal by PostgreSQL may leave it as an error.
    setup : str or callable
        What somebody has done before.
    cure : str or callable
        What is done after the setup, and is to stop it.
    careful : callable, optional
        The same attempt on a service that is written with care, where SQL on the server is not the cure.
    remedy : str
        The cure in words; empty where there is nothing to cure, or nothing that cures.
    """

    name: str
    attempt: Attempt
    setup: Change = ""
    cure: Change = ""
    careful: Attempt | None = None
    remedy: str = ""


class Laboratory:
    """Two tenants in a database that may be broken, and the roles that somebody could log in as.

    Attributes
    ----------
    a, b : UUID
        The tenants; A asks.
    admin : psycopg.Connection
        The superuser's.
    addresses : dict of str to str
        Those of the roles.
    home : Database
        The database with the book's own schema, on the same server.
    """

    def __init__(
        self, admin: Connection[TupleRow], addresses: dict[str, str], a: UUID, b: UUID, home: Database
    ) -> None:
        self.admin = admin
        self.addresses = addresses
        self.home = home
        self.a, self.b = a, b

    def run(self, route: Route, *, cured: bool = False) -> Seen:
        """Set a route up, with its cure or without, and let A make the attempt."""
        self.renew()
        self.change(route.setup)
        if cured:
            self.change(route.cure)
        attempt = route.careful if cured and route.careful else route.attempt
        try:
            return attempt(self)
        except psycopg.Error as error:
            return Seen(False, f"refused: {type(error).__name__}")

    def renew(self) -> None:
        """Make the tables and their twelve rows anew."""
        self.change(TABLES)

    def change(self, what: Change) -> None:
        """Let the superuser, whom no policy binds, change something."""
        if callable(what):
            what(self)
        elif what:
            psycopg.ClientCursor(self.admin).execute(self.filled(what).encode())

    def ask(self, statement: str) -> Any:
        """Give the one value that a superuser reads, to see what has really happened."""
        row = self.admin.execute(self.filled(statement).encode()).fetchone()
        return row[0] if row else None

    def filled(self, statement: str) -> str:
        """Put the tenants into a statement."""
        return statement.replace("{A}", str(self.a)).replace("{B}", str(self.b))

    @contextlib.contextmanager
    def connection(self, role: str = SERVICE, **options: Any) -> Iterator[Connection[TupleRow]]:
        """Open a connection: of the service, or of another role by name."""
        with psycopg.connect(self.addresses[role], autocommit=True, **options) as connection:
            yield connection

    @contextlib.contextmanager
    def request(
        self, tenant: UUID | None = None, role: str = SERVICE, **options: Any
    ) -> Iterator[Connection[TupleRow]]:
        """Open a connection, and on it the transaction in which a tenant's request is answered; by default A's."""
        with self.connection(role, **options) as connection, connection.transaction():
            become(connection, tenant or self.a)
            yield connection


Attempt = Callable[[Laboratory], Seen]
Change = str | Callable[[Laboratory], None]
"""SQL for a superuser, with the tenants as ``{A}`` and ``{B}``; or what does more than SQL can."""


def become(connection: Connection[TupleRow], tenant: UUID) -> None:
    """Make a tenant that of the transaction, as `as_tenant` does it."""
    connection.execute("select set_config('app.tenant', %s, true)", [str(tenant)])


@contextlib.contextmanager
def open_laboratory(address: str | None = None) -> Iterator[Laboratory]:
    """Give a laboratory in a database of its own, which is dropped at the end.

    Parameters
    ----------
    address : str, optional
        An administrator's, of a server of yours; it must be a superuser, since that is whom no policy binds. By default
        the server is one of our own, and ends with the laboratory.
    """
    with open_database(address) as home, connect(home.admin) as outside:
        name, a, b = f"companion_laboratory_{secrets.token_hex(4)}", uuid4(), uuid4()
        roles = {f"tenant_{a}": "", f"tenant_{b}": "", OWNS: f"in role {OWNER}", BYPASSES: "bypassrls"}
        password = secrets.token_hex(16)
        addresses = {SERVICE: _address(home.app, name), SUPERUSER: _address(home.admin, name)}
        outside.execute(f'create database "{name}"'.encode())
        try:
            outside.execute(f'alter database "{name}" set search_path = laboratory, public'.encode())
            for role, rights in roles.items():
                own = role if role.startswith("tenant_") else f"{role}_{name[-8:]}"
                outside.execute(f"create role \"{own}\" login password '{password}' {rights}".encode())
                addresses[role] = _address(home.admin, name, own, password)
            with connect(addresses[SUPERUSER]) as admin:
                admin.execute("create extension vector")
                yield Laboratory(admin, addresses, a, b, home)
        finally:
            outside.execute(f'drop database "{name}" with (force)'.encode())
            for role in addresses.keys() - {SERVICE, SUPERUSER}:
                own = role if role.startswith("tenant_") else f"{role}_{name[-8:]}"
                outside.execute(f'drop role if exists "{own}"'.encode())


def _address(address: str, database: str, role: str = "", password: str = "") -> str:
    """Give the address of another database on the same server, and of another role."""
    parts = urlsplit(address)
    who, _, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{f'{role}:{password}' if role else who}@{place}", path=f"/{database}"))


def seen_in(rows: Sequence[Any]) -> Seen:
    """Count whose rows there are among what came back."""
    text = [str(row) for row in rows]
    theirs, own = sum(SECRET in row for row in text), sum(OWN in row for row in text)
    if theirs:
        return Seen(True, f"{theirs} row{'s' * (theirs != 1)} of B")
    return Seen(False, f"{own} rows, all of A" if own else "no row")


def query(statement: str, role: str = SERVICE, **options: Any) -> Attempt:
    """Give the attempt that is one statement of A's request, sent as it is."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.request(role=role, **options) as connection:
            return seen_in(connection.execute(lab.filled(statement).encode()).fetchall())

    return attempt


def by(who: Callable[[Laboratory, Connection[TupleRow]], Seen], **options: Any) -> Attempt:
    """Give the attempt that takes several steps, all of them in A's request."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.request(**options) as connection:
            return who(lab, connection)

    return attempt
