"""An administrator's address is enough for a database with its schema, on our server or on another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from companion.services.database import (
    Database,
    DatabaseError,
    MigrationError,
    Server,
    Unreachable,
    connect,
    open_database,
    prepare,
)
from companion.services.database.address import _address_for, _read


def test_an_address_of_a_server_of_yours_serves_as_well(bare: str) -> None:
    with open_database(bare) as database:
        assert database.admin == bare
        with connect(database.app) as connection:
            assert connection.execute("select session_user, count(*) from documents").fetchone() == ("companion_app", 0)
    with connect(bare) as connection:
        assert connection.execute("select min(name) from schema_migrations").fetchone() == (
            "001_tenants_documents_tasks.sql",
        ), "it outlives the context"


def test_every_process_with_the_address_comes_to_the_same_login(server: Server, database: Database) -> None:
    assert prepare(database.admin) == database.app
    words = [
        conninfo_to_dict(address)["password"] for address in (server.address, prepare(server.address), database.app)
    ]
    assert words[0] != words[1] == words[2]


def test_four_processes_that_begin_at_once_all_get_in(bare: str) -> None:
    with ThreadPoolExecutor(4) as four:
        for address in four.map(prepare, [bare] * 4):
            with connect(address) as connection:
                assert connection.execute("select count(*) from documents").fetchone() == (0,)


def test_who_may_not_make_the_schema_or_let_the_service_in_is_told_so_in_one_line(bare: str) -> None:
    place = bare.rpartition("@")[2]
    with connect(bare) as connection:
        connection.execute("create role visitor login password 'pw'")
    try:
        with pytest.raises(MigrationError, match=r"^schema_migrations: permission denied for schema public$"):
            prepare(f"postgresql://visitor:pw@{place}")
        prepare(bare)
        with connect(bare) as connection:
            connection.execute("alter schema public owner to visitor; alter table schema_migrations owner to visitor")
        with pytest.raises(DatabaseError, match=r"^companion_app gets no password: permission denied") as error:
            prepare(f"postgresql://visitor:pw@{place}")
        assert "\n" not in str(error.value)
    finally:
        with connect(bare) as connection:
            connection.execute("reassign owned by visitor to postgres; drop owned by visitor; drop role visitor")


def test_no_password_is_sent_in_the_clear(bare: str) -> None:
    with connect(bare) as connection:
        prepare(bare)
        stored = connection.execute("select rolpassword from pg_authid where rolname = 'companion_app'").fetchone()
    assert str(stored).startswith("('SCRAM-SHA-256$")


def test_an_administrator_need_not_be_a_superuser_where_the_extension_is(bare: str) -> None:
    with connect(bare) as connection:
        connection.execute("create extension vector")
        (name,) = connection.execute("select current_database()").fetchone() or ("",)
        connection.execute("create role operator login password 'pw' createrole")
        connection.execute("grant companion_owner to operator with admin option")
        connection.execute("grant companion_app to operator with admin option")
        connection.execute("grant companion_dispatch to operator with admin option")
        connection.execute(f"alter database {name} owner to operator".encode())
    try:
        place = bare.rpartition("@")[2]
        with open_database(f"postgresql://operator:pw@{place}") as database, connect(database.app) as connection:
            assert connection.execute("select count(*) from documents").fetchone() == (0,)
    finally:
        with connect(bare) as connection:
            connection.execute(b"reassign owned by operator to postgres; drop owned by operator")
            connection.execute(f"alter database {name} owner to postgres".encode())
            connection.execute("drop role operator")
        prepare(bare)  # whose password for the service is another one


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "this is no address of a database"),
        ("http://127.0.0.1/x", "this is no address of a database"),
        ("dbname=x", "this is no address of a database"),
        ("postgresql://a:b@h/x?nonsense=1", "this address cannot be read: invalid URI query parameter"),
        ("postgresql://a@127.0.0.1:9/x", "the address has no password"),
        ("postgresql://a:b@127.0.0.1:9/x", "Connection refused"),
    ],
)
def test_what_is_no_address_or_does_not_answer_is_said_in_one_line(address: str, why: str) -> None:
    with pytest.raises(Unreachable, match=why) as error, open_database(address):
        pass
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "password", ["se%cret", "se%zzcret", "secret@home", "secret/home", "secret?home", "secret#home", "secret home"]
)
def test_a_password_that_is_not_encoded_is_not_told(password: str) -> None:
    address = f"postgresql://ada:{password}@127.0.0.1:9/x"
    why = "^this address cannot be read: .*; in a password, @ is written as %40"
    with pytest.raises(Unreachable, match=why) as error, connect(address):
        pass
    told = str(error.value).partition(";")[0]
    assert "cret" not in told and "home" not in told and "\n" not in told


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("postgresql://a:b@h/x", "postgresql://app:pw@h/x"),
        ("postgres://a:b@[::1]:5433/x?sslmode=require", "postgres://app:pw@[::1]:5433/x?sslmode=require"),
        ("postgresql://a:b@one:1,two:2/x", "postgresql://app:pw@one:1,two:2/x"),
        ("postgresql://a:b@h", "postgresql://app:pw@h/a"),
        ("postgresql:///x?user=a&password=b&host=/run/pg", "postgresql://app:pw@/x?host=%2Frun%2Fpg"),
    ],
)
def test_the_services_address_differs_in_who_logs_in(given: str, made: str) -> None:
    address = _address_for(given, _read(given), "app", "pw")
    assert address == made
    assert psycopg.conninfo.conninfo_to_dict(address)["user"] == "app"
