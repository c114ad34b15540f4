"""Who may see a document: the same answer from every place where it is asked, at very different prices."""

from __future__ import annotations

import pytest
from psycopg.errors import UndefinedFunction
from sqlalchemy.exc import ProgrammingError

from companion.calls.network_tax.queries import permissions as room
from companion.calls.network_tax.queries.watched import Watched

DOCUMENTS = 1000
MAY = [1000]


@pytest.fixture(autouse=True, scope="module")
def documents(watched: Watched) -> None:
    room.fill(watched.engine, DOCUMENTS)


def test_asking_for_each_document_takes_a_query_for_each(watched: Watched) -> None:
    bill = watched.count(room.per_document)
    assert (bill.result, bill.queries) == (MAY, 1 + DOCUMENTS)
    assert bill.bytes_down > DOCUMENTS * room.BODY


def test_filtering_in_the_application_takes_two_queries_and_all_the_bytes(watched: Watched) -> None:
    bill = watched.count(room.in_the_app)
    assert (bill.result, bill.queries) == (MAY, 2)
    assert bill.bytes_down > DOCUMENTS * room.BODY


def test_filtering_in_the_query_takes_one_query_and_the_bytes_that_are_wanted(watched: Watched) -> None:
    bill = watched.count(room.in_the_query)
    assert (bill.result, bill.queries) == (MAY, 1)
    assert bill.bytes_down < (len(MAY) + 1) * room.BODY


def test_a_join_gives_a_document_once_for_each_permission(watched: Watched) -> None:
    assert watched.count(room.by_join).result == [1000, 1000]


def test_rows_with_json_cannot_be_made_distinct(watched: Watched) -> None:
    with pytest.raises(ProgrammingError) as refused:
        watched.count(room.by_distinct)
    assert isinstance(refused.value.orig, UndefinedFunction)


def test_ten_thousand_documents_hold_five_for_the_reader() -> None:
    assert sum(number % 2000 == 1000 for number in range(1, room.DOCUMENTS + 1)) == 5


def test_pages_that_are_filtered_afterwards_hold_what_is_left() -> None:
    assert room.pages(60, [0, 1, 59]) == [2, 0, 1]
    assert room.pages(50, range(50)) == [20, 20, 10]
    assert room.pages(0, []) == []
