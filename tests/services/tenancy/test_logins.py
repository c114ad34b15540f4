"""A login of its own for each tenant: what it sees depends on who has logged in, and on no SQL."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from companion.services.database import Database, add_tenant, as_tenant, connect
from companion.services.tenancy.leaks import FORMS
from companion.services.tenancy.logins import add_login, login_name, protect


@pytest.fixture
def tenants(database: Database) -> Iterator[dict[UUID, str]]:
    """Give two tenants with a login each, and the passwords; roles belong to the server, and so end with the test."""
    a, b = uuid4(), uuid4()
    with connect(database.admin) as connection:
        for tenant, count in ((a, 2), (b, 3)):
            add_tenant(connection, "", tenant)
            with as_tenant(connection, tenant):
                connection.execute(
                    "insert into documents (title, body) select '', 'of ' || %s from generate_series(1, %s)",
                    [str(tenant), count],
                )
        protect(connection, "documents")
        yield {tenant: add_login(connection, tenant) for tenant in (a, b)}
        for tenant in (a, b):
            connection.execute(f'drop role "{login_name(tenant)}"'.encode())


def login(database: Database, tenant: UUID, password: str) -> Connection[TupleRow]:
    return psycopg.connect(make_conninfo(database.app, user=login_name(tenant), password=password), autocommit=True)


def test_each_login_sees_its_tenants_rows_and_needs_no_setting(database: Database, tenants: dict[UUID, str]) -> None:
    for (tenant, password), rows in zip(tenants.items(), (2, 3), strict=True):
        with login(database, tenant, password) as connection:
            assert connection.execute("select count(*) from documents").fetchone() == (rows,)
            with as_tenant(connection, tenant):
                connection.execute("insert into documents (title, body) values ('', '')")


def test_nothing_that_a_login_says_makes_it_another(database: Database, tenants: dict[UUID, str]) -> None:
    (a, password), (b, _) = tenants.items()
    with login(database, a, password) as connection:
        with as_tenant(connection, b):
            assert connection.execute("select count(*) from documents").fetchone() == (0,)
        for statement in ('set role "{}"', 'set session authorization "{}"', 'grant "{}" to current_user'):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.format(login_name(b)).encode())
        for form in FORMS.values():
            with connection.transaction(force_rollback=True):
                try:
                    rows = connection.execute(form.replace("{B}", str(b)).encode()).fetchall()
                except psycopg.Error:
                    rows = []
            assert f"of {b}" not in str(rows), form


def test_the_services_own_login_sees_none_of_it(database: Database, tenants: dict[UUID, str]) -> None:
    with connect(database.app) as connection, as_tenant(connection, next(iter(tenants))):
        assert connection.execute("select count(*) from documents").fetchone() == (0,)
