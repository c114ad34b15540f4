from __future__ import annotations

import pytest
from a2a.server.agent_execution import RequestContext
from a2a.server.tasks import TaskUpdater

from companion.services.a2a.laboratory import sdk
from companion.services.a2a.laboratory.sdk import Store, Web
from companion.services.serving import listening
from tests.services.a2a.conftest import Place


async def work(context: RequestContext, updater: TaskUpdater) -> None:
    await updater.start_work()
    await updater.complete()


@pytest.mark.parametrize("store", ["plain", "versioned"])
def test_a_server_of_the_sdk_keeps_its_tasks_in_a_database_of_its_own(place: Place, store: Store) -> None:
    with sdk.fresh(place.database.admin) as address:
        with sdk.running(address, store, work) as (url, agent):
            task = Web(url).send(now=False)["task"]
            assert (sdk.short(task), agent.begun) == ("COMPLETED", 1)
        with sdk.running(address, store, work) as (url, agent):
            assert (Web(url).state(task["id"]), agent.begun) == ("COMPLETED", 0), "another server finds it there"


def test_without_an_address_tasks_are_gone_with_their_server() -> None:
    with sdk.running("", "plain", work) as (url, _):
        task = Web(url).send(now=False)["task"]
    with sdk.running("", "plain", work) as (url, _):
        assert "error" in Web(url).call("GetTask", id=task["id"])


def test_nobody_is_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk, "START_SECONDS", 0.1)
    with listening() as (_, free):
        url = f"http://{free}"
    with pytest.raises(TimeoutError, match="no server has started"):
        sdk.wait_for(url)
