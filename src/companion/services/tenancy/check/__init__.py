"""Holes in a database that is to keep tenants apart: looked for in its catalog, without changing anything.

    report = check("postgresql://...")
    for finding in report.findings:
        print(finding.object, finding.proof, finding.cure)

Nothing is read but the catalog, in one transaction that may not write, with bounds on how long a question may take and
how many answers are listed. What a catalog cannot show is not found: SQL that is put together from text, a service that
logs in as a superuser and is not named, a pool that keeps a tenant from one user to the next.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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

BOUNDS = """
set transaction isolation level repeatable read, read only;
set local statement_timeout = '20s';
set local lock_timeout = '1s';
"""

APPLICATIONS = (
    PREFIX
    + """
select r.rolname from pg_roles r
where r.rolcanlogin and not r.rolsuper and has_database_privilege(r.oid, current_database(), 'connect')
  and exists (select from tables t join relations c on c.oid = t.oid
              where has_schema_privilege(r.oid, c.relnamespace, 'usage')
                and (has_any_column_privilege(r.oid, t.oid, 'select, insert, update')
                     or has_table_privilege(r.oid, t.oid, 'delete, truncate')))
order by 1
"""
)
"""Who logs in, is no superuser, and reaches a table with tenants: the application, if nobody is named."""

SETTINGS = (
    PREFIX
    + """
select distinct relation from policies p where says_using ~ 'current_setting\\('
  and not exists (select from policies q where q.polrelid = p.polrelid and not q.polpermissive
                  and q.says_using !~ 'current_setting\\(')
order by 1
"""
)


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
    with connect(address) as connection, connection.transaction():
        psycopg.ClientCursor(connection).execute(BOUNDS.encode())
        return look(connection, roles=roles, column=column, shared=shared)


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
        given = {"roles": list(roles), "column": column, "shared": list(shared), "setting": _setting(connection)}
        given["roles"] = _roles(connection, given)
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


def _roles(connection: Connection[TupleRow], given: dict[str, Any]) -> list[str]:
    there = {name for (name,) in connection.execute("select rolname from pg_roles").fetchall()}
    for name in given["roles"]:
        if name not in there:
            raise CheckError(f"there is no role {name!r}")
    return given["roles"] or [name for (name,) in connection.execute(APPLICATIONS.encode(), given).fetchall()]


def _setting(connection: Connection[TupleRow]) -> str:
    """Find the name of the setting that policies read, for the cures; if there is none, ours."""
    rows = connection.execute("select concat(qual, with_check) from pg_policies limit 1000").fetchall()
    found = [name for (text,) in rows for name in re.findall(r"current_setting\('([^']+)'", text)]
    return max(sorted(set(found)), key=found.count, default="app.tenant")


__all__ = ["RULES", "CheckError", "Finding", "Report", "check", "look"]
