"""Rules about policies: what they say, and what they call."""

from companion.services.tenancy.check.rule import Rule

REPEATED = r"""
        select relation || ': ' || name, {proof},
               format('alter policy %%s on %%s', name, relation)
               || case when says_using is null then '' else ' using (' || {mended_using} || ')' end
               || case when says_check is null then '' else ' with check (' || {mended_check} || ')' end || ';'
        from policies where {where}
"""
ONE_ARGUMENT = r"current_setting\(''([^'']*)''::text\)"
CAST = r"\(current_setting\((''[^'']*''::text)(, true)?\)\)::(?!text|character)"

RULES = (
    Rule(
        "check-true",
        "leak",
        "a tenant writes rows that belong to another",
        """
        select relation || ': ' || name, format('pg_policy.polwithcheck is true, for %%s', command),
               format('alter policy %%s on %%s with check (%%s);', name, relation, coalesce(says_using, own, 'false'))
        from policies
        where says_check = 'true' and polpermissive and whom <> '{}' and coalesce(says_using, '') <> 'true'
        """,
    ),
    Rule(
        "using-true",
        "leak",
        "permissive policies are OR-ed, and this one lets every row through",
        """
        select relation || ': ' || name, format('pg_policy.polqual is true, for %%s to %%s', command, whose),
               format('drop policy %%s on %%s;', name, relation)
               || case polcmd when 'r' then format(' -- or say --shared %%s', relation) else '' end
        from policies p where says_using = 'true' and polpermissive and whom <> '{}'
          and not exists (select from policies q where q.polrelid = p.polrelid and not q.polpermissive
                          and q.polcmd in ('*', p.polcmd) and q.says_using ~ q.word)
          and not (polcmd = 'r' and polrelid = any(%(shared)s::regclass[]))
        """,
    ),
    Rule(
        "permissive-pair",
        "leak",
        "permissive policies are OR-ed: what the second one lets through need not be the tenant's",
        """
        select p.relation,
               format('pg_policy.polpermissive is true of %%s and of %%s, for %%s', p.name, q.name, p.command),
               format('drop policy %%s on %%s; create policy %%s on %%s as restrictive for %%s to %%s', p.name,
                      p.relation, p.name, p.relation, p.command, p.whose)
               || coalesce(' using (' || p.says_using || ')', '')
               || coalesce(' with check (' || p.says_check || ')', '') || ';'
        from policies p join policies q on q.polrelid = p.polrelid and q.oid <> p.oid and q.polpermissive
             and (q.polcmd = p.polcmd or '*' in (q.polcmd, p.polcmd))
        where p.polpermissive and p.whom && q.whom
          and coalesce(p.says_using, p.says_check) ~ p.word
          and coalesce(q.says_using, q.says_check) !~ p.word
          and coalesce(q.says_using, q.says_check) <> 'true'
          and not exists (select from policies s where s.polrelid = p.polrelid and not s.polpermissive
                          and s.polcmd in ('*', q.polcmd) and s.says_using ~ s.word)
        """,
    ),
    Rule(
        "setting-must-exist",
        "fault",
        "where no tenant was ever set, the query ends in an error (42704)",
        REPEATED.format(
            proof="'pg_policy.polqual or polwithcheck: current_setting without true'",
            mended_using=rf"regexp_replace(says_using, '{ONE_ARGUMENT}', 'current_setting(''\1'', true)', 'g')",
            mended_check=rf"regexp_replace(says_check, '{ONE_ARGUMENT}', 'current_setting(''\1'', true)', 'g')",
            where=f"concat(says_using, says_check) ~ '{ONE_ARGUMENT}'",
        ),
    ),
    Rule(
        "setting-without-nullif",
        "fault",
        "after a transaction the setting is '' and no null, and the cast ends in an error (22P02)",
        REPEATED.format(
            proof="'pg_policy.polqual or polwithcheck: current_setting is cast without nullif'",
            mended_using=rf"regexp_replace(says_using, '{CAST}', '(nullif(current_setting(\1, true), ''''))::', 'g')",
            mended_check=rf"regexp_replace(says_check, '{CAST}', '(nullif(current_setting(\1, true), ''''))::', 'g')",
            where=f"concat(says_using, says_check) ~ '{CAST}'",
        ),
    ),
    Rule(
        "policy-immutable",
        "leak",
        "a plan that is kept has the tenant of whoever was there when it was made",
        """
        select distinct p.relation || ': ' || p.name, format('pg_proc.provolatile is i, of %%s', f.oid::regprocedure),
               format('alter function %%s stable;', f.oid::regprocedure)
        from policies p join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
             and d.refclassid = 'pg_proc'::regclass
             join pg_proc f on f.oid = d.refobjid and f.provolatile = 'i' and f.oid >= 16384
        """,
    ),
)
