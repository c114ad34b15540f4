"""What three concerns cost a call, in microseconds: each place beside its own bare call, in the same run.

CPU time of this process, both sides of gRPC included; only a sidecar's cost is a round trip, since it is another
process. Counts (of Python functions called, of tasks made) stand beside the times: they repeat on a busy machine.
"""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from types import FrameType
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from companion.calls.contracts.concerns.asgi import LAYERS, ask, stack
from companion.calls.contracts.concerns.contexts import apart
from companion.calls.contracts.concerns.grpc_interceptors import ClientTiming, ServerAuth, ServerTiming, client, serving
from companion.calls.contracts.concerns.sidecar import Caller, pod

CALLS = {"function": 20_000, "log": 2_000, "asgi": 500, "grpc": 20, "sidecar": 300}
"""How often each kind of call is made; the first tenth of it again before, unmeasured."""
GRPC_ROUNDS = 40


def balance(token: str) -> int:
    """The service, as short as one gets."""
    return 100


def with_auth(service: Callable[[str], int]) -> Callable[[str], int]:
    """A decorator that refuses other tokens."""

    def checked(token: str) -> int:
        if token != "t-ada":
            raise PermissionError
        return service(token)

    return checked


def with_timing(service: Callable[[str], int], seconds: list[float]) -> Callable[[str], int]:
    """A decorator that adds up how long calls take."""

    def timed(token: str) -> int:
        start = time.perf_counter()
        try:
            return service(token)
        finally:
            seconds[0] += time.perf_counter() - start

    return timed


def with_log(service: Callable[[str], int], logger: logging.Logger) -> Callable[[str], int]:
    """A decorator that writes one line for each call, as the standard library does it."""

    def told(token: str) -> int:
        found = service(token)
        logger.info("balance: %s", found)
        return found

    return told


def a_logger() -> logging.Logger:
    """A logger of its own with the usual line, into memory: no disk is measured."""
    logger = logging.Logger("concerns", logging.INFO)
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logger.addHandler(handler)
    return logger


def decorated() -> dict[str, Callable[[str], int]]:
    """The service bare, with auth and timing, and with a line in the log."""
    return {
        "bare": balance,
        "auth, timing": with_timing(with_auth(balance), [0.0]),
        "one log line": with_log(balance, a_logger()),
    }


def functions_called(call: Callable[[], object]) -> int:
    """How many Python functions a call runs, the lambda that makes it left out."""
    call()  # what happens once only
    with counting() as seen:
        call()
    return seen[0] - 1


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count the Python functions that this thread begins, or goes on with, while the block lasts."""
    seen = [0]

    def note(frame: FrameType, event: str, argument: Any) -> None:
        seen[0] += event == "call"

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # a collection would run the finalizers of others' objects
    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(before)
        seen[0] -= 2  # to come here
        if collecting:
            gc.enable()


def asgi_functions(kind: str, layers: int) -> int:
    """Python functions that one request runs, those of the event loop included."""

    async def run() -> int:
        app = stack(kind, layers)
        await ask(app)
        with counting() as seen:
            await ask(app)
        return seen[0]

    return apart(lambda: asyncio.run(run()))


def counts() -> dict[str, int]:
    """Python functions run for one call of the decorated service, and for one request through three middlewares."""
    found = {name: functions_called(lambda one=one: one("t-ada")) for name, one in decorated().items()}  # type: ignore[misc]
    return found | {f"ASGI, 3 {kind}": asgi_functions(kind, 3) for kind in LAYERS}


def _cpu_us(call: Callable[[], object], times: int) -> float:
    for _ in range(times // 10 + 1):
        call()
    start = time.process_time()
    for _ in range(times):
        call()
    return 1e6 * (time.process_time() - start) / times


def _logged(app: ASGIApp) -> ASGIApp:
    logger = a_logger()

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)
        logger.info("%s", scope["path"])

    return told


def _asgi_us(app: ASGIApp) -> float:
    """One loop for all calls, and nothing but them in it."""

    async def run() -> float:
        for _ in range(CALLS["asgi"] // 10 + 1):
            await ask(app)
        start = time.process_time()
        for _ in range(CALLS["asgi"]):
            await ask(app)
        return 1e6 * (time.process_time() - start) / CALLS["asgi"]

    return apart(lambda: asyncio.run(run()))


def _grpc() -> dict[str, float]:
    """Bare, with interceptors on the server, and on each side: in turn, a few calls each, since what they add is little
    beside what a busy machine adds from one second to the next."""
    notes: list[str] = []
    inner = [ServerAuth(), ServerTiming("second", notes), ServerTiming("third", notes)]
    outer = [ClientTiming(name, notes) for name in ("first", "second", "third")]
    with ExitStack() as stack:
        calls = {}
        for name, inside, outside in (
            ("bare", [], []),
            ("3 on the server", inner, []),
            ("3 on each side", inner, outer),
        ):
            address = stack.enter_context(serving(inside))
            calls[f"gRPC, {name}"] = stack.enter_context(client(address, outside))
        rounds = [{name: _cpu_us(call, CALLS["grpc"]) for name, call in calls.items()} for _ in range(GRPC_ROUNDS)]
    return {name: median(one[name] for one in rounds) for name in calls}


def _round_trip_us(port: int, who: str) -> float:
    """By the clock: the work is done in other processes."""
    caller = Caller(port)
    for _ in range(CALLS["sidecar"] // 10 + 1):
        caller.call(who)
    start = time.perf_counter()
    for _ in range(CALLS["sidecar"]):
        caller.call(who)
    took = time.perf_counter() - start
    caller.close()
    return 1e6 * took / CALLS["sidecar"]


def costs() -> dict[str, float]:
    """Microseconds a call, for each place, bare and with the concerns; to be given to `measure`."""
    found = {
        f"function, {name}": _cpu_us(lambda one=one: one("t-ada"), CALLS["log" if "log" in name else "function"])  # type: ignore[misc]
        for name, one in decorated().items()
    }
    found["ASGI, bare"] = _asgi_us(stack("pure", 0))
    found["ASGI, 3 pure"] = _asgi_us(stack("pure", 3))
    found["ASGI, 3 pure, a log line"] = _asgi_us(_logged(stack("pure", 3)))
    found["ASGI, 3 BaseHTTPMiddleware"] = _asgi_us(stack("BaseHTTPMiddleware", 3))
    found |= _grpc()
    with pod(2) as running:
        found["socket, bare"] = _round_trip_us(running.service, "ada")
        for number, port in enumerate(running.sidecars, 1):
            found[f"socket, {number} sidecar{'s' * (number > 1)}"] = _round_trip_us(port, "t-ada")
    return found


def added(figures: dict[str, float]) -> dict[str, float]:
    """Microseconds that each place adds to its own bare call."""
    places = {name.partition(", ")[0] for name in figures}
    bare = {place: figures[f"{place}, bare"] for place in places}
    return {name: cost - bare[name.partition(", ")[0]] for name, cost in figures.items() if not name.endswith("bare")}
