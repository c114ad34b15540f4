"""What the checks of chapter 9's exercises need: servers that die and pause at every step, and streams that break.

A function whose name ends in `fault` says what is wrong with an answer, or gives "" where nothing is.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

# Exercise 2: a lease, by trying


def lost_after(lease: float, every: float, phase: float, pause: float) -> bool:
    """Say whether a server that pauses loses its task, if the pause begins that long after it renewed its lease."""
    return phase + pause > lease and every > phase


def waits(lease: float, every: float, looks: float, died: float, first_look: float) -> float:
    """Give how long a task waits whose server died at that time, if renewals are at 0, `every`, 2 `every`, ...

    Another server looks for work at `first_look` and then each `looks` seconds.
    """
    free = every * (died // every) + lease
    look = first_look
    while look <= free:
        look += looks
    return look - died


def limits_fault(pair: Any, lease: float, every: float, looks: float) -> str:
    """Try the longest pause that costs nothing, and the longest wait, in every phase of renewing and of looking."""
    where = f"a lease of {lease} s, renewed every {every}, looked for every {looks}"
    if not (isinstance(pair, tuple | list) and len(pair) == 2):
        return f"{where}: {pair!r} is no pair"
    pause, wait = pair
    phases = [every * step / 1000 for step in range(1000)]
    unlucky = [phase for phase in phases if lost_after(lease, every, phase, pause - 0.05)]
    if unlucky:
        return f"{where}: a pause just below {pause} s that begins {max(unlucky):.2f} s after a renewal costs the task"
    if not any(lost_after(lease, every, phase, pause + 0.05) for phase in phases):
        return f"{where}: a longer pause than {pause} s costs nothing either"
    seen = max(
        waits(lease, every, looks, died=phase + every, first_look=looks * step / 97)
        for phase in phases[::10]
        for step in range(97)
    )
    if not wait >= seen - 1e-9:  # so, since a NaN is not less either
        return f"{where}: a task waited {seen:.2f} s, not {wait}"
    return f"{where}: no task ever waits longer than {seen:.2f} s" if wait >= seen + 0.2 else ""


# Exercise 3: a store that is asked by several servers


@dataclass(frozen=True)
class Step:
    """One thing that a server asks of the store.

    Attributes
    ----------
    what : str
        ``claim``, or ``complete`` for the task that this server has claimed last.
    server : str
        Who.
    now : float
        When.
    """

    what: str
    server: str
    now: float


def story(rng: random.Random, steps: int = 30) -> list[Step]:
    """Draw what servers ask, in the order of time."""
    now, told = 0.0, []
    for _ in range(steps):
        now += rng.choice([0.25, 0.5, 1.0, 3.0])  # sums of which are exact, however an answer compares times
        told.append(Step(rng.choice(["claim", "claim", "complete"]), rng.choice("ABC"), now))
    return told


class Reference:
    """A store as the exercise wants it."""

    def __init__(self, tasks: Sequence[str], seconds: float) -> None:
        self._seconds = seconds
        self._free_at = dict.fromkeys(tasks, 0.0)
        self._fences = dict.fromkeys(tasks, 0)
        self._done: set[str] = set()

    def claim(self, server: str, now: float) -> tuple[str, int] | None:
        """Give the first task that is free, with its next fence."""
        for task, free_at in self._free_at.items():
            if task not in self._done and free_at <= now:
                self._fences[task] += 1
                self._free_at[task] = now + self._seconds
                return task, self._fences[task]
        return None

    def newest(self, task: str) -> int:
        """Give the fence of the one who has claimed a task last; 0 if nobody has."""
        return self._fences[task]

    def complete(self, task: str, fence: int) -> bool:
        """Complete a task under its newest fence, once."""
        good = task not in self._done and 0 < fence == self._fences[task]
        self._done |= {task} if good else set()
        return good


def store_fault(store: Any, steps: Sequence[Step], tasks: Sequence[str], seconds: float) -> str:
    """Ask a store and the reference the same, until they differ."""
    reference = Reference(tasks, seconds)
    held: dict[str, tuple[str, int]] = {}
    for at, step in enumerate(steps):
        if step.what == "claim":
            due: Any = reference.claim(step.server, step.now)
            told = store.claim(step.server, step.now)
            told = tuple(told) if isinstance(told, list) else told
            if due is not None:
                held[step.server] = due
        else:
            task, fence = held.get(step.server, (tasks[0], 0))
            if store.complete(task, reference.newest(task) + 1) is not False:
                return f"{task} was completed under a fence that nobody has been given yet"
            due, told = reference.complete(task, fence), store.complete(task, fence)
        if type(told) is not type(due) or told != due:
            before = ", ".join(f"{each.server} {each.what}s at {each.now}" for each in steps[:at][-4:]) or "nothing"
            return (
                f"{step.server} {step.what}s at {step.now}: you answered {told!r}, and it is {due!r}; before: {before}"
            )
    return ""


# Exercise 4: a stream that breaks


FIRST = 8
"""Where ids begin: an answer that counts for itself counts otherwise, and one that compares them as texts is found out
by the third event."""


@dataclass
class Source:
    """Server-Sent Events that break after so many lines, again and again.

    Attributes
    ----------
    events : list of str
        The data; the first one's id is `FIRST`.
    breaks : list of int
        After how many lines each connection breaks; then none does.
    """

    events: list[str]
    breaks: list[int]
    asked: int = 0

    def connect(self, last: str) -> list[str] | None:
        """Give the lines that come behind an event until the connection is gone, or None if there is nothing more."""
        self.asked += 1
        if self.asked > 5 * len(self.events) + 20:
            raise AssertionError(f"you connect again and again, now behind event {last!r}, and get no further")
        if last and not (last.isdecimal() and FIRST <= int(last) < FIRST + len(self.events)):
            raise AssertionError(f"you connect behind event {last!r}, and no event has that id")
        known = int(last) - FIRST + 1 if last else 0
        if known >= len(self.events):
            return None
        lines = []
        for number, data in enumerate(self.events[known:], start=FIRST + known):
            lines += [": ping", f"id: {number}", *(f"data: {part}" for part in data.split("\n")), ""]
        return lines[: self.breaks.pop(0)] if self.breaks else lines


def follow_fault(told: Any, events: Sequence[str], breaks: Sequence[int]) -> str:
    """Compare what was made of a stream with what was sent."""
    where = f"connections that break after {[*breaks]} lines" if breaks else "a connection that does not break"
    if not isinstance(told, list):
        return f"{where}: {told!r} is no list"
    due = [(str(number), data) for number, data in enumerate(events, start=FIRST)]
    given = [tuple(pair) if isinstance(pair, list) else pair for pair in told]
    return "" if given == due else f"{where}: {due} were sent, you gave {given}"


# Exercise 5: servers that die and pause anywhere


class Died(Exception):
    """This server is gone, and whatever else it asks for comes to nothing."""


@dataclass
class World:
    """What is there whoever dies: a task's rows, and a mailbox elsewhere."""

    fence: int = 0
    kept: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    drafts: list[str] = field(default_factory=list)

    def holds(self, fence: int) -> bool:
        """Say whether a fence is the newest one, of a task that is not over."""
        return not self.completed and fence == self.fence


class Desk:
    """What one server has in its hands; before and after all that it asks for, it may die or fall asleep."""

    def __init__(self, world: World, trouble: Callable[[str], None]) -> None:
        self._world = world
        self._trouble = trouble
        self._dead = False

    def _asked(self, what: str, act: Callable[[], Any]) -> Any:
        if self._dead:  # an answer may have caught it
            raise Died
        try:
            self._trouble(f"before {what}")
            given = act()
            self._trouble(f"after {what}")
        except Died:
            self._dead = True
            raise
        return given

    def claim(self) -> int | None:
        """Take the task: the fence, or None if it is over."""

        def take() -> int | None:
            self._world.fence += not self._world.completed
            return None if self._world.completed else self._world.fence

        fence: int | None = self._asked("claim", take)
        return fence

    def draft(self) -> str:
        """Have a model write the text, which is another one each time."""
        self._world.drafts.append(f"draft {len(self._world.drafts) + 1}")
        return self._world.drafts[-1]

    def remember(self, fence: int, key: str, value: str) -> str | None:
        """Keep a value, unless there is one; give the one that is kept, or None if the fence is over."""
        world = self._world
        kept: str | None = self._asked(
            "remember", lambda: world.kept.setdefault(key, value) if world.holds(fence) else None
        )
        return kept

    def send(self, key: str, text: str) -> None:
        """Send a mail; the receiver takes the first one of each key."""

        def deliver() -> None:
            self._world.mails.setdefault(key, text)
            self._world.sent.append(text)

        self._asked("send", deliver)

    def complete(self, fence: int, text: str) -> bool:
        """Complete the task, and say what was sent; false if the fence is over."""

        def write() -> bool:
            held = self._world.holds(fence)
            self._world.completed += [text] if held else []
            return held

        done: bool = self._asked("complete", write)
        return done


MOMENTS = [f"{when} {what}" for what in ("claim", "remember", "send", "complete") for when in ("before", "after")]


def play(
    attempt: Callable[[Desk], Any], deaths: Sequence[str] = (), pauses: Sequence[str] = (), desk: type[Desk] = Desk
) -> World:
    """Have servers attempt a task, each dying or falling asleep at its moment, until one has gone through.

    Parameters
    ----------
    attempt : callable
        Takes a desk.
    deaths, pauses : sequence of str
        For one server after the other, the moment at which it dies, or sleeps until another one is through.
    desk : type of Desk
        A class of the check's own, whose objects may be handed to an answer.
    """
    world = World()

    def run(death: str = "", pause: str = "") -> None:
        asleep = [pause]

        def trouble(moment: str) -> None:
            if moment == death:
                raise Died
            if moment == asleep[0]:
                asleep[0] = ""
                run()

        try:
            attempt(desk(world, trouble))
        except Died:
            return

    for death in deaths:
        run(death=death)
    for pause in pauses:
        run(pause=pause)
    run()
    return world


def once_fault(world: World, mails: int, deaths: Sequence[str] = (), pauses: Sequence[str] = ()) -> str:
    """Say which promise was broken after servers died and slept at these moments."""
    troubles = [f"servers died {', '.join(deaths)}"] * bool(deaths) + [f"slept {', '.join(pauses)}"] * bool(pauses)
    where = " and ".join(troubles) or "nobody died or slept"
    texts = sorted({str(text) for text in world.sent})
    if len(world.mails) < mails:
        return f"{where}: no mail was sent"
    if len(world.mails) > mails:
        return f"{where}: the receiver has {len(world.mails)} mails"
    if len(texts) > 1:
        return f"{where}: servers have sent {texts}"
    if not set(texts) <= set(world.drafts):
        return f"{where}: {texts[0]!r} was sent, and no draft says that"
    if not world.completed:
        return f"{where}: the task is not completed"
    return "" if world.completed == texts else f"{where}: {world.completed} is said to be sent, and it was {texts}"
