"""BERT's way of cutting text into pieces of words, and the numbers that its models know them by.

The list of pieces, wordpiece.txt, is that of BERT base uncased (Google, Apache License 2.0), unchanged.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"
LONGEST_WORD = 100  # characters; BERT gives up on longer ones

_ASCII_PUNCTUATION = r"!-/:-@\[-`{-~"
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ceaf\U0002f800-\U0002fa1f"
_ALONE = re.compile(f"[{_ASCII_PUNCTUATION}{_CJK}]")


@functools.cache
def _vocabulary() -> dict[str, int]:
    pieces = (Path(__file__).with_name("wordpiece.txt")).read_text("utf-8").removesuffix("\n").split("\n")
    return {piece: number for number, piece in enumerate(pieces)}


def token_numbers(text: str, longest: int) -> list[int]:
    """Turn a text into the numbers of its pieces, `longest` at most, between those that mark its two ends."""
    known = _vocabulary()
    numbers = [number for word in _words(text) for number in _numbers_of(word)]
    return [known[FIRST], *numbers[: longest - 2], known[LAST]]


def _words(text: str) -> list[str]:
    """Split at spaces, with accents off and every punctuation mark or Chinese character a word of its own."""
    return "".join(_spaced(text)).split()


def _spaced(text: str) -> Iterator[str]:
    for character in unicodedata.normalize("NFD", text).lower():
        kind = unicodedata.category(character)
        if character in "\t\n\r" or kind == "Zs":
            yield " "
        elif kind[0] == "P" or _ALONE.match(character):
            yield f" {character} "
        elif kind != "Mn" and kind[0] != "C" and character != "\ufffd":
            yield character


@functools.lru_cache(maxsize=50_000)
def _numbers_of(word: str) -> tuple[int, ...]:
    """Cut a word into the longest pieces that the list has, from the left; a word that cannot be cut is unknown."""
    known = _vocabulary()
    numbers: list[int] = []
    start = 0
    while start < len(word) <= LONGEST_WORD:
        marked = "##" if start else ""  # a piece that continues a word is listed with this mark
        ends = range(len(word), start, -1)
        end = next((end for end in ends if marked + word[start:end] in known), None)
        if end is None:
            break
        numbers.append(known[marked + word[start:end]])
        start = end
    return tuple(numbers) if start == len(word) else (known[UNKNOWN],)
