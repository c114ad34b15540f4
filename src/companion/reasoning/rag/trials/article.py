"""The article's RAGEngine as it was printed, on filings whose truth is known; and each of its decisions alone.

Its splitter and its store are LangChain's, which are written here in the few lines that matter: text is cut at the
first of four separators that it has, each kept at the head of what follows; the store begins with a text "init", and
searches an `IndexFlatL2`, whose score is the *squared* distance. For vectors of length one that is 2 - 2 cos.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

import faiss
import numpy as np
from numpy.typing import NDArray

from companion.reasoning.rag.chunks import Chunk, Document
from companion.reasoning.rag.facts import Embed
from companion.reasoning.rag.trials.experiments import Shelf, chance_of_order

SEPARATORS = ("\n\n", "\n", ". ", " ")
SIZE, OVERLAP, K, NEAR = 512, 50, 5, 0.5
"""As printed: characters of a chunk and of an overlap, how many are found, and the score below which one is used."""

INIT = "init"

SAMPLE = """{ticker} Q3 2024 Earnings Report
Revenue: $94.9 billion, up 6% year over year
iPhone revenue: $46.2 billion
Services revenue: $23.3 billion (all-time record)
Gross margin: 45.2%
Operating cash flow: $28.7 billion
CEO Tim Cook: "We're incredibly pleased with our record September quarter results and strong momentum heading into the
holiday season."
"""
"""The document of the article's example, which it makes for whatever ticker it is given (Bhatti, 2025)."""

SAMPLE_ASKED = (
    "What was the revenue of AAPL in Q3 2024?",
    "How much revenue came from the iPhone?",
    "How much did services bring in?",
    "What was the gross margin?",
    "How much operating cash flow was there?",
    "What did the CEO say about the results?",
    "By how much did revenue grow year over year?",
)
"""Questions that the sample document answers."""

SAMPLE_WRONG = ("What was the revenue of AAPL in Q2 2024?", "What was the revenue of MSFT in Q3 2024?")
"""Questions that it does not."""


def recursive_split(
    text: str, size: int = SIZE, overlap: int = OVERLAP, separators: Sequence[str] = SEPARATORS
) -> list[str]:
    """Cut a text as LangChain's RecursiveCharacterTextSplitter does with these separators.

    What no separator parts stays as long as it is, since the list does not end with "".
    """
    here, *rest = separators
    for place, separator in enumerate(separators):
        if separator in text:
            here, rest = separator, list(separators[place + 1 :])
            break
    else:
        rest = []
    first, *others = text.split(here)
    found, short = list[str](), list[str]()
    for piece in [first, *(here + other for other in others)]:
        if len(piece) < size:
            short.append(piece)
            continue
        found += _merged(short, size, overlap)
        short = []
        found += recursive_split(piece, size, overlap, rest) if rest else [piece]
    return [piece for piece in map(str.strip, [*found, *_merged(short, size, overlap)]) if piece]


def _merged(pieces: Sequence[str], size: int, overlap: int) -> Iterator[str]:
    """Join pieces as long as they fit, and begin the next with the last ones of the one before."""
    kept, total = list[str](), 0
    for piece in pieces:
        if kept and total + len(piece) > size:
            yield "".join(kept)
            while total > overlap or (kept and total + len(piece) > size):
                total -= len(kept.pop(0))
        kept.append(piece)
        total += len(piece)
    if kept:
        yield "".join(kept)


def cut(document: Document, size: int = SIZE, overlap: int = OVERLAP) -> list[Chunk]:
    """Cut a document in this way, into chunks that know their places."""
    found, behind = list[Chunk](), 0
    for piece in recursive_split(document.text, size, overlap):
        start = document.text.index(piece, behind)
        behind = start + 1
        found.append(Chunk(document.source, start, start + len(piece), piece, document.label, document.metadata))
    return found


class Store:
    """Texts and their vectors, as `FAISS.from_texts(["init"], ...)` begins them.

    Parameters
    ----------
    embed : callable
        Gives unit vectors for texts.
    """

    def __init__(self, embed: Embed) -> None:
        self.embed = embed
        self.texts: list[str] = []
        self.index = faiss.IndexFlatL2(embed([INIT]).shape[1])
        self.add([INIT])

    def add(self, texts: Sequence[str]) -> None:
        """Add texts, whether they are there or not: they have no ids."""
        self.index.add(self.embed(texts))
        self.texts += texts

    def search(self, question: str, k: int = K) -> list[tuple[int, float]]:
        """Give the places of the nearest texts and their scores, the squared distances."""
        scores, places = self.index.search(self.embed([question]), k)
        return [(int(place), float(score)) for place, score in zip(places[0], scores[0], strict=True) if place >= 0]


@dataclass(frozen=True)
class Outcome:
    """What the recipe makes of a set of questions, in shares of them.

    Attributes
    ----------
    empty, complete : float
        Of the questions with an answer: with no passage in the context, and with all that is needed.
    misled : float
        Of the questions without one: with a passage in the context all the same.
    confident, doubting : float
        The mean of "sources / 5" where all that is needed is there, and where it is not.
    order : float
        The chance that of two questions, one with all that is needed and one without, the first has the higher
        "confidence" (AUC): one half says nothing.
    init : int
        To how many questions the text "init" was among the first five.
    """

    empty: float
    complete: float
    misled: float
    confident: float
    doubting: float
    order: float
    init: int


@functools.cache
def loaded(seed: int, embed: Embed) -> tuple[Shelf, Store]:
    """Load the filings of a seed, as the article does."""
    shelf = Shelf(seed, embed, cut=cut)
    store = Store(embed)
    store.add(shelf.texts(header=False))
    return shelf, store


def recipe(seed: int, embed: Embed, near: float = NEAR) -> Outcome:
    """Ask all questions of a seed, and use what is nearer than that."""
    shelf, store = loaded(seed, embed)
    used, complete, init = list[int](), list[bool](), 0
    for question in shelf.questions:
        found = store.search(question.text)
        init += any(place == 0 for place, _ in found)
        kept = {place - 1 for place, score in found if score < near}
        used.append(len(kept))
        needed = shelf.holding(question)
        complete.append(bool(needed) and all(not kept.isdisjoint(places) for places in needed))
    yes = [n for n, question in enumerate(shelf.questions) if question.evidence]
    no = [n for n, question in enumerate(shelf.questions) if not question.evidence]
    confidence = [count / K for count in used]
    whole, part = ([confidence[n] for n in yes if complete[n] is so] for so in (True, False))
    return Outcome(
        empty=fmean(used[n] == 0 for n in yes),
        complete=fmean(complete[n] for n in yes),
        misled=fmean(used[n] > 0 for n in no),
        confident=fmean(whole) if whole else 0.0,
        doubting=fmean(part) if part else 0.0,
        order=chance_of_order(confidence, complete),
        init=init,
    )


def distinct_after_loads(texts: Sequence[str], question: str, embed: Embed, times: int) -> int:
    """Load the same texts several times, and count the different ones among the first five."""
    store = Store(embed)
    for _ in range(times):
        store.add(texts)
    return len({store.texts[place] for place, _ in store.search(question)})


def sample_scores(embed: Embed) -> dict[str, float]:
    """Give the best score of each question about the article's own sample document, loaded for AAPL.

    To six decimals: the last digits of a sum of 32-bit products differ from one processor to the next.
    """
    store = Store(embed)
    store.add(recursive_split(SAMPLE.format(ticker="AAPL")))
    return {question: round(store.search(question)[0][1], 6) for question in (*SAMPLE_ASKED, *SAMPLE_WRONG)}


def borders(documents: Sequence[Document], overlap: int) -> tuple[int, int]:
    """Count the borders between chunks, and those over which a chunk reaches back."""
    count = over = 0
    for document in documents:
        chunks = cut(document, SIZE, overlap)
        for one, other in pairwise(chunks):
            count += 1
            over += other.start < one.end
    return count, over


def texts(seeds: Sequence[int] = (1, 2, 3)) -> Iterator[str]:
    """Give all that is embedded here."""

    def nothing(given: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(given), 1), dtype=np.float32)

    yield INIT
    for seed in seeds:
        yield from Shelf(seed, nothing, cut=cut).texts(header=False)
    yield from recursive_split(SAMPLE.format(ticker="AAPL"))
    yield from (*SAMPLE_ASKED, *SAMPLE_WRONG)
