"""A supervisor: it starts its children in order, starts again what dies, and gives up when that happens too often.

Who is started again besides the dead one is the strategy; a group is stopped from its end and started from its
beginning, since a later child may depend on an earlier one. Giving up is more than R restarts within T seconds. A
supervisor has the methods of a child, so that one may supervise another: to give up is to die, and the supervisor above
hears of it. The rules are those of Erlang's `supervisor` for permanent children.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

GAVE_UP = "gave up"

STRATEGIES: dict[str, Callable[[int, int], range]] = {
    "one_for_one": lambda dead, size: range(dead, dead + 1),
    "one_for_all": lambda dead, size: range(size),
    "rest_for_one": lambda dead, size: range(dead, size),
}
"""Which places of a row of children are started again, by the place of the dead one and the length of the row."""


class Child(Protocol):
    """Whatever can be started, asked whether it still lives, and stopped."""

    @property
    def name(self) -> str:
        """What the supervisor calls it."""

    def start(self) -> None:
        """Start it, and return when it is up."""

    def reason(self) -> str | None:
        """Say why it is dead, or None."""

    def stop(self) -> None:
        """End it, if it has not ended."""


@dataclass(frozen=True)
class Event:
    """Something that a supervisor did or noticed.

    Attributes
    ----------
    kind : str
        `start`, `stop`, `down` or `gives up`.
    name : str
        Of the child; of the supervisor where it gives up.
    at : float
        When, by the supervisor's clock.
    reason : str
        Why, for a child that is down.
    """

    kind: str
    name: str
    at: float
    reason: str = ""


class Supervisor:
    """Keep children alive.

    Parameters
    ----------
    children : sequence of Child
        In the order in which they are started.
    strategy : str
        One of `STRATEGIES`.
    restarts : int
        R: so many restarts within the period are allowed.
    within : float
        T: the length of the period in seconds.
    name : str
        What the supervisor above calls this one.
    clock : callable
        Gives the time in seconds.
    """

    def __init__(
        self,
        children: Sequence[Child],
        strategy: str = "one_for_one",
        *,
        restarts: int = 3,
        within: float = 5.0,
        name: str = "supervisor",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if strategy not in STRATEGIES:
            raise ValueError(f"strategy {strategy!r}: use one of {', '.join(STRATEGIES)}")
        if restarts < 0 or within < 0:
            raise ValueError(f"{restarts} restarts within {within} s: neither may be negative")
        self.name = name
        self.events: list[Event] = []
        self._children = list(children)
        self._affected = STRATEGIES[strategy]
        self._restarts, self._within, self._clock = restarts, within, clock
        self._times: list[float] = []
        self._dead: str | None = "not started"

    def start(self) -> None:
        """Start all children, in order, with an empty memory of restarts."""
        self._times, self._dead = [], None
        self._start(range(len(self._children)))

    def step(self) -> bool:
        """Look once at all children, and mend what is broken.

        Returns
        -------
        bool
            Whether anything was dead.
        """
        if self._dead is not None:
            return False
        for place, child in enumerate(self._children):
            if (why := child.reason()) is not None:
                self._mend(place, why)
                return True
        return False

    def settle(self, most: int = 10_000) -> int:
        """Step until nothing is dead, or this supervisor is; return how many steps found something dead."""
        for steps in range(most):
            if not self.step():
                return steps
        raise RuntimeError(f"{self.name}: children still die after {most} restarts")

    def watch(self, until: Callable[[], bool], seconds: float, every: float = 0.002) -> bool:
        """Look at the children again and again, until something is true, this supervisor is dead, or time is over.

        Returns
        -------
        bool
            Whether it was true in the end.
        """
        end = time.monotonic() + seconds
        while self.reason() is None and not until() and time.monotonic() < end:
            time.sleep(every)
        return until()

    def reason(self) -> str | None:
        """Look at the children, and say why this supervisor is dead, or None."""
        self.settle()
        return self._dead

    @property
    def gave_up(self) -> bool:
        """Whether this supervisor has given up, as far as it has looked."""
        return self._dead == GAVE_UP

    def stop(self) -> None:
        """Stop all children, the last one first."""
        if self._dead is None:
            self._dead = "shutdown"
            self._stop(range(len(self._children)))

    def _mend(self, place: int, why: str) -> None:
        now = self._clock()
        self._say("down", self._children[place].name, why)
        self._times = [then for then in self._times if now - then <= self._within] + [now]
        if len(self._times) > self._restarts:
            self._stop(range(len(self._children)), place)
            self._dead = GAVE_UP
            self._say("gives up", self.name)
            return
        group = self._affected(place, len(self._children))
        self._stop(group, place)
        self._start(group)

    def _start(self, places: range) -> None:
        """Start some children; if one does not come up, stop all that did."""
        for place in places:
            self._say("start", self._children[place].name)
            try:
                self._children[place].start()
            except BaseException:
                self.stop()
                raise

    def _stop(self, places: range, dead: int | None = None) -> None:
        for place in reversed(places):
            if place != dead:
                self._say("stop", self._children[place].name)
            self._children[place].stop()  # a hung child counts as dead, and is ended here

    def _say(self, kind: str, name: str, reason: str = "") -> None:
        self.events.append(Event(kind, name, self._clock(), reason))

    def __enter__(self) -> Supervisor:
        """Start all children."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop all children."""
        self.stop()


def nest(
    leaf: Child, depth: int, *, restarts: int, within: float, clock: Callable[[], float] = time.monotonic
) -> Supervisor:
    """Put a child under a supervisor, that under another, and so on: `depth` supervisors above each other."""
    top = Supervisor([leaf], restarts=restarts, within=within, name="level 1", clock=clock)
    for level in range(2, depth + 1):
        top = Supervisor([top], restarts=restarts, within=within, name=f"level {level}", clock=clock)
    return top


__all__ = ["GAVE_UP", "STRATEGIES", "Child", "Event", "Supervisor", "nest"]
