from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from companion.services.tenancy.forgeries import forgeries
from companion.services.tenancy.tokens import Issuer
from tests.services.a2a.conftest import NO_TLS, Place

Said = Callable[..., dict[str, object]]
CARD = "/.well-known/agent-card.json"
PAGE = "http://app.example"


@pytest.fixture(scope="module")
def url(place: Place) -> Iterator[str]:
    with place.server(lambda run: None, body=20_000, seconds=0.5, origins=frozenset({PAGE})) as running:
        yield running


@pytest.fixture
def web(place: Place, url: str) -> Iterator[httpx.Client]:
    with place.web(url) as client:
        yield client


def reason(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    return str((error.get("data") or error.get("details"))[0]["reason"])


@pytest.mark.parametrize("path", [CARD, "/rest/tasks"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "[::1]"])
def test_a_name_that_is_not_ours_is_misdirected(web: httpx.Client, path: str, host: str) -> None:
    answer = web.get(path, headers={"host": host})
    assert (answer.status_code, reason(answer)) == (421, "UNKNOWN_HOST")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://app.example.evil", "https://app.example"])
def test_a_page_of_another_site_may_not_call(web: httpx.Client, origin: str) -> None:
    answer = web.get("/rest/tasks", headers={"origin": origin})
    assert (answer.status_code, reason(answer)) == (403, "UNKNOWN_ORIGIN")


def test_a_page_that_is_known_may_call_and_no_page_is_told_that_all_may(web: httpx.Client) -> None:
    answer = web.get("/rest/tasks", headers={"origin": PAGE})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", ""]
)
@pytest.mark.parametrize("path", ["/rpc", "/rest/message:send"])
def test_what_a_page_can_send_unasked_is_not_taken(web: httpx.Client, said: Said, path: str, kind: str) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": said()}}
    answer = web.post(path, content=json.dumps(call), headers={"content-type": kind})
    assert (answer.status_code, reason(answer)) == (415, "NO_JSON")


@pytest.mark.parametrize("path", ["/rpc", "/rest/message:send"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_not_read_to_its_end(web: httpx.Client, path: str, announced: bool) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):
            yield b" " * 1000

    body: Any = b" " * 30_000 if announced else endless()
    try:
        answer = web.post(path, content=body, headers={"content-type": "application/json"})
    except httpx.WriteError:  # the server has answered, and closed, while we were still sending
        return
    assert (answer.status_code, reason(answer)) == (413, "TOO_LARGE")


def raw(url: str, text: str) -> str:
    """Send bytes and give the first line of what comes back, or "" if nothing does."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text.encode())
        return connection.recv(65_536).decode().partition("\r\n")[0]


def test_a_request_that_does_not_come_to_its_end_is_given_up(place: Place, url: str) -> None:
    host = url.removeprefix("http://")
    head = (
        f"POST /rpc HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {place.token()}\r\nA2A-Version: 1.0\r\n"
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"jsonrpc":'
    )
    assert raw(url, head) == "HTTP/1.1 408 Request Timeout"


def test_nobody_gets_a_body_read(place: Place, url: str) -> None:
    host = url.removeprefix("http://")
    head = f"POST /rpc HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    begun = time.monotonic()
    assert raw(url, head) == "HTTP/1.1 401 Unauthorized"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[" * 5000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        "9" * 5000,
        "",
        "\0",
        "NaNN",
        '"\ud800"'.encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
@pytest.mark.parametrize("path", ["/rpc", "/rest/message:send", "/rest/message:stream"])
def test_hostile_json_gets_an_answer_and_the_server_lives(web: httpx.Client, path: str, text: str) -> None:
    answer = web.post(path, content=text.encode(), headers={"content-type": "application/json"})
    assert answer.status_code in (200, 400)
    assert answer.json()["error"]["code"] in (-32700, -32600, 400)
    assert web.get("/rest/tasks").status_code == 200


@pytest.mark.parametrize("depth", [90, 150, 900])
def test_deep_data_is_refused_or_kept_and_never_an_error_of_ours(web: httpx.Client, said: Said, depth: int) -> None:
    data: Any = 1
    for _ in range(depth):
        data = [data]
    answer = web.post("/rest/message:send", json={"message": said() | {"parts": [{"data": data}]}})
    assert answer.status_code in (200, 400), answer.text


def test_the_card_is_for_everybody(url: str) -> None:
    answer = httpx.get(f"{url}{CARD}", trust_env=False)
    assert answer.status_code == 200
    again = httpx.get(f"{url}{CARD}", headers={"if-none-match": answer.headers["etag"]}, trust_env=False)
    assert again.status_code == 304


FORGED = [*forgeries(Issuer("https://issuer.example"), "a2a", uuid4()), "a kid that nobody has", "a word"]


@pytest.fixture(scope="module")
def forged(place: Place) -> dict[str, str]:
    """Give tokens by what is wrong with them."""
    stranger = Place(place.database, place.tenant, place.other)
    more = {"a kid that nobody has": stranger.token(), "a word": "x"}
    return forgeries(place.issuer, "a2a", place.tenant) | more


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_token_is_refused_at_both_doors(url: str, forged: dict[str, str], name: str) -> None:
    headers = {"authorization": f"Bearer {forged[name]}", "a2a-version": "1.0"}
    with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=20, verify=NO_TLS) as web:
        call = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks"}
        for answer in (web.get("/rest/tasks"), web.post("/rpc", json=call)):
            assert (answer.status_code, reason(answer)) == (401, "UNAUTHENTICATED")
            assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_the_same_token_without_a_fault_is_taken(place: Place, url: str) -> None:
    with place.web(url, place.token("ada", "read")) as web:
        assert web.get("/rest/tasks").status_code == 200


def test_a_tenant_that_is_not_known_here_is_told_so(place: Place, url: str, said: Said) -> None:
    with place.web(url, place.token(tenant=uuid4())) as web:
        answer = web.post("/rest/message:send", json={"message": said()})
    assert (answer.status_code, reason(answer)) == (400, "UNSUPPORTED_OPERATION")
