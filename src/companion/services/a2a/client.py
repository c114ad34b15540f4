"""A caller of agents: several servers in turn, and a stream that goes on where it was cut off.

    agent = Caller(["http://127.0.0.1:8009", "http://127.0.0.1:8010"], token)
    task = agent.send("What does Northwind make?")
    for number, event in agent.follow(task["id"]):
        print(number, event)

Every request goes to the next server of the list. A server that is down is passed over; a stream that breaks is taken
up again at the next one, behind the last event that came. And a message that was not answered is sent again with the
same number, since no one can know whether it arrived: a server that has it gives the task that it made.
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx

from companion.services.a2a.errors import CallFailed
from companion.services.a2a.tasks.states import FINAL, State
from companion.services.event_stream import lines

HEADERS = {"a2a-version": "1.0"}
ATTEMPTS = 20
"""How often a call or a stream is taken up again; with `WAIT_SECONDS`, for long enough that a lease runs out."""
WAIT_SECONDS = 0.25


ENDS = {state.wire for state in FINAL | {State.INPUT_REQUIRED}}


class Caller:
    """Calls an agent that has several servers.

    Parameters
    ----------
    urls : sequence of str
        Where the servers are.
    token : str or callable
        Who calls; a callable is asked for each request, so that it may give a new one.
    """

    def __init__(self, urls: Sequence[str], token: str | Callable[[], str]) -> None:
        self._turn = itertools.cycle(urls)
        self._token = token
        self._web = httpx.Client(headers=HEADERS, timeout=httpx.Timeout(10.0, read=60.0), trust_env=False)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method by JSON-RPC, at the next server that answers.

        Raises
        ------
        CallFailed
            If the agent answers with an error, or no server answers.
        """
        body = {"jsonrpc": "2.0", "id": str(uuid.uuid4()), "method": method, "params": params}
        answer = self._at_some_server(lambda url: self._web.post(f"{url}/rpc", json=body, headers=self._headers()))
        told: dict[str, Any] = answer.json() if answer.content else {}
        if "error" in told:
            raise CallFailed(f"{told['error']['code']} {told['error']['message']}")
        result: dict[str, Any] = told["result"]
        return result

    def send(
        self, text: str, *, task: str = "", skill: str = "", wait: bool = False, number: str | None = None
    ) -> dict[str, Any]:
        """Ask for something, or answer a task that has asked; give the task.

        Parameters
        ----------
        text : str
            What is said.
        task : str
            The task that it is an answer to; without it, a new one is made.
        skill : str
            Which of the agent's skills is meant.
        wait : bool
            Whether to wait until the task is over, or asks something.
        number : str, optional
            The message's; the same number is the same message.
        """
        message: dict[str, Any] = {
            "messageId": number or str(uuid.uuid4()),
            "role": "ROLE_USER",
            "parts": [{"text": text}],
        }
        message |= {"taskId": task} if task else {}
        message |= {"metadata": {"skill": skill}} if skill else {}
        made = self.call("SendMessage", message=message, configuration={"returnImmediately": not wait})
        given: dict[str, Any] = made["task"]
        return given

    def get(self, task: str) -> dict[str, Any]:
        """Give a task as it is now."""
        return self.call("GetTask", id=task)

    def cancel(self, task: str) -> dict[str, Any]:
        """Have a task cancelled."""
        return self.call("CancelTask", id=task)

    def follow(self, task: str, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Give the events of a task behind that number, each with its own, until there will be no more.

        Raises
        ------
        CallFailed
            If the agent answers with an error, or no server goes on.
        """
        broken, over = 0, False
        while broken < ATTEMPTS and not over:
            headers = self._headers() | {"last-event-id": str(after)}
            try:
                url = f"{next(self._turn)}/rest/tasks/{task}:subscribe"
                with self._web.stream("GET", url, headers=headers) as answer:
                    if answer.status_code == httpx.codes.NO_CONTENT:
                        return
                    _raise_for(answer)
                    for number, event in events_in(lines(answer.iter_bytes())):
                        after, broken, over = number, 0, _ends(event)
                        yield number, event
            except httpx.TransportError:
                broken += 1
                time.sleep(WAIT_SECONDS)
        if not over:
            raise CallFailed(f"no server goes on with the stream of task {task}")

    def _at_some_server(self, ask: Callable[[str], httpx.Response]) -> httpx.Response:
        for _ in range(ATTEMPTS):
            try:
                answer = ask(next(self._turn))
            except httpx.TransportError:
                time.sleep(WAIT_SECONDS)
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer
        raise CallFailed("no server answers")

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token if isinstance(self._token, str) else self._token()}"}


def events_in(stream: Iterator[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Read Server-Sent Events that have an id and JSON for data, from the lines of a stream."""
    number, data = 0, ""
    for line in stream:
        name, _, value = line.partition(":")
        if name == "id":
            number = int(value)
        elif name == "data":
            data += value
        elif not line and data:
            yield number, json.loads(data)
            data = ""


def _ends(event: dict[str, Any]) -> bool:
    """Say whether nothing comes after an event, unless the caller says something."""
    return event.get("statusUpdate", {}).get("status", {}).get("state") in ENDS


def _raise_for(answer: httpx.Response) -> None:
    if answer.is_error:
        answer.read()
        raise CallFailed(f"{answer.status_code} {answer.json()['error']['message']}")
