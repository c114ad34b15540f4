"""Embeddings as LangChain wants them: unit vectors, each text embedded once in a process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from langchain_core.embeddings import Embeddings
from numpy.typing import ArrayLike, NDArray

Embed = Callable[[list[str]], ArrayLike]


class Vectors(Embeddings):
    """Turns texts into unit vectors, so that a dot product is a cosine.

    Parameters
    ----------
    name : str
        What the vectors belong in a record under.
    embed : callable
        Takes a list of texts and returns one vector each; asked only for what it has not embedded before.
    embed_queries : callable, optional
        The same for what is searched with, where a model was trained to tell it from what is searched; by default
        `embed`.
    """

    def __init__(self, name: str, embed: Embed, embed_queries: Embed | None = None) -> None:
        self.name = name
        self._documents = _Remembering(embed)
        self._queries = self._documents if embed_queries is None else _Remembering(embed_queries)

    def matrix(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts as the rows of a matrix; a text without words may get the zero vector, which is like no other."""
        return self._documents.matrix(texts)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed what is searched with, in the same way."""
        return self._queries.matrix(texts)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed texts, in their order."""
        rows: list[list[float]] = self.matrix(texts).tolist()
        return rows

    def embed_query(self, text: str) -> list[float]:
        """Embed one text to search with."""
        row: list[float] = self.queries([text])[0].tolist()
        return row


class _Remembering:
    """Asks for the vector of a text once, and gives it length one."""

    def __init__(self, embed: Embed) -> None:
        self._embed = embed
        self._known: dict[str, NDArray[np.float32]] = {}

    def matrix(self, texts: Sequence[str]) -> NDArray[np.float32]:
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        if new:
            found = np.asarray(self._embed(new), dtype=np.float32)
            lengths = np.linalg.norm(found, axis=1, keepdims=True)
            self._known.update(zip(new, found / np.where(lengths > 0, lengths, 1), strict=True))
        return np.array([self._known[text] for text in texts], dtype=np.float32)
