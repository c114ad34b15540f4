from __future__ import annotations

import contextlib

import pytest

from companion.services.a2a.laboratory import kills, measures
from companion.services.a2a.laboratory.worker import REGIMES
from tests.services.a2a.conftest import Place


@pytest.fixture(autouse=True)
def _no_server_of_its_own(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "open_database", lambda: contextlib.nullcontext(place.database))


def test_what_is_written_is_told_as_a_multiple_of_what_was_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "SIZES", (4, 8))
    found = measures.written()
    assert set(found) == {"sdk_4", "sdk_8", "ours_4", "ours_8"}
    assert all(value > 1 for value in found.values()), "at least what was said"


def test_each_storm_has_another_weather_and_each_regime_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int]] = []

    def storm(database: object, regime: str, weather: kills.Storm, *, tasks: int) -> kills.Outcome:
        seen.append((regime, weather.seed))
        return kills.Outcome(tasks, 1, 2, 3, 4, 5, 6)

    monkeypatch.setattr(kills, "storm", storm)
    monkeypatch.setattr(measures, "REGIMES", REGIMES[:2])
    found = [measures.storms() for _ in range(2)]
    assert [regime for regime, _ in seen] == ["no lease", "lease"] * 2
    (first, also), (second, too) = (tuple(seed for _, seed in seen[at : at + 2]) for at in (0, 2))
    assert first == also and second == too == first + 1
    assert found[0]["lease: effects_twice"] == 6 and "lease: tasks" not in found[0]
