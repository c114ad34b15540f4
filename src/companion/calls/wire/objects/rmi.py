"""Remote method invocation in the manner of Java's RMI: a registry of objects, and stubs made of an interface.

    with registry({"desk": Desk()}) as address, Connection(address) as wire:
        desk = lookup(wire, "desk", DeskInterface)      # isinstance(desk, DeskInterface)
        desk.sort([3, 1, 2])

A stub has the interface's methods with their signatures, and each sends its arguments and returns what comes back: by
pickle, which keeps Python's types and is for a trusted loopback only, or by JSON. The unpickler makes no object of any
class, so that a pickle here can hold numbers, texts and containers and nothing that runs.
"""

import contextlib
import inspect
import io
import json
import pickle
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from companion.calls.wire.customers import ConnectionLost, Malformed, RemoteError
from companion.calls.wire.tcp import Read, receiver

T = TypeVar("T")
MAX_FRAME = 1 << 16
SECONDS = 10.0


class _NoClasses(pickle.Unpickler):
    """An unpickler that makes an object of no class at all."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """Refuse: what a pickle names here, it could call."""
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is asked for; no class is allowed")


def unpickle(data: bytes) -> Any:
    """Read a pickle of plain values.

    Raises
    ------
    Malformed
        Whatever is wrong with it: an unpickler fails with any exception there is.
    """
    try:
        return _NoClasses(io.BytesIO(data)).load()
    except Exception as error:  # a pickle is a program, and ends as it likes
        raise Malformed(f"no pickle of plain values: {type(error).__name__}") from error


def unjson(data: bytes) -> Any:
    """Read JSON.

    Raises
    ------
    Malformed
        When it is none.
    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no JSON: {type(error).__name__}") from error


ENCODINGS: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "pickle": (pickle.dumps, unpickle),
    "json": (lambda value: json.dumps(value).encode(), unjson),
}


def send(connection: socket.socket, data: bytes) -> None:
    """Send one frame: its length in four bytes, and what it holds."""
    connection.sendall(len(data).to_bytes(4, "big") + data)


def receive(read: Read) -> bytes:
    """Receive one frame.

    Raises
    ------
    Malformed
        When it announces more than `MAX_FRAME` bytes.
    """
    size = int.from_bytes(read(4), "big")
    if size > MAX_FRAME:
        raise Malformed(f"a frame of {size} bytes; {MAX_FRAME} are allowed")
    return read(size)


class Registry(socketserver.ThreadingTCPServer):
    """A server of named objects. Its methods are those of the objects' classes that do not begin with an underscore."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, objects: Mapping[str, object], encoding: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects, self.codec = dict(objects), ENCODINGS[encoding]
        self.open: list[socket.socket] = []


class _Handler(socketserver.BaseRequestHandler):
    server: Registry

    def handle(self) -> None:
        """Answer calls until the connection ends."""
        self.server.open.append(self.request)
        encode, decode = self.server.codec
        with contextlib.suppress(ConnectionLost, Malformed, OSError):
            while True:
                call = decode(receive(receiver(self.request, None)))
                send(self.request, encode(_answer(self.server.objects, call)))


def _answer(objects: Mapping[str, object], call: Any) -> Any:
    """Carry out one call and give what goes back: ["result", value] or ["raised", class, message]."""
    try:
        name, method, arguments = call
        target = objects[name]
        if method.startswith("_") or method not in vars(type(target)):
            raise AttributeError(f"{name} has no method {method}")
        return ["result", getattr(target, method)(*arguments)]
    except Exception as error:  # noqa: BLE001 - whatever the method raises is the caller's to see
        return ["raised", type(error).__name__, str(error)]


@contextlib.contextmanager
def registry(objects: Mapping[str, object], encoding: str = "pickle") -> Iterator[Registry]:
    """Serve objects under their names while the context lasts; its address is `server_address`."""
    server = Registry(objects, encoding)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="rmi-registry", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stop(server)
        thread.join()
        for connection in server.open:  # which `server_close` leaves open
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def stop(server: Registry) -> None:
    """Stop a registry as socketserver's documentation says: no loop any more, and the listener closed."""
    server.shutdown()
    server.server_close()


class Connection:
    """A client's connection, over which stubs call."""

    def __init__(self, server: Registry, encoding: str = "pickle") -> None:
        host, port = server.server_address[:2]
        self.socket = socket.create_connection((str(host), port), timeout=SECONDS)
        self.encode, self.decode = ENCODINGS[encoding]

    def call(self, name: str, method: str, arguments: tuple[Any, ...]) -> Any:
        """Send a call and return its result.

        Raises
        ------
        RemoteError
            When the method raised; the class of the exception is only a name here.
        """
        send(self.socket, self.encode([name, method, arguments]))
        answer = self.decode(receive(receiver(self.socket, SECONDS)))
        if answer[0] == "raised":
            raise RemoteError(answer[1], answer[2])
        return answer[1]

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def lookup(wire: Connection, name: str, interface: type[T]) -> T:
    """Make a stub: an object of a subclass of the interface whose methods call the remote object.

    Parameters
    ----------
    wire : Connection
        Over which it calls.
    name : str
        Under which the registry has the object.
    interface : type
        A class whose public methods say what can be called.
    """

    def stub_of(method: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(method)

        def remote(self: object, *args: Any, **named: Any) -> Any:
            bound = signature.bind(self, *args, **named)
            bound.apply_defaults()
            return wire.call(name, method.__name__, bound.args[1:])

        remote.__signature__ = signature  # type: ignore[attr-defined]
        return remote

    public = {key: value for key, value in vars(interface).items() if inspect.isfunction(value) and key[0] != "_"}
    methods = {key: stub_of(value) for key, value in public.items()}
    stub: T = type(f"{interface.__name__}Stub", (interface,), methods)()
    return stub
