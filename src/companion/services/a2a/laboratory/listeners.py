"""Receivers of notifications that are slow or fail, and what they cost the task that tells them."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from a2a.server.agent_execution import RequestContext
from a2a.server.tasks import TaskUpdater

from companion.services.a2a.client import Caller
from companion.services.a2a.laboratory import own, sdk
from companion.services.a2a.laboratory.sdk import Web
from companion.services.database import open_database

EVENTS = 8
RECEIVER_SECONDS = 0.25


@dataclass(frozen=True)
class Told:
    """A notification, as it came.

    Attributes
    ----------
    path : str
        Of the URL.
    headers : dict of str to str
        By their names in small letters.
    body : dict
        What was told.
    status : int
        What was answered.
    """

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    status: int

    @property
    def number(self) -> int:
        """The event's."""
        return int(next(iter(self.body.values()))["metadata"]["seq"])


@dataclass
class Receiver:
    """Somebody who is told of events by a POST.

    Attributes
    ----------
    host : str
        Where he is, with the port.
    statuses : list of int
        What he answers, one for each request; the last one stays for all that follow.
    seconds : float
        How long he takes.
    came : list of Told
        What came, also what he did not take.
    """

    host: str
    statuses: list[int]
    seconds: float
    came: list[Told] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where he is told."""
        return f"http://{self.host}/told"

    @property
    def taken(self) -> list[Told]:
        """What he has taken."""
        return [each for each in self.came if each.status < 300]


@contextlib.contextmanager
def receiving(*statuses: int, seconds: float = 0.0) -> Iterator[Receiver]:
    """Run a receiver while the context lasts; without statuses he takes all that comes."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            time.sleep(receiver.seconds)
            status = receiver.statuses.pop(0) if len(receiver.statuses) > 1 else receiver.statuses[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.came.append(Told(self.path, headers, body, status))
            self.send_response(status)
            self.send_header("location", "/elsewhere")  # for those who follow a redirect
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver("{}:{}".format(*server.server_address[:2]), list(statuses) or [200], seconds)
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
        while len(receiver.came) < EVENTS and time.monotonic() < until:
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
