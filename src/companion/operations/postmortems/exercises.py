"""What the checks of chapter 28's exercises are made of: nights with silences, and outages with lessons and actions."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from companion.operations.postmortems.document import Document
from companion.operations.postmortems.reading.read import parse

DAY = 24 * 60


def some_night(seed: int, entries: int = 7) -> tuple[list[str], int, list[tuple[str, str]]]:
    """Draw the clocks of a timeline, how long a silence may be, and the silences that are longer.

    Parameters
    ----------
    seed : int
        Where the random numbers begin.
    entries : int
        How many there are; some last for a while, and midnight may come between or within them.

    Returns
    -------
    tuple
        The clocks, the minutes, and for each longer silence the clocks of its end and beginning.
    """
    chance = Random(seed)
    most = chance.randrange(5, 40)
    at, end, clocks, silent = chance.randrange(DAY), "", [], []
    for _ in range(entries):
        wait, stay = chance.randrange(1, 60), chance.choice((0, 0, chance.randrange(1, 90)))
        at += wait
        begin = _clock(at)
        if end and wait > most:
            silent.append((end, begin))
        at += stay
        end = _clock(at)
        clocks.append(f"{begin} - {end}" if stay else begin)
    return clocks, most, silent


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def outage(actions: Sequence[tuple[str, str, str]], second: str = "") -> Document:
    """Write a post mortem with three lessons and some actions, and read it.

    Parameters
    ----------
    actions : sequence of (str, str, str)
        When each is due, which lesson it says that it follows from, and its status.
    second : str
        What stands behind the second lesson.
    """
    lessons = f"1. One thing.\n2. Another.{second}\n3. A third."
    head = "| # | Action | Owner | Due | Lesson | Status |\n|---|---|---|---|---|---|"
    rows = [f"| {number} | Add an alert | Ana Lima | {due} | {lesson} | {status} |"
            for number, (due, lesson, status) in enumerate(actions, start=1)]  # fmt: skip
    return parse("\n\n".join([
        "# Nobody could pay", "## Lessons learned", lessons, "## Action items", "\n".join([head, *rows])
    ]))  # fmt: skip


__all__ = ["outage", "some_night"]
