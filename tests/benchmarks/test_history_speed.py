"""The search against a forward walk over sets of configurations, on the same histories in the same run."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

from companion.history import MODELS, check
from companion.history.search import Search
from tests.history.test_search import by_configurations, register_run


def test_the_search_beats_a_walk_over_configurations(benchmark: Any) -> None:
    histories = [register_run(seed, 120, 6, 0.02) for seed in range(5)]
    ratios = []
    for history in histories:
        began = perf_counter()
        assert by_configurations(history, "register")
        walked = perf_counter() - began
        began = perf_counter()
        assert check(history).linearizable
        ratios.append(walked / (perf_counter() - began))
    long = [register_run(seed, 1000, 10, 0.02) for seed in range(5)]
    taken = []
    for history in long:
        began = perf_counter()
        assert Search(history, MODELS["register"]).run(10**6)
        taken.append(perf_counter() - began)
    benchmark.extra_info |= {"ratios": [round(ratio, 1) for ratio in ratios], "seconds": [round(s, 4) for s in taken]}
    benchmark.pedantic(check, args=(long[0],), rounds=3)
    print(f"\nwalk to search: {', '.join(f'{ratio:.1f}' for ratio in ratios)}; 1,000 operations: {taken}")
    assert median(ratios) > 1
