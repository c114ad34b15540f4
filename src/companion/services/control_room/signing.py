"""Tokens for the asking, on this machine.

A service that hands a token to whoever asks is the open door that chapter 10 tells of. A page for development needs one
all the same, so this one is built to work from this machine only, whatever it is bound to by mistake: both ends of the
connection must be loopback, and nothing may have passed the request on. The guard in front has looked at Host and
Origin, so that no page of another site can ask.

What is left is that everybody with an account on this machine can ask.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

import anyio.to_thread
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from companion.errors import CompanionError
from companion.services.a2a.server.guard import Refused, refuse
from companion.services.database import connect
from companion.services.tenancy.tokens import LONGEST_SECONDS, SECONDS, Issuer

AUDIENCES = ("a2a", "mcp")
"""A token is for one service, so whoever signs in gets one for each."""
MOST_TENANTS = 100
PASSED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a proxy says that it speaks for somebody else."""
PATH = "/control-room"


class RoomError(CompanionError, ValueError):
    """A control room that would sign tokens for more than this machine."""


@dataclass(frozen=True)
class Tenant:
    """Whom one may sign in as."""

    id: UUID
    name: str


class SignIn(BaseModel):
    """What is asked for."""

    model_config = ConfigDict(extra="forbid")

    tenant: UUID
    user: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: list[Literal["read", "write"]] = ["read", "write"]
    seconds: Annotated[int, Field(ge=1, le=LONGEST_SECONDS)] = SECONDS


def tenants_of(admin: str) -> list[Tenant]:
    """List the tenants of a database, by name.

    Parameters
    ----------
    admin : str
        Its administrator's address: the service's role sees its own tenant only.
    """
    with connect(admin) as connection:
        rows = connection.execute("select id, name from tenants order by name, id limit %s", [MOST_TENANTS]).fetchall()
    return [Tenant(*row) for row in rows]


def routes(issuer: Issuer, tenants: Callable[[], Sequence[Tenant]]) -> list[Route]:
    """Give the endpoints that the page signs in by.

    Parameters
    ----------
    issuer : Issuer
        Who signs.
    tenants : callable
        Whom the page offers; asked each time.
    """

    async def offer(request: Request) -> Response:
        try:
            insist_on_this_machine(request)
        except Refused as refusal:
            return refuse(request.url.path, refusal)
        found = await anyio.to_thread.run_sync(tenants)
        return _fresh({"tenants": [{"id": str(tenant.id), "name": tenant.name} for tenant in found]})

    async def sign(request: Request) -> Response:
        try:
            insist_on_this_machine(request)
            asked = _read(await request.body())
        except Refused as refusal:
            return refuse(request.url.path, refusal)
        tokens = {
            audience: issuer.token(asked.tenant, asked.user, asked.scopes, audience, asked.seconds)
            for audience in AUDIENCES
        }
        return _fresh({"tokens": tokens})

    return [Route(f"{PATH}/tenants", offer, methods=["GET"]), Route(f"{PATH}/tokens", sign, methods=["POST"])]


def insist_on_this_machine(request: Request) -> None:
    """Refuse a request that is not from this machine to this machine, or that somebody has passed on.

    Raises
    ------
    Refused
        403.
    """
    ends = [request.client.host if request.client else "", (request.scope.get("server") or ("",))[0]]
    passed_on = next((name for name in PASSED_ON if name in request.headers), None)
    if passed_on is not None or not all(map(is_loopback, ends)):
        raise Refused(403, "THIS_MACHINE_ONLY", "tokens are signed here for development, for this machine only")


def require_loopback(host: str) -> None:
    """Refuse to sign tokens at an address that other machines reach.

    Raises
    ------
    RoomError
        If it is more than loopback.
    """
    if not is_loopback(host):
        raise RoomError(f"a control room signs tokens for whoever asks: bind it to 127.0.0.1, not to {host}")


def is_loopback(host: str) -> bool:
    """Say whether an address of IP is this machine's own; a name is not looked up, and is none."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _read(body: bytes) -> SignIn:
    try:
        return SignIn.model_validate_json(body or b"null")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise Refused(400, "INVALID_ARGUMENT", f"{place}: {first['msg']}".removeprefix(": ")) from None


def _fresh(content: dict[str, object]) -> Response:
    return JSONResponse(content, headers={"cache-control": "no-store"})
