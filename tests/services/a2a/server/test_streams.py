from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from companion.proxy import Faults, proxy
from companion.services.a2a.client import events_in
from companion.services.a2a.errors import CallFailed
from companion.services.a2a.tasks.run import Run
from companion.services.serving import listening
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


def agent(run: Run) -> None:
    """Tell of as many steps as the message says, or ask, or say what was said."""
    if run.text.startswith("say"):
        run.report(f"heard: {run.text}")
    if run.text == "ask" and len(run.messages) == 1:
        run.ask("what?")
    for step in range(int(run.text) if run.text.isdigit() else 1):
        run.report(f"step {step}")
        time.sleep(0.02)
    run.artifact("result", "done")


@pytest.fixture(scope="module")
def two(place: Place) -> Iterator[tuple[str, str]]:
    with place.server(agent, threads=4) as one, place.server(agent, threads=4) as other:
        yield one, other


def told(answer: httpx.Response) -> list[tuple[int, dict[str, Any]]]:
    return list(events_in(answer.iter_lines()))


def test_every_event_has_the_number_of_its_row(place: Place, two: tuple[str, str], said: Said) -> None:
    with place.web(two[0]) as web:
        answer = web.post("/rest/message:stream", json={"message": said("3")})
    events = told(answer)
    assert all(next(iter(event.values()))["metadata"]["seq"] == str(number) for number, event in events)
    first = events[0][0]
    assert [number for number, _ in events] == list(range(first, first + len(events)))


def test_a_stream_goes_on_behind_the_last_event_at_another_server(
    place: Place, two: tuple[str, str], said: Said
) -> None:
    with place.web(two[0]) as web, place.web(two[1]) as other:
        whole = told(web.post("/rest/message:stream", json={"message": said("5")}))
        task = whole[0][1]["task"]["id"]
        for number, _ in whole[:-1]:
            rest = told(other.get(f"/rest/tasks/{task}:subscribe", headers={"last-event-id": str(number)}))
            assert rest == [(later, event) for later, event in whole if later > number]
        last = whole[-1][0]
        over = other.get(f"/rest/tasks/{task}:subscribe", headers={"last-event-id": str(last)})
        assert (over.status_code, over.content) == (204, b"")


def test_json_rpc_goes_on_as_well(place: Place, two: tuple[str, str], said: Said) -> None:
    call: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "SendStreamingMessage",
        "params": {"message": said("2")},
    }
    with place.web(two[0]) as web:
        whole = told(web.post("/rpc", json=call))
        task = whole[0][1]["result"]["task"]["id"]
        again = {"jsonrpc": "2.0", "id": 1, "method": "SubscribeToTask", "params": {"id": task}}
        first, *rest = whole
        assert told(web.post("/rpc", json=again, headers={"last-event-id": str(first[0])})) == rest
        assert web.post("/rpc", json=again, headers={"last-event-id": str(rest[-1][0])}).status_code == 204


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30, "1, 2"])
def test_an_id_that_is_none_of_ours_is_refused(place: Place, two: tuple[str, str], said: Said, number: str) -> None:
    with place.web(two[0]) as web:
        task = web.post("/rest/message:send", json={"message": said("1")}).json()["task"]["id"]
        answer = web.get(f"/rest/tasks/{task}:subscribe", headers={"last-event-id": number})
    assert answer.status_code == 400 and "Last-Event-ID" in answer.json()["error"]["message"]


def test_nobody_goes_on_with_the_stream_of_somebody_else(place: Place, two: tuple[str, str], said: Said) -> None:
    with place.web(two[0]) as web, place.web(two[0], place.token("eve")) as eve:
        task = web.post("/rest/message:send", json={"message": said("1")}).json()["task"]["id"]
        answer = eve.get(f"/rest/tasks/{task}:subscribe", headers={"last-event-id": "1"})
    assert answer.status_code == 404


def test_a_stream_ends_where_it_is_the_callers_turn_and_the_answer_begins_another(
    place: Place, two: tuple[str, str], said: Said
) -> None:
    with place.web(two[0]) as web:
        asked = told(web.post("/rest/message:stream", json={"message": said("ask")}))
        assert asked[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_INPUT_REQUIRED"
        task = asked[0][1]["task"]["id"]
        rest = told(web.post("/rest/message:stream", json={"message": said("that") | {"taskId": task}}))
        assert rest[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
        resumed = told(web.get(f"/rest/tasks/{task}:subscribe", headers={"last-event-id": "1"}))
        assert resumed[-1] == rest[-1], "the question in the middle is no end"


def test_a_caller_gets_each_event_once_though_every_connection_breaks(place: Place) -> None:
    with listening() as (_, free):
        port = free.port
    with proxy(free, Faults(cut_after=2500)) as between:
        there = "{}:{}".format(*between.address)
        with place.server(agent, port=port, hosts=frozenset({there})) as url:
            task = place.caller(url).send("40")["id"]
            events = list(place.caller(f"http://{there}").follow(task))
    numbers = [number for number, _ in events]
    assert len({piece.connection for piece in between.pieces}) > 3, "it was cut off often enough"
    assert numbers == list(range(2, numbers[-1] + 1)), "all but the message, which is the caller's own"
    assert events[-1][1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"


def test_a_caller_goes_on_at_the_other_server_when_one_is_down(place: Place) -> None:
    with place.server(agent) as one:
        dead = f"http://127.0.0.1:{closed_port()}"
        caller = place.caller(dead, one)
        assert caller.send("1", wait=True)["status"]["state"] == "TASK_STATE_COMPLETED"
        task = caller.send("3")["id"]
        assert [event for _, event in caller.follow(task)][-1]["statusUpdate"]


def closed_port() -> int:
    with listening() as (_, free):
        return free.port


def test_the_end_of_an_error_reaches_a_caller_by_its_words(place: Place, two: tuple[str, str]) -> None:
    caller = place.caller(*two)
    with pytest.raises(CallFailed, match="-32001"):
        caller.get("00000000-0000-4000-8000-000000000000")
    with pytest.raises(CallFailed, match="404"):
        list(caller.follow("00000000-0000-4000-8000-000000000000"))


def test_what_python_takes_for_the_end_of_a_line_is_none_in_a_stream(
    place: Place, two: tuple[str, str], said: Said
) -> None:
    hostile = "say\u2028b\u2029c\x85d\x0be\x0cf\x1cg\r\nh\ri\n\nj: ä"
    with place.web(two[0]) as web:
        caller = place.caller(two[0])
        for events in (
            told(web.post("/rest/message:stream", json={"message": said(hostile)})),
            list(caller.follow(caller.send(hostile)["id"])),
        ):
            assert json.dumps(f"heard: {hostile}") in json.dumps(events), "as a status, or in the history of the task"


def test_a_reader_who_never_reads_holds_nobody_up(place: Place, said: Said) -> None:
    with place.server(agent) as url, place.web(url) as web:
        host, _, port = url.removeprefix("http://").partition(":")
        task = web.post(
            "/rest/message:send", json={"message": said("200"), "configuration": {"returnImmediately": True}}
        ).json()["task"]["id"]
        with socket.create_connection((host, int(port))) as stuck:
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            head = f"GET /rest/tasks/{task}:subscribe HTTP/1.1\r\nHost: {host}:{port}\r\nA2A-Version: 1.0\r\n"
            stuck.sendall(f"{head}Authorization: Bearer {place.token()}\r\n\r\n".encode())
            caller = place.caller(url)
            assert [event for _, event in caller.follow(task)][-1]["statusUpdate"]["status"]["state"] == (
                "TASK_STATE_COMPLETED"
            )
            assert caller.send("1", wait=True)["status"]["state"] == "TASK_STATE_COMPLETED"
