"""Vectors without a model: words and their trigrams, hashed into 256 places.

Texts that share words, or pieces of words ("retry" and "retries"), are near each other. Nothing else is: "car" and
"automobile" are strangers, word order is lost, and two different words may share a place. It is what a real embedding
has to beat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from companion.models.reading import words

PLACES = 256
WORD, TRIGRAM = 1.0, 0.4
"""What a whole word weighs beside one of its trigrams: shared words should count for more than shared syllables."""


def hashed_words(texts: list[str]) -> NDArray[np.float32]:
    """Embed each text as the sum of its features, each with a place and a sign from its hash."""
    found = np.zeros((len(texts), PLACES), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        for (feature, weight), count in Counter(_features(text)).items():
            # blake2b, since Python's own hash differs from one process to the next
            hashed = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "big")
            sign = 1 if hashed >> 63 else -1  # so that features that share a place cancel as often as they add up
            row[hashed % PLACES] += sign * weight * count**0.5
    return found


def _features(text: str) -> Iterator[tuple[str, float]]:
    for word in words(text):
        yield word, WORD
        framed = f"<{word}>"
        yield from ((framed[at : at + 3], TRIGRAM) for at in range(len(framed) - 2))
