"""A revoked token is refused from the next request on, and the list of them forgets what has expired."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest

from companion.services.database import Database, Pool, TenantError, add_tenant, connect
from companion.services.tenancy.revocation import as_bearer, revoke
from companion.services.tenancy.tokens import Claims, InvalidToken, Issuer, Verifier

ISSUER = Issuer("https://issuer.example")
VERIFIER = Verifier(ISSUER.jwks(), ISSUER.name, "mcp")


@pytest.fixture
def tenant(database: Database) -> UUID:
    with connect(database.admin) as connection:
        return add_tenant(connection, "Ada's")


def claims(tenant: UUID) -> Claims:
    return VERIFIER.verify(ISSUER.token(tenant, "ada", ["read"], "mcp"))


def test_a_bearer_sees_the_rows_of_its_tenant_until_the_token_is_revoked(
    pool: Pool, database: Database, tenant: UUID
) -> None:
    first, second = claims(tenant), claims(tenant)
    with pool.connection() as connection:
        with as_bearer(connection, first):
            connection.execute("insert into documents (title, body) values ('', '')")
        with connect(database.app) as elsewhere:
            revoke(elsewhere, first)
            revoke(elsewhere, first)  # twice is no error
        with pytest.raises(InvalidToken, match="it was revoked"), as_bearer(connection, first):
            pass
        with as_bearer(connection, second):
            assert connection.execute("select count(*) from documents").fetchone() == (1,)


def test_a_revocation_in_a_transaction_that_fails_is_none(pool: Pool, tenant: UUID) -> None:
    shown = claims(tenant)
    with pool.connection() as connection:
        with pytest.raises(ZeroDivisionError), as_bearer(connection, shown):
            revoke(connection, shown)
            _ = 1 / 0
        with as_bearer(connection, shown):
            pass


def test_nothing_is_done_for_a_revoked_token_and_the_connection_goes_on(pool: Pool, tenant: UUID) -> None:
    shown = claims(tenant)
    with pool.connection() as connection:
        revoke(connection, shown)
        with pytest.raises(InvalidToken), as_bearer(connection, shown):
            connection.execute("insert into documents (title, body) values ('', '')")
        with as_bearer(connection, claims(tenant)), pytest.raises(TenantError), as_bearer(connection, shown):
            pass
        with as_bearer(connection, claims(tenant)):
            assert connection.execute("select count(*) from documents").fetchone() == (0,)


def test_the_list_forgets_what_has_expired(pool: Pool, database: Database, tenant: UUID) -> None:
    old, new = (Claims(tenant, "ada", frozenset(), jti, 0, expires) for jti, expires in (("1", 1), ("2", 2**31)))
    with pool.connection() as connection:
        for one in (old, new):
            revoke(connection, one)
    with connect(database.admin) as connection:
        assert connection.execute("select jti from revoked_tokens").fetchall() == [("2",)]


def test_who_listens_hears_of_it(pool: Pool, database: Database, tenant: UUID) -> None:
    shown = claims(tenant)
    with connect(database.app) as listener, pool.connection() as connection:
        listener.execute("listen revoked")
        revoke(connection, shown)
        assert [notice.payload for notice in listener.notifies(timeout=20, stop_after=1)] == [shown.jti]


@pytest.mark.parametrize(
    "statement", ["select * from revoked_tokens", "delete from revoked_tokens", "truncate revoked_tokens"]
)
def test_the_service_neither_lists_nor_lifts_revocations(pool: Pool, statement: str) -> None:
    with pool.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())
