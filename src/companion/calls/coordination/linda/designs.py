"""Four ways in which a worker can do the tasks of a space, and what becomes of their sum when a worker fails.

A task is ``("task", i)``: sum the hundred numbers from 100 i on. Its result is ``("sum", i, partial)``. Each design is
a generator that yields the name of each point at which its worker may be killed or paused. The same lines run on the
space itself and over TCP, in a process of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.space import Field, Held, Space, Template

TASK: Template = ("task", int)
RESULT: Template = ("sum", int, int)
TASKS = 10
LEASE = 10.0
"""Seconds for which a worker takes a task."""
LONG = 60.0
"""Seconds that a pause lasts: longer than a lease."""
BEFORE_IN, HOLDING, BETWEEN, AFTER = "before in", "holding", "between", "after"
POINTS = (BEFORE_IN, HOLDING, BETWEEN, AFTER)
KILLED, PAUSED = "killed", "paused"
FATES = (KILLED, PAUSED)


class TupleSpace(Protocol):
    """What a worker needs: a space, or a client of one."""

    def out(self, fields: Iterable[Field]) -> None: ...

    def take(self, template: Template, lease: float | None = None) -> Held | None: ...

    def done(self, lease: int, results: Iterable[Iterable[Field]] = ()) -> bool: ...


def hundred(number: int) -> int:
    """Sum the hundred whole numbers from 100 times `number` on."""
    return sum(range(100 * number, 100 * number + 100))


def result(held: Held) -> tuple[Field, ...]:
    """Carry out a task."""
    _, number = held.fields
    assert isinstance(number, int)
    return ("sum", number, hundred(number))


def no_lease(space: TupleSpace) -> Iterator[str]:
    """Take for good."""
    yield BEFORE_IN
    while held := space.take(TASK):
        yield HOLDING
        space.out(result(held))
        yield AFTER
        yield BEFORE_IN


def out_then_done(space: TupleSpace) -> Iterator[str]:
    """Take on lease, put the result in, and give the task up."""
    yield BEFORE_IN
    while (held := space.take(TASK, LEASE)) and held.lease:
        yield HOLDING
        space.out(result(held))
        yield BETWEEN
        space.done(held.lease)
        yield AFTER
        yield BEFORE_IN


def done_then_out(space: TupleSpace) -> Iterator[str]:
    """Take on lease, give the task up, and put the result in if it was still ours."""
    yield BEFORE_IN
    while (held := space.take(TASK, LEASE)) and held.lease:
        yield HOLDING
        ours = space.done(held.lease)
        yield BETWEEN
        if ours:
            space.out(result(held))
        yield AFTER
        yield BEFORE_IN


def in_one_step(space: TupleSpace) -> Iterator[str]:
    """Take on lease, and exchange the task for its result."""
    yield BEFORE_IN
    while (held := space.take(TASK, LEASE)) and held.lease:
        yield HOLDING
        space.done(held.lease, [result(held)])
        yield AFTER
        yield BEFORE_IN


DESIGNS: dict[str, Callable[[TupleSpace], Iterator[str]]] = {
    "no lease": no_lease,
    "out, then done": out_then_done,
    "done, then out": done_then_out,
    "done(lease, results)": in_one_step,
}


def total(space: TupleSpace) -> int:
    """Take all results out of a space and add them up."""
    found = 0
    while held := space.take(RESULT):
        partial = held.fields[2]
        assert isinstance(partial, int)
        found += partial
    return found


def play(design: str, fails: Sequence[tuple[int, str]], tasks: int = TASKS) -> int:
    """Run workers on a space in this process; each fails in turn, and one more finishes the work.

    Parameters
    ----------
    design : str
        A key of `DESIGNS`.
    fails : sequence of (int, str)
        For each worker the number of the point, counted from 0, at which it fails, and its fate. The lease of whoever
        fails is over before the next one begins. A paused worker goes on to its end when all others are done.
    tasks : int
        How many tasks there are.

    Returns
    -------
    int
        The sum that the master finds.
    """
    clock = HandClock()
    space = Space(clock)
    for number in range(tasks):
        space.out(("task", number))
    paused = []
    for steps, fate in fails:
        worker = DESIGNS[design](space)
        for _, _ in zip(range(steps + 1), worker, strict=False):
            continue
        if fate == PAUSED:
            paused.append(worker)
        clock.pass_(LONG)
    for worker in [DESIGNS[design](space), *paused]:
        for _ in worker:
            continue
    return total(space)


def steps_to(design: str, point: str) -> int | None:
    """Count the steps of a design before it comes to a point for the first time; None if it never does."""
    space = Space(HandClock())
    space.out(("task", 0))
    return next((number for number, at in enumerate(DESIGNS[design](space)) if at == point), None)


def outcomes() -> dict[tuple[str, str, str], int]:
    """Give the sum for each design, point and fate of a first worker that fails at its first task."""
    found = {}
    for design in DESIGNS:
        for point in POINTS:
            steps = steps_to(design, point)
            for fate in FATES:
                if steps is not None:
                    found[design, point, fate] = play(design, [(steps, fate)])
    return found
