"""An agent's card at its well-known address: whoever knows where the agent is can ask what it is.

The card is served as the A2A SDK serves one: with an ETag always, with a lifetime only if the agent's owner sets it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import httpx

from companion.calls.coordination.naming.children import Child
from companion.calls.coordination.naming.names import Names

if TYPE_CHECKING:
    from starlette.applications import Starlette

PATH = "/.well-known/agent-card.json"
WORKER = "companion.calls.coordination.naming.card_worker"
MAX_CARD = 1 << 20


@dataclass(frozen=True)
class Seen:
    """What a client remembers of a card."""

    card: dict[str, Any]
    etag: str
    cache_control: str | None


def card_app(name: str, skills: list[str], cache_control: str | None = None) -> Starlette:
    """A web application that serves an agent's card, and nothing else."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    card = {"name": name, "version": "1.0.0", "skills": [{"id": skill} for skill in skills]}
    body = json.dumps(card, sort_keys=True).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": etag} | ({"Cache-Control": cache_control} if cache_control else {})

    async def serve(request: Request) -> Response:
        if etag in request.headers.get("If-None-Match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="application/json", headers=headers)

    return Starlette(routes=[Route(PATH, serve)])


class CardNames(Names):
    """Agents that are found by their cards; a context manager. Each agent is a process of its own."""

    title: ClassVar[str] = "A2A card"
    has: ClassVar[frozenset[str]] = frozenset({"resolve"})

    def __init__(self) -> None:
        self.agents: dict[str, Child] = {}
        self.seen: dict[str, Seen] = {}
        self._web = httpx.Client(trust_env=False, timeout=20)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._web.close()
        for child in self.agents.values():
            with child:
                pass

    def start(self, name: str, *skills: str) -> str:
        """Start an agent that serves its card; its address, which its clients must be told by other means."""
        self.agents[name] = Child(WORKER, name, *skills)
        return f"http://127.0.0.1:{self.agents[name].ready['port']}"

    def fetch(self, address: str) -> int:
        """Ask for the card, or whether it has changed; the status. What came is remembered.

        Raises
        ------
        httpx.ConnectError
            When nobody listens there; what was remembered of it stays.
        """
        known = self.seen.get(address)
        headers = {"If-None-Match": known.etag} if known else {}
        with self._web.stream("GET", address + PATH, headers=headers) as answer:
            if answer.status_code == 200:
                body = b""
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > MAX_CARD:
                        raise ValueError(f"{address}: a card of more than {MAX_CARD} bytes")
                said = answer.headers
                self.seen[address] = Seen(json.loads(body), said.get("ETag", ""), said.get("Cache-Control"))
            return answer.status_code

    def resolve(self, name: str) -> str | None:
        """Where the agent of this name was when its card was last seen."""
        return next((address for address, seen in sorted(self.seen.items()) if seen.card["name"] == name), None)
