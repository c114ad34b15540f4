"""The calendar: what is coordinated pays the distance and keeps its promises; what is not does neither."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.hybrid import PRESETS, simulate
from companion.simulators.hybrid.model import Sent, Told
from companion.simulators.hybrid.model import run as run_with
from companion.simulators.hybrid.settings import MODES

CALM_OR_CUT = st.fixed_dictionaries(
    {
        "n_sites": st.integers(2, 5),
        "network_latency": st.floats(0, 300),
        "jitter": st.floats(0, 2),
        "slots": st.integers(1, 50),
        "near_share": st.floats(0, 1),
        "partition_active": st.booleans(),
        "seed": st.integers(0, 2**32 - 1),
    }
)
SHORT: dict[str, Any] = {"duration": 8.0, "partition_start": 2.0, "partition_seconds": 3.0, "room_share": 0.6,
                         "note_share": 0.2}  # fmt: skip


@pytest.mark.parametrize("mode", ["strong", "redblue", "home"])
@settings(max_examples=60)  # each simulates
@given(CALM_OR_CUT)
def test_where_rooms_are_coordinated_no_slot_is_ever_promised_twice(mode: str, values: dict[str, Any]) -> None:
    run = simulate("redblue", mode=mode, **SHORT, **values)
    assert run.totals["double_bookings"] == run.totals["broken_promises"] == 0


@settings(max_examples=60)  # each simulates
@given(CALM_OR_CUT)
def test_where_nothing_is_coordinated_every_user_is_answered_at_once(values: dict[str, Any]) -> None:
    for mode in ("eventual", "optimistic"):
        run = simulate("redblue", mode=mode, **SHORT, **values)
        assert run.totals["failed"] == 0 and (run.summary["mean_latency"] or 1.0) == pytest.approx(1.0)


@settings(max_examples=60)  # each simulates
@given(CALM_OR_CUT)
def test_nothing_is_lost_and_nothing_is_invented(values: dict[str, Any]) -> None:
    for mode in MODES:
        run = simulate("redblue", mode=mode, **SHORT, **values)
        asked = sum(run.totals[f"{kind}s"] for kind in ("room", "note", "colour"))
        assert run.totals["done"] + run.totals["failed"] == asked


def test_a_partition_stops_all_of_a_strong_site_and_only_the_rooms_of_a_redblue_one() -> None:
    strong, mixed = simulate("partition_strong").summary, simulate("partition").summary
    assert mixed["note_availability"] == mixed["colour_availability"] == 1
    assert mixed["room_availability"] == strong["room_availability"]
    shares = [strong[f"{kind}_availability"] for kind in ("room", "note", "colour")]
    assert all(share is not None and share < 0.95 for share in shares)


def test_only_users_of_the_site_that_is_cut_off_give_up() -> None:
    run = simulate("partition_strong")
    cut = range(20, 41)
    assert all(count == 0 for second, count in enumerate(run.series["failed"]) if second not in [*cut, 41])
    assert sum(run.series["failed"]) == run.totals["failed"] > 300


def test_a_room_at_home_in_the_city_that_is_cut_off_is_out_of_reach_for_everybody() -> None:
    far = simulate("partition_home", near_share=0.0, partition_start=0.0, partition_seconds=60.0)
    near = simulate("partition_home", near_share=1.0, partition_start=0.0, partition_seconds=60.0)
    assert far.summary["room_availability"] == pytest.approx(4 / 9, abs=0.06)  # neither asker nor room are in the third
    assert near.summary["room_availability"] == pytest.approx(2 / 3, abs=0.06)
    assert far.summary["note_availability"] == far.summary["colour_availability"] == 1


def test_whoever_wants_a_room_nearby_gets_one_of_the_own_city() -> None:
    told: list[Any] = []
    chosen = PRESETS["home"].settings(near_share=1.0, slots=7)
    run_with(chosen, witness=told.append)
    rooms = {event.operation for event in told if event.operation.kind == "room"}
    assert rooms and all(chosen.home(one.slot) == one.site for one in rooms)


def test_a_witness_changes_nothing_and_hears_of_every_message_and_answer() -> None:
    for mode in MODES:
        heard: list[Any] = []
        chosen = PRESETS["redblue"].settings(mode=mode, duration=5.0, slots=20)
        seen, plain = run_with(chosen, witness=heard.append), simulate(chosen)
        assert seen == plain
        assert sum(isinstance(one, Sent) for one in heard) == plain.totals["messages"]
        words = Counter(one.what for one in heard if isinstance(one, Told))
        assert words["lost"] == plain.totals["broken_promises"] and words["taken"] == plain.totals["taken"]
        assert words["done"] + words["taken"] == plain.totals["done"]


def test_without_coordination_the_partition_is_paid_for_when_it_heals() -> None:
    for preset in ("partition_eventual", "partition_optimistic"):
        run = simulate(preset)
        assert run.summary["availability"] == 1
        assert sum(run.series["broken"][20:40]) < run.series["broken"][40] > 3


def test_what_an_optimistic_user_sees_is_final_one_round_trip_later() -> None:
    run = simulate("optimistic", jitter=0.0)
    assert run.summary["final_p99"] == pytest.approx(2 * run.settings.network_latency)
    assert 0 < run.totals["broken_promises"] < 30
    assert run.series["waiting"][-1] < 40


def test_what_waits_to_become_final_piles_up_while_a_site_is_cut_off() -> None:
    waiting = simulate("partition_optimistic").series["waiting"]
    assert max(waiting[:20]) < 10 < 200 < waiting[39] and waiting[-1] < 10


def test_one_seed_gives_one_run() -> None:
    for preset in PRESETS:
        assert simulate(preset, seed=7, duration=5.0) == simulate(preset, seed=7, duration=5.0)
    assert simulate("redblue", seed=7) != simulate("redblue", seed=8)


def test_progress_tells_of_every_second() -> None:
    told: list[int] = []
    simulate("redblue", progress=told.append, duration=10.0)
    assert told == list(range(1, told[-1] + 1)) and told[-1] >= 9


def test_shares_that_exceed_the_whole_are_refused_with_the_range() -> None:
    with pytest.raises(ParameterError, match=r"note_share = 0.5 .* it takes 0 to 0.3"):
        simulate("redblue", room_share=0.7, note_share=0.5)
