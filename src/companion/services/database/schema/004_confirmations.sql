-- What a person was asked to confirm. A confirmation is for one action of one user, holds for ten minutes, and is used
-- once: a protocol that seals the answer into what the client sends back does not keep the client from sending it again.

set local role companion_owner;

create table confirmations (
    tenant_id  uuid not null default nullif(current_setting('app.tenant', true), '')::uuid references tenants,
    id         uuid not null default gen_random_uuid(),
    username   text not null,
    action     text not null,
    created_at timestamptz not null default now(),
    used_at    timestamptz,
    primary key (tenant_id, id)
);

alter table confirmations enable row level security, force row level security;

create policy tenant on confirmations
    using      (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);

grant select                               on confirmations to companion_app;
grant insert (username, action)            on confirmations to companion_app;
grant update (used_at)                     on confirmations to companion_app;

reset role;
