from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from companion.services.a2a.laboratory.worker import Orders, Regime, have_effect, one_task, stumble
from companion.services.a2a.tasks import store
from companion.services.a2a.tasks.store import Lease
from companion.services.database import as_tenant, connect
from tests.services.a2a.conftest import Place

Said = Callable[..., dict[str, object]]


@pytest.fixture
def connection(place: Place) -> Iterator[Connection[TupleRow]]:
    with connect(place.database.app) as opened:
        yield opened


@pytest.mark.parametrize(("regime", "completions", "effects"), [
    ("lease", 2, 2), ("lease + fence", 1, 2), ("lease + fence + key", 1, 1),
])  # fmt: skip
def test_a_worker_that_wakes_late(
    place: Place, connection: Connection[TupleRow], said: Said, tmp_path: Path, regime: Regime, completions: int,
    effects: int, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """It sleeps between the effect and the completion, until another worker has done both."""
    told = Orders(place.database.app, str(place.tenant), regime, str(tmp_path), lease=0.05, pace=0.0)
    with as_tenant(connection, place.tenant):
        task, _ = store.create(connection, "ada", said("1"), "context")

    def sleep(folder: Path, lease: Lease, how: str) -> None:
        time.sleep(0.1)
        with connect(place.database.app) as other:
            assert one_task(other, told, tmp_path)

    monkeypatch.setattr("companion.services.a2a.laboratory.worker.stumble", sleep)
    assert one_task(connection, told, tmp_path)
    assert not one_task(connection, told, tmp_path), "there is no more to do"
    with as_tenant(connection, place.tenant):
        states = [event.data.get("status", {}).get("state") for event in store.events_after(connection, task, 0)]
    assert states.count("completed") == completions
    assert len(list(tmp_path.glob("effect-*"))) == effects
    assert len(list(tmp_path.glob("refused-*"))) == 2 - completions


def test_a_key_makes_one_effect_of_two(tmp_path: Path) -> None:
    lease = Lease(UUID(int=1), 1, "a", 1.0)
    for _ in range(2):
        have_effect(tmp_path, lease, keyed=True)
    assert len(list(tmp_path.iterdir())) == 1
    for _ in range(2):
        have_effect(tmp_path, lease, keyed=False)
    assert len(list(tmp_path.iterdir())) == 3


def test_who_is_not_told_to_stumble_goes_on(tmp_path: Path) -> None:
    stumble(tmp_path, Lease(UUID(int=1), 1, "a", 1.0), "")
    assert list(tmp_path.iterdir()) == []


def test_orders_travel_as_json() -> None:
    told = Orders("postgresql://x", "t", "lease", "/tmp", 0.5, stumbles={"3": "kill"})
    assert Orders(**json.loads(told.as_json())) == told
