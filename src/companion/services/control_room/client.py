"""The control room's calls, for a program or a notebook.

    room = Room("http://127.0.0.1:8009")
    ada = room.sign_in(room.tenants()[0], "ada")
    ada.call("search_documents", query="retention").words
    task = ada.agent.send("For how long are files kept?")
    for number, event in ada.agent.follow(task["id"]):
        print(number, event)

What it calls are the services themselves: MCP as chapter 8 has it, and A2A as chapter 9 has it. Only the tokens are the
control room's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import jwt

from companion.services.a2a.client import Caller
from companion.services.a2a.errors import CallFailed
from companion.services.control_room.signing import PATH, Tenant
from companion.services.mcp import conversation
from companion.services.tenancy.tokens import SECONDS

WAIT_SECONDS = 30.0


@dataclass(frozen=True)
class Session:
    """Somebody who is signed in.

    Attributes
    ----------
    url : str
        The server's.
    tenant : Tenant
        Whose rows are seen.
    tokens : mapping of str to str
        One for each service. They are not shown.
    """

    url: str
    tenant: Tenant
    tokens: Mapping[str, str] = field(repr=False)

    @property
    def claims(self) -> dict[str, Any]:
        """What the token for the agent says. Nobody has verified it here: that is for the services."""
        read: dict[str, Any] = jwt.decode(self.tokens["a2a"], options={"verify_signature": False})
        return read

    @property
    def who(self) -> str:
        """Who it is, in words."""
        return f"{self.claims['sub']} of {self.tenant.name}"

    @property
    def agent(self) -> Caller:
        """Whoever calls the agent for this user."""
        return Caller([self.url], self.tokens["a2a"])

    def tools(self) -> list[dict[str, Any]]:
        """List the tools, each with the JSON Schema of its arguments.

        Raises
        ------
        CallFailed
            If the server refuses, or does not answer.
        """
        found: list[dict[str, Any]] = self._ask(conversation.request("tools/list")).result["tools"]
        return found

    def call(self, tool: str, /, **arguments: Any) -> conversation.Answer:
        """Call a tool; what the tool itself could not do is in the answer, and no error.

        Raises
        ------
        CallFailed
            If the server refuses, or does not answer.
        """
        return self._ask(conversation.request("tools/call", name=tool, arguments=arguments))

    def answer(
        self, tool: str, arguments: Mapping[str, Any], asked: conversation.Answer, told: Mapping[str, Any]
    ) -> conversation.Answer:
        """Call a tool again that has asked something first.

        Parameters
        ----------
        tool : str
            Its name.
        arguments : mapping
            As in the first call.
        asked : Answer
            What that has given.
        told : mapping
            For each of its questions, by name, ``{"action": "accept", "content": ...}`` or ``{"action": "decline"}``.

        Raises
        ------
        CallFailed
            If the server refuses, or does not answer.
        """
        sealed = {key: asked.result[key] for key in ("requestState",) if key in asked.result}
        call = {"name": tool, "arguments": dict(arguments), "inputResponses": dict(told)} | sealed
        return self._ask(conversation.request("tools/call", **call))

    def _ask(self, message: conversation.Message) -> conversation.Answer:
        said = conversation.headers(message) | {"authorization": f"Bearer {self.tokens['mcp']}"}
        with _web() as web:
            try:
                answer = conversation.post(web, f"{self.url}/mcp", message, said)
            except httpx.TransportError as error:
                raise CallFailed(f"{self.url} does not answer: {error}") from None
        if answer.status == httpx.codes.UNAUTHORIZED:
            raise CallFailed("the token is not accepted, or has expired: sign in again")
        if answer.error is not None or not answer.messages:
            raise CallFailed(answer.words)
        return answer


class Room:
    """A server with a control room.

    Parameters
    ----------
    url : str
        Where it is, such as ``http://127.0.0.1:8009``; a path is left out.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = f"{parts.scheme}://{parts.netloc}"

    def tenants(self) -> list[Tenant]:
        """List whom one may sign in as.

        Raises
        ------
        CallFailed
            If there is no control room, or it refuses.
        """
        return [Tenant(UUID(one["id"]), one["name"]) for one in self._ask("GET", "tenants")["tenants"]]

    def sign_in(
        self, tenant: Tenant, user: str, scopes: Sequence[str] = ("read", "write"), seconds: int = SECONDS
    ) -> Session:
        """Have tokens signed, for development.

        Parameters
        ----------
        tenant : Tenant
            One of `tenants`.
        user : str
            Who asks.
        scopes : sequence of str
            ``read``, ``write`` or both.
        seconds : int
            How long they are good for.

        Raises
        ------
        CallFailed
            If the server refuses.
        """
        asked = {"tenant": str(tenant.id), "user": user, "scopes": list(scopes), "seconds": seconds}
        return Session(self.url, tenant, self._ask("POST", "tokens", asked)["tokens"])

    def _ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with _web() as web:
            try:
                answer = web.request(method, f"{self.url}{PATH}/{name}", json=body)
            except httpx.TransportError as error:
                raise CallFailed(f"{self.url} does not answer: {error}") from None
        if answer.is_error:
            raise CallFailed(_refusal(answer))
        found: dict[str, Any] = answer.json()
        return found


def _refusal(answer: httpx.Response) -> str:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        return "this server has no control room: start it by `companion serve a2a --control-room`"
    try:
        return str(answer.json()["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"


def _web() -> httpx.Client:
    return httpx.Client(timeout=WAIT_SECONDS, trust_env=False)
