from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.services.a2a.laboratory import stores
from companion.services.a2a.laboratory.sdk import Store
from companion.services.database import Database
from tests.services.a2a.conftest import Place


@pytest.fixture(scope="module")
def database(place: Place) -> Database:
    return place.database


def test_the_sdks_task_of_a_dead_server_works_for_ever_and_looks_like_that_of_a_living_one(database: Database) -> None:
    found = stores.after_a_kill(database.admin, "versioned")
    assert found.living == found.dead == stores.Seen("WORKING", ["task"])
    assert found.begun == 2


def test_what_two_doors_are_worth_at_each_of_the_stores(database: Database) -> None:
    kept = stores.at_two_doors(database)
    plain, versioned, ours = kept["SDK"], kept["SDK, versioned"], kept["ours"]
    assert (plain.canceled, plain.afterwards, plain.heard, plain.begun) == ("CANCELED", "COMPLETED", ["task"], 2)
    assert (versioned.canceled, versioned.afterwards, versioned.begun) == ("CANCELED", "CANCELED", 2)
    assert (ours.canceled, ours.afterwards, ours.begun) == ("CANCELED", "CANCELED", 1)
    assert all("statusUpdate" in each.heard for each in (versioned, ours))


@pytest.mark.parametrize("store", ["plain", "versioned"])
def test_the_sdk_refuses_no_move(database: Database, store: Store) -> None:
    attempts = [["WORKING", "COMPLETED", "WORKING"], ["WORKING", "SUBMITTED"]]
    assert stores.moves(database.admin, store, attempts) == [("COMPLETED", "WORKING"), ("SUBMITTED", "SUBMITTED")]


def test_the_sdk_tells_what_went_wrong_in_its_own_words(database: Database) -> None:
    told = stores.told_of(database.admin)
    assert told["agent"] == "secret password=hunter2"
    assert "SELECT tasks.id" in told["table"]


def least(written: Callable[[int], int], events: int) -> int:
    """Give what is written for so many events; a vacuum or a checkpoint comes on top, but hardly each time."""
    return min(written(events) for _ in range(3))


def test_a_history_in_the_task_is_written_again_with_every_event(database: Database, place: Place) -> None:
    few, many = (least(lambda events: stores.wal_of_sdk(database.admin, events), events) for events in (20, 80))
    assert many / few > 8, "four times the events, and far more than four times as much is written"
    few, many = (least(lambda events: stores.wal_of_ours(database, place.tenant, events), each) for each in (20, 80))
    assert many / few < 5
