"""The schema, in plain SQL files that are applied once each, in the order of their names.

All that a run does is one transaction: in PostgreSQL that holds for tables, policies and roles as well, so a file that
fails leaves nothing of it behind. A lock is held meanwhile: of several servers that start at once, one applies the
files, and the others find them applied.

A file that was applied is history. Changing it would change new databases and no old one, so it is refused by its name:
what is to change, a new file changes. A tool that compares tables with classes would be no help here, as it sees
neither roles nor policies; `unprotected` looks at those.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from importlib.resources.abc import Traversable

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL

from companion.services.database.errors import MigrationError

LOCK = 0x636F6D70616E696F
"""The lock's number, which all runners share: "companio" in ASCII."""

TAKE_LOCK = "select pg_advisory_xact_lock(%s)"

LEDGER = """
create table if not exists schema_migrations (
    name       text primary key,
    sha256     text not null,
    applied_at timestamptz not null default now()
)
"""

UNPROTECTED = """
select c.relname, not c.relrowsecurity as open, not c.relforcerowsecurity as lax
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm', 'f')
  and not (c.relrowsecurity and c.relforcerowsecurity)
  and (has_any_column_privilege('companion_app', c.oid, 'select, insert, update')
       or has_table_privilege('companion_app', c.oid, 'delete, truncate')
       or exists (select from pg_attribute a
                  where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))
order by c.relname
"""


def migrate(connection: Connection[TupleRow], folder: Traversable | None = None) -> list[str]:
    """Bring the schema of a database up to date.

    Parameters
    ----------
    connection : psycopg.Connection
        Of a role that may create roles and extensions; in no transaction.
    folder : Traversable, optional
        Where the files are; by default the package's own.

    Returns
    -------
    list of str
        The names of the files that were applied now.

    Raises
    ------
    MigrationError
        If a file was changed or lost after it was applied, or comes before one that was; or if PostgreSQL refuses it.
    """
    found = {
        file.name: file.read_text("utf-8").replace("\r\n", "\n")  # as git writes them on some systems
        for file in sorted((folder or files(__package__) / "schema").iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    }
    with connection.transaction():
        connection.execute(TAKE_LOCK, [LOCK])
        try:
            connection.execute(LEDGER)
        except psycopg.Error as error:
            raise MigrationError(f"schema_migrations: {_first_line(error)}") from error
        applied: dict[str, str] = dict(connection.execute("select name, sha256 from schema_migrations").fetchall())
        _compare(found, applied)
        fresh = [name for name in found if name not in applied]
        for name in fresh:
            try:
                # A client-side cursor sends a file of many statements as it is, whatever the connection prepares.
                psycopg.ClientCursor(connection).execute(SQL(found[name]))
            except psycopg.Error as error:
                raise MigrationError(f"{name}: {_first_line(error)}") from error
            connection.execute(
                "insert into schema_migrations (name, sha256) values (%s, %s)", [name, _checksum(found[name])]
            )
    return fresh


def _compare(found: dict[str, str], applied: dict[str, str]) -> None:
    for name, checksum in sorted(applied.items()):
        if name not in found:
            raise MigrationError(f"{name}: was applied to this database, and is no file here; is the package older?")
        if checksum != _checksum(found[name]):
            raise MigrationError(f"{name}: was changed after it was applied; put it back, and write a new file")
    late = [name for name in found if name not in applied and applied and name < max(applied)]
    if late:
        raise MigrationError(f"{late[0]}: comes before {max(applied)}, which was applied; give it a later number")


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _first_line(error: psycopg.Error) -> str:
    return str(error).partition("\n")[0]


def unprotected(connection: Connection[TupleRow]) -> list[str]:
    """List the tables through which rows could pass from one tenant to another: there are to be none.

    Such is a table that has a tenant, or that the service may touch, without row-level security that is enabled, and
    forced upon its owner. A materialised view cannot have it, and so is always one.
    """
    rows = connection.execute(UNPROTECTED).fetchall()
    return [f"{name}: row-level security is not {'enabled' if open else 'forced'}" for name, open, _ in rows]
