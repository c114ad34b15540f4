from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from a2a.types.a2a_pb2 import StreamResponse
from google.protobuf.json_format import MessageToDict, ParseDict

from companion.services.a2a.tasks.states import State
from companion.services.a2a.tasks.store import Event, Row
from companion.services.a2a.tasks.view import response_of, task_of, timestamp

AT = datetime(2026, 5, 4, 3, 2, 1, 123456, UTC)
ROW = Row(UUID(int=7), State.WORKING, "ada", "context", 0, AT, 1, "a")


def message(text: str) -> dict[str, Any]:
    return {"messageId": text, "role": "ROLE_AGENT", "parts": [{"text": text}]}


def artifact(text: str, append: bool = False, name: str = "a") -> dict[str, Any]:
    return {"artifact": {"artifactId": name, "parts": [{"text": text}]}, "append": append, "lastChunk": False}


def log(*data: dict[str, Any]) -> list[Event]:
    return [Event(seq, 1, each, AT + timedelta(seconds=seq)) for seq, each in enumerate(data, start=1)]


def shown(*data: dict[str, Any], history: int | None = None) -> dict[str, Any]:
    return MessageToDict(task_of(ROW, log(*data), history))


def test_a_task_without_a_status_is_submitted() -> None:
    task = shown({"message": message("hello")})
    assert task["status"] == {"state": "TASK_STATE_SUBMITTED", "timestamp": "2026-05-04T03:02:01.123Z"}
    assert [each["messageId"] for each in task["history"]] == ["hello"]
    assert task["metadata"] == {"seq": "1"}


def test_the_message_of_a_status_goes_to_the_history_when_the_next_status_comes() -> None:
    first, second = ({"status": {"state": "working", "message": message(text)}} for text in ("one", "two"))
    task = shown({"message": message("hello")}, first, second)
    assert [each["messageId"] for each in task["history"]] == ["hello", "one"]
    assert task["status"]["message"]["messageId"] == "two"
    assert task["status"]["timestamp"] == "2026-05-04T03:02:04.123Z"


@pytest.mark.parametrize(("length", "kept"), [(None, ["a", "b", "c"]), (2, ["b", "c"]), (9, ["a", "b", "c"]), (0, [])])
def test_the_history_is_cut_to_the_latest_messages(length: int | None, kept: list[str]) -> None:
    task = shown(*({"message": message(text)} for text in "abc"), history=length)
    assert [each["messageId"] for each in task.get("history", [])] == kept


def test_pieces_of_a_result_are_added_and_a_new_result_replaces_the_old() -> None:
    task = shown(artifact("1"), artifact("2", append=True), artifact("x", name="b"), artifact("3", append=True))
    texts = {each["artifactId"]: [part["text"] for part in each["parts"]] for each in task["artifacts"]}
    assert texts == {"a": ["1", "2", "3"], "b": ["x"]}
    assert [part["text"] for part in shown(artifact("1"), artifact("2"))["artifacts"][0]["parts"]] == ["2"]


def test_a_piece_of_nothing_is_a_result() -> None:
    assert shown(artifact("1", append=True))["artifacts"][0]["parts"] == [{"text": "1"}]


def told(event: Event) -> dict[str, Any]:
    response = response_of(ROW, event)
    assert response is not None
    assert MessageToDict(ParseDict(response, StreamResponse())) == response, "it is as the protocol writes it"
    return response


def test_an_event_has_its_number_whatever_carries_it() -> None:
    status, piece = log({"status": {"state": "completed"}}, artifact("1"))
    update = told(status)["statusUpdate"]
    assert update["taskId"] == str(ROW.id) and update["contextId"] == "context"
    assert update["status"]["state"] == "TASK_STATE_COMPLETED" and update["metadata"] == {"seq": "1"}
    assert told(piece)["artifactUpdate"]["metadata"] == {"seq": "2"}


def test_a_message_of_the_callers_is_not_told_back() -> None:
    assert response_of(ROW, *log({"message": message("hello")})) is None


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
        (datetime(2026, 1, 1, 0, 0, 0, 999999, UTC), "2026-01-01T00:00:00.999Z"),
        (datetime(2026, 1, 1, 1, 0, tzinfo=timezone(timedelta(hours=1))), "2026-01-01T00:00:00Z"),
    ],
)
def test_moments_are_told_in_utc_to_the_millisecond(at: datetime, told: str) -> None:
    assert timestamp(at) == told
