"""What each wire does when its peer fails: dies, falls silent, talks nonsense, or announces four gigabytes.

Every row is an experiment with an `add` that is counted: a real client whose real server is spoilt by a proxy, at the
same place for every wire, or a real server against a caller that misbehaves. What a row says is free of times and
ports, so that it repeats.
"""

import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from companion.calls.wire import PROTOCOLS, connect, serve
from companion.calls.wire.customers import Address, Client, WireError
from companion.calls.wire.experiments.hostile import (
    GARBAGE,
    SILENCE,
    ZEROS,
    answer_of_four_gb,
    answer_with,
    good_request,
    request_of_four_gb,
    request_with,
    summary,
)
from companion.calls.wire.experiments.till import PAYMENT, Till
from companion.calls.wire.recording.record import ADA
from companion.calls.wire.tcp import PIECE
from companion.proxy import Faults, proxy

# Long, so that a busy machine does not change a row; the wires wait side by side.
SECONDS = 2.0  # how long a client waits, in all of these experiments
PATIENCE = 3.0  # how long a server may be silent before we take it to wait for more
LISTEN = 1.0  # and how long, after its answer, before we take it to keep the connection
SETTLE = 0.3  # until nothing of an earlier call is on its way any more

NOBODY = "nobody listens"
DIES_BEFORE, SILENT_BEFORE = "dies before executing", "falls silent before executing"
DIES_AFTER, SILENT_AFTER = "dies after executing", "falls silent after executing"
NO_HEADER, NO_HEADER_0 = "garbage for a header", "zeros for a header"
NO_BODY, NO_BODY_0 = "garbage behind a header", "zeros behind a header"
TOO_LONG = "announces 4 GB"


@dataclass(frozen=True)
class Failure:
    """What one side saw of the other's failure.

    Parameters
    ----------
    protocol, fault : str
        The wire, and what the peer did.
    saw : str
        Of a client, the class of the error that its caller got, or "an answer"; of a server, what it answered, and then
        did.
    when : str
        "at once", "at the timeout", or "waits for more".
    executed : int
        How often the server carried out the `add`.
    message : str
        Of a client, the error's message; of a server, how the next caller fared.
    """

    protocol: str
    fault: str
    saw: str
    when: str
    executed: int
    message: str


def client_failures(protocols: Sequence[str] = PROTOCOLS) -> list[Failure]:
    """Let each wire's client meet each failure of a server, and report what its caller sees."""
    return side_by_side(failures_of_client, protocols)


def failures_of_client(protocol: str) -> list[Failure]:
    """Let one wire's client meet them."""
    spoilt = {
        DIES_BEFORE: Faults(instead=b"", toward="to server"),
        SILENT_BEFORE: Faults(instead=b"", toward="to server", then="hang"),
        DIES_AFTER: Faults(instead=b""),
        SILENT_AFTER: Faults(instead=b"", then="hang"),
        NO_HEADER: Faults(instead=GARBAGE, then="hang"),
        NO_HEADER_0: Faults(instead=ZEROS, then="hang"),
        NO_BODY: Faults(instead=answer_with(protocol, GARBAGE), then="hang"),
        NO_BODY_0: Faults(instead=answer_with(protocol, ZEROS), then="hang"),
        TOO_LONG: Faults(instead=answer_of_four_gb(protocol), then="hang"),
    }
    return [nobody_listens(protocol), *(spoil(protocol, fault, faults) for fault, faults in spoilt.items())]


def side_by_side(experiment: Callable[[str], list[Failure]], protocols: Sequence[str]) -> list[Failure]:
    """Run an experiment for all wires at once, since it mostly waits, and return the rows in the wires' order."""
    with ThreadPoolExecutor(max_workers=max(1, len(protocols))) as pool:
        return [row for rows in pool.map(experiment, protocols) for row in rows]


def nobody_listens(protocol: str) -> Failure:
    """Call an address where nobody listens any more."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = Address(*gone.getsockname())
    with connect(protocol, address, timeout=SECONDS) as client:
        return outcome(protocol, NOBODY, client, Till())


def spoil(protocol: str, fault: str, faults: Faults) -> Failure:
    """Spoil the second call to a good server; the first one has opened the connection."""
    till = Till()
    with (
        serve(protocol, till) as address,
        proxy(address) as wire,
        connect(protocol, Address(*wire.address), timeout=SECONDS) as client,
    ):
        client.get(ADA.id)
        time.sleep(SETTLE)
        wire.faults = faults
        return outcome(protocol, fault, client, till)


def outcome(protocol: str, fault: str, client: Client, till: Till) -> Failure:
    """Make a payment, and report what the caller is told, and what became of it."""
    began = time.monotonic()
    saw, message = "an answer", ""
    try:
        message = str(client.add(PAYMENT))
    except WireError as error:
        saw, message = type(error).__name__, str(error)
    when = "at the timeout" if time.monotonic() - began >= 0.9 * SECONDS else "at once"
    time.sleep(SETTLE)
    return Failure(protocol, fault, saw, when, till.times, message)


def server_failures(protocols: Sequence[str] = PROTOCOLS) -> list[Failure]:
    """Let each wire's server meet each failure of a client, and report what it answers, and whether it lives on."""
    return side_by_side(failures_of_server, protocols)


def failures_of_server(protocol: str) -> list[Failure]:
    """Let one wire's server meet them."""
    request = good_request(protocol)
    hostile = {
        DIES_BEFORE: request[: len(request) // 2],
        NO_HEADER: GARBAGE,
        NO_HEADER_0: ZEROS,
        NO_BODY: request_with(protocol, GARBAGE),
        NO_BODY_0: request_with(protocol, ZEROS),
        TOO_LONG: request_of_four_gb(protocol),
    }
    rows = []
    till = Till()
    with serve(protocol, till) as address:
        for fault, data in hostile.items():
            before = till.times
            reply, closed = hear(protocol, address, data, hang_up=fault == DIES_BEFORE)
            saw = summary(protocol, reply) + (", closes" if closed else ", stays")
            when = "at once" if reply or closed else "waits for more"
            rows.append(Failure(protocol, fault, saw, when, till.times - before, next_caller(protocol, address)))
    return rows


def hear(protocol: str, address: Address, data: bytes, hang_up: bool) -> tuple[bytes, bool]:
    """Send bytes to a server and return what it answers, and whether it closed the connection then."""
    reply = b""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(data)
        if hang_up:
            connection.shutdown(socket.SHUT_WR)
        try:
            while piece := connection.recv(PIECE):
                reply += piece
                if not summary(protocol, reply).startswith(SILENCE):
                    connection.settimeout(LISTEN)
        except TimeoutError:
            return reply, False
        except OSError:  # a reset closes, too
            return reply, True
    return reply, True


def next_caller(protocol: str, address: Address) -> str:
    """Say whether a good client is still served."""
    with connect(protocol, address) as client:
        try:
            return "the next caller is served" if client.get(ADA.id) == ADA else "the next caller gets a wrong answer"
        except WireError as error:
            return f"the next caller fails: {type(error).__name__}"
