"""Rules about views and functions: as whom they ask, and what they may say."""

from companion.services.tenancy.check.rule import Rule

READS = """
, views as (
    select c.oid, c.name, c.relowner, c.relkind,
           exists (select from pg_options_to_table(c.reloptions)
                   where option_name = 'security_invoker' and option_value::boolean) as invoker,
           exists (select from pg_options_to_table(c.reloptions)
                   where option_name = 'security_barrier' and option_value::boolean) as barrier
    from relations c where c.relkind in ('v', 'm')
), direct as (
    select distinct r.ev_class as view, d.refobjid as relation from pg_rewrite r join pg_depend d on
        d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    where d.refobjid <> r.ev_class
), reads as (
    select view, relation from direct
    union select reads.view, direct.relation from reads
          join views inner_view on inner_view.oid = reads.relation and inner_view.invoker
          join direct on direct.view = reads.relation
), deep as (
    select view, relation from direct
    union select deep.view, direct.relation from deep join views v on v.oid = deep.relation
          join direct on direct.view = deep.relation
), shown as (
    select v.oid, r.who from views v join reach r on r.relation = v.oid
    union select direct.relation, shown.who from shown join direct on direct.view = shown.oid
          join views v on v.oid = direct.relation
)
"""
"""What views read, through views that ask as their caller too, and through any (`deep`); and which of them a role comes
to, by way of others."""

CALLED = """
, called as (
    select f.*, f.oid::regprocedure::text as name, string_agg(quote_ident(r.rolname), ', ' order by r.rolname) as who,
           bool_or(has_database_privilege(r.oid, current_database(), 'temp')) as may_make_temporary,
           (select substr(one, 13) from unnest(f.proconfig) one where one ~ '^search_path=') as path
    from pg_proc f join pg_namespace n on n.oid = f.pronamespace join roles r on
         has_function_privilege(r.oid, f.oid, 'execute') and has_schema_privilege(r.oid, n.oid, 'usage')
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and f.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
      and not exists (select from pg_depend where classid = 'pg_proc'::regclass and objid = f.oid and deptype = 'e')
    group by f.oid
)
"""
"""Functions that a role may call, but for those that came with an extension. What a function reads, the catalog says of
those that are written in SQL as such; of a body that is text it says nothing, and so it may read anything."""

RULES = (
    Rule(
        "view-asks-as-owner",
        "leak",
        "the view asks as its owner, whom no policy binds",
        READS
        + """
        select v.name, format('pg_class.reloptions has no security_invoker; owned by %%I, reads %%s, reached by %%s',
                              pg_get_userbyid(v.relowner), string_agg(distinct t.name, ', '), min(shown.who)),
               format('alter view %%s set (security_invoker = true);', v.name)
        from views v join shown on shown.oid = v.oid join reads on reads.view = v.oid
             join tables t on t.oid = reads.relation and t.enabled
             join unbound u on u.owner = v.relowner and u.relation = t.oid
        where v.relkind = 'v' and not v.invoker
        group by v.oid, v.name, v.relowner
        """,
    ),
    Rule(
        "view-without-barrier",
        "leak",
        "a function in the caller's WHERE sees the rows before the view has chosen among them",
        READS
        + """
        select v.name, format('pg_class.reloptions has no security_barrier; reads %%s, which has no policies',
                              string_agg(distinct t.name, ', ')),
               format('alter view %%s set (security_barrier = true);', v.name)
        from views v join shown on shown.oid = v.oid join reads on reads.view = v.oid
             join tables t on t.oid = reads.relation and not t.enabled
        where v.relkind = 'v' and not v.barrier
        group by v.oid, v.name
        """,
    ),
    Rule(
        "materialized-view",
        "leak",
        "a materialised view keeps the rows of whoever refreshed it, and can have no policies",
        READS
        + """
        select v.name, format('pg_class.relkind is m; reads %%s, reached by %%s', string_agg(distinct t.name, ', '),
                              min(shown.who)),
               format('revoke all on %%s from public, %%s;', v.name, min(shown.who))
        from views v join shown on shown.oid = v.oid join deep on deep.view = v.oid
             join tables t on t.oid = deep.relation
        where v.relkind = 'm'
        group by v.oid, v.name
        """,
    ),
    Rule(
        "definer-function",
        "leak",
        "the function asks as its owner, whom no policy binds",
        CALLED
        + """
        select name, format('pg_proc.prosecdef is true; owned by %%I, called by %%s', pg_get_userbyid(proowner), who),
               format('alter function %%s security invoker;', name)
        from called f where prosecdef and exists (
            select from unbound u where u.owner = f.proowner and (f.prosqlbody is null or exists (
                select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = f.oid
                    and d.refclassid = 'pg_class'::regclass and d.refobjid = u.relation)))
        """,
    ),
    Rule(
        "definer-search-path",
        "leak",
        "the caller chooses, by search_path or a temporary table, on which tables the owner's rights are used",
        CALLED
        + """
        select name, case when path is null
                          then format('pg_proc.proconfig sets no search_path, prosecdef is true; called by %%s', who)
                          else format('search_path=%%s in pg_proc.proconfig does not end in pg_temp; called by %%s',
                                      path, who) end,
               format('alter function %%s set search_path = %%s, pg_temp;', name,
                      coalesce(path, pronamespace::regnamespace::text))
        from called where prosecdef and prosqlbody is null
          and (path is null or may_make_temporary and path !~ '^(""|(.*, *)?"?pg_temp"?)$')
        """,
    ),
    Rule(
        "leakproof",
        "leak",
        "it is let at the rows before the policy is, and says what it is given, or tells by its time",
        """
        select f.oid::regprocedure::text, 'pg_proc.proleakproof is true',
               format('alter function %%s not leakproof;', f.oid::regprocedure)
        from pg_proc f where f.proleakproof and (f.oid >= 16384 or f.pronamespace = 'pg_catalog'::regnamespace
             and f.proname in ('ts_match_vq', 'ts_match_qv', 'ts_match_tt', 'ts_match_tq'))
        """,
    ),
)
