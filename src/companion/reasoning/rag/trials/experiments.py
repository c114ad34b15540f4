"""The filings as documents, in chunks, searched in several ways: which finds the sentence or row that was asked for?

A question's evidence is one span, or several of which one each is needed; a chunk counts when it holds all of a span.
So recall is the share of what is needed that has been read, after so many chunks or so many characters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from companion.reasoning.filings.corpus import Corpus, make_corpus
from companion.reasoning.filings.questions import Question, make_questions
from companion.reasoning.filings.truth import Span
from companion.reasoning.rag.chunks import Chunk, Document, Evidence, Section
from companion.reasoning.rag.facts import Embed, Fact, called, read_facts
from companion.reasoning.rag.names import Named, aliases, read_cover, read_question
from companion.reasoning.rag.retrieving import BM25, Ranking, dense, fuse
from companion.reasoning.rag.splitting import SIZE, split
from companion.services.hybrid_search.evaluation import Difference, compare

K = 5
DEEP = 60
"""How many chunks a ranking goes down to here."""

By = Literal["vectors", "words", "fused"]


def filed(corpus: Corpus) -> list[Document]:
    """Give a corpus as documents; label, firm and period are read off their covers, as of any filing."""
    found = []
    for each in corpus.documents:
        cover = read_cover(each.text)
        sections = tuple(Section(part.name, part.start, part.end) for part in each.sections)
        about = {"firm": cover.firm, "period": cover.period.name, "form": cover.form}
        found.append(Document(each.id, each.text, cover.label, sections, about))
    return found


@dataclass(frozen=True)
class Way:
    """A way to search.

    Attributes
    ----------
    header : bool
        Whether a chunk is embedded behind its header: firm, form, period and section.
    filter : bool
        Whether only chunks of the firms and periods that the question names are looked at.
    by : {"vectors", "words", "fused"}
        What ranks them.
    once : bool
        Whether BM25 has the bare text and the question without its names, which the filter has used already.
    """

    header: bool = True
    filter: bool = True
    by: By = "vectors"
    once: bool = False


BARE = Way(header=False, filter=False)
WAYS = {"bare": BARE, "header": Way(filter=False), "filter": Way(header=False), "both": Way()}


@dataclass(frozen=True)
class Score:
    """Recall of one way on questions.

    Attributes
    ----------
    mean, low, high : float
        Over the questions, with a 95 % interval by bootstrap.
    each : tuple of float
        Of each question, in their order.
    """

    mean: float
    low: float
    high: float
    each: tuple[float, ...]


class Shelf:
    """The filings of one seed in chunks of one size, with all that is needed to search them.

    Parameters
    ----------
    seed, size : int
        Which filings, and how many characters a chunk has at most.
    embed : callable
        Gives unit vectors for texts.
    cut : callable, optional
        Cuts a document into chunks; by default `split` into `size`.
    """

    def __init__(
        self,
        seed: int,
        embed: Embed,
        size: int = SIZE,
        cut: Callable[[Document], Sequence[Chunk]] | None = None,
    ) -> None:
        self.seed, self.size, self.embed = seed, size, embed
        self.corpus = make_corpus(seed)
        self.questions = make_questions(self.corpus)
        self.documents = filed(self.corpus)
        cut = cut or functools.partial(split, size=size)
        self.chunks = [chunk for document in self.documents for chunk in cut(document)]
        self.called = aliases(read_cover(document.text) for document in self.documents)

    @property
    def answerable(self) -> list[Question]:
        """The questions that have an answer."""
        return [question for question in self.questions if question.evidence]

    def texts(self, header: bool) -> list[str]:
        """Give what is embedded of each chunk."""
        return [chunk.headed if header else chunk.text for chunk in self.chunks]

    @cached_property
    def facts(self) -> list[Fact]:
        """What can be read out of tables and sentences."""
        return [fact for document in self.documents for fact in read_facts(document)]

    @functools.cache  # noqa: B019 - a shelf lives as long as the process that asks it
    def matrix(self, header: bool) -> NDArray[np.float32]:
        """Give a row for each chunk."""
        return self.embed(self.texts(header))

    @functools.cache  # noqa: B019
    def words(self, header: bool) -> BM25:
        """Give the ranking by words."""
        return BM25(self.texts(header))

    def named(self, question: str) -> Named:
        """Read the names off a question."""
        return read_question(question, self.called)

    def allowed(self, named: Named) -> list[int] | None:
        """Give the chunks of the firms and the periods that are named; None where neither is."""
        if not named.firms and not named.periods:
            return None
        periods = {period.name for period in named.periods}
        return [
            place
            for place, chunk in enumerate(self.chunks)
            if (not named.firms or chunk.metadata["firm"] in named.firms)
            and (not periods or chunk.metadata["period"] in periods)
        ]

    def search(self, question: str, way: Way, k: int = DEEP) -> Ranking:
        """Rank chunks for a question."""
        named = self.named(question)
        allowed = self.allowed(named) if way.filter else None
        by_vectors = by_words = Ranking()
        if way.by != "words":
            by_vectors = dense(self.embed([question])[0], self.matrix(way.header), k, allowed)
        if way.by != "vectors":
            words = self.words(way.header and not way.once)
            by_words = words.search(named.left if way.once else question, k, allowed)
        if way.by == "fused":
            return fuse([by_vectors, by_words])
        return by_vectors or by_words

    def evidence(self, question: str, way: Way, k: int = K) -> list[Evidence]:
        """Give the best chunks for a question."""
        found = self.search(question, way, k)
        return [Evidence(self.chunks[place], score, way.by) for place, score in [*found.items()][:k]]

    def holding(self, question: Question) -> list[set[int]]:
        """Give, for each span that is needed, the chunks that hold it or one that says the same."""
        return [
            {place for place, chunk in enumerate(self.chunks) if any(_holds(chunk, span) for span in spans)}
            for spans in question.evidence
        ]

    def recall(self, way: Way, k: int = K) -> Score:
        """Give the share of the needed spans that are among the first `k` chunks."""
        return self._score(way, lambda ranking: [*ranking][:k])

    def recall_of(self, way: Way, characters: int) -> Score:
        """Give the share of the needed spans that are among the first chunks with so many characters together."""

        def first(ranking: Ranking) -> list[int]:
            read, kept = 0, list[int]()
            for place in ranking:
                read += len(self.chunks[place].text)
                if read > characters:
                    break
                kept.append(place)
            return kept

        return self._score(way, first)

    def _score(self, way: Way, first: Callable[[Ranking], Sequence[int]]) -> Score:
        each = []
        for question in self.answerable:
            kept = set(first(self.search(question.text, way)))
            needed = self.holding(question)
            each.append(sum(not kept.isdisjoint(places) for places in needed) / len(needed))
        told = compare(each, [0.0] * len(each), self.seed)
        return Score(told.mean, told.low, told.high, tuple(each))


def _holds(chunk: Chunk, span: Span) -> bool:
    return chunk.source == span.document and chunk.start <= span.start and span.end <= chunk.end


def difference(ours: Score, theirs: Score, seed: int) -> Difference:
    """Compare two ways on the same questions."""
    return compare(ours.each, theirs.each, seed)


# What is said of chunks alone


def share_with_names(shelf: Shelf) -> tuple[float, float]:
    """Give the share of chunks whose own text names a firm, and that of those that name a period."""
    named = [shelf.named(chunk.text) for chunk in shelf.chunks]
    return (
        sum(bool(each.firms) for each in named) / len(named),
        sum(bool(each.periods) for each in named) / len(named),
    )


def rows_without_heads(documents: Iterable[Document], cut: Callable[[Document], Sequence[Chunk]]) -> float:
    """Give the share of tables' rows that stand in another chunk than the line that names their columns."""
    rows = headless = 0
    for document in documents:
        chunks = cut(document)
        heads = {}
        for fact in read_facts(document):
            if fact.text.startswith(fact.metric + " " * 2):
                heads[fact.start, fact.end] = _head(document.text, fact.start)
        for (_, end), head in heads.items():
            rows += 1
            headless += not any(chunk.start <= head and end <= chunk.end for chunk in chunks)
    return headless / rows


def _head(text: str, row: int) -> int:
    """Find the line with the heads of the table that a row belongs to."""
    return text.rindex("\n(", 0, row) + 1


def chance_of_order(scores: Sequence[float], good: Sequence[bool]) -> float:
    """Give the chance that of two, one good and one not, the good one has the higher score (AUC).

    Equals count half; where all are good, or none is, nothing can be told apart: 1/2.
    """
    yes = [score for score, is_so in zip(scores, good, strict=True) if is_so]
    no = [score for score, is_so in zip(scores, good, strict=True) if not is_so]
    if not yes or not no:
        return 0.5
    won = sum((one > other) + 0.5 * (one == other) for one in yes for other in no)
    return won / (len(yes) * len(no))


def texts(seeds: Iterable[int] = (1, 2, 3), sizes: Iterable[int] = (256, 1024, 2048)) -> Iterator[str]:
    """Give all that the chapter's searches embed: each seed in chunks of `SIZE`, the first in other sizes too."""

    def nothing(given: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(given), 1), dtype=np.float32)

    seeds = list(seeds)
    for shelf in [*(Shelf(seed, nothing) for seed in seeds), *(Shelf(seeds[0], nothing, size) for size in sizes)]:
        yield from shelf.texts(header=False)
        yield from shelf.texts(header=True)
    for seed in seeds:
        shelf = Shelf(seed, nothing)
        for firm in sorted({fact.firm for fact in shelf.facts}):
            for about in called([fact for fact in shelf.facts if fact.firm == firm]).values():
                yield from sorted(about)
        for question in shelf.questions:
            yield question.text
            yield shelf.named(question.text).left
