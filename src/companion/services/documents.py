"""A tenant's documents: written, read one by one, and listed page by page.

    with pool.connection() as connection, as_tenant(connection, tenant):
        add_documents(connection, [("Refunds", "Within 30 days, by the way that the money came.")])
        fill_embeddings(connection, embeddings("minilm").matrix)

Every function works in the transaction that `as_tenant` has opened, and so on that tenant's rows. A document is there
and can be found by its words as soon as it is added. Its embedding, the vector that stands for its meaning, takes a
model hundreds of times longer, and comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import psycopg
from numpy.typing import ArrayLike
from pgvector import Vector
from psycopg import Connection
from psycopg.rows import class_row

from companion.errors import CompanionError

DIMENSIONS = 384
"""How many numbers an embedding has: as many as the column in the schema takes."""

LONGEST_TITLE, LONGEST_BODY = 500, 500_000
"""In characters. PostgreSQL indexes no text whose different words take more than a megabyte."""

MOST = 50
"""How many rows an answer has at most."""

FIRST = UUID(int=0)

Embed = Callable[[list[str]], ArrayLike]


class DocumentError(CompanionError, ValueError):
    """A document that cannot be kept, or a page that cannot be given; the message says why."""


@dataclass(frozen=True)
class Document:
    """A document as it was written."""

    id: UUID
    title: str
    body: str
    created_at: datetime


@dataclass(frozen=True)
class Summary:
    """What a list says of a document; `embedded` is whether it can be found by its meaning yet."""

    id: UUID
    title: str
    embedded: bool
    created_at: datetime


def add_documents(connection: Connection[Any], documents: Iterable[tuple[str, str]]) -> list[UUID]:
    """Write documents; they have no embeddings yet.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    documents : iterable of (str, str)
        Titles and bodies.

    Returns
    -------
    list of UUID
        Their ids, in their order.

    Raises
    ------
    DocumentError
        If a title is empty, or either is too long or holds the character 0, which PostgreSQL keeps in no text. Then
        none is written.
    """
    rows = [(uuid4(), title, body) for title, body in documents]
    for _, title, body in rows:
        _check(title, body)
    with connection.transaction(), connection.cursor() as cursor:
        try:
            cursor.executemany("insert into documents (id, title, body) values (%s, %s, %s)", rows)
        except psycopg.errors.ProgramLimitExceeded as error:
            raise DocumentError(f"a document has too many different words: {error.diag.message_primary}") from None
    return [number for number, _, _ in rows]


def _check(title: str, body: str) -> None:
    if not title.strip():
        raise DocumentError("a document has no title")
    for what, text, most in (("title", title, LONGEST_TITLE), ("body", body, LONGEST_BODY)):
        if len(text) > most:
            raise DocumentError(f"{title[:60]!r}: its {what} has {len(text)} characters, and may have {most}")
        if "\0" in text:
            raise DocumentError(f"{title[:60]!r}: its {what} holds the character 0")


def get_document(connection: Connection[Any], document: UUID) -> Document | None:
    """Give a document of the tenant's; None if there is none, be it nobody's or another tenant's."""
    with connection.cursor(row_factory=class_row(Document)) as cursor:
        cursor.execute("select id, title, body, created_at from documents where id = %s", [document])
        return cursor.fetchone()


def list_documents(connection: Connection[Any], limit: int = MOST, after: UUID | None = None) -> list[Summary]:
    """List the tenant's documents, a page at a time, in the order of their ids.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    limit : int
        How many, 1 to 50.
    after : UUID, optional
        The last id of the page before. A page then costs the same however many come before it, and what is written
        meanwhile moves nothing from one page to another.

    Raises
    ------
    DocumentError
        If the limit is another.
    """
    if not 1 <= limit <= MOST:
        raise DocumentError(f"a page of {limit} documents: 1 to {MOST} are given")
    with connection.cursor(row_factory=class_row(Summary)) as cursor:
        cursor.execute(
            "select id, title, embedding is not null as embedded, created_at from documents"
            " where id > %s order by id limit %s",
            [after or FIRST, limit],
        )
        return cursor.fetchall()


def to_embed(title: str, body: str) -> str:
    """Give what of a document is embedded: its title and its first paragraph."""
    return title + "\n" + body.strip().partition("\n\n")[0]


def fill_embeddings(connection: Connection[Any], embed: Embed, batch: int = 32) -> int:
    """Embed the tenant's documents that have no embedding yet.

    A document that another transaction is just writing, or embedding, is left to it. One that the model gives no
    direction (a zero vector, for a text without words) stays without an embedding, and is found by its words only.

    Parameters
    ----------
    connection : psycopg.Connection
        Inside `as_tenant`.
    embed : callable
        Takes texts and gives a vector of 384 numbers each: `companion.models.embeddings("minilm").matrix`.
    batch : int
        How many texts it is given at once.

    Returns
    -------
    int
        How many documents have an embedding now that had none.

    Raises
    ------
    DocumentError
        If the model gives other than one vector of 384 finite numbers a text.
    """
    filled, last = 0, None
    while True:
        count, last = embed_next(connection, embed, last, batch)
        if last is None:
            return filled
        filled += count


def embed_next(
    connection: Connection[Any], embed: Embed, after: UUID | None = None, batch: int = 32
) -> tuple[int, UUID | None]:
    """Embed the next few of the documents that have no embedding yet: a step of `fill_embeddings`.

    Returns
    -------
    int
        How many have an embedding now that had none.
    UUID or None
        The last that was looked at, for the next step; None if there was none left.
    """
    rows = connection.execute(
        "select id, title, body from documents where embedding is null and id > %s"
        " order by id limit %s for update skip locked",
        [after or FIRST, batch],
    ).fetchall()
    if not rows:
        return 0, None
    units = _units(embed([to_embed(title, body) for _, title, body in rows]), len(rows))
    known = [(Vector(unit).to_text(), row[0]) for row, unit in zip(rows, units, strict=True) if unit.any()]
    with connection.cursor() as cursor:
        cursor.executemany("update documents set embedding = %s::vector where id = %s", known)
    return len(known), rows[-1][0]


def _units(given: ArrayLike, count: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Scale vectors to length one, zero vectors excepted."""
    vectors = np.asarray(given, dtype=np.float64)
    if vectors.shape != (count, DIMENSIONS):
        raise DocumentError(f"the model gives an array of {vectors.shape}, not of {(count, DIMENSIONS)}")
    if not np.isfinite(vectors).all():
        raise DocumentError("the model gives a vector with a number that is not finite")
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
