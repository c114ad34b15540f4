"""A context of numbered passages, and what an answer cites of it.

    Context:
    [1: Borealis Instruments, 10-Q, Q2 2025, Results] The Company's revenue was $94.9 million.
    [2: Castor Foods, 10-K, FY 2024, Risks] Wheat is bought in dollars.

    Question: What was the revenue of Borealis Instruments in Q2 2025?

The label says whose passage it is, which its text seldom does: a filing speaks of "the Company". An answer cites
numbers, and whoever made the prompt knows what they stand for.

What stands in a document was written by others, and so may what is asked. A line that begins with a bracket could pass
for the next passage, and "Question:" for the end of all of them. `defused` takes both away: brackets become
parentheses, and the colon after a word that a prompt is built of becomes a dash. No character is added or lost, so that
a place in the defused text is the same place in the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

TASK = (
    "Answer from the passages and from nothing else. After each sentence write the number of the passage that says so,"
    " as in [1]. If the passages do not say it, answer that they hold no evidence."
)

_BUILT_OF = re.compile(
    r"\b(context|question|answer|thought|action|action input|observation|final answer|system|user|assistant|human)"
    r"(\s*)[:：]",
    re.I,
)
_BRACKETS = str.maketrans("[]［］【】", "()()()")
_CITATION = re.compile(r"\[(\d{1,4})\]")


@dataclass(frozen=True)
class Source:
    """A passage to be shown, and in a few words what it belongs to: for a filing firm, form, period and section."""

    label: str
    text: str


@dataclass(frozen=True)
class Citation:
    """A statement of an answer and the passage that it names.

    Attributes
    ----------
    said : str
        What the answer says before the number, back to the number before.
    number : int
        The number.
    source : Source or None
        What it stands for; None where there is no passage of that number.
    start, end : int or None
        Where the source says so word by word, white space aside; None where it does not.
    """

    said: str
    number: int
    source: Source | None
    start: int | None = None
    end: int | None = None


def defused(text: str) -> str:
    """Take from a text what could pass for a part of a prompt; every other character stays where it was."""
    return _BUILT_OF.sub(lambda found: found[0][:-1] + "–", text.translate(_BRACKETS))


def numbered(sources: Sequence[Source]) -> str:
    """Write sources as the passages of a context, numbered from 1."""
    return "\n".join(
        f"[{number}: {_one_line(source.label)}] {defused(source.text)}"
        for number, source in enumerate(sources, start=1)
    )


def prompt(question: str, sources: Sequence[Source], task: str = TASK) -> str:
    """Write what a model is asked: the task, the passages, and the question last."""
    return f"{task}\n\nContext:\n{numbered(sources)}\n\nQuestion: {_one_line(question)}"


def cited(answer: str, sources: Sequence[Source]) -> list[Citation]:
    """List what an answer cites, each with its source and its place in there.

    Parameters
    ----------
    answer : str
        What a model said to a `prompt` of these sources.
    sources : sequence of Source
        In the same order.
    """
    found, behind = list[Citation](), 0
    said = ""
    for match in _CITATION.finditer(answer):
        said = answer[behind : match.start()].strip() or said  # of "so it is [1] [2]" both are cited for the same
        number = int(match[1])
        source = sources[number - 1] if 1 <= number <= len(sources) else None
        found.append(Citation(said, number, source, *(_place(said, source.text) if source else (None, None))))
        behind = match.end()
    return found


def _place(said: str, text: str) -> tuple[int, int] | tuple[None, None]:
    """Find a statement in a text, whose lines may end elsewhere."""
    pattern = r"\s+".join(map(re.escape, said.split()))
    place = re.search(pattern, defused(text)) if pattern else None
    return place.span() if place else (None, None)


def _one_line(text: str) -> str:
    return " ".join(defused(text).split())
