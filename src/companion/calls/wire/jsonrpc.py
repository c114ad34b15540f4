"""JSON-RPC 2.0 over HTTP: one address, POST, and a JSON object that names a method.

HTTP only carries it. A call that fails is answered with status 200 and an error object, whose codes are JSON-RPC's own:

    -32700 no JSON · -32600 no request · -32601 no such method · -32602 wrong parameters · -32603 a fault of the server
      1001 the id is taken · 1002 no such customer · 1003 the store is full   (ours: below -32000 is reserved)

A request without an id is a notification: it is carried out, and nothing answers it, not even an error. Several
requests in an array are a batch, answered by an array of the answers that there are, or by nothing when there are none.
"""

import contextlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from companion.calls.wire.customers import (
    Address,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    RemoteError,
    StoreFull,
    customer_of,
)
from companion.calls.wire.web import (
    EXCEPTION_HANDLERS,
    JSON_TYPE,
    HttpConnection,
    JsonError,
    encode,
    json_body,
    json_of,
    middleware,
    parse_json,
    read_customer,
    read_customers,
    refusal,
    running,
    to_json,
)
from companion.errors import CompanionError

PATH = "/rpc"
MAX_BATCH = 100

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
CUSTOMER_EXISTS, NO_SUCH_CUSTOMER, STORE_FULL = 1001, 1002, 1003
MESSAGES = {
    PARSE_ERROR: "Parse error",
    INVALID_REQUEST: "Invalid Request",
    METHOD_NOT_FOUND: "Method not found",
    INVALID_PARAMS: "Invalid params",
    INTERNAL_ERROR: "Internal error",
    CUSTOMER_EXISTS: "Customer exists",
    NO_SUCH_CUSTOMER: "No such customer",
    STORE_FULL: "Store full",
}


class RpcError(CompanionError):
    """A call ends with an error object: its code, and a sentence about this call."""

    def __init__(self, code: int, data: str = "") -> None:
        super().__init__(MESSAGES[code])
        self.code = code
        self.data = data


def respond(store: CustomerStore, body: bytes) -> bytes | None:
    """Carry out a body, a request or a batch; return the answer's body, or None when there is nothing to say."""
    try:
        message = parse_json(body)
    except JsonError as error:
        return to_json(failure(None, RpcError(PARSE_ERROR, str(error))))
    if not isinstance(message, list):
        single = respond_to_one(store, message)
        return None if single is None else to_json(single)
    if not 1 <= len(message) <= MAX_BATCH:
        return to_json(failure(None, RpcError(INVALID_REQUEST, f"a batch has 1 to {MAX_BATCH} requests")))
    answers = [answer for answer in (respond_to_one(store, one) for one in message) if answer is not None]
    return to_json(answers) if answers else None


def respond_to_one(store: CustomerStore, request: Any) -> dict[str, Any] | None:
    """Carry out one request; None for a notification, whatever became of it."""
    try:
        check_request(request)
    except RpcError as error:
        # A request that is none may be no notification either: it is answered, with its id if it has a proper one.
        id = request.get("id") if isinstance(request, dict) and is_id(request.get("id")) else None
        return failure(id, error)
    try:
        result = call(store, request["method"], request.get("params", {}))
        answer = {"jsonrpc": "2.0", "result": result, "id": request.get("id")}
    except RpcError as error:
        answer = failure(request.get("id"), error)
    except Exception:  # noqa: BLE001 - the caller is owed an answer whatever broke, and no look inside
        answer = failure(request.get("id"), RpcError(INTERNAL_ERROR))
    return answer if "id" in request else None


def is_id(value: Any) -> bool:
    """Say whether a value may be an id: a string, a number or null. True is a number to Python, and none to JSON."""
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def check_request(request: Any) -> None:
    """Raise `RpcError` unless this is a request object."""
    if not isinstance(request, dict):
        raise RpcError(INVALID_REQUEST, "a request is an object")
    if request.get("jsonrpc") != "2.0":
        raise RpcError(INVALID_REQUEST, 'jsonrpc must be "2.0"')
    if not isinstance(request.get("method"), str):
        raise RpcError(INVALID_REQUEST, "method must be a string")
    if not isinstance(request.get("params", {}), dict | list):
        raise RpcError(INVALID_REQUEST, "params must be an object or an array")
    if not is_id(request.get("id")):
        raise RpcError(INVALID_REQUEST, "id must be a string, a number or null")


def call(store: CustomerStore, method: str, params: Mapping[str, Any] | list[Any]) -> Any:
    """Call a method by its name."""
    if method not in METHODS:
        raise RpcError(METHOD_NOT_FOUND)
    function, names = METHODS[method]
    return function(store, **by_name(params, names))


def by_name(params: Mapping[str, Any] | list[Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Give parameters by position their names, and check that each is there and no other."""
    named = dict(params) if isinstance(params, Mapping) else dict(zip(names, params, strict=False))
    if named.keys() != set(names) or len(params) != len(names):
        raise RpcError(INVALID_PARAMS, f"expected: {', '.join(names) or 'nothing'}")
    return named


def add(store: CustomerStore, id: Any, name: Any, balance: Any) -> bool:
    """Add a customer."""
    try:
        added = store.add(customer_of({"id": id, "name": name, "balance": balance}))
    except InvalidCustomer as error:
        raise RpcError(INVALID_PARAMS, str(error)) from error
    except StoreFull as error:
        raise RpcError(STORE_FULL, str(error)) from error
    if not added:
        raise RpcError(CUSTOMER_EXISTS, f"there is a customer {id} already")
    return True


def get(store: CustomerStore, id: Any) -> dict[str, Any]:
    """Return a customer."""
    if not isinstance(id, int) or isinstance(id, bool):
        raise RpcError(INVALID_PARAMS, "id must be an integer")
    found = store.get(id)
    if found is None:
        raise RpcError(NO_SUCH_CUSTOMER, f"there is no customer {id}")
    return found.model_dump()


def list_all(store: CustomerStore) -> list[dict[str, Any]]:
    """Return all customers."""
    return [customer.model_dump() for customer in store.list()]


METHODS: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "add": (add, ("id", "name", "balance")),
    "get": (get, ("id",)),
    "list": (list_all, ()),
}


def failure(id: Any, error: RpcError) -> dict[str, Any]:
    """Return the answer that carries an error."""
    detail = {"data": error.data} if error.data else {}
    return {"jsonrpc": "2.0", "error": {"code": error.code, "message": MESSAGES[error.code], **detail}, "id": id}


def make_app(store: CustomerStore) -> Starlette:
    """Return the service as an ASGI app."""

    async def rpc(request: Request) -> Response:
        body = await json_body(request)
        # A batch goes to a thread: a hundred lists would hold up everybody else on the event loop.
        batch = body.lstrip().startswith(b"[")
        answer = await run_in_threadpool(respond, store, body) if batch else respond(store, body)
        return Response(status_code=204) if answer is None else Response(answer, media_type=JSON_TYPE)

    app = Starlette(
        routes=[Route(PATH, rpc, methods=["POST"])], middleware=middleware(), exception_handlers=EXCEPTION_HANDLERS
    )
    app.router.redirect_slashes = False
    return app


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    with running(make_app(store), host, port) as address:
        yield address


class JsonRpcClient:
    """A client of the JSON-RPC interface."""

    def __init__(self, address: Address, timeout: float | None = 2.0, gzip: bool = False) -> None:
        self._http = HttpConnection(address, timeout, gzip)
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        return self._call("add", customer.model_dump(), {CUSTOMER_EXISTS: False}) is not False

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        result = self._call("get", {"id": id}, {NO_SUCH_CUSTOMER: None})
        return None if result is None else read_customer(result)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        return read_customers(self._call("list", {}, {}))

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def _call(self, method: str, params: dict[str, Any], outcomes: dict[int, Any]) -> Any:
        """Call a method; an error whose code is in `outcomes` is an answer like any other."""
        with self._lock:
            id = next(self._ids)
        answer = self._http.send("POST", PATH, encode({"jsonrpc": "2.0", "method": method, "params": params, "id": id}))
        if answer.status != 200:
            raise refusal(answer)
        reply = json_of(answer)
        if not isinstance(reply, dict) or ("result" in reply) == ("error" in reply) or reply.get("id") != id:
            raise MalformedReply("the answer is no JSON-RPC answer to this call")
        if "result" in reply:
            return reply["result"]
        return outcome(reply["error"], outcomes)


def outcome(error: Any, outcomes: dict[int, Any]) -> Any:
    """Return what an error object means to the caller, or raise it."""
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        raise MalformedReply("the answer's error has no code")
    if error["code"] in outcomes:
        return outcomes[error["code"]]
    raise RemoteError(str(error["code"]), str(error.get("data") or error.get("message", "")))


def connect(address: Address, timeout: float | None = 2.0, gzip: bool = False) -> JsonRpcClient:
    """Return a client; it connects with its first call."""
    return JsonRpcClient(address, timeout, gzip)
