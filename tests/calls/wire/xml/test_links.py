"""A service with links, and a client that follows them."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from companion.calls.wire.customers import Customer, MalformedReply, RemoteError
from companion.calls.wire.xml.links import (
    EditableStore,
    Layout,
    NoLink,
    browser,
    expand,
    follow,
    serve,
    survivors,
)

ADA = Customer(id=1, name="Ada", balance=10.0)
BOB = Customer(id=2, name="Bob", balance=0.0)


@pytest.fixture
def web() -> Iterator[httpx.Client]:
    with serve(EditableStore([ADA, BOB])) as address, browser(address) as web:
        yield web


def test_a_new_customer_is_where_the_answer_says(web: httpx.Client) -> None:
    made = web.post("/customers", json={"id": 3, "name": "Cy", "balance": 1.0})
    assert made.status_code == 201
    assert web.get(made.headers["location"]).json() == made.json()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/customers", {"id": 1, "name": "Eve", "balance": 0.0}, 409),
        ("POST", "/customers", {"name": "Eve", "balance": 0.0}, 422),
        ("POST", "/customers", {"id": "3", "name": "Eve", "balance": 0.0}, 422),
        ("PUT", "/customers/1", {"id": 1, "balance": 0.0}, 422),
        ("PUT", "/customers/1", {"id": 9, "name": "Eve", "balance": 0.0}, 409),
        ("PUT", "/customers/9", {"id": 9, "name": "Eve", "balance": 0.0}, 404),
        ("DELETE", "/customers/1", None, 409),
        ("DELETE", "/customers/9", None, 404),
        ("PATCH", "/customers/1", {}, 405),
        ("GET", "/customers/one", None, 404),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_status_and_changes_nothing(
    web: httpx.Client, method: str, path: str, body: Any, status: int
) -> None:
    assert web.request(method, path, json=body).status_code == status
    assert [one["name"] for one in web.get("/customers").json()["customers"]] == ["Ada", "Bob"]


def test_a_body_that_is_no_json_is_a_bad_request(web: httpx.Client) -> None:
    answer = web.put("/customers/1", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_put_replaces_the_whole(web: httpx.Client) -> None:
    assert web.put("/customers/1", json={"id": 1, "name": "Eve", "balance": 0.0}).json()["name"] == "Eve"
    assert web.get("/customers/1").json()["balance"] == 0.0


def test_only_what_can_be_done_is_offered(web: httpx.Client) -> None:
    assert follow(web, "customer", "close", method="DELETE", id=2).status_code == 204
    with pytest.raises(NoLink, match="no link close, only customers, self"):
        follow(web, "customer", "close", method="DELETE", id=1)
    assert follow(web, "customer", id=2).status_code == 404
    with pytest.raises(RemoteError, match="404"):
        follow(web, "customer", "self", id=2)


@pytest.mark.parametrize("link", ["http://elsewhere/", "//elsewhere/", "customers", "/c/{who}"])
def test_a_link_that_leads_elsewhere_is_not_followed(link: str) -> None:
    with pytest.raises(MalformedReply):
        expand(link, {"id": 1})


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"links": []}', b'{"links": {"customer": 7}}'])
def test_an_answer_without_links_is_malformed(body: bytes) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    with httpx.Client(transport=transport, base_url="http://x") as web, pytest.raises(MalformedReply):
        follow(web, "customer", id=1)


def test_links_survive_a_new_path_and_no_new_name() -> None:
    outcomes = survivors(ADA)
    broken = {place for place, outcome in outcomes.items() if not outcome.startswith("200")}
    assert broken == {
        ("the path", "path in the code"),
        ("the path", "address kept"),
        ("the link's name", "links followed"),
    }
    assert outcomes["the path, with a 308", "path in the code"] == "200 after 308"


def test_a_redirection_keeps_the_method_and_the_body() -> None:
    layout = Layout(path="/clients", moved_from="/customers")
    with serve(EditableStore([ADA]), layout=layout) as address, browser(address) as web:
        assert web.post("/customers", json=BOB.model_dump()).status_code == 201
        assert web.put("/customers/2", json={"id": 2, "name": "Eve", "balance": 0.0}).json()["name"] == "Eve"
        assert len(web.get("/clients").json()["customers"]) == 2


def test_a_store_replaces_and_removes_only_what_is_there() -> None:
    store = EditableStore([ADA])
    assert not store.replace(BOB)
    assert store.remove(1)
    assert not store.remove(1)
    assert store.list() == []
