-- The vectors of a tenant, side by side. An exact search compares a question with each of them, and in the table they
-- lie scattered among other tenants' rows. This index is an ordinary btree that carries them along: it is read from the
-- tenant's first entry to its last, without a look at the table, in less time (chapter 11).

set local role companion_owner;

create index documents_vectors on documents (tenant_id, id) include (embedding);

reset role;
