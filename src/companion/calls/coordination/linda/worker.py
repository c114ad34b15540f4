"""A worker of a tuple space, as a process of its own: its arguments are PARENT, HOST, PORT and DESIGN."""

import sys
from collections.abc import Iterator

from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.designs import DESIGNS, TASK
from companion.calls.coordination.puppets import act

WAITS = "waits"
"""Instead of a design: say so, and wait for one task with a lease of so many seconds, or for good."""


def waits(space: SpaceClient, lease: float | None) -> Iterator[str]:
    """Wait for a tuple, and hold it."""
    yield WAITS
    space.take(TASK, lease, wait=True)
    yield "holding"


def main(arguments: list[str]) -> None:
    """Work until there are no more tasks."""
    parent, host, port, design, *lease = arguments
    with SpaceClient((host, int(port))) as space:
        act(int(parent), waits(space, float(lease[0]) or None) if design == WAITS else DESIGNS[design](space))


if __name__ == "__main__":
    main(sys.argv[1:])
