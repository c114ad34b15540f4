"""Numbers in prose: what is counted, how much of it hurt somebody, how long something took."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from companion.operations.postmortems.rules.passages import NUMBER, SPELLED, pattern, words

UNITS = {"s": 1 / 60, "m": 1.0, "h": 60.0, "d": 1440.0}
"""Minutes in a unit of time, by its first letter."""

MAYBE = re.compile(
    r"[0-9$€£]|(?i:\b(?:all|every|each|none|zero|no|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|dozen|half|"
    r"third|quarter|everyone|everybody|nobody|entire|whole|complete(?:ly)?|fully)\b)"
)
"""Without any of these, nothing is counted; it is sooner found than what is."""

UNIT = r"(?:seconds?|secs?|minutes?|mins?|min|hours?|hrs?|days?)"
LENGTH = (
    rf"(?:(?<![\w.,:/#-])\d+(?:\.\d+)?|\b(?:{'|'.join(sorted(SPELLED, key=len, reverse=True))}))[\s-]?(?:{UNIT}|[hm])\b"
)
SPAN = re.compile(r"sec|min|hour|hr|day|\d\s?[hm]\b", re.IGNORECASE)
ROUNDED = (
    r"(?:about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|over|more than|less than|under"
    r"|up to|just over|just under|~|≈)"
)


class Length(NamedTuple):
    """A length of time as it is told: minutes, how far off they may be, where it stands in the text, its words."""

    minutes: float
    grace: float
    start: int
    words: str


@cache
def impact() -> re.Pattern[str]:
    """Compile what says how many were hurt: people, what they asked for, money, a share of them."""
    count = f"(?:{words('people')}|{words('counted')})"
    stop = (
        rf"(?:{words('resources')}|and|or|for|in|at|to|from|by|with|when|while|because|after|before|until|during"
        rf"|on|is|was|are|were|\||[ap]m"
        r"|minutes?|mins?|hours?|seconds?|days?|weeks?|months?|years?|ms|UTC|jan\w*|feb\w*|mar\w*|apr\w*|may|june?"
        r"|july?|aug\w*|sep\w*|oct\w*|nov\w*|dec\w*)\b"
    )
    some = rf"(?:(?!{stop})[\w'’/-]+ ){{0,3}}?{count}\b"
    small = (
        r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|a dozen|half(?: of)?|a (?:third"
        r"|quarter) of)"
    )
    lost = (
        r"(?:was|were) (?:not|lost|affected|unavailable|unreachable|missing|wrong|delayed|deleted|exposed|charged|sent)"
    )
    rate = r"(?:error|failure|success|loss|bounce|conversion|abort) rates?|availability|errors|uptime"
    return pattern(
        rf"(?<!error\x20)(?<!status\x20)(?<!version\x20)(?!\b[45]\d\d (?:errors?|responses?)\b)(?!\b(?:19"
        rf"|20)\d\d\b(?!,)){NUMBER}\+? ?(?:%|per ?cent\b)? ?(?:of )?{some}"
        rf"|(?:{rate})[^.|\n\d]{{0,40}} {NUMBER} ?(?:%|per ?cent)|{NUMBER} ?(?:%|per ?cent) (?:\w+ )?(?:{rate}"
        rf"|failure|downtime)\b"
        rf"|[$€£] ?\d|{NUMBER} ?(?:USD|EUR|GBP|dollars|euros?|pounds)\b"
        rf"|(?:latenc(?:y|ies)|response times?|load(?:ing)? times?|p9\d)[^.|\n]{{0,80}}? \d[\d.,]* ?(?:ms"
        rf"|milliseconds?|s|seconds?|minutes?)\b"
        rf"|\b(?:all|every|each|none of|zero|100 ?%|no)(?: of)?(?: our| the)? {some}|{small} (?:our |the )?{some}"
        rf"|(?:{NUMBER}|{small}) (?:(?!{stop})[\w-]+ ){{1,3}}?(?:could not|couldn['’]t|cannot|failed|{lost})\b"
        r"|\b(?:USD|EUR|GBP|CHF) ?\d|\b(?:everyone|everybody|nobody|no one)\b|\bone in (?:\w+)\b"
        r"|\b(?:entire|whole) (?:site|service|website|platform|region|company|app|cluster)\b"
        r"|\bcomplete(?:ly)? (?:outage|unavailable|down)\b"
        r"|\b(?:completely|entirely|fully) (?:down|unavailable|offline|inaccessible)\b"
    )


@lru_cache(maxsize=2048)
def counted(text: str) -> bool:
    """Tell whether a text says how many, or how much, was hurt."""
    return MAYBE.search(text) is not None and impact().search(text) is not None


def lengths(text: str) -> Iterator[Length]:
    """Find the lengths of time in a text: ``44 minutes``, ``1 hour and 12 minutes``, ``about two hours``.

    A length in minutes may be two off; one in hours a quarter of an hour; a rounded one by a tenth more.
    """
    if not SPAN.search(text):
        return
    for found in pattern(rf"(?:{ROUNDED} ?)?{LENGTH}(?:(?: and|,)? ?{LENGTH})?").finditer(text):
        parts = re.findall(rf"([\d.]+|[a-z ]+?)[\s-]?({UNIT}|[hm])\b", _bare(found[0]), re.IGNORECASE)
        minutes = sum(_number(amount) * UNITS[unit[0].lower()] for amount, unit in parts)
        coarse = max((UNITS[unit[0].lower()] for _, unit in parts[-1:]), default=1.0)
        rounded = re.match(ROUNDED, found[0], re.IGNORECASE) is not None
        grace = 2.0 if coarse <= 1 else coarse / 4 if "." in parts[-1][0] else coarse / 2
        yield Length(minutes, max(grace, 5 + minutes / 10) if rounded else grace, found.start(), found[0].strip())


def _bare(text: str) -> str:
    return re.sub(rf"^{ROUNDED}\s*|\band\b|,", " ", text, flags=re.IGNORECASE)


def _number(text: str) -> float:
    text = " ".join(text.lower().split())
    return float(SPELLED[text]) if text in SPELLED else float(text)
