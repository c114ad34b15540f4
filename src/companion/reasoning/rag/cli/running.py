"""What the commands under `companion rag` do, from options to what is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import typer

from companion.cli_output import refuse
from companion.models.errors import ModelError
from companion.reasoning.rag import answering, evaluating
from companion.reasoning.rag.chunks import Answer, Citation, Evidence, RagError
from companion.reasoning.rag.cli import terminal
from companion.reasoning.rag.cli.terminal import counted, show
from companion.reasoning.rag.index import Index, open_index, update
from companion.reasoning.rag.retrieving import By

WIDTH = 100
"""Columns of what is printed."""

LINES = 4
"""Lines that are shown of a passage."""

READ_OUT = (".ipynb", ".html", ".htm", ".pdf")
"""Files of which no line is named: their text was read out of them, and its lines are not theirs."""

LISTED = 10
"""How many things of a kind are listed; --json has all."""

SHARE = 0.66
"""What share of a question's words a sentence has to hold for the literal reader, two of three. A question seldom
repeats all words of a stranger's sentence; with half of them, many more are answered that the documents do not
answer."""


@contextmanager
def refusing(command: str) -> Iterator[None]:
    """Say in one line what cannot be done; that is no traceback."""
    try:
        yield
    except (RagError, ModelError, ValueError, ImportError) as error:
        refuse(command, str(error))


# index


def index(
    folder: Path,
    out: Path,
    embedding: str,
    size: int,
    jobs: int | None,
    include: Sequence[str],
    exclude: Sequence[str],
) -> None:
    """Bring an index up to date, and say what that took."""
    from loky import cpu_count

    with refusing("rag index"):
        begun = perf_counter()
        with terminal.progress("embedding") as step:
            made = update(
                folder, out, embedding=embedding, size=size, include=include, exclude=exclude,
                jobs=jobs or cpu_count(), on_step=step,
            )  # fmt: skip
        took = perf_counter() - begun
    terminal.warn("rag index", made.index.unread)
    if made.anew:
        terminal.say(f"companion rag index: made anew: {made.anew}")
    documents, passages = len(made.index.sources), len(made.index.chunks)
    changes = f"{made.added:,} added, {made.changed:,} changed, {made.removed:,} removed"
    show(
        f"{out}: {counted(documents, 'document')}, {counted(passages, 'passage')} of at most {size:,} characters,"
        f" by {embedding}; {changes}, {counted(made.embedded, 'passage')} embedded in {took:.1f} s"
    )


# ask


def ask(folder: Path, question: str, k: int, model: str, by: By, only: Sequence[str], json_file: str) -> None:
    """Answer a question, and leave with 1 if there is no answer."""
    with refusing("rag ask"):
        if not question.strip():
            raise RagError("a question is needed")
        pairs = dict(_pair(each) for each in only)
        opened = open_index(folder)
        evidence = opened.search(question, k, by=by, only=pairs)
        answer = answering.ask(question, evidence, model, share=SHARE, headed=model != "offline")
    citations = cited_first(answer, evidence, k)
    if json_file:
        terminal.write_json("rag ask", json_file, _as_json(answer, citations))
    if json_file != "-":
        _print(answer, citations, opened)
    if answer.refused:
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise RagError(f"--only {text}: KEY=VALUE was expected")
    return key.strip().lower(), value.strip()


def cited_first(answer: Answer, evidence: Sequence[Evidence], k: int) -> list[Citation]:
    """Give what the answer cites, then the other passages, the nearest first, `k` in all."""
    found = list(answer.citations)
    for each in evidence:
        chunk = each.chunk
        if not any(own.source == chunk.source and own.start < chunk.end and chunk.start < own.end
                   for own in answer.citations):  # fmt: skip
            found.append(Citation(chunk.source, chunk.start, chunk.end, chunk.text, each.score))
    return found[:k]


def _as_json(answer: Answer, citations: Sequence[Citation]) -> dict[str, Any]:
    said = f"{answer.text} ({answer.why})" if answer.refused else answer.text
    return {
        "answer": said,
        "refused": answer.refused,
        "citations": [vars(each) for each in citations],
        "model": answer.model,
    }


def _print(answer: Answer, citations: Sequence[Citation], opened: Index) -> None:
    show(_filled(f"{answer.text} ({answer.why})" if answer.refused else answer.text))
    own = len(answer.citations)
    if answer.refused and citations:
        show("\nThe nearest passages:")
    for number, each in enumerate(citations, 1):
        if number == own + 1 and own:
            show("\nAlso near:")
        chunk, line = opened.find(each.source, each.start)
        place = each.source if each.source.lower().endswith(READ_OUT) else f"{each.source}:{line}"
        show(f"\n[{number}] {' '.join(place.split())}  {chunk.header}")
        lines = _filled(each.text, "    ").split("\n")
        show("\n".join(lines[:LINES]) + (" ..." if len(lines) > LINES else ""))


def _filled(text: str, indent: str = "") -> str:
    return textwrap.fill(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent)


# eval


def evaluate(folder: Path, questions: Path, by: By, json_file: str) -> None:
    """Judge an index by questions."""
    with refusing("rag eval"):
        asked = evaluating.read_questions(questions)
        found = evaluating.report(open_index(folder), asked, by)
    if json_file:
        terminal.write_json("rag eval", json_file, _report_json(found))
    if json_file != "-":
        _print_report(found)


def _report_json(found: evaluating.Report) -> dict[str, Any]:
    means = {"recall@1": found.recall_1, "recall@5": found.recall_5, "mrr": found.mrr, "answer@5": found.answers_5}
    return {
        "questions": found.questions,
        "metrics": {name: vars(mean) for name, mean in means.items() if mean is not None},
        "missed": [
            {"question": each.question.text, "sources": each.question.sources, "rank": each.rank,
             "instead": each.instead}
            for each in found.missed
        ],
        "passed_over": [each.text for each in found.passed_over],
        "in_no_chunk": [each.text for each in found.in_no_chunk],
        "unknown": [{"question": each.text, "sources": each.sources} for each in found.unknown],
        "never_found": found.never_found,
        "short": found.short,
        "duplicates": found.duplicates,
        "unread": [vars(problem) for problem in found.unread],
    }  # fmt: skip


def _print_report(found: evaluating.Report) -> None:
    show(f"{counted(found.questions, 'question')}, means with 95 % intervals over questions")
    for name, mean, means in (
        ("recall@1", found.recall_1, "the first passage is of a right document"),
        ("recall@5", found.recall_5, "one of the first five is"),
        ("MRR", found.mrr, "1 / rank of the first right document"),
        ("answer@5", found.answers_5, "one of the first five passages holds the answer's words"),
    ):
        if mean is not None:
            show(f"  {name:<9} {mean}  {means}")
    _list("Missed: no passage of a right document among the first five", [_missed(each) for each in found.missed])
    _list("Passed over: a passage holds the answer, and is not among the first five",
          [each.text for each in found.passed_over])  # fmt: skip
    _list("In no passage: the answer's words stand in none of its documents' passages",
          [each.text for each in found.in_no_chunk])  # fmt: skip
    _list("Not in the index: the documents of these questions", [
        f"{each.text}  ({', '.join(each.sources)})" for each in found.unknown
    ])  # fmt: skip
    _list("Never among the first five of any question", found.never_found)
    _list(f"Shorter than {evaluating.SHORT} characters", found.short)
    _list("The same to the byte", [" = ".join(names) for names in found.duplicates])
    _list("Not read", [str(problem) for problem in found.unread])


def _missed(each: evaluating.Missed) -> str:
    place = f"document {each.rank}" if each.rank else "not found"
    instead = each.instead[0] if each.instead else "nothing"
    return f"{each.question.text}  ({' or '.join(each.question.sources)}: {place}; first came {instead})"


def _list(title: str, lines: Sequence[str]) -> None:
    """Print what there is of a kind, the first few of it."""
    if not lines:
        return
    show(f"\n{title}: {len(lines):,}")
    for line in lines[:LISTED]:
        show(f"  {' '.join(line.split())}")
    if len(lines) > LISTED:
        show(f"  ... and {len(lines) - LISTED:,} more; --json - lists all")
