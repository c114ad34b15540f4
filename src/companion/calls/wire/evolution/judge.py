"""What became of a value, in one letter, from the reader's side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

LETTERS = {
    "=": "the right value",
    "n": "never sent, and the reader is told: None",
    "z": "never sent, and shown as 0 or empty",
    "L": "sent, and lost without a word",
    "W": "a wrong value without an error",
    "E": "an error",
}
"""From the best to the worst."""

RARE = 0.1
"""Below this share a letter is written small; where nothing is wrong, it is left out."""


@dataclass(frozen=True)
class Refused:
    """A codec has raised: what it said."""

    why: str


Received = dict[str, Any] | Refused


def judge(sent: Mapping[str, Any], received: Received, other_name: Callable[[str], str] = str) -> str:
    """Give the worst letter of a record.

    Parameters
    ----------
    sent
        What the writer meant, by its own names.
    received
        What the reader has, by its names, or why it has nothing.
    other_name
        What the writer calls a field of the reader's.
    """
    if isinstance(received, Refused):
        return "E"
    letters = [letter(sent.get(other_name(name)), got, was_sent=other_name(name) in sent)
               for name, got in received.items()]  # fmt: skip
    return max(letters, key=list(LETTERS).index, default="=")


def letter(sent: Any, got: Any, *, was_sent: bool) -> str:
    """Judge one field that the reader knows."""
    if was_sent and same(sent, got):
        return "="
    absent, zero = got is None, got in (0, "")
    if was_sent:
        return "L" if absent or zero else "W"
    return "n" if absent else "z" if zero else "W"


def same(sent: Any, got: Any) -> bool:
    """Whether two values mean the same, be one a number and the other its digits."""
    if type(sent) is type(got):
        return bool(sent == got)
    try:
        return Decimal(str(sent)) == Decimal(str(got))
    except InvalidOperation:
        return False


def cell(letters: Mapping[str, int]) -> str:
    """Write a cell of the table: the most frequent letter, then the others, small where they are rare."""
    total = sum(letters.values())
    shown = [name if number >= RARE * total else name.lower() if name in "LWE" else ""
             for name, number in Counter(letters).most_common()]  # fmt: skip
    return "".join(shown)
