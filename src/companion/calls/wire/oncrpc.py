"""ONC RPC (RFC 5531), once Sun RPC, with the program of types.x: both sides by hand over XDR and record marking.

A call names a program, a version of it and a procedure; the answer says first whether the call was understood, and then
gives the result. The vocabulary of refusal is the part that a demo leaves out and an operator lives by:

    denied    RPC_MISMATCH  another version of RPC itself   AUTH_ERROR  a credential that this server does not take
    accepted  PROG_UNAVAIL  no such program here            PROG_MISMATCH  no such version; these are the ones we have
              PROC_UNAVAIL  no such procedure               GARBAGE_ARGS   the arguments do not decode

GET_CUSTOMER has no way to say "not found" in types.x: it answers a customer whose number is zero.
"""

import contextlib
import itertools
import socket
from collections.abc import Callable, Iterator
from typing import TypeVar

from companion.calls.wire.customers import (
    MAX_CUSTOMERS,
    MAX_NAME_BYTES,
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
from companion.calls.wire.duplicates import DuplicateRequestCache
from companion.calls.wire.record_marking import RecordError, encode_record, read_record
from companion.calls.wire.tcp import IDLE_SECONDS, Connection, listening, receiver
from companion.calls.wire.xdr import Reader, XdrError, pack_array, pack_float, pack_int, pack_string
from companion.calls.wire.xdr import pack_uint as word

T = TypeVar("T")

RPC_VERSION = 2
PROGRAM = 0x20000001
VERSIONS = (1, 2)
NULL, ADD_CUSTOMER, GET_CUSTOMER, LIST_CUSTOMERS = 0, 1, 2, 3
PROCEDURES = {1: (NULL, ADD_CUSTOMER, GET_CUSTOMER), 2: (NULL, ADD_CUSTOMER, GET_CUSTOMER, LIST_CUSTOMERS)}

CALL, REPLY = 0, 1
ACCEPTED, DENIED = 0, 1
SUCCESS, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS, SYSTEM_ERR = range(6)
ACCEPT_STATES = ("SUCCESS", "PROG_UNAVAIL", "PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR")
RPC_MISMATCH, AUTH_ERROR = 0, 1
AUTH_NONE, AUTH_SYS = 0, 1
AUTH_BADCRED, AUTH_REJECTEDCRED = 1, 2
MAX_AUTH = 400  # bytes of a credential or verifier; the RFC's own bound

NO_AUTH = word(AUTH_NONE) + word(0)


def pack_customer(customer: Customer) -> bytes:
    """Encode `struct customer`.

    Raises
    ------
    CannotEncode
        When a field does not fit, as a balance of 1e39, which single precision has no room for.
    """
    try:
        name = pack_string(customer.name, MAX_NAME_BYTES)
        return pack_int(customer.id) + name + pack_float(customer.balance)
    except XdrError as error:
        raise CannotEncode(f"this wire cannot carry the customer: {error}") from error


NOBODY = pack_int(0) + pack_string("", MAX_NAME_BYTES) + pack_float(0.0)


def take_customer(reader: Reader) -> Customer | None:
    """Decode `struct customer`; None for the one whose number is zero.

    Raises
    ------
    XdrError
        When the bytes are no customer.
    """
    id, name, balance = reader.take_int(), reader.take_string(MAX_NAME_BYTES), reader.take_float()
    if id == 0:
        return None
    try:
        return customer_of({"id": id, "name": name, "balance": balance})
    except InvalidCustomer as error:
        raise XdrError(str(error)) from error


def take_real_customer(reader: Reader) -> Customer:
    """Decode `struct customer` where nobody is not an answer."""
    customer = take_customer(reader)
    if customer is None:
        raise XdrError("a customer with the number 0")
    return customer


def call_message(xid: int, version: int, procedure: int, arguments: bytes = b"", program: int = PROGRAM) -> bytes:
    """Build a call: six words that say what is called, an empty credential, an empty verifier, the arguments."""
    head = map(word, (xid, CALL, RPC_VERSION, program, version, procedure))
    return b"".join(head) + NO_AUTH + NO_AUTH + arguments


def answer(store: CustomerStore, message: bytes) -> bytes:
    """Carry out a call: the bytes of a record in, the bytes of the answer out.

    Raises
    ------
    XdrError
        When the bytes are not even a call, so that there is nobody to answer.
    """
    reader = Reader(message)
    xid, kind, rpc_version = reader.take_uint(), reader.take_uint(), reader.take_uint()
    if kind != CALL:
        raise XdrError(f"message type {kind} is no call")
    if rpc_version != RPC_VERSION:
        return b"".join(map(word, (xid, REPLY, DENIED, RPC_MISMATCH, RPC_VERSION, RPC_VERSION)))
    program, version, procedure = reader.take_uint(), reader.take_uint(), reader.take_uint()
    refusal = _authenticate(reader)
    if refusal:
        return b"".join(map(word, (xid, REPLY, DENIED, AUTH_ERROR, refusal)))
    accepted = word(xid) + word(REPLY) + word(ACCEPTED) + NO_AUTH
    if program != PROGRAM:
        return accepted + word(PROG_UNAVAIL)
    if version not in VERSIONS:
        return accepted + word(PROG_MISMATCH) + word(min(VERSIONS)) + word(max(VERSIONS))
    if procedure not in PROCEDURES[version]:
        return accepted + word(PROC_UNAVAIL)
    try:
        return accepted + word(SUCCESS) + _perform(store, procedure, reader)
    except XdrError:
        return accepted + word(GARBAGE_ARGS)
    except (StoreFull, CannotEncode):
        return accepted + word(SYSTEM_ERR)


def _authenticate(reader: Reader) -> int:
    """Take credential and verifier; return 0, or why the call is denied. Nobody's identity is checked: it is a demo."""
    flavor = reader.take_uint()
    try:
        reader.take_opaque(MAX_AUTH)
        reader.take_uint()
        reader.take_opaque(MAX_AUTH)
    except XdrError:
        return AUTH_BADCRED
    return 0 if flavor in (AUTH_NONE, AUTH_SYS) else AUTH_REJECTEDCRED


def _perform(store: CustomerStore, procedure: int, arguments: Reader) -> bytes:
    if procedure == ADD_CUSTOMER:
        customer = take_real_customer(arguments)
        arguments.expect_end()
        return pack_int(store.add(customer))
    if procedure == GET_CUSTOMER:
        id = arguments.take_int()
        arguments.expect_end()
        found = store.get(id)
        return NOBODY if found is None else pack_customer(found)
    arguments.expect_end()  # the two others take nothing
    return b"" if procedure == NULL else pack_array(store.list(), pack_customer, MAX_CUSTOMERS)


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0, remember: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts; remember so many answers, for clients that send a call again."""

    def carry_out(message: bytes) -> bytes:
        return answer(store, message)

    answer_once = DuplicateRequestCache(carry_out, remember) if remember else carry_out

    def handle(connection: socket.socket) -> None:
        # What is no record, or no call, cannot be answered: not even its xid is known. So we hang up.
        with contextlib.suppress(RecordError, XdrError):
            while True:
                message = read_record(receiver(connection, IDLE_SECONDS))
                connection.sendall(encode_record(answer_once(message)))

    with listening(handle, host, port) as address:
        yield address


def result_of(reply: bytes, xid: int) -> Reader:
    """Read an answer up to its result.

    Raises
    ------
    MalformedReply
        When the bytes are no answer to this call.
    RemoteError
        When the server denied or refused the call; the code is the RFC's word for it.
    """
    try:
        reader = Reader(reply)
        if (reader.take_uint(), reader.take_uint()) != (xid, REPLY):
            raise XdrError("not the answer to this call")
        state = reader.take_uint()
        if state == DENIED:
            raise _denial(reader)
        if state != ACCEPTED:
            raise XdrError(f"reply state {state}")
        reader.take_uint()
        reader.take_opaque(MAX_AUTH)
        accepted = reader.take_uint()
        if accepted == PROG_MISMATCH:
            raise RemoteError("PROG_MISMATCH", f"versions {reader.take_uint()} to {reader.take_uint()} are served")
        if accepted >= len(ACCEPT_STATES):
            raise XdrError(f"accept state {accepted}")
    except XdrError as error:
        raise MalformedReply(str(error)) from error
    if accepted != SUCCESS:
        raise RemoteError(ACCEPT_STATES[accepted])
    return reader


def _denial(reader: Reader) -> RemoteError:
    if reader.take_uint() == RPC_MISMATCH:
        return RemoteError("RPC_MISMATCH", f"RPC versions {reader.take_uint()} to {reader.take_uint()} are spoken")
    return RemoteError("AUTH_ERROR", f"auth state {reader.take_uint()}")


class OncRpcClient:
    """A client of the program in types.x.

    Parameters
    ----------
    address : Address
        Where the server listens.
    timeout : float or None
        Seconds for one call.
    version : int
        Of the program.
    xid : int
        That of the first call. Recordings begin at 1; a server that remembers wants a random one.
    """

    def __init__(self, address: Address, timeout: float | None = 2.0, version: int = 2, xid: int = 1) -> None:
        self._connection = Connection(address, timeout)
        self._version = version
        self._xids = itertools.count(xid)

    def null(self) -> None:
        """Call procedure 0, which every program has: does nothing, and so shows that the peer is there."""
        self._call(NULL, b"", lambda reader: None)

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken. The balance arrives in single precision."""
        return bool(self._call(ADD_CUSTOMER, pack_customer(customer), Reader.take_int))

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        try:
            arguments = pack_int(id)
        except XdrError as error:
            raise CannotEncode("the identifier does not fit 32 bits") from error
        return self._call(GET_CUSTOMER, arguments, take_customer)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers; a server of version 1 says PROC_UNAVAIL."""
        return self._call(
            LIST_CUSTOMERS, b"", lambda reader: reader.take_array(lambda: take_real_customer(reader), MAX_CUSTOMERS)
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _call(self, procedure: int, arguments: bytes, take_result: Callable[[Reader], T]) -> T:
        xid = next(self._xids) & 0xFFFF_FFFF
        record = encode_record(call_message(xid, self._version, procedure, arguments))
        reader = result_of(self._connection.call(record, read_record), xid)
        try:
            result = take_result(reader)
            reader.expect_end()
        except Malformed as error:
            raise MalformedReply(str(error)) from error
        return result


def connect(address: Address, timeout: float | None = 2.0, xid: int = 1) -> OncRpcClient:
    """Return a client; it connects with its first call."""
    return OncRpcClient(address, timeout, xid=xid)
