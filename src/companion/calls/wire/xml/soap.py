"""SOAP 1.1 over HTTP: a server whose schema stands guard, and zeep for a client.

    GET  /soap?wsdl   the contract
    POST /soap        200 the answer · 500 a Fault, whoever made the mistake · 415 no XML announced · 413 too long

`zeep` reads the contract when it is first called and makes Python functions of it. It fetches by way of requests.
"""

import contextlib
import io
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import zeep
import zeep.exceptions
import zeep.transports
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
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
    MalformedReply,
    RemoteError,
    WireError,
    customer_of,
)
from companion.calls.wire.web import running
from companion.calls.wire.xml.body import TYPE, xml_body
from companion.calls.wire.xml.bounded import HttpAnswer, exchange, tame
from companion.calls.wire.xml.envelope import NAMESPACE, WSDL, Fault, answer, fault_envelope

PATH = "/soap"
Edit = Callable[[bytes], bytes]


def make_app(store: CustomerStore, edit: Edit = bytes) -> Starlette:
    """Return the service as an ASGI app; `edit` changes each answer, for seeing what a client makes of it."""

    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            reply = answer(store, await xml_body(request, TYPE))
            return Response(edit(reply.body), reply.status, media_type=TYPE)
        if "wsdl" not in request.query_params:
            raise HTTPException(405, "POST a SOAP envelope, or GET ?wsdl", {"allow": "GET, POST"})
        return Response(WSDL, media_type=TYPE)

    async def server_fault(request: Request, error: Exception) -> Response:
        # uvicorn hangs up after a fault; a client that is not told would send its next request into a closing door.
        fault = Fault("Server", "the server could not carry this out")
        return Response(fault_envelope(fault), 500, {"connection": "close"}, TYPE)

    app = Starlette(
        routes=[Route(PATH, endpoint, methods=["GET", "POST"])], exception_handlers={Exception: server_fault}
    )
    app.router.redirect_slashes = False
    return app


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0, edit: Edit = bytes) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    with running(make_app(store, edit), host, port) as address:
        yield address


class _Transport(zeep.transports.Transport):
    """zeep's transport with bounds, which remembers whether the call in hand was sent."""

    def __init__(self, timeout: float | None) -> None:
        super().__init__(timeout=timeout, operation_timeout=timeout)  # type: ignore[no-untyped-call]
        tame(self.session)
        self.sent = False

    def load(self, url: str) -> bytes:
        found = exchange(self.session, self.operation_timeout, "GET", url)
        if found.status_code != 200:
            raise MalformedReply(f"no contract: {found.status_code}")
        return found.content

    def post(self, address: str, message: bytes, headers: Mapping[str, str]) -> HttpAnswer:
        self.sent = True
        return exchange(self.session, self.operation_timeout, "POST", address, message, headers)

    def close(self) -> None:
        self.session.close()


class SoapClient:
    """A client made by zeep of the contract, which it fetches with the first call.

    Parameters
    ----------
    address : Address
        Where the server listens.
    timeout : float or None
        Seconds for one exchange over HTTP; None waits for ever.
    strict : bool
        zeep's own setting: whether an answer that it cannot read to its end is an error.
    edit : callable
        Changes the contract before zeep reads it: a client of another version.
    """

    def __init__(
        self, address: Address, timeout: float | None = 2.0, *, strict: bool = True, edit: Edit = bytes
    ) -> None:
        self._url = f"http://{address}{PATH}"
        self._transport = _Transport(timeout)
        self._settings = zeep.Settings(strict=strict, forbid_dtd=True, forbid_external=True)
        self._edit = edit
        self._lock = threading.Lock()
        self._service: Any = None

    def call(self, operation: str, *arguments: Any) -> Any:
        """Call an operation of the contract, and return what zeep makes of the answer, which need not fit the contract.

        Raises
        ------
        WireError
            RemoteError for a Fault, with its code.
        """
        with self._lock:
            self._transport.sent = False
            try:
                return self._bound()[operation](*arguments)
            except WireError:
                raise
            except zeep.exceptions.Fault as fault:
                raise RemoteError(str(fault.code).rpartition(":")[2], _text(fault)) from fault
            except Exception as error:  # zeep lets through whatever lxml or a type's own code raises
                failure = MalformedReply if self._transport.sent else CannotEncode
                raise failure(str(error).partition("\n")[0] or type(error).__name__) from error

    def _bound(self) -> Any:
        """Return zeep's functions, bound to our own address: the contract's may be anybody's."""
        if self._service is None:
            contract = self._edit(self._transport.load(f"{self._url}?wsdl"))
            try:
                zeep_client: Any = zeep.Client  # it has no types
                client = zeep_client(io.BytesIO(contract), transport=self._transport, settings=self._settings)
                self._service = client.create_service(f"{{{NAMESPACE}}}Customers", self._url)
            except WireError:
                raise
            except Exception as error:
                raise MalformedReply("the contract cannot be read") from error
        return self._service

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        added = self.call("add", {"id": customer.id, "name": customer.name, "balance": customer.balance})
        if not isinstance(added, bool):
            raise MalformedReply("the answer says neither yes nor no")
        return added

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        try:
            return _customer(self.call("get", id))
        except RemoteError as error:
            if isinstance(error.__cause__, zeep.exceptions.Fault) and _says_nobody(error.__cause__):
                return None
            raise

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        return [_customer(found) for found in self.call("list") or ()]

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()


def _says_nobody(fault: zeep.exceptions.Fault) -> bool:
    """Say whether a Fault is the one that the contract declares for `get`."""
    return fault.detail is not None and fault.detail.find(f"{{{NAMESPACE}}}noSuchCustomer") is not None


def _text(fault: zeep.exceptions.Fault) -> str:
    return str(fault.message or "").partition("\n")[0][:200]


def _customer(found: Any) -> Customer:
    """Make a customer of zeep's object, whose fields may be missing or of another type: zeep does not look."""
    try:
        # zeep makes None of an empty element and of a missing one.
        return customer_of({"id": found.id, "name": found.name or "", "balance": found.balance})
    except (AttributeError, InvalidCustomer) as error:
        raise MalformedReply("the answer is no customer") from error


def connect(address: Address, timeout: float | None = 2.0) -> SoapClient:
    """Return a client; it connects with its first call."""
    return SoapClient(address, timeout)


@contextlib.contextmanager
def zeep_log() -> Iterator[list[str]]:
    """Collect what zeep writes into its log while the context lasts, a line for each entry, and keep it off stderr."""
    lines: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            error = record.exc_info[1] if record.exc_info else None
            lines.append(record.getMessage() if error is None else f"{type(error).__name__}: {error}")

    log, collector = logging.getLogger("zeep"), Collector()
    log.addHandler(collector)
    before, log.propagate = log.propagate, False
    try:
        yield lines
    finally:
        log.removeHandler(collector)
        log.propagate = before
