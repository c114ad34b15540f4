"""Migrations are applied once, in order, whole or not at all, by one of many runners; what was applied stays."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from companion.services.database import Database, MigrationError, connect, migrate, migrations, unprotected


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "001_first.sql").write_text("create table one (number int);\ninsert into one values (1);\n")
    (tmp_path / "002_second.sql").write_text("-- a comment with a ; and a % in it\nalter table one add word text;\n")
    (tmp_path / "README.md").write_text("no migration")
    return tmp_path


def tables(address: str) -> set[str]:
    with connect(address) as connection:
        rows = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_files_are_applied_in_order_and_once(bare: str, folder: Path) -> None:
    with connect(bare) as connection:
        assert migrate(connection, folder) == ["001_first.sql", "002_second.sql"]
        assert migrate(connection, folder) == []
        (folder / "003_third.sql").write_text("update one set word = 'one'")
        assert migrate(connection, folder) == ["003_third.sql"]
        assert connection.execute("select * from one").fetchall() == [(1, "one")]


def test_a_file_may_have_many_statements_whatever_the_connection_prepares(bare: str, folder: Path) -> None:
    with psycopg.connect(bare, autocommit=True, prepare_threshold=0) as connection:
        with pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
            connection.execute((folder / "001_first.sql").read_bytes())
        assert len(migrate(connection, folder)) == 2


def test_a_file_that_fails_leaves_nothing_not_even_its_role(bare: str, folder: Path) -> None:
    (folder / "002_second.sql").write_text("create role half_made;\ncreate table two (number int);\nselect 1/0;\n")
    with connect(bare) as connection:
        with pytest.raises(MigrationError, match=r"^002_second\.sql: division by zero$"):
            migrate(connection, folder)
        assert connection.execute("select from pg_roles where rolname = 'half_made'").fetchall() == []
    assert tables(bare) == set()


def test_a_file_that_was_changed_is_refused_by_its_name(bare: str, folder: Path) -> None:
    with connect(bare) as connection:
        migrate(connection, folder)
        (folder / "001_first.sql").write_text("create table one (number bigint);\n")
        (folder / "003_third.sql").write_text("create table three ();")
        with pytest.raises(MigrationError, match=r"^001_first\.sql: was changed after it was applied"):
            migrate(connection, folder)
    assert "three" not in tables(bare)


def test_line_ends_are_no_change(bare: str, folder: Path) -> None:
    with connect(bare) as connection:
        migrate(connection, folder)
        first = folder / "001_first.sql"
        first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n"))
        assert migrate(connection, folder) == []


def test_a_file_that_is_gone_or_comes_too_late_is_refused_by_its_name(bare: str, folder: Path) -> None:
    with connect(bare) as connection:
        migrate(connection, folder)
        (folder / "001_fifth.sql").write_text("select 1")
        with pytest.raises(MigrationError, match=r"^001_fifth\.sql: comes before 002_second\.sql"):
            migrate(connection, folder)
        (folder / "002_second.sql").unlink()
        with pytest.raises(MigrationError, match=r"^002_second\.sql: was applied to this database, and is no file"):
            migrate(connection, folder)


def run_four_at_once(address: str, folder: Path) -> list[list[str] | Exception]:
    barrier = threading.Barrier(4)

    def run() -> list[str] | Exception:
        with connect(address) as connection:
            barrier.wait()
            try:
                return migrate(connection, folder)
            except (psycopg.Error, MigrationError) as error:
                return error

    with ThreadPoolExecutor(4) as runners:
        return [future.result() for future in [runners.submit(run) for _ in range(4)]]


def test_of_four_runners_at_once_one_applies_and_all_succeed(bare: str, folder: Path) -> None:
    ended = run_four_at_once(bare, folder)
    assert sorted(map(str, ended)) == sorted(["['001_first.sql', '002_second.sql']", "[]", "[]", "[]"])


def test_without_the_lock_of_four_runners_at_once_some_fail(
    bare: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "001_first.sql").write_text("create table one (number int);\nselect pg_sleep(0.2);\n")
    monkeypatch.setattr(migrations, "TAKE_LOCK", "select %s::bigint")
    ended = run_four_at_once(bare, folder)
    assert sum(isinstance(end, Exception) for end in ended) == 3


def test_a_second_database_of_the_server_finds_the_roles_made(bare: str, database: Database) -> None:
    with connect(bare) as connection:
        assert migrate(connection)[:1] == ["001_tenants_documents_tasks.sql"]  # and all that came later
        assert unprotected(connection) == []


# The guard


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("alter table documents disable row level security", ["documents: row-level security is not enabled"]),
        ("alter table tasks no force row level security", ["tasks: row-level security is not forced"]),
        ("create table notes (tenant_id uuid)", ["notes: row-level security is not enabled"]),
        ("create table rates (); grant select on rates to companion_app", ["rates: row-level security is not enabled"]),
        ("create table own ()", []),
        (
            "create materialized view copied as select * from documents",
            ["copied: row-level security is not enabled"],
        ),
    ],
)
def test_a_table_through_which_rows_could_pass_is_found(database: Database, change: str, found: list[str]) -> None:
    with connect(database.admin) as connection:
        assert unprotected(connection) == []
        connection.execute(change.encode())
        assert unprotected(connection) == found
