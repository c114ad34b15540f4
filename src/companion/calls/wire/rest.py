"""REST over HTTP: customers are things with addresses, and the verbs and status codes are HTTP's own.

    POST /customers       201 and Location · 409 the id is taken · 400 no JSON · 422 no customer · 415 no JSON announced
    GET  /customers       200 all of them
    GET  /customers/{id}  200 the customer · 404 there is none

A refusal carries a problem document (RFC 9457): the status again, a title, and a sentence about this very request.
"""

import contextlib
import re
from collections.abc import Iterator

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from companion.calls.wire.customers import (
    Address,
    Customer,
    Customers,
    CustomerStore,
    InvalidCustomer,
    StoreFull,
    customer_of,
)
from companion.calls.wire.web import (
    EXCEPTION_HANDLERS,
    HttpConnection,
    JsonError,
    encode,
    json_body,
    json_of,
    json_response,
    middleware,
    parse_json,
    read_customer,
    read_customers,
    refusal,
    running,
)

PATH = "/customers"
_ID = re.compile(r"[1-9][0-9]{0,9}")  # one spelling for each id: two addresses of one thing are one too many


def make_app(store: CustomerStore) -> Starlette:
    """Return the service as an ASGI app."""

    async def collection(request: Request) -> Response:
        if request.method == "POST":
            return await create(store, request)
        return json_response([customer.model_dump() for customer in store.list()])

    async def one(request: Request) -> Response:
        id = request.path_params["id"]
        found = store.get(int(id)) if _ID.fullmatch(id) else None
        if found is None:
            raise HTTPException(404, "there is no such customer")
        return json_response(found.model_dump())

    app = Starlette(
        routes=[Route(PATH, collection, methods=["GET", "POST"]), Route(PATH + "/{id}", one, methods=["GET"])],
        middleware=middleware(),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.router.redirect_slashes = False  # a redirect would name the host that the caller claims to have called
    return app


async def create(store: CustomerStore, request: Request) -> Response:
    """Answer POST /customers."""
    body = await json_body(request)
    try:
        customer = customer_of(parse_json(body))
        added = store.add(customer)
    except JsonError as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    except InvalidCustomer as error:
        raise HTTPException(422, str(error)) from error
    except StoreFull as error:
        raise HTTPException(507, str(error)) from error
    if not added:
        raise HTTPException(409, f"there is a customer {customer.id} already")
    return json_response(customer.model_dump(), 201, {"location": f"{PATH}/{customer.id}"})


@contextlib.contextmanager
def serve(store: CustomerStore, host: str = "127.0.0.1", port: int = 0) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    with running(make_app(store), host, port) as address:
        yield address


class RestClient:
    """A client of the REST interface."""

    def __init__(self, address: Address, timeout: float | None = 2.0, gzip: bool = False) -> None:
        self._http = HttpConnection(address, timeout, gzip)

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        answer = self._http.send("POST", PATH, encode(customer.model_dump()))
        if answer.status not in (201, 409):
            raise refusal(answer)
        return answer.status == 201

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        answer = self._http.send("GET", f"{PATH}/{id:d}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise refusal(answer)
        return read_customer(json_of(answer))

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        answer = self._http.send("GET", PATH)
        if answer.status != 200:
            raise refusal(answer)
        return read_customers(json_of(answer))

    def close(self) -> None:
        """Close the connection."""
        self._http.close()


def connect(address: Address, timeout: float | None = 2.0, gzip: bool = False) -> RestClient:
    """Return a client; it connects with its first call."""
    return RestClient(address, timeout, gzip)
