"""One payment over gRPC whose server dies after it took the money: what the caller is told, and what retries do.

Two servers stand over one till. The first is reached through a proxy that loses the first answer and every byte after
it, as a process does that dies; the second is well.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass
from typing import Any

import grpc

from companion.calls.wire.tcp import bind
from companion.proxy import Faults, proxy

SECONDS = 20.0
DEAD = Faults(instead=b"")
POLICY = {
    "maxAttempts": 3,
    "initialBackoff": "0.05s",
    "maxBackoff": "0.1s",
    "backoffMultiplier": 1,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]


@dataclass(frozen=True)
class Charge:
    """One payment of one.

    Parameters
    ----------
    what : str
        What happened.
    status : str
        What gRPC told the caller.
    paid : int
        What was taken in truth.
    """

    what: str
    status: str
    paid: int


def charges() -> list[Charge]:
    """Pay where nobody listens, where the server dies in the call, and there again with a retry policy."""
    with contextlib.closing(bind("127.0.0.1", 0)) as listener:
        nobody = listener.getsockname()[1]
    found = [Charge("nobody listens", pay([nobody], retry=False), 0)]
    for retry in (False, True):
        with tills() as (ports, till):
            status = pay(ports, retry)
            what = "dies after it took the money" + (", retryPolicy" if retry else "")
            found.append(Charge(what, status, len(till)))
    return found


@contextlib.contextmanager
def tills() -> Iterator[tuple[list[int], list[int]]]:
    """Serve one till twice; give both ports, the dying one first, and the till, a list of payments."""
    till: list[int] = []
    lock = threading.Lock()

    def take(request: bytes, context: grpc.ServicerContext) -> bytes:
        with lock:
            till.append(1)
            wire.faults = DEAD  # the second server is reached past the proxy
        return b"paid"

    handlers: dict[str, Any] = {"Pay": grpc.unary_unary_rpc_method_handler(take)}
    server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("Till", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with proxy(("127.0.0.1", port)) as wire:
            yield [wire.address[1], port], till
    finally:
        server.stop(0).wait()


def pay(ports: list[int], retry: bool) -> str:
    """Pay one, at the first of these ports that answers; return the status."""
    config = {"methodConfig": [{"name": [{"service": "Till"}], "retryPolicy": POLICY}]} if retry else {}
    target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
    options = [*OPTIONS, ("grpc.enable_retries", int(retry)), ("grpc.service_config", json.dumps(config))]
    with grpc.insecure_channel(target, options=options) as channel:
        call: Any = channel.unary_unary("/Till/Pay")
        try:
            call(b"one", timeout=SECONDS)
        except grpc.RpcError as error:
            return str(error.code().name)
    return "OK"
