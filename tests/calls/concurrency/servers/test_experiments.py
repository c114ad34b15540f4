"""Small versions of what the chapter shows: counts that are exact, whatever the machine is doing."""

from __future__ import annotations

import pytest

from companion.calls.concurrency.servers import missing, running
from companion.calls.concurrency.servers.experiments import crowd, honest_served, idle, omission, process_costs


@pytest.mark.parametrize("model", ["pool", "prefork"])
def test_workers_that_own_connections_serve_as_many_as_they_are(model: str) -> None:
    if why := missing(model):
        pytest.skip(why)
    report = crowd(model, connections=9, workers=2, timeout=0.8)
    assert (report.answered, report.starved) == (2, 7)
    assert report.p(50) < 0.8 < report.p_of_all(50)


def test_a_queue_of_requests_starves_nobody_and_neither_does_closing() -> None:
    assert crowd("actors", connections=9, workers=2, timeout=20).starved == 0
    assert crowd("pool", connections=9, workers=2, close=True, timeout=20).starved == 0


@pytest.mark.parametrize(("slow", "served"), [(2, 0), (1, 1)])
def test_slow_clients_take_a_worker_each(slow: int, served: int) -> None:
    assert honest_served("pool", slow=slow, honest=5, workers=2, timeout=0.8) == served


@pytest.mark.parametrize("model", ["threads", "loop", "actors"])
def test_slow_clients_take_nothing_where_no_worker_waits_for_them(model: str) -> None:
    assert honest_served(model, slow=20, honest=5, workers=2, timeout=20) == 5


def test_a_pause_is_one_sample_of_a_closed_loop_and_the_tail_of_an_open_one() -> None:
    found = omission(rate=100, seconds=1.0, stop=0.4)
    assert found.law == pytest.approx(0.39)
    assert found.open.p(99) >= found.law
    assert found.closed.slower_than(0.2) == 1
    assert found.open.slower_than(0.2) >= 19
    assert found.closed.p_corrected(99) >= 0.3


def test_idle_connections_have_been_answered_and_stay() -> None:
    with running("threads") as server, idle(server, 5), idle(server, 5):
        pass


def test_an_interpreter_costs_more_to_start_than_a_program_and_its_imports_more_still() -> None:
    costs = process_costs(runs=3)
    assert costs["Python, three imports"] > costs["Python, bare"] > 0
