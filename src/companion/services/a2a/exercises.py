"""What the checks of chapter 9's exercises need: servers that die and pause at every step, and streams that break."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
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
    last = every * (died // every)
    free = last + lease
    look = first_look
    while look <= free:
        look += looks
    return look - died


# Exercise 3: a store that is asked by several servers


@dataclass(frozen=True)
class Step:
    """One thing that a server asks of the store.

    Attributes
    ----------
    what : str
        ``claim`` or ``complete``.
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
        now += rng.choice([0.1, 0.5, 1.0, 3.0])
        told.append(Step(rng.choice(["claim", "claim", "complete"]), rng.choice("ABC"), round(now, 1)))
    return told


def expected(story: Sequence[Step], tasks: Sequence[str], seconds: float) -> list[Any]:
    """Give what a right store answers: a pair of task and fence or None to a claim, a boolean to a completion."""
    free_at = dict.fromkeys(tasks, 0.0)
    fences = dict.fromkeys(tasks, 0)
    done: set[str] = set()
    held: dict[str, tuple[str, int]] = {}
    answers: list[Any] = []
    for step in story:
        if step.what == "claim":
            task = next((each for each in tasks if each not in done and free_at[each] <= step.now), None)
            if task is None:
                answers.append(None)
                continue
            fences[task] += 1
            free_at[task] = step.now + seconds
            held[step.server] = (task, fences[task])
            answers.append(held[step.server])
        else:
            task, fence = held.get(step.server, (tasks[0], 0))
            good = task not in done and fence == fences[task] and fence > 0
            done |= {task} if good else set()
            answers.append(good)
    return answers


def ask(store: Any, story: Sequence[Step]) -> list[Any]:
    """Ask a store all that; each server completes what it claimed last."""
    held: dict[str, tuple[str, int]] = {}
    answers: list[Any] = []
    for step in story:
        if step.what == "claim":
            claimed = store.claim(step.server, step.now)
            if claimed is not None:
                held[step.server] = claimed
            answers.append(claimed)
        else:
            task, fence = held.get(step.server, (store.tasks[0], 0))
            answers.append(store.complete(task, fence))
    return answers


# Exercise 4: a stream that breaks


@dataclass
class Source:
    """Server-Sent Events that break after so many lines, again and again.

    Attributes
    ----------
    events : list of str
        The data; the first one's id is 1.
    breaks : list of int
        After how many lines each connection breaks; then none does.
    asked : list of str
        The last id that was sent at each connection.
    """

    events: list[str]
    breaks: list[int]
    asked: list[str] = field(default_factory=list)

    def connect(self, last: str) -> Iterator[str] | None:
        """Give the lines of the stream behind an event, or None if there is nothing more."""
        self.asked.append(last)
        if len(self.asked) > 5 * len(self.events) + 20:
            raise AssertionError("it connects again and again, and gets no further")
        known = int(last or 0)
        if known >= len(self.events):
            return None
        return self._lines(known, self.breaks.pop(0) if self.breaks else 10**9)

    def _lines(self, known: int, left: int) -> Iterator[str]:
        for number, data in enumerate(self.events[known:], start=known + 1):
            for line in [": ping", f"id: {number}", *(f"data: {part}" for part in data.split("\n")), ""]:
                if left == 0:
                    raise ConnectionError("reset by peer")
                left -= 1
                yield line


# Exercise 6: servers that die and pause anywhere


class Died(BaseException):
    """The server is gone."""


@dataclass
class Desk:
    """A task's rows, and a mailbox elsewhere, as one attempt sees them.

    Whatever a server asks for, it may die before or after it, or be asleep for so long that another server does it all.
    """

    world: World
    server: str
    trouble: Callable[[str], None]

    def claim(self) -> int | None:
        """Take the task: the fence, or None if it is over."""
        self.trouble("before claim")
        fence = self.world.claim()
        self.trouble("after claim")
        return fence

    def draft(self) -> str:
        """Have a model write the text, which is another one each time."""
        self.world.drafts += 1
        return f"draft {self.world.drafts}"

    def remember(self, fence: int, key: str, value: str) -> str | None:
        """Keep a value, unless there is one; give the one that is kept, or None if the fence is over."""
        self.trouble("before remember")
        kept = self.world.remember(fence, key, value)
        self.trouble("after remember")
        return kept

    def send(self, key: str, text: str) -> None:
        """Send a mail; the receiver takes the first one of each key."""
        self.trouble("before send")
        self.world.mails.setdefault(key, text)
        self.world.sent.append((key, text))
        self.trouble("after send")

    def complete(self, fence: int, text: str) -> bool:
        """Complete the task, and say what was sent; false if the fence is over."""
        self.trouble("before complete")
        done = self.world.complete(fence, text)
        self.trouble("after complete")
        return done


@dataclass
class World:
    """What is there when a server has died."""

    fence: int = 0
    kept: dict[str, str] = field(default_factory=dict)
    mails: dict[str, str] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    drafts: int = 0

    def claim(self) -> int | None:
        """Give the next fence, if the task is not over."""
        if self.completed:
            return None
        self.fence += 1
        return self.fence

    def remember(self, fence: int, key: str, value: str) -> str | None:
        """Keep the first value of a key."""
        if fence != self.fence or self.completed:
            return None
        return self.kept.setdefault(key, value)

    def complete(self, fence: int, text: str) -> bool:
        """Complete the task once, under the newest fence."""
        if fence != self.fence or self.completed:
            return False
        self.completed.append(text)
        return True


MOMENTS = [f"{when} {what}" for what in ("claim", "remember", "send", "complete") for when in ("before", "after")]


def play(attempt: Callable[[Desk], Any], deaths: Sequence[str] = (), pauses: Sequence[str] = ()) -> World:
    """Have servers attempt a task, each dying or pausing at its moment, until one has gone through.

    Parameters
    ----------
    attempt : callable
        Takes a `Desk`.
    deaths, pauses : sequence of str
        For one server after the other, the moment at which it dies, or sleeps until another one is through.
    """
    world = World()

    def run(server: str, death: str, pause: str) -> None:
        asleep = [pause]

        def trouble(moment: str) -> None:
            if moment == death:
                raise Died
            if moment == asleep[0]:
                asleep[0] = ""
                attempt(Desk(world, f"{server}, awake", lambda moment: None))

        try:
            attempt(Desk(world, server, trouble))
        except Died:
            return

    for number, death in enumerate(deaths):
        run(f"server {number}", death, "")
    for number, pause in enumerate(pauses):
        run(f"sleeper {number}", "", pause)
    run("the last server", "", "")
    return world
