"""Rules about tables and roles: whom the policies bind, and what asks no policy."""

from companion.services.tenancy.check.rule import Rule

RULES = (
    Rule(
        "no-row-security",
        "leak",
        "every tenant reads every row",
        """
        select c.name, format('pg_class.relrowsecurity is false; reached by %%s', r.who),
               case when t.tenant is null
                    then format('revoke all on %%s from public, %%s; -- or say --shared %%s', c.name, r.who, c.name)
                    else format('alter table %%s enable row level security, force row level security;', c.name)
                         || case when exists (select from pg_policy where polrelid = c.oid) then ''
                            else format(' create policy tenant on %%s using %%s;', c.name, t.own) end end
        from relations c join reach r on r.relation = c.oid left join tables t on t.oid = c.oid
        where c.relkind in ('r', 'p', 'f') and not c.relrowsecurity and not c.relispartition
          and not c.oid = any(%(shared)s::regclass[])
        """,
    ),
    Rule(
        "no-force",
        "leak",
        "the owner, and each function and view of the owner, reads every row",
        """
        select name, format('pg_class.relforcerowsecurity is false; owned by %%I', pg_get_userbyid(relowner)),
               format('alter table %%s force row level security;', name)
        from tables where enabled and not forced
        """,
    ),
    Rule(
        "role-bypasses",
        "leak",
        "no policy binds this role",
        """
        select quote_ident(r.rolname),
               case when s.oid <> r.oid then format('pg_auth_members: it may become %%I, and that one may', s.rolname)
                    when s.rolsuper then 'pg_roles.rolsuper is true' else 'pg_roles.rolbypassrls is true' end,
               case when s.oid <> r.oid then format('revoke %%I from %%I;', s.rolname, r.rolname)
                    else format('alter role %%I nosuperuser nobypassrls;', r.rolname) end
        from pg_roles r join pg_roles s on s.rolsuper or s.rolbypassrls
        where r.rolname = any(%(roles)s) and (s.oid = r.oid or not r.rolsuper and pg_has_role(r.oid, s.oid, 'member'))
        """,
    ),
    Rule(
        "role-owns",
        "leak",
        "who owns a table may drop its policies, or switch them off",
        """
        select quote_ident(r.rolname), format('pg_class.relowner is %%I, of %%s', o.rolname, string_agg(t.name, ', ')),
               case when o.oid = r.oid then 'create role tables_owner nologin; ' || string_agg(
                        format('alter table %%s owner to tables_owner;'
                               ' grant select, insert, update, delete on %%s to %%I;', t.name, t.name, r.rolname), ' ')
                    else format('revoke %%I from %%I;', o.rolname, r.rolname) end
        from roles r join tables t on pg_has_role(r.oid, t.relowner, 'member') join pg_roles o on o.oid = t.relowner
        group by r.oid, r.rolname, o.oid, o.rolname
        """,
    ),
    Rule(
        "truncate-granted",
        "leak",
        "TRUNCATE asks no policy: one tenant empties the table of all",
        """
        select t.name, format('pg_class.relacl lets %%s truncate', string_agg(quote_ident(r.rolname), ', ')),
               format('revoke truncate on %%s from public, %%s;', t.name, string_agg(quote_ident(r.rolname), ', '))
        from tables t join roles r on has_table_privilege(r.oid, t.oid, 'truncate')
        where not pg_has_role(r.oid, t.relowner, 'usage')
        group by t.oid, t.name
        """,
    ),
    Rule(
        "partition-granted",
        "leak",
        "asked directly, a partition is not guarded by its parent's policies",
        """
        select c.name, format('pg_class.relrowsecurity is false; a partition of %%s, reached by %%s', t.name, r.who),
               format('revoke all on %%s from public, %%s;', c.name, r.who)
        from relations c join reach r on r.relation = c.oid join tables t on t.oid = pg_partition_root(c.oid)
        where c.relispartition and not c.relrowsecurity
        """,
    ),
    Rule(
        "sequence-settable",
        "fault",
        "one tenant sets the number back, and the others' rows are refused as duplicates",
        """
        select s.name, format('pg_class.relacl lets %%s update it; it numbers %%s',
                              string_agg(quote_ident(r.rolname), ', '), t.name),
               case when bool_and(has_sequence_privilege(r.oid, s.oid, 'usage')) then '' else
                    format('grant usage on sequence %%s to %%s; ', s.name, string_agg(quote_ident(r.rolname), ', ')) end
               || format('revoke update on sequence %%s from public, %%s;', s.name,
                         string_agg(quote_ident(r.rolname), ', '))
        from relations s join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid
             and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')
             join tables t on t.oid = d.refobjid join roles r on has_sequence_privilege(r.oid, s.oid, 'update')
        where s.relkind = 'S' and has_schema_privilege(r.oid, s.relnamespace, 'usage')
          and not pg_has_role(r.oid, s.relowner, 'usage')
        group by s.oid, s.name, t.name
        """,
    ),
)
