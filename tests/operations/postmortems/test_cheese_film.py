"""The film of the five slices is judged by its own holes, shows the closed form's share, and fits into a page."""

from __future__ import annotations

import json
from statistics import fmean

import pytest

from companion.operations.postmortems.cheese_film import (
    END,
    HOLES,
    LAYERS,
    PROBLEMS,
    RUNS,
    TALL,
    WIDE,
    films,
    levels,
    stack,
)
from companion.operations.postmortems.swiss_cheese import through
from companion.player import unpack

SEEDS = [0, 7, 11, 5000]


def heights_of(starts: tuple[int, ...]) -> list[int]:
    return [(start + more) % TALL for start in starts for more in range(WIDE)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_layer_has_holes_over_thirty_percent_whatever_is_shared(seed: int) -> None:
    laid = stack(seed)
    for shared in range(HOLES + 1):
        for layer in range(len(LAYERS)):
            holes = heights_of(laid.holes(layer, shared))
            assert len(holes) == len(set(holes)) == 0.3 * TALL


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hole_is_at_its_own_place_or_at_the_one_that_all_layers_share(seed: int) -> None:
    laid = stack(seed)
    for shared in (0, 3, HOLES):
        places = [laid.holes(layer, shared) for layer in range(len(LAYERS))]
        assert all(one[:shared] == laid.common[:shared] for one in places)
        assert all(one[shared:] == own[shared:] for one, own in zip(places, laid.own, strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_recorded_is_what_the_drawn_holes_stop(seed: int) -> None:
    data = films(seed)[0].data
    common, own = unpack(data["common"]), [unpack(places) for places in data["own"]]
    for shared, level in enumerate(data["levels"]):
        slices = [set(heights_of((*common[:shared], *places[shared:]))) for places in own]
        for height, stopped in zip(unpack(data["heights"]), level["stopped"], strict=True):
            passed = [height in holes for holes in slices]
            assert int(stopped) == (passed.index(False) if False in passed else len(LAYERS))


def test_the_same_problems_come_whatever_is_shared_one_from_each_part_of_the_height() -> None:
    _, heights, judged = levels(11)
    assert sorted(int(height * PROBLEMS / TALL) for height in heights) == pytest.approx(list(range(PROBLEMS)), abs=1)
    assert list(heights) != sorted(heights)
    assert [len(level.stopped) for level in judged] == [PROBLEMS] * (HOLES + 1)


def test_what_the_closed_form_expects_is_the_mean_over_many_layouts() -> None:
    stacks = [stack(seed) for seed in range(60)]
    for shared in (0, 2, 5):
        seen = fmean(sum(laid.stopped(height, shared) == len(LAYERS) for height in range(0, TALL, 4)) / (TALL / 4)
                     for laid in stacks)  # fmt: skip
        assert seen == pytest.approx(through([0.3] * 5, shared / HOLES), abs=0.003)


@pytest.mark.parametrize("seed", SEEDS)
def test_with_all_holes_shared_only_the_first_layer_stops_anything(seed: int) -> None:
    level = levels(seed)[2][-1]
    assert level.counts()[1:-1] == [0] * 4
    assert level.counts()[-1] / PROBLEMS == pytest.approx(level.expected, abs=0.03)


def test_counts_at_a_moment_are_of_those_who_were_stopped_or_passed_by_then() -> None:
    level = levels(11)[2][3]
    assert sum(level.counts(0.0)) == 0
    assert sum(level.counts()) == PROBLEMS
    assert sum(level.counts(5.0)) == sum(level.over(number) <= 5.0 for number in range(PROBLEMS))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_tells_what_the_picture_counts_at_its_moment(seed: int) -> None:
    for level, shown in zip(levels(seed)[2], films(seed)[0].data["levels"], strict=True):
        times = [time for time, _ in shown["steps"]]
        assert times == sorted(set(times)) and times[0] == 0 and times[-1] == END
        told = " ".join(words for _, words in shown["steps"])
        first, *others, incidents = level.counts(END / 2)
        assert (
            f"review has stopped {first} problems, the four layers behind it {sum(others)}; incidents: {incidents}"
            in told
        )
        assert f"{level.counts()[-1]} of {PROBLEMS} problems are incidents" in told
        assert ("the first incident" in told) == (level.counts()[-1] > 0)


def test_the_films_differ_in_where_they_begin_and_hold_the_same_data_within_40_kb() -> None:
    made = films(11)
    assert {film.name for film in made} == set(RUNS)
    assert all(film.data == made[0].data and film.end == END for film in made)
    assert [film.steps for film in made] == [tuple(made[0].data["levels"][shared]["steps"]) for shared in RUNS.values()]
    assert sum(len(json.dumps(film.data, separators=(",", ":"))) for film in made) < 40_000


def test_a_seed_repeats() -> None:
    assert films(7) == films(7)
    assert films(7)[0].data != films(8)[0].data
