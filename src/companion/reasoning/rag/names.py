"""Whose filing, and of when: read off a cover, and off a question.

    "What did Norvanel earn after tax between April and June 2025?"
    firms: Norvanel     periods: Q2 2025     left: "What did earn after tax?"

What is left is what a row's name can be compared with; the names are what documents can be filtered by. Dates are read
in the forms in which people write quarters and years: "Q2 2025", "the second quarter of 2025", "between April and June
2025", "on June 30, 2025", "FY2024". The last day of December is the end of a year, unless a quarter is spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from companion.reasoning.filings.truth import MONTHS, Period
from companion.reasoning.rag.chunks import RagError

_MONTH = "|".join(MONTHS)
_ORDINALS = ("first", "second", "third", "fourth")
_LEAD = (
    r"(?:\b(?:in|at|on|over|for|during|of|as of|by|when|between|from|within)\s+)?(?:the\s+)?"
    r"(?:(?:end|close|whole|course|quarter|year)\s+of\s+)?(?:the\s+)?"
)
_BEFORE = ("in", "at", "on", "over", "for", "during", "as", "by", "when", "between", "from", "within")
_LOST = re.compile(r"\(\s*\)|\b(?:of|for|from|at|by|in|to)(?=\s*(?:[?.,:;)]|$))")
"""What has lost the name behind it."""


@dataclass(frozen=True)
class Cover:
    """What a filing says of itself above its first section.

    Attributes
    ----------
    firm, full_name, ticker, form : str
        Such as Norvanel, Norvanel Systems, Inc., NORVAN and 10-Q.
    period : Period
        What it reports on.
    filed : date
        When it was filed, or published.
    """

    firm: str
    full_name: str
    ticker: str
    form: str
    period: Period
    filed: date

    @property
    def label(self) -> str:
        """What each piece of the filing is about, in a few words."""
        return f"{self.full_name}, {self.form}, {self.period.name}"


@dataclass(frozen=True)
class Named:
    """A question, and whom and when it is about.

    Attributes
    ----------
    firms : tuple of str
        The firms that it names, each once, by their short names.
    periods : tuple of Period
        The periods that it names, each once.
    left : str
        The question without them.
    plain : str
        The question with each firm's short name and each period's, such as Q2 2025, in place of what stood there.
    """

    firms: tuple[str, ...]
    periods: tuple[Period, ...]
    left: str
    plain: str


def read_cover(text: str) -> Cover:
    """Read firm, form, period and day of a filing or a press release.

    Raises
    ------
    RagError
        If the text does not begin with a cover.
    """
    head = text.partition("\n\n")[0]
    form = re.match(r"FORM (\S+)$|PRESS RELEASE$", head, re.M)
    name = re.search(r"^(.+?)(?:, [^,\n]+ \(ticker [A-Z]+\)$| \(ticker [A-Z]+\) reports on)", head, re.M)
    ticker = re.search(r"\(ticker ([A-Z]+)\)", head)
    told = re.search(r"\((Q[1-4] \d{4}|FY\d{4})\)$| reports on (.+)$", head, re.M)
    days = [*_days(head)]
    if not (form and name and ticker and told and days):
        raise RagError(f"no cover of a filing: {head[:60]!r}")
    (period,) = periods_in(told[1] or told[2])
    full = name[1]
    return Cover(full.split()[0].rstrip(","), full, ticker[1], form[1] or "press release", period, days[-1])


def _days(text: str) -> Iterator[date]:
    for month, day, year in re.findall(rf"\b({_MONTH}) (\d\d?), (\d{{4}})\b", text):
        yield date(int(year), MONTHS.index(month) + 1, int(day))


def aliases(covers: Iterable[Cover]) -> dict[str, str]:
    """Give what firms may be called: short name, full name and ticker, each with the short name that it means."""
    return {called: cover.firm for cover in covers for called in (cover.full_name, cover.firm, cover.ticker)}


def read_question(question: str, called: Mapping[str, str]) -> Named:
    """Read firms and periods off a question.

    Parameters
    ----------
    question : str
        As it was asked.
    called : mapping of str to str
        What `aliases` gives.

    Returns
    -------
    Named
        With no firm where it names none that has filed.
    """
    found: list[tuple[int, int, str | tuple[Period, ...]]] = [*_firms(question, called), *_periods(question)]
    firms, periods = dict[str, None](), dict[Period, None]()
    left, plain, behind = "", "", 0
    for start, end, named in sorted(found, key=lambda each: each[0]):
        left += question[behind:start]
        plain += question[behind:start]
        behind = end
        if isinstance(named, str):
            firms[named] = None
            plain += named
            if question[end : end + 2] == "'s":
                behind += 2
                plain += "'s"
        else:
            periods |= dict.fromkeys(named)
            plain += "in " * (question[start:end].split()[0].lower() in _BEFORE) + ", ".join(
                each.name for each in named
            )
        left += " "
    rest = question[behind:]
    return Named(tuple(firms), tuple(periods), _tidy(left + rest), (plain + rest).strip())


def periods_in(text: str) -> tuple[Period, ...]:
    """List the periods that a text names, each once."""
    return tuple(dict.fromkeys(period for _, _, named in _periods(text) for period in named))


def _tidy(text: str) -> str:
    return re.sub(r"\s+(?=[?.,:;)])|(?<=\s)\s+", "", _LOST.sub("", text)).strip(" ,:")


Found = tuple[int, int, tuple[Period, ...]]


def _firms(question: str, called: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    longest = sorted(called, key=len, reverse=True)
    if not longest:
        return
    for found in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", question):
        yield found.start(), found.end(), called[found[0]]


# Periods: each form with what it means, the most telling first; what one has read the next leaves alone.


def _periods(text: str) -> list[Found]:
    by_quarter = re.search(r"\bquarters?\b", text) is not None
    found: list[Found] = []
    for form, meaning in _FORMS:
        for match in form.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end, _ in found):
                found.append((match.start(), match.end(), meaning(match, by_quarter)))
    return sorted(each for each in found if each[2])


def _quarters(year: str, first: int, last: int) -> tuple[Period, ...]:
    return tuple(Period(int(year), quarter) for quarter in range(first, last + 1))


def _named(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    return tuple(Period(int(match["year"]), int(digit)) for digit in re.findall(r"Q([1-4])", match["which"]))


def _ordinal(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    number = _ORDINALS.index(match["which"].lower()) + 1
    return _quarters(match["year"], number, number)


def _first(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    return _quarters(match["year"], 1, ("two", "three", "four").index(match["which"].lower()) + 2)


def _months(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    """Read whole quarters, such as April to June; other months are no period of a filing."""
    first, last = MONTHS.index(match["first"]), MONTHS.index(match["last"]) + 1
    if first % 3 or last % 3 or first >= last:
        return ()
    return (Period(int(match["year"])),) if last - first == 12 else _quarters(match["year"], first // 3 + 1, last // 3)


def _up_to(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    last = MONTHS.index(match["last"]) + 1
    return () if last % 3 else _quarters(match["year"], 1, last // 3)


def _ended(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    """Read the quarter or the year that ends with a month."""
    last = MONTHS.index(match["last"]) + 1
    if last == 12 and (match["many"] or "twelve") != "three":
        return (Period(int(match["year"])),)
    return () if last % 3 else _quarters(match["year"], last // 3, last // 3)


def _year(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    return (Period(int(match["year"])),)


def _bare(match: re.Match[str], by_quarter: bool) -> tuple[Period, ...]:
    """Read a year alone: of "which quarter of 2025" each quarter is meant."""
    return _quarters(match["year"], 1, 4) if by_quarter else (Period(int(match["year"])),)


_YEAR = r"(?P<year>20\d\d)\b"
_ENDED = rf"(?:(?P<many>three|twelve) months (?:to|ended|ending)(?: in)?\s+)?(?P<last>{_MONTH})"
_FORMS: list[tuple[re.Pattern[str], Callable[[re.Match[str], bool], tuple[Period, ...]]]] = [
    (re.compile(_LEAD + form, re.I), meaning)
    for form, meaning in (
        (rf"(?P<which>Q[1-4](?:(?:, | and |, and )Q[1-4])*)\s+{_YEAR}", _named),
        (rf"(?P<which>first|second|third|fourth) quarter(?: of| in|,)?\s+{_YEAR}", _ordinal),
        (rf"first (?P<which>two|three|four) quarters of {_YEAR}(?: together)?", _first),
        (rf"(?P<first>{_MONTH}) (?:and|to|through) (?P<last>{_MONTH}) {_YEAR}", _months),
        (rf"{_YEAR}[, ]+up to (?:the end of )?(?P<last>{_MONTH})", _up_to),
        (rf"{_ENDED} \d\d?, {_YEAR}", _ended),
        (rf"{_ENDED} {_YEAR}(?: (?:was over|ended|closed))?", _ended),
        (rf"(?:FY ?|fiscal (?:year )?){_YEAR}", _year),
        (_YEAR, _bare),
    )
]
