"""What becomes of a task in the SDK's stores: when its server dies, when there are two servers, after an illegal move,
when something goes wrong, and with a long history."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from a2a.server.agent_execution import RequestContext
from a2a.server.context import ServerCallContext
from a2a.server.tasks import DatabaseTaskStore, TaskUpdater
from a2a.types import a2a_pb2 as pb
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.client import Caller
from companion.services.a2a.laboratory import children, own, sdk
from companion.services.a2a.laboratory.sdk import Store, Web
from companion.services.a2a.tasks import store as ours
from companion.services.a2a.tasks.run import Run
from companion.services.a2a.tasks.states import State
from companion.services.database import Database, as_tenant, connect
from companion.services.serving import listening

HEARD_SECONDS = 2.0


@dataclass(frozen=True)
class Seen:
    """What a server tells of a task that another one works on, or did.

    Attributes
    ----------
    state : str
        What the task is said to be.
    heard : list of str
        What a subscriber hears within two seconds.
    """

    state: str
    heard: list[str]


@dataclass(frozen=True)
class AfterAKill:
    """What a task's caller finds at another server than the one that works on it.

    Attributes
    ----------
    living, dead : Seen
        While that one works, and when it has been killed.
    begun : int
        How often the agent has begun the task, after the same message was sent to it once more.
    """

    living: Seen
    dead: Seen
    begun: int


def after_a_kill(admin: str, store: Store) -> AfterAKill:
    """Ask a server of the SDK of a task that another one works on; then kill that one, and ask again."""
    with sdk.fresh(admin) as address, contextlib.ExitStack() as stack:
        first, other = (_started(stack, address, store) for _ in range(2))
        for each in (first, other):
            sdk.wait_for(each.url)
        task, web = _working(Web(first.url), "m1"), Web(other.url)

        def seen() -> Seen:
            return Seen(web.state(task["id"]), web.heard(task["id"], HEARD_SECONDS))

        living = seen()
        first.process.kill()
        first.process.wait()
        dead = seen()
        web.send(taskId=task["id"], contextId=task["contextId"])

        def begun() -> int:
            return json.dumps(web.call("GetTask", id=task["id"])).count('"begun"')

        with contextlib.suppress(TimeoutError):
            _until(lambda: begun() > 1)
        return AfterAKill(living, dead, begun())


@dataclass(frozen=True)
class _Started:
    process: subprocess.Popen[bytes]
    url: str


def _started(stack: contextlib.ExitStack, address: str, store: Store) -> _Started:
    with listening() as (_, free):
        port = str(free.port)
    process = stack.enter_context(children.start(sdk.__name__, address, store, port))
    stack.callback(process.kill)
    return _Started(process, f"http://{free}")


@dataclass(frozen=True)
class TwoServers:
    """What two servers on one store make of a task that A works on.

    Attributes
    ----------
    canceled : str
        What B answers to a cancellation.
    afterwards : str
        What the store says when A's agent is done.
    heard : list of str
        What a subscriber at B hears, while A tells of its progress.
    begun : int
        How often the task's agent was begun, after a message to the running task was sent to B.
    """

    canceled: str
    afterwards: str
    heard: list[str]
    begun: int


async def _three_steps(context: RequestContext, updater: TaskUpdater) -> None:
    for _ in range(3):
        await updater.start_work()
        await asyncio.sleep(0.5)
    await updater.complete()


def two_servers(admin: str, store: Store) -> TwoServers:
    """Cancel at B what A works on; listen at B to what A tells; talk to B about it."""
    with (
        sdk.fresh(admin) as address,
        sdk.running(address, store, _three_steps) as (url, one),
        sdk.running(address, store, _three_steps) as (other_url, other),
    ):
        a, b = Web(url), Web(other_url)
        task = _working(a, "cancel")
        canceled = sdk.short(b.call("CancelTask", id=task["id"]))
        time.sleep(2.0)
        afterwards = a.state(task["id"])
        heard = b.heard(_working(a, "listen")["id"], HEARD_SECONDS)
        before = one.begun + other.begun
        task = _working(a, "talk")
        b.send("more", taskId=task["id"], contextId=task["contextId"])
        time.sleep(0.3)
        return TwoServers(canceled, afterwards, heard, one.begun + other.begun - before)


def at_two_doors(database: Database) -> dict[str, TwoServers]:
    """Do all that with the SDK's two stores and with ours, side by side."""
    ways: dict[str, Callable[[], TwoServers]] = {
        "SDK": lambda: two_servers(database.admin, "plain"),
        "SDK, versioned": lambda: two_servers(database.admin, "versioned"),
        "ours": lambda: two_servers_of_ours(database),
    }
    with ThreadPoolExecutor(len(ways)) as threads:
        return dict(zip(ways, threads.map(lambda way: way(), ways.values()), strict=True))


def two_servers_of_ours(database: Database) -> TwoServers:
    """Do the same with two servers of ours."""
    world, begun = own.new_world(database), []

    def three_steps(run: Run) -> None:
        begun.append(run.lease.task)
        for step in range(3):
            run.report(f"step {step}")
            time.sleep(0.5)

    with own.served(world, three_steps) as a, own.served(world, three_steps) as b:
        one, other = Caller([a], world.token()), Caller([b], world.token())

        def working() -> str:
            task = str(one.send("go")["id"])
            _until(lambda: sdk.short(one.get(task)) == "WORKING")
            return task

        task = working()
        canceled = sdk.short(other.cancel(task))
        time.sleep(2.0)
        afterwards = sdk.short(one.get(task))
        heard = [next(iter(event)) for _, event in other.follow(working())]
        begun.clear()
        task = working()
        other.send("more", task=task)
        time.sleep(0.3)
        return TwoServers(canceled, afterwards, heard, len(begun))


def _working(web: Web, number: str) -> dict[str, Any]:
    task: dict[str, Any] = web.send(number)["task"]
    _until(lambda: web.state(task["id"]) == "WORKING")
    return task


def moves(admin: str, store: Store, attempts: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Have an agent go through states, legal or not; give what each caller was told, and what the store says."""

    async def go(context: RequestContext, updater: TaskUpdater) -> None:
        for state in context.get_user_input().split():
            event = pb.TaskStatusUpdateEvent(task_id=updater.task_id, context_id=updater.context_id)
            event.status.MergeFrom(pb.TaskStatus(state=f"TASK_STATE_{state}"))
            await updater.event_queue.enqueue_event(event)

    with sdk.fresh(admin) as address, sdk.running(address, store, go) as (url, _):
        web = Web(url)
        told = [web.send(str(number), " ".join(states), now=False)["task"] for number, states in enumerate(attempts)]
        return [
            (sdk.short(task), _settled(web, task["id"], states[-1]))
            for task, states in zip(told, attempts, strict=True)
        ]


def _settled(web: Web, task: str, state: str) -> str:
    """Wait for a task to be in a state, and give the one that it is in, which is another if that was refused."""
    with contextlib.suppress(TimeoutError):
        _until(lambda: web.state(task) == state, 2.0)
    return web.state(task)


def told_of(admin: str) -> dict[str, str]:
    """Have the agent fail inside the SDK's server, and then a table be gone; give what the caller is told."""

    async def fail(context: RequestContext, updater: TaskUpdater) -> None:
        await updater.start_work()
        raise RuntimeError("secret password=hunter2")

    with sdk.fresh(admin) as address, sdk.running(address, "plain", fail) as (url, _):
        web = Web(url)
        failed = web.send("first", now=False)
        with connect(address) as connection:
            connection.execute("drop table tasks")
        answers = {"agent": failed, "table": web.send("second", now=False)}
    return {what: str(answer["error"]["message"]) for what, answer in answers.items()}


# How much is written


def wal_of_sdk(admin: str, events: int, size: int = 1000) -> int:
    """Count the bytes that PostgreSQL writes ahead while the SDK keeps that many status messages of a task."""

    async def keep(address: str) -> None:
        engine = sdk.engine_for(address)
        kept = DatabaseTaskStore(engine)
        task, context = pb.Task(id=str(uuid4()), context_id="c"), ServerCallContext()
        task.status.state = pb.TaskState.TASK_STATE_WORKING
        await kept.save(task, context)
        started.append(_position(connection))
        for number in range(events):
            task.history.append(pb.Message(message_id=str(number), parts=[pb.Part(text=_noise(size))]))
            await kept.save(task, context)
        await engine.dispose()

    started: list[int] = []
    with sdk.fresh(admin) as address, connect(admin) as connection:
        sdk.in_thread(lambda: asyncio.run(keep(address)))
        return _position(connection) - started[0]


def wal_of_ours(database: Database, tenant: Any, events: int, size: int = 1000) -> int:
    """Count the same for our store."""
    message = {"messageId": str(uuid4()), "role": "ROLE_USER", "parts": [{"text": "go"}]}
    with connect(database.admin) as watching, connect(database.app) as connection:
        with as_tenant(connection, tenant):
            task, _ = ours.create(connection, "ada", message, "context")
            lease = ours.claim(connection, "a", 600.0)
        assert lease is not None and lease.task == task
        started = _position(watching)
        for _ in range(events):
            with as_tenant(connection, tenant):
                ours.move(connection, lease, State.WORKING, {"parts": [{"text": _noise(size)}]})
        written = _position(watching) - started
        with as_tenant(connection, tenant):
            ours.move(connection, lease, State.COMPLETED)
        return written


def _noise(size: int) -> str:
    """Give a text that does not compress, since PostgreSQL would."""
    return "".join(uuid4().hex for _ in range(size // 32 + 1))[:size]


def _position(connection: Connection[TupleRow]) -> int:
    found = connection.execute("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')").fetchone()
    return int(found[0]) if found else 0


def _until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("it did not come about")
        time.sleep(0.02)
