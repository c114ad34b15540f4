"""Routes by way of the setting: a policy that reads app.tenant believes whoever has changed it last."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from companion.services.database import Pool, open_pool
from companion.services.tenancy.leaks.laboratory import (
    SERVICE,
    TENANT,
    Attempt,
    Laboratory,
    Route,
    Seen,
    become,
    by,
    seen_in,
)
from companion.services.tenancy.ticket import by_ticket, install, protect

CHANGE = "set_config('app.tenant', '{B}', true)"

FORMS = {
    "SELECT": f"select {CHANGE}, body from documents",
    "WHERE": f"select body from documents where {CHANGE} is not null",
    "WHERE ... OR": f"select body from documents where title = 'x' or {CHANGE} is not null",
    "ORDER BY": f"select body from documents order by {CHANGE}",
    "LIMIT": f"select body from documents limit length({CHANGE})",
    "GROUP BY": f"select body, {CHANGE} from documents group by body",
    "WITH": f"with t as (select {CHANGE}) select body from t, documents",
    "JOIN": f"select body from (select {CHANGE}) t join documents on true",
    "LEFT JOIN": f"select body from documents left join (select {CHANGE}) t on true",
    "UNION": f"select {CHANGE} union all select body from documents",
    "OVER": f"select body, max({CHANGE}) over () from documents",
    "an aggregate": f"select string_agg(body, {CHANGE}) from documents",
    "ts_stat": f"select word from {CHANGE}, ts_stat('select to_tsvector(body) from documents')",
}
"""Places in one statement at which the tenant can be changed while the statement runs."""

Request = Callable[[Laboratory], AbstractContextManager[Connection[TupleRow]]]


def forms_that_leak(lab: Laboratory, request: Request = Laboratory.request) -> list[str]:
    """Try each form in a request of A's, and list those by which rows of B came back."""
    leaking = []
    for name, statement in FORMS.items():
        with contextlib.suppress(psycopg.Error), request(lab) as connection:
            if seen_in(connection.execute(lab.filled(statement).encode()).fetchall()).leaked:
                leaking.append(name)
    return leaking


def all_forms(request: Request = Laboratory.request) -> Attempt:
    """Give the attempt that is all forms, one after another."""

    def attempt(lab: Laboratory) -> Seen:
        leaking = forms_that_leak(lab, request)
        return Seen(bool(leaking), f"{len(leaking)} of {len(FORMS)} forms")

    return attempt


# Requests of A's whose tenant is not a setting


class Tickets:
    """Documents that are seen with a ticket only, and requests that show one."""

    def __init__(self) -> None:
        self.key = b""

    def ask_for(self, lab: Laboratory) -> None:
        """Install the ticket, and protect the documents."""
        with lab.admin.transaction():
            lab.change("drop schema if exists private cascade")
            self.key = install(lab.admin)
            protect(lab.admin, "documents")

    @contextlib.contextmanager
    def request(self, lab: Laboratory) -> Iterator[Connection[TupleRow]]:
        """Open a request of A's with a ticket."""
        with lab.connection() as connection, by_ticket(connection, lab.a, self.key):
            yield connection


@contextlib.contextmanager
def by_login(lab: Laboratory) -> Iterator[Connection[TupleRow]]:
    """Open a request of A's over a connection that A alone logs in to."""
    with lab.request(role=f"tenant_{lab.a}") as connection:
        yield connection


@contextlib.contextmanager
def by_role(lab: Laboratory) -> Iterator[Connection[TupleRow]]:
    """Open a request of A's by SET ROLE, over the one login of the service."""
    with lab.connection() as connection, connection.transaction():
        connection.execute(f'set local role "tenant_{lab.a}"'.encode())
        yield connection


@contextlib.contextmanager
def by_literal(lab: Laboratory) -> Iterator[Connection[TupleRow]]:
    """Open a request of A's without set_config: SET takes no parameter, and so a UUID that was read as one."""
    with lab.connection() as connection, connection.transaction():
        connection.execute(f"set local app.tenant = '{lab.a}'".encode())
        yield connection


INDEXED = """
create index on documents (tenant_id);
insert into documents (tenant_id, title, body) select gen_random_uuid(), '', '' from generate_series(1, 2000);
analyze documents;
"""
LET_IN = """
grant usage on schema laboratory to "tenant_{A}", "tenant_{B}";
grant select on documents to "tenant_{A}", "tenant_{B}";
"""
LOGINS = LET_IN + "alter policy tenant on documents using (tenant_id::text = substr(session_user, 8));"
ROLES = (
    LET_IN
    + """
alter policy tenant on documents using (tenant_id::text = substr(current_user, 8));
grant "tenant_{A}", "tenant_{B}" to companion_app;
"""
)
CHANGE_ROLE = "select body from set_config('role', 'tenant_{B}', false), documents"


def role_changed(request: Request) -> Attempt:
    """Give the attempt to be B's role within a statement of A's."""

    def attempt(lab: Laboratory) -> Seen:
        with request(lab) as connection:
            return seen_in(connection.execute(lab.filled(CHANGE_ROLE).encode()).fetchall())

    return attempt


# Statements behind the statement


def stacked(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Send what an injection makes of one statement: three, of which the last one's rows come back."""
    cursor = connection.execute(lab.filled(f"select; select {CHANGE}; select body from documents").encode())
    while cursor.nextset():
        pass
    return seen_in(cursor.fetchall())


def local_to_nothing(lab: Laboratory) -> Seen:
    """Become A by SET LOCAL on a connection that commits each statement by itself, where B was before."""
    with lab.connection() as connection:
        connection.execute("select set_config('app.tenant', %s, false)", [str(lab.b)])
        connection.execute(f"set local app.tenant = '{lab.a}'".encode())
        return seen_in(connection.execute("select body from documents").fetchall())


def local_to_a_transaction(lab: Laboratory) -> Seen:
    """Do the same in one transaction."""
    with lab.connection() as connection:
        connection.execute("select set_config('app.tenant', %s, false)", [str(lab.b)])
        with connection.transaction():
            become(connection, lab.a)
            return seen_in(connection.execute("select body from documents").fetchall())


# What a pooled connection keeps

Lend = Callable[[str], AbstractContextManager[Pool]]


@contextlib.contextmanager
def plain_pool(address: str) -> Iterator[Pool]:
    """Lend one connection again and again, as it is."""
    options = {"autocommit": True}
    pool: Pool = ConnectionPool(address, min_size=1, max_size=1, kwargs=options, open=False)
    with pool:
        yield pool


@contextlib.contextmanager
def own_pool(address: str) -> Iterator[Pool]:
    """Lend one connection, and discard what it holds whenever it comes back."""
    with open_pool(address, size=1) as pool:
        yield pool


def second_user(lend: Lend, *statements: str, ask: str = "select body from documents") -> Attempt:
    """Give what A sees on a connection that served B before: A asks, and sets no tenant of its own."""

    def attempt(lab: Laboratory) -> Seen:
        with lend(lab.addresses[SERVICE]) as pool:
            with pool.connection() as connection, connection.transaction():
                become(connection, lab.b)
                for statement in statements:
                    connection.execute(lab.filled(statement).encode())
            with pool.connection() as connection:
                return seen_in(connection.execute(ask.encode()).fetchall())

    return attempt


def kept(name: str, *statements: str, ask: str = "select body from documents") -> Route:
    """Give the route of something that B's request leaves on the connection."""
    return Route(
        name,
        second_user(plain_pool, *statements, ask=ask),
        careful=second_user(own_pool, *statements, ask=ask),
        remedy="DISCARD ALL, when it comes back",
    )


TICKETS = Tickets()

ROUTES = (
    Route(
        "set_config inside one statement",
        all_forms(),
        cure=TICKETS.ask_for,
        careful=all_forms(TICKETS.request),
        remedy="a signed ticket",
    ),
    Route(
        "the same, with (select ...) in the policy",
        all_forms(),
        setup=f"alter policy tenant on documents using (tenant_id = (select {TENANT}))",
        cure=LOGINS,
        careful=all_forms(by_login),
        remedy="a login of its own for each tenant",
    ),
    Route(
        "the same, with an index on the tenant",
        all_forms(),
        setup=INDEXED,
        cure="revoke execute on function set_config(text, text, boolean) from public",
        careful=all_forms(by_literal),
        remedy="no right to call set_config",
    ),
    Route("statements behind a semicolon", by(stacked), careful=by(stacked, prepare_threshold=0),
          remedy="prepare statements, or bind parameters"),
    Route(
        "SET ROLE for each tenant, from one login",
        role_changed(by_role),
        setup=ROLES,
        cure=LOGINS + 'revoke "tenant_{A}", "tenant_{B}" from companion_app',
        careful=role_changed(by_login),
        remedy="session_user, not current_user",
    ),
    Route("SET LOCAL outside a transaction", local_to_nothing, careful=local_to_a_transaction,
          remedy="set_config and query in one transaction"),
    kept("a setting of the session, in a pool", "select set_config('app.tenant', '{B}', false)"),
    kept("a cursor WITH HOLD, in a pool", "declare kept cursor with hold for select body from documents",
         ask="fetch all from kept"),
    kept("a temporary table, in a pool", "create temporary table documents as select * from documents"),
)  # fmt: skip
