"""WebSocket: one HTTP request that turns into a connection for messages, which either side may send at any time.

The library frames the messages. What is in them is ours: JSON with an id, since nothing else says which answer belongs
to which question.

    {"id":1,"method":"get","params":{"id":1}}     {"id":1,"result":{"id":1,"name":"Ada","balance":1.5}}
                                                  {"id":1,"error":{"code":1002,"message":"No such customer"}}
"""

import contextlib
import itertools
import logging
import math
import threading
import time
from collections.abc import Iterator
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidURI, WebSocketException
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_websocket
from websockets.sync.server import ServerConnection
from websockets.sync.server import serve as serve_websocket

from companion.calls.wire import jsonrpc
from companion.calls.wire.customers import (
    Address,
    ConnectionLost,
    Customer,
    Customers,
    CustomerStore,
    MalformedReply,
    NotConnected,
    Timeout,
)
from companion.calls.wire.tcp import IDLE_SECONDS, MAX_CONNECTIONS, bind
from companion.calls.wire.web import (
    MAX_ANSWER,
    MAX_BODY,
    JsonError,
    encode,
    parse_json,
    read_customer,
    read_customers,
    to_json,
)

SCHEME, PATH = "ws", "/"
NAME = "companion"  # of both sides: by default the library says its version, and that of Python
CLOSE_SECONDS = 0.5
_SILENT = logging.getLogger("companion.calls.websocket")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


def answer(store: CustomerStore, message: str | bytes) -> str:
    """Carry out a message; return the one that answers it."""
    id: Any = None
    try:
        request = parse_json(message.encode() if isinstance(message, str) else message)
        if not isinstance(request, dict) or not isinstance(request.get("params", {}), dict):
            raise jsonrpc.RpcError(jsonrpc.INVALID_REQUEST, "a request is an object, and so are its params")
        id = request.get("id") if jsonrpc.is_id(request.get("id")) else None
        if not isinstance(request.get("method"), str):
            raise jsonrpc.RpcError(jsonrpc.INVALID_REQUEST, "method must be a string")
        reply = {"id": id, "result": jsonrpc.call(store, request["method"], request.get("params", {}))}
    except (JsonError, UnicodeEncodeError) as error:
        reply = _failure(id, jsonrpc.RpcError(jsonrpc.PARSE_ERROR, str(error)))
    except jsonrpc.RpcError as error:
        reply = _failure(id, error)
    except Exception:  # noqa: BLE001 - the caller is owed an answer whatever broke, and no look inside
        reply = _failure(id, jsonrpc.RpcError(jsonrpc.INTERNAL_ERROR))
    return to_json(reply).decode()


def _failure(id: Any, error: jsonrpc.RpcError) -> dict[str, Any]:
    failed = jsonrpc.failure(id, error)
    return {"id": id, "error": failed["error"]}


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    room = threading.BoundedSemaphore(MAX_CONNECTIONS)

    def handle(connection: ServerConnection) -> None:
        if not room.acquire(blocking=False):
            connection.close(CloseCode.TRY_AGAIN_LATER)
            return
        try:
            # Whoever hangs up ends it, and so does whoever says nothing for too long.
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                while True:
                    connection.send(answer(store, connection.recv(timeout=IDLE_SECONDS)))
        finally:
            room.release()

    listener = bind(host, port)
    with serve_websocket(
        handle,
        sock=listener,
        compression=None,
        server_header=NAME,
        ping_interval=None,
        close_timeout=CLOSE_SECONDS,
        max_size=MAX_BODY,
        logger=_SILENT,
    ) as server:
        thread = threading.Thread(target=server.serve_forever, name="wire-websocket", daemon=True)
        thread.start()
        try:
            yield Address(host, listener.getsockname()[1])
        finally:
            server.shutdown()
            thread.join()


class WebSocketClient:
    """A client that asks one question at a time."""

    def __init__(self, address: Address, timeout: float | None = 2.0) -> None:
        self._address, self._timeout = address, timeout
        self._connection: ClientConnection | None = None
        self._held = contextlib.ExitStack()
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        return self._call("add", customer.model_dump(), {jsonrpc.CUSTOMER_EXISTS: False}) is not False

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        result = self._call("get", {"id": id}, {jsonrpc.NO_SUCH_CUSTOMER: None})
        return None if result is None else read_customer(result)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        return read_customers(self._call("list", {}, {}))

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _call(self, method: str, params: dict[str, Any], outcomes: dict[int, Any]) -> Any:
        """Call a method; an error whose code is in `outcomes` is an answer like any other."""
        with self._lock:
            id = next(self._ids)
            message = encode({"id": id, "method": method, "params": params})
            try:
                reply = self._ask(message.decode())
            except BaseException:
                self._drop()  # what comes late would be taken for the answer to the next question
                raise
        try:
            read = parse_json(reply)
        except JsonError as error:
            raise MalformedReply(f"the answer is no JSON: {error}") from error
        if not isinstance(read, dict) or ("result" in read) == ("error" in read) or read.get("id") != id:
            raise MalformedReply("the answer is none to this call")
        return read["result"] if "result" in read else jsonrpc.outcome(read["error"], outcomes)

    def _ask(self, message: str) -> bytes:
        until = math.inf if self._timeout is None else time.monotonic() + self._timeout
        connection = self._connection or self._open()
        try:
            connection.send(message)
            reply = connection.recv(timeout=None if math.isinf(until) else max(until - time.monotonic(), 0.001))
        except TimeoutError as error:
            raise Timeout("no complete answer in time") from error
        except ConnectionClosed as error:
            if error.sent is not None and error.rcvd is None:  # we hung up first, over what is no WebSocket
                raise MalformedReply("the answer is no message") from error
            raise ConnectionLost("the peer closed the connection before its answer") from error
        except OSError as error:
            raise ConnectionLost("the connection broke") from error
        return reply.encode() if isinstance(reply, str) else reply

    def _open(self) -> ClientConnection:
        try:
            opening = open_websocket(
                f"ws://{self._address}{PATH}",
                compression=None,
                user_agent_header=NAME,
                proxy=None,  # a proxy from the environment has no business on this machine's own addresses
                open_timeout=self._timeout,
                ping_interval=None,
                close_timeout=CLOSE_SECONDS,
                max_size=MAX_ANSWER,
                logger=_SILENT,
            )
            self._connection = self._held.enter_context(opening)
        except TimeoutError as error:
            raise Timeout("no connection in time") from error
        except OSError as error:
            raise NotConnected("nobody listens at the address") from error
        except InvalidMessage as error:
            if isinstance(error.__cause__, EOFError):
                raise NotConnected("the peer closed the connection before it was one for messages") from error
            raise MalformedReply("the answer is not HTTP") from error
        except (InvalidHandshake, InvalidURI, WebSocketException) as error:
            raise MalformedReply(f"the server does not speak WebSocket: {error}") from error
        return self._connection

    def _drop(self) -> None:
        self._connection = None
        self._held.close()


def connect(address: Address, timeout: float | None = 2.0) -> WebSocketClient:
    """Return a client; it connects with its first call."""
    return WebSocketClient(address, timeout)
