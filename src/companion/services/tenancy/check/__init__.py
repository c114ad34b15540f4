"""Holes in a database that is to keep tenants apart: looked for in its catalog, without changing anything.

    report = check("postgresql://...")
    for finding in report.findings:
        print(finding.object, finding.proof, finding.cure)

Nothing is read but the catalog, in one transaction that may not write, with bounds on how long a question may take and
how many answers are listed. What a catalog cannot show is not found: SQL that is put together from text, a service that
logs in as a superuser and is not named, a pool that keeps a tenant from one user to the next.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.errors import CompanionError
from companion.services.database import connect
from companion.services.tenancy.check import keys, objects, policies, tables
from companion.services.tenancy.check.report import Finding, Report
from companion.services.tenancy.check.rule import PREFIX, Rule

RULES: tuple[Rule, ...] = (*tables.RULES, *policies.RULES, *objects.RULES, *keys.RULES)

MOST = 100
"""How many findings of one rule are listed."""

SECONDS = 60
"""How long a check may take. The statements have bounds of their own, which a server that hangs does not keep."""

BOUNDS = """
set transaction isolation level repeatable read, read only;
set local statement_timeout = '20s';
set local lock_timeout = '1s';
"""

COLUMN = """
select from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'f')
where a.attname = %s and a.attnum > 0 and c.oid >= 16384 limit 1
"""

APPLICATIONS = (
    PREFIX
    + """
select r.rolname from pg_roles r
where r.rolcanlogin and not r.rolsuper and has_database_privilege(r.oid, current_database(), 'connect') and exists (
    select from pg_roles s, tables t join relations c on c.oid = t.oid
    where not s.rolsuper and pg_has_role(r.oid, s.oid, 'member')
      and has_schema_privilege(s.oid, c.relnamespace, 'usage')
      and (has_any_column_privilege(s.oid, t.oid, 'select, insert, update')
           or has_table_privilege(s.oid, t.oid, 'delete, truncate')))
order by 1
"""
)
"""Who logs in, is no superuser, and reaches a table with tenants, be it by SET ROLE: the application, if nobody is
named."""

SETTINGS = (
    PREFIX
    + r"""
, settings as (
    select p.*, says_using ~ 'current_setting\(' or exists (
        select from pg_depend d join pg_proc f on f.oid = d.refobjid and not f.prosecdef
        where d.classid = 'pg_policy'::regclass and d.objid = p.oid and d.refclassid = 'pg_proc'::regclass
          and coalesce(pg_get_function_sqlbody(f.oid), f.prosrc) ~ 'current_setting\(') as by_setting
    from policies p where says_using is not null
)
select distinct relation from settings p where by_setting
  and not exists (select from settings q where q.polrelid = p.polrelid and not q.polpermissive
                  and not q.by_setting and coalesce(q.says_using ~ q.word, true))
order by 1
"""
)
"""Tables whose policies read a setting, themselves or by a function that asks as its caller, and nothing beside."""

OWN = (
    PREFIX
    + r"""
select says_using from policies p
where polpermissive and says_using ~ word and says_using !~ 'current_setting\(' and not exists (
    select from pg_depend d where d.classid = 'pg_policy'::regclass and d.objid = p.oid
      and d.refclassid = 'pg_class'::regclass and (d.refobjid <> p.polrelid or d.refobjsubid not in (0, p.tenant)))
group by 1 order by count(*) desc, 1 limit 1
"""
)
"""What most policies say that look at the tenant alone, for the cures."""


class CheckError(CompanionError, RuntimeError):
    """The database cannot be checked; the message says why, in one line."""


def check(address: str, *, roles: Sequence[str] = (), column: str = "tenant_id", shared: Sequence[str] = ()) -> Report:
    """Look for holes through which one tenant comes to another's rows.

    Parameters
    ----------
    address : str
        Of the database, and of a role that may connect to it; the catalog is open to all.
    roles : sequence of str
        The roles that the application logs in as. By default all that log in, are no superusers, and reach a table with
        tenants.
    column : str
        The column that has the tenant.
    shared : sequence of str
        Tables that all tenants may see, by their full names.

    Raises
    ------
    Unreachable
        If nobody answers at the address, or not to us.
    CheckError
        If a role or a table that was named is not there, or a question takes too long.
    """
    ended = threading.Event()
    try:
        with connect(address) as connection, _ends(connection, ended), connection.transaction():
            psycopg.ClientCursor(connection).execute(BOUNDS.encode())
            return look(connection, roles=roles, column=column, shared=shared)
    except (CheckError, psycopg.Error) as error:
        if ended.is_set():
            raise CheckError(f"the database has not answered within {SECONDS:g} seconds") from None
        raise CheckError(" ".join(str(error).split())) from None


@contextlib.contextmanager
def _ends(connection: Connection[TupleRow], ended: threading.Event) -> Iterator[None]:
    """Break a connection off after `SECONDS`, which ends whatever is waiting for an answer."""

    def break_off() -> None:
        ended.set()
        with contextlib.suppress(OSError, psycopg.Error):  # it may be closed already
            wire = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
            wire.shutdown(socket.SHUT_RDWR)
            wire.close()

    timer = threading.Timer(SECONDS, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def look(
    connection: Connection[TupleRow],
    *,
    roles: Sequence[str] = (),
    column: str = "tenant_id",
    shared: Sequence[str] = (),
) -> Report:
    """Do the same on a connection that is in a transaction; the search path is empty afterwards.

    Raises
    ------
    CheckError
        As `check` says.
    """
    try:
        connection.execute("set local search_path = ''")
        given = _given(connection, roles, column, shared)
        findings: list[Finding] = []
        cut = []
        for rule in RULES:
            asked = f"{PREFIX}{rule.sql} order by 1, 2 limit {MOST + 1}"
            rows = connection.execute(asked.encode(), given).fetchall()
            cut += [rule.name] * (len(rows) > MOST)
            findings += [_finding(rule, *row) for row in rows[:MOST]]
        settings = [name for (name,) in connection.execute(SETTINGS.encode(), given).fetchall()]
    except psycopg.Error as error:
        raise CheckError(" ".join(str(error).split())) from None
    return Report(connection.info.dbname, tuple(given["roles"]), tuple(findings), tuple(cut), tuple(settings))


def _finding(rule: Rule, name: str, proof: str, cure: str) -> Finding:
    return Finding(rule.name, rule.severity, name, rule.means, proof, " ".join(cure.split()))


def _given(
    connection: Connection[TupleRow], roles: Sequence[str], column: str, shared: Sequence[str]
) -> dict[str, Any]:
    """Give what the rules ask with, once it is certain that they ask about something."""
    if connection.execute(COLUMN, [column]).fetchone() is None:
        raise CheckError(f"no table has a column {column!r}: name the one that has the tenant, --column NAME")
    given: dict[str, Any] = {
        "roles": list(roles), "column": column, "shared": list(shared), "setting": _setting(connection), "own": None
    }  # fmt: skip
    given["own"] = next((text for (text,) in connection.execute(OWN.encode(), given).fetchall()), None)
    there = {name for (name,) in connection.execute("select rolname from pg_roles").fetchall()}
    for name in roles:
        if name not in there:
            raise CheckError(f"there is no role {name!r}")
    if not roles:
        given["roles"] = [name for (name,) in connection.execute(APPLICATIONS.encode(), given).fetchall()]
    if not given["roles"]:
        raise CheckError("nobody but a superuser logs in and reaches a table: name the application, --role NAME")
    return given


def _setting(connection: Connection[TupleRow]) -> str:
    """Find the name of the setting that policies read, for the cures; if there is none, ours."""
    rows = connection.execute("select concat(qual, with_check) from pg_policies limit 1000").fetchall()
    found = [name for (text,) in rows for name in re.findall(r"current_setting\('([^']+)'", text)]
    return max(sorted(set(found)), key=found.count, default="app.tenant")


__all__ = ["RULES", "CheckError", "Finding", "Report", "check", "look"]
