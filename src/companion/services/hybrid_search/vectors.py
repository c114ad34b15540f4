"""Embeddings of MiniLM that were recorded, so that thousands of texts need no minute of computing.

A vector is kept as 384 whole numbers of eight bits, a quarter of its size, under a hash of its text; what it is scaled
by need not be known, since all have length one. The rounding moves a cosine by a few ten-thousandths. A text that is
not in the file, because a library has another version or you have asked something new, is given to the model itself.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.files import replace_file
from companion.measure import records_folder
from companion.services.documents import DIMENSIONS

Matrix = NDArray[np.float32]
MODEL = "minilm"
LEVELS = 127
"""The largest whole number that a recorded vector has."""


def data_folder() -> Path:
    """Find data/hybrid_search: beside the measurements, else in the working directory or a folder above it.

    Raises
    ------
    FileNotFoundError
        If it is in neither: it comes with the book's repository, not with the package.
    """
    here = Path.cwd()
    roots = [records_folder().parent, *(folder / "data" for folder in (here, *here.parents))]
    found = next((root / "hybrid_search" for root in roots if (root / "hybrid_search").is_dir()), None)
    if found is None:
        raise FileNotFoundError("data/hybrid_search is not here: run this in a checkout of the book")
    return found


def text_key(text: str) -> int:
    """Give the 64 bits under which a text's vector is kept."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def recorded_vectors(file: Path) -> Callable[[Sequence[str]], Matrix]:
    """Give a function that embeds texts: from a recording, and by the model what is not in it.

    Parameters
    ----------
    file : Path
        What `save_vectors` has written.

    Returns
    -------
    callable
        Takes texts and gives a matrix with a row of length one for each.
    """
    with np.load(file, allow_pickle=False) as stored:
        keys, levels = stored["keys"], stored["levels"].astype(np.float32)
    known = dict(zip(keys.tolist(), _units(levels), strict=True))

    def embed(texts: Sequence[str]) -> Matrix:
        missing = list(dict.fromkeys(text for text in texts if text_key(text) not in known))
        if missing:
            known.update(zip(map(text_key, missing), _computed(missing), strict=True))
        return np.array([known[text_key(text)] for text in texts], dtype=np.float32).reshape(len(texts), DIMENSIONS)

    return embed


def save_vectors(texts: Iterable[str], file: Path) -> None:
    """Embed texts and record their vectors; those that the file has already are not computed again."""
    embed = recorded_vectors(file) if file.exists() else _computed
    by_key = {text_key(text): text for text in texts}
    keys = sorted(by_key)
    vectors = embed([by_key[key] for key in keys])
    levels = np.rint(vectors / np.abs(vectors).max(axis=1, keepdims=True) * LEVELS).astype(np.int8)
    stream = io.BytesIO()
    np.savez_compressed(stream, keys=np.array(keys, dtype=np.uint64), levels=levels)
    replace_file(file, stream.getvalue())


def _computed(texts: Sequence[str]) -> Matrix:
    from companion.models import embeddings

    return embeddings(MODEL).matrix(texts)


def _units(vectors: Matrix) -> Matrix:
    found: Matrix = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return found
