"""The hybrid query of the article, as it is printed, beside one that ranks no more than it needs.

Both run in the transaction of a tenant. Two things of the article's are completed: what it leaves out as `...`, and the
name of the column, which is `body` here.
"""

from __future__ import annotations

TEXT = "to_tsvector('english', title || ' ' || body)"
WORDS = "plainto_tsquery('english', %(question)s)"

AS_PRINTED = f"""
with bm25_results as (
    select id,
        ts_rank_cd({TEXT}, {WORDS}) as bm25_score,
        row_number() over (order by ts_rank_cd({TEXT}, {WORDS}) desc) as bm25_rank
    from documents
    where {TEXT} @@ {WORDS}
),
vector_results as (
    select id,
        1 - (embedding <=> %(embedding)s::vector) as vector_score,
        row_number() over (order by embedding <=> %(embedding)s::vector) as vector_rank
    from documents
    where embedding is not null
),
combined as (
    select coalesce(b.id, v.id) as id,
        coalesce(1.0 / (60 + b.bm25_rank), 0) * 0.5 + coalesce(1.0 / (60 + v.vector_rank), 0) * 0.5 as combined_score
    from bm25_results b full outer join vector_results v on b.id = v.id
)
select * from combined order by combined_score desc limit 10
"""

STORED_WORDS = AS_PRINTED.replace(TEXT, "search")
"""The same, with the words that are stored beside the text: nothing is parsed again for each question."""

FIRST = 50
"""How much of each list `RANKED_LATER` fuses."""

BREADTH = 100
"""What `hnsw.ef_search` has to be for it: an index gives no more rows than that, 40 by default, before any filter."""

BY_VECTOR = f"""
    select id, embedding <=> %(embedding)s::vector as distance
    from documents
    order by distance limit {FIRST}
"""
"""The first of the list by vectors."""

RANKED_LATER = f"""
with by_text as (
    select id, ts_rank_cd(search, words) as score
    from documents, plainto_tsquery('english', %(question)s) as words
    where search @@ words
    order by score desc, id limit {FIRST}
),
by_vector as ({BY_VECTOR}),
texts as (select id, row_number() over (order by score desc, id) as rank from by_text),
vectors as (select id, row_number() over (order by distance, id) as rank from by_vector)
select coalesce(t.id, v.id) as id,
    coalesce(1.0 / (60 + t.rank), 0) * 0.5 + coalesce(1.0 / (60 + v.rank), 0) * 0.5 as score
from texts t full outer join vectors v on t.id = v.id
order by score desc, id limit 10
"""
"""The same fusion of the first fifty of each list, which an index on vectors can give without a look at the rest."""

WHOLE_CORPUS = f"""
with bm25_results as (
    select id, ts_rank({TEXT}, query) as bm25_score
    from documents, {WORDS} as query
    where {TEXT} @@ query
),
vector_results as (
    select id, 1 - (embedding <=> %(embedding)s::vector) as vector_score
    from documents
    where embedding is not null
)
select count(*)
from documents d
left join bm25_results b on d.id = b.id
left join vector_results v on d.id = v.id
where coalesce(b.bm25_score, 0) > 0 or coalesce(v.vector_score, 0) > 0
"""
"""How many rows the article's second form answers with, before its limit: all with a cosine above 0."""
