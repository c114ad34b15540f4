"""Ways to search by words in PostgreSQL, which differ in what is a word, which words must be there, and what ranks.

They are run in the transaction of a tenant, as all else. The way that the article has it looks at the text as it was
written, and the schema has no column for that: `add_as_written` gives one to a database that you experiment with.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from companion.services.hybrid_search.rankings import Ranking

PARTED = "translate(%(question)s, '._', '  ')"


@dataclass(frozen=True)
class TextQuery:
    """A way to search by words.

    Attributes
    ----------
    column : str
        The column of words that is searched.
    words : str
        SQL that makes a query of the parameter `question`.
    rank : str
        The function that ranks what the query has found.
    """

    column: str
    words: str
    rank: str


TEXT_QUERIES = {
    "as the article": TextQuery("as_written", "plainto_tsquery('english', %(question)s)", "ts_rank_cd"),
    "names parted": TextQuery("search", f"plainto_tsquery('english', {PARTED})", "ts_rank_cd"),
    "any word": TextQuery(
        "search",
        f"(select string_agg(quote_literal(lexeme), ' | ')::tsquery from unnest(to_tsvector('english', {PARTED})))",
        "ts_rank_cd",
    ),
}
TEXT_QUERIES["any word, ts_rank"] = TextQuery("search", TEXT_QUERIES["any word"].words, "ts_rank")


def add_as_written(admin: Connection[Any]) -> None:
    """Give the documents of an experiment a column of their words as the parser of PostgreSQL finds them."""
    admin.execute(
        "alter table documents add column as_written tsvector not null"
        " generated always as (to_tsvector('english', title || ' ' || body)) stored"
    )


def text_ranking(connection: Connection[Any], way: TextQuery, question: str, most: int = 50) -> Ranking:
    """Rank a tenant's documents, by title, by the words that they share with a question."""
    statement = sql.SQL(
        "select title, {rank}({column}, words) as score from documents, (select {words} as words) as question"
        " where {column} @@ words order by score desc, title limit %(most)s"
    ).format(rank=sql.SQL(way.rank), column=sql.Identifier(way.column), words=sql.SQL(way.words))
    return dict(connection.execute(statement, {"question": question, "most": most}).fetchall())
