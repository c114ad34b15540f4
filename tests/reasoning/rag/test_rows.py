"""A row says in a sentence what its columns say, and is cited as the row."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.rows import rows
from companion.reasoning.rag.splitting import split


@pytest.fixture
def shop() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.executescript("""
        create table orders (id integer primary key, customer text, total_in_euros real, picture blob, note text);
        insert into orders values (7, 'Ada', 12.5, x'00ff', null), (8, 'Böle', 0, null, 'a gift for\nAda');
    """)
    yield connection
    connection.close()


def test_a_row_is_a_sentence_and_what_it_lacks_is_left_out(shop: sqlite3.Connection) -> None:
    first, second = rows(shop, "select * from orders order by id", "orders", "id")
    assert first.text == "Of orders 7, customer is Ada and total in euros is 12.5."
    assert second.text == "Of orders 8, customer is Böle, total in euros is 0.0 and note is a gift for\nAda."
    assert (first.source, first.label) == ("orders#7", "orders 7")


def test_a_row_can_be_filtered_by_its_short_values_and_cited_as_it_stands(shop: sqlite3.Connection) -> None:
    (document,) = rows(shop, "select * from orders where customer = ?", "orders", "id", ["Ada"])
    assert document.metadata == {"table": "orders", "customer": "Ada", "total_in_euros": "12.5"}
    (chunk,) = split(document)
    assert (chunk.source, chunk.text) == ("orders#7", document.text)


def test_a_row_of_nothing_but_its_key_says_so(shop: sqlite3.Connection) -> None:
    first, _ = rows(shop, "select id from orders", "orders", "id")
    assert first.text == "Of orders 7, nothing is known."


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning id",
        "update orders set customer = 'x' returning id",
        "pragma user_version = 7",
        "attach 'x.db' as x",
        "drop table orders",
        "select id from nowhere",
        "selec",
        "select 1; delete from orders",
    ],
)
def test_a_query_that_does_more_than_read_does_nothing(shop: sqlite3.Connection, query: str) -> None:
    with pytest.raises(RagError, match="does not work, or does more than read"):
        list(rows(shop, query, "orders", "id"))
    assert shop.execute("select count(*) from orders where customer in ('Ada', 'Böle')").fetchone() == (2,)
    shop.execute("delete from orders")  # afterwards the connection is as it was


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select customer from orders", "the query's columns are customer: each once, and id among them"),
        ("select id, id from orders", "the query's columns are id, id"),
        ("select 1 as id from orders", "orders#1: not the only row of that key"),
        ("select null as id from orders", "orders#None: not the only row of that key, or a row without one"),
    ],
)
def test_a_citation_has_to_name_one_row(shop: sqlite3.Connection, query: str, why: str) -> None:
    with pytest.raises(RagError, match=why):
        list(rows(shop, query, "orders", "id"))


def test_values_behind_the_key_may_be_computed(shop: sqlite3.Connection) -> None:
    query = 'with sums as (select customer as id, sum(total_in_euros) as "sum of orders" from orders group by 1)'
    assert [each.text for each in rows(shop, f"{query} select * from sums", "customers", "id")] == [
        "Of customers Ada, sum of orders is 12.5.", "Of customers Böle, sum of orders is 0.0.",
    ]  # fmt: skip
