"""The same supervisor against children that follow a script, and a clock that moves only when it is told to.

Nothing waits here, so a law over minutes is tested in microseconds, and the same way every time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

from companion.calls.concurrency.supervisor.supervisor import Supervisor


class Clock:
    """A clock that stands still until somebody moves it. Any unit will do; whole numbers compare exactly."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


class Scripted:
    """A child that crashes so long after each start, by a clock.

    Parameters
    ----------
    name : str
        What the supervisor calls it.
    clock : Clock
        Moved on by `starting` at each start.
    lives : iterable of float
        How long it lives after each start; when there are no more, it lives for ever.
    starting : float
        How long a start takes.
    """

    def __init__(self, name: str, clock: Clock, lives: Iterable[float], starting: float = 0.0) -> None:
        self.name = name
        self.spans: list[tuple[float, float]] = []
        self._clock, self._lives, self._starting = clock, iter(lives), starting
        self._dies: float | None = None
        self._up = False

    @property
    def starts(self) -> int:
        """How often it was started."""
        return len(self.spans)

    @property
    def dies(self) -> float | None:
        """When it will crash, or None if it is down or lives for ever."""
        return self._dies if self._up else None

    def start(self) -> None:
        """Come up, and draw how long this life will be."""
        self._clock.now += self._starting
        life = next(self._lives, None)
        self._dies = None if life is None else self._clock.now + life
        self._up = True
        self.spans.append((self._clock.now, float("inf") if self._dies is None else self._dies))

    def reason(self) -> str | None:
        """Say that it has crashed, once the clock has reached that moment."""
        if not self._up:
            return "stopped"
        return "crashed" if self._dies is not None and self._clock.now >= self._dies else None

    def stop(self) -> None:
        """Go down, which cuts this life short."""
        if self._up:
            start, end = self.spans[-1]
            self.spans[-1] = (start, min(end, self._clock.now))
        self._up = False


def play(supervisor: Supervisor, children: Iterable[Scripted], clock: Clock, until: float) -> None:
    """Start a supervisor and move the clock from crash to crash until it gives up, or the time is over."""
    children = list(children)
    supervisor.start()
    while clock.now < until and not supervisor.gave_up:
        if not supervisor.step():
            clock.now = min((child.dies for child in children if child.dies is not None), default=until)


@dataclass(frozen=True)
class Run:
    """What came of a child that crashes again and again.

    Attributes
    ----------
    lives : float
        How long it lives after each start.
    spans : tuple of (float, float)
        When each life began and ended.
    gave_up : bool
        Whether the supervisor gave up.
    """

    lives: float
    spans: tuple[tuple[float, float], ...]
    gave_up: bool


def crash_loop(lives: float, starting: float, restarts: int, within: float, until: float) -> Run:
    """Supervise one child that crashes `lives` after each start, and say what happened until then."""
    clock = Clock()
    child = Scripted("child", clock, repeat(lives), starting)
    supervisor = Supervisor([child], restarts=restarts, within=within, clock=clock)
    play(supervisor, [child], clock, until)
    supervisor.stop()
    return Run(lives, tuple((start, min(end, until)) for start, end in child.spans), supervisor.gave_up)


def hang_noticed(interval: int, missed: int, hangs: int) -> int:
    """Return how long after it hangs a child is found out that sends a heartbeat every `interval`, in whole ticks.

    The watcher looks at every tick. The last heartbeat was sent at or before the hang.
    """
    last = hangs - hangs % interval
    now = hangs
    while now - last < missed * interval:
        now += 1
    return now - hangs


__all__ = ["Clock", "Run", "Scripted", "crash_loop", "hang_noticed", "play"]
