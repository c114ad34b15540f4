"""A TCP proxy that listens in on a conversation, and can spoil it: the fault room of every chapter with a wire.

It stands between a client and a server, each of which takes it for the other. Everything that passes is recorded. Set
`faults` at any time, also in the middle of a conversation, to delay what passes, to cut the connection after so many
bytes, to let half a message through and then fall silent, or to put other bytes in a message's place.

    client -> proxy -> server         what is recorded is what was delivered, in the order in which it was
"""

import contextlib
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Direction = Literal["to server", "to client"]
PIECE = 65_536
QUIET_SECONDS = 0.05  # a message has ended when nothing came for so long; TCP itself knows no messages
MAX_WAITING = 1 << 20  # bytes held back by a delay, before the sender is no longer read


@dataclass(frozen=True)
class Faults:
    """What the proxy does to the bytes. By default nothing.

    Parameters
    ----------
    delay : float
        Seconds that every byte is late, in both directions.
    cut_after : int or None
        Let so many bytes of a connection through, in the direction `toward`, counted from the moment the fault was
        set; then do as `then` says.
    halve : bool
        Let the first half of the next message through, in the direction `toward`; then do as `then` says.
    instead : bytes or None
        Deliver these bytes in place of the next message, in the direction `toward` (none, and it is lost); then do as
        `then` says.
    toward : str
        The direction that `cut_after`, `halve` and `instead` spoil.
    then : str
        "close" the connection, both sides of it, or "hang": keep it open and deliver nothing more.
    """

    delay: float = 0.0
    cut_after: int | None = None
    halve: bool = False
    instead: bytes | None = None
    toward: Direction = "to client"
    then: Literal["close", "hang"] = "close"


@dataclass(frozen=True)
class Piece:
    """Bytes that were delivered together, though they need not be a message.

    Parameters
    ----------
    connection : int
        0 for the first connection, 1 for the next.
    direction : str
        "to server" or "to client".
    data : bytes
        The bytes.
    arrived, delivered : float
        When they came to the proxy and when it passed them on, in seconds of a clock that begins anywhere.
    """

    connection: int
    direction: Direction
    data: bytes
    arrived: float = field(default=0.0, compare=False)
    delivered: float = field(default=0.0, compare=False)


@dataclass
class Proxy:
    """A running proxy.

    Parameters
    ----------
    address : tuple of str and int
        Where it listens: give this to the client.
    pieces : list of Piece
        All that was delivered, oldest first.
    faults : Faults
        What is done to the bytes from now on.
    """

    address: tuple[str, int]
    faults: Faults
    pieces: list[Piece] = field(default_factory=list)

    def to_server(self, connection: int | None = None) -> bytes:
        """Return what the server was given, over one connection or over all."""
        return self._delivered("to server", connection)

    def to_client(self, connection: int | None = None) -> bytes:
        """Return what the client was given, over one connection or over all."""
        return self._delivered("to client", connection)

    def _delivered(self, direction: Direction, connection: int | None) -> bytes:
        chosen = [p for p in list(self.pieces) if p.direction == direction and connection in (None, p.connection)]
        return b"".join(piece.data for piece in chosen)


def round_trips(pieces: Sequence[Piece]) -> int:
    """Count how often a client had to wait for its server, one wait after the other.

    What a server sends can be an answer to all that was delivered to it before, and what a client sends can be one,
    too; the count is the longest such chain. A delay makes it exact: bytes that cross on their way, and answer nothing,
    cross within the delay.
    """
    depths: list[int] = []
    for piece in pieces:
        earlier = [
            depth
            for other, depth in zip(pieces, depths, strict=False)
            if other.direction != piece.direction and other.delivered <= piece.arrived
        ]
        depths.append(max(earlier, default=0) + (piece.direction == "to client"))
    return max(depths, default=0)


@contextlib.contextmanager
def proxy(target: tuple[str, int], faults: Faults | None = None) -> Iterator[Proxy]:
    """Run a proxy before a server while the context lasts.

    Parameters
    ----------
    target : tuple of str and int
        The server's address. It need not be there: a client then finds its connection closed.
    faults : Faults, optional
        What to do to the bytes from the start.

    Yields
    ------
    Proxy
        On leaving, its connections are closed and its threads are gone.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    running = Proxy(listener.getsockname()[:2], faults or Faults())
    stop, stopped = socket.socketpair()  # readable by everyone who waits, once we are done
    threads: list[threading.Thread] = []

    def accept() -> None:
        connection = 0
        while listener in select.select([listener, stopped], [], [])[0] and not _is_ready(stopped):
            client, _ = listener.accept()
            arguments = (running, connection, client, target, stopped)
            threads.append(threading.Thread(target=_relay, args=arguments, name="proxy-connection", daemon=True))
            threads[-1].start()
            connection += 1

    acceptor = threading.Thread(target=accept, name="proxy-acceptor", daemon=True)
    with listener, stop, stopped:
        acceptor.start()
        try:
            yield running
        finally:
            stop.send(b"x")
            acceptor.join()
            for thread in threads:
                thread.join()


def _is_ready(source: socket.socket) -> bool:
    return bool(select.select([source], [], [], 0)[0])


def _relay(
    running: Proxy, connection: int, client: socket.socket, target: tuple[str, int], stop: socket.socket
) -> None:
    """Carry one connection: this thread takes one direction, a second one the other."""
    with client:
        try:
            server = socket.create_connection(target, timeout=2)
        except OSError:
            return
        with server:
            for end in (client, server):
                end.settimeout(2)  # a peer that does not read holds us up no longer than this
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = _Pump(running, Piece(connection, "to client", b""), server, client, stop)
            thread = threading.Thread(target=back.run, name="proxy-connection", daemon=True)
            thread.start()
            _Pump(running, Piece(connection, "to server", b""), client, server, stop).run()
            thread.join()


class _Pump:
    """Carries one direction of one connection."""

    def __init__(
        self, running: Proxy, blank: Piece, source: socket.socket, sink: socket.socket, stop: socket.socket
    ) -> None:
        self.running, self.blank, self.source, self.sink, self.stop = running, blank, source, sink, stop
        self.waiting: deque[tuple[float, Piece]] = deque()  # (when it is due, what); empty bytes are the end
        self.delivered = 0
        self.fault_began: tuple[Faults, int] | None = None  # the fault that spoils us, and `delivered` when it was set
        self.silent = False

    def run(self) -> None:
        """Carry until either side is done, a fault cuts us off, or the proxy stops."""
        with contextlib.suppress(OSError):  # a side that went away needs no more deliveries
            while self._step():
                pass
            return
        _hang_up(self.source, self.sink)

    def _step(self) -> bool:
        """Read what is there, deliver what is due; False when there is nothing more to do."""
        wait = max(self.waiting[0][0] - time.monotonic(), 0) if self.waiting else None
        ended = bool(self.waiting) and not self.waiting[-1][1].data
        full = sum(len(piece.data) for _, piece in self.waiting) > MAX_WAITING
        sources = [self.stop] if ended or full else [self.stop, self.source]
        ready = select.select(sources, [], [], wait)[0]
        if self.stop in ready:
            _hang_up(self.source, self.sink)
            return False
        if self.source in ready:
            now = time.monotonic()
            self.waiting.append((now + self.running.faults.delay, replace(self.blank, data=self._read(), arrived=now)))
        while self.waiting and self.waiting[0][0] <= time.monotonic():
            if not self._deliver(self.waiting.popleft()[1]):
                return False
        return True

    def _read(self) -> bytes:
        data = self.source.recv(PIECE)
        faults = self.running.faults
        if (faults.halve or faults.instead is not None) and faults.toward == self.blank.direction and data:
            while select.select([self.source], [], [], QUIET_SECONDS)[0]:  # half of what? wait for the rest of it
                more = self.source.recv(PIECE)
                if not more:
                    break
                data += more
        return data

    def _deliver(self, piece: Piece) -> bool:
        """Deliver one piece, spoilt as the faults say; False after the last one."""
        data = piece.data
        if not data:
            if not self.silent:
                self.sink.shutdown(socket.SHUT_WR)
            return False
        if self.silent:
            return True
        faults = self.running.faults
        if faults.instead is not None and faults.toward == self.blank.direction:
            data = faults.instead
        through = self._allowed(data)
        if through:
            self.running.pieces.append(replace(piece, data=data[:through], delivered=time.monotonic()))
            self.delivered += through
            self.sink.sendall(data[:through])
        # Faults that were set while this piece was under way are for the next one.
        if through < len(data) or (faults is self.running.faults and self._exhausted()):
            if self.running.faults.then == "close":
                _hang_up(self.source, self.sink)
                return False
            self.silent = True
        return True

    def _allowed(self, data: bytes) -> int:
        """Return how many of these bytes the faults let through."""
        faults = self.running.faults
        if faults.toward != self.blank.direction:
            return len(data)
        if faults.halve:
            return len(data) // 2
        if faults.cut_after is None:
            return len(data)
        if self.fault_began is None or self.fault_began[0] is not faults:
            self.fault_began = (faults, self.delivered)
        return min(len(data), faults.cut_after - (self.delivered - self.fault_began[1]))

    def _exhausted(self) -> bool:
        faults = self.running.faults
        if faults.toward != self.blank.direction:
            return False
        if faults.instead is not None:
            return True
        if faults.cut_after is None or self.fault_began is None:
            return False
        return self.delivered - self.fault_began[1] >= faults.cut_after


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
