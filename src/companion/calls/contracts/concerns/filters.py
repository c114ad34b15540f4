"""Filters as a servlet container chains them: each gets the request and the rest of the chain, and is given an order.

Six filters about one service, and what they leave behind for somebody to look at. None of them is wrong by itself.
"""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

TOKENS: Mapping[str, str] = {"t-ada": "ada", "t-bob": "bob"}
BALANCES: Mapping[str, int] = {"ada": 100, "bob": 7}
GUESSES = 5
"""How many requests one address may make before it is refused."""
MOST_UNPACKED = 1 << 20
"""Bytes that a body may have when unpacked, whoever sends it: no order replaces this bound."""


@dataclass(frozen=True)
class Request:
    """What a filter sees. `user` is empty until somebody has looked at the token."""

    path: str
    token: str = ""
    peer: str = "10.0.0.1"
    body: bytes = b""
    packed: bool = False
    user: str = ""
    sealed: str = field(default="", repr=False)


@dataclass(frozen=True)
class Response:
    """A status, as HTTP has them, and a text."""

    status: int
    text: str = ""


@dataclass
class World:
    """What the filters share with the world: the lines of the log, the cache, the counters."""

    log: list[str] = field(default_factory=list)
    cache: dict[tuple[str, str, bytes], Response] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    unpacked: int = 0
    ran: int = 0


Handler = Callable[[Request], Response]


class Filter(Protocol):
    """A filter may answer itself, or let the rest of the chain do so, with this request or with another."""

    def __call__(self, world: World, rest: Handler, request: Request) -> Response: ...


def chain(filters: Sequence[Filter], world: World, service: Handler) -> Handler:
    """Put filters around a service; the first is the outermost."""
    for one in reversed(filters):
        service = functools.partial(one, world, service)
    return service


def serve(world: World, request: Request) -> Response:
    """The service: the balance of whoever asks. Without a user it answers as for nobody; auth is not its concern."""
    world.ran += 1
    return Response(200, f"{request.user or 'nobody'} has {BALANCES.get(request.user, 0)}")


def auth(world: World, rest: Handler, request: Request) -> Response:
    """Turn the token into a user, or refuse; what stands further in has no use for a secret."""
    user = TOKENS.get(request.token or request.sealed)
    if not user:
        return Response(401)
    return rest(replace(request, user=user, token="", sealed=""))


def log(world: World, rest: Handler, request: Request) -> Response:
    """Write a line when the answer is there: what was asked as it was asked, and the status."""
    response = rest(request)
    world.log.append(f"{request.user or '-'} {request.path} token={request.token or '-'} {response.status}")
    return response


def limit(world: World, rest: Handler, request: Request) -> Response:
    """Refuse an address that has asked too often."""
    world.asked[request.peer] += 1
    return rest(request) if world.asked[request.peer] <= GUESSES else Response(429)


def unpack(world: World, rest: Handler, request: Request) -> Response:
    """Unpack the body, up to a bound."""
    if not request.packed:
        return rest(request)
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(request.body, MOST_UNPACKED)
    except zlib.error:
        return Response(400)
    world.unpacked += len(body)
    return rest(replace(request, body=body, packed=False)) if unpacker.eof else Response(413)


def cache(world: World, rest: Handler, request: Request) -> Response:
    """Keep what was answered with 200, for each user, path and body."""
    key = (request.user, request.path, request.body)
    if key not in world.cache:
        response = rest(request)
        if response.status != 200:
            return response
        world.cache[key] = response
    return world.cache[key]


def seal(world: World, rest: Handler, request: Request) -> Response:
    """Put the token where only auth looks, and take line ends out of the path."""
    return rest(replace(request, path=request.path.encode("unicode_escape").decode(), sealed=request.token, token=""))


FILTERS: Mapping[str, Filter] = {
    "log": log, "limit": limit, "auth": auth, "unpack": unpack, "cache": cache, "seal": seal,
}  # fmt: skip
