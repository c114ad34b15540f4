-- What search finds. `pandas.DataFrame.merge` is a host's name to the parser of PostgreSQL, one word, and nobody who asks
-- for "merge" finds it: so dots and underscores part words, here and in the question. And a vector must have a direction:
-- the distance of a zero vector to anything is NaN, which sorts above all numbers and is no JSON.
--
-- No index on `search`, nor on `embedding`. Row-level security keeps PostgreSQL from using the first, and spoils what the
-- second finds; within one tenant, to which the primary key leads, looking at every row is exact and fast (chapter 11).

set local role companion_owner;

alter table documents
    drop column search;
alter table documents
    add column search tsvector not null generated always as
        (to_tsvector('english', translate(title || ' ' || body, '._', '  '))) stored,
    add constraint embedding_has_a_direction check ((embedding <=> embedding) < 1);

reset role;
