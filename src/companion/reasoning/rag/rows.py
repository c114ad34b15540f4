"""Rows of a database as documents: each says in a sentence what its columns say, and its source is the row.

    with sqlite3.connect("file:shop.db?mode=ro", uri=True) as connection:
        documents = list(rows(connection, "select id, customer, total from orders", "orders", "id"))

A row alone is a list of values: "7, Ada, 12.5" shares no word with the question who ordered for how much, and has no
meaning that a vector could stand for. The names of its columns are what it is about.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from companion.reasoning.rag.chunks import Document, RagError

LONGEST_FILTER = 60
"""Characters of a value that a row can be filtered by."""

_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def rows(
    connection: sqlite3.Connection,
    query: str,
    table: str,
    key: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
) -> Iterator[Document]:
    """Make a document of each row of a query.

    Parameters
    ----------
    connection : sqlite3.Connection
        Nothing is written through it, whatever the query says.
    query : str
        A select; the names of its columns are words of the documents, so give them good ones: ``total as "total in
        euros"``.
    table : str
        What a row is called; with its key it is the document's source, as in ``orders#7``.
    key : str
        The column that tells rows apart.
    parameters : sequence or mapping
        What the query's placeholders stand for.

    Yields
    ------
    Document
        A column without a value is left out, and so is one of bytes. Its metadata are the short values by column.

    Raises
    ------
    RagError
        If the query writes or does not work, has no such column, or two rows have the same key.
    """
    cursor = _read(connection, query, parameters)
    columns = [column[0] for column in cursor.description or ()]
    if key not in columns or len(set(columns)) < len(columns):
        raise RagError(f"the query's columns are {', '.join(columns) or 'none'}: each once, and {key} among them")
    seen = set[str]()
    try:
        for row in cursor:
            values = dict(zip(columns, row, strict=True))
            source = f"{table}#{values[key]}"
            if values[key] is None or source in seen:
                raise RagError(f"{source}: not the only row of that key, or a row without one")
            seen.add(source)
            told = {
                name: str(value)
                for name, value in values.items()
                if value is not None and name != key and not isinstance(value, bytes)
            }
            yield _document(source, table, values[key], told)
    except sqlite3.Error as error:
        raise RagError(f"{table}: {error}") from None


def _read(connection: sqlite3.Connection, query: str, parameters: Sequence[Any] | Mapping[str, Any]) -> sqlite3.Cursor:
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY)
    try:
        return connection.execute(query, parameters)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise RagError(f"the query does not work, or does more than read: {error}") from None
    finally:
        connection.set_authorizer(None)


def _document(source: str, table: str, key: object, told: Mapping[str, str]) -> Document:
    said = [f"{_words(name)} is {value}" for name, value in told.items()]
    label = f"{_words(table)} {key}"
    listed = ", ".join(said[:-1]) + (" and " if said[:-1] else "") + said[-1] if said else "nothing is known"
    short = {name: value for name, value in told.items() if len(value) <= LONGEST_FILTER}
    return Document(source, f"Of {label}, {listed}.", label, (), {"table": table} | short)


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").split())
