"""A sweep on two cores takes little more than half the time that it takes on one."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

import pytest
from loky import cpu_count

from companion.simulators.metastable import simulate
from companion.sweep import HERE, sweep

GRID: dict[str, list[Any]] = {"load": [40.0, 60.0, 70.0, 80.0], "max_retries": [1, 3], "seed": [1, 2, 3, 4]}


def goodput(**values: Any) -> float:
    return simulate("collapse", duration=240.0, **values).goodput_per_s


def seconds(scheduler: str | None) -> float:
    began = perf_counter()
    sweep(goodput, GRID, scheduler)
    return perf_counter() - began


@pytest.mark.skipif(cpu_count() < 2, reason="one core: nothing to divide")
def test_more_cores_divide_the_time_of_a_sweep(benchmark: Any) -> None:
    pairs = [(seconds(HERE), seconds(None)) for _ in range(3)]
    ratios = [alone / spread for alone, spread in pairs]
    benchmark.extra_info |= {"cores": cpu_count(), "ratios": [round(ratio, 2) for ratio in ratios]}
    benchmark.pedantic(sweep, args=(goodput, GRID), rounds=1)
    print(f"\n{cpu_count()} cores to one: {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    assert median(ratios) > 1
