"""Not one hostile expression is computed."""

from __future__ import annotations

import subprocess

import pytest

from companion.reasoning.react import calculator
from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.hostile import hostile
from tests.reasoning.react.hostile import families


def test_the_list_is_what_was_generated_three_hundred_expressions_in_eight_families() -> None:
    assert hostile() == families()
    assert (len(hostile()), len({text for texts in hostile().values() for text in texts})) == (8, 300)


@pytest.mark.parametrize("family", hostile())
def test_each_is_refused(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("something was run")

    for name in ("eval", "exec", "open", "__import__"):
        monkeypatch.setitem(vars(calculator), name, forbidden)
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    for text in hostile()[family]:
        with pytest.raises(CalculatorError):
            calculate(text)
