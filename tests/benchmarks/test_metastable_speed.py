"""How fast the two engines are: attempts a second, and above all their ratio, which travels between machines."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pytest

from companion.simulators.metastable import simulate

# A collapse is what sweeps are made of; a healthy service with a gate takes the longest way through the code.
SCENARIOS: dict[str, dict[str, Any]] = {
    "collapse": {"preset": "collapse", "duration": 120.0},
    "breaker": {"preset": "breaker", "duration": 240.0},
}


def attempts_per_second(engine: str, **scenario: Any) -> float:
    """Time one run; in attempts simulated a second of wall time."""
    start = perf_counter()
    result = simulate(engine=engine, seed=1, **scenario)
    return result.totals["attempts"] / (perf_counter() - start)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_heap_engine_is_at_least_five_times_as_fast(name: str, benchmark: Any) -> None:
    scenario = SCENARIOS[name]
    # Interleaved, so that a busy machine slows both; the best of three is the one least disturbed.
    pairs = [(attempts_per_second("heap", **scenario), attempts_per_second("simpy", **scenario)) for _ in range(3)]
    heap, simpy = (max(column) for column in zip(*pairs, strict=True))
    benchmark.extra_info |= {
        "ratio": round(heap / simpy, 1),
        "heap_attempts_per_s": round(heap),
        "simpy_attempts_per_s": round(simpy),
    }
    benchmark.pedantic(simulate, kwargs={"engine": "heap", "seed": 1, **scenario}, rounds=3)
    print(f"\n{name}: heap {heap:,.0f} attempts/s, SimPy {simpy:,.0f}, ratio {heap / simpy:.1f}")
    assert heap / simpy >= 5
