"""Words with their line and column, for the two parsers that are written by hand (XDR and Smithy).

Text and nesting are bounded, and every refusal is a `ContractError` that names line and column: whatever the text, a
parser ends with a model or with one of these.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from companion.calls.contracts.idl.contracts import ContractError

MOST_CHARACTERS = 100_000
MOST_CHARACTERS_A_WORD = 4_000
DEEPEST = 16
"""Of bodies within bodies and lists within lists."""


class Word(NamedTuple):
    """A word of the text; `kind` is the name of the group of the language's pattern that took it."""

    kind: str
    text: str
    line: int
    column: int


def words(text: str, pattern: re.Pattern[str]) -> list[Word]:
    """Cut a text into words; those of the group ``skip`` are left out, and the last is of the kind ``end``.

    Raises
    ------
    ContractError
        When the text is too long, or has something that is no word of the language.
    """
    if len(text) > MOST_CHARACTERS:
        raise ContractError(f"a contract of {len(text)} characters; {MOST_CHARACTERS} are the most")
    found, at, line, start = [], 0, 1, 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            raise ContractError(f"line {line}, column {at - start + 1}: {text[at]!r} is no word of this language")
        kind, word = str(match.lastgroup), match.group()
        if kind != "skip":
            if len(word) > MOST_CHARACTERS_A_WORD:
                raise ContractError(f"line {line}, column {at - start + 1}: a word of {len(word)} characters")
            found.append(Word(kind, word, line, at - start + 1))
        if newlines := word.count("\n"):
            line, start = line + newlines, at + word.rindex("\n") + 1
        at = match.end()
    return [*found, Word("end", "", line, at - start + 1)]


class Reader:
    """Where a parser is in its words."""

    def __init__(self, read: list[Word]) -> None:
        self.words, self.at, self.depth = read, 0, 0

    @property
    def next(self) -> Word:
        """The word that comes, not yet taken."""
        return self.words[self.at]

    def refuse(self, why: str, word: Word | None = None) -> NoReturn:
        """Raise what is wrong, at a word: the next, unless another is given."""
        at = word or self.next
        raise ContractError(f"line {at.line}, column {at.column}: {why}")

    def take(self, text: str) -> Word:
        """Take a word that must be there."""
        if self.next.text != text or self.next.kind in {"end", "string"}:
            self.refuse(f"expected {text!r}, found {self.next.text[:40]!r}")
        return self.skip()

    def kind(self, kind: str, what: str) -> Word:
        """Take a word of a kind that must be there."""
        if self.next.kind != kind:
            self.refuse(f"expected {what}, found {self.next.text[:40]!r}")
        return self.skip()

    def maybe(self, text: str) -> bool:
        """Take a word if it is there."""
        there = self.next.text == text and self.next.kind not in {"end", "string"}
        if there:
            self.skip()
        return there

    def skip(self) -> Word:
        """Take the next word, whatever it is; the end is never passed."""
        word = self.next
        self.at += word.kind != "end"
        return word

    def deeper(self) -> None:
        """Go into a body or a list; `depth` is lowered by whoever leaves it."""
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(f"nested more than {DEEPEST} deep")
