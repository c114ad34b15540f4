"""A ticket is good for one tenant, on one connection, for a minute; and no SQL of the service's role makes another."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import Database, Server, add_tenant, as_tenant, connect, unprotected
from companion.services.tenancy.leaks import FORMS
from companion.services.tenancy.ticket import add_key, by_ticket, install, protect, ticket

A, B = UUID(int=0xA), UUID(int=0xB)
COUNT = "select count(*) from documents"


@pytest.fixture(scope="module")
def guarded(server: Server, service: str) -> Iterator[tuple[Database, bytes]]:
    """Give the book's own schema with tickets, 2 documents of A's and 300 of B's, and the key."""
    with connect(f"{server.address.rpartition('/')[0]}/postgres") as outside:
        outside.execute("create database guarded template companion")
        database = Database(*(f"{address.rpartition('/')[0]}/guarded" for address in (server.address, service)))
        with connect(database.admin) as connection:
            for tenant, count in ((A, 2), (B, 300)):
                add_tenant(connection, f"tenant {tenant}", tenant)
                with as_tenant(connection, tenant):
                    connection.execute(
                        "insert into documents (title, body) select '', 'the secret of ' || %s"
                        " from generate_series(1, %s)", [str(tenant), count],
                    )  # fmt: skip
            with connection.transaction():
                key = install(connection)
                for table, column in (("tenants", "id"), ("documents", "tenant_id"), ("tasks", "tenant_id")):
                    protect(connection, table, column)
            connection.execute("analyze")
        yield database, key
        outside.execute("drop database guarded with (force)")


@pytest.fixture
def app(guarded: tuple[Database, bytes]) -> Iterator[Connection[TupleRow]]:
    with connect(guarded[0].app) as connection:
        yield connection


def count(connection: Connection[TupleRow]) -> int:
    (rows,) = connection.execute(COUNT).fetchone() or (None,)
    assert isinstance(rows, int)
    return rows


def with_ticket(connection: Connection[TupleRow], tenant: UUID, shown: str) -> int:
    """Give how many rows a tenant sees who shows a ticket, whatever that is."""
    with as_tenant(connection, tenant):
        connection.execute("select set_config('app.ticket', %s, true)", [shown])
        return count(connection)


def test_a_tenant_sees_its_rows_with_a_ticket_and_none_without(
    app: Connection[TupleRow], guarded: tuple[Database, bytes]
) -> None:
    for tenant, rows in ((A, 2), (B, 300)):
        with by_ticket(app, tenant, guarded[1]):
            assert count(app) == rows
            app.execute("insert into tasks default values")
        with as_tenant(app, tenant):
            assert count(app) == 0
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute("insert into tasks default values")


def test_it_is_over_with_its_transaction(app: Connection[TupleRow], guarded: tuple[Database, bytes]) -> None:
    with by_ticket(app, A, guarded[1]):
        pass
    assert app.execute("select current_setting('app.ticket')").fetchone() == ("",)


def test_a_ticket_is_of_no_use_on_another_connection(
    app: Connection[TupleRow], guarded: tuple[Database, bytes]
) -> None:
    shown = ticket(guarded[1], B, app.info.backend_pid)
    assert with_ticket(app, B, shown) == 300
    with connect(guarded[0].app) as other:
        assert with_ticket(other, B, shown) == 0


def test_a_ticket_expires(app: Connection[TupleRow], guarded: tuple[Database, bytes]) -> None:
    assert with_ticket(app, B, ticket(guarded[1], B, app.info.backend_pid, seconds=-1)) == 0


def test_a_ticket_of_a_is_none_for_b_and_by_another_key_it_is_none(
    app: Connection[TupleRow], guarded: tuple[Database, bytes]
) -> None:
    assert with_ticket(app, B, ticket(guarded[1], A, app.info.backend_pid)) == 0
    assert with_ticket(app, B, ticket(b"x" * 32, B, app.info.backend_pid)) == 0


NO_TICKETS = ["", "..", f"{B}.99999999999.", f"{B}.99999999999.{'0' * 64}", f"{B}.x.y", str(B), "a.b.c.d", f"{B}.-1.0"]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.sampled_from(NO_TICKETS))
def test_no_other_text_is_a_ticket_nor_an_error(guarded: tuple[Database, bytes], text: str) -> None:
    with connect(guarded[0].app) as connection:
        assert with_ticket(connection, B, text) == 0


@pytest.mark.parametrize("form", FORMS)
def test_no_form_of_a_statement_changes_who_asks(
    app: Connection[TupleRow], guarded: tuple[Database, bytes], form: str
) -> None:
    with by_ticket(app, A, guarded[1]):
        try:
            rows = app.execute(FORMS[form].replace("{B}", str(B)).encode()).fetchall()
        except psycopg.DataError:
            rows = []
    assert f"the secret of {B}" not in str(rows)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from private.ticket_keys", "select private.tenant()", "drop policy ticket on documents",
        "create or replace function private.tenant() returns uuid language sql return null::uuid",
        "insert into private.ticket_keys (inner_pad, outer_pad) values ('', '')",
        "grant usage on schema private to public", "set role companion_owner",
    ],
)  # fmt: skip
def test_the_service_cannot_get_at_the_key_nor_at_what_checks(app: Connection[TupleRow], statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute(statement.encode())


def test_the_planner_sees_the_setting_takes_the_index_and_asks_for_the_ticket_once(
    app: Connection[TupleRow], guarded: tuple[Database, bytes]
) -> None:
    with by_ticket(app, A, guarded[1]):
        plan = "\n".join(line for (line,) in app.execute("explain analyze select title from documents").fetchall())
    assert "Index Cond: (tenant_id = (NULLIF(current_setting('app.tenant'" in plan
    assert "Filter: ((tenant_id = (InitPlan 1).col1) IS TRUE)" in plan
    assert "One-Time Filter" not in plan, "the ticket was exchanged for the setting"
    assert plan.count("InitPlan 1\n") == 1 and "loops=1)" in plan.partition("InitPlan 1\n")[2]


def test_keys_change_while_transactions_go_on(app: Connection[TupleRow], guarded: tuple[Database, bytes]) -> None:
    with connect(guarded[0].admin) as connection, connection.transaction(force_rollback=True):
        fresh = add_key(connection)
        connection.execute("set local role companion_app")
        for key in (fresh, guarded[1]):
            shown = ticket(key, A, connection.info.backend_pid)
            connection.execute("select set_config('app.tenant', %s, true)", [str(A)])
            connection.execute("select set_config('app.ticket', %s, true)", [shown])
            assert count(connection) == 2


def test_the_schema_stays_one_without_holes(guarded: tuple[Database, bytes]) -> None:
    with connect(guarded[0].admin) as connection:
        assert unprotected(connection) == []
