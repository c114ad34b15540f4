"""Answers made of sentences of the context, each with the name of the passage that it comes from.

A context begins after a line or phrase ``Context:`` and ends before ``Question:``. A passage in it opens with a
bracket, in which stands a name, or a number and a label (`companion.models.context` writes these).

    Context:
    [sockets.md] A socket is one end of a connection. It has a port.
    [2: Borealis Instruments, 10-Q, Q2 2025] The Company's revenue was $94.9 million.

    Question: What is a socket?

**In a passage that has a name**, a sentence is evidence when it holds at least half of the question's telling words,
letter by letter.

**In a passage that has a label**, the label says what its sentences are about, so its words need not be repeated. All
the others must be: of "What was the revenue of Borealis Instruments in Q2 2025?" the sentence above has to say
"revenue" and nothing more, and in a passage of Q3 it would have to say Q2. Where a number is asked for, it must hold
one (`companion.models.amounts`). A row of a table is no sentence, since it does not say what its columns are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from companion.models.amounts import asked as asked_for
from companion.models.amounts import gives
from companion.models.reading import sentences, statements, telling_words

NO_EVIDENCE = "The context holds no evidence for an answer."
AT_MOST = 2
"""How many sentences an answer has, at most."""
ALL, HALF = 1.0, 0.5
"""Shares of the question's words that a sentence must hold."""

_CONTEXT = re.compile(r"Context:(.*?)(?=Question:|\Z)", re.S)
_PASSAGE = re.compile(r"^\s*\[([^\]\n]+)\]", re.M)
_NUMBERED = re.compile(r"(\d+):\s*(.*)")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")


@dataclass(frozen=True)
class Passage:
    """A piece of context.

    Attributes
    ----------
    name : str
        What it is cited as; "" where it has none.
    text : str
        What it says.
    label : str or None
        What all of it is about; None where it only has a name.
    """

    name: str
    text: str
    label: str | None = None


def question_in(text: str) -> str:
    """Give what follows the last ``Question:``, or the whole text where there is none."""
    return text.rpartition("Question:")[2].strip()


def passages_in(text: str) -> Iterator[Passage]:
    """List the passages of the contexts in a text."""
    for context in _CONTEXT.findall(text):
        first, *rest = _PASSAGE.split(context)
        if first.strip():
            yield Passage("", first)
        for bracket, passage in zip(rest[::2], rest[1::2], strict=True):
            found = _NUMBERED.fullmatch(bracket)
            yield Passage(found[1], passage, found[2]) if found else Passage(bracket, passage)


def answer(question: str, passages: Sequence[Passage], share: float = ALL) -> str:
    """Answer with the sentences that hold most of the question's words, best first, or with `NO_EVIDENCE`.

    Parameters
    ----------
    question : str
        What is asked.
    passages : sequence of Passage
        The context.
    share : float
        How many of the question's words a sentence must hold in a passage that has a label, its own words aside:
        `ALL`, or less.
    """
    found = []
    for passage in passages:
        read = _named(question, passage) if passage.label is None else _labelled(question, passage, share)
        found += [(shared, sentence, passage.name) for shared, sentence in read]
    best = sorted(found, key=lambda each: -each[0])[:AT_MOST]  # a stable sort: the earlier sentence of two equals
    return " ".join(f"{sentence} [{name}]" if name else sentence for _, sentence, name in best) or NO_EVIDENCE


def _named(question: str, passage: Passage) -> Iterator[tuple[int, str]]:
    """Give the sentences of a passage that has no label, with the number of words that they share with the question."""
    asked = telling_words(question)
    for sentence in sentences(passage.text):
        shared = len(asked & telling_words(sentence))
        if shared and shared >= HALF * len(asked):
            yield shared, sentence


def _labelled(question: str, passage: Passage, share: float) -> Iterator[tuple[int, str]]:
    """Give the sentences of a passage that say of what its label names what is asked of it."""
    kind, rest = asked_for(question)
    asked = _words(rest)
    wanted = asked - _words(passage.label or "")
    for sentence in statements(passage.text):
        shared = len(wanted & _words(sentence))
        if shared and shared >= share * len(wanted) and gives(sentence, kind, question):
            yield len(asked) - len(wanted) + shared, sentence


def _words(text: str) -> set[str]:
    """Give a text's telling words; of "the Company's" the s is none."""
    return telling_words(_POSSESSIVE.sub("", text))
