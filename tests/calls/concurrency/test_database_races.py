"""The lost update in a database: cures keep all that was acknowledged, and the default does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.calls.concurrency import database_races as races

LOSES = "read, then write, at READ COMMITTED"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with races.postgres() as address:
        yield address


def test_postgresqls_default_loses_updates_of_transactions(address: str) -> None:
    assert any(races.crowd(address, LOSES).counted < races.CLIENTS * races.TIMES for _ in range(20))


@pytest.mark.parametrize("name", [name for name in races.WAYS if name != LOSES])
def test_a_cure_keeps_every_update(address: str, name: str) -> None:
    counted = races.crowd(address, name, times=25)
    assert counted.counted == counted.due == races.CLIENTS * 25
    assert counted.again == 0 or "REPEATABLE" in name or "SERIALIZABLE" in name or "version" in name


def test_in_step_the_default_acknowledges_both_and_keeps_one(address: str) -> None:
    assert races.in_step(address, races.LEVELS.READ_COMMITTED) == "acknowledged 2, kept 1; no error"


@pytest.mark.parametrize("level", [races.LEVELS.REPEATABLE_READ, races.LEVELS.SERIALIZABLE])
def test_in_step_a_stricter_level_refuses_the_second(address: str, level: races.LEVELS) -> None:
    assert races.in_step(address, level) == "acknowledged 1, kept 1; the second is refused: 40001"


def test_sqlite_without_a_transaction_loses_updates(tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        counted = races.lite_crowd(folder, "read, then write")
        assert counted.counted < counted.due


@pytest.mark.parametrize("name", ["BEGIN", "BEGIN IMMEDIATE"])
def test_sqlite_with_a_transaction_keeps_every_update(tmp_path: Path, name: str) -> None:
    counted = races.lite_crowd(tmp_path, name)
    assert counted.counted == counted.due
    assert counted.again == 0 or name == "BEGIN"


def test_a_stale_snapshot_is_refused_by_a_name_of_its_own(tmp_path: Path) -> None:
    assert races.lite_in_step(tmp_path) == "database is locked (SQLITE_BUSY_SNAPSHOT)"
