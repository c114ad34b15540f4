"""The experiments of chapter 9, as far as what they show does not depend on the machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.services.a2a.laboratory import kills, listeners, own, stores
from companion.services.a2a.laboratory.kills import Outcome
from companion.services.a2a.laboratory.sdk import Store
from companion.services.a2a.laboratory.worker import REGIMES
from companion.services.database import Database
from tests.services.a2a.conftest import Place


@pytest.fixture(scope="module")
def database(place: Place) -> Iterator[Database]:
    yield place.database


def test_what_each_regime_is_worth(database: Database) -> None:
    told = kills.stories(database)
    assert list(told) == list(REGIMES)
    expected = {
        "no lease": Outcome(12, 2, 1, lost=2, completed_twice=0, refused=0, effects_twice=0),
        "lease": Outcome(12, 2, 1, lost=0, completed_twice=1, refused=0, effects_twice=3),
        "lease + fence": Outcome(12, 2, 1, lost=0, completed_twice=0, refused=1, effects_twice=3),
        "lease + fence + key": Outcome(12, 2, 1, lost=0, completed_twice=0, refused=1, effects_twice=0),
    }
    assert told == expected


def test_the_sdks_task_of_a_dead_server_works_for_ever(database: Database) -> None:
    found = stores.after_a_kill(database.admin, "versioned")
    assert (found.state, found.heard, found.begun) == ("WORKING", ["task"], 2)


def test_two_servers_of_the_sdk(database: Database) -> None:
    plain = stores.two_servers(database.admin, "plain")
    assert (plain.canceled, plain.afterwards, plain.heard, plain.begun) == ("CANCELED", "COMPLETED", ["task"], 2)
    versioned = stores.two_servers(database.admin, "versioned")
    assert (versioned.canceled, versioned.afterwards, versioned.begun) == ("CANCELED", "CANCELED", 2)
    assert "statusUpdate" in versioned.heard


@pytest.mark.parametrize("store", ["plain", "versioned"])
def test_the_sdk_refuses_no_move(database: Database, store: Store) -> None:
    attempts = [["WORKING", "COMPLETED", "WORKING"], ["WORKING", "SUBMITTED"]]
    assert stores.moves(database.admin, store, attempts) == [("COMPLETED", "WORKING"), ("SUBMITTED", "SUBMITTED")]


def test_the_sdk_tells_what_went_wrong_in_its_own_words(database: Database) -> None:
    told = stores.told_of(database.admin)
    assert told["agent"] == "secret password=hunter2"
    assert "SELECT tasks.id" in told["table"]


def test_a_history_in_the_task_is_written_again_with_every_event(database: Database, place: Place) -> None:
    few, many = (stores.wal_of_sdk(database.admin, events) for events in (20, 80))
    assert many / few > 8, "four times the events, and far more than four times as much is written"
    few, many = (stores.wal_of_ours(database, place.tenant, events) for events in (20, 80))
    assert many / few < 5


def test_the_sdks_agent_waits_for_its_receiver_and_ours_does_not(database: Database) -> None:
    with listeners.receiving(seconds=0.1) as receiver:
        assert listeners.sdk_with_receiver(receiver) > 0.1 * (listeners.EVENTS - 1)
    with listeners.receiving(seconds=0.1) as receiver:
        listeners.ours_with_receiver(own.new_world(database), receiver)
        assert len(receiver.bodies) == listeners.EVENTS


def test_the_sdk_does_not_try_again(database: Database) -> None:
    with listeners.receiving(status=500) as receiver:
        listeners.sdk_with_receiver(receiver)
        assert len(receiver.bodies) == listeners.EVENTS, "each event once, though none was taken"
