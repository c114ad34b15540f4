"""A service whose answers say where one can go from here, and a client that knows nothing but the first address.

    GET    /                  where everything is: links by their relation, one of them a template (RFC 6570)
    POST   /customers         201 and Location · 409 the id is taken · 400 no JSON · 422 no customer
    GET    /customers         200 all of them
    GET    /customers/{id}    200 the customer and what can be done with it · 404
    PUT    /customers/{id}    200 the new customer in the place of the old · 404 · 409 another id in the body · 422
    DELETE /customers/{id}    204 · 404 · 409 there is money left, and no link `close` was offered

Every path but the first can be another; only the names of the relations are a promise.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from companion.calls.wire.customers import (
    Address,
    Customer,
    CustomerStore,
    InvalidCustomer,
    MalformedReply,
    RemoteError,
    StoreFull,
    WireError,
    customer_of,
)
from companion.calls.wire.web import EXCEPTION_HANDLERS, JsonError, json_body, json_response, parse_json, running


class NoLink(WireError):
    """The answer offers no link of this relation: the thing cannot be done here, or is called something else now."""


class EditableStore(CustomerStore):
    """Customers that can be replaced and removed, too."""

    def replace(self, customer: Customer) -> bool:
        """Put a customer in the place of the one with the same identifier; False when there is none."""
        with self._lock:
            if customer.id not in self._customers:
                return False
            self._customers[customer.id] = customer
            return True

    def remove(self, id: int) -> bool:
        """Remove a customer; False when there is none."""
        with self._lock:
            return self._customers.pop(id, None) is not None


@dataclass(frozen=True)
class Layout:
    """Where the service keeps its things.

    Parameters
    ----------
    path : str
        The collection's.
    relation : str
        What the link to one customer is called.
    moved_from : str or None
        An older path, whose callers are sent on by 308.
    """

    path: str = "/customers"
    relation: str = "customer"
    moved_from: str | None = None


def make_app(store: EditableStore, layout: Layout) -> Starlette:
    """Return the service as an ASGI app."""

    def one(customer: Customer) -> dict[str, Any]:
        here = f"{layout.path}/{customer.id}"
        links = {"self": here, "customers": layout.path} | ({"close": here} if customer.balance == 0 else {})
        return customer.model_dump() | {"links": links}

    def found(request: Request) -> Customer:
        id = request.path_params["id"]
        customer = store.get(id)
        if customer is None:
            raise HTTPException(404, "there is no such customer")
        return customer

    async def home(request: Request) -> Response:
        links = {"customers": layout.path, layout.relation: layout.path + "/{id}"}
        return json_response({"links": links})

    async def collection(request: Request) -> Response:
        if request.method == "GET":
            return json_response({"customers": [one(customer) for customer in store.list()]})
        customer = await sent(request)
        try:
            added = store.add(customer)
        except StoreFull as error:
            raise HTTPException(507, str(error)) from error
        if not added:
            raise HTTPException(409, f"there is a customer {customer.id} already")
        return json_response(one(customer), 201, {"location": f"{layout.path}/{customer.id}"})

    async def item(request: Request) -> Response:
        customer = found(request)
        if request.method == "PUT":
            new = await sent(request)
            if new.id != customer.id:
                raise HTTPException(409, f"this is the place of customer {customer.id}")
            store.replace(new)
            return json_response(one(new))
        if request.method == "DELETE":
            if customer.balance != 0:
                raise HTTPException(409, "there is money left")
            store.remove(customer.id)
            return Response(status_code=204)
        return json_response(one(customer))

    async def moved(request: Request) -> Response:
        rest = request.path_params.get("id")
        return RedirectResponse(layout.path if rest is None else f"{layout.path}/{rest}", 308)

    routes = [
        Route("/", home, methods=["GET"]),
        Route(layout.path, collection, methods=["GET", "POST"]),
        Route(layout.path + "/{id:int}", item, methods=["GET", "PUT", "DELETE"]),
    ]
    if layout.moved_from is not None:
        every = ["GET", "POST", "PUT", "DELETE"]
        routes.append(Route(layout.moved_from, moved, methods=every))
        routes.append(Route(layout.moved_from + "/{id:int}", moved, methods=every))
    app = Starlette(routes=routes, exception_handlers=EXCEPTION_HANDLERS)
    app.router.redirect_slashes = False
    return app


async def sent(request: Request) -> Customer:
    """Read the customer in a request's body: all of its fields, each of its type.

    Raises
    ------
    HTTPException
        400 for what is no JSON, 422 for what is no customer.
    """
    try:
        return customer_of(parse_json(await json_body(request)))
    except JsonError as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    except InvalidCustomer as error:
        raise HTTPException(422, str(error)) from error


@contextlib.contextmanager
def serve(
    store: EditableStore, host: str = "127.0.0.1", port: int = 0, layout: Layout | None = None
) -> Iterator[Address]:
    """Serve the store while the context lasts."""
    with running(make_app(store, layout or Layout()), host, port) as address:
        yield address


@contextlib.contextmanager
def browser(address: Address) -> Iterator[httpx.Client]:
    """Give an HTTP client of one server, which follows redirections within it."""
    with httpx.Client(base_url=f"http://{address}", trust_env=False, follow_redirects=True, timeout=30) as client:
        yield client


def follow(web: httpx.Client, *relations: str, method: str = "GET", **variables: int) -> httpx.Response:
    """Go from the first address along links, and use `method` for the last step.

    Parameters
    ----------
    web : httpx.Client
        From `browser`.
    *relations : str
        The names of the links to follow, one after the other.
    method : str
        What to do at the end.
    **variables : int
        What to put into a link that is a template.

    Raises
    ------
    NoLink
        When an answer offers no such link.
    RemoteError
        When a step on the way is refused.
    """
    answer = web.get("/")
    for number, relation in enumerate(relations, 1):
        if answer.status_code >= 400:
            raise RemoteError(str(answer.status_code))
        links = links_of(answer)
        if relation not in links:
            raise NoLink(f"no link {relation}, only {', '.join(sorted(links))}")
        answer = web.request(method if number == len(relations) else "GET", expand(links[relation], variables))
    return answer


def links_of(answer: httpx.Response) -> Mapping[str, str]:
    """Return the links that an answer offers.

    Raises
    ------
    MalformedReply
        When it says something else by that name.
    """
    try:
        links = parse_json(answer.content)["links"]
    except (JsonError, KeyError, TypeError) as error:
        raise MalformedReply("the answer has no links") from error
    if not isinstance(links, dict) or not all(isinstance(link, str) for link in links.values()):
        raise MalformedReply("the answer has no links")
    return links


def expand(template: str, variables: Mapping[str, int]) -> str:
    """Put numbers into a template's braces; a link leads to a path of the same server, and nowhere else.

    Raises
    ------
    MalformedReply
        When it leads elsewhere.
    """
    for name, value in variables.items():
        template = template.replace(f"{{{name}}}", f"{value:d}")
    if not template.startswith("/") or template.startswith("//") or "{" in template:
        raise MalformedReply(f"a link that leads elsewhere: {template[:60]!r}")
    return template


LAYOUTS = {
    "nothing": Layout(),
    "the path": Layout(path="/clients"),
    "the path, with a 308": Layout(path="/clients", moved_from="/customers"),
    "the link's name": Layout(relation="client"),
}
"""What a new version of the server changes."""
WAYS = ("path in the code", "address kept", "links followed")


def survivors(customer: Customer) -> dict[tuple[str, str], str]:
    """Ask each layout for a customer in three ways; return what came of it, by (change, way)."""
    outcomes: dict[tuple[str, str], str] = {}
    with serve(EditableStore([customer])) as address, browser(address) as web:
        kept = links_of(follow(web, "customer", id=customer.id))["self"]
    for change, layout in LAYOUTS.items():
        with serve(EditableStore([customer]), layout=layout) as address, browser(address) as web:
            outcomes[change, WAYS[0]] = _outcome(web.get(f"/customers/{customer.id}"))
            outcomes[change, WAYS[1]] = _outcome(web.get(kept))
            try:
                outcomes[change, WAYS[2]] = _outcome(follow(web, "customer", id=customer.id))
            except NoLink:
                outcomes[change, WAYS[2]] = "no link"
    return outcomes


def _outcome(answer: httpx.Response) -> str:
    return f"{answer.status_code} after {answer.history[0].status_code}" if answer.history else str(answer.status_code)
