"""Which corrections belong together: they say the same of fields that are alike, and share a word of their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from companion.schemas.pii.evidence.context import Subject, Whom
from companion.schemas.pii.evidence.question import Question
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.learning.corrections import Correction
from companion.schemas.pii.learning.learned import surroundings
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import Level, MarkedSchema

if TYPE_CHECKING:
    from companion.models.vectors import Vectors

MORE_THAN = 3
"""So many corrections are accidents; one more is a rule."""

SIMILAR = 0.6
"""From which cosine on two corrected fields, each with its name and surroundings, count as alike.

Of the pairs of fields of the development corpus that share a word of their names, 43 % have the same level and type; of
those as near as this, 59 % with `minilm` and 64 % with `words`. More than three must agree, and a person reviews it."""


@dataclass(frozen=True)
class Broad:
    """A name of a single word, which counts only in messages that are called so."""

    message: str
    name: str


@dataclass(frozen=True)
class Group:
    """Corrections that say the same of fields that are alike, and the rule that they propose.

    Parameters
    ----------
    id
        Of the proposed rule; empty where they are PUBLIC, since what is harmless has no id.
    names
        The phrases that the rule would look for in names.
    inside
        The names that are too broad to be looked for everywhere.
    holds
        The kinds of values of the corrected fields.
    corrections
        More than three, each of another field.
    against
        Those of fields like these that say something else.
    """

    id: str
    names: tuple[str, ...]
    inside: tuple[Broad, ...]
    holds: tuple[str, ...]
    corrections: tuple[Correction, ...]
    against: tuple[Correction, ...]


@dataclass(frozen=True)
class Placed:
    """A correction with what is known of the field that it is about."""

    correction: Correction
    words: Words
    message: Words
    kind: str
    context: str

    @property
    def says(self) -> tuple[Level, str | None]:
        """What is right."""
        return self.correction.level, self.correction.pii_type


def place(corrections: Sequence[Correction], schemas: Sequence[MarkedSchema], rules: Rules) -> list[Placed]:
    """Find the fields that corrections are about, in the order of the schemas; those that are gone are left out."""
    context = make_context(schemas, rules)
    wanted = {correction.place: correction for correction in corrections}
    found = []
    for schema in schemas:
        for message in schema.messages:
            for field in message.fields:
                correction = wanted.get((schema.path, message.name, field.name))
                if correction is not None:
                    words = context.words(message, field.name)
                    own = context.words(message, message.name.rpartition(".")[2])
                    kind = Question(context, message, field, Subject(Whom.UNKNOWN)).kind
                    around = f"{' '.join(words)}; {surroundings(context, message, field)}"
                    found.append(Placed(correction, words, own, kind, around))
    return found


def groups(placed: Sequence[Placed], rules: Rules, vectors: Vectors, similar: float = SIMILAR) -> Iterator[Group]:
    """Take the word that most agreeing corrections share, group those that are alike, and go on with the rest."""
    if len(placed) <= MORE_THAN:
        return
    alike = _neighbours([each.context for each in placed], vectors, similar)
    taken = {rule.id for rule in rules.rules}
    left = set(range(len(placed)))
    shared = Counter((each.says, word) for each in placed for word in set(each.words) if _telling(word))
    for says, word in sorted(shared, key=lambda pair: (-shared[pair], str(pair))):
        members = {index for index in left if placed[index].says == says and word in placed[index].words}
        for group in _connected(members, alike):
            if len(group) > MORE_THAN:
                left -= group
                near = {other for index in group for other in alike[index] if placed[other].says != says}
                against = [placed[other] for other in sorted(near) if word in placed[other].words]
                yield _group([placed[index] for index in sorted(group)], against, taken)


def _neighbours(contexts: Sequence[str], vectors: Vectors, similar: float) -> list[set[int]]:
    """For each context, those that are alike: FAISS finds them by inner product, of unit vectors the cosine."""
    import faiss

    matrix = np.ascontiguousarray(vectors.matrix(contexts))
    index = faiss.IndexFlatIP(matrix.shape[1])
    index.add(matrix)
    limits, _, found = index.range_search(matrix, similar)
    return [{int(each) for each in found[limits[row] : limits[row + 1]]} for row in range(len(contexts))]


def _connected(members: set[int], alike: Sequence[set[int]]) -> Iterator[set[int]]:
    left = set(members)
    while left:
        group, pending = set[int](), [min(left)]
        while pending:
            index = pending.pop()
            if index in left:
                left.discard(index)
                group.add(index)
                pending += alike[index] & left
        yield group


def _telling(word: str) -> bool:
    return len(word) > 1 and not word.isdigit()


def _group(members: Sequence[Placed], against: Sequence[Placed], taken: set[str]) -> Group:
    """The rule's names are those of the fields, and the phrase that all of them share; a lone word is no evidence."""
    level, kind = members[0].says
    phrase = _shared_phrase([each.words for each in members])
    names = {each.words for each in members} | {phrase}
    broad = {(each.message, each.words) for each in members if len(each.words) == 1 and level is not Level.PUBLIC}
    return Group(
        id="" if level is Level.PUBLIC else _new_id(f"corrected {kind} {' '.join(phrase)}", taken),
        names=tuple(sorted(" ".join(words) for words in names if len(words) > 1)),
        inside=tuple(Broad(" ".join(message), " ".join(words)) for message, words in sorted(broad)),
        holds=tuple(sorted({each.kind for each in members})),
        corrections=tuple(each.correction for each in members),
        against=tuple(each.correction for each in against),
    )


def _shared_phrase(names: Sequence[Words]) -> Words:
    """The longest run of words that is in every name, the first of equals."""
    first = min(names)
    runs = [first[start:end] for start in range(len(first)) for end in range(start + 1, len(first) + 1)]
    shared = [run for run in runs if all(_has(name, run) for name in names)]
    return max(shared, key=len, default=())


def _has(name: Words, run: Words) -> bool:
    return any(name[start : start + len(run)] == run for start in range(len(name)))


def _new_id(text: str, taken: set[str]) -> str:
    """A rule's id that no other rule has: one with the same would replace it."""
    stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    candidates = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 2))]
    found = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(found)
    return found
