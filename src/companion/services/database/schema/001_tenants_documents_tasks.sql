-- Whose rows are whose: every table says it in tenant_id, and every policy compares that with the setting app.tenant,
-- which is made for one transaction at a time (see tenants.py).
--
-- Two roles. companion_owner owns the tables; FORCE binds it to their policies too. companion_app is what a service
-- logs in as: it owns nothing, is no superuser and has no BYPASSRLS, which no policy would hold. It has no password
-- here, and so cannot log in, until somebody gives it one. Roles belong to the whole server, so another database's
-- schema may have made them already, or be about to.

do $$ begin
    create role companion_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole;
exception when duplicate_object or unique_violation then null;
end $$;
do $$ begin
    create role companion_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
exception when duplicate_object or unique_violation then null;
end $$;

create extension if not exists vector;

grant companion_owner to current_user;
revoke create on schema public from public;
grant usage, create on schema public to companion_owner;
grant usage on schema public to companion_app;

set local role companion_owner;

-- A setting that was never made is null, and one whose transaction is over is '': neither is a tenant, and no row is
-- shown. The bare expression, and no function and no sub-select around it: the planner sees which tenant is asked for,
-- knows how many rows it has, and takes the index. Keys begin with the tenant, which gives every table that index, and
-- keeps a tenant from learning by a duplicate, or by a foreign key, that another one has a row.

create table tenants (
    id         uuid primary key,
    name       text not null,
    created_at timestamptz not null default now()
);

create table documents (
    tenant_id  uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    id         uuid not null default gen_random_uuid(),
    title      text not null,
    body       text not null,
    search     tsvector not null generated always as (to_tsvector('english', title || ' ' || body)) stored,
    embedding  vector(384), -- null until somebody has computed it
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);

create table tasks (
    tenant_id   uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    id          uuid not null default gen_random_uuid(),
    state       text not null default 'submitted' check (state in (
                    'submitted', 'working', 'input-required', 'auth-required',
                    'completed', 'canceled', 'failed', 'rejected')),
    fence       bigint not null default 0, -- counts the owners; a write with an older number is refused
    lease_owner text,
    lease_until timestamptz,
    created_at  timestamptz not null default now(),
    primary key (tenant_id, id),
    check ((lease_owner is null) = (lease_until is null))
);

-- What happened to a task, a row each: kept in the task itself, every event would rewrite all the earlier ones.
create table events (
    tenant_id  uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    task_id    uuid not null,
    seq        bigint not null,
    fence      bigint not null,
    data       jsonb not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, task_id, seq),
    foreign key (tenant_id, task_id) references tasks on delete cascade
);

-- What a task has done outside: the key makes the second attempt fail.
create table effects (
    tenant_id  uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    task_id    uuid not null,
    key        text not null,
    data       jsonb,
    created_at timestamptz not null default now(),
    primary key (tenant_id, task_id, key),
    foreign key (tenant_id, task_id) references tasks on delete cascade
);

-- Who did what. A service may say what was done, and to what; when, and by which login, is not its to say.
create table audit (
    tenant_id uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    id        uuid not null default gen_random_uuid(),
    at        timestamptz not null default clock_timestamp(),
    login     text not null default session_user,
    action    text not null,
    object    text not null,
    primary key (tenant_id, id)
);

alter table tenants   enable row level security, force row level security;
alter table documents enable row level security, force row level security;
alter table tasks     enable row level security, force row level security;
alter table events    enable row level security, force row level security;
alter table effects   enable row level security, force row level security;
alter table audit     enable row level security, force row level security;

create policy tenant on tenants
    using      (id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on documents
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on tasks
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on events
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on effects
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on audit
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

-- No TRUNCATE for anybody: it asks no policy.
grant select                         on tenants          to companion_app;
grant select, insert, update, delete on documents        to companion_app;
grant select, insert, update         on tasks            to companion_app;
grant select, insert                 on events, effects  to companion_app;
grant insert (action, object)        on audit            to companion_app;

reset role;
