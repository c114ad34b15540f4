"""What a call costs, and what a server remembers: measured on a server in a process of its own.

In one process client and server would take turns at Python's interpreter lock, and each would measure the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import httpx2
import psycopg
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from companion.services.database import Pool, as_tenant, open_pool
from companion.services.documents import get_document, list_documents
from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.app import http_app
from companion.services.mcp.conversation import EARLIER, TODAY, headers, post, request
from companion.services.mcp.replicas import workshop
from companion.services.mcp.service import AUDIENCE, document_service
from companion.services.mcp.tools import STATEMENT_SECONDS
from companion.services.samples import ADA
from companion.services.serving import running
from companion.services.tenancy.audit import audited
from companion.services.tenancy.tokens import Claims

CALLS = 300
SESSIONS, STREAMS, WARM = 400, 100, 50
TOKEN_SECONDS = 900


@contextlib.contextmanager
def apart(what: str) -> Iterator[dict[str, Any]]:
    """Run one of the functions below in a process of its own; give what it says when it is ready."""
    program = f"from companion.services.mcp import measures; measures.{what}"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said: dict[str, Any] = json.loads(process.stdout.readline() or "{}")
            if not said:
                raise RuntimeError("the server did not start")
            yield said | {"process": process.pid}
        finally:
            process.terminate()


def serve_documents() -> None:
    """Serve documents until a SIGTERM; say where, with which token, and where the database is."""
    with document_service() as service, service.serve() as url:
        token = service.issuer.token(ADA, "ada", [READ, WRITE], AUDIENCE, TOKEN_SECONDS)
        with service.pool.connection() as connection, as_tenant(connection, ADA):
            document = str(list_documents(connection, 1)[0].id)
        _say_and_wait({"url": url, "token": token, "document": document, "database": service.pool.conninfo})


def serve_workshop(stateless: bool, bounded: bool = False) -> None:
    """Serve a workshop, with sessions or without, until a SIGTERM."""
    server = workshop().server
    app = http_app(server) if bounded else server.streamable_http_app(stateless_http=stateless)
    with running(app) as address:
        _say_and_wait({"url": f"http://{address}/mcp"})


def serve_nothing() -> None:
    """Answer every request at once, until a SIGTERM."""

    async def answer(asked: Request) -> Response:
        await asked.body()
        return Response(b"{}", media_type="application/json")

    with running(Starlette(routes=[Route("/mcp", answer, methods=["POST"])])) as address:
        _say_and_wait({"url": f"http://{address}/mcp"})


def _say_and_wait(said: dict[str, Any]) -> None:
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    print(json.dumps(said), flush=True)
    done.wait()


def a_call() -> dict[str, float]:
    """Time one look-up of a document, one caller at a time, and what it is made of.

    Returns
    -------
    dict
        Medians in milliseconds. Parts: `sql`; `pool`, the same on a connection that is lent and given back; `http`, a
        request that is answered at once; `tool`, a call of a tool that adds two numbers. And the look-up itself: `raw`,
        by a request like those; `client`, by the SDK's; `opened`, by one that is opened for each call.
    """
    add = request("tools/call", name="add", arguments={"a": 1, "b": 1})
    parts = {}
    for part, program in {"http": "serve_nothing()", "tool": "serve_workshop(stateless=True, bounded=True)"}.items():
        with apart(program) as there, _client() as web:
            parts[part] = _median(partial(post, web, there["url"], add))
    with apart("serve_documents()") as there:
        with psycopg.connect(there["database"], autocommit=True) as connection:
            sql = _median(lambda: _read(connection, there["document"]))
        with open_pool(there["database"]) as pool:
            lent = _median(lambda: _read_lent(pool, there["document"]))
        arguments = {"id": there["document"]}
        one = request("tools/call", name="get_document", arguments=arguments)
        said = headers(one) | {"authorization": f"Bearer {there['token']}"}
        with _client() as web:
            raw = _median(lambda: post(web, there["url"], one, said))
        with ThreadPoolExecutor(1) as apart_from_a_notebook:  # whose thread has an event loop already
            waiting = apart_from_a_notebook.submit(asyncio.run, _by_client(there["url"], there["token"], arguments))
            client, opened = waiting.result()
    return {"sql": sql, "pool": lent, **parts, "raw": raw, "client": client, "opened": opened}


def _read(connection: psycopg.Connection[Any], document: str) -> None:
    """Do what the tool does: the record first, then the document."""
    claims = Claims(ADA, "ada", frozenset((READ,)), "of no token", 0, 0)
    with audited(connection, claims, "read", f"document {document}"):
        get_document(connection, UUID(document))


def _read_lent(pool: Pool, document: str) -> None:
    with pool.connection() as connection:
        connection.execute(f"set statement_timeout = '{STATEMENT_SECONDS}s'".encode())
        _read(connection, document)


def _median(call: Callable[[], object]) -> float:
    took = []
    for _ in range(CALLS + CALLS // 5):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return 1000 * statistics.median(took[CALLS // 5 :])


async def _by_client(url: str, token: str, arguments: dict[str, Any]) -> tuple[float, float]:
    async with httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30) as web:

        async def opened() -> None:
            async with Client(streamable_http_client(url, http_client=web), mode=TODAY) as client:
                await client.call_tool("get_document", arguments)

        async with Client(streamable_http_client(url, http_client=web), mode=TODAY) as client:
            took = [await _timed(lambda: client.call_tool("get_document", arguments)) for _ in range(CALLS)]
        each = [await _timed(opened) for _ in range(CALLS // 10)]
    return 1000 * statistics.median(took[CALLS // 5 :]), 1000 * statistics.median(each)


async def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    await call()
    return time.perf_counter() - began


def memory() -> dict[str, float]:
    """Weigh what a server keeps: for a session, for a call without one, and for a stream that somebody holds open.

    Returns
    -------
    dict
        Kilobytes of resident memory each: `session`, `call`, `stream`, and `stream, bounded` by `http_app`.
    """
    grown = {}
    with apart("serve_workshop(stateless=False)") as there, _client() as web:
        grown["session"] = _growth(there, lambda: _hello(web, there["url"]), SESSIONS)
    with apart("serve_workshop(stateless=True)") as there, _client() as web:
        one = request("tools/call", name="add", arguments={"a": 1, "b": 1})
        grown["call"] = _growth(there, lambda: post(web, there["url"], one), SESSIONS)
    for name, program in {"stream": "stateless=True", "stream, bounded": "stateless=True, bounded=True"}.items():
        with apart(f"serve_workshop({program})") as there, _client() as web, contextlib.ExitStack() as held:

            def hold(url: str = there["url"], web: httpx.Client = web, held: contextlib.ExitStack = held) -> None:
                said = {"accept": "text/event-stream", "mcp-protocol-version": EARLIER}
                held.enter_context(web.stream("GET", url, headers=said))

            grown[name] = _growth(there, hold, STREAMS)
    return grown


def _client() -> httpx.Client:
    """Make a client that holds as many connections as it is asked for."""
    return httpx.Client(trust_env=False, timeout=30, limits=httpx.Limits(max_connections=None))


def _hello(web: httpx.Client, url: str) -> None:
    """Open a session, as a client of the earlier protocol does, and forget it."""
    who = {"name": "forgetful", "version": "1"}
    hello = request("initialize", version=EARLIER, protocolVersion=EARLIER, capabilities={}, clientInfo=who)
    post(web, url, hello, headers(hello, EARLIER))


def _growth(there: dict[str, Any], call: Callable[[], object], times: int) -> float:
    """Give the kilobytes by which the server has grown for each call, once it is warm."""
    for _ in range(WARM):
        call()
    before = _resident(there["process"])
    for _ in range(times):
        call()
    return (_resident(there["process"]) - before) / times


def _resident(process: int) -> float:
    """Give a process's resident memory in kB, as Linux tells it."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1])
    raise RuntimeError("this system does not tell how much memory a process has")
