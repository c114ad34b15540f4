"""Words and sentences, as the literal reader and the bag of words see them: letters and digits, no meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_BLOCK_END = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*•|#]|\d+[.)]\s|\w[^:.\n]{0,40}:\s))")
_STATEMENT_END = re.compile(r"(?<=[.!?])[\"'”’)]*\s+")
_SHORTENED = re.compile(r"(?:\b(?:Inc|Corp|Ltd|Co|No|Nos|vs|cf|approx|e\.g|i\.e|Mr|Ms|Mrs|Dr|St)|\b[A-Z])\.$")
LONGEST_SHORT = 12
"""Characters in which an abbreviation and what stands before it have room."""
_COLUMNS = re.compile(r"\||\t|[^\s.!?:] {2,}\S.*[^\s.!?:] {2,}\S")

FILLERS = frozenset(
    _WORD.findall(
        """a an and are as at be by can did do does for from had has have how i if in is it its me my of on or our
        should so that the their there these they this to was we were what when where which who why will with would you
        your"""
    )
)
"""What occurs in every question, and so says nothing about which sentence answers it."""


def words(text: str) -> list[str]:
    """Split a text into words in lower case; `user_name` and `userName` are two words each."""
    return _WORD.findall(_HUMP.sub(" ", text).lower())


def telling_words(text: str) -> set[str]:
    """Give the words of a text that are no fillers."""
    return set(words(text)) - FILLERS


def sentences(text: str) -> list[str]:
    """Split a text where a full stop, a question or exclamation mark, or a line ends."""
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]


def statements(text: str) -> Iterator[str]:
    """Give the sentences of prose whose lines end anywhere, each on one line.

    Unlike in `sentences` a line's end is no sentence's, where the line is full; nor is the full stop of "Inc." Rows of
    a table are left out: lines with bars, tabs, or three columns of words.
    """
    for block in _BLOCK_END.split(text):
        lines = [line.strip() for line in block.splitlines() if line.strip() and not _COLUMNS.search(line)]
        for prose in _joined(lines):
            start = 0
            for end in _STATEMENT_END.finditer(prose):
                if not _SHORTENED.search(prose[max(0, end.start() - LONGEST_SHORT) : end.start()]):
                    yield prose[start : end.end()].strip()
                    start = end.end()
            if prose[start:]:
                yield prose[start:]


def _joined(lines: list[str]) -> Iterator[str]:
    """Join lines, but after one that had room for the next one's first word: it ended because something did."""
    width = max(map(len, lines), default=0)
    joined = ""
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        joined += line
        if not after or len(line) + 1 + len(after.split()[0]) <= width:
            yield joined
            joined = ""
        else:
            joined += " "
