"""Two replicas behind a balancer: what each way to serve keeps, and what it loses.

A workshop of three tools stands on every replica: one that adds, one that takes its time and tells how far it is, and
one that asks a person before it deletes. A client calls them through `RoundRobin`, which gives each request to the next
replica, as balancers do that know nothing of sessions.
"""

# No `from __future__ import annotations`: the SDK reads the annotations of the tools, some of which name closures.

import asyncio
import contextlib
import itertools
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import httpx
import httpx2
from mcp import Client, MCPError
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.server.mcpserver import Context, Elicit, MCPServer, RequestStateSecurity, Resolve
from mcp.shared.exceptions import MCPDeprecationWarning
from mcp_types import ElicitRequestParams, ElicitResult
from pydantic import BaseModel

from companion.services.mcp.conversation import TODAY, Answer, headers, post, request
from companion.services.serving import running

Way = Literal["stateful", "stateless", "stateless, JSON"]
WAYS: dict[Way, tuple[bool, bool]] = {
    "stateful": (False, False),
    "stateless": (True, False),
    "stateless, JSON": (True, True),
}
"""How a server can be told to serve: without sessions, and with a JSON body in the place of a stream."""

STEPS, MANY_STEPS = 5, 40
POLL_SECONDS = 0.01


class Sure(BaseModel):
    """What a person answers."""

    delete: bool


@dataclass
class Workshop:
    """A server on one replica, and what became of its tools."""

    server: MCPServer[Any]
    deleted: list[str] = field(default_factory=list)
    begun: int = 0
    ends: list[str] = field(default_factory=list)


def workshop(secret: bytes | None = None, step_seconds: float = 0.05) -> Workshop:
    """Make a replica; those that share a secret can open what another has sealed."""
    security = RequestStateSecurity(keys=[secret]) if secret else None
    made = Workshop(MCPServer("workshop", log_level="CRITICAL", request_state_security=security))

    @made.server.tool()
    def add(a: int, b: int) -> int:
        """Add two numbers."""
        return a + b

    @made.server.tool()
    async def work(context: Context, steps: int = STEPS) -> str:
        """Take a while, and tell how far it is."""
        made.begun += 1
        try:
            for step in range(steps):
                await context.report_progress(step + 1, steps)
                await asyncio.sleep(step_seconds)
        except asyncio.CancelledError:
            made.ends.append("cancelled")
            raise
        made.ends.append("ran to its end")
        return "done"

    def question(title: str) -> Elicit[Sure]:
        return Elicit(f"Delete {title!r}?", Sure)

    @made.server.tool()
    def delete(title: str, answer: Annotated[Sure, Resolve(question)]) -> str:
        """Delete a document, if a person says so."""
        if answer.delete:
            made.deleted.append(title)
        return f"{title!r} was deleted" if answer.delete else f"{title!r} was kept"

    return made


class RoundRobin(httpx2.AsyncBaseTransport):
    """Gives each request to the next replica, and keeps what was asked: JSON-RPC's method, or HTTP's."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._next = itertools.cycle(httpx2.URL(url) for url in urls)
        self._inner = httpx2.AsyncHTTPTransport()
        self.asked: list[str] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request to whose turn it is."""
        replica = next(self._next)
        request.url = request.url.copy_with(host=replica.host, port=replica.port)
        body = await request.aread()
        self.asked.append(json.loads(body).get("method", "an answer") if body else request.method)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


@contextlib.contextmanager
def replicas(way: Way, workshops: Sequence[Workshop]) -> Iterator[list[str]]:
    """Serve workshops, each on a replica of its own; give their addresses."""
    with contextlib.ExitStack() as stack:
        stateless, at_once = WAYS[way]
        apps = [each.server.streamable_http_app(stateless_http=stateless, json_response=at_once) for each in workshops]
        yield [f"http://{stack.enter_context(running(app))}/mcp" for app in apps]


@dataclass(frozen=True)
class Trial:
    """What came of one call."""

    answer: str
    progress: int  # messages
    asked: list[str]  # every request that the client made, from its opening to its end


async def try_tool(
    urls: Sequence[str],
    mode: str,
    tool: str,
    arguments: dict[str, Any],
    hang_up: Callable[[], object] = lambda: False,
) -> Trial:
    """Call a tool once through the balancer, as the SDK's client does it, with a person who says yes.

    Parameters
    ----------
    urls, mode, tool, arguments
        Where, in which generation, and what.
    hang_up : callable
        Asked again and again whether to hang up now.
    """
    answer, heard = "", 0

    async def person(context: ClientRequestContext, params: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"delete": True})

    async def told(progress: float, total: float | None, message: str | None) -> None:
        nonlocal heard
        heard += 1

    turns = RoundRobin(urls)
    async with httpx2.AsyncClient(transport=turns, timeout=30) as web:
        wire = streamable_http_client(urls[0], http_client=web)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", MCPDeprecationWarning)
            async with Client(wire, mode=mode, elicitation_callback=person) as client:
                calling = asyncio.create_task(client.call_tool(tool, arguments, progress_callback=told))
                while not calling.done() and not hang_up():
                    await asyncio.wait([calling], timeout=POLL_SECONDS)
                calling.cancel()
                try:
                    answer = " ".join(getattr(part, "text", "") for part in (await calling).content)
                except MCPError as error:
                    answer = f"error: {error}"
                except asyncio.CancelledError:
                    answer = "hung up"
    return Trial(answer, heard, turns.asked)


def calls_in_turn(urls: Sequence[str], generation: str, times: int = 20) -> list[Answer]:
    """Open a conversation with the first replica if the generation wants one, then call the replicas in turn."""
    said: dict[str, str] = {}
    with httpx.Client(trust_env=False, timeout=30) as web:
        if generation < TODAY:
            who = {"name": "round robin", "version": "1"}
            hello = request(
                "initialize", version=generation, protocolVersion=generation, capabilities={}, clientInfo=who
            )
            opened = post(web, urls[0], hello, headers(hello, generation))
            said = {"mcp-session-id": session} if (session := opened.headers.get("mcp-session-id")) else {}
        one = request("tools/call", version=generation, name="add", arguments={"a": 1, "b": 1})
        turns = itertools.islice(itertools.cycle(urls), times)
        return [post(web, url, one, headers(one, generation) | said) for url in turns]


@dataclass(frozen=True)
class Kept:
    """What a way to serve keeps, of a generation of the protocol."""

    way: Way
    generation: str
    calls: int  # of 20 that came through on two replicas
    progress: int  # messages of 5
    hang_up: str  # what became of the tool
    question: str  # what came of a question, on one replica


async def what_it_keeps(way: Way, generation: str) -> Kept:
    """Try everything on one way to serve."""
    mode = "legacy" if generation < "2026" else generation
    shops = [workshop(), workshop()]
    with replicas(way, shops) as urls:
        answers = await asyncio.to_thread(calls_in_turn, urls, generation)
        progress = (await try_tool(urls[:1], mode, "work", {})).progress
        await try_tool(urls[:1], mode, "work", {"steps": MANY_STEPS}, hang_up=lambda: shops[0].begun == 2)
        while len(shops[0].ends) < 2:
            await asyncio.sleep(POLL_SECONDS)
        await try_tool(urls[:1], mode, "delete", {"title": "Draft"})
    asked = "asked" if shops[0].deleted else "cannot ask"
    came = sum(answer.words == "2" for answer in answers)
    return Kept(way, generation, came, progress, shops[0].ends[1], asked)
