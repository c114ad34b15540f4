"""How to find a lookup service whose address one does not know: ask everybody, by multicast.

The question goes to a group's address; each lookup service that is a member and serves one of the groups asked for
answers the asker alone. All is kept on loopback: the membership and the sender's interface are 127.0.0.1, and a TTL of
0 lets no datagram leave the machine. A system may forbid multicast; then `discover` says so, and one asks a known
address.
"""

from __future__ import annotations

import json
import secrets
import selectors
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from companion.calls.coordination.lines import Address

GROUP = "239.255.4.160"
"""An address of the range that is each site's own (RFC 2365)."""
LOOPBACK = "127.0.0.1"
MOST_BYTES = 1_400
MOST_GROUPS = 16


class Discovered(NamedTuple):
    """What a question brought: the lookup services' addresses, and why there was no question if there was none."""

    addresses: list[Address]
    forbidden: str = ""


def write_question(nonce: str, groups: list[str]) -> bytes:
    """Write the question: who serves one of these groups?"""
    return json.dumps({"ask": nonce, "groups": groups}).encode()


def read_question(datagram: bytes) -> tuple[str, list[str]] | None:
    """Read a question; None for whatever else a stranger may send."""
    message = _read(datagram)
    match message:
        case {"ask": str() as nonce, "groups": list() as groups} if len(nonce) <= 64 and len(groups) <= MOST_GROUPS:
            return nonce, [group for group in groups if isinstance(group, str)]
    return None


def read_answer(datagram: bytes, nonce: str) -> Address | None:
    """Read an answer to the question with this nonce; None for whatever else comes."""
    match _read(datagram):
        case {"answer": str() as to, "host": str() as host, "port": int() as port} if to == nonce and 0 < port < 65536:
            return Address(host, port)
    return None


def _read(datagram: bytes) -> object:
    if len(datagram) > MOST_BYTES:
        return None
    try:
        return json.loads(datagram)
    except (ValueError, RecursionError):
        return None


def _join(listener: socket.socket) -> None:
    """Be a member on loopback, and hear what is sent to the group and nothing else."""
    listener.bind((LOOPBACK if sys.platform == "win32" else GROUP, 0))
    membership = socket.inet_aton(GROUP) + socket.inet_aton(LOOPBACK)
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)


def _respond(listener: socket.socket, end: socket.socket, address: Address, groups: frozenset[str]) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(end, selectors.EVENT_READ)
        while end not in {key.fileobj for key, _ in selector.select()}:
            datagram, sender = listener.recvfrom(MOST_BYTES + 1)
            question = read_question(datagram)
            if question is not None and groups.intersection(question[1]) and sender[0] == LOOPBACK:
                answer = {"answer": question[0], "host": address.host, "port": address.port}
                listener.sendto(json.dumps(answer).encode(), sender)


@contextmanager
def announced(address: Address, *groups: str) -> Iterator[int | None]:
    """Answer who asks for a lookup service, until the block ends.

    Yields
    ------
    int or None
        The port to which questions go; None if this system forbids multicast.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        try:
            _join(listener)
        except OSError:
            yield None
            return
        ours, end = socket.socketpair()
        thread = threading.Thread(target=_respond, args=(listener, end, address, frozenset(groups)), daemon=True)
        with ours, end:
            thread.start()
            try:
                yield int(listener.getsockname()[1])
            finally:
                ours.close()
                thread.join()


def discover(port: int | None, groups: list[str], wanted: int = 1, patience: float = 5.0) -> Discovered:
    """Ask the group's members, and wait until so many have answered or the time is up.

    Parameters
    ----------
    port : int or None
        Where lookup services listen; None if that is known to be forbidden.
    groups : list of str
        For which groups of services.
    wanted : int
        How many answers are enough.
    patience : float
        Seconds to wait for an answer when too few come.
    """
    if port is None:
        return Discovered([], "this system lets nobody join a multicast group")
    nonce = secrets.token_hex(8)
    found: list[Address] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(patience)
        try:
            asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
            asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 0)
            asker.bind((LOOPBACK, 0))
            asker.sendto(write_question(nonce, groups), (GROUP, port))
        except OSError as error:
            return Discovered([], f"this system sends no multicast: {error.strerror}")
        while len(found) < wanted:
            try:
                answer = read_answer(asker.recv(MOST_BYTES + 1), nonce)
            except OSError:  # the time is up
                break
            if answer is not None and answer not in found:
                found.append(answer)
    return Discovered(found)
