"""The clock that waits for nobody, and laws of time that are tested on it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.supervisor.scripted import Clock, Scripted, crash_loop, hang_noticed
from companion.calls.concurrency.supervisor.supervisor import nest
from companion.calls.concurrency.supervisor.theory import gives_up, leaf_starts, noticed_after, starts_until_end


def test_a_scripted_child_lives_as_long_as_its_script_says_and_then_for_ever() -> None:
    clock = Clock()
    child = Scripted("a", clock, [5], starting=2)
    child.start()
    assert (clock.now, child.dies, child.reason()) == (2, 7, None)
    clock.now = 7
    assert child.reason() == "crashed"
    child.stop()
    assert (child.reason(), child.dies) == ("stopped", None)
    child.start()
    assert (child.starts, child.dies, child.spans) == (2, None, [(2, 7), (9, float("inf"))])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60), st.integers(0, 30), st.integers(0, 5), st.integers(0, 100))
def test_the_closed_form_says_who_gives_up_and_after_how_many_starts(
    lives: int, starting: int, restarts: int, within: int
) -> None:
    run = crash_loop(lives, starting, restarts, within, until=1000)
    assert run.gave_up == gives_up(lives, starting, restarts, within)
    if run.gave_up:
        assert len(run.spans) == starts_until_end(restarts)


def test_at_the_border_itself_it_gives_up_and_a_tick_beyond_it_does_not() -> None:
    assert crash_loop(313, 20, 3, 999, until=9000).gave_up
    assert not crash_loop(314, 20, 3, 999, until=9000).gave_up


def test_without_crashes_that_are_too_many_it_goes_on_to_the_end() -> None:
    run = crash_loop(380, 20, 3, 1000, until=3000)
    assert [start for start, _ in run.spans] == [20 + 400 * n for n in range(8)]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4), st.integers(1, 3))
def test_nested_supervisors_multiply(restarts: int, depth: int) -> None:
    clock = Clock()
    leaf = Scripted("leaf", clock, iter(int, 1))
    top = nest(leaf, depth, restarts=restarts, within=9, clock=clock)
    top.start()
    assert (top.reason(), leaf.starts) == ("gave up", leaf_starts(restarts, depth))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 50), st.integers(1, 10), st.integers(0, 1000))
def test_a_hang_is_noticed_within_the_last_of_the_missed_intervals(interval: int, missed: int, hangs: int) -> None:
    low, high = noticed_after(interval, missed)
    assert low < hang_noticed(interval, missed, hangs) <= high


def test_the_bounds_of_noticing_are_reached() -> None:
    noticed = [hang_noticed(50, 3, hangs) for hangs in range(100, 150)]
    assert (min(noticed), max(noticed)) == (101, 150)
