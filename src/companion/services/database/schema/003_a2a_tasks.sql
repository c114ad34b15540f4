-- What an agent's tasks need beyond 001: whose task it is, the number of its last event, and two tables of its own.
--
-- companion_dispatch answers one question for the servers: which tenants have something to do? A server knows no
-- tenant beforehand, and a policy shows it nothing before it has named one. So one function, which runs as that role,
-- gives numbers of tenants and nothing else. The role cannot log in, and of each table it may read only the columns
-- that the question needs.

do $$ begin
    create role companion_dispatch nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
exception when duplicate_object or unique_violation then null;
end $$;

grant companion_dispatch to current_user;
set local role companion_owner;

alter table tasks
    add column owner      text not null default '',  -- the user who asked for it; others do not see it
    add column context    text not null default '',
    add column message_id text not null default '',  -- the caller's number of the message that asked for it
    add column seq        bigint not null default 0, -- of its last event
    add column status_at  timestamptz not null default clock_timestamp();

-- A caller who was not answered asks again with the same number, and finds the task that it made the first time.
create unique index tasks_asked_once on tasks (tenant_id, owner, message_id) where message_id <> '';
create index tasks_newest_first on tasks (tenant_id, owner, status_at desc, id desc);
create index tasks_to_do on tasks (tenant_id, lease_until) where state in ('submitted', 'working');

-- Who wants to be told of a task's events by a POST, and the number of the last one that was taken.
create table pushes (
    tenant_id   uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    task_id     uuid not null,
    id          text not null,
    url         text not null,
    token       text not null default '',
    scheme      text not null default '',
    credentials text not null default '',
    sent        bigint not null default 0,
    tries       integer not null default 0,
    next_at     timestamptz not null default clock_timestamp(),
    primary key (tenant_id, task_id, id),
    foreign key (tenant_id, task_id) references tasks on delete cascade
);

-- Which agents there are, until when, and what they say of themselves.
create table agents (
    tenant_id uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    url       text not null,
    card      jsonb not null,
    until     timestamptz not null,
    primary key (tenant_id, url)
);

alter table pushes enable row level security, force row level security;
alter table agents enable row level security, force row level security;

create policy tenant on pushes
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
create policy tenant on agents
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select, insert, update, delete on pushes, agents to companion_app;

create policy dispatch on tasks  for select to companion_dispatch using (true);
create policy dispatch on pushes for select to companion_dispatch using (true);
grant select (tenant_id, id, state, lease_until, seq) on tasks  to companion_dispatch;
grant select (tenant_id, task_id, sent, next_at)      on pushes to companion_dispatch;

create function tenants_with_work() returns setof uuid
language sql stable security definer set search_path = '' as $$
    select tenant_id from public.tasks
    where state in ('submitted', 'working') and (lease_until is null or lease_until < clock_timestamp())
    union
    select pushes.tenant_id from public.pushes
    join public.tasks on tasks.tenant_id = pushes.tenant_id and tasks.id = pushes.task_id
    where pushes.sent < tasks.seq and pushes.next_at < clock_timestamp()
$$;

reset role;

grant usage, create on schema public to companion_dispatch; -- `create` is what a new owner needs, for a moment
alter function tenants_with_work() owner to companion_dispatch;
revoke create on schema public from companion_dispatch;
revoke execute on function tenants_with_work() from public;
grant execute on function tenants_with_work() to companion_app;
