"""What a caller makes of servers that are down, busy or wrong; `server/test_streams.py` has it with servers of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from companion.services.a2a import client
from companion.services.a2a.client import Caller, events_in
from companion.services.a2a.errors import CallFailed
from companion.services.serving import listening, running

TASK = {"id": "t", "contextId": "c", "status": {"state": "TASK_STATE_WORKING"}}


@dataclass
class Agent:
    """An agent that answers as it was told, one answer after the other; the last one stays."""

    answers: list[Response] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.calls.append(json.loads(body) if body else {"path": request.url.path})
        self.headers.append(dict(request.headers))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.01)
    made = Agent()
    with running(Starlette(routes=[Route("/{rest:path}", made.answer, methods=["GET", "POST"])])) as address:
        made.url = f"http://{address}"
        yield made


@pytest.fixture(scope="module")
def nowhere() -> str:
    with listening() as (_, free):
        return f"http://{free}"


def result(value: Any) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": "1", "result": value})


def stream(*events: tuple[int, str]) -> Response:
    update = '{"statusUpdate": {"status": {"state": "TASK_STATE_%s"}}}'
    text = "".join(f"id: {number}\ndata: {update % state}\n\n" for number, state in events)
    return Response(text, media_type="text/event-stream")


def test_a_message_says_what_was_meant(agent: Agent) -> None:
    agent.answers = [result({"task": TASK})]
    caller = Caller([agent.url], "token")
    assert caller.send("hello", task="t", skill="sing", wait=True, number="n") == TASK
    (call,) = agent.calls
    assert call["method"] == "SendMessage" and call["params"]["configuration"] == {"returnImmediately": False}
    assert call["params"]["message"] == {
        "messageId": "n", "role": "ROLE_USER", "parts": [{"text": "hello"}], "taskId": "t",
        "metadata": {"skill": "sing"},
    }  # fmt: skip
    assert agent.headers[0]["authorization"] == "Bearer token" and agent.headers[0]["a2a-version"] == "1.0"


def test_a_message_that_was_not_answered_is_sent_again_under_its_number(agent: Agent, nowhere: str) -> None:
    agent.answers = [Response(status_code=503), result({"task": TASK})]
    Caller([nowhere, agent.url], "token").send("hello")
    one, other = (call["params"]["message"]["messageId"] for call in agent.calls)
    assert one == other


def test_a_token_may_be_a_new_one_for_each_request(agent: Agent) -> None:
    agent.answers = [result(TASK)]
    tokens = iter(["a", "b"])
    caller = Caller([agent.url], lambda: next(tokens))
    caller.get("t"), caller.cancel("t")
    assert [each["authorization"] for each in agent.headers] == ["Bearer a", "Bearer b"]
    assert [call["method"] for call in agent.calls] == ["GetTask", "CancelTask"]


def test_what_the_agent_refuses_is_an_error_in_its_words(agent: Agent) -> None:
    agent.answers = [JSONResponse({"error": {"code": -32001, "message": "no such task"}})]
    with pytest.raises(CallFailed, match="-32001 no such task"):
        Caller([agent.url], "token").get("t")
    agent.answers = [JSONResponse({"error": {"code": 404, "message": "no such task"}}, 404)]
    with pytest.raises(CallFailed, match="404 no such task"):
        list(Caller([agent.url], "token").follow("t"))
    assert len(agent.calls) == 2, "nothing that was refused is asked for again"


def test_where_nobody_answers_that_is_said_in_the_end(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "WAIT_SECONDS", 0.0)
    caller = Caller([nowhere], "token")
    with pytest.raises(CallFailed, match="no server answers"):
        caller.get("t")
    with pytest.raises(CallFailed, match="no server goes on"):
        list(caller.follow("t"))


def test_a_stream_that_ends_too_early_is_taken_up_behind_its_last_event(agent: Agent) -> None:
    agent.answers = [stream((3, "WORKING"), (4, "WORKING")), stream((5, "WORKING")), stream((6, "COMPLETED"))]
    events = list(Caller([agent.url], "token").follow("t", after=2))
    assert [number for number, _ in events] == [3, 4, 5, 6]
    assert [each["last-event-id"] for each in agent.headers] == ["2", "4", "5"]


@pytest.mark.parametrize("state", ["COMPLETED", "FAILED", "CANCELED", "REJECTED", "INPUT_REQUIRED"])
def test_a_stream_is_over_where_the_task_is_or_it_is_the_callers_turn(agent: Agent, state: str) -> None:
    agent.answers = [stream((1, state))]
    assert len(list(Caller([agent.url], "token").follow("t"))) == 1
    assert len(agent.calls) == 1


def test_there_may_be_nothing_more_to_tell(agent: Agent) -> None:
    agent.answers = [Response(status_code=204)]
    assert list(Caller([agent.url], "token").follow("t", after=9)) == []


def test_events_are_read_line_by_line() -> None:
    lines = [
        ": ping",
        "",
        "id: 7",
        'data: {"a":',
        'data: "b: c"}',
        "",
        "event: error",
        'data: {"d": 1}',
        "",
        "data: {}",
    ]
    assert list(events_in(iter(lines))) == [(7, {"a": "b: c"}), (7, {"d": 1})]
