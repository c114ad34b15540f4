"""gRPC servers that answer with their names, and count who asked them over how many connections.

There is one method, from bytes to bytes, so that there is nothing here but calls and the connections that carry them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc

from companion.calls.wire.customers import Address
from companion.errors import CompanionError

METHOD = "/companion.balancing.v1.Worker/WhoAreYou"
# No ports shared by two servers, no pings in search of the bandwidth, no proxy out of the environment.
QUIET: list[tuple[str, int | str]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.enable_http_proxy", 0),
]
MOST_BYTES = 1_000
PATIENCE = 20.0
"""Seconds until a call is given up; on the right path none comes near."""


class BalancingError(CompanionError):
    """A run that did not come to its end; the message says what it waited for."""


class Worker:
    """A server on loopback.

    Parameters
    ----------
    name : str
        What it answers.
    max_age_ms : int or None
        After about this many milliseconds it asks the other end of a connection to open a new one (HTTP/2's GOAWAY,
        which lets calls end that are under way); None keeps a connection for ever.
    port : int
        Where; 0 takes a free one.
    """

    def __init__(self, name: str, max_age_ms: int | None = None, port: int = 0) -> None:
        self.name = name
        self.calls = 0
        self.peers: set[str] = set()
        self._lock = threading.Lock()
        self._pool = futures.ThreadPoolExecutor(max_workers=4, thread_name_prefix=f"worker-{name}")
        options = [*QUIET, ("grpc.max_receive_message_length", MOST_BYTES)]
        if max_age_ms is not None:
            options.append(("grpc.max_connection_age_ms", max_age_ms))
        self._server = grpc.server(self._pool, options=options, maximum_concurrent_rpcs=100)
        service, _, method = METHOD[1:].partition("/")
        table: dict[str, Any] = {method: grpc.unary_unary_rpc_method_handler(self._answer)}
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, table),))
        self.address = Address("127.0.0.1", self._server.add_insecure_port(f"127.0.0.1:{port}"))
        self._server.start()

    def _answer(self, _: bytes, context: grpc.ServicerContext) -> bytes:
        with self._lock:
            self.calls += 1
            self.peers.add(context.peer())
        return self.name.encode()

    def forget(self) -> None:
        """Count from zero again; connections are counted on."""
        with self._lock:
            self.calls = 0

    def stop(self) -> None:
        """End; to a second call this means nothing."""
        self._server.stop(0.5).wait()
        self._pool.shutdown()


@contextmanager
def working(names: Sequence[str], max_age_ms: int | None = None) -> Iterator[list[Worker]]:
    """Run a server for each name until the block ends."""
    workers = [Worker(name, max_age_ms) for name in names]
    try:
        yield workers
    finally:
        for worker in workers:
            worker.stop()


class Caller:
    """A client with one or more channels, which it takes in turn.

    Parameters
    ----------
    target : str
        Such as ``ipv4:127.0.0.1:1,127.0.0.1:2``.
    channels : int
        How many to open, all with the same options.
    own_pool : bool
        ``grpc.use_local_subchannel_pool``: do not share connections with channels that look the same.
    policy : str
        ``pick_first`` or ``round_robin``.
    """

    def __init__(self, target: str, channels: int = 1, own_pool: bool = False, policy: str = "pick_first") -> None:
        options = [
            *QUIET,
            ("grpc.use_local_subchannel_pool", int(own_pool)),
            ("grpc.lb_policy_name", policy),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 200),
        ]
        self._channels = [grpc.insecure_channel(target, options) for _ in range(channels)]
        self._methods: list[Any] = [channel.unary_unary(METHOD) for channel in self._channels]
        self._turn = 0
        self.errors = 0

    def call(self) -> str:
        """Call once, by the channel whose turn it is, and give the server's name; ``""`` for a call that failed."""
        method = self._methods[self._turn % len(self._methods)]
        self._turn += 1
        try:
            return bytes(method(b"", timeout=PATIENCE)).decode()
        except grpc.RpcError:
            self.errors += 1
            return ""

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        for channel in self._channels:
            channel.close()
