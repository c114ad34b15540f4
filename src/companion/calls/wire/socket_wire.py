"""A protocol of our own on a bare TCP socket: nothing between us and the bytes, and nothing done for us.

A message is a frame: four bytes of length, big-endian, then that many bytes. The first of these says what it is, an
operation in a request, a status in an answer; the rest is the body.

    request   1 add   customer              answer   0 done    add: nothing, get: customer, list: count and customers
              2 get   id (int32)                     1 taken   there is a customer with this id
              3 list  nothing                        2 absent  there is no customer with this id
                                                     3 refused the reason as text
    customer  id (int32) · balance (float64) · length of the name (one byte) · name (UTF-8)
"""

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator
from typing import TypeVar

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    Malformed,
    MalformedReply,
    RemoteError,
    StoreFull,
    customer_of,
)
from companion.calls.wire.tcp import IDLE_SECONDS, Connection, Read, close_politely, listening, receiver

T = TypeVar("T")

MAX_FRAME = 1 << 20
ADD, GET, LIST = 1, 2, 3
DONE, TAKEN, ABSENT, REFUSED = 0, 1, 2, 3

_LENGTH = struct.Struct(">I")
_ID = struct.Struct(">i")
_CUSTOMER = struct.Struct(">idB")


class FrameError(Malformed):
    """Bytes that are no frame of this protocol."""


def encode_frame(payload: bytes) -> bytes:
    """Put the length in front."""
    if not 1 <= len(payload) <= MAX_FRAME:
        raise FrameError(f"a frame carries 1 to {MAX_FRAME} bytes, not {len(payload)}")
    return _LENGTH.pack(len(payload)) + payload


def read_frame(read: Read) -> bytes:
    """Read one frame and return what it carries.

    The length is judged before anything is read or reserved: the peer chose it.
    """
    (length,) = _LENGTH.unpack(read(_LENGTH.size))
    if not 1 <= length <= MAX_FRAME:
        raise FrameError(f"a frame of {length} bytes; 1 to {MAX_FRAME} are allowed")
    return read(length)


def encode_customer(customer: Customer) -> bytes:
    """Lay a customer out: 13 bytes and the name."""
    name = customer.name.encode()
    return _CUSTOMER.pack(customer.id, customer.balance, len(name)) + name


def decode_customer(data: bytes, start: int = 0) -> tuple[Customer, int]:
    """Read the customer that begins at `start`; return it and where the next thing begins."""
    if len(data) - start < _CUSTOMER.size:
        raise FrameError(f"a customer begins with {_CUSTOMER.size} bytes, {len(data) - start} are there")
    id, balance, size = _CUSTOMER.unpack_from(data, start)
    start += _CUSTOMER.size
    if len(data) - start < size:
        raise FrameError(f"a name of {size} bytes, {len(data) - start} are there")
    try:
        name = data[start : start + size].decode()
        return customer_of({"id": id, "name": name, "balance": balance}), start + size
    except UnicodeDecodeError as error:
        raise FrameError("the name is not UTF-8") from error
    except InvalidCustomer as error:
        raise FrameError(str(error)) from error


def decode_only_customer(data: bytes) -> Customer:
    """Read a body that is one customer and no more."""
    customer, end = decode_customer(data)
    if end != len(data):
        raise FrameError(f"{len(data) - end} bytes after the customer")
    return customer


def decode_customers(data: bytes) -> Customers:
    """Read a count, then as many customers."""
    if len(data) < _LENGTH.size:
        raise FrameError("a list without its count")
    (count,) = _LENGTH.unpack_from(data)
    end = _LENGTH.size
    customers: Customers = []
    for _ in range(count):  # runs out of bytes before a false count does harm
        customer, end = decode_customer(data, end)
        customers.append(customer)
    if end != len(data):
        raise FrameError(f"{len(data) - end} bytes after the last customer")
    return customers


def answer(store: CustomerStore, request: bytes) -> bytes:
    """Carry out a request: the bytes of a frame in, the bytes of the answer's frame out."""
    operation, body = request[0], request[1:]
    try:
        if operation == ADD:
            return bytes([DONE if store.add(decode_only_customer(body)) else TAKEN])
        if operation == GET and len(body) == _ID.size:
            found = store.get(_ID.unpack(body)[0])
            return bytes([ABSENT]) if found is None else bytes([DONE]) + encode_customer(found)
        if operation == LIST and not body:
            customers = store.list()
            return bytes([DONE]) + _LENGTH.pack(len(customers)) + b"".join(map(encode_customer, customers))
        raise FrameError(f"operation {operation} with a body of {len(body)} bytes is none of ours")
    except (FrameError, StoreFull) as error:
        return bytes([REFUSED]) + str(error).encode()


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts."""

    def handle(connection: socket.socket) -> None:
        while True:
            try:
                request = read_frame(receiver(connection, IDLE_SECONDS))
            except FrameError as error:
                # Where the next frame would begin, nobody knows: say what was wrong, and hang up.
                connection.sendall(encode_frame(bytes([REFUSED]) + str(error).encode()))
                close_politely(connection)
                return
            connection.sendall(encode_frame(answer(store, request)))

    with listening(handle, host, port) as address:
        yield address


class SocketClient:
    """A client of the framed socket."""

    def __init__(self, address: Address, timeout: float | None = 2.0) -> None:
        self._connection = Connection(address, timeout)

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        try:
            body = encode_customer(customer)
        except (struct.error, ValueError) as error:
            raise CannotEncode(f"this wire cannot carry the customer: {error}") from error
        status, rest = self._call(ADD, body, (DONE, TAKEN))
        if rest:
            raise MalformedReply(f"{len(rest)} bytes after the status")
        return status == DONE

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        try:
            body = _ID.pack(id)
        except struct.error as error:
            raise CannotEncode("the identifier does not fit 32 bits") from error
        status, rest = self._call(GET, body, (DONE, ABSENT))
        return None if status == ABSENT else _decoded(decode_only_customer, rest)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        _, rest = self._call(LIST, b"", (DONE,))
        return _decoded(decode_customers, rest)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _call(self, operation: int, body: bytes, expected: tuple[int, ...]) -> tuple[int, bytes]:
        reply = self._connection.call(encode_frame(bytes([operation]) + body), read_frame)
        status, rest = reply[0], reply[1:]
        if status == REFUSED:
            raise RemoteError("REFUSED", rest.decode(errors="replace"))
        if status not in expected:
            raise MalformedReply(f"status {status} answers operation {operation}")
        return status, rest


def _decoded(decode: Callable[[bytes], T], data: bytes) -> T:
    try:
        return decode(data)
    except Malformed as error:
        raise MalformedReply(str(error)) from error


def connect(address: Address, timeout: float | None = 2.0) -> SocketClient:
    """Return a client; it connects with its first call."""
    return SocketClient(address, timeout)
