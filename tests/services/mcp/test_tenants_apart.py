"""The number of another tenant's document opens nothing, by whichever tool, resource or prompt; and tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from companion.services.mcp.conversation import Answer, post, request
from tests.services.mcp.conftest import Office, failed, hits, structure

SECRET = "the rye sourdough rests for nine hours"


@pytest.fixture
def theirs(neighbour: Office) -> UUID:
    (number,) = neighbour.add(("Same title", SECRET))
    structure(neighbour.call("fill_embeddings"))
    return number


ROUTES: dict[str, Callable[[Office, str], Answer]] = {
    "search": lambda office, id: office.call("search_documents", query=f"{id} sourdough rests"),
    "hybrid": lambda office, id: office.call("hybrid_search", query=f"{id} sourdough rests"),
    "meaning": lambda office, id: office.call("hybrid_search", query=SECRET, bm25_weight=0.0),
    "get": lambda office, id: office.call("get_document", id=id),
    "list": lambda office, id: office.call("list_documents"),
    "page": lambda office, id: office.call("list_documents", after=id),
    "fill": lambda office, id: office.call("fill_embeddings"),
    "tenant": lambda office, id: office.call("search_documents", query="sourdough", tenant=id),
    "resource": lambda office, id: post(office.web(), office.url, request("resources/read", uri=f"document://{id}")),
    "resources": lambda office, id: post(office.web(), office.url, request("resources/list")),
    "prompt": lambda office, id: post(
        office.web(),
        office.url,
        request("prompts/get", name="answer_from_documents", arguments={"question": f"{id} sourdough"}),
    ),
    "delete": lambda office, id: office.call("delete_document", title="Same title"),
}


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_leads_to_another_tenants_document(
    office: Office, neighbour: Office, theirs: UUID, route: str
) -> None:
    answer = ROUTES[route](office, str(theirs))
    assert b"nine hours" not in answer.body
    assert neighbour.titles() == ["Same title"]


@pytest.mark.parametrize("route", ["get", "resource", "page"])
def test_anothers_document_is_answered_as_nobodys(office: Office, theirs: UUID, route: str) -> None:
    nobodys = uuid4()

    def told(id: UUID) -> Any:
        answer = ROUTES[route](office, str(id))
        return answer.status, answer.words.replace(str(id), "(its id)")

    assert told(theirs) == told(nobodys)


def test_two_tenants_with_the_same_title_find_their_own(office: Office, neighbour: Office, theirs: UUID) -> None:
    (ours,) = office.add(("Same title", "our sourdough"))
    for who, number in ((office, ours), (neighbour, theirs)):
        (hit,) = structure(who.call("search_documents", query="sourdough"))["hits"]
        assert hit["id"] == str(number)
    assert hits(office.call("hybrid_search", query="rests")) == []
    assert failed(office.call("get_document", id=str(theirs))) == f"there is no document {theirs}"


def test_a_look_at_anothers_number_is_in_ones_own_audit(office: Office, neighbour: Office, theirs: UUID) -> None:
    office.call("get_document", id=str(theirs))
    assert office.audit() == [("read", f"document {theirs}", "ada")] and neighbour.audit() == []
