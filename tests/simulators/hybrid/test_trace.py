"""The film of two cities is the simulator's own run, shows its subject whatever the seed, and fits into a page."""

from __future__ import annotations

import json
from itertools import chain

import pytest

from companion.player import LARGEST
from companion.simulators.hybrid import simulate
from companion.simulators.hybrid.trace import MOST, films, overhear, small, telling

SEEDS = [0, 7, 11, 40, 5000]


@pytest.mark.parametrize("seed", SEEDS)
def test_all_schemes_are_shown_with_the_same_wishes(seed: int) -> None:
    wishes = [
        [(row["what"], row["city"], row["begun"]) for row in film.data["rows"]] for film in films(seed)
    ]  # fmt: skip
    assert len(wishes) == 4 and wishes.count(wishes[0]) == 4
    assert 7 <= len(wishes[0]) <= MOST


@pytest.mark.parametrize("seed", SEEDS)
def test_a_booking_is_taken_back_where_nobody_waits_and_nowhere_else(seed: int) -> None:
    lost = {film.name: sum(one[1] == "taken back" for row in film.data["rows"] for one in row["told"])
            for film in films(seed)}  # fmt: skip
    assert lost == {"all red": 0, "all blue": 1, "rooms red": 0, "rooms at home": 0}


@pytest.mark.parametrize("mode", ["strong", "eventual", "redblue", "home"])
def test_the_waits_are_those_of_the_simulator(mode: str) -> None:
    settings = small(mode, telling(11))
    film, run = overhear(settings), simulate(settings)
    assert sorted(map(film.wait, film.operations)) == pytest.approx(sorted(chain(*run.waits.values())))


def test_the_films_fit_into_a_page_and_every_step_is_within_its_time() -> None:
    told = films(11)
    assert sum(len(json.dumps(one.data)) for one in told) < LARGEST / 4
    for one in told:
        times = [time for time, _ in one.steps]
        assert times == sorted(times) and one.start == times[0] and times[-1] == one.end
        assert all(arrived <= one.end for *_, arrived in one.data["messages"])
