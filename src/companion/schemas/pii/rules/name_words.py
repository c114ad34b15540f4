"""Splitting a name into words: `custBirthDt`, `CUST_BIRTH_DT` and `kundengeburtsdatum` are said in many ways.

A rule knows `birth date`. To find it in a name we cut the name at underscores, at changes of case and at digits, take
plurals back, write out abbreviations, and translate. Words that are glued together are cut where both halves are words
that some rule uses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

_PART = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[^\W\dA-Z_]+\d*|\d+")
_PIECE = re.compile(r"[^\W\d_]+|\d+")
_ACRONYMS = re.compile(r"([A-Z]{2,})s(?![a-z])")  # userIDs are ids
_IP = re.compile(r"I[Pp]v(?=[46])")
Words = tuple[str, ...]


@dataclass(frozen=True)
class Clashing:
    """What a short word means instead, and the neighbours by which to know."""

    means: Words
    neighbours: frozenset[str]
    beside: bool  # the neighbours make it the other word; else all but they do
    alone: bool


@dataclass
class Vocabulary:
    """The words that rules use, and how others are written out in them."""

    known: set[str]
    expansions: Mapping[str, Words]
    languages: Mapping[str, Mapping[str, Words]]
    ambiguous: Collection[str]
    short: Collection[str] = frozenset()  # words of less than four letters at which a glued name may be cut
    joining: Collection[str] = frozenset()  # words that say nothing: `date of birth` is a `birth date`
    clashes: Mapping[str, Clashing] = field(default_factory=dict)
    _cache: dict[tuple[str, frozenset[str]], Words] = field(default_factory=dict)

    def words(self, name: str, spoken: frozenset[str] = frozenset()) -> Words:
        """The words of a name, written out; `spoken` are the languages whose ambiguous words count too."""
        key = (name, spoken)
        if key not in self._cache:
            pieces = self._pieces(name)
            words = [
                word
                for index, piece in enumerate(pieces)
                for word in (self._other_word(pieces, index) or self._written_out(piece, spoken))
            ]
            self._cache[key] = tuple(word for word in words if word not in self.joining) or tuple(words)
        return self._cache[key]

    def spoken(self, names: Iterable[str]) -> frozenset[str]:
        """The languages of which at least two words occur in `names` that mean nothing in English."""
        pieces = {piece for name in names for piece in self._pieces(name)}
        return frozenset(
            language
            for language, words in self.languages.items()
            if len((pieces & words.keys()) - set(self.ambiguous)) >= 2
        )

    def _pieces(self, name: str) -> list[str]:
        pieces: list[str] = []
        for part in _PART.findall(_IP.sub("Ipv", _ACRONYMS.sub(r"\1", name))):
            if part.lower() in self.known or part.lower() in self.expansions:
                pieces.append(part.lower())
                continue
            for piece in _PIECE.findall(part):
                pieces += self._unglued(piece.lower())
        return self._rejoined(pieces)

    def _rejoined(self, pieces: list[str]) -> list[str]:
        """`WhatsApp` is one word: a piece that nobody knows goes with the next, if somebody knows the two together."""
        joined: list[str] = []
        for piece in pieces:
            if joined and not self._is_known(joined[-1]) and joined[-1] + piece in self.known:
                joined[-1] += piece
            else:
                joined.append(piece)
        return joined

    def _unglued(self, word: str) -> list[str]:
        if len(word) < 7 or self._is_known(word):
            return [word]
        for cut in range(len(word) - 2, 1, -1):  # the longest first half first
            first, rest = word[:cut], word[cut:]
            if self._may_stand_alone(first):
                if self._may_stand_alone(rest):
                    return [first, rest]
                further = self._unglued(rest)
                if len(further) > 1:
                    return [first, *further]
        return [word]

    def _may_stand_alone(self, word: str) -> bool:
        return (len(word) >= 4 or word in self.short) and self._is_known(word)

    def _is_known(self, word: str) -> bool:
        return (
            word in self.known
            or word in self.expansions
            or self.singular(word) in self.known
            or any(word in words for words in self.languages.values())
        )

    def singular(self, word: str) -> str:
        """`word` without its plural, if that gives a word that rules use."""
        if len(word) <= 3 or not word.endswith("s") or word.endswith("ss"):
            return word
        endings = [("ies", "y"), ("es", ""), ("s", "")]
        singulars = [word[: -len(old)] + new for old, new in endings if word.endswith(old)]
        known = [single for single in singulars if single in self.known]
        known += [single for single in singulars[-1:] if single in self.expansions]  # `sales` are no salaries
        return known[0] if known else word

    def _other_word(self, pieces: list[str], index: int) -> Words | None:
        """What a word that clashes means beside its neighbours: a `gpio pin` opens nothing."""
        word = pieces[index]
        clash = self.clashes.get(word) or (self.clashes.get(word.removesuffix("s")) if len(word) > 3 else None)
        if clash is None:
            return None
        near = {*pieces[max(0, index - 1) : index], *pieces[index + 1 : index + 2]}
        if not near:
            return clash.means if clash.alone else None
        near |= {word for piece in near for word in (self.singular(piece), *self.expansions.get(piece, ()))}
        return clash.means if bool(near & clash.neighbours) is clash.beside else None

    def _written_out(self, word: str, spoken: frozenset[str]) -> Words:
        single = self.singular(word)
        for candidate in (
            word,
            word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word,
        ):  # `sales` are no salaries
            if candidate in self.expansions:
                return self.expansions[candidate]
        if single in self.known and single not in self.ambiguous:
            return (single,)
        for language, words in self.languages.items():
            if word in words and (word not in self.ambiguous or language in spoken):
                return words[word]
        return (single,)


def plain_words(text: str) -> list[str]:
    """The words of a sentence, lower case; hyphens and apostrophes part them."""
    return re.findall(r"[^\W_]+", text.lower().replace("'s", ""))


def first_clause(text: str) -> list[str]:
    """The words up to the first stop: a comma, a full stop, a bracket."""
    return plain_words(re.split(r"[.;:,]\s|\(", f"{' '.join(text.split())} ", maxsplit=1)[0])
