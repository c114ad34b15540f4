"""What annotations teach: a field called like an annotated one, in a context like its context, holds the same.

It is a search for nearest neighbours among labelled examples.

Every mark in a schema was somebody's decision. `learn_from` collects them, and the result is asked where the rules say
nothing: a field must have the name of a teacher word by word, for names are what rules are about; and the surroundings
(words of the message, the type, words of the comment) must be similar, for `code` in a login is not `code` in a
catalogue.

How similar two contexts are is the cosine of their embeddings: 1 for the same direction, 0 for nothing in common. It is
a *similarity*, and counts from `SIMILAR` upwards. A number such as the article's 0.8 says nothing until one knows which
it bounds: a distance runs the other way, 0 for the same, and "greater than 0.8" would then let in the strangers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from companion.models import embeddings
from companion.schemas.pii.evaluation.corpus import LabelledSchema
from companion.schemas.pii.evidence.classify import ALL_EVIDENCE, classify
from companion.schemas.pii.evidence.context import Context
from companion.schemas.pii.evidence.question import Question, Reading
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.rules.name_words import Words, plain_words
from companion.schemas.pii.verdict import Level, Mark, MarkedField, MarkedMessage, MarkedSchema, Verdict
from companion.schemas.protobuf.model import Kind

if TYPE_CHECKING:
    from companion.models.vectors import Vectors

SIMILAR = 0.6
"""From which cosine on two contexts count as alike.

Of the pairs of fields of one name in two schemas of the development corpus, 64 % have the same level. Of those with
contexts nearer than 0.5 it is 81 % with `minilm` (59 of 73) and 91 % with `words` (40 of 44); than 0.6, 96 % and all
(24 of 25, 14 of 14). Below 0.6 learning raises more false alarms than it finds fields that the rules have missed."""

COMMENT_WORDS = 30
"""How much of a comment belongs to the context: what a field is stands at the beginning."""

STRUCTURE = frozenset({"message", "nesting"})
"""The evidence that is left where no rule speaks: which message a field is in, and what is inside it."""

_STATEMENTS = {Kind.FLAG, Kind.ENUM}  # say something about a value, and hold none


@dataclass(frozen=True)
class Teacher:
    """A field that carries a mark, and where."""

    path: str
    message: str
    field: MarkedField
    words: Words
    surroundings: str
    level: Level
    type: str | None


class Learned:
    """What was learned, as `classify` asks for it.

    Parameters
    ----------
    teachers
        Their order does not matter.
    vectors
        Embeddings to compare contexts with.
    similar
        The least cosine that counts as alike.
    """

    def __init__(self, teachers: Iterable[Teacher], vectors: Vectors, similar: float = SIMILAR) -> None:
        self.vectors = vectors
        self.similar = similar
        self.by_name: dict[Words, list[Teacher]] = {}
        for teacher in sorted(teachers, key=lambda each: (each.path, each.field.line)):
            self.by_name.setdefault(teacher.words, []).append(teacher)

    def __len__(self) -> int:
        return sum(map(len, self.by_name.values()))

    def __call__(self, question: Question) -> Reading | None:
        """Say what a field holds if an annotated one is like it; of teachers that disagree, the higher level."""
        field = question.field
        words = question.context.words(question.message, field.name)
        teachers = [each for each in self.by_name.get(words, ()) if _comparable(each.field.kind, field.kind)]
        if not teachers:
            return None
        like = self._likeness(surroundings(question.context, question.message, field), teachers)
        alike = [(each, cosine) for each, cosine in zip(teachers, like, strict=True) if cosine >= self.similar]
        if not alike:
            return None
        # Rounded, so that the last digits of a sum do not choose; among equals the first in the order of files.
        best, cosine = max(alike, key=lambda pair: (pair[0].level.rank, round(pair[1], 4)))
        said = f"like {best.message}.{best.field.name}, annotated {best.level} in {best.path} (similarity {cosine:.2f})"
        return Reading(best.level, best.type, said, f"learned {best.path}:{best.field.line}")

    def _likeness(self, asked: str, teachers: Sequence[Teacher]) -> list[float]:
        """The cosine between a context and each teacher's; the same words need no embedding to be alike."""
        if all(teacher.surroundings == asked for teacher in teachers):
            return [1.0] * len(teachers)
        one, *others = self.vectors.matrix([asked, *(teacher.surroundings for teacher in teachers)])
        return [float(one @ other) for other in others]


def learn_from(
    schemas: Sequence[MarkedSchema],
    rules: Rules | None = None,
    *,
    vectors: Vectors | None = None,
    similar: float = SIMILAR,
) -> Learned:
    """Learn from the marks in schemas, those that are only imported too.

    Parameters
    ----------
    schemas
        As `read_schemas` gives them.
    rules
        Whose word lists cut names into words; those that come with the package by default.
    vectors
        Embeddings; by default those of words, which here do as well as a model's and take a hundredth of the time.
    similar
        The least cosine that counts as alike.
    """
    context = make_context(schemas, rules or load_rules())
    teachers = [
        _teacher(context, schema.path, message, field, field.mark)
        for schema in schemas
        for message in schema.messages
        for field in message.fields
        if field.mark is not None
    ]
    return Learned(teachers, vectors or embeddings("words"), similar)


def surroundings(context: Context, message: MarkedMessage, field: MarkedField) -> str:
    """What stands around a field: the words of its message, its type, the first words of its comment."""
    around = " ".join(word for part in message.name.split(".") for word in context.words(message, part))
    comment = " ".join(plain_words(field.comment)[:COMMENT_WORDS])
    return f"{around}; {field.type.rpartition('.')[2]}; {comment}"


def leave_one_out(
    corpus: Sequence[LabelledSchema], rules: Rules | None, *, vectors: Vectors | None = None, similar: float = SIMILAR
) -> list[Verdict]:
    """Judge each schema with what the labels of the others teach, as if they were marks.

    Parameters
    ----------
    corpus
        Each is judged in its turn, its own labels unseen.
    rules
        Asked first, as in a scan. None for what learning achieves alone: then the word lists still cut names into
        words, and a field of message type still takes the highest level inside, but no rule speaks.
    vectors, similar
        As for `learn_from`.

    Returns
    -------
    list of Verdict
        In the order of `labelled_fields`. The `source` of what was learned begins with ``learned``.
    """
    used = rules or without_rules(load_rules())
    marked = [_marked(each) for each in corpus]
    evidence = STRUCTURE if rules is None else ALL_EVIDENCE
    verdicts = []
    for index, each in enumerate(corpus):
        others = [schema for other, schema in enumerate(marked) if other != index]
        learned = learn_from(others, used, vectors=vectors, similar=similar)
        verdicts += classify([each.schema], used, learned, evidence=evidence)
    return verdicts


def without_rules(rules: Rules) -> Rules:
    """The same word lists without rules for names; with no evidence but `STRUCTURE`, nothing is said of any field."""
    return replace(rules, by_first={}, inside=[])


def _teacher(context: Context, path: str, message: MarkedMessage, field: MarkedField, mark: Mark) -> Teacher:
    kind = None if mark.level is Level.PUBLIC else mark.type or "PERSONAL"
    words = context.words(message, field.name)
    return Teacher(path, message.name, field, words, surroundings(context, message, field), mark.level, kind)


def _comparable(one: Kind, other: Kind) -> bool:
    """A flag `smoker` may be like another flag of that name; it is not like a text."""
    return one is other or not {one, other} & _STATEMENTS


def _marked(each: LabelledSchema) -> MarkedSchema:
    """The schema with its labels for marks."""
    messages = []
    for message in each.schema.messages:
        labels = [each.labels[message.name, field.name] for field in message.fields]
        marks = [Mark(label.level, next(iter(label.types), None)) for label in labels]
        fields = [replace(field, mark=mark) for field, mark in zip(message.fields, marks, strict=True)]
        messages.append(replace(message, fields=tuple(fields)))
    return replace(each.schema, messages=tuple(messages))
