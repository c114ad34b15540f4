"""How good retrieval and answers are, with intervals; and what an index is bad at.

Evidence is a span of a document that somebody has named: it was found where a chunk holds all of it. A sweep over chunk
sizes at a fixed number of chunks measures how much was read and little else, so recall is given by characters read,
too. Where nobody has named spans, a question may name the documents that answer it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np

from companion.reasoning.rag.chunks import Answer, Citation, Evidence, RagError
from companion.reasoning.rag.index import Index
from companion.reasoning.rag.loading import Problem
from companion.reasoning.rag.retrieving import DEEP, By
from companion.services.hybrid_search.evaluation import compare
from companion.services.hybrid_search.evaluation import ndcg as ndcg_of_names

Span = tuple[str, int, int]
"""A source and two places in it."""

SEED = 11
"""Of the resampling behind intervals."""

FIRST = 5
"""How many chunks are looked at, where nothing else is said."""

SHORT = 200
"""Characters of a document that holds too little to be told from others."""

MOST_BYTES = 20_000_000
"""How much of a file of questions is read."""


NONE_NAMED = "no evidence is named, so no share of it can be found"

# Of evidence and answers


def recall(found: Sequence[Evidence], needed: Sequence[Span], k: int = FIRST) -> float:
    """Give the share of the needed spans that one of the first `k` chunks holds whole."""
    return _share_held(found[:k], needed)


def recall_read(found: Sequence[Evidence], needed: Sequence[Span], characters: int) -> float:
    """Give the share of the needed spans in the first chunks that are together no longer than `characters`.

    Headers are not counted: they are short, and the same in each way of cutting.
    """
    lengths = np.cumsum([len(each.chunk.text) for each in found])
    return _share_held(found[: int(np.searchsorted(lengths, characters, side="right"))], needed)


def _share_held(found: Sequence[Evidence], needed: Sequence[Span]) -> float:
    if not needed:
        raise ValueError(NONE_NAMED)
    held = sum(any(_holds(each, span) for each in found) for span in needed)
    return held / len(needed)


def _holds(each: Evidence, span: Span) -> bool:
    source, start, end = span
    chunk = each.chunk
    return chunk.source == source and chunk.start <= start and end <= chunk.end


def ndcg(found: Sequence[Evidence], needed: Sequence[Span], k: int = FIRST) -> float:
    """Give the discounted gain of the first `k` chunks as a share of the best possible.

    Of each needed span the first chunk that holds it counts; a second one that holds it too tells nothing new.
    """
    if not needed:
        raise ValueError(NONE_NAMED)
    left = list(needed)
    grades: dict[str, int] = {}
    for place, each in enumerate(found[:k]):
        held = [span for span in left if _holds(each, span)]
        left = [span for span in left if span not in held]
        grades[str(place)] = len(held)
    grades |= {f"missed {n}": 1 for n in range(len(left))}
    return ndcg_of_names([str(place) for place in range(len(found[:k]))], grades, k)


def citation_precision(answers: Iterable[tuple[Answer, Sequence[Span]]]) -> float | None:
    """Give the share of citations that touch a span which answers the question; None where nothing is cited."""
    right = [
        any(_touches(citation, span) for span in needed) for answer, needed in answers for citation in answer.citations
    ]
    return fmean(right) if right else None


def _touches(citation: Citation, span: Span) -> bool:
    source, start, end = span
    return citation.source == source and citation.start < end and start < citation.end


@dataclass(frozen=True)
class Refusals:
    """How often a refusal was wrong, and how often the lack of one.

    Attributes
    ----------
    answerable, refused : int
        How many questions could be answered, and how many of those were refused.
    unanswerable, answered : int
        How many could not, and how many of those were answered all the same.
    """

    answerable: int
    refused: int
    unanswerable: int
    answered: int


def refusals(answers: Iterable[tuple[Answer, bool]]) -> Refusals:
    """Count refusals, of pairs of an answer and whether its question can be answered."""
    pairs = list(answers)
    could = [answer for answer, answerable in pairs if answerable]
    could_not = [answer for answer, answerable in pairs if not answerable]
    return Refusals(
        len(could), sum(each.refused for each in could), len(could_not), sum(not each.refused for each in could_not)
    )


@dataclass(frozen=True)
class Mean:
    """A mean over questions with its 95 % interval: by another draw of such questions it would often lie in there."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.2f} ({self.low:.2f}-{self.high:.2f})"


def interval(values: Sequence[float], seed: int = SEED) -> Mean:
    """Give a mean with its bootstrap interval over questions."""
    found = compare(values, np.zeros(len(values)), seed)
    return Mean(found.mean, found.low, found.high)


# Of an index


@dataclass(frozen=True)
class Question:
    """A question, the documents that answer it, any of which will do, and words that the answer holds, or ""."""

    text: str
    sources: tuple[str, ...]
    answer: str = ""


def read_questions(file: Path) -> list[Question]:
    """Read questions, a JSON object a line: question, source or sources, and perhaps answer.

    Raises
    ------
    RagError
        If the file cannot be read, holds no question, or a line is none; it names the line.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise RagError(f"{file}: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise RagError(f"{file}: no UTF-8") from None
    if len(data) > MOST_BYTES:
        raise RagError(f"{file}: more than {MOST_BYTES / 1e6:.0f} MB")
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                found.append(_question(json.loads(line)))
            except (ValueError, RecursionError) as error:
                raise RagError(f"{file}:{number}: {str(error)[:120]}") from None
    if not found:
        raise RagError(f"{file}: holds no question")
    return found


def _question(row: object) -> Question:
    if not isinstance(row, dict):
        raise ValueError("an object with `question` and `source` was expected")
    text, sources, answer = row.get("question"), row.get("sources", row.get("source")), row.get("answer", "")
    sources = [sources] if isinstance(sources, str) else sources
    if not isinstance(text, str) or not text.strip():
        raise ValueError("`question` has to be a text")
    if not isinstance(sources, list) or not sources or not all(isinstance(each, str) for each in sources):
        raise ValueError("`source` has to be the name of a document as the index has it, or `sources` a list of such")
    if not isinstance(answer, str):
        raise ValueError("`answer` has to be a text")
    return Question(text, tuple(sources), answer)


@dataclass(frozen=True)
class Missed:
    """A question whose documents are in the index and not among the first five.

    Attributes
    ----------
    question : Question
        It.
    rank : int or None
        At which place among the documents the first right one comes, counted from 1; None where it is further down than
        anybody looks.
    instead : tuple of str
        What came first.
    """

    question: Question
    rank: int | None
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """How an index does on questions, and what it is bad at.

    Attributes
    ----------
    questions : int
        How many were judged: those of which a document is in the index.
    recall_1, recall_5, mrr : Mean
        The share of questions of which the first chunk, one of the first five, is of a right document; and the mean of
        1 / rank of the first right document.
    answers_5 : Mean or None
        The share of the questions with an answer of which one of the first five chunks says it, capitals and white
        space aside.
    missed : tuple of Missed
        Questions without a right document among the first five chunks.
    passed_over : tuple of Question
        Questions whose answer stands in a chunk, and that one is not among the first five, though its document may be.
    in_no_chunk : tuple of Question
        Questions whose answer stands in no chunk of its documents: it is said otherwise there, or was cut apart.
    unknown : tuple of Question
        Questions none of whose documents is in the index.
    never_found : tuple of str
        Documents of which no chunk was among the first five for any question.
    short : tuple of str
        Documents with less than `SHORT` characters.
    duplicates : tuple of tuple of str
        Documents that are the same to the byte.
    unread : tuple of Problem
        Files that could not be read.
    """

    questions: int
    recall_1: Mean
    recall_5: Mean
    mrr: Mean
    answers_5: Mean | None
    missed: tuple[Missed, ...]
    passed_over: tuple[Question, ...]
    in_no_chunk: tuple[Question, ...]
    unknown: tuple[Question, ...]
    never_found: tuple[str, ...]
    short: tuple[str, ...]
    duplicates: tuple[tuple[str, ...], ...]
    unread: tuple[Problem, ...]


def report(index: Index, questions: Sequence[Question], by: By = "fused") -> Report:
    """Ask an index all questions, and say what it is bad at.

    Raises
    ------
    RagError
        If no question names a document of the index.
    """
    known = [question for question in questions if any(name in index.sources for name in question.sources)]
    if not known:
        name = questions[0].sources[0] if questions else ""
        raise RagError(f"no question names a document of the index: {name!r} is none; {next(iter(index.sources))!r} is")
    said = _said(index)
    first, five, ranks, answers = list[float](), list[float](), list[float](), list[float]()
    missed, passed_over, in_no_chunk = list[Missed](), list[Question](), list[Question]()
    shown = set[str]()
    for question in known:
        best = [each.chunk for each in index.search(question.text, FIRST, by=by)]
        sources = [chunk.source for chunk in best]
        shown.update(sources)
        # one chunk a document, of all that are ranked: the order of the documents
        deep = index.search(question.text, DEEP, by=by, a_source=1)
        documents = list(dict.fromkeys(each.chunk.source for each in deep))
        rank = next((at for at, name in enumerate(documents, 1) if name in question.sources), None)
        first.append(bool(sources) and sources[0] in question.sources)
        five.append(any(name in question.sources for name in sources))
        ranks.append(1 / rank if rank else 0.0)
        if not five[-1]:
            missed.append(Missed(question, rank, tuple(dict.fromkeys(sources))))
        if question.answer:
            wanted = _plain(question.answer)
            answers.append(any(wanted in _plain(chunk.text) for chunk in best))
            if not any(wanted in text for name in question.sources for text in said.get(name, ())):
                in_no_chunk.append(question)
            elif not answers[-1]:
                passed_over.append(question)
    return Report(
        len(known), interval(first), interval(five), interval(ranks), interval(answers) if answers else None,
        tuple(missed), tuple(passed_over), tuple(in_no_chunk),
        tuple(question for question in questions if question not in known),
        tuple(name for name in index.sources if name not in shown),
        tuple(name for name, texts in said.items() if sum(map(len, texts)) < SHORT), _duplicates(index), index.unread,
    )  # fmt: skip


def _said(index: Index) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in index.sources}
    for chunk in index.chunks:
        found[chunk.source].append(_plain(chunk.text))
    return found


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def _duplicates(index: Index) -> tuple[tuple[str, ...], ...]:
    by_content: defaultdict[str, list[str]] = defaultdict(list)
    for name, source in index.sources.items():
        by_content[source.sha256].append(name)
    return tuple(tuple(names) for names in by_content.values() if len(names) > 1)
