"""The numbers of the prose: which a cell holds, which a source, which the reader sets, and which nobody does.

A number counts when it has a unit (of time, data, or a rate), is a percentage or share, or a factor. It is written in
digits or in words. What stands in code, in mathematics or in an address is not prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from companion.book.check.settings import Setting, settings_in
from companion.notebooks import cell_source

CLAIM_LINK = re.compile(r"\[([^\]]+)\]\(#claim-([a-z0-9-]+)\)")
CITATION = re.compile(r"\{cite[a-z:]*\}`([^`]+)`")
_SOURCE = re.compile(r"\{cite[a-z:]*\}`([^`]+)`|\]\((https?://[^)\s]+)\)")

_ONES = {"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
         "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
         "seventeen": 17, "eighteen": 18, "nineteen": 19}  # fmt: skip
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_FRACTION = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "hundredth": 0.01,
             "thousandth": 0.001}  # fmt: skip

_SMALL = "|".join([*_ONES, *_TENS])
_WORD = rf"(?:(?:(?:{'|'.join(_TENS)})-(?:{'|'.join(_ONES)})|{_SMALL}|a)\s+)?(?:{'|'.join(_LARGE)})"
_WORD = rf"(?:{_WORD}|(?:{'|'.join(_TENS)})(?:-(?:{'|'.join(_ONES)}))?|{'|'.join(_ONES)})"
_PART = rf"(?:(?:an?|{_SMALL})\s+)?(?:{'|'.join(_FRACTION)})s?"
_NUMBER = rf"(?P<number>[-−]?\d[\d,_]*(?:\.\d+)?(?:\s+(?:{'|'.join(_LARGE)}))?|\b{_WORD}\b)"
_TIME = r"(?:(?:milli|micro|nano)?seconds?|minutes?|hours?|days?|weeks?|years?|ms|µs|ns|s)\b"
_SECONDS = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "m": 1e-3, "millisecond": 1e-3,
            "microsecond": 1e-6, "µ": 1e-6, "n": 1e-9, "nanosecond": 1e-9, "": 1.0}  # fmt: skip
_DATA = r"(?:(?:kilo|mega|giga|tera)?bytes?|(?:mega|giga)?bits?|[kMGT]i?B|baud)\b"
_RATE = r"(?:[a-zA-Z*()]+\s+){0,2}?(?:an?|per|each|every)\s+(?:second|minute|hour|day)\b|(?:\w+\s+)?/s\b"
_FACTOR = r"(?:times\b(?!\s+in\b)|×|-?fold\b)"
# "20s" has a unit, "1990s" has none
_UNIT = rf"(?:\s*(?:%|per\s?cent\b)|[\s-]+(?:{_TIME}|{_DATA})|(?<!\d{{4}})(?:{_TIME}|{_DATA})"
_UNIT += rf"|\s+(?:{_RATE})|/s\b|\s*{_FACTOR})"
_MEASURED = re.compile(
    rf"{_NUMBER}{_UNIT}|\b(?P<part>{_PART})\s+(?:of\s+)?(?:an?\s+)?(?:{_TIME}|{_DATA})|\b(?P<share>{_PART})\s+of\b"
    r"|\b(?P<factor>twice|thrice)\b",
    re.I,
)
_NOT_PROSE = re.compile(
    r"^(`{3,}|~{3,}|:{3,}).*?^\1[ \t]*$|^(?: {4}|\t).*$|\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]*`|<[^>\n]+>", re.M | re.S
)
# A block from its first fence to its last; one whose first fence names a directive holds prose.
_FENCED = re.compile(r"^(`{3,}|~{3,})([^`~\n]*)\n.*?^\1[ \t]*$", re.M | re.S)


def claim_links(markdown: str) -> list[tuple[str, str]]:
    """List the links to claims in a Markdown text: their words, and the claim's name; an example in code has none."""
    without_code = _FENCED.sub(lambda block: block[0] if block[2].lstrip().startswith("{") else "", markdown)
    return CLAIM_LINK.findall(without_code)


@dataclass(frozen=True)
class Number:
    """A number of the prose.

    Attributes
    ----------
    text : str
        As written, with its unit.
    kind : {"claim", "citation", "setting", "bare"}
        Held by a cell; quoted from a source that its sentence cites; set by the reader, or in code that the reader
        sees; or held by nothing.
    cell : int
        Of all cells, from 1; 0 for a page that is no notebook.
    sentence : str
        Where it stands.
    evidence : str
        The claim's name, the source, or the cell and line that set it.
    """

    text: str
    kind: Literal["claim", "citation", "setting", "bare"]
    cell: int
    sentence: str
    evidence: str


def numbers_in(cells: Sequence[dict[str, Any]]) -> list[Number]:
    """List the numbers in the Markdown cells of a notebook (or of a page, given as one cell), in reading order."""
    found, section = [], 0
    sections = _sections(cells)
    settings = list(settings_in(cells, sections))
    for number, cell in enumerate(cells, start=1):
        if cell.get("cell_type") != "markdown":
            continue
        section = sections[number - 1]
        for sentence in sentences(cell_source(cell)):
            section += sentence.startswith("## ")
            near = [setting for setting in settings if setting.dimension or setting.section == section]
            found += [_judge(match, sentence, number, near) for match in _measured(sentence)]
    return found


def _sections(cells: Sequence[dict[str, Any]]) -> list[int]:
    """Give the section in which each cell begins: how many headings of the second level stand before it."""
    counts, count = [], 0
    for cell in cells:
        counts.append(count)
        if cell.get("cell_type") == "markdown":
            count += len(re.findall(r"^## ", _NOT_PROSE.sub("", cell_source(cell)), re.M))
    return counts


def sentences(markdown: str) -> list[str]:
    """Split the prose of a Markdown text into sentences, each on one line; code and mathematics are left out."""
    prose = _NOT_PROSE.sub(lambda match: match[0] if _is_role(markdown, match) else " … ", markdown)
    found = []
    for block in re.split(r"\n\s*\n|\n(?=#|[-*] |\d+\. |\|)", prose):
        flat = " ".join(block.split())
        found += re.split(r"(?<=[.!?:;])\s+(?=[A-Z\[*(\"“])|(?<=[.!?]\*)\s+|(?<=[.!?]\))\s+", flat)
    return [sentence for sentence in found if sentence]


def plain(sentence: str) -> str:
    """Give a sentence as a reader sees it, without the marks of links, emphasis and roles."""
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", sentence)
    text = re.sub(r"\s*\{cite[a-z:]*\}`[^`]+`", "", text)
    text = re.sub(r"\{[a-z:]+\}`([^`]+)`", r"\1", text)
    return re.sub(r"^#+ |[*`]", "", text)


def value_of(words: str) -> float | None:
    """Read a number in digits or words ("1,200", "forty", "a hundred", "three quarters"); None if it is none."""
    text = words.lower().replace(",", "").replace("_", "").replace("−", "-").strip()
    total = 1.0
    for part in re.split(r"[\s-]+(?=[a-z])", text):
        singular = part.removesuffix("s")
        if re.fullmatch(r"-?\d+(?:\.\d+)?", part):
            total = float(part)
        elif part in _TENS or part in _ONES:
            value = _TENS.get(part, _ONES.get(part, 0))
            total = total + value if total in _TENS.values() and part in _ONES else float(value)
        elif part in _LARGE or singular in _FRACTION:
            total *= _LARGE[part] if part in _LARGE else _FRACTION[singular]
        elif part not in ("a", "an"):
            return None
    return total


def _is_role(markdown: str, match: re.Match[str]) -> bool:
    """Whether a code span is the text of a role, such as a citation: ``{cite:p}`key` ``."""
    return match[0].startswith("`") and markdown[: match.start()].endswith("}")


def _measured(sentence: str) -> Iterator[re.Match[str]]:
    """Find the numbers with a unit; a link to a claim is one with whatever unit follows it."""
    yield from CLAIM_LINK.finditer(sentence)
    held = re.sub(CITATION, lambda match: "·" * len(match[0]), sentence)
    held = CLAIM_LINK.sub(lambda match: "·" * len(match[0]), held)
    held = re.sub(r"\]\([^)]*\)", lambda match: "]" + "·" * (len(match[0]) - 1), held)
    yield from _MEASURED.finditer(held)


def _judge(match: re.Match[str], sentence: str, cell: int, settings: Sequence[Setting]) -> Number:
    if match.re is CLAIM_LINK:
        return Number(match[1], "claim", cell, sentence, match[2])
    text, source = match[0].strip(), _SOURCE.search(sentence)
    if source:
        return Number(text, "citation", cell, sentence, source[1] or source[2])
    if sentence.startswith("**Time:**"):
        return Number(text, "setting", cell, sentence, "the chapter's time budget")
    said = next(filter(None, match.groups())).lower()
    value = {"twice": 2.0, "thrice": 3.0}.get(said, value_of(said))
    dimension, scale = _dimension(text)
    for setting in settings:
        if value is not None and setting.sets(value * scale, dimension):
            return Number(text, "setting", cell, sentence, setting.where)
    return Number(text, "bare", cell, sentence, "")


def _dimension(text: str) -> tuple[str, float]:
    """Say what a number measures, and the factor that brings it to seconds or to a share of one."""
    if re.search(r"%|per\s?cent", text):
        return "share", 0.01
    if re.search(rf"(?:{_RATE})$|/s$", text, re.I):
        return "rate", 1.0
    unit = re.split(r"[\s\d-]", text)[-1].lower().removesuffix("s")
    if unit in _SECONDS:
        return "time", _SECONDS[unit]
    return ("data" if re.search(_DATA, text) else "factor"), 1.0
