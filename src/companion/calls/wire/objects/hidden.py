"""What a stub hides: six lines that mean one thing on this machine and another from afar."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from companion.calls.wire.customers import RemoteError, WireError
from companion.calls.wire.objects.rmi import Connection, lookup, registry, stop


class Desk:
    """What can be asked; here, on this machine."""

    def sort(self, numbers: list[int]) -> None:
        """Sort the list in its place."""
        numbers.sort()

    def same(self, one: object, other: object) -> bool:
        """Say whether both are one object."""
        return one is other

    def echo(self, value: Any) -> Any:
        """Return what came."""
        return value

    def price(self, book: str) -> int:
        """Look a price up; there is one book."""
        return {"sicp": 60}[book]


@dataclass(frozen=True)
class Surprise:
    """One line of code, and what it gives.

    Parameters
    ----------
    line : str
        The code.
    local, pickled, json : str
        What it gives on an object here, and on a stub of each encoding.
    """

    line: str
    local: str
    pickled: str
    json: str


def _sorts(desk: Desk) -> object:
    numbers = [3, 1, 2]
    desk.sort(numbers)
    return numbers


def _same(desk: Desk) -> object:
    one = ["one"]
    return desk.same(one, one)


def _catches(desk: Desk) -> object:
    try:
        return desk.price("taocp")
    except KeyError:
        return "caught"
    except RemoteError as error:
        return f"RemoteError {error.code}"


LINES: dict[str, Callable[[Desk], object]] = {
    "sort(numbers); numbers": _sorts,
    "same(one, one)": _same,
    "echo((1, 2))": lambda desk: desk.echo((1, 2)),
    'echo({1: "a"})': lambda desk: desk.echo({1: "a"}),
    "except KeyError": _catches,
}


def surprises() -> list[Surprise]:
    """Run each line on an object, on a stub that pickles and on a stub that writes JSON."""
    local = {line: repr(run(Desk())) for line, run in LINES.items()}
    far = {}
    for encoding in ("pickle", "json"):
        with registry({"desk": Desk()}, encoding) as server, Connection(server, encoding) as wire:
            stub = lookup(wire, "desk", Desk)
            far[encoding] = {line: repr(run(stub)) for line, run in LINES.items()}
    return [Surprise(line, local[line], far["pickle"][line], far["json"][line]) for line in LINES]


def after_the_end() -> dict[str, str]:
    """Stop the server, as its library says, and call again: over the connection that is open, and over a new one."""
    with registry({"desk": Desk()}) as server, Connection(server) as old:
        desk = lookup(old, "desk", Desk)
        desk.price("sicp")
        stop(server)
        found = {"the open connection": str(desk.price("sicp"))}
        try:
            with Connection(server) as new:
                found["a new connection"] = str(lookup(new, "desk", Desk).price("sicp"))
        except (OSError, WireError) as error:
            found["a new connection"] = type(error).__name__
    return found


def stub_cost() -> dict[str, float]:
    """Measure a call here and through a stub over loopback, in microseconds, and how many times the one is the other.

    Client and server share a process, and so take turns at Python's interpreter lock, which belongs to the figure.
    """
    here = Desk()
    with registry({"desk": Desk()}) as server, Connection(server) as wire:
        far = lookup(wire, "desk", Desk)
        local, remote = _microseconds(here, 20_000), _microseconds(far, 500)
    return {"local_us": local, "remote_us": remote, "times": remote / local}


def _microseconds(desk: Desk, calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        desk.price("sicp")
    return 1e6 * (time.perf_counter() - began) / calls
