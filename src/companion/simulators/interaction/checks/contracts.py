"""Contract tests: what a consumer needs of a provider, written by the consumer and held against real answers.

A consumer states the fields that it reads and nothing else, so a provider may add what it likes. The check is run by
the provider, before it is released, on what it really answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Rule = Callable[[Any], bool]
"""Tells whether a value is what the consumer can use."""


@dataclass(frozen=True)
class Need:
    """One field that a consumer reads: where, what it must be in words, and the test of it."""

    field: str
    meaning: str
    holds: Rule


@dataclass(frozen=True)
class Contract:
    """What one consumer needs of one provider; `requests` are those that the consumer sends, as examples."""

    consumer: str
    provider: str
    requests: tuple[Any, ...]
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Breach:
    """A need that an answer does not meet."""

    contract: Contract
    need: Need
    request: Any
    answer: Any

    def __str__(self) -> str:
        return (
            f"{self.contract.consumer} needs {self.need.field} to be {self.need.meaning}; {self.contract.provider} "
            f"answers {self.request!r} with {self.answer!r}"
        )


def verify(contract: Contract, provider: Callable[[Any], Mapping[str, Any]]) -> list[Breach]:
    """Ask the provider what the consumer asks, and list every need that an answer does not meet."""
    return [
        Breach(contract, need, request, answer)
        for request in contract.requests
        for answer in [provider(request)]
        for need in contract.needs
        if need.field not in answer or not need.holds(answer[need.field])
    ]
