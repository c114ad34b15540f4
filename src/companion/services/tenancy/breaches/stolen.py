"""Two breaches in a laboratory: a store of everybody's tokens, and an endpoint that gives an administrator's away.

An assistant works for people at hundreds of services. In the one arrangement it keeps a token for each of them, good
for a day and for everything, so that it need not ask again. In the other it keeps none: it has the token of whoever is
just speaking to it, and exchanges that for one which a single service accepts, for what is wanted there, for minutes.
A thief copies what it holds, waits, and shows each token to the service that it names.

Tokens, signatures, exchange and refusals are real. The services do nothing but verify, the clock is one that we move,
and the numbers of services and of people who are just speaking are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from companion.services.tenancy.exchange import Exchange
from companion.services.tenancy.tokens import InvalidToken, Issuer, Verifier

ISSUER, AGENT, FILES = "https://issuer.example", "assistant", "files"
EVERYTHING = ("read", "write", "delete")
HOUR = 3600
DAY = 24 * HOUR


@dataclass
class Clock:
    """A clock that stands until it is moved.

    Attributes
    ----------
    now : float
        Seconds since 1970.
    """

    now: float = 1_800_000_000

    def __call__(self) -> float:
        """Read it."""
        return self.now


@dataclass(frozen=True)
class Account:
    """Somebody's account at a service."""

    owner: UUID
    service: str


@dataclass(frozen=True)
class Opened:
    """What a thief got: accounts that a stolen token opened, and those of them in which it could change things."""

    accounts: int
    writable: int


def accounts(count: int) -> list[Account]:
    """Give as many accounts, each at a service of its own."""
    return [Account(uuid4(), f"service-{number:03}") for number in range(count)]


def hoard(issuer: Issuer, of: Iterable[Account], *, seconds: int = DAY) -> list[str]:
    """Give what an assistant holds that keeps a token for everything, for every account."""
    return [issuer.token(one.owner, "user", EVERYTHING, one.service, seconds) for one in of]


def in_flight(issuer: Issuer, of: Sequence[Account], clock: Clock) -> list[str]:
    """Give what an assistant holds that exchanges: two tokens for each account for which somebody is speaking to it."""
    exchange = Exchange(issuer, {AGENT: {one.service for one in of}}, clock)
    held = []
    for one in of:
        theirs = issuer.token(one.owner, "user", EVERYTHING, AGENT)
        held += [theirs, exchange(theirs, agent=AGENT, audience=one.service, scopes=["read"])]
    return held


def steal(tokens: Iterable[str], issuer: Issuer, clock: Clock, *, longest: int = DAY) -> Opened:
    """Show stolen tokens to the services that they name.

    Parameters
    ----------
    tokens : iterable of str
        What was stolen.
    issuer : Issuer
        Whose public keys the services verify with.
    clock : Clock
        What time it is by now.
    longest : int
        For how many seconds a token may be issued, at these services.
    """
    opened = []
    for token in tokens:
        service = jwt.decode(token, options={"verify_signature": False})["aud"]  # which anybody can read
        if service != AGENT:  # there it would take a thief who is the assistant
            try:
                opened.append(Verifier(issuer.jwks(), issuer.name, service, longest=longest, clock=clock).verify(token))
            except InvalidToken:
                continue
    return Opened(len({claims.tenant for claims in opened}), sum("write" in claims.scopes for claims in opened))


def still_good(life: float, wait: float) -> float:
    """Give the share of tokens that can still be used, if they are stolen at any moment of their life, after a wait."""
    return max(0.0, 1 - wait / life)


# The open endpoint


def files_service(verifier: Verifier, files: dict[UUID, str]) -> Starlette:
    """Make a service that has files of many tenants: it gives a bearer its own, and an administrator anybody's.

    Parameters
    ----------
    verifier : Verifier
        Of tokens for this service.
    files : dict
        A tenant's file.
    """

    async def read(request: Request) -> Response:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            claims = verifier.verify(token if scheme == "Bearer" else "")
        except InvalidToken as error:
            return JSONResponse({"error": str(error)}, 401, {"WWW-Authenticate": "Bearer"})
        tenant: UUID = request.path_params["tenant"]
        if claims.tenant != tenant and "admin" not in claims.scopes:
            return JSONResponse({"error": "not yours"}, 403)
        return JSONResponse({"file": files[tenant]})

    return Starlette(routes=[Route("/files/{tenant:uuid}", read)])
