"""Routes past the policy: roles that no policy binds, and objects that ask as somebody else."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.tenancy.leaks.laboratory import (
    BYPASSES,
    OWNS,
    SUPERUSER,
    TENANT,
    Laboratory,
    Route,
    Seen,
    become,
    by,
    query,
    seen_in,
)

ALL = "select body from documents"
UNION = "select body from documents union all select name from tenants"
INJECTED = "select body from documents where title = '' or 1=1 --'"

VIEW = "create view pages as select title, body from documents; grant select on pages to companion_app;"
DEFINER = """
create function pages() returns setof documents language sql stable security definer set search_path = laboratory
begin atomic select * from documents; end;
"""
MATERIALISED = """
create materialized view pages as select title, body from documents;
grant select on pages to companion_app;
"""
PARTITIONS = f"""
create table parts (tenant_id uuid not null, body text not null) partition by list (tenant_id);
create table parts_b partition of parts for values in ('{{B}}');
create table parts_a partition of parts for values in ('{{A}}');
insert into parts select tenant_id, body from documents;
alter table parts owner to companion_owner;
alter table parts enable row level security, force row level security;
create policy tenant on parts using (tenant_id = {TENANT});
grant select on all tables in schema laboratory to companion_app;
"""
IMMUTABLE = f"""
create function tenant() returns uuid language sql immutable return {TENANT};
alter policy tenant on documents using (tenant_id = tenant());
"""

EXECUTIONS = 20
"""How often B asks before A does: more than a plan needs to be kept."""

Query = tuple[str] | tuple[str, list[str]]
TITLES: Query = ("select body from documents where title <> %s", ["x"])
BODIES: Query = ("select body from documents",)


def requests(lab: Laboratory, before: int, query: Query, **options: Any) -> Seen:
    """Answer B some times, and then A, all on one connection and with one statement."""
    with lab.connection(**options) as connection:
        for tenant in [*[lab.b] * before, lab.a]:
            with connection.transaction():
                become(connection, tenant)
                rows = connection.execute(*query).fetchall()
        return seen_in(rows)


def kept_plan(lab: Laboratory) -> Seen:
    """Answer A after B has asked often enough for a plan to be kept."""
    return requests(lab, EXECUTIONS, TITLES)


def first_wrong_execution(lab: Laboratory, query: Query, **options: Any) -> int | None:
    """Find the execution at which A first sees B's rows, if B has had all those before it.

    Parameters
    ----------
    lab : Laboratory
        With a policy that may do so.
    query
        A statement, and its parameters if it has any.
    options
        Of the connection, such as ``prepare_threshold``.

    Returns
    -------
    int or None
        Its number, counted from 1; None if there is none.
    """
    leaks = (before for before in range(EXECUTIONS) if requests(lab, before, query, **options).leaked)
    found = next(leaks, None)
    return None if found is None else found + 1


def copied(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Copy the table out."""
    with connection.cursor().copy("copy documents (body) to stdout") as copy:
        return seen_in(list(copy.rows()))


def switched_off(lab: Laboratory, connection: Connection[TupleRow]) -> Seen:
    """Ask to be spared the policies."""
    connection.execute("set local row_security = off")
    return seen_in(connection.execute(ALL.encode()).fetchall())


ROUTES = (
    Route("a query without WHERE", query(ALL)),
    Route("' or 1=1 --", query(INJECTED)),
    Route("COPY ... TO STDOUT", by(copied)),
    Route("row_security = off", by(switched_off)),
    Route(
        "the owner, without FORCE",
        query(ALL, role=OWNS),
        setup="alter table documents no force row level security",
        cure="alter table documents force row level security",
        remedy="FORCE ROW LEVEL SECURITY",
    ),
    Route("a superuser", query(ALL, role=SUPERUSER), careful=query(ALL), remedy="another role for the service"),
    Route("a role with BYPASSRLS", query(ALL, role=BYPASSES), setup="grant usage on schema laboratory to public;"
          "grant select on documents to public", careful=query(ALL), remedy="another role for the service"),
    Route("UNION with a table that has no policy", query(UNION),
          cure=f"alter table tenants enable row level security, force row level security;"
          f"create policy tenant on tenants using (id = {TENANT})", remedy="row-level security on every table"),
    Route("a view of a superuser", query("select body from pages"), setup=VIEW,
          cure="alter view pages set (security_invoker = true)", remedy="security_invoker = true"),
    Route("a superuser's SECURITY DEFINER function", query("select body from pages()"), setup=DEFINER,
          cure="alter function pages() owner to companion_owner", remedy="an owner whom FORCE binds"),
    Route("a materialised view", query("select body from pages"), setup=MATERIALISED,
          cure="revoke select on pages from companion_app", remedy="none for tenants' rows"),
    Route("a partition, asked directly", query("select body from parts_b"), setup=PARTITIONS,
          cure="revoke all on parts_a, parts_b from companion_app", remedy="no grant on partitions"),
    Route("a policy's function marked IMMUTABLE", kept_plan, setup=IMMUTABLE,
          cure="alter function tenant() stable", remedy="STABLE"),
)  # fmt: skip
