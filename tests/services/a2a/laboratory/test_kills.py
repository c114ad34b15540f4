from __future__ import annotations

from companion.services.a2a.laboratory import kills
from companion.services.a2a.laboratory.kills import Outcome, Storm
from companion.services.a2a.laboratory.worker import REGIMES
from tests.services.a2a.conftest import Place


def test_what_each_regime_is_worth(place: Place) -> None:
    told = kills.stories(place.database)
    assert list(told) == list(REGIMES)
    expected = {
        "no lease": Outcome(12, 2, 1, lost=2, completed_twice=0, refused=0, effects_twice=0),
        "lease": Outcome(12, 2, 1, lost=0, completed_twice=1, refused=0, effects_twice=3),
        "lease + fence": Outcome(12, 2, 1, lost=0, completed_twice=0, refused=1, effects_twice=3),
        "lease + fence + key": Outcome(12, 2, 1, lost=0, completed_twice=0, refused=1, effects_twice=0),
    }
    assert told == expected


def test_whatever_the_weather_the_most_careful_way_loses_and_doubles_nothing(place: Place) -> None:
    told = kills.storm(place.database, "lease + fence + key", Storm(0.5, 0.5, 1.6, seed=3), tasks=40, workers=2)
    assert (told.tasks, told.lost, told.completed_twice, told.effects_twice) == (40, 0, 0, 0)
    assert told.kills + told.pauses > 0, "there was no weather"
