"""gRPC: Protocol Buffers for the messages, HTTP/2 for everything else, and a library that does both.

customer.proto is the contract; customer_pb2.py is what protoc makes of it:

    python -m grpc_tools.protoc -I src --python_out=src src/companion/calls/wire/customer.proto

It could make the stubs as well (customer_pb2_grpc.py); they would hide the three things that a call is made of, a path
and two functions between messages and bytes, so we write these ourselves.
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent import futures
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_reflection.v1alpha import reflection

from companion.calls.wire import customer_pb2 as pb
from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    ConnectionLost,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    RemoteError,
    StoreFull,
    Timeout,
    WireError,
    customer_of,
)
from companion.calls.wire.tcp import bind
from companion.errors import CompanionError

SERVICE = "companion.wire.v1.CustomerService"
MAX_REQUEST = 1 << 20
MAX_ANSWER = 4 << 20
# Pings in search of the bandwidth, and ports shared by two servers, would make two runs differ.
QUIET = [("grpc.http2.bdp_probe", 0), ("grpc.so_reuseport", 0)]

_NONSENSE = object()
Before = Callable[[grpc.ServicerContext], None]


def to_message(customer: Customer) -> pb.Customer:
    """Make a message of a customer.

    Raises
    ------
    CannotEncode
        When a field does not fit the message's types.
    """
    try:
        return pb.Customer(id=customer.id, name=customer.name, balance=customer.balance)
    except ValueError as error:
        raise CannotEncode(f"this wire cannot carry the customer: {error}") from error


def from_message(message: pb.Customer) -> Customer:
    """Make a customer of a message, or raise `InvalidCustomer`."""
    return customer_of({"id": message.id, "name": message.name, "balance": message.balance})


class Refusal(CompanionError):
    """A method ends with a status other than OK, and a sentence about this call."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


def add(store: CustomerStore, request: pb.AddCustomerRequest) -> pb.AddCustomerResponse:
    """Add a customer."""
    try:
        customer = from_message(request.customer)
        added = store.add(customer)
    except InvalidCustomer as error:
        raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
    except StoreFull as error:
        raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, str(error)) from error
    if not added:
        raise Refusal(grpc.StatusCode.ALREADY_EXISTS, f"there is a customer {customer.id} already")
    return pb.AddCustomerResponse()


def get(store: CustomerStore, request: pb.GetCustomerRequest) -> pb.GetCustomerResponse:
    """Return a customer."""
    found = store.get(request.id)
    if found is None:
        raise Refusal(grpc.StatusCode.NOT_FOUND, f"there is no customer {request.id}")
    return pb.GetCustomerResponse(customer=to_message(found))


def list_all(store: CustomerStore, request: pb.ListCustomersRequest) -> pb.ListCustomersResponse:
    """Return all customers."""
    return pb.ListCustomersResponse(customers=[to_message(customer) for customer in store.list()])


def handlers(store: CustomerStore, before: Before | None = None) -> grpc.GenericRpcHandler:
    """Return the table from method names to functions that a gRPC server asks."""

    def method(function: Callable[..., Message], request: type[Message]) -> "grpc.RpcMethodHandler[Any, Any]":
        def handle(message: Any, context: grpc.ServicerContext) -> Message:
            if before is not None:
                before(context)
            return carry_out(function, store, message, context)

        return grpc.unary_unary_rpc_method_handler(handle, _decoder(request, _NONSENSE), _to_bytes)

    table = {
        "AddCustomer": method(add, pb.AddCustomerRequest),
        "GetCustomer": method(get, pb.GetCustomerRequest),
        "ListCustomers": method(list_all, pb.ListCustomersRequest),
    }
    return grpc.method_handlers_generic_handler(SERVICE, table)


def carry_out(
    function: Callable[..., Message], store: CustomerStore, message: Any, context: grpc.ServicerContext
) -> Message:
    """Call a method and return its message, or end the call with a status."""
    try:
        if message is _NONSENSE:
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "the bytes are no message of this method")
        return function(store, message)
    except Refusal as refusal:
        code, details = refusal.code, refusal.details
    except Exception:  # noqa: BLE001 - the library would send the exception's text to the caller
        code, details = grpc.StatusCode.INTERNAL, "the server could not carry this out"
    context.abort(code, details)
    raise AssertionError("abort has raised")


def _decoder(kind: type[Message], otherwise: object) -> Callable[[bytes], Any]:
    """Return a function from bytes to a message, or to `otherwise` where they are none.

    The library logs an exception with its traceback, and a server would report the caller's mistake as its own.
    """

    def decode(data: bytes) -> Any:
        try:
            return kind.FromString(data)
        except DecodeError:
            return otherwise

    return decode


def _to_bytes(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


@contextlib.contextmanager
def serve(
    store: CustomerStore, host: str = "127.0.0.1", port: int = 0, gzip: bool = False, before: Before | None = None
) -> Iterator[Address]:
    """Serve the store while the context lasts; with `gzip`, compress the answers.

    In HTTP a caller asks for compression. In gRPC it says which codings it understands, and the server decides.
    `before` is called with the context of each call before it is carried out, and may end the call instead.
    """
    bind(host, port).close()  # gRPC would report a port in use on stderr, in a language of its own
    options = [*QUIET, ("grpc.max_receive_message_length", MAX_REQUEST)]
    compression = grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression
    with futures.ThreadPoolExecutor(max_workers=8, thread_name_prefix="wire-grpc") as pool:
        server = grpc.server(pool, options=options, compression=compression, maximum_concurrent_rpcs=100)
        server.add_generic_rpc_handlers((handlers(store, before),))
        reflection.enable_server_reflection((SERVICE, reflection.SERVICE_NAME), server)
        try:
            chosen = server.add_insecure_port(str(Address(host, port)))
        except RuntimeError as error:
            raise OSError(f"cannot listen at {Address(host, port)}") from error
        server.start()
        try:
            yield Address(host, chosen)
        finally:
            server.stop(0.5).wait()


class GrpcClient:
    """A client of the gRPC service.

    A timeout is sent along with each call, as the header grpc-timeout, rounded up; with None the header is left out.
    With `retries` the library may send a call again that the server says it has not seen.
    """

    def __init__(self, address: Address, timeout: float | None = 2.0, retries: bool = False) -> None:
        options = [
            *QUIET,
            ("grpc.default_authority", "localhost"),  # not the port, which is another one every time
            ("grpc.use_local_subchannel_pool", 1),  # a client has its own connection, as on the other wires
            ("grpc.enable_http_proxy", 0),
            ("grpc.enable_retries", int(retries)),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 200),
            ("grpc.max_receive_message_length", MAX_ANSWER),
        ]
        self._timeout = timeout
        self._channel = grpc.insecure_channel(str(address), options=options)
        self._add = self._method("AddCustomer", pb.AddCustomerResponse)
        self._get = self._method("GetCustomer", pb.GetCustomerResponse)
        self._list = self._method("ListCustomers", pb.ListCustomersResponse)

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        request = pb.AddCustomerRequest(customer=to_message(customer))
        return self._call(self._add, request, grpc.StatusCode.ALREADY_EXISTS) is not None

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        try:
            request = pb.GetCustomerRequest(id=id)
        except ValueError as error:
            raise CannotEncode("the identifier does not fit 32 bits") from error
        response = self._call(self._get, request, grpc.StatusCode.NOT_FOUND)
        return None if response is None else _read(response.customer)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        response = self._call(self._list, pb.ListCustomersRequest(), None)
        return [_read(message) for message in response.customers]

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def _method(self, name: str, response: type[Message]) -> Any:
        return self._channel.unary_unary(
            f"/{SERVICE}/{name}",
            request_serializer=_to_bytes,
            response_deserializer=_decoder(response, None),  # None: the library makes it a failed call
        )

    def _call(self, method: Any, request: Message, negative: grpc.StatusCode | None) -> Any:
        """Call a method; the one status that is an answer like any other gives None."""
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            if error.code() is negative:
                return None
            raise _named(error) from error
        except ValueError as error:  # what the library says of a channel that was closed
            raise ConnectionLost("the client is closed") from error


def _read(message: pb.Customer) -> Customer:
    try:
        return from_message(message)
    except InvalidCustomer as error:
        raise MalformedReply("the answer is no customer") from error


def _named(error: Any) -> WireError:
    """Return the wires' own name for a status.

    The same statuses come from the server's program and from the library on either side: INTERNAL may be a fault of the
    server, or an answer that made no sense. Where we cannot tell, we name the error after which nothing is certain. The
    details are for people, and change between versions.
    """
    code, details = error.code(), error.details() or ""
    match code:
        case grpc.StatusCode.DEADLINE_EXCEEDED:
            return Timeout("no complete answer in time")
        case grpc.StatusCode.UNAVAILABLE:
            return ConnectionLost("UNAVAILABLE: no connection, or none any more")
        case grpc.StatusCode.INTERNAL | grpc.StatusCode.UNKNOWN:
            return MalformedReply(
                f"{code.name}: the answer made no sense, or the server failed; gRPC does not say which"
            )
        case grpc.StatusCode.RESOURCE_EXHAUSTED if "larger than max" in details:
            return MalformedReply(f"{code.name}: an answer larger than the {MAX_ANSWER} bytes that are taken")
    return RemoteError(code.name, details)


def connect(address: Address, timeout: float | None = 2.0, retries: bool = False) -> GrpcClient:
    """Return a client; it connects with its first call."""
    return GrpcClient(address, timeout, retries)
