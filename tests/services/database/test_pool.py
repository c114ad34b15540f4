"""A pooled connection carries nothing from one user to the next, and outlives its server."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import ConnectionPool, PoolTimeout

from companion.services.database import (
    Database,
    Pool,
    TenantError,
    Unreachable,
    add_tenant,
    as_tenant,
    connect,
    open_pool,
    prepare,
    running,
)


@pytest.fixture
def tenant(database: Database) -> UUID:
    with connect(database.admin) as connection:
        made = add_tenant(connection, "Ada's")
    with connect(database.app) as connection, as_tenant(connection, made):
        connection.execute("insert into documents (title, body) values ('a', '')")
    return made


LEFT_BEHIND = {
    "a setting of the session": ["select set_config('app.tenant', '{tenant}', false)"],
    "a setting by SET": ["set app.tenant = '{tenant}'"],
    "a temporary table": [
        "begin", "set local app.tenant = '{tenant}'", "create temporary table documents as select * from documents",
        "commit",
    ],
    "a cursor": [
        "begin", "set local app.tenant = '{tenant}'", "declare left_open cursor with hold for select * from documents",
        "commit",
    ],
    "a transaction that is not over": ["begin", "set local app.tenant = '{tenant}'"],
    "a prepared statement": ["prepare left_over as select set_config('app.tenant', '{tenant}', false)"],
}  # fmt: skip


@pytest.mark.parametrize("left", LEFT_BEHIND)
def test_a_pooled_connection_carries_no_tenant_to_the_next_user(database: Database, tenant: UUID, left: str) -> None:
    with open_pool(database.app, size=1) as pool:
        with pool.connection() as connection:
            process = connection.info.backend_pid
            for statement in LEFT_BEHIND[left]:
                connection.execute(statement.format(tenant=tenant).encode())
        with pool.connection() as connection:
            assert connection.info.backend_pid == process, "it is the same connection"
            assert connection.execute("select * from documents").fetchall() == []
            held = "select name from pg_cursors union all select name from pg_prepared_statements"
            assert not {name for (name,) in connection.execute(held).fetchall() if name.startswith("left_")}


@pytest.mark.parametrize("left", ["a setting of the session", "a setting by SET", "a temporary table"])
def test_without_a_reset_it_does(database: Database, tenant: UUID, left: str) -> None:
    options = {"autocommit": True}
    with ConnectionPool(database.app, min_size=1, max_size=1, kwargs=options, open=True) as pool:
        with pool.connection() as connection:
            for statement in LEFT_BEHIND[left]:
                connection.execute(statement.format(tenant=tenant).encode())
        with pool.connection() as connection:
            assert len(connection.execute("select * from documents").fetchall()) == 1


def test_a_connection_is_as_good_the_hundredth_time_as_the_first(database: Database, tenant: UUID) -> None:
    with open_pool(database.app, size=1) as pool:
        for number in range(100):
            with pool.connection() as connection:
                if number % 3:  # nothing was prepared in between, and then something is
                    with as_tenant(connection, tenant):
                        assert connection.execute("select count(*) from documents").fetchone() == (1,)


def test_two_statements_in_one_are_refused_and_a_client_side_cursor_sends_them(pool: Pool) -> None:
    with pool.connection() as connection:
        with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
            connection.execute("select 1; set app.tenant = 'B'")
        psycopg.ClientCursor(connection).execute("select 1; set app.tenant = 'B'")


def test_vectors_are_vectors_and_without_their_adapter_text(pool: Pool, database: Database) -> None:
    with pool.connection() as connection:
        (vector,) = connection.execute("select '[1,2]'::vector").fetchone() or (None,)
        assert list(vector.to_list() if hasattr(vector, "to_list") else vector) == [1, 2]
    with connect(database.app) as connection:
        assert connection.execute("select '[1,2]'::vector").fetchone() == ("[1,2]",)


def test_a_second_connection_for_a_thread_that_holds_the_last_one_never_comes(database: Database) -> None:
    with open_pool(database.app, size=1) as pool, pool.connection(), pytest.raises(PoolTimeout):
        pool.getconn(timeout=0.3)


def test_a_role_that_no_policy_binds_gets_no_pool(database: Database) -> None:
    with pytest.raises(TenantError, match="the role postgres sees the rows of every tenant"), open_pool(database.admin):
        pass


def test_nobody_at_the_address_is_said_at_once(database: Database) -> None:
    with pytest.raises(Unreachable), open_pool("postgresql://companion_app:x@127.0.0.1:9/companion"):
        pass


def uses_that_fail(pool: Pool) -> int:
    failed = 0
    for _ in range(20):
        try:
            with pool.connection() as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            failed += 1
    return failed


def test_a_servers_restart_is_seen_by_the_pool_and_not_by_its_users(shared_place: Path) -> None:
    directory = shared_place / "restarted"
    with running(directory, throwaway=True) as server:
        address, port = prepare(server.address), server.port
        checked, unchecked = open_pool(address, size=4), ConnectionPool(address, min_size=4, open=True)
        pool = checked.__enter__()
        unchecked.wait()
    with running(directory, port=port, throwaway=True):
        assert uses_that_fail(pool) == 0
        assert uses_that_fail(unchecked) == 4
        checked.__exit__(None, None, None)
        unchecked.close()
