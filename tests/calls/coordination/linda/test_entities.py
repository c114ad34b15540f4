"""Active tuples: processes of registered functions that become tuples."""

import pytest

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda import entities as room
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.entities import entities
from companion.calls.coordination.linda.server import serve_space
from companion.calls.coordination.linda.space import SpaceError


def test_each_becomes_a_tuple() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as space, entities(address) as active:
        active.eval("sum", "hundred", 3)
        active.eval("mine", "square", 12)
        found = [space.take((key, int, int), wait=True) for key in ("sum", "mine")]
        assert [held and held.fields for held in found] == [("sum", 3, sum(range(300, 400))), ("mine", 12, 144)]
    assert all(process.process.returncode is not None for process in active.processes)


def test_what_is_not_registered_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with entities(("127.0.0.1", 1)) as active:
        with pytest.raises(SpaceError, match="not registered"):
            active.eval("x", "os.system", 1)
        monkeypatch.setattr(room, "MOST_ENTITIES", 0)
        with pytest.raises(SpaceError, match="no more"):
            active.eval("x", "square", 1)
    assert active.processes == []
