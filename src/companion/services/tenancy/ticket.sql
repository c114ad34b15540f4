-- A tenant that SQL cannot change. What the service says is app.ticket = tenant.expiry.HMAC(key, tenant.expiry.backend),
-- and whoever runs SQL as the service can neither make one nor use another connection's. The key lies in a table that
-- the service's role cannot read: as two pads, since HMAC (RFC 2104) is two SHA-256, and PostgreSQL has that built in.
--
-- The schema is closed to the service, which is no hindrance: a policy knows its function by number, not by name.

create schema private authorization companion_owner;
set local role companion_owner;

create table private.ticket_keys (
    id        uuid primary key default gen_random_uuid(),
    inner_pad bytea not null,
    outer_pad bytea not null
);

create function private.tenant() returns uuid
language sql stable security definer set search_path = ''
return (
    select case when split_part(ticket, '.', 2)::bigint > extract(epoch from statement_timestamp())
                then split_part(ticket, '.', 1)::uuid end
    from (select current_setting('app.ticket', true)) as given (ticket)
    where exists (
        select from private.ticket_keys
        where encode(sha256(outer_pad || sha256(inner_pad || convert_to(
                  split_part(ticket, '.', 1) || '.' || split_part(ticket, '.', 2) || '.' || pg_backend_pid(), 'UTF8'
              ))), 'hex') = split_part(ticket, '.', 3)
    )
);
revoke execute on function private.tenant() from public;
grant execute on function private.tenant() to companion_app;

reset role;
