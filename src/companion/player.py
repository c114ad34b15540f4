"""A recorded run that moves: its trace goes into the page, and a small player draws it there, without Python.

A *trace* is what one run did between two moments: data that a scene of the player (``book/assets/player``) can draw at
any time in between, and steps, each a moment and a sentence, which are the film in words. Standard library only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

MIME = "application/vnd.companion.player+json"
"""The media type under which a player stands among a cell's outputs."""

LARGEST = 100_000
"""Bytes that all traces of one player may take together."""

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_SHORT, _LONG = 62, "-"
NEVER = 64 * 64 - 1
"""Stands for a moment that did not come, among packed numbers."""


@dataclass(frozen=True)
class Trace:
    """One run, ready to be drawn.

    Attributes
    ----------
    name : str
        The words on its button.
    start, end : float
        Between which moments it is recorded (in the player's unit of time).
    steps : tuple of (float, str)
        What there is to see, and when, in the order of time: the transcript, and where a step leads.
    data : mapping of str to object
        What the scene draws; JSON can hold it.
    preset : str
        The scenario of the chapter's panel that goes on from here; none if it is empty.
    """

    name: str
    start: float
    end: float
    steps: tuple[tuple[float, str], ...]
    data: Mapping[str, Any] = field(repr=False)
    preset: str = ""


def play(scene: str, title: str, traces: Sequence[Trace], *, alt: str, unit: str = "s", speed: float = 1.0) -> None:
    """Show recorded runs: in the page they move, elsewhere the first one is told step by step.

    Parameters
    ----------
    scene : str
        What draws them: the name of a module in ``book/assets/player``.
    title : str
        What there is to see.
    traces : sequence of Trace
        The first one plays at once, the others when their buttons are pressed.
    alt : str
        What the picture shows, for readers who do not see it.
    unit : str
        What time is counted in.
    speed : float
        How many units of it go by in a second.

    Raises
    ------
    ValueError
        If the traces take more than `LARGEST` bytes.
    """
    from IPython.display import display

    size = sum(len(json.dumps(trace.data, separators=(",", ":"))) for trace in traces)
    if size > LARGEST:
        raise ValueError(f"the traces take {size:,} bytes, more than {LARGEST:,}: record less, or pack it")
    content = {
        "scene": scene, "title": title, "alt": alt, "unit": unit, "speed": speed,
        "traces": [vars(trace) for trace in traces],
    }  # fmt: skip
    display({"text/plain": told(title, traces[0], unit), MIME: content}, raw=True)


def told(title: str, trace: Trace, unit: str) -> str:
    """Tell a trace in words, a line for each step."""
    return "\n".join([f"{title} ({trace.name})", *(f"{time:7.1f} {unit}  {words}" for time, words in trace.steps)])


def pack(numbers: Sequence[int]) -> str:
    """Write whole numbers from 0 to `NEVER` as text, small ones and `NEVER` in one character, others in three.

    Raises
    ------
    ValueError
        If a number is out of range.
    """
    for number in numbers:
        if not 0 <= number <= NEVER:
            raise ValueError(f"{number} cannot be packed: it takes 0 to {NEVER}")
    return "".join(map(_packed, numbers))


def _packed(number: int) -> str:
    if number == NEVER:
        return "_"
    return _DIGITS[number] if number < _SHORT else _LONG + _DIGITS[number // 64] + _DIGITS[number % 64]


def unpack(text: str) -> list[int]:
    """Read what `pack` wrote, as the player's ``unpack`` does."""
    numbers, letters = [], iter(text)
    for letter in letters:
        if letter == _LONG:
            numbers.append(64 * _DIGITS.index(next(letters)) + _DIGITS.index(next(letters)))
        else:
            numbers.append(NEVER if letter == "_" else _DIGITS.index(letter))
    return numbers


__all__ = ["LARGEST", "MIME", "NEVER", "Trace", "pack", "play", "unpack"]
