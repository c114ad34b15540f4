"""A token says who calls, of every request and of a whole process; one that does not hold says nothing."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from uuid import UUID, uuid4

import httpx
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from companion.services.mcp.access import READ, WRITE, Bearer, by_process, by_request
from companion.services.mcp.conversation import call, post, request
from companion.services.mcp.service import AUDIENCE
from companion.services.tenancy.keys import NAME
from companion.services.tenancy.tokens import Issuer, Verifier
from tests.services.mcp.conftest import Office, Place
from tests.services.tenancy.test_tokens import FORGERIES, ISSUER, SERVICE

SEARCH = request("tools/call", name="search_documents", arguments={"query": "anything"})


def bearer(place: Place) -> Bearer:
    return Bearer(place.verifier())


def test_a_token_that_holds_says_for_whom_what_and_how_long(office: Office) -> None:
    token = office.token(READ, WRITE, user="ada", seconds=60)
    allowed = asyncio.run(bearer(office.place).verify_token(token))
    assert allowed is not None and allowed.claims is not None
    assert allowed.scopes == [READ, WRITE] and allowed.claims["verified"] == office.place.verifier().verify(token)
    assert (allowed.client_id, allowed.subject, allowed.resource) == (str(office.tenant), "ada", AUDIENCE)
    assert type(allowed.expires_at) is int and 0 < allowed.expires_at - time.time() <= 60


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_token_says_nothing(name: str) -> None:
    assert asyncio.run(Bearer(Verifier(ISSUER.jwks(), NAME, SERVICE)).verify_token(FORGERIES[name][0]())) is None


def test_without_a_request_there_is_nobody() -> None:
    with pytest.raises(ToolError, match="this needs a token"):
        by_request()


# Over HTTP


def refused(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "Bearer",
        "Basic YWRhOmFkYQ==",
        "Token x",
        "bearer\tx",
        "Bearer \xff\xfe",
        "Bearer x, Bearer y",
    ],
)
def test_who_brings_no_token_is_told_where_to_get_one(url: str, said: str | None) -> None:
    with httpx.Client(trust_env=False, timeout=30) as web:
        headers = [] if said is None else [(b"authorization", said.encode("latin-1"))]
        answer = web.post(url, json=SEARCH, headers=headers)
        assert refused(answer)
        challenge = answer.headers["www-authenticate"]
        (where,) = re.findall(r'^Bearer .*resource_metadata="([^"]+)"', challenge)
        page = web.get(where)
        assert page.status_code == 200 and page.json()["authorization_servers"] == [NAME]
        assert page.json()["resource"] == url


def test_a_scheme_may_be_written_in_any_case(office: Office) -> None:
    with httpx.Client(trust_env=False, timeout=30, headers={"authorization": f"bEaReR {office.token()}"}) as web:
        assert post(web, office.url, SEARCH).status == 200


def test_a_refusal_tells_nothing_of_the_token(office: Office) -> None:
    token = Issuer(NAME).token(office.tenant, "ada", [READ], AUDIENCE)  # by a key of somebody else's
    answer = office.web(token=token).post(office.url, json=SEARCH)
    assert refused(answer) and not [part for part in token.split(".") if part in answer.text + str(answer.headers)]


def test_a_refusal_comes_before_the_body_is_read(url: str) -> None:
    host, port = url.removeprefix("http://").removesuffix("/mcp").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as half:
        half.sendall(f"POST /mcp HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 100000\r\n\r\n".encode())
        assert half.recv(1000).startswith(b"HTTP/1.1 401")


def test_a_token_is_asked_at_every_request(office: Office) -> None:
    web = office.web(token=office.token(READ, seconds=2))
    assert post(web, office.url, SEARCH).status == 200
    until = time.monotonic() + 30
    while post(web, office.url, SEARCH).status == 200:  # on one connection, which is not asked
        assert time.monotonic() < until
        time.sleep(0.05)
    assert refused(web.post(office.url, json=SEARCH))


def test_a_new_token_on_an_old_connection_is_another_caller(office: Office, neighbour: Office) -> None:
    office.add(("Ours", "a page"))
    neighbour.add(("Theirs", "a page"))
    with httpx.Client(trust_env=False, timeout=30) as web:
        found = []
        for who in (office, neighbour, office):
            web.headers["authorization"] = f"Bearer {who.token(READ)}"
            (hit,) = call(web, office.url, "search_documents", {"query": "page"}).result["structuredContent"]["hits"]
            found.append(hit["title"])
    assert found == ["Ours", "Theirs", "Ours"]


def test_a_token_for_another_service_is_none(office: Office) -> None:
    assert refused(office.web(token=office.token(audience="a2a")).post(office.url, json=SEARCH))


@pytest.mark.parametrize(
    ("tool", "arguments", "scope"),
    [
        ("search_documents", {"query": "x"}, READ),
        ("hybrid_search", {"query": "x"}, READ),
        ("get_document", {"id": str(uuid4())}, READ),
        ("list_documents", {}, READ),
        ("fill_embeddings", {}, WRITE),
        ("delete_document", {"title": "x"}, WRITE),
    ],
)
@pytest.mark.parametrize("held", [(), ("admin",), ("READ",), ("read:all", "writes"), ("*",)], ids=str)
def test_a_scope_that_nobody_knows_allows_nothing(
    office: Office, held: tuple[str, ...], tool: str, arguments: dict[str, str], scope: str
) -> None:
    token = office.place.issuer.token(office.tenant, "ada", held, AUDIENCE)
    answer = call(office.web(token=token), office.url, tool, arguments)
    assert answer.result["isError"] and answer.words.endswith(f"this needs a token with the scope {scope}")


def test_one_scope_does_not_hold_another(office: Office) -> None:
    assert "scope read" in office.call("list_documents", WRITE).words
    assert "scope write" in office.call("fill_embeddings", READ).words


# A tool that takes a while, and a server on stdio


def test_a_token_that_expires_while_its_tool_runs_begins_nothing_more(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.add(*((f"Page {number}", "some words") for number in range(20)))
    embedded: list[str] = []

    def slow(texts: list[str]) -> object:
        embedded.extend(texts)
        if len(embedded) >= 16:  # two steps of eight; the clock goes on
            real = time.time
            monkeypatch.setattr("companion.services.mcp.access.time.time", lambda: real() + 1000)
        return [[1.0] * 384 for _ in texts]

    with office.place.serve(slow) as url:  # type: ignore[arg-type]
        answer = call(office.web(), url, "fill_embeddings", {})
    assert answer.result["isError"] and answer.words.endswith("the token does not hold: it has expired")
    assert office.rows("select count(embedding) from documents where tenant_id = {tenant}") == [(16,)]


def test_the_token_of_a_process_is_asked_at_every_call() -> None:
    now = [1_800_000_000.0]
    issuer = Issuer(NAME, clock=lambda: now[0])
    tenant = UUID(int=1)
    verifier = Verifier(issuer.jwks(), NAME, AUDIENCE)
    caller = by_process(issuer.token(tenant, "ada", [READ], AUDIENCE), verifier)
    with pytest.raises(ToolError, match="was started with does not hold: it is not valid yet"):
        caller()  # it is of the year 2027
    now[0] = time.time()
    caller = by_process(issuer.token(tenant, "ada", [READ], AUDIENCE), verifier)
    assert (caller().tenant, caller().user, caller().scopes) == (tenant, "ada", frozenset({READ}))
    verifier.learn(Issuer(NAME).jwks())  # the key was withdrawn
    with pytest.raises(ToolError, match="does not hold: it is signed by a key that the issuer does not publish"):
        caller()
