"""What a gateway can lose, as a list of questions to a running one; the list is the test suite, and the page's table.

No question waits for something that does not come. Whether a call was cancelled, or an entry has arrived, is asked
after each of a number of further requests through the same gateway, which all take the way that the news would take.
"""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from grpc import StatusCode
from starlette.types import ASGIApp

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.network_tax.gateway.headers import USUAL
from companion.calls.network_tax.gateway.service import HELD, REFUSED, Backend, Gate, Refusal, Stubs, serving, stubs
from companion.calls.wire.customers import Address
from companion.calls.wire.web import running

PATIENCE = 60.0
FURTHER = 20
"""Requests after which news that has not come does not come."""
BREATH = 0.02
EXACT = 9007199254740993
"""2**53 + 1, the first whole number that a float cannot hold."""

HEADERS = {
    "Authorization": "Bearer abc",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "Idempotency-Key": "8e03978e",
    "Accept-Language": "cy, en;q=0.7",
    "X-Request-ID": "r-17",
    "If-None-Match": '"v1"',
}
STATUSES = {
    StatusCode.UNAUTHENTICATED: 401,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.FAILED_PRECONDITION: 412,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.UNAVAILABLE: 503,
}


@dataclass(frozen=True)
class Bench:
    """A gateway, the service behind it, and a client before it."""

    backend: Backend
    address: Address
    client: httpx.Client

    def get(self, path: str = "/accounts/1", **headers: str) -> httpx.Response:
        """Send a GET."""
        return self.client.get(path, headers=headers)

    def put(self, body: bytes, id: int = 1, headers: dict[str, str] | None = None) -> httpx.Response:
        """Send a PUT of JSON."""
        return self.client.put(
            f"/accounts/{id}", content=body, headers={"content-type": "application/json", **(headers or {})}
        )

    def soon(self, happened: Callable[[float], bool]) -> bool:
        """Say whether something happens while further requests go the same way."""
        for _ in range(FURTHER):
            if happened(BREATH):
                return True
            self.get()
        return happened(0)

    @contextmanager
    def held(self, path: str) -> Iterator[tuple[Gate, socket.socket]]:
        """Send a request that the service holds, over a connection of its own, and let it go at the end."""
        gate = self.backend.gate = Gate()
        with socket.create_connection(self.address, PATIENCE) as caller:
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: gateway\r\n\r\n".encode())
            try:
                assert gate.entered.wait(PATIENCE), "the request did not reach the service"
                yield gate, caller
            finally:
                gate.release()


@contextmanager
def bench(app: Callable[[Stubs], ASGIApp]) -> Iterator[Bench]:
    """Run a gateway with its service until the block ends."""
    one_each = httpx.Limits(max_keepalive_connections=0)  # uvicorn hangs up after a fault, and the naive one has faults
    with (
        serving() as backend,
        stubs(backend.address) as methods,
        running(app(methods), "127.0.0.1", 0) as address,
        httpx.Client(base_url=f"http://{address}", timeout=PATIENCE, limits=one_each, trust_env=False) as client,
    ):
        yield Bench(backend, address, client)


@dataclass(frozen=True)
class Loss:
    """Something that can be lost, on the way up to the service or down to the caller."""

    name: str
    group: str
    arrives: Callable[[Bench], bool]


def _header(name: str) -> Callable[[Bench], bool]:
    def arrives(bench: Bench) -> bool:
        bench.get(**{name: HEADERS[name]})
        return bench.backend.seen[-1].metadata.get(name.lower()) == HEADERS[name]

    return arrives


def _deadline(bench: Bench) -> bool:
    bench.get()
    usual = bench.backend.seen[-1].seconds
    bench.get(**{"Grpc-Timeout": "50S"})
    asked = bench.backend.seen[-1].seconds
    return usual is not None and asked is not None and 0 < usual <= USUAL + 1 < asked <= 51


def _leaves(path: str) -> Callable[[Bench], bool]:
    def arrives(bench: Bench) -> bool:
        with bench.held(path) as (gate, caller):
            caller.close()
            return bench.soon(gate.ended.wait)

    return arrives


def _exact(bench: Bench) -> bool:
    bench.put(f'{{"balance": {EXACT}.0}}'.encode())
    request = bench.backend.seen[-1].message
    return isinstance(request, pb.Account) and request.balance == EXACT


def _refused(body: bytes) -> Callable[[Bench], bool]:
    return lambda bench: bench.put(body).status_code == 400


def _status(code: StatusCode) -> Callable[[Bench], bool]:
    def arrives(bench: Bench) -> bool:
        bench.backend.refusal = Refusal(code)
        return bench.put(b"{}", REFUSED, {"If-None-Match": "*"}).status_code == STATUSES[code]

    return arrives


def _details(bench: Bench) -> bool:
    return "overdrawn" in bench.put(b'{"balance": -1}').text


def _retry_after(bench: Bench) -> bool:
    bench.backend.refusal = Refusal(StatusCode.RESOURCE_EXHAUSTED, trailing=(("retry-after", "3"),))
    return bool(bench.get(f"/accounts/{REFUSED}").headers.get("retry-after") == "3")


def _metadata(name: str, value: str) -> Callable[[Bench], bool]:
    return lambda bench: bool(bench.get().headers.get(name) == value)


def _zero(name: str, value: object) -> Callable[[Bench], bool]:
    def arrives(bench: Bench) -> bool:
        bench.backend.accounts[2] = pb.Account(id=2, owner="Ada")
        found = bench.get("/accounts/2").json()
        return name in found and bool(found[name] == value)

    return arrives


def _flows(bench: Bench) -> bool:
    with bench.held(f"/accounts/{HELD}/entries") as (_, caller):
        got = bytearray()

        def arrived(seconds: float) -> bool:
            if select.select([caller], [], [], seconds)[0]:
                got.extend(caller.recv(4096))
            return b'"number": "1"' in got

        return bench.soon(arrived)


def _end(bench: Bench, id: int) -> tuple[list[Any], int]:
    answer = bench.get(f"/accounts/{id}/entries")
    lines = answer.text.splitlines() if answer.is_success else []
    return [json.loads(line) for line in lines], len(lines)


def _before_failure(bench: Bench) -> bool:
    bench.backend.refusal = Refusal(StatusCode.UNAVAILABLE)
    lines, count = _end(bench, REFUSED)
    return count == 2 and lines[0]["result"]["number"] == "1" and lines[1]["error"]["code"] == "UNAVAILABLE"


def _trailers(bench: Bench) -> bool:
    lines, count = _end(bench, 1)
    return count == 4 and lines[-1] == {"trailers": {"x-cost": "3"}}


def _not_begun(bench: Bench) -> bool:
    return bench.get("/accounts/99/entries").status_code == 404


LOSSES = (
    *(Loss(name, "request headers", _header(name)) for name in HEADERS),
    Loss("deadline", "deadline", _deadline),
    Loss("caller left, one answer", "cancellation", _leaves(f"/accounts/{HELD}")),
    Loss("caller left, a stream", "cancellation", _leaves(f"/accounts/{HELD}/entries")),
    Loss("2^53 + 1, as 9007199254740993.0", "JSON up", _exact),
    Loss("unknown field: 400", "JSON up", _refused(b'{"blance": 1}')),
    Loss("unknown enum: 400", "JSON up", _refused(b'{"kind": "GOLD"}')),
    *(Loss(f"{code.name}: {status}", "statuses", _status(code)) for code, status in STATUSES.items()),
    Loss("error details", "metadata", _details),
    Loss("an error's trailing metadata", "metadata", _retry_after),
    Loss("initial metadata", "metadata", _metadata("etag", '"v1"')),
    Loss("trailing metadata", "metadata", _metadata("x-cost", "3")),
    Loss("balance 0", "zeros in JSON", _zero("balance", "0")),
    Loss("frozen false", "zeros in JSON", _zero("frozen", False)),
    Loss("enum 0", "zeros in JSON", _zero("kind", "CURRENT")),
    Loss("a stream's first entry, at once", "streams", _flows),
    Loss("a stream's failure, and what came before", "streams", _before_failure),
    Loss("a stream's trailing metadata", "streams", _trailers),
    Loss("a stream's status before its start", "streams", _not_begun),
)


def kept(app: Callable[[Stubs], ASGIApp]) -> dict[str, bool]:
    """Say of each thing on the list whether a gateway passes it on."""
    with bench(app) as running_bench:
        return {loss.name: loss.arrives(running_bench) for loss in LOSSES}
