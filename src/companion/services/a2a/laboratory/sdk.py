"""Servers as the SDK makes them, with its two stores in PostgreSQL: for experiments, and none of it to serve with.

`DatabaseTaskStore` keeps each task as one row, and whoever saves last has the last word. `VersionedDatabaseTaskStore`,
with `DatabaseTaskEventStream` beside it, compares versions when it saves, and keeps a log that other servers poll.
Both run on psycopg, through SQLAlchemy's asynchronous engine.

    python -m companion.services.a2a.laboratory.sdk ADDRESS STORE PORT

serves an agent that begins to work and never ends, until somebody kills the process.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Literal

import httpx
import uvicorn
from a2a.server.agent_execution import AgentExecutor, RequestContext
from a2a.server.cluster import DatabaseTaskEventStream, VersionedDatabaseTaskStore
from a2a.server.events import EventQueue
from a2a.server.request_handlers import DefaultRequestHandlerV2
from a2a.server.routes import create_jsonrpc_routes
from a2a.server.tasks import (
    BasePushNotificationSender,
    DatabaseTaskStore,
    InMemoryPushNotificationConfigStore,
    InMemoryTaskStore,
    TaskUpdater,
)
from a2a.types import a2a_pb2 as pb
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette

from companion.services.a2a.laboratory import children
from companion.services.a2a.server.app import bound
from companion.services.a2a.server.card import make_card
from companion.services.database import connect

Store = Literal["plain", "versioned"]
Work = Callable[[RequestContext, TaskUpdater], Awaitable[None]]

SKILL = pb.AgentSkill(id="a", name="A", description="For experiments.", tags=["experiment"])
HEADERS = {"a2a-version": "1.0"}
_numbers = itertools.count(1)
START_SECONDS = 60.0


class Scripted(AgentExecutor):
    """An agent that does what a function says, and takes a cancellation."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.begun = 0

    async def execute(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Begin a task or go on with one, and work."""
        self.begun += 1
        task = context.current_task
        if task is None:
            task = pb.Task(id=context.task_id, context_id=context.context_id)
            task.status.state = pb.TaskState.TASK_STATE_SUBMITTED
            await event_queue.enqueue_event(task)
        await self.work(context, TaskUpdater(event_queue, str(context.task_id), str(context.context_id)))

    async def cancel(self, context: RequestContext, event_queue: EventQueue) -> None:
        """Say that the task is cancelled."""
        await TaskUpdater(event_queue, str(context.task_id), str(context.context_id)).cancel()


def engine_for(address: str) -> AsyncEngine:
    """Give SQLAlchemy's engine for an address, with psycopg underneath."""
    return create_async_engine(address.replace("postgresql://", "postgresql+psycopg://", 1))


@contextlib.contextmanager
def fresh(admin: str) -> Iterator[str]:
    """Give the address of a database of its own for the SDK's tables, whose names are also ours."""
    name = f"sdk_{next(_numbers)}"
    with connect(admin) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name}".encode())
        address = f"{admin.rpartition('/')[0]}/{name}"
        prepare(address)
        yield address
        connection.execute(f"drop database {name} with (force)".encode())


def prepare(address: str) -> None:
    """Make the tables of both stores; two servers that did it at once would be in each other's way."""

    async def make() -> None:
        engine = engine_for(address)
        await VersionedDatabaseTaskStore(engine).initialize()
        await DatabaseTaskEventStream(engine).initialize()
        await engine.dispose()

    in_thread(lambda: asyncio.run(make()))


def in_thread(work: Callable[[], object]) -> None:
    """Run something that needs an event loop of its own, where there may be one already: in a notebook."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def application(address: str, store: Store, executor: AgentExecutor, card: pb.AgentCard) -> Starlette:
    """Give an application as the SDK's documentation puts it together; without an address, tasks are in its memory."""
    if not address:
        return _in_memory(executor, card)
    engine = engine_for(address)
    kept: Any = VersionedDatabaseTaskStore(engine) if store == "versioned" else DatabaseTaskStore(engine)
    stream = DatabaseTaskEventStream(engine) if store == "versioned" else None

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await kept.initialize()
        if stream is not None:
            await stream.initialize()
        yield
        await handler.aclose()
        await engine.dispose()

    handler = DefaultRequestHandlerV2(executor, kept, card, event_stream=stream)
    return Starlette(routes=create_jsonrpc_routes(handler, "/rpc"), lifespan=lifespan)


def _in_memory(executor: AgentExecutor, card: pb.AgentCard) -> Starlette:
    """Also speaks version 0.3, for those who have not moved yet."""
    configs = InMemoryPushNotificationConfigStore()
    sender = BasePushNotificationSender(httpx.AsyncClient(trust_env=False, timeout=30.0), configs)
    handler = DefaultRequestHandlerV2(
        executor, InMemoryTaskStore(), card, push_config_store=configs, push_sender=sender
    )
    return Starlette(routes=create_jsonrpc_routes(handler, "/rpc", enable_v0_3_compat=True))


@contextlib.contextmanager
def running(address: str, store: Store, work: Work) -> Iterator[tuple[str, Scripted]]:
    """Run a server in a thread; give its address and its agent."""
    logging.getLogger("a2a").setLevel(logging.CRITICAL)  # it logs every failure that an experiment provokes
    executor, listener = Scripted(work), bound("127.0.0.1", 0)
    url = "http://{}:{}".format(*listener.getsockname()[:2])
    app = application(address, store, executor, make_card("A", "For experiments.", url, [SKILL]))
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
    thread.start()
    try:
        wait_for(url)
        yield url, executor
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def wait_for(url: str) -> None:
    """Wait until a server takes connections."""
    host, _, port = url.partition("://")[2].partition("/")[0].partition(":")
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with socket.create_connection((host, int(port)), 1):
                return
        except OSError:
            if time.monotonic() > until:
                raise TimeoutError(f"no server has started at {url}") from None
            time.sleep(0.02)


class Web:
    """Calls such a server by JSON-RPC."""

    def __init__(self, url: str) -> None:
        self._web = httpx.Client(base_url=url, headers=HEADERS, trust_env=False, timeout=30.0)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Give the result, or the error."""
        answer: dict[str, Any] = self._web.post("/rpc", json=_call(method, params)).json()
        return answer.get("result") or answer

    def send(self, number: str = "m1", text: str = "go", now: bool = True, **given: str) -> dict[str, Any]:
        """Send a message; give the answer."""
        message = {"messageId": number, "role": "ROLE_USER", "parts": [{"text": text}]} | given
        return self.call("SendMessage", message=message, configuration={"returnImmediately": now})

    def state(self, task: str) -> str:
        """Give the state of a task, without its prefix."""
        return short(self.call("GetTask", id=task))

    def heard(self, task: str, seconds: float) -> list[str]:
        """Subscribe to a task for a while, and list the kinds of what comes."""
        kinds = []
        limits = httpx.Timeout(30.0, read=seconds)
        with contextlib.suppress(httpx.ReadTimeout):
            call = _call("SubscribeToTask", {"id": task})
            with self._web.stream("POST", "/rpc", json=call, timeout=limits) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data:"):
                        kinds.append(
                            next(
                                kind
                                for kind in ("statusUpdate", "artifactUpdate", "task", "error")
                                if f'"{kind}"' in line
                            )
                        )
        return kinds


def _call(method: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}


def short(task: dict[str, Any]) -> str:
    """Give the state of a task as it was told, without its prefix."""
    return str(task["status"]["state"]).removeprefix("TASK_STATE_")


async def work_for_ever(context: RequestContext, updater: TaskUpdater) -> None:
    """Begin, say so, and never end."""
    await updater.start_work(updater.new_agent_message([pb.Part(text="begun")]))
    await asyncio.sleep(3600)


def main(address: str, store: Store, port: int) -> None:
    """Serve until killed."""
    logging.disable(logging.CRITICAL)
    listener: socket.socket = bound("127.0.0.1", port)
    card = make_card("A", "For experiments.", f"http://127.0.0.1:{port}", [SKILL])
    app = application(address, store, Scripted(work_for_ever), card)
    uvicorn.Server(uvicorn.Config(app, log_level="critical")).run([listener])


if __name__ == "__main__":
    children.end_with_parent()
    main(sys.argv[1], "versioned" if sys.argv[2] == "versioned" else "plain", int(sys.argv[3]))
