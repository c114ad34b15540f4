"""REST: the verbs, the status codes, the headers and the problem documents."""

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from companion.calls.wire import Address, Customer, CustomerStore, connect, serve
from companion.calls.wire.experiments.sizes import sample_customers
from companion.calls.wire.web import MAX_BODY, read_customer

ADA: dict[str, Any] = {"id": 1, "name": "Ada", "balance": 1.5}


@pytest.fixture(scope="module")
def address() -> Iterator[Address]:
    with serve("rest", CustomerStore(sample_customers(100))) as address:
        yield address


@pytest.fixture
def http(address: Address) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{address}", trust_env=False) as client:
        yield client


def is_problem(response: httpx.Response, status: int) -> bool:
    document: dict[str, Any] = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert document.keys() == {"type", "title", "status", "detail"}
    return response.status_code == status and document["status"] == status


def test_a_new_customer_has_an_address(http: httpx.Client) -> None:
    response = http.post("/customers", json={**ADA, "id": 501})
    assert response.status_code == 201
    assert response.headers["location"] == "/customers/501"
    assert http.get(response.headers["location"]).json() == response.json() == {**ADA, "id": 501}


def test_an_id_that_is_taken_is_a_conflict(http: httpx.Client) -> None:
    assert is_problem(http.post("/customers", json=ADA), 409)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"\xff\xfe", b'{"id": NaN}', b'{"id": 1e999}', b"[" * 100_000, b'{"id": ' + b"1" * 5000],
)
def test_a_body_that_is_no_json_is_a_bad_request(http: httpx.Client, body: Any) -> None:
    response = http.post("/customers", content=body, headers={"content-type": "application/json"})
    assert is_problem(response, 400)
    assert "not JSON" in response.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "id"),
        ({**ADA, "id": "1"}, "id"),
        ({**ADA, "id": 0}, "id"),
        ({**ADA, "id": 1.5}, "id"),
        ({**ADA, "id": True}, "id"),
        ({**ADA, "id": 2**31}, "id"),
        ({**ADA, "name": None}, "name"),
        ({**ADA, "name": "x" * 31}, "name"),
        ({**ADA, "name": "é" * 16}, "name"),
        ({**ADA, "name": "\ud800"}, "name"),
        ({**ADA, "balance": "12"}, "balance"),
        ({**ADA, "balance": 10**400}, "balance"),
        ({**ADA, "colour": "red"}, "colour"),
        ([], ""),
        ("Ada", ""),
        (None, ""),
    ],
)
def test_json_that_is_no_customer_says_which_field(http: httpx.Client, body: Any, field: str) -> None:
    response = http.post("/customers", content=_json(body), headers={"content-type": "application/json"})
    assert is_problem(response, 422)
    assert response.json()["detail"].startswith(field)


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_a_body_that_does_not_call_itself_json_is_an_unsupported_media_type(http: httpx.Client, kind: str) -> None:
    assert is_problem(http.post("/customers", content=b"{}", headers={"content-type": kind}), 415)


def test_json_may_name_its_character_set(http: httpx.Client) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert http.post("/customers", content=_json({**ADA, "id": 502}), headers=headers).status_code == 201


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(address: Address) -> None:
    lines = ["POST /customers HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {MAX_BODY + 1}"]
    with socket.create_connection(address, timeout=2) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_unknown_length_is_bounded_too(http: httpx.Client) -> None:
    response = http.post(
        "/customers", content=(b" " * 65_536 for _ in range(17)), headers={"content-type": "application/json"}
    )
    assert is_problem(response, 413)


@pytest.mark.parametrize("path", ["0", "-1", "007", "9999", "abc", "²", "9" * 5000, "1.0", "%20"])
def test_a_customer_that_is_not_there_is_not_found(http: httpx.Client, path: str) -> None:
    assert is_problem(http.get(f"/customers/{path}"), 404)


@pytest.mark.parametrize("path", ["/", "/customers/", "/customers/1/", "/customer"])
def test_an_address_of_nothing_is_not_found(http: httpx.Client, path: str) -> None:
    assert is_problem(http.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/customers", "GET, HEAD, POST"),
        ("PUT", "/customers", "GET, HEAD, POST"),
        ("POST", "/customers/1", "GET, HEAD"),
        ("DELETE", "/customers/1", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_allowed_is_told_which_are(
    http: httpx.Client, method: str, path: str, allowed: str
) -> None:
    response = http.request(method, path)
    assert is_problem(response, 405)
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize("path", ["/customers", "/customers/1", "/customers/9999"])
def test_head_is_get_without_the_body(http: httpx.Client, path: str) -> None:
    got, head = http.get(path), http.head(path)
    assert head.content == b""
    assert (head.status_code, head.headers["content-length"]) == (got.status_code, got.headers["content-length"])


def test_an_answer_is_compressed_when_asked_and_only_then(http: httpx.Client) -> None:
    plain = http.get("/customers", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with http.stream("GET", "/customers", headers={"accept-encoding": "gzip"}) as zipped:
        assert zipped.headers["content-encoding"] == "gzip"
        data = b"".join(zipped.iter_raw())
    assert gzip.decompress(data) == plain.content
    assert len(data) < len(plain.content) / 3


def test_the_client_asks_for_gzip_when_told(address: Address) -> None:
    with connect("rest", address, gzip=True) as client:
        assert client.get(1) == sample_customers(1)[0]
        assert len(client.list()) >= 100


def test_names_travel_as_utf8(http: httpx.Client) -> None:
    http.post("/customers", json={**ADA, "id": 503, "name": "Jörg"})
    assert "Jörg".encode() in http.get("/customers/503").content


def test_a_customer_of_a_later_version_can_still_be_read() -> None:
    assert read_customer({**ADA, "colour": "red"}) == Customer(**ADA)


def test_a_server_that_will_hang_up_after_a_fault_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    store = CustomerStore()
    monkeypatch.setattr(store, "list", lambda: 1 / 0)
    with serve("rest", store) as address:
        response = httpx.Client(trust_env=False).get(f"http://{address}/customers")
    assert is_problem(response, 500)
    assert response.headers["connection"] == "close"
