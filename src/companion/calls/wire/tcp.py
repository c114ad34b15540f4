"""What the two wires without a library share: a TCP server with a thread a connection, and one client connection.

A socket delivers a stream of bytes, in pieces of its own choosing. Everything here is built on one function type,
`Read`: "give me exactly n bytes", which either does that or raises.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator

from companion.calls.wire.customers import (
    Address,
    ConnectionLost,
    Malformed,
    MalformedReply,
    NotConnected,
    Timeout,
    WireError,
)

Read = Callable[[int], bytes]

MAX_CONNECTIONS = 100  # beyond it a server closes new connections at once: a thread each is not free
IDLE_SECONDS = 60.0  # a server waits this long for a complete request
PIECE = 65_536


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address; port 0 takes a free one.

    Raises
    ------
    OSError
        When the host is unknown or the port is taken.
    """
    family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    # The protocol is named, as socket.create_server does not: asyncio turns Nagle's algorithm off only where it reads
    # IPPROTO_TCP, and with it on, an answer in two pieces waits 40 ms for the acknowledgement of the first.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def receiver(connection: socket.socket, seconds: float | None) -> Read:
    """Return a function that reads exactly n bytes, all its calls together within so many seconds.

    The bound is on the whole message, not on each piece: a peer that sends a byte a second must not hold us for ever.
    """
    deadline = None if seconds is None else time.monotonic() + seconds

    def read(size: int) -> bytes:
        # Grows with what arrives, so that an announced length costs nothing until the bytes are there.
        data = bytearray()
        while len(data) < size:
            if deadline is not None:
                connection.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = connection.recv(min(size - len(data), PIECE))
            if not piece:
                raise ConnectionLost(f"the peer closed the connection after {len(data)} of {size} bytes")
            data += piece
        return bytes(data)

    return read


@contextlib.contextmanager
def listening(handle: Callable[[socket.socket], None], host: str, port: int) -> Iterator[Address]:
    """Serve each connection with `handle` in a thread of its own; on leaving, close them all and wait for the threads.

    Parameters
    ----------
    handle : callable
        Gets the connected socket, returns when it is done with it. Lost connections and timeouts may escape from it.
    host, port
        Where to listen; port 0 takes a free one.
    """
    listener = bind(host, port)
    listener.setblocking(False)  # a caller may be gone between the knock and the opening of the door
    wake, woken = socket.socketpair()  # a portable way to end a thread that waits for connections
    connections: dict[socket.socket, threading.Thread] = {}
    lock = threading.Lock()

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionLost, OSError):
            handle(connection)
        with lock:
            connections.pop(connection, None)

    def accept() -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while all(key.fileobj is listener for key, _ in selector.select()):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    continue
                connection.setblocking(True)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(target=serve, args=(connection,), name="wire-connection", daemon=True)
                with lock:
                    if len(connections) >= MAX_CONNECTIONS:
                        connection.close()
                        continue
                    connections[connection] = thread
                thread.start()

    acceptor = threading.Thread(target=accept, name="wire-acceptor", daemon=True)
    with listener, wake, woken:
        acceptor.start()
        try:
            yield Address(host, listener.getsockname()[1])
        finally:
            wake.send(b"x")
            acceptor.join()
            with lock:
                left = list(connections.items())
            for connection, _ in left:
                with contextlib.suppress(OSError):  # its thread may have closed it meanwhile
                    connection.shutdown(socket.SHUT_RDWR)
            for _, thread in left:
                thread.join()


def close_politely(connection: socket.socket) -> None:
    """End our side, then read what still comes for a moment, so that our last answer is not lost.

    Closing with unread bytes makes the kernel send a reset, and a reset may overtake the answer.
    """
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(0.2)
    with contextlib.suppress(OSError):
        for _ in range(16):
            if not connection.recv(PIECE):
                return


class Connection:
    """A client's connection: opened by the first call, dropped by one that fails, opened again by the next.

    It never sends a request twice: after a failure nobody knows whether the first one was carried out.

    Parameters
    ----------
    address : Address
        Where the server listens.
    timeout : float or None
        Seconds for one call, connecting included; None waits for ever.
    """

    def __init__(self, address: Address, timeout: float | None) -> None:
        self._address = address
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()

    def call(self, request: bytes, read_answer: Callable[[Read], bytes]) -> bytes:
        """Send a request and return what `read_answer` makes of the bytes that come back."""
        with self._lock:
            try:
                connection = self._socket or self._open()
                connection.settimeout(self._timeout)
                connection.sendall(request)
                return read_answer(receiver(connection, self._timeout))
            except (OSError, Malformed) as error:
                self._drop()
                raise _named(error) from error
            except BaseException:  # an interrupted call leaves half an answer on the connection
                self._drop()
                raise

    def close(self) -> None:
        """Close the connection; a later call opens it again."""
        with self._lock:
            self._drop()

    def _open(self) -> socket.socket:
        try:
            self._socket = socket.create_connection(self._address, timeout=self._timeout)
        except OSError as error:
            raise NotConnected("nobody listens at the address") from error
        # Small requests leave at once: without this the kernel may hold one back to fill a packet.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _named(error: OSError | Malformed) -> WireError:
    """Return the wires' own name for a failure of a socket."""
    match error:
        case TimeoutError():
            return Timeout("no complete answer in time")
        case Malformed():
            return MalformedReply(str(error))
        case _:
            return ConnectionLost("the connection broke")
