"""What a rule of the check is: one question to the catalog, and what each row of the answer means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["leak", "fault", "price"]
"""Another tenant's rows, or the knowledge of them · an error at the wrong moment · time or space that buys nothing."""


@dataclass(frozen=True)
class Rule:
    """A hole to look for.

    Attributes
    ----------
    name : str
        By which a reader refers to it.
    severity : str
        ``leak``, ``fault`` or ``price``.
    means : str
        What can happen, in one sentence.
    sql : str
        A query that gives a row for each place where it is: the object, what in the catalog says so, and SQL that
        mends it. It may use what `PREFIX` names.
    """

    name: str
    severity: Severity
    means: str
    sql: str


PREFIX = r"""
with recursive roles as (
    select s.oid, s.rolname from pg_roles s
    where not s.rolsuper and exists (
        select from pg_roles r where r.rolname = any(%(roles)s) and (s.oid = r.oid or (
            not r.rolsuper and not s.rolbypassrls and pg_has_role(r.oid, s.oid, 'member')
            and not exists (select from pg_class where relowner = s.oid and relkind in ('r', 'p')))))
), relations as (
    select c.*, c.oid::regclass::text as name from pg_class c
    where c.relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_' or nspname = 'information_schema')
      and not exists (select from pg_depend where classid = 'pg_class'::regclass and objid = c.oid and deptype = 'e')
), reach as (
    select c.oid as relation, string_agg(quote_ident(r.rolname), ', ' order by r.rolname) as who
    from relations c, roles r
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and has_schema_privilege(r.oid, c.relnamespace, 'usage')
      and (has_any_column_privilege(r.oid, c.oid, 'select, insert, update')
           or has_table_privilege(r.oid, c.oid, 'delete, truncate'))
    group by c.oid
), tables as (
    select c.oid, c.name, c.relowner, c.relrowsecurity as enabled, c.relforcerowsecurity as forced, c.relispartition,
           a.attnum as tenant, quote_ident(a.attname) as tenant_column,
           '\m' || regexp_replace(a.attname, '(\W)', '\\\1', 'g') || '\M' as word,
           case when a.attnum is not null then coalesce(%(own)s::text, format(
               '(%%I = nullif(current_setting(%%L, true), '''')::%%s)', a.attname, %(setting)s::text,
               format_type(a.atttypid, a.atttypmod))) end as own
    from relations c
    left join pg_attribute a on a.attrelid = c.oid and a.attname = %(column)s and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p') and (a.attnum is not null or c.relrowsecurity)
), unbound as (
    select o.oid as owner, t.oid as relation from pg_roles o, tables t
    where o.rolsuper or o.rolbypassrls or not t.forced and pg_has_role(o.oid, t.relowner, 'usage')
), policies as (
    select p.*, t.name as relation, t.tenant, t.word, t.own, quote_ident(p.polname) as name,
           pg_get_expr(p.polqual, p.polrelid) as says_using, pg_get_expr(p.polwithcheck, p.polrelid) as says_check,
           case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
                else 'all' end as command,
           (select string_agg(case role when 0 then 'public' else quote_ident(pg_get_userbyid(role)) end, ', ')
            from unnest(p.polroles) role) as whose,
           array(select r.oid from roles r where exists (
               select from unnest(p.polroles) role
               where case role when 0 then true else pg_has_role(r.oid, role, 'usage') end)) as whom
    from pg_policy p join tables t on t.oid = p.polrelid
)
"""
"""Names that the rules share: the application's roles, and those that they may become by SET ROLE, but for those of
which another rule tells; the relations that they reach; tables with a tenant, or policies; the owners whom a table's
policies do not bind; and the policies in words, with those of the roles to whom they apply. (One that is made for
another role, by name, is taken for a decision.)"""
