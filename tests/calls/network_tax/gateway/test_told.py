"""The told gateway and those who mean it no good: one line for each refusal, and nothing passed on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from grpc import StatusCode

from companion.calls.network_tax.gateway.losses import Bench, bench
from companion.calls.network_tax.gateway.service import HELD, REFUSED, Refusal, stubs
from companion.calls.network_tax.gateway.statuses import HTTP
from companion.calls.network_tax.gateway.told import told
from companion.calls.wire.customers import Address
from companion.calls.wire.tcp import bind
from companion.calls.wire.web import running

PATIENCE = 20.0
HOSTILE = [
    b"",
    b"{",
    b"null",
    b"[1]",
    b"\xff",
    b"[" * 100_000,
    b'{"balance": NaN}',
    b'{"balance": 1e400}',
    b'{"balance": 1e999999999}',
    b'{"balance": 9223372036854775808}',
    b'{"balance": 9007199254740993.5}',
    b'{"balance": ' + b"9" * 5_000 + b"}",
    b'{"balance": "' + b"9" * 5_000 + b'"}',
    b'{"balance": true}',
    b'{"owner": "\\ud800"}',
    b'{"owner": {"x": 1}}',
    b'{"owner": "a", "owner": "b"}',
    b'{"blance\\r\\nX-Evil: 1": 1}',
    b'{"id": 2}',
]


@pytest.fixture(scope="module")
def gateway() -> Iterator[Bench]:
    with bench(told) as ready:
        yield ready


@pytest.mark.parametrize("body", HOSTILE, ids=lambda body: repr(body[:30]))
def test_a_body_that_is_no_account_gets_400_and_one_line(gateway: Bench, body: bytes) -> None:
    calls = len(gateway.backend.seen)
    answer = gateway.put(body)
    assert answer.status_code == 400
    detail = answer.json()["detail"]
    assert detail == " ".join(detail.split()) and len(detail) < 400
    assert "x-evil" not in answer.headers
    assert len(gateway.backend.seen) == calls, "the service was asked"


def test_a_body_beyond_the_bound_gets_413(gateway: Bench) -> None:
    assert gateway.put(b" " * (1 << 20) + b"{}").status_code == 413


def test_a_body_that_is_not_announced_as_json_gets_415(gateway: Bench) -> None:
    assert gateway.client.put("/accounts/1", content=b"{}").status_code == 415


def test_an_id_of_more_than_64_bits_gets_400(gateway: Bench) -> None:
    assert gateway.get(f"/accounts/{2**63}").status_code == 400


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        ([(b"X-Request-ID", b"caf\xe9")], "ASCII"),
        ([(b"Authorization", b"a"), (b"Authorization", b"b")], "twice"),
        ([(b"Accept-Language", b"x" * 9_000)], "bytes"),
        ([(b"Grpc-Timeout", b"5 seconds")], "grpc-timeout"),
    ],
    ids=["non-ASCII", "twice", "long", "timeout"],
)
def test_a_header_that_cannot_go_on_gets_400_and_its_value_is_not_repeated(
    gateway: Bench, headers: list[tuple[bytes, bytes]], word: str
) -> None:
    answer = gateway.client.get("/accounts/1", headers=headers)
    assert answer.status_code == 400
    assert word in answer.json()["detail"]
    assert "xxxx" not in answer.text


def test_nobody_slips_a_name_into_the_metadata(gateway: Bench) -> None:
    evil = {"grpc-encoding": "gzip", "grpc-status": "0", "problem-bin": "AAAA", "te": "x", "x-admin": "1"}
    assert gateway.get(**evil).status_code == 200
    assert gateway.backend.seen[-1].metadata.keys() == {"user-agent"}


def test_a_deadline_that_passes_is_504_and_ends_the_call(gateway: Bench) -> None:
    answer = gateway.get(f"/accounts/{HELD}", **{"Grpc-Timeout": "50m"})
    assert (answer.status_code, answer.json()["detail"]) == (504, "the deadline came before the answer")


@pytest.mark.parametrize("code", sorted(set(StatusCode) - {StatusCode.OK}, key=str), ids=lambda code: code.name)
def test_every_code_comes_out_as_its_status_with_its_name(gateway: Bench, code: StatusCode) -> None:
    gateway.backend.refusal = Refusal(code)
    answer = gateway.get(f"/accounts/{REFUSED}")
    assert (answer.status_code, answer.json()["code"]) == (HTTP[code], code.name)


def test_a_service_that_is_not_there_is_503_and_its_address_stays_inside() -> None:
    with bind("127.0.0.1", 0) as nobody:
        port = nobody.getsockname()[1]
    with stubs(Address("127.0.0.1", port)) as methods, running(told(methods), "127.0.0.1", 0) as address:
        answer = httpx.get(f"http://{address}/accounts/1", trust_env=False, timeout=PATIENCE)
    assert answer.status_code == 503
    assert str(port) not in answer.text


def test_metadata_that_is_no_business_of_the_callers_stays_inside(gateway: Bench) -> None:
    assert "x-internal" not in gateway.get().headers


def test_what_a_service_says_of_its_own_faults_stays_inside(gateway: Bench) -> None:
    gateway.backend.refusal = Refusal(StatusCode.INTERNAL, "Traceback: password=hunter2")
    answer = gateway.get(f"/accounts/{REFUSED}")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def test_details_that_nobody_can_read_do_not_lose_the_answer(gateway: Bench) -> None:
    trailing = (("problem-bin", b"\xff\xff"), ("retry-after", "x\x7f"), ("etag", "caf\xe9"))
    gateway.backend.refusal = Refusal(StatusCode.ABORTED, "line one\r\nline two", trailing[:1])
    answer = gateway.get(f"/accounts/{REFUSED}")
    assert answer.status_code == 409
    assert answer.json() == {"status": 409, "code": "ABORTED", "detail": "line one line two"}


def test_a_precondition_of_the_services_own_is_400_and_the_callers_412(gateway: Bench) -> None:
    gateway.backend.refusal = Refusal(StatusCode.FAILED_PRECONDITION)
    assert gateway.get(f"/accounts/{REFUSED}").status_code == 400
    assert gateway.get(f"/accounts/{REFUSED}", **{"If-None-Match": '"v1"'}).status_code == 412


def test_error_details_come_as_a_field_and_a_reason(gateway: Bench) -> None:
    answer = gateway.put(b'{"balance": -1}')
    assert answer.json()["problem"]["field"] == "balance"
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_note_that_is_absent_stays_absent_and_an_empty_one_is_empty(gateway: Bench) -> None:
    assert "note" not in gateway.put(b'{"owner": "Ada"}').json()
    assert gateway.put(b'{"note": ""}').json()["note"] == ""


def test_a_caller_who_leaves_before_its_body_is_complete_asks_the_service_nothing(gateway: Bench) -> None:
    calls = len(gateway.backend.seen)
    with socket.create_connection(gateway.address, PATIENCE) as caller:
        caller.sendall(b"PUT /accounts/1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        caller.sendall(b"Content-Length: 20\r\n\r\n{")
    gateway.get()
    assert len(gateway.backend.seen) == calls + 1


def test_a_gateway_that_ends_while_calls_are_held_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    with bench(told) as ready, ready.held(f"/accounts/{HELD}/entries"), ready.held(f"/accounts/{HELD}"):
        pass
    left = [thread for thread in set(threading.enumerate()) - before if "AnyIO" not in thread.name]
    for thread in left:
        thread.join(PATIENCE)
    assert [thread.name for thread in left if thread.is_alive()] == []
