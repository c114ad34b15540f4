"""gRPC's interceptors: on the server around the lookup of a method, on the client around a call, by the call's shape.

The messages are bytes, so that nothing but the call is there to see.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from typing import Any

import grpc

SERVICE = "companion.Accounts"
TOKEN = ("authorization", "Bearer t-ada")
PATIENCE = 30.0
"""Seconds until a call is given up; the right path never waits for it."""


class ServerAuth(grpc.ServerInterceptor):
    """Refuse a call by its metadata; what a call asks for is not there to be seen."""

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        if any((name, value) == TOKEN for name, value in details.invocation_metadata):
            return continuation(details)

        def refuse(request: Any, context: grpc.ServicerContext) -> bytes:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no token")
            raise AssertionError("abort has raised")

        found = continuation(details)  # a stream must be refused as a stream
        make = grpc.unary_stream_rpc_method_handler if found.response_streaming else grpc.unary_unary_rpc_method_handler
        return make(refuse)


class Timing:
    """Notes that it was passed, and adds up how long calls take."""

    def __init__(self, name: str, notes: list[str]) -> None:
        self.name, self.notes, self.seconds = name, notes, 0.0

    def around(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Make a call and take its time; of a stream, until it begins."""
        start = time.perf_counter()
        try:
            return call(*arguments)
        finally:
            self.seconds += time.perf_counter() - start


class ServerTiming(Timing, grpc.ServerInterceptor):
    """Asked when a method is looked up, so that what takes the time must be put around the method's handler."""

    def intercept_service(self, continuation: Callable[..., Any], details: Any) -> Any:
        self.notes.append(self.name)
        found = continuation(details)
        if found.response_streaming:
            return grpc.unary_stream_rpc_method_handler(functools.partial(self.around, found.unary_stream))
        return grpc.unary_unary_rpc_method_handler(functools.partial(self.around, found.unary_unary))


class ClientTiming(Timing, grpc.UnaryUnaryClientInterceptor):
    """Made for calls with one request and one answer, as its base class says."""

    def intercept_unary_unary(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        self.notes.append(self.name)
        return self.around(continuation, details, request)


class ClientTimingOfStreams(ClientTiming, grpc.UnaryStreamClientInterceptor):
    """The same, for calls with a stream of answers, too."""

    def intercept_unary_stream(self, continuation: Callable[..., Any], details: Any, request: Any) -> Any:
        self.notes.append(self.name)
        return self.around(continuation, details, request)


def handlers() -> grpc.GenericRpcHandler:
    """A method that answers once, and one that answers with a stream."""
    table: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {
        "Get": grpc.unary_unary_rpc_method_handler(lambda request, _: request),
        "Watch": grpc.unary_stream_rpc_method_handler(lambda request, _: iter([request, request])),
    }
    return grpc.method_handlers_generic_handler(SERVICE, table)


@contextlib.contextmanager
def serving(interceptors: Sequence[grpc.ServerInterceptor] = ()) -> Iterator[str]:
    """Serve on a free port of loopback with these interceptors, the first being the outermost."""
    with futures.ThreadPoolExecutor(2, thread_name_prefix="concerns-grpc") as pool:
        server = grpc.server(pool, interceptors=list(interceptors), options=[("grpc.so_reuseport", 0)])
        server.add_generic_rpc_handlers((handlers(),))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(PATIENCE).wait()  # cancelling at once may make a client that just closed print a line


@contextlib.contextmanager
def client(address: str, interceptors: Sequence[Any] = ()) -> Iterator[Callable[..., str]]:
    """A function that calls a method, with a token or without, and gives the status' name and how many answers came."""
    options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(address, options=options) as bare:
        channel = grpc.intercept_channel(bare, *interceptors) if interceptors else bare
        get: Any = channel.unary_unary(f"/{SERVICE}/Get")
        watch: Any = channel.unary_stream(f"/{SERVICE}/Watch")

        def call(method: str = "Get", token: bool = True) -> str:
            given: Any = {"metadata": [TOKEN] if token else [], "timeout": PATIENCE}
            try:
                answers = [get(b"ada", **given)] if method == "Get" else list(watch(b"ada", **given))
            except grpc.RpcError as error:
                return str(error.code().name)
            return f"OK, {len(answers)}"

        yield call


def seen(streams_too: bool = False) -> dict[str, tuple[str, list[str]]]:
    """Call both methods through two interceptors on each side: the status, and who was passed, in order."""
    notes: list[str] = []
    kind = ClientTimingOfStreams if streams_too else ClientTiming
    inside = [ServerTiming("server 1", notes), ServerTiming("server 2", notes)]
    found = {}
    with serving(inside) as address, client(address, [kind("client 1", notes), kind("client 2", notes)]) as call:
        for method in ("Get", "Watch"):
            notes.clear()
            found[method] = (call(method), list(notes))
    return found


def refused() -> dict[tuple[str, bool], str]:
    """What the server's auth says to both methods, with a token and without."""
    with serving([ServerAuth()]) as address, client(address) as call:
        return {(method, token): call(method, token) for method in ("Get", "Watch") for token in (True, False)}
