from __future__ import annotations

import time
from pathlib import Path

from companion.services.a2a.client import Caller
from companion.services.a2a.laboratory import own
from tests.services.a2a.conftest import Place


def words(task: dict[str, object]) -> list[str]:
    history = task["history"]
    assert isinstance(history, list)
    return [message["parts"][0]["text"] for message in history if message["role"] == "ROLE_AGENT"]


def test_the_agent_does_as_it_is_told(place: Place, tmp_path: Path) -> None:
    world = own.new_world(place.database)
    with own.served(world, own.agent_in(str(tmp_path))) as url:
        caller = Caller([url], world.token())
        steps, mail, other = (caller.send(text, wait=True) for text in ("steps 3 0", "mail", "anything else"))
    assert words(steps) == ["step 1 of 3", "step 2 of 3", "step 3 of 3"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{mail['id']}:mail"]
    assert other["artifacts"][0]["parts"][0]["text"] == "anything else"


def test_a_task_is_another_process_if_its_own_is_killed(place: Place) -> None:
    world = own.new_world(place.database)
    with own.processes(world, 2, lease=1.0) as servers:
        caller = Caller([server.url for server in servers], world.token())
        victims: list[own.Process] = []
        while not victims:  # a server of another test, on the same database, may take one
            task = caller.send("hang once")["id"]
            until = time.monotonic() + 60
            while not (owner := world.worker_of(task)):
                assert time.monotonic() < until
                time.sleep(0.02)
            victims = [server for server in servers if server.name == owner]
        victims[0].kill()
        events = [event for _, event in caller.follow(task)]
        assert events[-1]["statusUpdate"]["status"]["state"] == "TASK_STATE_COMPLETED"
        pids = [server.pid for server in servers]
    for pid in pids:
        assert not Path(f"/proc/{pid}").exists(), "no process is left"


def test_nobody_works_on_a_task_that_there_is_not(place: Place) -> None:
    world = own.new_world(place.database)
    assert world.worker_of("00000000-0000-4000-8000-000000000000") == ""
