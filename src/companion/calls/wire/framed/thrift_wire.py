"""Thrift: an interface in a language of its own, and a library that makes classes of it when the program starts.

The same interface goes over the wire in several ways, and both sides must know which: `binary`, the first; `compact`,
with numbers of as few bytes as they need; and either of them `framed`, with the length in front.

    binary   80 01 00 kind · length and name of the method · number of the call · a struct of the arguments
    compact  82 · kind and version · number of the call · length and name · a struct of the arguments
    struct   type and number of a field, its value; and so on; 0
"""

import contextlib
import functools
import socket
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from types import ModuleType
from typing import Any

import thriftpy2
from thriftpy2.protocol import binary, compact
from thriftpy2.thrift import TApplicationException, TClient, TException, TMessageType, TProcessor

from companion.calls.wire.customers import (
    MAX_ID,
    Address,
    CannotEncode,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    RemoteError,
    StoreFull,
    customer_of,
)
from companion.calls.wire.framed.thrift_bounds import ThriftError, read_binary, read_compact, read_frame
from companion.calls.wire.tcp import IDLE_SECONDS, Connection, Read, close_politely, listening, receiver

IDL = "customer.thrift"
REASONS = {
    TApplicationException.UNKNOWN_METHOD: "UNKNOWN_METHOD",
    TApplicationException.MISSING_RESULT: "MISSING_RESULT",
    TApplicationException.INTERNAL_ERROR: "INTERNAL_ERROR",
    TApplicationException.PROTOCOL_ERROR: "PROTOCOL_ERROR",
}
BROKEN = (TException, struct.error, ValueError, KeyError, TypeError, AttributeError, EOFError, RecursionError)
"""What the library raises over bytes that are structs, and not those that it expects."""


@functools.cache
def interface() -> ModuleType:
    """Return the classes that the library makes of the interface."""
    with resources.as_file(resources.files(__package__) / IDL) as path:
        module: ModuleType = thriftpy2.load(str(path), module_name="customer_thrift")
    return module


class Memory:
    """A transport of the library's that is bytes: what it reads was received, what it writes will be sent."""

    def __init__(self, data: bytes = b"") -> None:
        self._data, self._at = data, 0
        self.written = bytearray()

    def read(self, size: int) -> bytes:
        """Give the next bytes."""
        if not 0 <= size <= len(self._data) - self._at:
            raise EOFError("the message ends in the middle of a value")
        self._at += size
        return self._data[self._at - size : self._at]

    def write(self, data: bytes) -> None:
        """Keep bytes."""
        self.written += data

    def flush(self) -> None:
        """Do nothing: whoever asked for the bytes sends them."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Codec:
    """One of the ways in which a message is written.

    Parameters
    ----------
    read : callable
        Reads one message from a connection.
    protocol : callable
        The library's reader and writer for a transport.
    framed : bool
        With its length in front.
    """

    read: Callable[[Read], bytes]
    protocol: Callable[[Memory], Any]
    framed: bool = False

    def wrap(self, message: bytes) -> bytes:
        """Give a message as it goes over the wire."""
        return len(message).to_bytes(4, "big") + message if self.framed else message


# In Python, not in C: their transport is one of ours. The library does not say their types.
_BINARY: Any = binary.TBinaryProtocol
_COMPACT: Any = compact.TCompactProtocol


def _binary(memory: Memory) -> Any:
    return _BINARY(memory, strict_decode=True)


def _compact(memory: Memory) -> Any:
    return _COMPACT(memory, strict_decode=True)


CODECS = {
    "binary": Codec(read_binary, _binary),
    "compact": Codec(read_compact, _compact),
    "binary, framed": Codec(lambda read: read_frame(read, read_binary), _binary, framed=True),
    "compact, framed": Codec(lambda read: read_frame(read, read_compact), _compact, framed=True),
}


class Handler:
    """Carries out the calls; the library finds the methods by their names."""

    def __init__(self, store: CustomerStore) -> None:
        self._store = store

    def add(self, customer: Any) -> bool:
        """Add a customer."""
        try:
            return self._store.add(_customer(customer))
        except (InvalidCustomer, StoreFull) as error:
            raise interface().Refused(reason=str(error)) from error

    def get(self, id: Any) -> Any:
        """Return a customer."""
        found = self._store.get(id)
        if found is None:
            raise interface().NoSuchCustomer(id=id)
        return _struct(found)

    def list_all(self) -> list[Any]:
        """Return all customers."""
        return [_struct(customer) for customer in self._store.list()]


def _struct(customer: Customer) -> Any:
    return interface().Customer(id=customer.id, name=customer.name, balance=customer.balance)


def _customer(fields: Any) -> Customer:
    # The library gives None for a field that did not come, `required` or not: here it is refused.
    return customer_of({name: getattr(fields, name, None) for name in ("id", "name", "balance")})


def answer(processor: TProcessor, codec: Codec, request: bytes) -> bytes:
    """Carry out a message; return the message that answers it."""
    reply = Memory()
    writer = codec.protocol(reply)
    try:
        name, number, result, call = processor.process_in(codec.protocol(Memory(request)))
    except BROKEN as error:
        name, number, result, call = "", 0, TApplicationException(TApplicationException.PROTOCOL_ERROR), None
        result.message = f"no call of this interface: {type(error).__name__}"
    if call is not None:
        try:
            result.success = call()
        except Exception as error:  # noqa: BLE001 - the caller is owed an answer whatever broke, and no look inside
            if not processor.handle_exception(error, result):
                result = TApplicationException(TApplicationException.INTERNAL_ERROR)
    if isinstance(result, TApplicationException):
        processor.send_exception(writer, name, result, number)
    else:
        processor.send_result(writer, name, result, number)
    return codec.wrap(bytes(reply.written))


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0, *, codec: str = "binary") -> Iterator[Address]:
    """Serve the store while the context lasts, in one of `CODECS`."""
    processor, chosen = TProcessor(interface().Customers, Handler(store)), CODECS[codec]

    def handle(connection: socket.socket) -> None:
        while True:
            try:
                request = chosen.read(receiver(connection, IDLE_SECONDS))
            except ThriftError as error:
                reply = Memory()
                fault = TApplicationException(TApplicationException.PROTOCOL_ERROR, str(error))
                processor.send_exception(chosen.protocol(reply), "", fault, 0)
                connection.sendall(chosen.wrap(bytes(reply.written)))
                close_politely(connection)
                return
            connection.sendall(answer(processor, chosen, request))

    with listening(handle, host, port) as address:
        yield address


class ThriftClient:
    """A client of the interface."""

    def __init__(self, address: Address, timeout: float | None = 2.0, codec: str = "binary") -> None:
        self._connection = Connection(address, timeout)
        self._codec = CODECS[codec]

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        added = self._call("add", _struct(customer))
        if not isinstance(added, bool):
            raise MalformedReply("the answer says neither yes nor no")
        return added

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        if not -MAX_ID - 1 <= id <= MAX_ID:
            raise CannotEncode("the identifier does not fit 32 bits")
        found = self._call("get", id)
        return None if found is None else _read(found)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        found = self._call("list_all")
        if not isinstance(found, list):
            raise MalformedReply("the answer is no list")
        return [_read(one) for one in found]

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _call(self, method: str, *arguments: Any) -> Any:
        """Call a method; None when the server says that there is no such customer."""
        sent = Memory()
        try:
            request = functools.partial(TClient(interface().Customers, self._codec.protocol(sent))._send, method)
            request(**dict(zip(ARGUMENTS[method], arguments, strict=True)))
        except BROKEN as error:
            raise CannotEncode(f"this wire cannot carry the customer: {error}") from error
        reply = self._connection.call(self._codec.wrap(bytes(sent.written)), self._codec.read)
        try:
            name, kind, _ = self._codec.protocol(Memory(reply)).read_message_begin()
            if kind not in (TMessageType.REPLY, TMessageType.EXCEPTION) or (kind == TMessageType.REPLY) > (
                name == method
            ):
                raise MalformedReply("the message is no answer to this call")
            return TClient(interface().Customers, self._codec.protocol(Memory(reply)))._recv(method)
        except interface().NoSuchCustomer:
            return None
        except interface().Refused as error:
            raise RemoteError("Refused", str(error.reason or "")) from error
        except TApplicationException as error:
            raise RemoteError(REASONS.get(error.type, "TApplicationException"), str(error.message or "")) from error
        except BROKEN as error:
            raise MalformedReply("the answer is no result of this call") from error


ARGUMENTS = {"add": ("customer",), "get": ("id",), "list_all": ()}


def _read(fields: Any) -> Customer:
    try:
        return _customer(fields)
    except InvalidCustomer as error:
        raise MalformedReply("the answer is no customer") from error


def connect(address: Address, timeout: float | None = 2.0, codec: str = "binary") -> ThriftClient:
    """Return a client; it connects with its first call."""
    return ThriftClient(address, timeout, codec)
