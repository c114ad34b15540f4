"""How a test says which requirements it tests."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import TypeVar

Test = TypeVar("Test", bound=Callable[..., object])
TESTED: dict[str, tuple[str, ...]] = {}
"""Requirements by the name of the test."""


def demands(*numbers: str) -> Callable[[Test], Test]:
    """Name the requirements that a test tests."""

    def marked(test: Test) -> Test:
        assert isinstance(test, FunctionType)
        TESTED[test.__name__] = numbers
        return test

    return marked


def tests_of(module: ModuleType, number: str) -> list[str]:
    """List the tests of a module that test a requirement."""
    return [name for name in vars(module) if number in TESTED.get(name, ())]
