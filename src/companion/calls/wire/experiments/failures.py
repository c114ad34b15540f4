"""What each wire does when its peer fails: dies, falls silent, talks nonsense, or announces four gigabytes.

Every row of the table is an experiment: a real client against a peer that misbehaves, or a real server against a caller
that does. What a row says is free of times and ports, so that it repeats.
"""

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from companion.calls.wire import PROTOCOLS, connect, serve
from companion.calls.wire.customers import Address, Client, CustomerStore, WireError
from companion.calls.wire.experiments.hostile import (
    GARBAGE,
    SILENCE,
    bad_answers,
    bad_requests,
    good_request,
    open_http2,
    summary,
)
from companion.calls.wire.recording.record import ADA
from companion.calls.wire.tcp import PIECE, listening, receiver
from companion.proxy import Faults, proxy

# Long, so that a busy machine does not change a row; the wires wait side by side.
SECONDS = 2.0  # how long a client waits, in all of these experiments
PATIENCE = 3.0  # how long a server may be silent before we take it to wait for more
LISTEN = 1.0  # and how long, after its answer, before we take it to keep the connection


@dataclass(frozen=True)
class Failure:
    """What one side saw of the other's failure.

    Parameters
    ----------
    protocol, fault : str
        The wire, and what the peer did.
    saw : str
        Of a client, the class of the error that its caller got; of a server, what it answered, and then did.
    message : str
        Of a client, the error's message; of a server, how the next caller fared.
    when : str
        "at once", "at the timeout", or "waits for more".
    """

    protocol: str
    fault: str
    saw: str
    message: str
    when: str


def client_failures(protocols: Sequence[str] = PROTOCOLS) -> list[Failure]:
    """Let each wire's client meet each failure of a server, and report what its caller sees."""
    return side_by_side(failures_of_client, protocols)


def failures_of_client(protocol: str) -> list[Failure]:
    """Let one wire's client meet them."""
    rows = [
        mid_answer(protocol, "dies in mid-answer", Faults(halve=True, then="close")),
        mid_answer(protocol, "falls silent in mid-answer", Faults(halve=True, then="hang")),
        scripted(protocol, "answers garbage", GARBAGE, politely=False),
    ]
    return rows + [scripted(protocol, fault, answer, politely=True) for fault, answer in bad_answers(protocol).items()]


def side_by_side(experiment: Callable[[str], list[Failure]], protocols: Sequence[str]) -> list[Failure]:
    """Run an experiment for all wires at once, since it mostly waits, and return the rows in the wires' order."""
    with ThreadPoolExecutor(max_workers=max(1, len(protocols))) as pool:
        return [row for rows in pool.map(experiment, protocols) for row in rows]


def mid_answer(protocol: str, fault: str, faults: Faults) -> Failure:
    """Spoil the second answer of a good server; the first one has opened the connection."""
    with (
        serve(protocol, CustomerStore([ADA])) as address,
        proxy(address) as wire,
        connect(protocol, Address(*wire.address), timeout=SECONDS) as client,
    ):
        client.get(ADA.id)
        wire.faults = faults
        return outcome(protocol, fault, client)


def scripted(protocol: str, fault: str, answer: bytes, politely: bool) -> Failure:
    """Let a client call a server that says one thing, whatever it is asked, and then waits.

    On gRPC `politely` means that the connection is opened as HTTP/2 has it, before the bad answer.
    """

    def script(connection: socket.socket) -> None:
        if protocol == "grpc" and politely:
            open_http2(receiver(connection, 2 * SECONDS), connection.sendall)
        else:
            connection.recv(PIECE)
        connection.sendall(answer)
        connection.settimeout(2 * SECONDS)
        while connection.recv(PIECE):
            pass

    with listening(script, "127.0.0.1", 0) as address, connect(protocol, address, timeout=SECONDS) as client:
        return outcome(protocol, fault, client)


def outcome(protocol: str, fault: str, client: Client) -> Failure:
    """Make a call that must fail, and report how."""
    began = time.monotonic()
    try:
        found = client.get(ADA.id)
    except WireError as error:
        late = time.monotonic() - began >= 0.9 * SECONDS
        return Failure(protocol, fault, type(error).__name__, str(error), "at the timeout" if late else "at once")
    return Failure(protocol, fault, "no error", f"the call returned {found}", "at once")


def server_failures(protocols: Sequence[str] = PROTOCOLS) -> list[Failure]:
    """Let each wire's server meet each failure of a client, and report what it answers, and whether it lives on."""
    return side_by_side(failures_of_server, protocols)


def failures_of_server(protocol: str) -> list[Failure]:
    """Let one wire's server meet them."""
    rows = []
    request = good_request(protocol)
    hostile = {"dies in mid-request": request[: len(request) // 2], "sends garbage": GARBAGE}
    with serve(protocol, CustomerStore([ADA])) as address:
        for fault, data in (hostile | bad_requests(protocol)).items():
            reply, closed = hear(protocol, address, data, hang_up=fault == "dies in mid-request")
            saw = summary(protocol, reply) + (", closes" if closed else ", stays")
            when = "at once" if reply or closed else "waits for more"
            rows.append(Failure(protocol, fault, saw, next_caller(protocol, address), when))
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


def table(rows: Iterable[Failure]) -> str:
    """Write rows as text, in columns."""
    cells = [(row.protocol, row.fault, row.saw, row.message, row.when) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]) for row in cells
    )
