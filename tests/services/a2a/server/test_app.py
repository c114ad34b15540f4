"""The server as the SDK's own client sees it, and as a whole."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from a2a.client import ClientConfig, ClientFactory
from a2a.client.card_resolver import A2ACardResolver
from a2a.types import a2a_pb2 as pb

from companion.services.a2a.server.app import Settings, serving
from companion.services.a2a.server.card import make_card
from companion.services.a2a.server.guard import Limits
from companion.services.a2a.tasks.run import Run
from companion.services.a2a.tasks.workers import Terms
from companion.services.serving import NotStarted, listening
from companion.services.tenancy.tokens import Verifier
from tests.services.a2a.conftest import SKILL, Place

Said = Callable[..., dict[str, object]]


def echo(run: Run) -> None:
    run.report("listening")
    run.artifact("echo", run.text)


@pytest.mark.parametrize("binding", ["JSONRPC", "HTTP+JSON"])
@pytest.mark.parametrize("streaming", [True, False])
def test_the_sdks_client_talks_to_our_server(place: Place, binding: str, streaming: bool) -> None:
    async def talk(url: str) -> list[pb.StreamResponse]:
        headers = {"authorization": f"Bearer {place.token()}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=20) as web:
            card = await A2ACardResolver(web, url).get_agent_card()
            config = ClientConfig(httpx_client=web, supported_protocol_bindings=[binding], streaming=streaming)
            client = ClientFactory(config).create(card)
            message = pb.Message(message_id=f"{binding}{streaming}", role=pb.Role.ROLE_USER, parts=[pb.Part(text="hi")])
            return [event async for event in client.send_message(pb.SendMessageRequest(message=message))]

    with place.server(echo) as url:
        events = asyncio.run(talk(url))
    kinds = [event.WhichOneof("payload") for event in events]
    assert kinds[0] == "task"
    if streaming:
        assert events[-1].status_update.status.state == pb.TaskState.TASK_STATE_COMPLETED
    else:
        assert kinds == ["task"]
        assert events[0].task.artifacts[0].parts[0].text == "hi"


def test_a_hundred_callers_at_once_are_all_answered(place: Place) -> None:
    failed: list[Any] = []

    def call(number: int) -> None:
        try:
            task = place.caller(url, user=f"user{number % 7}").send(f"hello {number}", wait=True)
            if task["artifacts"][0]["parts"][0]["text"] != f"hello {number}":
                failed.append(task)
        except Exception as error:  # noqa: BLE001 - a thread's errors would be lost
            failed.append(error)

    with place.server(echo, threads=8) as url:
        threads = [threading.Thread(target=call, args=[number]) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []


def test_what_goes_wrong_in_the_database_is_told_by_a_number(
    place: Place, said: Said, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from companion.services.a2a.tasks import store

    monkeypatch.setattr(store, "COLUMNS", store.COLUMNS.replace("from tasks", "from no_such_table"))
    with place.server(echo) as url, place.web(url) as web:
        for answer in (
            web.get("/rest/tasks/00000000-0000-4000-8000-000000000000"),
            web.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "ListTasks"}),
            web.get("/rest/tasks/00000000-0000-4000-8000-000000000000:subscribe"),
        ):
            assert "no_such_table" not in answer.text and "Incident" in answer.text
    assert "no_such_table" in caplog.text


# uvicorn leaves its thread by a SystemExit then, which Python takes for a quiet end and pytest for an error.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_server_without_its_database_does_not_start(place: Place) -> None:
    settings = Settings(
        "postgresql://nobody:x@127.0.0.1:1/x", make_card("a", "a", "http://a", [SKILL]), echo,
        Verifier(place.issuer.jwks(), place.issuer.name, "a2a"), Limits(frozenset()), Terms("a"),
    )  # fmt: skip
    with listening() as (listener, _), pytest.raises(NotStarted), serving(settings, listener):
        pass
