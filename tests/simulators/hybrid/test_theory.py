"""The closed forms, beside what was simulated."""

from __future__ import annotations

from dataclasses import replace
from math import exp, sqrt

import pytest

from companion.simulators.hybrid import PRESETS, Settings, simulate
from companion.simulators.hybrid.theory import coordinated_latency, double_bookings, mean_latency, promises_taken_back


@pytest.mark.parametrize("preset", ["redblue", "strong", "planet", "home"])
def test_the_mean_wait_is_that_of_the_closed_form(preset: str) -> None:
    chosen = PRESETS[preset].settings(jitter=0.0, duration=600.0)
    assert simulate(chosen).summary["mean_latency"] == pytest.approx(mean_latency(chosen), rel=0.03)


def test_only_what_is_coordinated_pays_for_the_distance() -> None:
    far = simulate("redblue", network_latency=100.0, jitter=0.0).summary
    assert far["note_p99"] == far["colour_p99"] == pytest.approx(1.0)
    assert far["room_p99"] == pytest.approx(401.0)  # there and back, and the coordinator's own round trip
    near = PRESETS["redblue"].settings(network_latency=0.0, jitter=0.0)
    assert coordinated_latency(near) == 1.0 == pytest.approx(simulate(near).summary["room_p99"])


@pytest.mark.parametrize("near", [0.0, 0.3, 0.9])
def test_home_sites_save_what_users_want_nearby_and_nothing_otherwise(near: float) -> None:
    home = PRESETS["home"].settings(near_share=near, jitter=0.0, duration=600.0)
    chief = PRESETS["redblue"].settings(near_share=near, jitter=0.0)
    spared = coordinated_latency(chief) - coordinated_latency(home)
    assert spared == pytest.approx(near * 2 * home.network_latency * (home.n_sites - 1) / home.n_sites)
    assert simulate(home).summary["room_mean"] == pytest.approx(coordinated_latency(home), rel=0.03)


@pytest.mark.parametrize("near", [0.0, 0.7])
def test_double_bookings_are_as_many_as_the_closed_form_expects(near: float) -> None:
    chosen = PRESETS["double_booking"].settings(jitter=0.0, near_share=near)
    runs = [simulate(chosen, seed=seed).totals["double_bookings"] for seed in range(12)]
    expected = double_bookings(chosen)
    assert sum(runs) / len(runs) == pytest.approx(expected, abs=3 * sqrt(expected / len(runs)))


@pytest.mark.parametrize(
    ("preset", "sites", "latency", "near"),
    [
        ("optimistic", 3, 80.0, 0.0),
        ("optimistic", 2, 160.0, 0.7),
        ("optimistic", 5, 40.0, 0.0),
        ("optimistic_queue", 3, 80.0, 0.0),
        ("optimistic_queue", 5, 40.0, 0.7),
    ],
)
def test_an_optimistic_user_loses_as_many_bookings_as_the_closed_form_expects(
    preset: str, sites: int, latency: float, near: float
) -> None:
    chosen = PRESETS[preset].settings(jitter=0.0, n_sites=sites, network_latency=latency, near_share=near)
    runs = [simulate(chosen, seed=seed).totals["broken_promises"] for seed in range(8)]
    expected = promises_taken_back(chosen)
    assert sum(runs) / len(runs) == pytest.approx(expected, abs=3 * sqrt(expected / len(runs)))


@pytest.mark.parametrize("sites", [2, 3, 9])
def test_a_server_takes_back_more_by_a_factor_that_depends_on_how_it_sends(sites: int) -> None:
    short = {"jitter": 0.0, "n_sites": sites, "network_latency": 0.01}
    merged = double_bookings(PRESETS["double_booking"].settings(**short))
    both = [PRESETS[name].settings(**short) for name in ("optimistic", "optimistic_queue")]
    assert [promises_taken_back(one) / merged for one in both] == pytest.approx(
        [2 * (sites - 1) / sites, 2.5 * (sites - 1) / sites], rel=1e-3
    )


@pytest.mark.parametrize(("mode", "mean"), [("eventual", 3.0), ("redblue", 45.0), ("strong", 213.0)])
def test_each_kind_of_operation_pays_its_share_by_hand(mode: str, mean: float) -> None:
    """Four sites 60 ms apart, and 3 ms of work: a majority costs 120 ms, three users of four the same again."""
    chosen = Settings(mode=mode, n_sites=4, network_latency=60.0, base_latency=3.0, room_share=0.2, note_share=0.3)
    assert coordinated_latency(chosen) == 3 + 120 + 90
    assert mean_latency(chosen) == pytest.approx(mean)


def test_a_slot_is_booked_twice_only_by_others_and_only_before_the_news() -> None:
    chosen = Settings(n_sites=2, network_latency=500.0, request_rate=100.0, room_share=0.4, slots=10, duration=1.0)
    per_slot = 100 * 0.4 / 10  # bookings a second of one slot, half of them by the other site
    assert double_bookings(chosen) == pytest.approx(10 * (1 - exp(-per_slot)) * (1 - exp(-per_slot / 2 * 0.5)))
    assert promises_taken_back(chosen) == pytest.approx(10 * (1 - exp(-per_slot)) * per_slot * 2 * 0.5 / 4)
    assert double_bookings(replace(chosen, network_latency=0.0)) == 0
    assert promises_taken_back(replace(chosen, network_latency=0.0)) == 0
