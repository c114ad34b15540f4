"""Answers made of sentences of the context, each with the label of the passage that it comes from.

A context begins after a line or phrase ``Context:`` and ends before ``Question:``. A passage in it opens with its label
in brackets:

    Context:
    [sockets.md] A socket is one end of a connection. It has a port.
    [rpc.md] A remote call looks like a local one.

    Question: What is a socket?

A sentence is evidence when it holds at least half of the question's telling words, letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from companion.models.reading import sentences, telling_words

NO_EVIDENCE = "The context holds no evidence for an answer."
AT_MOST = 2
"""How many sentences an answer has, at most."""

_CONTEXT = re.compile(r"Context:(.*?)(?=Question:|\Z)", re.S)
_PASSAGE = re.compile(r"^\s*\[([^\]\n]+)\]", re.M)


@dataclass(frozen=True)
class Passage:
    """A piece of context and what it is cited as, "" where it has no label."""

    label: str
    text: str


def question_in(text: str) -> str:
    """Give what follows the last ``Question:``, or the whole text where there is none."""
    return text.rpartition("Question:")[2].strip()


def passages_in(text: str) -> Iterator[Passage]:
    """List the passages of the contexts in a text."""
    for context in _CONTEXT.findall(text):
        first, *rest = _PASSAGE.split(context)
        if first.strip():
            yield Passage("", first)
        for label, passage in zip(rest[::2], rest[1::2], strict=True):
            yield Passage(label, passage)


def answer(question: str, passages: Sequence[Passage]) -> str:
    """Answer with the sentences that hold most of the question's words, best first, or with `NO_EVIDENCE`."""
    asked = telling_words(question)
    found = [
        (len(asked & telling_words(sentence)), sentence, passage.label)
        for passage in passages
        for sentence in sentences(passage.text)
    ]
    evidence = [(shared, sentence, label) for shared, sentence, label in found if shared and 2 * shared >= len(asked)]
    best = sorted(evidence, key=lambda each: -each[0])[:AT_MOST]  # a stable sort: the earlier sentence of two equals
    return " ".join(f"{sentence} [{label}]" if label else sentence for _, sentence, label in best) or NO_EVIDENCE
