"""The load on hybrid search, with few documents: what the loops count, and a server that ends with its context."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping

import pytest

from companion.services import search_load


def test_in_a_closed_loop_as_many_are_on_their_way_as_there_are_clients() -> None:
    lock, now, most = threading.Lock(), 0, 0

    def ask(number: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1

    rate, times = search_load.closed_loop(ask, 5, 60)
    assert most == 5
    assert len(times) == 60 and min(times) >= 0.01
    assert rate * sum(times) / 60 <= 5.0001  # Little's law


def test_at_a_steady_rate_an_answer_is_late_from_when_it_was_due() -> None:
    busy = threading.Lock()

    def ask(number: int) -> None:
        with busy:  # one at a time: 20 ms for each, and one is due every 10 ms
            time.sleep(0.02)

    times = search_load.open_loop(ask, 100, 20)
    assert times[0] >= 0.02
    assert sorted(times)[10] > 0.08  # in a closed loop of one client it would be 0.02


@pytest.fixture(scope="module")
def told() -> Mapping[str, float]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search_load, "SIZES", (20, 30, 40))
        patched.setattr(search_load, "CLIENTS", (2, 6))
        patched.setattr(search_load, "REQUESTS", 12)
        patched.setattr(search_load, "WARM", 2)
        seen: list[int] = []
        resident = search_load._resident

        def weigh(process: int) -> float:
            seen.append(process)
            return resident(process)

        patched.setattr(search_load, "_resident", weigh)
        figures = search_load.search_load()
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)
    return figures


def test_every_load_is_told_with_its_times_in_order(told: Mapping[str, float]) -> None:
    for name in ("2 clients", "6 clients", "steady"):
        assert 0 < told[f"{name}, median, ms"] <= told[f"{name}, p95, ms"] <= told[f"{name}, slowest, ms"]
    assert told["steady, a second"] == pytest.approx(told["2 clients, a second"] / 2)
    assert told["memory, MB"] > 20


def test_no_more_are_on_their_way_than_there_are_clients(told: Mapping[str, float]) -> None:
    assert 0 < told["2 clients, in flight"] <= 2.0001
    assert 0 < told["6 clients, in flight"] <= 6.0001
