"""Routes that show no row of B and tell that there is one: keys, plans, and what the planner knows."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.tenancy.leaks.laboratory import TENANT, Attempt, Laboratory, Route, Seen, by

INSERT = "insert into documents (tenant_id, title, body) values ('{A}', %s, '')"
INSERT_ID = "insert into documents (tenant_id, title, body, id) values ('{A}', '', '', %s)"
INSERT_NOTE = "insert into notes (tenant_id, document_id) values ('{A}', %s)"

UNIQUE = "alter table documents add unique (title);"
UNIQUE_IN_TENANT = "alter table documents drop constraint documents_title_key, add unique (tenant_id, title)"
KEY_IN_TENANT = "alter table documents drop constraint documents_pkey, add primary key (tenant_id, id)"

NOTES = f"""
create table notes (tenant_id uuid not null, document_id uuid not null references documents);
alter table notes enable row level security, force row level security;
create policy tenant on notes using (tenant_id = {TENANT});
grant select, insert on notes to companion_app;
"""
NOTES_IN_TENANT = f"""
alter table notes drop constraint notes_document_id_fkey;
{KEY_IN_TENANT};
alter table notes add foreign key (tenant_id, document_id) references documents;
"""

MANY = """
insert into documents (tenant_id, title, body) select '{B}', '', '' from generate_series(1, 4000);
analyze documents;
"""


def compared(statement: str, theirs: str) -> Attempt:
    """Give the attempt that says the same of something of B's, and of something that nobody has.

    Parameters
    ----------
    statement : str
        What A sends, with one parameter.
    theirs : str
        The column of B's rows that the parameter is taken from.
    """

    def attempt(lab: Laboratory) -> Seen:
        value = lab.ask(f"select {theirs} from documents where title = 'B1'")
        nobodys = uuid4() if theirs == "id" else "X1"
        there, not_there = (_outcome(lab, statement, given) for given in (value, nobodys))
        if there == not_there:
            return Seen(False, f"{there}, either way")
        return Seen(True, f"{there}, or {not_there}")

    return attempt


def _outcome(lab: Laboratory, statement: str, value: object) -> str:
    with lab.request() as connection:
        try:
            with connection.transaction(force_rollback=True):
                count = connection.execute(lab.filled(statement).encode(), [value]).rowcount
                return f"{count} row{'s' * (count != 1)}"
        except psycopg.Error as error:
            return type(error).__name__


def hold_a_row(lab: Laboratory) -> Seen:
    """Point at a row of B's, which B then deletes."""
    theirs = lab.ask("select id from documents where title = 'B1'")
    with lab.request() as connection:
        connection.execute(lab.filled(INSERT_NOTE).encode(), [theirs])
    try:
        with lab.request(lab.b) as connection:
            connection.execute("delete from documents where title = 'B1'")
    except psycopg.errors.ForeignKeyViolation:
        return Seen(True, "B cannot delete its own row")
    return Seen(False, "B deletes its row")


def ask_the_planner(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Let the planner estimate how many rows B has, and somebody who has none."""
    estimates = []
    for tenant in (lab.b, uuid4()):
        statement = f"explain (format json) select from documents where tenant_id = '{tenant}'"
        (plan,) = connection.execute(statement.encode()).fetchone() or (None,)
        found = plan if isinstance(plan, list) else json.loads(plan or "[]")
        estimates.append(found[0]["Plan"]["Plan Rows"])
    there, not_there = estimates
    return Seen(there != not_there, f"{there} rows for B, {not_there} for nobody")


def ask_the_catalog(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Take one's own rows from those of the whole table."""
    row = connection.execute("select reltuples::int from pg_class where relname = 'documents'").fetchone()
    (own,) = connection.execute("select count(*) from documents").fetchone() or (0,)
    others = (row[0] if row else 0) - own
    return Seen(others > 0, f"{others} rows of others")


def ask_the_statistics(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Read the most frequent values, of which the planner keeps a list."""
    rows = connection.execute("select most_common_vals from pg_stats where tablename = 'documents'").fetchall()
    return Seen(bool(rows), f"{len(rows)} columns" if rows else "no row")


ROUTES = (
    Route("a unique column", compared(INSERT, "title"), setup=UNIQUE, cure=UNIQUE_IN_TENANT,
          remedy="unique (tenant_id, ...)"),
    Route("the same, ON CONFLICT DO NOTHING", compared(f"{INSERT} on conflict do nothing", "title"),
          setup=UNIQUE, cure=UNIQUE_IN_TENANT, remedy="unique (tenant_id, ...)"),
    Route("a primary key of one's choice", compared(INSERT_ID, "id"), cure=KEY_IN_TENANT,
          remedy="primary key (tenant_id, id)"),
    Route("a foreign key", compared(INSERT_NOTE, "id"), setup=NOTES, cure=NOTES_IN_TENANT,
          remedy="foreign key (tenant_id, ...)"),
    Route("a foreign key to B's row", hold_a_row, setup=NOTES, cure=NOTES_IN_TENANT,
          remedy="foreign key (tenant_id, ...)"),
    Route("EXPLAIN", by(ask_the_planner), setup=MANY),
    Route("the size in pg_class", by(ask_the_catalog), setup=MANY),
    Route("pg_stats", by(ask_the_statistics), setup=MANY),
)  # fmt: skip
