"""The schema: what the service's role sees and may do, table by table, and what it may not."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.database import (
    Database,
    Pool,
    Server,
    TenantError,
    add_tenant,
    as_tenant,
    connect,
    open_pool,
)

TABLES = ("audit", "documents", "effects", "events", "tasks", "tenants")
A, B = UUID(int=0xA), UUID(int=0xB)
ROWS = {A: 2, B: 3}


@pytest.fixture(scope="module")
def filled(server: Server, service: str) -> Iterator[Database]:
    """Give a database in which A has two rows in each table, and B three; nobody may change it for good."""
    own, services = server.address.rpartition("/")[0], service.rpartition("/")[0]
    with connect(f"{own}/postgres") as connection:
        connection.execute("create database filled template companion")
        database = Database(f"{own}/filled", f"{services}/filled")
        fill(database)
        yield database
        connection.execute("drop database filled with (force)")


def fill(database: Database) -> None:
    with connect(database.admin) as connection:
        for tenant in ROWS:
            add_tenant(connection, f"tenant {tenant}", tenant)
    with connect(database.app) as connection:
        for tenant, count in ROWS.items():
            for number in range(count):
                with as_tenant(connection, tenant):
                    write(connection, f"{tenant} {number}")


def write(connection: Connection[TupleRow], words: str) -> None:
    connection.execute("insert into documents (title, body) values (%s, 'a common word')", [words])
    (task,) = connection.execute("insert into tasks default values returning id").fetchone() or (None,)
    connection.execute("insert into events (task_id, seq, fence, data) values (%s, 1, 0, '{}')", [task])
    connection.execute("insert into effects (task_id, key) values (%s, 'sent')", [task])
    connection.execute("insert into audit (action, object) values ('write', %s)", [words])


@pytest.fixture(scope="module")
def filled_pool(filled: Database) -> Iterator[Pool]:
    with open_pool(filled.app) as pool:
        yield pool


@pytest.fixture
def app(filled_pool: Pool) -> Iterator[Connection[TupleRow]]:
    with filled_pool.connection() as connection:
        yield connection


def refused(app: Connection[TupleRow], statement: str, *, tenant: UUID = A) -> str:
    """Try a statement as a tenant, and give the name of the error that it ends in."""
    with pytest.raises(psycopg.Error) as error, as_tenant(app, tenant):
        app.execute(statement.encode())
    return type(error.value).__name__


# The roles


def test_the_roles_are_bound_by_policies_and_own_no_more_than_they_must(filled: Database) -> None:
    with connect(filled.admin) as connection:
        roles = connection.execute(
            "select rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname like 'companion_%' order by 1"
        ).fetchall()
        owners = connection.execute(
            "select distinct tableowner from pg_tables where tablename = any(%s)", [list(TABLES)]
        ).fetchall()
    nothing = [False] * 4
    assert roles == [
        ("companion_app", True, *nothing),
        ("companion_dispatch", False, *nothing),
        ("companion_owner", False, *nothing),
    ]
    assert owners == [("companion_owner",)]


def test_every_table_has_one_policy_and_an_index_that_begins_with_the_tenant(filled: Database) -> None:
    with connect(filled.admin) as connection:
        policies = connection.execute(
            "select tablename, count(*), min(permissive || cmd), bool_and(qual = with_check), min(qual)"
            " from pg_policies where policyname = 'tenant' and tablename = any(%s) group by 1 order by 1",
            [list(TABLES)],
        ).fetchall()
        others = connection.execute(
            "select distinct roles::text from pg_policies where policyname <> 'tenant'"
        ).fetchall()
        led = connection.execute(
            "select distinct c.relname from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid ="
            " i.indexrelid join pg_am m on m.oid = x.relam join pg_attribute a on a.attrelid = c.oid and"
            " a.attnum = i.indkey[0] where m.amname = 'btree' and a.attname = 'tenant_id'"
            " and c.relname = any(%s) order by 1",
            [list(TABLES)],
        ).fetchall()
    assert [row[:4] for row in policies] == [(table, 1, "PERMISSIVEALL", True) for table in TABLES]
    assert all("NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid" in row[4] for row in policies)
    assert led == [(table,) for table in TABLES if table != "tenants"]
    assert others == [
        ("{companion_dispatch}",)
    ]  # whose question is which tenants have work, and which nobody logs in as


# What is seen


@pytest.mark.parametrize("table", [table for table in TABLES if table != "audit"])
def test_a_tenant_sees_its_own_rows_and_without_one_there_are_none(app: Connection[TupleRow], table: str) -> None:
    count = f"select count(*) from {table}".encode()
    for tenant, rows in ROWS.items():
        with as_tenant(app, tenant):
            assert app.execute(count).fetchone() == (1 if table == "tenants" else rows,)
        assert app.execute(count).fetchone() == (0,), "the setting is '' now, and no error"
    with as_tenant(app, uuid4()):
        assert app.execute(count).fetchone() == (0,)


def test_a_connection_that_never_had_a_tenant_sees_none(filled: Database) -> None:
    with connect(filled.app) as connection:
        assert connection.execute("select count(*) from documents").fetchone() == (0,)


def test_the_owner_is_bound_too_until_it_lifts_the_force_and_a_superuser_never(filled: Database) -> None:
    with connect(filled.admin) as connection:
        assert connection.execute("select count(*) from documents").fetchone() == (5,)
        with connection.transaction(force_rollback=True):
            connection.execute("set local role companion_owner")
            connection.execute("select set_config('app.tenant', %s, true)", [str(A)])
            assert connection.execute("select count(*) from documents").fetchone() == (2,)
            connection.execute("alter table documents no force row level security")
            assert connection.execute("select count(*) from documents").fetchone() == (5,)


def test_the_planner_sees_the_tenant_and_takes_its_index(app: Connection[TupleRow]) -> None:
    with as_tenant(app, A):
        app.execute("set local enable_seqscan = off")
        plan = "\n".join(line for (line,) in app.execute("explain select title from documents").fetchall())
    assert "on documents_" in plan and "Index Cond: (tenant_id =" in plan  # the key, or the index beside it


# What may be written


def test_no_row_is_planted_with_another_tenant_nor_moved_there(app: Connection[TupleRow]) -> None:
    plant = f"insert into documents (tenant_id, title, body) values ('{B}', 'planted', '')"
    assert refused(app, plant) == "InsufficientPrivilege"
    assert refused(app, f"update documents set tenant_id = '{B}'") == "InsufficientPrivilege"
    assert refused(app, f"insert into tasks (tenant_id) values ('{B}')") == "InsufficientPrivilege"


def test_another_tenants_rows_are_neither_changed_nor_deleted(app: Connection[TupleRow]) -> None:
    with as_tenant(app, A):
        changes = (
            f"update documents set title = '' where tenant_id = '{B}'",
            f"delete from documents where tenant_id = '{B}'",
        )
        assert [app.execute(change.encode()).rowcount for change in changes] == [0, 0]


def test_another_tenants_key_is_free_and_its_rows_cannot_be_pointed_at(app: Connection[TupleRow]) -> None:
    with as_tenant(app, B):
        (theirs,) = app.execute("select id from tasks").fetchone() or (None,)
    with as_tenant(app, A), app.transaction(force_rollback=True):
        assert app.execute("insert into tasks (id) values (%s)", [theirs]).rowcount == 1  # no hint that it is there
    event = f"insert into events (task_id, seq, fence, data) values ('{theirs}', 9, 0, '{{}}')"
    assert refused(app, event) == "ForeignKeyViolation"


def test_without_a_tenant_nothing_can_be_written(app: Connection[TupleRow]) -> None:
    for statement in (b"insert into documents (title, body) values ('', '')", b"insert into tasks default values"):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.NotNullViolation)):
            app.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table documents disable row level security",
        "alter table documents no force row level security",
        "drop policy tenant on documents",
        "create policy mine on documents using (true)",
        "alter role companion_app bypassrls",
        "alter role companion_app superuser",
        "set role companion_owner",
        "set session authorization postgres",
        "set local row_security = off; select * from documents",
        "truncate documents",
        "delete from tasks",
        "update events set data = '{}'",
        "delete from effects",
        "insert into tenants values (gen_random_uuid(), 'new')",
        "create table own ()",
        "select * from schema_migrations",
        "copy documents to program 'cat'",
    ],
)
def test_the_service_cannot_lift_what_binds_it(filled: Database, statement: str) -> None:
    with psycopg.connect(filled.app, autocommit=True) as plain:
        assert refused(plain, statement) == "InsufficientPrivilege"


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set action = 'nothing'", "delete from audit", "truncate audit", "select * from audit",
        "insert into audit (action, object, at) values ('read', 'x', '2000-01-01')",
        "insert into audit (action, object, login) values ('read', 'x', 'somebody')",
        f"insert into audit (action, object, tenant_id) values ('read', 'x', '{B}')",
        "insert into audit (action, object) values ('read', 'x') on conflict do nothing returning id",
        "merge into audit using documents on false when matched then delete",
        "lock table audit in access exclusive mode", "drop table audit", "alter table audit rename to other",
    ],
)  # fmt: skip
def test_the_audit_takes_new_rows_and_nothing_else(filled: Database, statement: str) -> None:
    with psycopg.connect(filled.app, autocommit=True) as plain:
        assert refused(plain, statement) == "InsufficientPrivilege"


def test_the_audit_knows_itself_who_wrote_and_when(filled: Database) -> None:
    with connect(filled.admin) as connection:
        rows = connection.execute("select tenant_id, login, at <= now() from audit order by 1").fetchall()
    assert rows == [(tenant, "companion_app", True) for tenant, count in ROWS.items() for _ in range(count)]


def test_an_effect_is_there_once(app: Connection[TupleRow]) -> None:
    again = "insert into effects (task_id, key) select task_id, key from effects"
    assert refused(app, again) == "UniqueViolation"


def test_a_document_may_wait_for_its_embedding_and_is_searched_by_its_words_meanwhile(
    app: Connection[TupleRow],
) -> None:
    with as_tenant(app, A):
        found = app.execute("select embedding, search @@ plainto_tsquery('english', 'words') from documents").fetchall()
    assert found == [(None, True)] * 2


# Whatever is asked

words = st.text(max_size=60) | st.sampled_from(
    ["' or 1=1 --", "'; set app.tenant = '" + str(B), "%", "%s", "a & b", "\\", str(B), "{" + str(A) + "}", "\x00"]
)


@settings(max_examples=100)
@given(words, words)
@example(str(B), "common")
@example(str(B).upper() + "'", "' or true --")
def test_no_words_show_a_row_of_another_tenant(filled_pool: Pool, tenant: str, text: str) -> None:
    query = "select tenant_id from documents where search @@ websearch_to_tsquery('english', %s) or title like %s"
    with filled_pool.connection() as connection:
        seen: set[UUID] = set()
        try:
            with as_tenant(connection, tenant):
                seen = {row for (row,) in connection.execute(query, [text, text]).fetchall()}
        except TenantError:
            pass
        except psycopg.DataError:  # a NUL is no text for PostgreSQL, and a backslash at the end no pattern
            assert "\x00" in text or text.endswith("\\")
        assert len(seen) <= 1 and all(UUID(tenant) == row for row in seen)
        with as_tenant(connection, A):
            try:
                rows = connection.execute(query, [text, text]).fetchall()
            except psycopg.DataError:
                rows = []
            assert {row for (row,) in rows} <= {A}


@settings(max_examples=100)
@given(words)
def test_no_setting_that_is_no_tenant_shows_a_row(filled_pool: Pool, tenant: str) -> None:
    with filled_pool.connection() as connection, connection.transaction(force_rollback=True):
        try:
            connection.execute("select set_config('app.tenant', %s, true)", [tenant])
            seen = {row for (row,) in connection.execute("select tenant_id from documents").fetchall()}
        except psycopg.DataError:
            return
        assert seen <= {UUID(tenant)} if seen else True
