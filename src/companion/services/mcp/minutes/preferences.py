"""What a sentence says about when: read by a program, and held to by it.

"No mail before ten" has two halves. What it is about, a model may find out: that takes language. Whether mail is shown
at half past eight, it may not decide: a prohibition that a model can forget, or be talked out of, is none. So the other
half is read here, by rules that fit on a page, and obeyed whatever the model says:

* *no, not, never, without, don't*: what the sentence is about is left out; with a time, for as long as it says;
* *before, until, after* and a time (ten, 10:30, 8 pm, noon): only then;
* *before anything else*, *after everything else*, or *first* or *last* at the end: its place in the briefing.

What comes after *before* and is none of these is not understood. In a prohibition that forbids for the whole day, and
either way it is said: "no mail before breakfast" shows no mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

_HOURS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
          "eleven": 11, "twelve": 12}  # fmt: skip
_NO = re.compile(
    r"\b(?:no|not|never|nothing|without|don['’]t|skip)\b(?! (?:more|less|fewer|later|earlier) than\b)", re.I
)
_FIRST = re.compile(r"\bbefore (?:any|every)thing(?: else)?\b|\bfirst\W*$", re.I)
_LAST = re.compile(r"\bafter (?:any|every)thing(?: else)?\b|\blast\W*$", re.I)
_WHEN = re.compile(r"\b(before|until|till|after)\s+(.+)", re.I)
_TIME = re.compile(rf"(?:at )?(?:(\d{{1,2}})(?:[:.](\d\d))?|({'|'.join(_HOURS)})\b)\s*(am|pm|o'clock)?\b", re.I)


@dataclass(frozen=True)
class Terms:
    """When a sentence wants what it is about.

    Attributes
    ----------
    never : bool
        Not at all.
    begins, ends : time or None
        From when on, and until when; None is no bound.
    place : int
        -1 before the others, 1 after them, 0 where the sentence stands.
    puzzle : str
        What of it was not understood.
    """

    never: bool = False
    begins: time | None = None
    ends: time | None = None
    place: int = 0
    puzzle: str = ""

    @property
    def restricts(self) -> bool:
        """Whether there is a time of day at which it is not wanted."""
        return self.never or self.begins is not None or self.ends is not None

    def refuses(self, now: time) -> str:
        """Say why it is not wanted at this time of day, or nothing."""
        if self.never:
            return "not wanted" + (f": {self.puzzle!r} is not understood" if self.puzzle else "")
        if self.begins and now < self.begins:
            return f"not before {self.begins:%H:%M}"
        return f"not after {self.ends:%H:%M}" if self.ends and now >= self.ends else ""


def read_terms(sentence: str) -> Terms:
    """Read what a sentence says about when."""
    place = -1 if _FIRST.search(sentence) else 1 if _LAST.search(sentence) else 0
    rest = _LAST.sub(" ", _FIRST.sub(" ", sentence))
    forbids = _NO.search(rest) is not None
    when = _WHEN.search(rest)
    if when is None:
        return Terms(never=forbids, place=place)
    moment = _time(when[2])
    if moment is None:
        return Terms(never=forbids, place=place, puzzle=when[0].strip())
    opens = when[1].lower() == "after"  # "after ten" opens at ten, "before ten" closes; "not" turns it round
    return Terms(begins=moment, place=place) if opens != forbids else Terms(ends=moment, place=place)


def _time(text: str) -> time | None:
    """Read the time of day that a text begins with."""
    if (named := re.match(r"(noon|midnight)\b", text, re.I)) is not None:
        return time(12 if named[1].lower() == "noon" else 0)
    found = _TIME.match(text)
    if found is None:
        return None
    digits, minutes, word, half = found.groups()
    hour = int(digits) if digits else _HOURS[word.lower()]
    if (half or "").lower() in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    return time(hour, int(minutes or 0)) if hour < 24 and int(minutes or 0) < 60 else None
