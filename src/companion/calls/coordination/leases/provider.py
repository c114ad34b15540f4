"""A service that registers itself, as a process: its arguments are PARENT, HOST, PORT and SECONDS (or ``forever``)."""

import socket
import sys
from collections.abc import Iterator

from companion.calls.coordination.leases.lookup import FOREVER, LookupClient
from companion.calls.coordination.puppets import act

REGISTERED, RENEWED = "registered", "renewed"
FLIGHTS = {"type": "BookingService", "name": "FlightBookingService"}


def serve(address: tuple[str, int], seconds: float) -> Iterator[str]:
    """Listen, and be listed; renew at each step."""
    with socket.create_server(("127.0.0.1", 0)) as listener, LookupClient(address) as lookup:
        lease, _ = lookup.register(FLIGHTS, listener.getsockname(), seconds)
        yield REGISTERED
        while lookup.renew(lease, seconds):
            yield RENEWED


def main(arguments: list[str]) -> None:
    """Be a service until the input ends."""
    parent, host, port, seconds = arguments
    act(int(parent), serve((host, int(port)), FOREVER if seconds == "forever" else float(seconds)))


if __name__ == "__main__":
    main(sys.argv[1:])
