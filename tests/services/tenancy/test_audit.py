"""What was read is written down before it is read, and no rollback, and no SQL of the service's, takes it away."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from companion.services.database import Database, Pool, TenantError, add_tenant, as_tenant, connect
from companion.services.tenancy.audit import WRITE, audited
from companion.services.tenancy.revocation import revoke
from companion.services.tenancy.tokens import Claims, InvalidToken

TENANT = UUID(int=0xA)
ADA = Claims(TENANT, "ada", frozenset(["read"]), "1", 0, 2**31)


@pytest.fixture
def lines(database: Database) -> list[object]:
    """Give what the audit has; called for anew by `read`."""
    with connect(database.admin) as connection:
        add_tenant(connection, "Ada's", TENANT)
    return []


def read(database: Database) -> list[tuple[object, ...]]:
    with connect(database.admin) as connection:
        return connection.execute("select login, actor, action, object from audit order by at").fetchall()


@pytest.mark.usefixtures("lines")
def test_a_line_says_who_by_which_login_and_what(pool: Pool, database: Database) -> None:
    with pool.connection() as connection:
        with audited(connection, ADA, "read", "document 1"):
            assert connection.execute("select count(*) from documents").fetchone() == (0,)
        with audited(connection, Claims(TENANT, "ada", frozenset(), "2", 0, 2**31, "agent"), "read", "document 2"):
            pass
    assert read(database) == [
        ("companion_app", "ada", "read", "document 1"),
        ("companion_app", "ada by agent", "read", "document 2"),
    ]


@pytest.mark.usefixtures("lines")
def test_a_rollback_after_reading_leaves_the_line(pool: Pool, database: Database) -> None:
    with (
        pool.connection() as connection,
        pytest.raises(ZeroDivisionError),
        audited(connection, ADA, "read", "document 1"),
    ):
        connection.execute("select * from documents")
        _ = 1 / 0
    assert len(read(database)) == 1


@pytest.mark.usefixtures("lines")
def test_written_in_the_same_transaction_it_would_be_gone(pool: Pool, database: Database) -> None:
    with pool.connection() as connection, pytest.raises(ZeroDivisionError), as_tenant(connection, TENANT):
        connection.execute(WRITE, ["read", "document 1", "ada"])
        connection.execute("select * from documents")
        _ = 1 / 0
    assert read(database) == []


@pytest.mark.usefixtures("lines")
def test_within_a_transaction_nothing_is_begun(pool: Pool, database: Database) -> None:
    outer = pool.connection()
    with (
        outer as connection,
        as_tenant(connection, TENANT),
        pytest.raises(TenantError),
        audited(connection, ADA, "", ""),
    ):
        pass
    assert read(database) == []


@pytest.mark.usefixtures("lines")
def test_a_revoked_token_reads_nothing_and_is_written_down(pool: Pool, database: Database) -> None:
    with pool.connection() as connection:
        revoke(connection, ADA)
        with pytest.raises(InvalidToken), audited(connection, ADA, "read", "document 1"):
            pass
    assert len(read(database)) == 1


@pytest.mark.usefixtures("lines")
def test_a_log_of_statements_cannot_be_switched_off_by_who_is_logged(database: Database) -> None:
    with connect(database.admin) as connection, connection.transaction(force_rollback=True):
        connection.execute("alter role companion_app set log_statement = 'all'")
        connection.execute("set local role companion_app")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set log_statement = 'none'")
