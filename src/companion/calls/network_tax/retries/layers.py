"""Three layers of real gRPC, each with a retry policy of its own, in front of a database that is down.

The gateway calls A, A calls B, and B calls the database, which counts its calls and always answers UNAVAILABLE. Who
retries is grpcio itself: a layer's policy stands in the service config of its channel, and no line of code here calls
anything twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import grpc

from companion.errors import CompanionError

SERVICE, METHOD = "companion.Layer", "Get"
PATIENCE = 60.0
"""Seconds after which a request has failed; one takes a fraction of one."""
GRPC_MOST = 5
"""Attempts that gRPC allows a policy; it warns of more, on stderr, and makes five."""
PUSHBACK = (("grpc-retry-pushback-ms", "-1"),)
"""Trailing metadata by which a server asks its caller not to try again."""

BACKOFF = "0.01s"
"""Between two tries, plus or minus a fifth. Of 1 ms grpcio 1.85 may make none at all, and then never tries again."""

Bare = Callable[[bytes, grpc.ServicerContext], bytes]


class RetriesError(CompanionError):
    """Attempts that no policy can have, or a layer that did not start."""


@dataclass(frozen=True)
class Storm:
    """What came of some requests.

    Attributes
    ----------
    calls : tuple of int
        Calls that A, B and the database got.
    codes : tuple of str
        The names of the status codes that the gateway's callers saw, each once.
    """

    calls: tuple[int, ...]
    codes: tuple[str, ...]

    @property
    def database(self) -> int:
        """Calls that the database got."""
        return self.calls[-1]


def service_config(attempts: int, throttle: tuple[int, float] | None = None) -> str:
    """Give the service config that makes grpcio try a call again after UNAVAILABLE.

    Parameters
    ----------
    attempts
        How often in all; 1 is no retry.
    throttle
        The budget of all calls to one server: how many tokens there are at most, and what part of one a success
        brings back. A failure takes one; at half of them and below nothing is tried again.
    """
    if not 1 <= attempts <= GRPC_MOST:
        raise RetriesError(f"{attempts} attempts: 1 to {GRPC_MOST} were expected, for gRPC makes no more")
    method: dict[str, object] = {"name": [{}]}
    if attempts > 1:
        method["retryPolicy"] = {
            "maxAttempts": attempts,
            "initialBackoff": BACKOFF,
            "maxBackoff": BACKOFF,
            "backoffMultiplier": 1,
            "retryableStatusCodes": ["UNAVAILABLE"],
        }
    config: dict[str, object] = {"methodConfig": [method]}
    if throttle is not None:
        config["retryThrottling"] = {"maxTokens": throttle[0], "tokenRatio": throttle[1]}
    return json.dumps(config)


def storm(
    attempts: Sequence[int],
    requests: int = 1,
    *,
    throttle: tuple[int, float] | None = None,
    pushback: bool = False,
    b_answers: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE,
) -> Storm:
    """Send requests, one after the other, to layers whose database is down.

    Parameters
    ----------
    attempts
        Of the gateway, of A and of B: how often each calls the next in all.
    requests
        How many the gateway gets.
    throttle
        See `service_config`; each layer has it.
    pushback
        Whether the database asks B not to try again.
    b_answers
        The status by which B tells A that the database is down.
    """
    calls = [0, 0, 0]
    configs = [service_config(number, throttle) for number in attempts]
    if len(configs) != len(calls):
        raise RetriesError(f"{len(configs)} layers: the attempts of the gateway, of A and of B were expected")

    def database(request: bytes, context: grpc.ServicerContext) -> bytes:
        calls[2] += 1
        if pushback:
            context.set_trailing_metadata(PUSHBACK)
        context.abort(grpc.StatusCode.UNAVAILABLE, "the database is down")
        return b""

    def layer(number: int, below: Callable[[], grpc.StatusCode], code: grpc.StatusCode) -> Bare:
        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            calls[number] += 1
            failed = below()
            context.abort(failed if code is grpc.StatusCode.UNAVAILABLE else code, "what I call is down")
            return b""

        return answer

    with ExitStack() as stack:
        to_database = stack.enter_context(_calling(stack.enter_context(_serving(database)), configs[2]))
        b = layer(1, to_database, b_answers)
        to_b = stack.enter_context(_calling(stack.enter_context(_serving(b)), configs[1]))
        a = layer(0, to_b, grpc.StatusCode.UNAVAILABLE)
        gateway = stack.enter_context(_calling(stack.enter_context(_serving(a)), configs[0]))
        seen = [gateway().name for _ in range(requests)]
    return Storm(tuple(calls), tuple(dict.fromkeys(seen)))


@contextmanager
def _serving(answer: Bare) -> Iterator[int]:
    """Serve one method of bytes at a free port of this machine, and give the port."""
    with ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool, options=[("grpc.so_reuseport", 0)])
        handler = grpc.method_handlers_generic_handler(SERVICE, {METHOD: grpc.unary_unary_rpc_method_handler(answer)})
        server.add_generic_rpc_handlers((handler,))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield port
        finally:
            server.stop(PATIENCE).wait(PATIENCE)  # with no grace, a peer that is still there logs it on stderr


@contextmanager
def _calling(port: int, config: str) -> Iterator[Callable[[], grpc.StatusCode]]:
    """Give a function that calls the server at a port and returns the status that its own policy ended with."""
    options = [("grpc.service_config", config), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(f"ipv4:127.0.0.1:{port}", options=options) as channel:
        method: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{SERVICE}/{METHOD}")

        def call() -> grpc.StatusCode:
            try:
                method(b"", timeout=PATIENCE)
            except grpc.RpcError as error:
                code: grpc.StatusCode = error.code()
                return code
            raise RetriesError("a call was answered, though the database is down")

        yield call
