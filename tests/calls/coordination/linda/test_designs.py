"""Four designs, and what becomes of the sum of a hundred tasks when workers die and pause."""

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.linda.designs import DESIGNS, FATES, hundred, outcomes, play

RIGHT = sum(range(1000))
RIGHT_OF_100 = sum(range(10_000))
IN_ONE_STEP = "done(lease, results)"


def test_without_failures_every_design_is_right() -> None:
    assert {play(design, []) for design in DESIGNS} == {RIGHT} == {499_500}


def test_only_one_design_is_right_wherever_the_first_worker_fails() -> None:
    wrong = {place: found for place, found in outcomes().items() if found != RIGHT}
    assert wrong == {
        ("no lease", "holding", "killed"): RIGHT - hundred(0),
        ("out, then done", "holding", "paused"): RIGHT + hundred(0),
        ("out, then done", "between", "killed"): RIGHT + hundred(0),
        ("out, then done", "between", "paused"): RIGHT + hundred(0),
        ("done, then out", "between", "killed"): RIGHT - hundred(0),
    }
    assert RIGHT - hundred(0) == 494_550 and RIGHT + hundred(0) == 504_450


fails = st.lists(st.tuples(st.integers(0, 320), st.sampled_from(FATES)), max_size=6)


@given(fails)
@settings(max_examples=50, deadline=None)
def test_in_one_step_a_hundred_tasks_count_once_whoever_fails_wherever(found: list[tuple[int, str]]) -> None:
    assert play(IN_ONE_STEP, found, tasks=100) == RIGHT_OF_100


def test_workers_killed_and_stopped_at_every_step_of_a_hundred_tasks_change_nothing() -> None:
    steps = 3 * 100 + 1  # holding, after and before in for each task, and the first before in
    for fate in FATES:
        for step in range(0, steps + 1, 7):
            assert play(IN_ONE_STEP, [(step, fate), (step % 5, fate)], tasks=100) == RIGHT_OF_100


@given(st.integers(0, 30), st.sampled_from(FATES))
@settings(max_examples=30, deadline=None)
def test_the_obvious_design_never_loses_a_task_and_the_other_never_doubles_one(step: int, fate: str) -> None:
    assert play("out, then done", [(step, fate)]) >= RIGHT
    assert play("done, then out", [(step, fate)]) <= RIGHT
    assert play("no lease", [(step, fate)]) <= RIGHT
