"""Things happen in the order of their times; what is due at once, in the order in which it was scheduled."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.clock import Clock

TIMES = st.lists(st.integers(0, 9), max_size=30)


@given(TIMES)
def test_what_is_scheduled_happens_in_the_order_of_times_and_then_of_scheduling(times: list[int]) -> None:
    clock, seen = Clock(), list[tuple[int, int, float]]()
    for number, time in enumerate(times):
        clock.at(time, lambda *one: seen.append((*one, clock.now)), time, number)
    clock.run()
    assert seen == [(time, number, time) for time, number in sorted(zip(times, range(len(times)), strict=True))]


@given(TIMES, st.integers(0, 9))
def test_a_run_stops_at_its_time_with_everything_done_that_was_due(times: list[int], until: int) -> None:
    clock, seen = Clock(), list[int]()
    for time in times:
        clock.at(time, seen.append, time)
    clock.run(until)
    assert seen == sorted(time for time in times if time <= until)
    assert clock.now == until
    clock.run()
    assert seen == sorted(times)


def test_what_happens_may_let_more_happen_and_a_wait_counts_from_now() -> None:
    clock, seen = Clock(), list[float]()

    def tick() -> None:
        seen.append(clock.now)
        if len(seen) < 4:
            clock.after(2.5, tick)

    clock.at(1.0, tick)
    clock.run()
    assert seen == [1.0, 3.5, 6.0, 8.5]


def test_two_clocks_share_nothing() -> None:
    one, other = Clock(), Clock()
    one.at(1.0, lambda: None)
    other.run()
    assert (one.now, other.now) == (0.0, 0.0)
