"""Ten thousand documents, of which somebody may see five: where the question is asked decides what it costs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from companion.calls.network_tax.queries.watched import ask

DOCUMENTS = 10_000
BODY = 2_000
"""Bytes of a document's text."""

READER = 1
"""Who asks. Everything belongs to user 0; every 2,000th document is shared with the reader, in two ways."""

FILL = (
    "drop table if exists documents, permissions",
    "create table documents (id int primary key, body text not null, labels json not null)",
    "create table permissions (document_id int not null, user_id int not null, via text not null)",
    f"insert into documents select n, repeat('x', {BODY}), '[]' from generate_series(1, :documents) n",
    "insert into permissions select n, 0, 'owner' from generate_series(1, :documents) n",
    f"insert into permissions select n, {READER}, via from generate_series(1, :documents) n,"
    " unnest(array['team', 'link']) via where n % 2000 = 1000",
    "create index on permissions (document_id)",
    "create index on permissions (user_id, document_id)",
    "analyze documents, permissions",
)

EVERY = "select id, body, labels from documents order by id"
MAY = "select user_id from permissions where document_id = %s"
HIS = "select document_id from permissions where user_id = %s"
EXISTS = """select d.id, d.body, d.labels from documents d where exists
    (select from permissions p where p.document_id = d.id and p.user_id = %s) order by d.id"""
JOIN = """select d.id, d.body, d.labels from documents d
    join permissions p on p.document_id = d.id where p.user_id = %s order by d.id"""
DISTINCT = "select distinct d.* from documents d join permissions p on p.document_id = d.id where p.user_id = %s"


def fill(engine: Engine, documents: int = DOCUMENTS) -> None:
    """Make the tables anew, in SQL alone: rows that the server generates need not be sent to it."""
    with engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"documents": documents} if ":documents" in statement else {})


def per_document(session: Session) -> list[int]:
    """Fetch everything, and ask for each document who may see it."""
    return [row.id for row in ask(session, EVERY) if any(user == READER for (user,) in ask(session, MAY, row.id))]


def in_the_app(session: Session) -> list[int]:
    """Fetch everything, and once what the reader may see."""
    may = {document for (document,) in ask(session, HIS, READER)}
    return [row.id for row in ask(session, EVERY) if row.id in may]


def in_the_query(session: Session) -> list[int]:
    """Let the database leave out what may not be seen."""
    return [row.id for row in ask(session, EXISTS, READER)]


def by_join(session: Session) -> list[int]:
    """Let the database join: a row for each permission, and not for each document."""
    return [row.id for row in ask(session, JOIN, READER)]


def by_distinct(session: Session) -> list[int]:
    """Let the database join, and then compare whole rows to drop those that come twice."""
    return [row.id for row in ask(session, DISTINCT, READER)]


def pages(documents: int, visible: Collection[int], size: int = 20) -> list[int]:
    """Cut the numbers from 0 into pages, and count on each page what may be seen."""
    seen = frozenset(visible)
    return [sum(n in seen for n in range(start, start + size)) for start in range(0, documents, size)]


__all__ = ["BODY", "DOCUMENTS", "EXISTS", "READER", "by_distinct", "by_join", "fill", "in_the_app", "in_the_query"]
__all__ += ["pages", "per_document"]
