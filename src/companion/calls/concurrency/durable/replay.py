"""Durable orchestration by replay, as durable functions do it.

An orchestration is a generator. It yields what is to be done, a kind and an argument, and gets the result back. Each
result is written to the journal. After a crash the generator is run again from its beginning: for as long as the
journal has results, it gets these, and nothing is done a second time; its local variables come back as they were.

That works only if it yields the same again. `run` compares, and refuses to go on with a program that took another way
than its history says: a clock, a random number, or a new version of the code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from companion.calls.concurrency.durable.journal import Journal, Step
from companion.errors import CompanionError

Result = TypeVar("Result")
Orchestration = Generator[tuple[str, Any], Any, Result]
Activity = Callable[[str, Any, str], Any]
"""Does something: takes the kind, the argument, and the step's name, which is the same in every replay."""


class NonDeterminism(CompanionError):
    """A replay asked for something else than its history says."""


def run(
    orchestration: Orchestration[Result],
    journal: Journal,
    perform: Activity,
    *,
    name: str = "order",
    pause: Callable[[int, str], None] = lambda step, point: None,
) -> Result:
    """Run an orchestration to its end, from wherever the journal says it is.

    Parameters
    ----------
    orchestration : generator
        Freshly made: it stands at its beginning.
    journal : Journal
        What was done so far.
    perform : callable
        Does what is asked for. Between its effect and the journal a process may die, and then it is called again.
    name : str
        Of this orchestration; with the step's number it makes the step's name.
    pause : callable
        Called at the points `before effect`, `after effect` and `after journal` of each step: where a test kills.

    Raises
    ------
    NonDeterminism
        If the orchestration does not repeat its history.
    """
    done = list(journal.steps)
    result: Any = None
    number = 0
    try:
        while True:
            kind, argument = orchestration.send(result)
            if number < len(done):
                _compare(number + 1, done[number], kind, argument)
                result = done[number].result
            else:
                pause(number + 1, "before effect")
                result = perform(kind, argument, f"{name}/{number + 1}")
                pause(number + 1, "after effect")
                journal.append(Step(kind, argument, result))
                pause(number + 1, "after journal")
            number += 1
    except StopIteration as end:
        if number < len(done):
            raise NonDeterminism(
                f"step {number + 1}: the history has {done[number].kind!r}, the program is at its end"
            ) from None
        value: Result = end.value
        return value


def _compare(number: int, done: Step, kind: str, argument: Any) -> None:
    """Refuse a step that is not the one of the history; 1, 1.0 and True are three values here, as in JSON."""
    said, asked = (
        [step[0], json.dumps(step[1], sort_keys=True)] for step in ((done.kind, done.argument), (kind, argument))
    )
    if said != asked:
        what = "something else" if said[0] != asked[0] else "the same with another argument"
        raise NonDeterminism(f"step {number}: the history has {done.kind!r}, the program asks for {what}")


__all__ = ["Activity", "NonDeterminism", "Orchestration", "run"]
