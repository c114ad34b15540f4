"""What those cost who listen: receivers of notifications that are slow or fail, and subscribers by the thousand."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from a2a.server.agent_execution import RequestContext
from a2a.server.tasks import TaskUpdater

from companion.services.a2a.client import Caller
from companion.services.a2a.laboratory import own, sdk
from companion.services.a2a.laboratory.sdk import Web
from companion.services.database import open_database

EVENTS = 8
RECEIVER_SECONDS = 0.25
SUBSCRIBERS = 1000


@dataclass
class Receiver:
    """Somebody who is told of events by a POST.

    Attributes
    ----------
    status : int
        What he answers.
    seconds : float
        How long he takes.
    bodies : list of dict
        What he was told.
    """

    status: int = 200
    seconds: float = 0.0
    bodies: list[dict[str, Any]] = field(default_factory=list)
    host: str = ""

    @property
    def url(self) -> str:
        """Where he is told."""
        return f"http://{self.host}/told"


@contextlib.contextmanager
def receiving(status: int = 200, seconds: float = 0.0) -> Iterator[Receiver]:
    """Run a receiver while the context lasts."""
    receiver = Receiver(status, seconds)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(receiver.seconds)
            receiver.bodies.append(body)
            self.send_response(receiver.status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.host = "{}:{}".format(*server.server_address[:2])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


async def _steps(context: RequestContext, updater: TaskUpdater) -> None:
    for _ in range(EVENTS - 2):
        await updater.start_work()
    await updater.complete()


def sdk_with_receiver(receiver: Receiver) -> float:
    """Time a task of eight events at the SDK's server, whose receiver is this one."""
    with sdk.running("", "plain", _steps) as (url, _):
        message = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "go"}]}
        config = {"taskPushNotificationConfig": {"url": receiver.url}}
        begun = time.monotonic()
        Web(url).call("SendMessage", message=message, configuration=config)
        return time.monotonic() - begun


def ours_with_receiver(world: own.World, receiver: Receiver) -> float:
    """Time the same at ours."""
    with own.served(world, inside=frozenset({receiver.host})) as url:
        caller = Caller([url], world.token())
        message = {"messageId": str(time.time()), "role": "ROLE_USER", "parts": [{"text": f"steps {EVENTS - 3} 0"}]}
        config = {"taskPushNotificationConfig": {"url": receiver.url}}
        begun = time.monotonic()
        caller.call("SendMessage", message=message, configuration=config)
        taken = time.monotonic() - begun
        until = time.monotonic() + 30
        while len(receiver.bodies) < EVENTS and time.monotonic() < until:
            time.sleep(0.02)
        return taken


def push_delays() -> dict[str, float]:
    """Time a task of eight events whose receiver takes a quarter of a second for each."""
    with open_database() as database:
        world = own.new_world(database)
        figures = {}
        for name, seconds in (("quick", 0.0), ("slow", RECEIVER_SECONDS)):
            with receiving(seconds=seconds) as receiver:
                figures[f"sdk_{name}"] = sdk_with_receiver(receiver)
            with receiving(seconds=seconds) as receiver:
                figures[f"ours_{name}"] = ours_with_receiver(world, receiver)
        figures["sdk_delay_per_event"] = (figures["sdk_slow"] - figures["sdk_quick"]) / EVENTS / RECEIVER_SECONDS
        return figures


def subscribers() -> dict[str, float]:
    """Have a thousand callers subscribe to one task; measure its server's memory, and the time of another task."""
    with open_database() as database:
        world = own.new_world(database)
        with own.processes(world, 1, lease=30.0) as (server,), contextlib.ExitStack() as stack:
            caller = Caller([server.url], world.token())
            caller.send("steps 1 0", wait=True)
            before, alone = _memory(server.pid), _timed(caller)
            task = caller.send("steps 1000 2")["id"]
            lines = [stack.enter_context(_subscribed(server.url, world.token(), task)) for _ in range(SUBSCRIBERS)]
            for line in lines:
                _wait_for(line, b"statusUpdate")
            during, beside = _memory(server.pid), max(_timed(caller) for _ in range(20))
            caller.cancel(task)
        return {"megabytes": (during - before) / 1e6, "alone_seconds": alone, "beside_seconds": beside}


def _memory(pid: int) -> int:
    """Give the resident memory of a process in bytes, as Linux tells it."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _timed(caller: Caller) -> float:
    begun = time.monotonic()
    caller.send("steps 1 0", wait=True)
    return time.monotonic() - begun


@contextlib.contextmanager
def _subscribed(url: str, token: str, task: str) -> Iterator[socket.socket]:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 60) as line:
        head = f"GET /rest/tasks/{task}:subscribe HTTP/1.1\r\nHost: {host}:{port}\r\nA2A-Version: 1.0\r\n"
        line.sendall(f"{head}Authorization: Bearer {token}\r\n\r\n".encode())
        yield line


def _wait_for(line: socket.socket, word: bytes) -> None:
    data = b""
    while word not in data:
        data += line.recv(65_536)
