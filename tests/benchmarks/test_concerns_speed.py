"""What three concerns cost a call, in each place, as a ratio to the bare call. Records, and asserts no time."""

from collections.abc import Callable
from typing import Any

import pytest

from companion.calls.contracts.concerns.costs import costs, decorated


@pytest.mark.parametrize("name", decorated())
@pytest.mark.benchmark(group="a function call with three concerns")
def test_a_decorated_call(benchmark: Any, name: str) -> None:
    call: Callable[[str], int] = decorated()[name]
    assert benchmark.pedantic(call, args=("t-ada",), rounds=300, iterations=10, warmup_rounds=10) == 100


def test_every_place_beside_its_bare_call(capsys: pytest.CaptureFixture[str]) -> None:
    found = costs()
    ratios = {name: cost / found[f"{name.partition(', ')[0]}, bare"] for name, cost in found.items()}
    with capsys.disabled():
        print("\nmultiples of the bare call:", {name: f"{ratio:.2f}" for name, ratio in ratios.items()})
    assert all(ratio == 1 for name, ratio in ratios.items() if name.endswith("bare"))
    assert all(cost > 0 for cost in found.values())
