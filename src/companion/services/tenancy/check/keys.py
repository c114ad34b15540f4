"""Rules about keys and indexes: what a duplicate tells, and what a policy keeps from being used."""

from companion.services.tenancy.check.rule import Rule

COLUMNS = """
    (select string_agg(quote_ident(a.attname), ', ' order by k.place)
     from unnest({key}) with ordinality k (number, place)
     join pg_attribute a on a.attrelid = {relation} and a.attnum = k.number)
"""

MENDED_KEY = f"""
    regexp_replace(regexp_replace(regexp_replace(
        pg_get_constraintdef(c.oid), '^FOREIGN KEY \\(', format('FOREIGN KEY (%%s, ', t.tenant_column)),
        '( REFERENCES [^(]+\\()', '\\1' || f.tenant_column || ', '),
        '( ON DELETE SET (NULL|DEFAULT))(?! \\()',
        format('\\1 (%%s)', {COLUMNS.format(key="c.conkey", relation="t.oid")}))
"""
"""The constraint as it was, and with the tenant: what a deletion does to the row stays the same."""

RULES = (
    Rule(
        "foreign-key-without-tenant",
        "leak",
        "a row may point at another tenant's: that tells that it is there, and keeps its owner from deleting it",
        f"""
        select t.name || ': ' || c.conname, 'pg_constraint.conkey has no tenant: ' || pg_get_constraintdef(c.oid),
               case when exists (select from pg_index i where i.indrelid = f.oid and i.indisunique and i.indpred is null
                                 and i.indkey[0] = f.tenant and i.indkey::int2[] @> c.confkey
                                 and i.indnkeyatts = 1 + cardinality(c.confkey)) then ''
                    else format('alter table %%s add unique (%%s, %%s); ', f.name, f.tenant_column,
                                {COLUMNS.format(key="c.confkey", relation="f.oid")}) end
               || format('alter table %%s drop constraint %%I, add constraint %%I %%s;', t.name, c.conname, c.conname,
                         {MENDED_KEY})
        from pg_constraint c join tables t on t.oid = c.conrelid join tables f on f.oid = c.confrelid
        where c.contype = 'f' and c.conparentid = 0 and t.tenant is not null and f.tenant is not null
          and not t.tenant = any(c.conkey)
        """,
    ),
    Rule(
        "unique-without-tenant",
        "leak",
        "a duplicate is refused, which tells a tenant that another one has it",
        """
        select t.name || ': ' || x.relname, 'pg_index.indisunique is true, and indkey has no tenant: '
               || pg_get_indexdef(x.oid),
               case when c.oid is null
                    then format('drop index %%s; %%s;', x.oid::regclass, regexp_replace(pg_get_indexdef(x.oid),
                                '( USING \\w+ \\()', '\\1' || t.tenant_column || ', '))
                    else format('alter table %%s drop constraint %%I, add constraint %%I %%s;', t.name, c.conname,
                                c.conname, regexp_replace(pg_get_constraintdef(c.oid), '\\(',
                                                          '(' || t.tenant_column || ', ')) end
               || coalesce((select ' -- when the tenant is in ' || string_agg(distinct k.conrelid::regclass::text, ', ')
                            from pg_constraint k where k.contype = 'f' and k.conindid = x.oid and not exists (
                                select from tables o where o.oid = k.conrelid and o.tenant is not null)), '')
        from pg_index i join tables t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
             left join pg_constraint c on c.conindid = x.oid and c.contype in ('p', 'u')
        where i.indisunique and not t.relispartition and t.tenant is not null
          and not t.tenant = any(i.indkey::int2[])
          and not exists (select from pg_attribute a where a.attrelid = t.oid and a.attnum = any(i.indkey::int2[])
                          and a.attidentity = 'a')
          and exists (select from roles r, unnest(i.indkey::int2[]) k
                      where k = 0 or has_column_privilege(r.oid, t.oid, k, 'insert')
                            or has_column_privilege(r.oid, t.oid, k, 'update'))
        """,
    ),
    Rule(
        "index-behind-policy",
        "price",
        "no operator of the index is leakproof, so a query under the policy reads all the tenant's rows instead",
        """
        select t.name || ': ' || x.relname, 'pg_proc.proleakproof is false of every operator of ' || o.opcname,
               format('drop index %%s; -- it costs each write, and serves those whom no policy binds', x.oid::regclass)
        from pg_index i join tables t on t.oid = i.indrelid and t.enabled join pg_class x on x.oid = i.indexrelid
             join pg_opclass o on o.oid = i.indclass[0]
        where not x.relispartition and exists (select from pg_amop where amopfamily = o.opcfamily and amoppurpose = 's')
          and not exists (select from pg_amop a join pg_operator op on op.oid = a.amopopr
                               join pg_proc f on f.oid = op.oprcode
                          where a.amopfamily = o.opcfamily and a.amoppurpose = 's' and f.proleakproof)
        """,
    ),
    Rule(
        "nearest-of-all-tenants",
        "leak",
        "the nearest are sought among all tenants' rows: how many of its own a tenant finds tells what others wrote",
        """
        select t.name || ': ' || x.relname,
               format('pg_am.amname is %%s, and pg_db_role_setting has no %%s.iterative_scan for %%s', m.amname,
                      m.amname, string_agg(quote_ident(r.rolname), ', ')),
               string_agg(format('alter role %%I in database %%I set %%s.iterative_scan = relaxed_order;', r.rolname,
                                 current_database(), m.amname), ' ')
        from pg_index i join tables t on t.oid = i.indrelid and t.enabled join pg_class x on x.oid = i.indexrelid
             join pg_am m on m.oid = x.relam and m.amname in ('hnsw', 'ivfflat')
             join reach on reach.relation = t.oid, roles r
        where not exists (select from pg_db_role_setting s left join pg_database b on b.oid = s.setdatabase,
                               unnest(s.setconfig) one
                          where s.setrole in (0, r.oid) and coalesce(b.datname, current_database()) = current_database()
                            and one ~ ('^' || m.amname || '\\.iterative_scan='))
        group by t.name, x.relname, m.amname
        """,
    ),
    Rule(
        "no-index-on-tenant",
        "price",
        "no index begins with the tenant, so each query reads every tenant's rows to leave them out",
        """
        select t.name, 'pg_index.indkey begins with the tenant in none of its indexes',
               format('create index on %%s (%%s);', t.name, t.tenant_column)
        from tables t where t.enabled and t.tenant is not null and not t.relispartition
          and not exists (select from pg_index i where i.indrelid = t.oid and i.indkey[0] = t.tenant)
          and not exists (select from pg_partitioned_table p where p.partrelid = t.oid
                          and p.partattrs[0] = t.tenant and (p.partstrat <> 'h' or p.partnatts = 1))
        """,
    ),
)
