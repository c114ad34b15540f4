"""The program that is killed: an orchestration on its journal, a bank, and a point at which to die."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from companion.calls.concurrency.durable.bank import Bank, BankError
from companion.calls.concurrency.durable.journal import Journal
from companion.calls.concurrency.durable.replay import NonDeterminism, run

AMOUNTS = (300, 120, 45, 9)
"""A journey: flight, hotel, car, insurance."""

REFUSED, REFUSED_BY_BANK = 3, 4
"""The exit status of a process that found another history than its own, or whose bank did."""


def journey() -> Generator[tuple[str, Any], Any, list[int]]:
    """Charge for each part of a journey, and return the receipts."""
    receipts = []
    for amount in AMOUNTS:
        receipts.append((yield "charge", amount))
    return receipts


def journey_by_the_clock() -> Generator[tuple[str, Any], Any, list[int]]:
    """Do the same, and let the clock into the second step."""
    first = yield "charge", AMOUNTS[0]
    second = yield "charge", time.time_ns()
    third = yield "charge", AMOUNTS[2]
    return [first, second, third]


JOURNEYS = {"journey": journey, "by the clock": journey_by_the_clock}


def main(arguments: Sequence[str]) -> None:
    """Be one of those processes: run the orchestration on its journal, and die where the arguments say."""
    folder, what, keyed, where, when = (
        Path(arguments[0]),
        arguments[1],
        arguments[2] == "keyed",
        int(arguments[3]),
        arguments[4],
    )
    bank = Bank(folder / "bank")

    def die(step: int, point: str) -> None:
        if (step, point) == (where, when):
            os.kill(os.getpid(), signal.SIGKILL)

    def perform(kind: str, argument: int, name: str) -> int:
        return bank.charge(argument, name if keyed else None)

    with Journal(folder / "journal", sync=False) as journal:
        try:
            run(JOURNEYS[what](), journal, perform, pause=die)
        except NonDeterminism:
            sys.exit(REFUSED)
        except BankError:
            sys.exit(REFUSED_BY_BANK)


__all__ = ["AMOUNTS", "JOURNEYS", "REFUSED", "REFUSED_BY_BANK", "journey", "journey_by_the_clock", "main"]
