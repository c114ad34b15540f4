"""The article's REST service, as it behaves: a copy on Starlette, since it was written for Flask.

Its four handlers keep what they are sent in a dictionary and look at nothing. Six questions find out what that means;
the service of `links` is asked the same six.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from companion.calls.wire.customers import Address, Customer
from companion.calls.wire.web import running
from companion.calls.wire.xml.links import EditableStore, browser
from companion.calls.wire.xml.links import serve as serve_ours


def make_app() -> Starlette:
    """Return the article's service, with Ada as its first customer. Its identifiers are texts."""
    customers: dict[Any, Any] = {"1": {"id": "1", "name": "Ada", "balance": 10.0}}
    not_found = {"error": "Customer not found"}

    async def create(request: Request) -> Response:
        data = await request.json()
        customers[data["id"]] = data
        return JSONResponse(data, 201)

    async def one(request: Request) -> Response:
        id = request.path_params["id"]
        if id not in customers:
            return JSONResponse(not_found, 404)
        if request.method == "PUT":
            customers[id].update(await request.json())
        if request.method == "DELETE":
            del customers[id]
            return Response(status_code=204)
        return JSONResponse(customers[id])

    async def broken(request: Request, error: Exception) -> Response:
        return Response("Internal Server Error", 500, {"connection": "close"})  # as Flask answers a KeyError

    return Starlette(
        routes=[
            Route("/customers", create, methods=["POST"]),
            Route("/customers/{id}", one, methods=["GET", "PUT", "DELETE"]),
        ],
        exception_handlers={Exception: broken},
    )


@contextlib.contextmanager
def serve() -> Iterator[Address]:
    """Serve the article's service while the context lasts."""
    with running(make_app(), "127.0.0.1", 0) as address:
        yield address


@dataclass(frozen=True)
class Question:
    """One of the six.

    Parameters
    ----------
    asked : str
        In a few words.
    article, ours : str
        What became of it.
    """

    asked: str
    article: str
    ours: str


def six_questions() -> list[Question]:
    """Ask both services the six questions."""
    with serve() as address, browser(address) as web:
        article = _ask(web, "1", 7)
    with serve_ours(EditableStore([Customer(id=1, name="Ada", balance=10.0)])) as address, browser(address) as web:
        ours = _ask(web, 1, "7")
    return [Question(asked, said, ours[asked]) for asked, said in article.items()]


def _ask(web: httpx.Client, ada: Any, odd: Any) -> dict[str, str]:
    """Ask one service; `odd` is an identifier of the type that it does not use."""
    told: dict[str, str] = {}
    two = 2 if ada == 1 else "2"
    new = web.post("/customers", json={"id": two, "name": "Bob", "balance": 0.0})
    told["POST a new one: where is it?"] = f"{new.status_code}, {new.headers.get('location', 'no Location')}"
    taken = web.post("/customers", json={"id": ada, "name": "Eve", "balance": 0.0})
    told["POST an id that is taken"] = f"{taken.status_code}, 1 is now {web.get('/customers/1').json()['name']}"
    told["POST without an id"] = str(web.post("/customers", json={"name": "Cy", "balance": 0.0}).status_code)
    strange = web.post("/customers", json={"id": odd, "name": "Dan", "balance": 0.0})
    told["POST an id of the other type"] = f"{strange.status_code}, then GET {web.get('/customers/7').status_code}"
    part = web.put(f"/customers/{two}", json={"id": two, "balance": 5.0})
    told["PUT without a name"] = f"{part.status_code}, name: {web.get(f'/customers/{two}').json()['name']}"
    other = web.put("/customers/1", json={"id": 9 if ada == 1 else "9", "name": "Ada", "balance": 1.0})
    told["PUT another id into the body"] = f"{other.status_code}, 1 says: id {web.get('/customers/1').json()['id']}"
    return told
