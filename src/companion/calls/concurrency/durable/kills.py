"""Run an orchestration in processes that kill themselves at a named point of a step, until one comes to the end.

The kill is SIGKILL, from which a process cannot clean up; that it comes from the process itself makes the moment exact.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from companion.calls.concurrency.durable.bank import Bank
from companion.calls.concurrency.durable.journal import Journal
from companion.calls.concurrency.durable.program import AMOUNTS, REFUSED, REFUSED_BY_BANK
from companion.errors import CompanionError

POINTS = ("before effect", "after effect", "after journal")
"""Where a process can die in a step: what it was to do is not done, done but not written down, or both."""

ROOT = Path(__file__).parents[4]
PROGRAM = "companion.calls.concurrency.durable.program"
ENDS = {0: "finished", REFUSED: "refused by the replay", REFUSED_BY_BANK: "refused by the bank"}
"""How a process may end that was not killed, by its exit status."""
LONGEST = 60.0
"""Seconds that one process may take; it takes a twentieth of one."""


@dataclass(frozen=True)
class Outcome:
    """What came of an orchestration and its kills.

    Attributes
    ----------
    kills : int
        How many of its processes were killed.
    charges : tuple of int
        What the bank has charged, in order.
    end : str
        One of `ENDS`: what the last process came to.
    steps : int
        How many steps the journal has.
    """

    kills: int
    charges: tuple[int, ...]
    end: str
    steps: int


def killed_at(kills: Sequence[tuple[int, str]], *, keyed: bool, what: str = "journey") -> Outcome:
    """Run an orchestration, kill it at each of these points in turn, and then let it come to its end.

    Parameters
    ----------
    kills : sequence of (int, str)
        Steps, from 1, and points of `POINTS`.
    keyed : bool
        Whether each charge carries the step's name as its idempotency key.
    what : str
        One of `program.JOURNEYS`.

    Raises
    ------
    CompanionError
        If a process ends in a way that was not planned.
    """
    with tempfile.TemporaryDirectory() as folder:
        killed = 0
        for step, point in [*kills, (0, POINTS[0])]:
            status = _process(Path(folder), what, keyed, step, point)
            if status == -signal.SIGKILL:
                killed += 1
            elif status in ENDS:
                break
            else:
                raise CompanionError(f"killed {point} of step {step}: the process ended with {status}")
        with Journal(Path(folder) / "journal", sync=False) as journal:
            charges = tuple(amount for amount, _ in Bank(Path(folder) / "bank").charges())
            return Outcome(killed, charges, ENDS[status], len(journal.steps))


def charges_made(point: str, *, keyed: bool) -> int:
    """Kill a journey at this point of each of its steps, once each, and return how many charges the bank has made."""
    return len(killed_at([(step, point) for step in range(1, len(AMOUNTS) + 1)], keyed=keyed).charges)


def _process(folder: Path, what: str, keyed: bool, step: int, point: str) -> int:
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from {PROGRAM} import main; main(sys.argv[1:])"
    arguments = [str(folder), what, "keyed" if keyed else "-", str(step), point]
    command = [sys.executable, "-I", "-S", "-c", start, *arguments]
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=LONGEST,
        check=False,
    )
    return done.returncode


__all__ = ["POINTS", "Outcome", "charges_made", "killed_at"]
