"""Embeddings of MiniLM that were recorded: of the chapter's chunks and questions, so that it runs in seconds.

They are kept as those of chapter 11 are (`companion.services.hybrid_search.vectors`), under a hash of the text. A text
that is not among them, because you have asked something new, is given to the model.
"""

from __future__ import annotations

import functools
from pathlib import Path

from companion.measure import records_folder
from companion.reasoning.rag.facts import Embed
from companion.services.hybrid_search.vectors import recorded_vectors

FILE = "vectors.npz"


def data_folder() -> Path:
    """Find data/rag: beside the measurements, else in the working directory or a folder above it.

    Raises
    ------
    FileNotFoundError
        If it is in neither: it comes with the book's repository, not with the package.
    """
    here = Path.cwd()
    roots = [records_folder().parent, *(folder / "data" for folder in (here, *here.parents))]
    found = next((root / "rag" for root in roots if (root / "rag").is_dir()), None)
    if found is None:
        raise FileNotFoundError("data/rag is not here: run this in a checkout of the book")
    return found


@functools.cache
def minilm() -> Embed:
    """Give the function that embeds texts, as rows of length one: the same one each time."""
    return recorded_vectors(data_folder() / FILE)
