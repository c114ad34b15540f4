"""Writes data/rag/vectors.npz: the vectors of all that the chapter embeds."""

from __future__ import annotations

from collections.abc import Iterator

from companion.reasoning.rag.trials import article, experiments, sentences
from companion.reasoning.rag.trials.vectors import FILE, data_folder
from companion.services.hybrid_search.vectors import save_vectors


def texts() -> Iterator[str]:
    """Give every text of the chapter's experiments; one may come several times."""
    yield from experiments.texts()
    yield from article.texts()
    yield from sentences.texts()


def record() -> None:
    """Embed what is not in the file yet, drop what nobody asks for any more, and write it."""
    save_vectors(texts(), data_folder() / FILE)


if __name__ == "__main__":
    record()
