"""An answer from evidence: every statement with the place that it rests on, every number found there, or none given.

What a model writes is text. It may cite a passage that nobody gave it, or a number that stands in none. So an answer is
checked when it is there, by code that knows the passages: a number of the answer that does not occur where the answer
says that it does makes it a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from companion.models import SECONDS, chat_model
from companion.models.context import Citation as Cited
from companion.models.context import Source, cited, prompt
from companion.models.evidence import ALL
from companion.reasoning.rag.chunks import Answer, Chunk, Citation, Evidence
from companion.reasoning.rag.formats.headings import lines_of, plain

REFUSAL = "The documents hold no evidence for an answer."
"""What an answer says that is none."""

_NUMBER = re.compile(
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    r"\s*(?P<unit>%|per ?cent\b|thousand\b|million\b|billion\b|trillion\b)?",
    re.I,
)
Number = tuple[Decimal, str]

_CITATION = re.compile(r"\s*\[(\d{1,4})\]")
_STOP = re.compile(r"(\[\d{1,4}\])\s*[.,;:!?]+")
_NO_EVIDENCE = re.compile(r"\b(?:no|not any|without) evidence\b", re.I)


def ask(
    question: str,
    evidence: Sequence[Evidence],
    model_name: str = "offline",
    *,
    share: float = ALL,
    headed: bool = True,
    timeout: float = SECONDS,
) -> Answer:
    """Have a model answer from evidence, and check what it says.

    Parameters
    ----------
    question : str
        What is asked.
    evidence : sequence of Evidence
        What the model is shown, each passage under its header.
    model_name : str
        As `companion.models.chat_model` takes it.
    share : float
        How many of a question's words a sentence must hold for the model `offline`, those of its header aside.
    headed : bool
        Whether the model is told what each passage is about, and sees its headings. The literal reader takes the words
        of a header for said: right for filings, whose sentences speak of "the Company", and wrong where a heading has
        the question's own words, as "Refunds" has in a handbook; then no word is left for a sentence to hold. And it
        would quote the heading.
    timeout : float
        Seconds that the model may take.

    Returns
    -------
    Answer
        Its citations are numbered in the order of the answer: [1] is the first of `citations`. It is refused where
        there is no evidence, where the model says so or cites nothing, and where it cites a passage or writes a number
        that is not there.

    Raises
    ------
    ModelError
        If the model gives no answer: that is no refusal.
    ValueError, ImportError
        If there is no such model, or not here.
    """
    sources = [_source(each.chunk, headed) for each in evidence]
    if not sources:
        return _refused("nothing was found", model_name)
    if model_name == "offline":
        from companion.models.offline import LiteralReader

        message = LiteralReader(share=share).invoke(prompt(question, sources))
    else:
        message = chat_model(model_name, timeout=timeout).invoke(prompt(question, sources))
    return verified(str(message.text).strip(), evidence, sources, model_name)


def _source(chunk: Chunk, headed: bool) -> Source:
    """Give a passage as the model is shown it; each character stands where it stands in the chunk."""
    if headed:
        return Source(chunk.header or chunk.source, chunk.text)
    shown = chunk.text
    for line in lines_of(chunk.text):
        name = plain(line.text.strip("#=~^-*+ \t"))
        if name not in chunk.header:
            break
        shown = shown[: line.start] + " " * len(line.text) + shown[line.start + len(line.text) :]
    return Source("", shown)


def verified(said: str, evidence: Sequence[Evidence], sources: Sequence[Source], model_name: str) -> Answer:
    """Make an answer of what a model said about sources, in which every number can be looked up."""
    citations = cited(_STOP.sub(r"\1", said), sources)  # a stop behind the number is no part of what is said next
    if _NO_EVIDENCE.search(said):
        return _refused("the passages do not say it", model_name)
    if not citations:
        return _refused("the model named no passage" if said else "the model said nothing", model_name)
    if strange := [each.number for each in citations if each.source is None]:
        return _refused(f"the model cites passage {strange[0]}, and there are {len(sources)}", model_name)
    if number := _not_found(said, citations):
        return _refused(f"the model says {number}, which stands in no passage that it cites", model_name)
    places: dict[tuple[int, int, int], int] = {}  # the passage and the place in it: the number in the answer
    numbers = [places.setdefault(_place(each, evidence), len(places) + 1) for each in citations]
    left = iter(numbers)
    text = _CITATION.sub(lambda found: f" [{next(left)}]", said)
    return Answer(text, tuple(_citation(*place, evidence) for place in places), False, "", model_name)


def _refused(why: str, model_name: str) -> Answer:
    return Answer(REFUSAL, (), True, why, model_name)


def _place(each: Cited, evidence: Sequence[Evidence]) -> tuple[int, int, int]:
    """Give the passage and the part of it that is cited: all of it, where the statement is not there word by word."""
    text = evidence[each.number - 1].chunk.text
    return each.number - 1, each.start or 0, len(text) if each.end is None else each.end


def _citation(passage: int, start: int, end: int, evidence: Sequence[Evidence]) -> Citation:
    chunk = evidence[passage].chunk
    return Citation(
        chunk.source, chunk.start + start, chunk.start + end, chunk.text[start:end], evidence[passage].score
    )


def _not_found(said: str, citations: Sequence[Cited]) -> str:
    """Give a number of the answer that no passage holds which is cited for it, or ""."""
    held: dict[str, set[Number]] = {}
    for each in citations:
        if each.source is not None:
            held.setdefault(each.said, set()).update(numbers_in(f"{each.source.label} {each.source.text}"))
    everywhere = set[Number]().union(*held.values())
    rest = _CITATION.split(said)[-1]  # what follows the last number of a passage
    for statement, there in [*held.items(), (rest, everywhere)]:
        for value, unit in numbers_in(statement):
            if not any(value == other and (unit == its or "" in (unit, its)) for other, its in there):
                return f"{value:f} {unit}".strip()
    return ""


def numbers_in(text: str) -> list[Number]:
    """List the numbers that a text has in digits, each with its scale or per cent sign, or "".

    Digits in words and names count too, so that an answer may not make Q3 of Q2. In a table the scale stands in a
    corner: a number without one agrees with any.
    """
    return [
        (Decimal(found["digits"].replace(",", "")).normalize(), _unit(found["unit"] or ""))
        for found in _NUMBER.finditer(text)
    ]


def _unit(written: str) -> str:
    return "%" if written.lower().startswith("per") else written.lower()
