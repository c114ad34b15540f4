"""One transaction has one tenant, which is a parameter and no SQL, and ends with the transaction."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest

from companion.services.database import Database, Pool, TenantError, add_tenant, as_tenant, connect
from companion.services.database.tenants import as_uuid

SETTING = "select current_setting('app.tenant', true)"


@pytest.fixture
def tenant(database: Database) -> UUID:
    with connect(database.admin) as connection:
        return add_tenant(connection, "Ada's")


def test_a_tenant_is_set_for_a_transaction_and_gone_after_it(pool: Pool, tenant: UUID) -> None:
    with pool.connection() as connection:
        with as_tenant(connection, tenant) as same:
            assert same is connection
            assert connection.execute(SETTING).fetchone() == (str(tenant),)
        assert connection.execute(SETTING).fetchone() == ("",)


def test_what_is_written_is_committed_and_after_an_error_it_is_not(pool: Pool, tenant: UUID) -> None:
    insert = "insert into documents (title, body) values ('', '')"
    with pool.connection() as connection:
        with as_tenant(connection, str(tenant)):
            connection.execute(insert)
        with pytest.raises(ZeroDivisionError), as_tenant(connection, tenant):
            connection.execute(insert)
            _ = 1 / 0
        with as_tenant(connection, tenant):
            assert connection.execute("select count(*) from documents").fetchone() == (1,)


def test_no_tenant_is_chosen_within_a_transaction(pool: Pool, tenant: UUID) -> None:
    with pool.connection() as connection, as_tenant(connection, tenant):
        with pytest.raises(TenantError, match="in a transaction"), as_tenant(connection, uuid4()):
            pass
        assert connection.execute(SETTING).fetchone() == (str(tenant),)


def test_a_setting_made_for_a_savepoint_would_outlive_it(pool: Pool) -> None:
    with pool.connection() as connection, connection.transaction():
        with connection.transaction():
            connection.execute("select set_config('app.tenant', 'inner', true)")
        assert connection.execute(SETTING).fetchone() == ("inner",)


def test_a_setting_that_is_local_to_no_transaction_is_none(pool: Pool) -> None:
    with pool.connection() as connection:
        connection.execute("select set_config('app.tenant', 'x', true)")
        assert connection.execute(SETTING).fetchone() == ("",)


def test_a_transaction_whose_tenant_was_never_set_is_no_error_and_no_row(database: Database) -> None:
    with connect(database.app) as connection:
        assert connection.execute(SETTING).fetchone() == (None,)
        assert connection.execute("select * from documents").fetchall() == []
        with pytest.raises(psycopg.errors.UndefinedObject):  # without the `true` it is one
            connection.execute("select current_setting('app.tenant')")


@pytest.mark.parametrize("wrong", ["", "tenant-1", "' or 1=1 --", None, 7, b"x", "0" * 31, "\x00"])
def test_what_is_no_uuid_is_no_tenant_and_is_named(wrong: str) -> None:
    with pytest.raises(TenantError) as error:
        as_uuid(wrong)
    assert str(error.value) == f"{wrong!r} is no tenant: a tenant is a UUID"


def test_a_tenant_is_added_by_who_may_and_not_by_the_service(database: Database) -> None:
    named = UUID(int=5)
    with connect(database.admin) as connection:
        assert add_tenant(connection, "five", named) == named
        assert add_tenant(connection, "any") != named
    with connect(database.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        add_tenant(connection, "mine")
