"""The service behind the gateway, which remembers all that a call brought: metadata, deadline, message.

It can be told how a call for some account ends, and it can be held in the middle of one, so that a test decides when it
goes on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.message import Message

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.wire.customers import Address

SERVICE = "companion.gateway.v1.Accounts"
HELD = 7
"""The account whose calls wait until they are let go."""
REFUSED = 8
"""The account whose calls end as `Backend.refusal` says."""
PATIENCE = 60.0
"""Seconds until a held call goes on by itself; no test waits for it."""
QUIET: list[tuple[str, int]] = [("grpc.so_reuseport", 0), ("grpc.http2.bdp_probe", 0), ("grpc.enable_http_proxy", 0)]
MOST_BYTES = 1 << 20
A_YEAR = 365 * 86_400.0

Metadata = tuple[tuple[str, str | bytes], ...]


@dataclass(frozen=True)
class Refusal:
    """How a call ends that does not end well."""

    code: grpc.StatusCode
    details: str = "not today"
    trailing: Metadata = ()


@dataclass(frozen=True)
class Seen:
    """What a call brought: its metadata, the seconds it was given (None: as long as it likes), its message."""

    metadata: dict[str, str]
    seconds: float | None
    message: Any


@dataclass
class Gate:
    """Where a held call waits; `ended` is set when the call is over before it was let go."""

    entered: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    _go: threading.Event = field(default_factory=threading.Event)

    def wait(self, context: grpc.ServicerContext) -> None:
        """Wait in a call until it is let go, or is over."""

        def over() -> None:
            if not self._go.is_set():
                self.ended.set()
            self._go.set()

        if context.add_callback(over):
            self.entered.set()
            self._go.wait(PATIENCE)
        else:
            self.ended.set()
            self.entered.set()

    def release(self) -> None:
        """Let the call go on."""
        self._go.set()


class Backend:
    """The accounts, and what was seen of the calls for them."""

    def __init__(self) -> None:
        self.accounts = {id: pb.Account(id=id, owner="Ada", balance=100) for id in (1, HELD)}
        self.seen: list[Seen] = []
        self.gate = Gate()
        self.refusal = Refusal(grpc.StatusCode.UNKNOWN)
        self.address = Address("127.0.0.1", 0)

    def get(self, request: pb.GetAccountRequest, context: grpc.ServicerContext) -> pb.Account:
        """Return an account."""
        self._begin(request, context)
        return self._account(request.id, context)

    def put(self, request: pb.Account, context: grpc.ServicerContext) -> pb.Account:
        """Write an account."""
        self._begin(request, context)
        if request.balance < 0:
            problem = pb.Problem(field="balance", reason="an account is not overdrawn without leave")
            context.set_trailing_metadata((("problem-bin", problem.SerializeToString()),))
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "the account is not right")
        if request.id != REFUSED:
            self.accounts[request.id] = request
        return self._account(request.id, context)

    def entries(self, request: pb.ListEntriesRequest, context: grpc.ServicerContext) -> Iterator[pb.Entry]:
        """Stream three entries; a held stream waits after the first, and one that is refused ends there."""
        self._begin(request, context)
        if request.id not in self.accounts and request.id != REFUSED:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no account {request.id}")
        yield pb.Entry(number=1, amount=0)
        if request.id == HELD:
            self.gate.wait(context)
        if request.id == REFUSED:
            self._refuse(context)
        yield pb.Entry(number=2, amount=-40)
        yield pb.Entry(number=3, amount=140)

    def _begin(self, request: Message, context: grpc.ServicerContext) -> None:
        metadata = {name: value for name, value in context.invocation_metadata() if isinstance(value, str)}
        left = context.time_remaining()  # without a deadline the library counts from the end of time
        self.seen.append(Seen(metadata, left if left is not None and left < A_YEAR else None, request))
        context.send_initial_metadata((("etag", '"v1"'), ("x-internal", "rack 12")))
        context.set_trailing_metadata((("x-cost", "3"),))

    def _account(self, id: int, context: grpc.ServicerContext) -> pb.Account:
        if id == HELD:
            self.gate.wait(context)
        if id == REFUSED:
            self._refuse(context)
        if id not in self.accounts:
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no account {id}")
        return self.accounts[id]

    def _refuse(self, context: grpc.ServicerContext) -> None:
        context.set_trailing_metadata(self.refusal.trailing)
        context.abort(self.refusal.code, self.refusal.details)


@contextmanager
def serving() -> Iterator[Backend]:
    """Serve the accounts on a free port of loopback until the block ends."""
    backend = Backend()

    def one(kind: Any, behaviour: Callable[..., Any], request: type[Message]) -> Any:
        return kind(behaviour, request.FromString, lambda message: message.SerializeToString())

    table = {
        "GetAccount": one(grpc.unary_unary_rpc_method_handler, backend.get, pb.GetAccountRequest),
        "PutAccount": one(grpc.unary_unary_rpc_method_handler, backend.put, pb.Account),
        "ListEntries": one(grpc.unary_stream_rpc_method_handler, backend.entries, pb.ListEntriesRequest),
    }
    with futures.ThreadPoolExecutor(max_workers=8, thread_name_prefix="accounts") as pool:
        options = [*QUIET, ("grpc.max_receive_message_length", MOST_BYTES)]
        server = grpc.server(pool, options=options, maximum_concurrent_rpcs=100)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, table),))
        backend.address = Address("127.0.0.1", server.add_insecure_port("127.0.0.1:0"))
        server.start()
        try:
            yield backend
        finally:
            backend.gate.release()
            server.stop(0.5).wait()


@dataclass(frozen=True)
class Stubs:
    """The three methods, as a client calls them."""

    get: Any
    put: Any
    entries: Any


@contextmanager
def stubs(address: Address) -> Iterator[Stubs]:
    """Connect to the service until the block ends."""
    options = [*QUIET, ("grpc.max_receive_message_length", MOST_BYTES), ("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(f"ipv4:{address}", options) as channel:

        def one(kind: Any, name: str, answer: type[Message]) -> Any:
            return kind(f"/{SERVICE}/{name}", lambda message: message.SerializeToString(), answer.FromString)

        yield Stubs(
            get=one(channel.unary_unary, "GetAccount", pb.Account),
            put=one(channel.unary_unary, "PutAccount", pb.Account),
            entries=one(channel.unary_stream, "ListEntries", pb.Entry),
        )
