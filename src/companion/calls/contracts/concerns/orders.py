"""Orders of filters, judged by the requests that they let through: what leaks is seen, not argued.

Each property has a run of its own, on a new world, so that one leak hides no other.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Mapping, Sequence

from companion.calls.contracts.concerns.filters import FILTERS, GUESSES, TOKENS, Request, World, chain, serve
from companion.errors import CompanionError

BOMB = zlib.compress(bytes(100_000), 9)
ADA, BOB = Request("/balance", "t-ada"), Request("/balance", "t-bob", "10.0.0.2")
STRANGER = Request("/balance", "", "10.6.6.6")
FORGED = "/x 200\nada /close token=- 200"


class NoOrder(CompanionError):
    """Names that are no order of the filters; the message says which is missing, unknown or there twice."""


class Run:
    """A world with filters in an order, and what was asked of it."""

    def __init__(self, order: Sequence[str]) -> None:
        self.world = World()
        self.asked = 0
        self._handler = chain([FILTERS[name] for name in order], self.world, lambda one: serve(self.world, one))

    def ask(self, request: Request) -> tuple[int, str]:
        """Send a request; the status and the text of the answer."""
        self.asked += 1
        response = self._handler(request)
        return response.status, response.text


def own(run: Run) -> str:
    """Ada asks, then somebody without a token, then Bob: each has an answer of his own, or none."""
    run.ask(ADA)
    for who, request, right in (("a stranger", STRANGER, 401), ("Bob", BOB, 200)):
        status, text = run.ask(request)
        if status != right or "ada" in text:
            return f"{who} asks {request.path} after Ada: {status} {text!r}"
    return ""


def guesses(run: Run) -> str:
    """An address that tries token after token is stopped."""
    seen = [run.ask(Request("/balance", f"t-{number}", "10.6.6.6"))[0] for number in range(GUESSES + 3)]
    tried = seen.count(401)
    return f"{tried} tokens tried from one address, and no 429" if 429 not in seen else ""


def bomb(run: Run) -> str:
    """Nothing is unpacked for somebody who has no token."""
    run.ask(Request("/upload", "", "10.6.6.6", BOMB, packed=True))
    return f"{len(BOMB)} bytes from a stranger: {run.world.unpacked:,} unpacked" if run.world.unpacked else ""


def told(run: Run) -> str:
    """Whatever is asked, the log tells: also what was refused, and what came from the cache."""
    asked = [ADA, ADA, Request("/balance", "t-no", "10.6.6.6"), *[Request("/", "", "10.6.6.6")] * (GUESSES + 1)]
    answered = [run.ask(request)[0] for request in asked]
    lines = [line.rpartition(" ")[2] for line in run.world.log]
    missing = len(answered) - len(lines)
    kinds = sorted({status for status in answered if lines.count(str(status)) < answered.count(status)})
    return f"{missing} of {len(answered)} answers in no line: {', '.join(map(str, kinds))}" if missing else ""


def clean(run: Run) -> str:
    """No secret stands in the log, and no line that a stranger wrote. (One with a token may still write lines.)"""
    run.ask(ADA)
    if secret := next((line for line in run.world.log if any(token in line for token in TOKENS)), ""):
        return f"the log has {secret!r}"
    run.ask(Request(FORGED, "", "10.6.6.6"))
    forged = [line for line in "\n".join(run.world.log).splitlines() if line.startswith("ada /close")]
    return f"a stranger wrote the line {forged[0]!r}" if forged else ""


PROPERTIES: Mapping[str, Callable[[Run], str]] = {
    "own answers": own, "few guesses": guesses, "no bomb": bomb, "all told": told, "clean log": clean,
}  # fmt: skip


def leaks(order: Sequence[str], asked: Sequence[str] = tuple(PROPERTIES)) -> dict[str, str]:
    """What goes wrong with the filters in this order, the first being the outermost.

    Returns
    -------
    dict of str to str
        For each property that does not hold the request that shows it.

    Raises
    ------
    NoOrder
        When a filter is unknown or stands there twice.
    """
    strange = [name for name in order if name not in FILTERS]
    if strange or len(set(order)) < len(order):
        fault = f"unknown: {strange[0]}" if strange else "a filter stands there twice"
        raise NoOrder(f"{' '.join(order)}: {fault}")
    return {name: found for name in asked if (found := PROPERTIES[name](Run(order)))}


def all_orders(names: Sequence[str]) -> dict[tuple[str, ...], dict[str, str]]:
    """Every order of these filters, and what leaks in it."""
    return {order: leaks(order) for order in itertools.permutations(names)}


def judge(order: object) -> str:
    """What the exercise says to an order of all six filters: empty if nothing leaks."""
    if not isinstance(order, list | tuple) or not all(isinstance(name, str) for name in order):
        return "a list of names is wanted"
    if missing := [name for name in FILTERS if name not in order]:
        return f"missing: {', '.join(missing)}"
    try:
        found = leaks(order)
    except NoOrder as error:
        return str(error)
    return "; ".join(f"{name}: {what}" for name, what in found.items())


def timed(order: Sequence[str], slow_s: float = 1.0, failures: int = 2) -> tuple[list[float], float]:
    """Run ``time`` and ``retry`` in this order about a call that fails twice; each try takes `slow_s` on a clock.

    Returns
    -------
    list of float, float
        What the timer has noted, and what the caller has waited.
    """
    now, left, noted = 0.0, failures, []

    def call() -> bool:
        nonlocal now, left
        now, left = now + slow_s, left - 1
        return left < 0

    def time(rest: Callable[[], bool]) -> bool:
        start = now
        done = rest()
        noted.append(now - start)
        return done

    def retry(rest: Callable[[], bool]) -> bool:
        return any(rest() for _ in range(failures + 1))

    around = {"time": time, "retry": retry}
    outer, inner = (around[name] for name in order)
    outer(lambda: inner(call))
    return noted, now
