"""Words and sentences, as the literal reader and the bag of words see them: letters and digits, no meaning."""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")

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
