from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from a2a.server.context import ServerCallContext
from a2a.utils.errors import (
    InternalError,
    InvalidParamsError,
    TaskNotCancelableError,
    TaskNotFoundError,
    UnsupportedOperationError,
)

from companion.services.a2a.errors import IllegalMove, MessageRefused, TargetRefused, UnknownTask
from companion.services.a2a.server.operations import LONGEST_NAME, as_told, caller, masked
from companion.services.a2a.tasks.run import Run
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (UnknownTask("a"), TaskNotFoundError),
        (IllegalMove("a"), TaskNotCancelableError),
        (MessageRefused("a"), UnsupportedOperationError),
        (TargetRefused("a"), InvalidParamsError),
        (psycopg.errors.ForeignKeyViolation("secret"), UnsupportedOperationError),
        (psycopg.DataError("secret"), InvalidParamsError),
        (InvalidParamsError("a"), InvalidParamsError),
    ],
)
def test_what_was_foreseen_is_told_as_the_protocol_has_it(error: Exception, kind: type[Exception]) -> None:
    told = as_told(error)
    assert type(told) is kind and "secret" not in str(told)


@pytest.mark.parametrize("error", [RuntimeError("hunter2"), psycopg.OperationalError("hunter2"), KeyError("hunter2")])
def test_what_nobody_foresaw_is_told_by_a_number_that_the_log_has(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(InternalError) as told, masked():
        raise error
    assert "hunter2" not in str(told.value) and told.value.__cause__ is None
    number = str(told.value).rpartition(" ")[2].rstrip(".")
    assert number in caplog.text and "hunter2" in caplog.text


def test_whoever_names_a_tenant_is_refused_and_nobody_calls_without_a_token() -> None:
    with pytest.raises(InvalidParamsError, match="tenant"):
        caller(ServerCallContext(state={"claims": None}, tenant="b"))
    with pytest.raises(AssertionError):
        caller(ServerCallContext(state={"claims": {"tenant": "b"}}))


def agent(run: Run) -> None:
    if run.text == "ask" and len(run.messages) == 1:
        run.ask("what?")
    if run.text == "long":
        for number in range(400):
            run.report(str(number))
            time.sleep(0.02)
    run.artifact("said", run.text)


@pytest.fixture(scope="module")
def url(place: Place) -> Iterator[str]:
    with place.server(agent) as running:
        yield running


@pytest.fixture
def web(place: Place, url: str) -> Iterator[httpx.Client]:
    with place.web(url) as client:
        yield client


def send(web: httpx.Client, message: dict[str, Any], now: bool = False) -> httpx.Response:
    return web.post("/rest/message:send", json={"message": message, "configuration": {"returnImmediately": now}})


def refused(answer: httpx.Response) -> str:
    assert answer.status_code == 400, answer.text
    return str(answer.json()["error"]["message"])


def test_the_same_message_again_is_the_same_task(web: httpx.Client, said: Said) -> None:
    message = said("hello")
    first, again = (send(web, message).json()["task"] for _ in range(2))
    assert first == again
    assert "another content" in refused(send(web, message | {"parts": [{"text": "else"}]}))


def test_a_message_to_a_task_that_is_over_is_refused(web: httpx.Client, said: Said) -> None:
    task = send(web, said("hello")).json()["task"]["id"]
    assert "takes no more messages" in refused(send(web, said("more") | {"taskId": task}))


def test_an_answer_that_is_sent_twice_is_heard_once(web: httpx.Client, said: Said) -> None:
    task = send(web, said("ask")).json()["task"]
    assert task["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
    answer = said("that") | {"taskId": task["id"]}
    done = send(web, answer).json()["task"]
    assert done["status"]["state"] == "TASK_STATE_COMPLETED"
    heard = [each["parts"][0]["text"] for each in done["history"] if each["role"] == "ROLE_USER"]
    assert heard == ["ask", "that"]


def test_who_goes_away_from_a_blocking_call_stops_nothing(
    web: httpx.Client, place: Place, url: str, said: Said
) -> None:
    message = said("long")
    with pytest.raises(httpx.ReadTimeout):
        web.post("/rest/message:send", json={"message": message}, timeout=0.3)
    task = send(web, message, now=True).json()["task"]["id"]
    assert web.get(f"/rest/tasks/{task}").json()["status"]["state"] == "TASK_STATE_WORKING"
    assert place.caller(url).cancel(task)["status"]["state"] == "TASK_STATE_CANCELED"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "ROLE_AGENT"}, {"messageId": "x" * (LONGEST_NAME + 1)}, {"contextId": "x" * (LONGEST_NAME + 1)},
        {"parts": [{"text": "a\0b"}]}, {"parts": []}, {"messageId": ""}, {"parts": [{"data": {"a": float("nan")}}]},
        {"parts": [{"text": "\ud800"}]}, {"parts": [{}]}, {"metadata": {"a": float("inf")}},
    ],
)  # fmt: skip
def test_a_message_that_is_none_is_refused_in_words_of_ours(
    web: httpx.Client, said: Said, wrong: dict[str, Any]
) -> None:
    import json

    body = json.dumps({"message": said() | wrong})
    for path in ("/rest/message:send", "/rest/message:stream"):
        answer = web.post(path, content=body, headers={"content-type": "application/json"})
        assert "Incident" not in refused(answer), answer.text


@pytest.mark.parametrize("what", [7, "x", [], None, True, {"message": 7}, {"message": {"parts": {"text": 1}}},
                                  {"message": [], "configuration": 3}])  # fmt: skip
@pytest.mark.parametrize("method", ["SendMessage", "SendStreamingMessage", "GetTask", "SubscribeToTask", "ListTasks",
                                    "CancelTask", "CreateTaskPushNotificationConfig"])  # fmt: skip
def test_parameters_of_another_kind_are_refused(web: httpx.Client, method: str, what: Any) -> None:
    answer = web.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": method, "params": what})
    told = answer.json()
    if method == "ListTasks" and "result" in told:
        return  # of what it does not know it takes nothing
    assert answer.status_code == 200 and told["error"]["code"] in (-32602, -32600, -32001), answer.text
    assert "Incident" not in answer.text


@pytest.mark.parametrize("call", [7, "x", [], [7], {}, {"method": []}, {"method": {}}, {"method": 7},
                                  {"method": "None"}, {"method": "SendStreamingMessage"},
                                  {"id": [], "method": "GetTask"}])  # fmt: skip
def test_a_call_of_another_kind_is_refused(web: httpx.Client, call: Any) -> None:
    answer = web.post("/rpc", json=call)
    assert answer.status_code == 204 or answer.json()["error"]["code"] in (-32600, -32601, -32602), answer.text
    assert answer.status_code in (200, 204)


@pytest.mark.parametrize("path", ["message:send", "message:stream", "tasks", "tasks/x", "tasks/x:subscribe"])
def test_a_tenant_in_the_path_is_no_way_to_its_rows(web: httpx.Client, place: Place, said: Said, path: str) -> None:
    where = f"/{place.other}/rest/{path}"
    answer = web.post(where, json={"message": said()}) if "message" in path else web.get(where)
    assert refused(answer)


@pytest.mark.parametrize(
    "config",
    [{"token": "ü"}, {"token": "a\r\nx: y"}, {"authentication": {"scheme": "Bearer", "credentials": "ü"}},
     {"authentication": {"scheme": "B\n", "credentials": "a"}}, {"url": "http://127.0.0.1:1/\x01"}],
)  # fmt: skip
def test_what_cannot_stand_in_a_notification_is_refused_when_it_is_asked_for(
    web: httpx.Client, said: Said, config: dict[str, Any]
) -> None:
    given = {"url": "https://93.184.216.34/"} | config
    body = {"message": said(), "configuration": {"taskPushNotificationConfig": given}}
    assert "notification" in refused(web.post("/rest/message:send", json=body))
    task = send(web, said("ask")).json()["task"]["id"]
    assert "notification" in refused(web.post(f"/rest/tasks/{task}/pushNotificationConfigs", json=given))


def test_a_number_that_is_none_is_a_task_that_is_not_there(web: httpx.Client) -> None:
    for number in ("x", "1", str(uuid4()), "%00", "' or 1=1 --"):
        assert web.get(f"/rest/tasks/{number}").status_code == 404
