"""Plain old XML over HTTP, as the article had it: one address, always POST, and a root element that says what to do.

    <getCustomer><customerId>1</customerId></getCustomer>   ->   <customer><id>1</id>...</customer>

Nothing but custom says what an answer looks like, or which status a failure has. Here it is <error> with 404 where
there is no such customer, 400 for what is no XML, 422 for what makes no sense and 507 for a store that is full.
Fields are found by their names, so their order does not matter, and nobody minds one more.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

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
from companion.calls.wire.web import running
from companion.calls.wire.xml.body import read_xml, xml_body
from companion.calls.wire.xml.bounded import exchange, new_session

PATH = "/customer"
TYPE = "application/xml"


def write(name: str, *content: Any) -> Any:
    """Make an element of text or of elements.

    Raises
    ------
    ValueError
        When XML cannot carry the text.
    """
    node = etree.Element(name)
    for part in content:
        if isinstance(part, str):
            node.text = part
        else:
            node.append(part)
    return node


def write_customer(name: str, customer: Customer) -> Any:
    """Make an element of a customer."""
    fields = {"id": str(customer.id), "name": customer.name, "balance": repr(customer.balance)}
    return write(name, *(write(field, text) for field, text in fields.items()))


def read_customer(node: Any) -> Customer:
    """Make a customer of an element.

    Raises
    ------
    InvalidCustomer
        When it is none.
    """
    texts = {field: node.findtext(field) for field in ("id", "name", "balance")}
    missing = [field for field, text in texts.items() if text is None]
    if missing:
        raise InvalidCustomer(f"{missing[0]}: missing")
    try:
        return customer_of({"id": int(texts["id"]), "name": texts["name"], "balance": float(texts["balance"])})
    except ValueError as error:
        raise InvalidCustomer(str(error)) from error


def answer(store: CustomerStore, body: bytes) -> tuple[int, Any]:
    """Carry out what the root element says, and return a status and an element."""
    try:
        call = read_xml(body)
    except Malformed as error:
        return 400, write("error", str(error))
    try:
        match call.tag:
            case "getCustomer":
                id = int(call.findtext("customerId") or "")
                found = store.get(id)
                return (404, write("error", f"no customer {id}")) if found is None else (200, _customer(found))
            case "addCustomer":
                return 200, write("added", "true" if store.add(read_customer(call)) else "false")
            case "listCustomers":
                return 200, write("customers", *map(_customer, store.list()))
            case _:
                return 422, write("error", "no such request")
    except StoreFull as error:
        return 507, write("error", str(error))
    except ValueError as error:
        return 422, write("error", "".join(letter if letter.isprintable() else "?" for letter in str(error)))


def _customer(customer: Customer) -> Any:
    return write_customer("customer", customer)


def make_app(store: CustomerStore) -> Starlette:
    """Return the service as an ASGI app."""

    async def endpoint(request: Request) -> Response:
        status, node = answer(store, await xml_body(request, TYPE, "text/xml"))
        return Response(etree.tostring(node), status, media_type=TYPE)

    async def server_fault(request: Request, error: Exception) -> Response:
        return Response(b"<error>the server could not carry this out</error>", 500, {"connection": "close"}, TYPE)

    app = Starlette(routes=[Route(PATH, endpoint, methods=["POST"])], exception_handlers={Exception: server_fault})
    app.router.redirect_slashes = False
    return app


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    with running(make_app(store), host, port) as address:
        yield address


class PoxClient:
    """A client that writes and reads the elements itself, and looks at the status, as the article's does not."""

    def __init__(self, address: Address, timeout: float | None = 2.0) -> None:
        self._url = f"http://{address}{PATH}"
        self._timeout = timeout
        self._session = new_session()
        self._lock = threading.Lock()

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        try:
            call = write_customer("addCustomer", customer)
        except ValueError as error:
            raise CannotEncode("XML cannot carry this name") from error
        _, found = self._send(call)
        if found.tag != "added" or found.text not in ("true", "false"):
            raise MalformedReply("the answer says neither yes nor no")
        return bool(found.text == "true")

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        status, found = self._send(write("getCustomer", write("customerId", str(id))), 404)
        return None if status == 404 else _read_answer(found)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        _, found = self._send(write("listCustomers"))
        if found.tag != "customers":
            raise MalformedReply("the answer is no list")
        return [_read_answer(node) for node in found]

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _send(self, call: Any, *expected: int) -> tuple[int, Any]:
        with self._lock:
            reply = exchange(
                self._session, self._timeout, "POST", self._url, etree.tostring(call), {"Content-Type": TYPE}
            )
        try:
            found = read_xml(reply.content)
        except Malformed as error:
            if reply.status_code != 200:
                raise RemoteError(str(reply.status_code)) from error
            raise MalformedReply("the answer is no XML") from error
        if reply.status_code != 200 and reply.status_code not in expected:
            raise RemoteError(str(reply.status_code), (found.text or "")[:200])
        return reply.status_code, found


def _read_answer(node: Any) -> Customer:
    try:
        return read_customer(node)
    except InvalidCustomer as error:
        raise MalformedReply("the answer is no customer") from error


def connect(address: Address, timeout: float | None = 2.0) -> PoxClient:
    """Return a client; it connects with its first call."""
    return PoxClient(address, timeout)
