"""Dates, clock times and time zones, as people write them in the middle of the night."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_NAMES = (
    "jan january januar janvier enero janeiro", "feb february februar février febrero fevereiro",
    "mar march märz mars marzo março",
    "apr april avril abril", "may mai mayo maio", "jun june juni juin junio junho", "jul july juli juillet julio julho",
    "aug august août agosto", "sep sept september septembre septiembre setembro",
    "oct october oktober octobre octubre outubro",
    "nov november novembre noviembre novembro", "dec december dezember décembre diciembre dezembro",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}
_MONTH = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
DATE = re.compile(
    rf"""(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?\s+(?:the\s+)?)?(?:
        (?<!\d)(?P<y1>\d{{4}})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})(?!\d)
      | (?<!\d)(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er|\.)?(?:\s+(?:of|de))?[\s-]+(?P<m2>{_MONTH})
        (?:(?:[,\s-]|de\s)+(?P<y2>\d{{4}})(?![\d:.]))?
      | \b(?P<m3>{_MONTH})\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?(?:\s?[–-]\s?\d{{1,2}})?(?![\d:])
        (?:,?\s+(?P<y3>\d{{4}})(?![\d:.]))?
      | (?<!\d)(?P<d4>\d{{1,2}})\.(?P<m4>\d{{1,2}})\.(?P<y4>\d{{4}})(?!\d)
      | (?<!\d)(?P<m5>\d{{1,2}})(?P<mark>[/-])(?P<d5>\d{{1,2}})(?P=mark)(?P<y5>\d{{4}})(?!\d)
      | (?<!\d)(?:(?P<y6>\d{{4}})年)?(?P<m6>\d{{1,2}})月(?P<d6>\d{{1,2}})日
    )""",
    re.I | re.X,
)
"""A date with a day and a month, and perhaps a year; ``05/04/2026`` is read as May, as most who write so mean it, and
``25/04/2026`` as April, as nothing else is left."""

ZONE = re.compile(
    r"(?:UTC|GMT)(?:\s?(?:\+\s?|-)\d{1,2}(?::?\d{2})?)?\b|(?<![A-Za-z])Z(?![\w-])"
    r"|\b(?:[PMCE][SD]?T|AK[SD]T|HST|BST|IST|JST|KST|SGT|HKT|CES?T|EES?T|WES?T|MSK|AE[SD]?T|AW[SD]T|AC[SD]T|NZ[SD]?T"
    r"|BRT|SAST|WIB|PKT|CAT|EAT|WAT)\b"
    r"|\b(?i:(?:pacific|eastern|central|mountain|local|central european|japan|india|british summer)"
    r"(?: standard| daylight| summer)? time)\b"
    r"|(?<![\d-])[+-]\d{2}:?\d{2}(?!\d)|\b(?:Africa|America|Asia|Atlantic|Australia|Canada|Europe|Pacific)/[A-Z][A-Za-z_]+"
    r"|\bUS[/ ](?:Pacific|Eastern|Central|Mountain|Alaska|Hawaii|Arizona)\b"
    r"|(?:(?<=[Tt]imes )|(?<=[Tt]imes in )|(?<=[Tt]imes are )|(?<=[Tt]imes are in )|(?<=[Tt]imes: ))"
    r"(?:US )?(?:Pacific|Eastern|Central|Mountain)\b"
)
"""A time zone as it is written."""

_CLOCK = re.compile(
    r"(?P<h>\d{1,2})\s?[:.h：時时点]\s?(?P<m>\d{2})(?!\d)分?(?:\s?[:.]\s?(?P<s>\d{2})(?!\d)(?:[.,]\d+)?)?(?:\s?(?P<half>[ap])\.?m\b\.?|(?P<half4>[ap])\b)?"
    r"|(?P<h2>\d{1,2})\s?(?P<half2>[ap])\.?m\b\.?"
    r"|(?P<h3>[0-2]\d)(?P<m3>[0-5]\d)(?=\s?(?:UTC|GMT|Z|h|hrs|hours)\b)"
    r"|(?P<unknown>\?\?\s?[:.]\s?\?\?|\d{1,2}:\?\?|\[\?+\]|\?{2,})",
    re.I,
)
_ABOUT = re.compile(r"(?:[~≈∼]\s?|(?:about|around|approx(?:imately|\.)?|circa|ca\.)\s)?", re.I)
_BEFORE = re.compile(r"[\s\[(*_`>•·-]*(?:(?:\d{4}|Y{4})-(?:MM-(?:DD|\d{1,2})|\d{1,2}-DD)[\sT]+)?(?:at\s+)?", re.I)
_BETWEEN = re.compile(r"(?:[\s,;|@)\]–—-]|[T/](?=\d)|at\b|um\b|à\b|:(?=\s))*", re.I)
_TO = re.compile(r"\s*(?:-|–|—|〜|～|~|to\b|until\b|till\b)\s*", re.I)
_AFTER = re.compile(r"[\s\])*_`]*(?:[:：,;|.–—-]+(?=\s|$)|[:：–—])?[\s*_`|]*")
_ZONES = re.compile(rf"(?:\s{{0,3}}[(\[/]?\s{{0,3}}(?:{ZONE.pattern})(?:\s?[)\]])?)*")

_DATED = re.compile(rf"\s?(?:\(|on\s)(?:{DATE.pattern})\)?", re.I | re.X)


@dataclass(frozen=True)
class Clock:
    """A time of day: minutes since midnight, or None where the writer left it open."""

    text: str
    minutes: float | None


@dataclass(frozen=True)
class Lead:
    """What a line of a timeline begins with.

    Attributes
    ----------
    clock, until : Clock or None
        Its time, and where a stretch is given, its end. Without either there is only a date.
    date : tuple of (int or None, int, int), or None
        Year, month and day.
    zone : str
        As written.
    rest : str
        The line without all that.
    """

    clock: Clock | None
    until: Clock | None
    date: tuple[int | None, int, int] | None
    zone: str
    rest: str
    text: str


def leading(line: str) -> Lead | None:
    """Read date, time and zone at the beginning of a line; None if there is neither date nor time."""
    start = at = _BEFORE.match(line).end()  # type: ignore[union-attr]
    date = None
    if found := DATE.match(line, at):
        date, at = numbers(found), found.end()
        at = _BETWEEN.match(line, at).end()  # type: ignore[union-attr]
    clock, after = _clock(line, at)
    if clock is None:
        if date is None:
            return None
        end = found.end() if found else at
        return Lead(None, None, date, "", _rest(line, end), line[start:end])
    zones, after = _zones(line, after)
    if date is None and (found := _DATED.match(line, after)):
        date, after = numbers(found), found.end()
    until = None
    if to := _TO.match(line, after):
        second = to.end()
        if found := DATE.match(line, second):
            second = _BETWEEN.match(line, found.end()).end()  # type: ignore[union-attr]
        until, end = _clock(line, second)
        if until is not None:
            more, after = _zones(line, end)
            zones = zones or more
        elif to[0].strip() in "〜～~":
            after = to.end()
    text = line[start:after].strip(" *_`)]")
    return Lead(clock, until, date, zones, _rest(line, after), text + ")" * (text.count("(") - text.count(")")))


def _rest(line: str, at: int) -> str:
    return line[_AFTER.match(line, at).end() :].strip()  # type: ignore[union-attr]


def _clock(line: str, at: int) -> tuple[Clock | None, int]:
    at = _ABOUT.match(line, at).end()  # type: ignore[union-attr]
    found = _CLOCK.match(line, at)
    if found is None:
        return None, at
    if found["unknown"]:
        return Clock(found[0], None), found.end()
    hours = int(found["h"] or found["h2"] or found["h3"])
    minutes = int(found["m"] or found["m3"] or 0) + int(found["s"] or 0) / 60
    half = (found["half"] or found["half2"] or found["half4"] or "").lower()
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half == "p" else 0)
    if hours > 24 or minutes >= 60:
        return None, at
    return Clock(found[0].strip(), 60 * hours + minutes), found.end()


def _zones(line: str, at: int) -> tuple[str, int]:
    found = _ZONES.match(line, at)
    return (found[0].strip(" ()[]"), found.end()) if found and found[0] else ("", at)


def numbers(found: re.Match[str]) -> tuple[int | None, int, int] | None:
    """Give year, month and day of a match of `DATE`; None where no such day exists."""
    parts = {key[0]: value for key, value in found.groupdict().items() if value is not None and key != "mark"}
    month = parts["m"]
    number, day = int(month) if month.isdigit() else _MONTHS[month.lower().rstrip(".")], int(parts["d"])
    if found["mark"] and number > 12:
        number, day = day, number
    year = int(parts["y"]) if "y" in parts else None
    if month == "may" and year is None:  # "5 may fail"
        return None
    try:
        dt.date(year or 2024, number, day)  # a leap year, so that 29 February is a day
    except ValueError:
        return None
    return year, number, day


def dates(text: str, year: int | None = None) -> list[dt.date]:
    """List the dates in a text; one without a year is of the year given, or left out."""
    found = [numbers(match) for match in DATE.finditer(text)]
    return [day for one in found if one and (day := as_date(one, year))]


def as_date(parts: tuple[int | None, int, int], year: int | None) -> dt.date | None:
    """Complete a date by a year, if it has none; None if no such day exists."""
    if (whole := parts[0] or year) is None:
        return None
    try:
        return dt.date(whole, parts[1], parts[2])
    except ValueError:
        return None


def zone_in(text: str) -> str:
    """Find the first time zone that a text names, or two that stand beside each other; empty if there is none."""
    found = ZONE.search(text)
    if not found:
        return ""
    both = re.match(rf"\s*(?:/|and\b|or\b|,)\s*(?:{ZONE.pattern})", text[found.end() :])
    return found[0] + (both[0] if both else "")
