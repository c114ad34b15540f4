"""A client that books a seat on lease, as a process: its arguments are PARENT, HOST, PORT, DESIGN and WHO."""

import sys
from collections.abc import Iterator

from companion.calls.coordination.leases.airline import AirlineClient
from companion.calls.coordination.leases.booking import DESIGNS
from companion.calls.coordination.puppets import act


def book(desk: AirlineClient, design: str, who: str) -> Iterator[str]:
    """Say that all is ready, and go through the design's points."""
    yield "ready"
    yield from DESIGNS[design](desk, who)


def main(arguments: list[str]) -> None:
    """Be a client."""
    parent, host, port, design, who = arguments
    with AirlineClient((host, int(port))) as desk:
        act(int(parent), book(desk, design, who))


if __name__ == "__main__":
    main(sys.argv[1:])
