"""`companion serve mcp`, as a reader starts it: a process, what its callers may do, and what strangers send it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from companion.import_graph import PACKAGE
from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.conversation import Answer, call, headers, post, request
from companion.services.mcp.service import AUDIENCE
from companion.services.tenancy.forgeries import forgeries
from companion.services.tenancy.keys import keep, open_issuer
from tests.services.mcp.conftest import Office, Place, answered, failed, hits, structure

NAME = "docs.example:8443"
SECRET = "what two processes of these tests share"
COMMAND = [sys.executable, "-W", "error", "-m", "companion", "serve", "mcp"]
SEARCH = request("tools/call", name="search_documents", arguments={"query": "days"})


@dataclass(frozen=True)
class Running:
    """A server that says that it is ready, and the folder of the keys that it goes by."""

    process: subprocess.Popen[str]
    url: str
    keys: Path

    @property
    def place(self) -> tuple[str, int]:
        where = httpx.URL(self.url)
        return where.host, where.port or 0

    def web(self, token: str) -> httpx.Client:
        return httpx.Client(trust_env=False, timeout=60, headers={"authorization": f"Bearer {token}"})

    def token(self, tenant: UUID) -> str:
        return open_issuer(self.keys).token(tenant, "ada", [READ, WRITE], AUDIENCE)

    def call(self, tenant: UUID, tool: str, arguments: dict[str, Any], **more: Any) -> Answer:
        with self.web(self.token(tenant)) as web:
            return call(web, self.url, tool, arguments, **more)

    def status(self, token: str, message: Any = SEARCH, **said: str) -> int:
        with self.web(token) as web:
            return post(web, self.url, message, headers(SEARCH) | said).status


@contextlib.contextmanager
def started(keys: Path, *options: str) -> Iterator[Running]:
    environment = os.environ | {"COMPANION_ISSUER_DIRECTORY": str(keys), "COMPANION_SECRET": SECRET}
    line = [*COMMAND, "--port", "0", *options]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=PACKAGE.parents[1]
    ) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+/mcp)\n", said)
            assert ready is not None, said + process.stderr.read()
            yield Running(process, ready[1], keys)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("issuer") / "keys"


@pytest.fixture(scope="module")
def served(place: Place, keys: Path) -> Iterator[Running]:
    with started(keys, "--database", place.database.admin, "--name", NAME) as running:
        yield running


def half(served: Running, *lines: str) -> bytes:
    """Give a head of a call, and of its body one byte."""
    token = served.token(UUID(int=7))
    said = headers(SEARCH) | {"authorization": f"Bearer {token}", "host": "{}:{}".format(*served.place)}
    head = ["POST /mcp HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), *lines]
    return ("\r\n".join(head) + "\r\n\r\n{").encode()


@pytest.fixture(scope="module", autouse=True)
def slow(served: Running) -> Iterator[dict[str, socket.socket]]:
    """Begin four requests that never end, before all other tests; the last one looks what has become of them."""
    begun = {
        "nothing": b"",
        "half a head": b"POST /mcp HTTP/1.1\r\nHost:",
        "half a body": half(served, "content-length: 100"),
        "half a chunk": half(served, "transfer-encoding: chunked")[:-1] + b"64\r\n{",
    }
    with contextlib.ExitStack() as opened:
        sockets = {what: opened.enter_context(socket.create_connection(served.place, timeout=60)) for what in begun}
        for what, sent in begun.items():
            sockets[what].sendall(sent)
        yield sockets


def lives(served: Running) -> bool:
    return hits(served.call(UUID(int=7), "search_documents", {"query": "days"})) == []


# Who may call, and what


def test_a_token_of_the_issuers_finds_its_tenants_documents_and_no_others(
    served: Running, office: Office, neighbour: Office
) -> None:
    (ours,) = office.add(("Ours", "Within thirty days."))
    neighbour.add(("Theirs", "Within thirty days."))
    assert hits(served.call(office.tenant, "search_documents", {"query": "days"})) == ["Ours"]
    assert structure(served.call(office.tenant, "fill_embeddings", {})) == {"result": 1}  # by the real model
    assert hits(served.call(office.tenant, "hybrid_search", {"query": "a month"})) == ["Ours"]
    told = served.call(neighbour.tenant, "get_document", {"id": str(ours)})
    assert failed(told) == f"there is no document {ours}"


def test_every_forgery_is_a_401_that_says_where_tokens_come_from(served: Running, office: Office) -> None:
    forged = forgeries(open_issuer(served.keys), AUDIENCE, office.tenant)
    assert forged.keys() >= {
        "alg none", "HS256 by the public key", "for another service", "expired", "not valid yet",
        "issued in the future", "another key", "another key, at an address", "of another issuer",
    }  # fmt: skip
    told: dict[str, str] = {}
    for what, token in forged.items():
        with served.web(token) as web:
            answer = web.post(served.url, json=SEARCH, headers=headers(SEARCH))
        told[what] = f"{answer.status_code} {answer.headers.get('www-authenticate', '')}"
        assert not [part for part in token.split(".") if part and part in answer.text + told[what]], what
    page = f"http://{NAME}/.well-known/oauth-protected-resource/mcp"
    right = re.compile(rf'401 Bearer error="invalid_token", .*resource_metadata="{re.escape(page)}"')
    assert {what: said for what, said in told.items() if not right.fullmatch(said)} == {}
    assert served.status(served.token(office.tenant)) == 200


def test_it_answers_to_the_name_that_it_was_given_and_to_no_strangers(served: Running, office: Office) -> None:
    token = served.token(office.tenant)
    assert served.status(token, host=NAME) == served.status(token, host=NAME, origin=f"https://{NAME}") == 200
    assert served.status(token, host="docs.example") == served.status(token, host="rebound.example:8443") == 421
    assert served.status(token, origin="https://page.example") == 403
    with httpx.Client(trust_env=False, timeout=60) as web:
        page = web.get(served.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp"), headers={"host": NAME})
    assert page.json()["resource"] == f"http://{NAME}/mcp"


def test_an_old_key_holds_until_it_is_withdrawn_and_the_new_one_from_then_on(served: Running, office: Office) -> None:
    issuer = open_issuer(served.keys)
    old, by_old = issuer.signing.kid, served.token(office.tenant)
    issuer.rotate()
    keep(issuer, served.keys)
    by_new = served.token(office.tenant)

    def until(token: str, status: int, *, meanwhile: str) -> None:
        """Wait for a status of one token; another is accepted all the time."""
        end = time.monotonic() + 60
        while served.status(token) != status:
            assert served.status(meanwhile) == 200 and time.monotonic() < end
            time.sleep(0.1)

    until(by_new, 200, meanwhile=by_old)
    assert served.status(by_old) == 200
    issuer.withdraw(old)
    keep(issuer, served.keys)
    until(by_old, 401, meanwhile=by_new)
    assert served.status(by_new) == 200


# What strangers send


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"", {400}),
        (b"{", {400}),
        (b"\xff" * 1000, {400}),
        (b" " * 10_000_000, {413}),
        (json.dumps(SEARCH | {"padding": "x" * 10_000_000}).encode(), {413}),
        (b"[" * 100_000 + b"]" * 100_000, {400}),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {400}),
        (b"[]", {400}),
        (b"null", {400}),
        (b'"tools/call"', {400}),
        (b"9" * 100_000, {400}),
        (json.dumps([SEARCH] * 1000).encode(), {400}),
        (json.dumps(SEARCH | {"params": []}).encode(), {400}),
        (json.dumps(SEARCH | {"params": {}}).encode(), {400}),
        (json.dumps(SEARCH | {"method": ["tools/call"]}).encode(), {400}),
        (json.dumps(SEARCH | {"id": {"a": 1}}).encode(), {400}),
        (json.dumps(SEARCH | {"jsonrpc": 2}).encode(), {400}),
    ],
    ids=lambda value: f"{value[:20]!r}, {len(value)} bytes" if isinstance(value, bytes) else "",
)
def test_what_is_no_call_is_refused_in_few_words(
    served: Running, office: Office, body: bytes, statuses: set[int]
) -> None:
    with served.web(served.token(office.tenant)) as web:
        answer = web.post(served.url, content=body, headers=headers(SEARCH))
    assert answer.status_code in statuses and len(answer.content) < 5000
    assert "Traceback" not in answer.text and "/companion/" not in answer.text
    assert lives(served)


@pytest.mark.parametrize(
    "arguments",
    [
        {"query": {"$ne": ""}},
        {"query": ["days"] * 10_000},
        {"query": "x" * 900_000},
        {"query": 10**400},
        {"query": "days", "limit": "∞"},
        {"query": "days", "tenant": str(UUID(int=7))},
        {"query": "days", "x" * 100_000: 1},
        {f"argument {number}": number for number in range(10_000)},
        json.loads('{"query": ' + '{"a":' * 100 + "1" + "}" * 100 + "}"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_arguments_of_wrong_types_are_a_failed_tool(served: Running, office: Office, arguments: dict[str, Any]) -> None:
    answer = served.call(office.tenant, "search_documents", arguments)
    assert failed(answer) and len(answer.body) < 3 * len(json.dumps(arguments)) + 5000
    assert not re.search(r"psycopg|Traceback|/companion/", answer.words)
    assert lives(served)


def test_nobody_holds_a_stream_open(served: Running, office: Office) -> None:
    with served.web(served.token(office.tenant)) as web:
        assert web.get(served.url, headers={"accept": "text/event-stream"}).status_code == 405
        listen = request("subscriptions/listen", notifications={"toolsListChanged": True})
        assert post(web, served.url, listen).status == 404


@pytest.mark.parametrize("sent", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 500, b"GET\r\n\r\n"])
def test_what_is_no_http_is_hung_up_on(served: Running, sent: bytes) -> None:
    with socket.create_connection(served.place, timeout=60) as stranger:
        stranger.sendall(sent)
        said = b"".join(iter(lambda: stranger.recv(1000), b""))
    assert said[:12] in (b"", b"HTTP/1.1 400")
    assert lives(served)


def test_a_call_that_comes_byte_by_byte_is_answered_like_any_other(served: Running) -> None:
    body = json.dumps(SEARCH).encode()
    head = half(served, f"content-length: {len(body)}", "connection: close")[:-1]
    with socket.create_connection(served.place, timeout=60) as patient:
        patient.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in head + body:
            patient.sendall(bytes([byte]))
        said = b"".join(iter(lambda: patient.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 200") and b'"hits":[]' in said


def test_a_crowd_that_leaves_in_the_middle_is_forgotten(served: Running, office: Office) -> None:
    for _ in range(50):
        with socket.create_connection(served.place, timeout=60) as leaving:
            leaving.sendall(half(served, "content-length: 100"))
    whole = half(served, f"content-length: {len(json.dumps(SEARCH))}")[:-1] + json.dumps(SEARCH).encode()
    for _ in range(50):  # and with the call under way
        with socket.create_connection(served.place, timeout=60) as leaving:
            leaving.sendall(whole)
    assert lives(served)


def test_a_log_that_nobody_reads_holds_nobody_up(served: Running, office: Office) -> None:
    with served.web(served.token(office.tenant)) as web:
        for _ in range(100):  # each of which is a traceback in the log
            answer = post(web, served.url, request("prompts/get", name="x" * 1000, arguments={}))
            assert answer.error is not None
    assert lives(served)


# Its end


def test_two_processes_of_one_secret_answer_for_each_other_and_one_told_to_go_waits_for_nobody(
    served: Running, place: Place, office: Office
) -> None:
    office.add(("Draft", "x"))
    draft = {"title": "Draft"}
    with started(served.keys, "--database", place.database.admin) as other:
        asked = served.call(office.tenant, "delete_document", draft).result
        told = other.call(office.tenant, "delete_document", draft, **answered(asked))
        assert told.words == "'Draft' was deleted" and office.titles() == []
        with socket.create_connection(other.place, timeout=60) as holding:
            holding.sendall(half(other, "content-length: 100"))
            time.sleep(0.1)  # so that it is under way
            began = time.monotonic()
            other.process.send_signal(signal.SIGTERM)
            assert other.process.wait(60) == 0
            assert time.monotonic() - began < 30  # where uvicorn would wait for ever
        assert other.process.communicate() == ("", "")


@pytest.mark.parametrize(
    ("options", "variables", "why"),
    [
        ((), {"COMPANION_SECRET": "short"}, "COMPANION_SECRET has 5 bytes: give 32 or more"),
        (("--name", "https://docs.example"), {}, "--name 'https://docs.example': give a name as a Host header has it"),
        (("--database", "postgresql://a:hunter2@127.0.0.1:1/x"), {}, "connection failed"),
        (("--host", "192.0.2.1"), {}, "cannot listen at 192.0.2.1"),
    ],
    ids=["secret", "name", "no server", "host"],
)
def test_what_cannot_be_is_one_clear_line_and_exit_2(
    keys: Path, options: tuple[str, ...], variables: dict[str, str], why: str
) -> None:
    environment = os.environ | {"COMPANION_ISSUER_DIRECTORY": str(keys)} | variables
    ran = subprocess.run(
        [*COMMAND, "--port", "0", *options], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert ran.stderr.startswith("companion serve mcp: ") and why in ran.stderr and "hunter2" not in ran.stderr


def test_the_book_is_served_without_a_token(keys: Path) -> None:
    with started(keys, "--book") as book, httpx.Client(trust_env=False, timeout=120) as web:
        number = structure(call(web, book.url, "claim", {"name": "wasted"}))
        assert number["value"] and "answers a second" in number["sentence"]
        run = structure(call(web, book.url, "run_simulator", {"name": "metastable", "parameters": {"load": 40}}))
        assert run["command"] == "companion simulate metastable --parameter=load=40"
        assert run["summary"]["goodput_per_s"] == 0
        assert post(web, book.url, SEARCH, headers(SEARCH) | {"host": "rebound.example"}).status == 421
        book.process.send_signal(signal.SIGINT)
        assert book.process.wait(60) == 0
        assert book.process.communicate() == ("", "")


def test_who_is_slow_on_purpose_has_been_sent_away(served: Running, slow: dict[str, socket.socket]) -> None:
    said = {what: b"".join(iter(lambda one=one: one.recv(1000), b"")) for what, one in slow.items()}  # type: ignore[misc]
    assert {what: answer.split(b"\r\n")[0] for what, answer in said.items()} == {
        "nothing": b"",
        "half a head": b"",
        "half a body": b"HTTP/1.1 408 Request Timeout",
        "half a chunk": b"HTTP/1.1 408 Request Timeout",
    }
    assert lives(served)
