"""The search that the service answers with: one statement, in the transaction of one tenant.

The words of the question give one list of documents, its embedding another; the fused list is sorted by the weighted
sum of both scores, each list's own scaled to run from 0 to 1. A document that is in one list only gets nothing for the
other, so that one without an embedding is found by its words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import ArrayLike
from pgvector import Vector
from psycopg import Connection

from companion.errors import CompanionError
from companion.services.documents import DIMENSIONS, MOST
from companion.services.hybrid_search.rankings import words_of

LONGEST_QUERY = 1000
"""In characters."""

CANDIDATES = 50
"""How long each list is before they are fused."""

LOOKED_AT, SNIPPET = 5000, 200
"""How much of a document is looked at for a snippet, and how long that is, in characters."""

# Every word of the question is a lexeme in quotes, whatever stands in the question; any of them will do.
SEARCH = """
with question as (
    select string_agg(quote_literal(lexeme), ' | ')::tsquery as words
    from unnest(to_tsvector('english', translate(%(query)s, '._', '  ')))
),
by_text as (
    select d.id, ts_rank(d.search, q.words) as score
    from documents d, question q
    where d.search @@ q.words and %(text_weight)s::float8 > 0
    order by score desc, d.id
    limit %(candidates)s
),
by_vector as (
    select id, 1 - (embedding <=> %(embedding)s::vector) as score
    from documents
    where embedding is not null and %(embedding)s::vector is not null and %(vector_weight)s::float8 > 0
    order by embedding <=> %(embedding)s::vector, id
    limit %(candidates)s
),
scaled as (
    select coalesce(t.id, v.id) as id, t.score as text_score, v.score as vector_score,
        (t.score - min(t.score) over ()) / nullif(max(t.score) over () - min(t.score) over (), 0) as text_share,
        (v.score - min(v.score) over ()) / nullif(max(v.score) over () - min(v.score) over (), 0) as vector_share
    from by_text t full join by_vector v on t.id = v.id
),
fused as (
    select id, coalesce(text_score, 0)::float8 as text_score, coalesce(vector_score, 0)::float8 as vector_score,
        %(text_weight)s::float8 * case when text_score is null then 0 else coalesce(text_share, 1) end
        + %(vector_weight)s::float8 * case when vector_score is null then 0 else coalesce(vector_share, 1) end as score
    from scaled
    order by score desc, id
    limit %(limit)s
)
select f.id, d.title, left(d.body, %(looked_at)s) as body, f.score, f.text_score, f.vector_score
from fused f join documents d on d.id = f.id
order by f.score desc, f.id
"""


class SearchError(CompanionError, ValueError):
    """A question that cannot be asked; the message says what is wrong with it."""


@dataclass(frozen=True)
class Hit:
    """A document that was found.

    Attributes
    ----------
    id, title, snippet
        The document, and the paragraph that has most words of the question.
    score : float
        What the list is sorted by: the weighted sum of both scores, each scaled within its list to run from 0 to 1.
    text_score, vector_score : float
        What `ts_rank` gives, and the cosine of the vectors; 0 for a document that is not in that list.
    """

    id: UUID
    title: str
    snippet: str
    score: float
    text_score: float
    vector_score: float


def search_documents(connection: Connection[Any], query: str, limit: int = 10) -> list[Hit]:
    """Find a tenant's documents by the words of a question; as `hybrid_search` without an embedding."""
    return hybrid_search(connection, query, None, limit)


def hybrid_search(
    connection: Connection[Any],
    query: str,
    embedding: ArrayLike | None,
    limit: int = 10,
    bm25_weight: float = 0.5,
    vector_weight: float = 0.5,
) -> list[Hit]:
    """Find a tenant's documents by the words of a question and by its meaning.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    query : str
        The question, in plain language, at most 1000 characters.
    embedding : array of 384 numbers, optional
        The question's. None, or a zero vector, asks for its words alone, since a NULL would give any documents at all.
    limit : int
        How many documents, 1 to 50.
    bm25_weight, vector_weight : float
        What the two scores count, of which at least one is above 0. (The first is called so by convention: `ts_rank`
        is not BM25, though in the fused list it makes no difference that could be measured.)

    Returns
    -------
    list of Hit
        The best first; of two that are equally good, the one with the smaller id.

    Raises
    ------
    SearchError
        If one of the arguments is not as above.
    """
    values = parameters(query, embedding, limit, bm25_weight, vector_weight)
    with connection.pipeline():  # which prepares the statement and runs it without a wait in between
        rows = connection.execute(SEARCH, values).fetchall()
    return [Hit(number, title, _snippet(body, query), *scores) for number, title, body, *scores in rows]


def parameters(
    query: str,
    embedding: ArrayLike | None,
    limit: int = 10,
    bm25_weight: float = 0.5,
    vector_weight: float = 0.5,
) -> dict[str, object]:
    """Check what `hybrid_search` is given, and make of it the parameters of its statement.

    Raises
    ------
    SearchError
        As there.
    """
    _check(query, limit, bm25_weight, vector_weight)
    direction = _direction(embedding)
    if direction is None and bm25_weight == 0:
        raise SearchError("the question's words are to count nothing, and it has no embedding")
    return {
        "query": query,
        "embedding": direction,
        "limit": limit,
        "looked_at": LOOKED_AT,
        "candidates": CANDIDATES,
        "text_weight": bm25_weight,
        "vector_weight": vector_weight,
    }


def _snippet(body: str, query: str) -> str:
    """Give the paragraph that has most words of the question, the first of several, cut to its length.

    PostgreSQL's ts_headline would do it too, and take longer than all the rest of the search.
    """
    words = set(words_of(query))
    best = max(body.split("\n\n"), key=lambda paragraph: len(words.intersection(words_of(paragraph))))
    text = " ".join(best.split())
    return text if len(text) <= SNIPPET else text[: SNIPPET - 1] + "…"


def _check(query: str, limit: int, *weights: float) -> None:
    if not query.strip():
        raise SearchError("the question is empty")
    if len(query) > LONGEST_QUERY:
        raise SearchError(f"the question has {len(query)} characters, and may have {LONGEST_QUERY}")
    if "\0" in query:
        raise SearchError("the question holds the character 0")
    if not 1 <= limit <= MOST:
        raise SearchError(f"a limit of {limit}: 1 to {MOST} documents are given")
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights) or sum(weights) == 0:
        raise SearchError(f"the weights {weights}: neither is below 0, and one is above")


def _direction(embedding: ArrayLike | None) -> str | None:
    """Give the question's vector as PostgreSQL reads it, of length one; None if it points nowhere."""
    if embedding is None:
        return None
    vector = np.asarray(embedding, dtype=np.float64)
    if vector.shape != (DIMENSIONS,) or not np.isfinite(vector).all():
        raise SearchError(f"the question's embedding is an array of {vector.shape}, not {DIMENSIONS} finite numbers")
    length = np.linalg.norm(vector)
    return Vector(vector / length).to_text() if length > 0 else None
