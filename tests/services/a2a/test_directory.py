from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from a2a.types import a2a_pb2 as pb
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.directory import LONGEST_SECONDS, NotRegistered, find, register
from companion.services.a2a.server.card import make_card
from companion.services.database import Pool, as_tenant
from tests.services.a2a.conftest import Place


def skill(number: str, description: str, *tags: str) -> pb.AgentSkill:
    return pb.AgentSkill(id=number, name=number.capitalize(), description=description, tags=tags)


READER = make_card(
    "Reader", "Reads.", "https://reader.example",
    [skill("answer", "Answers a question from documents.", "search", "citations"),
     skill("research", "Writes a report about a company.", "report", "companies")],
)  # fmt: skip
TRANSLATOR = make_card(
    "Translator", "Translates.", "https://translator.example",
    [skill("translate", "Translates documents into other languages.", "languages")],
)  # fmt: skip


@pytest.fixture
def mine(place: Place, tasks_pool: Pool) -> Iterator[Connection[TupleRow]]:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            yield connection
        with as_tenant(connection, place.tenant):
            connection.execute("delete from agents")


def test_an_agent_is_found_by_what_it_can_do(mine: Connection[TupleRow]) -> None:
    register(mine, READER, 60)
    register(mine, TRANSLATOR, 60)
    found = find(mine, "translate documents into other languages")
    assert [(each.name, each.shared) for each in found] == [("Translator", 5), ("Reader", 1)]
    best = find(mine, "a question about documents")[0]
    assert (best.name, best.skill, best.url) == ("Reader", "answer", "https://reader.example/rpc")
    assert find(mine, "bake a cake") == []
    assert len(find(mine)) == 2


def test_all_tags_belong_to_one_skill(mine: Connection[TupleRow]) -> None:
    register(mine, READER, 60)
    assert [each.skill for each in find(mine, tags=["report", "companies"])] == ["research"]
    assert find(mine, tags=["report", "citations"]) == []
    assert find(mine, tags=["rep"]) == []


def test_an_agent_that_does_not_come_back_is_gone_when_its_time_is_over(place: Place, tasks_pool: Pool) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            register(connection, READER, 0.2)
            register(connection, TRANSLATOR, 0.2)
            assert len(find(connection)) == 2
        time.sleep(0.15)
        with as_tenant(connection, place.tenant):
            register(connection, TRANSLATOR, 60)
        time.sleep(0.15)
        with as_tenant(connection, place.tenant):
            assert [each.name for each in find(connection)] == ["Translator"]
            connection.execute("delete from agents")


def test_a_new_card_replaces_the_old_one(mine: Connection[TupleRow]) -> None:
    register(mine, READER, 60)
    changed = make_card("Reader", "Reads.", "https://reader.example", [skill("sing", "Sings a song.", "music")])
    register(mine, changed, 60)
    assert [each.skill for each in find(mine)] == ["sing"]


def test_another_tenants_directory_is_another(place: Place, tasks_pool: Pool) -> None:
    with tasks_pool.connection() as connection:
        with as_tenant(connection, place.tenant):
            register(connection, READER, 60)
        with as_tenant(connection, place.other):
            assert find(connection) == []
        with as_tenant(connection, place.tenant):
            connection.execute("delete from agents")


@pytest.mark.parametrize("seconds", [0, -1, LONGEST_SECONDS + 1, float("nan"), float("inf")])
def test_an_entry_is_good_for_a_time(mine: Connection[TupleRow], seconds: float) -> None:
    with pytest.raises(NotRegistered, match="at most"):
        register(mine, READER, seconds)


def test_a_card_that_says_nothing_does_not_come_in(mine: Connection[TupleRow]) -> None:
    for card in (pb.AgentCard(name="a"), make_card("a", "a", "https://a.example", [])):
        with pytest.raises(NotRegistered, match="at least"):
            register(mine, card, 60)
