"""Active tuples: Linda's ``eval``, and JavaNOW's active entities, each a process that becomes a tuple.

`Entities.eval` starts a process that runs a function of `FUNCTIONS`, and puts ``(key, value)`` in when it returns. Only
registered functions run, by name: what comes over a wire is never code.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.designs import hundred
from companion.calls.coordination.linda.space import Field, SpaceError, checked_fields
from companion.calls.coordination.puppets import Puppet, act

FUNCTIONS: dict[str, Callable[[int], Field]] = {"hundred": hundred, "square": lambda number: number * number}
MOST_ENTITIES = 64


class Entities:
    """Starts active tuples, and lists the processes that they are."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self.processes: list[Puppet] = []

    def eval(self, key: str, function: str, argument: int) -> None:
        """Start a process that becomes the tuple ``(key, argument, value)``; it is not waited for."""
        if function not in FUNCTIONS:
            raise SpaceError(f"{function!r} is not registered; there are {', '.join(FUNCTIONS)}")
        if len(self.processes) >= MOST_ENTITIES:
            raise SpaceError(f"{MOST_ENTITIES} entities are started, and no more")
        words = json.dumps([key, argument])
        self.processes.append(Puppet(__name__, *self._address, function, words))


@contextmanager
def entities(address: tuple[str, int]) -> Iterator[Entities]:
    """Give what starts active tuples of a space; whoever still runs at the block's end is killed."""
    started = Entities(address)
    try:
        yield started
    finally:
        for process in started.processes:
            process.__exit__()


def main(arguments: list[str]) -> None:
    """Be an active tuple."""
    parent, host, port, function, words = arguments
    key, argument = checked_fields(json.loads(words))

    def live() -> Iterator[str]:
        assert isinstance(argument, int)
        value = FUNCTIONS[function](argument)
        with SpaceClient((host, int(port))) as space:
            space.out((key, argument, value))
        yield "a tuple"

    act(int(parent), live())


if __name__ == "__main__":
    main(sys.argv[1:])
