"""What a hostile expression costs the calculator, in honest ones of the same run."""

from __future__ import annotations

from contextlib import suppress
from time import process_time
from typing import Any

from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.hostile import hostile

HONEST = "sqrt((94.9 - 88.1) / 88.1) * 100 + log(1.05) ** 2"
ROUNDS = 5


def seconds(expression: str) -> float:
    """Take the fastest of a few times, so that what the machine does meanwhile plays little part."""
    taken = []
    for _ in range(ROUNDS):
        began = process_time()
        with suppress(CalculatorError):
            calculate(expression)
        taken.append(process_time() - began)
    return min(taken)


def test_no_hostile_expression_costs_as_much_as_ten_honest_ones(benchmark: Any) -> None:
    honest = seconds(HONEST)
    ratios = {text: seconds(text) / honest for texts in hostile().values() for text in texts}
    worst = max(ratios, key=lambda text: ratios[text])
    benchmark.extra_info |= {"worst": worst[:60], "ratio": round(ratios[worst], 2)}
    benchmark.pedantic(calculate, args=(HONEST,), rounds=20)
    print(f"\nthe dearest, {worst[:40]!r}, costs {ratios[worst]:.1f} honest ones")
    assert ratios[worst] < 10
