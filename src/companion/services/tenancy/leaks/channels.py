"""Routes beside the rows: functions that say what they are given, and what one session learns of another."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.tenancy.leaks.laboratory import SECRET, TENANT, Attempt, Laboratory, Route, Seen

# Functions in a WHERE

TELL = """
create function {schema}.tell(text) returns boolean language plpgsql cost 0.0000001 {marks} as
$$ begin raise notice '%', $1; return true; end $$;
"""
VIEW = f"""
create table pages as select * from documents;
create view own_pages as select title, body from pages where tenant_id = {TENANT};
grant select on own_pages to companion_app;
"""


def told(table: str, *, own: bool = True) -> Attempt:
    """Give the attempt that lets a function of A's look at each row before the rows are chosen."""

    def attempt(lab: Laboratory) -> Seen:
        heard: list[str] = []
        with lab.request() as connection:
            connection.add_notice_handler(lambda notice: heard.append(notice.message_primary or ""))
            if own:
                connection.execute(TELL.format(schema="pg_temp", marks="").encode())
            schema = "pg_temp" if own else "laboratory"
            connection.execute(f"select body from {table} where {schema}.tell(body)".encode())
        theirs = sum(SECRET in message for message in heard)
        return Seen(theirs > 0, f"{theirs} secrets of B told" if theirs else f"{len(heard)} rows told, all of A")

    return attempt


def divided(table: str) -> Attempt:
    """Give the attempt that divides by zero where there is such a row."""

    def attempt(lab: Laboratory) -> Seen:
        try:
            with lab.request() as connection:
                connection.execute(f"select from {table} where 1 / (body <> 'the secret of B')::int = 1".encode())
        except psycopg.errors.DivisionByZero:
            return Seen(True, "an error, since there is such a row")
        return Seen(False, "no error")

    return attempt


# What one session learns of another


def overhear(statement: str, *parameters: str) -> Attempt:
    """Give the attempt to read what other sessions of the same role are executing."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.request(lab.b) as theirs, lab.request() as connection:
            theirs.execute(statement.encode(), parameters)
            rows = connection.execute("select query from pg_stat_activity where pid <> pg_backend_pid()").fetchall()
        found = sum(SECRET in (query or "") for (query,) in rows)
        return Seen(found > 0, "B's statement, with its words" if found else "$1 in the place of B's words")

    return attempt


def listen(payload: str) -> Attempt:
    """Give the attempt to hear what B is notified of."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.connection() as connection:
            connection.execute("listen documents")
            with lab.request(lab.b) as theirs:
                theirs.execute("select pg_notify('documents', %s)", [payload])
            heard = [notice.payload for notice in connection.notifies(timeout=10, stop_after=1)]
        leaked = any(SECRET in words for words in heard)
        return Seen(leaked, "what B was told" if leaked else "that something happened: 7")

    return attempt


def large_object(store: Callable[[Connection[TupleRow]], object]) -> Attempt:
    """Give the attempt to read every large object that there is."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.request(lab.b) as theirs:
            store(theirs)
        with lab.request() as connection:
            rows = connection.execute("select lo_get(oid) from pg_largeobject_metadata").fetchall()
        found = sum(SECRET.encode() in bytes(content) for (content,) in rows)
        lab.change("select lo_unlink(oid) from pg_largeobject_metadata")
        return Seen(found > 0, f"{found} object of B" if found else "no object")

    return attempt


def in_a_large_object(connection: Connection[TupleRow]) -> None:
    """Store a file of B's where files are often stored."""
    connection.execute("select lo_from_bytea(0, 'the secret of B')")


def in_a_row(connection: Connection[TupleRow]) -> None:
    """Store it in a row, as bytes that a policy guards."""
    statement = f"insert into documents (tenant_id, title, body) values ({TENANT}, 'file', 'the secret of B')"
    connection.execute(statement.encode())


def lock(theirs: str, own: str) -> Attempt:
    """Give the attempt to find out whether B is working on something, by trying to lock it."""

    def attempt(lab: Laboratory) -> Seen:
        with lab.request(lab.b) as other, lab.request() as connection:
            other.execute(theirs.encode())
            row = connection.execute(own.encode()).fetchone()
        busy = row == (False,)
        return Seen(busy, "B is working on it" if busy else "nothing to lock")

    return attempt


ORDERS = f"""
create table orders (tenant_id uuid not null default {TENANT}, number bigint generated always as identity);
alter table orders enable row level security, force row level security;
create policy tenant on orders using (tenant_id = {TENANT});
grant select, insert on orders to companion_app;
"""
RANDOM = "alter table orders drop column number, add column number uuid not null default gen_random_uuid()"


def count_the_gap(lab: Laboratory) -> Seen:
    """Order something, let B order, and order again."""
    numbers = []
    for tenant, times in ((lab.a, 1), (lab.b, 37), (lab.a, 1)):
        with lab.request(tenant) as connection:
            for _ in range(times):
                (number,) = connection.execute("insert into orders default values returning number").fetchone() or (0,)
        numbers.append(number)
    gap = numbers[2] - numbers[0] - 1 if isinstance(numbers[0], int) else 0
    return Seen(gap > 0, f"B has ordered {gap} times" if gap else "two numbers by chance")


NEIGHBOURS = f"""
create table vectors (tenant_id uuid not null default {TENANT}, embedding vector(3) not null);
alter table vectors enable row level security, force row level security;
create policy tenant on vectors using (tenant_id = {TENANT});
grant select, insert on vectors to companion_app;
create index on vectors using hnsw (embedding vector_l2_ops);
"""
FILL = "insert into vectors (embedding) select array[{x} + n * 0.001, 0, 0]::vector from generate_series(1, {n}) n"
NEAREST = "select count(*) from (select from vectors order by embedding <-> '[0,0,0]' limit 10) found"


def count_neighbours(*settings: str) -> Attempt:
    """Give the attempt to count one's ten nearest, before and after B has written near them."""

    def nearest(lab: Laboratory) -> int:
        with lab.request() as connection:
            for setting in ("enable_seqscan = off", "enable_sort = off", *settings):  # as in a table that is large
                connection.execute(f"set local {setting}".encode())
            (found,) = connection.execute(NEAREST).fetchone() or (0,)
        return int(found)

    def attempt(lab: Laboratory) -> Seen:
        with lab.request() as connection:
            connection.execute(FILL.format(x=1, n=10).encode())
        before = nearest(lab)
        with lab.request(lab.b) as connection:
            connection.execute(FILL.format(x=0, n=300).encode())
        after = nearest(lab)
        return Seen(after != before, f"{before} found, and {after} after B has written")

    return attempt


ROUTES = (
    Route("a function of A's in WHERE", told("documents")),
    Route("a function of A's, on a view that filters", told("own_pages"), setup=VIEW,
          cure="alter view own_pages set (security_barrier = true)", remedy="security_barrier = true"),
    Route("1 / 0 in WHERE", divided("documents")),
    Route("1 / 0, on a view that filters", divided("own_pages"), setup=VIEW,
          cure="alter view own_pages set (security_barrier = true)", remedy="security_barrier = true"),
    Route("a function marked LEAKPROOF", told("documents", own=False),
          setup=TELL.format(schema="laboratory", marks="leakproof"),
          cure="alter function tell(text) not leakproof", remedy="never for code of one's own"),
    Route("pg_stat_activity", overhear("select from documents where body = 'the secret of B'"),
          careful=overhear("select from documents where body = %s", "the secret of B"), remedy="bind parameters"),
    Route("NOTIFY", listen("the secret of B"), careful=listen("7"), remedy="payloads that say nothing"),
    Route("a large object", large_object(in_a_large_object), careful=large_object(in_a_row), remedy="bytea, in a row"),
    Route("an advisory lock", lock("select pg_advisory_xact_lock(hashtext('merger'))",
          "select pg_try_advisory_xact_lock(hashtext('merger'))"),
          careful=lock("select from documents where title = 'B1' for update",
          "select true from documents where title = 'B1' for update nowait"), remedy="lock a row"),
    Route("gaps in a sequence", count_the_gap, setup=ORDERS, cure=RANDOM, remedy="uuid"),
    Route("the number of nearest neighbours", count_neighbours(), setup=NEIGHBOURS,
          careful=count_neighbours("hnsw.iterative_scan = relaxed_order"), remedy="iterative scan"),
)  # fmt: skip
