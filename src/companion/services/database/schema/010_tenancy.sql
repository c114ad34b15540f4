-- Who asked, as the service says; which login wrote it, the row knows by itself.

set local role companion_owner;

alter table audit add column actor text;
grant insert (actor) on audit to companion_app;

-- Tokens that are refused before they expire. Nobody reads this table but the two functions: a list of them would tell
-- one tenant of another's. A row is needed until its token has expired, and whoever revokes the next one sweeps.
create table revoked_tokens (
    jti   text primary key,
    until timestamptz not null
);

create function revoke_token(token_id text, expires timestamptz) returns void
language sql security definer set search_path = ''
begin atomic
    delete from public.revoked_tokens where until < now();
    insert into public.revoked_tokens values (token_id, expires) on conflict do nothing;
    select pg_notify('revoked', token_id);
end;

create function token_is_revoked(token_id text) returns boolean
language sql stable security definer set search_path = ''
return exists (select from public.revoked_tokens where jti = token_id);

revoke execute on function revoke_token(text, timestamptz), token_is_revoked(text) from public;
grant execute on function revoke_token(text, timestamptz), token_is_revoked(text) to companion_app;

reset role;
