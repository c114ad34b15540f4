"""The speed of the engines is attempts by seconds of the wall clock, of the same run for both."""

from __future__ import annotations

from itertools import accumulate
from types import SimpleNamespace

import pytest

from companion.simulators.metastable import simulate, speed


def test_attempts_are_divided_by_the_seconds_that_each_engine_took(monkeypatch: pytest.MonkeyPatch) -> None:
    # a clock on which the heap engine takes 2 s, and SimPy 8
    times = accumulate([100.0, 2.0, 50.0, 8.0])
    monkeypatch.setattr(speed, "time", SimpleNamespace(perf_counter=lambda: next(times)))
    attempts = simulate("collapse", duration=62.0).totals["attempts"]
    assert speed.engine_speed(duration=62.0) == {"heap": attempts / 2, "simpy": attempts / 8, "ratio": 4.0}
