"""The arrays of an ONNX file, read without a library: it is a Protocol Buffers message, of which six fields will do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GRAPH = 7  # of the model
INITIALIZER = 5  # of the graph: a stored array
DIMENSION, TYPE, NAME, RAW = 1, 2, 8, 9  # of an array
DTYPES: dict[int, np.dtype[np.generic]] = {1: np.dtype("<f4"), 3: np.dtype("i1"), 7: np.dtype("<i8"), 9: np.dtype("?")}
"""Element types by their numbers in ONNX."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def arrays(file: Path) -> dict[str, NDArray[np.generic]]:
    """Give the stored arrays of a model by name, in the order of the file."""
    (graph,) = (data for number, _, data in _fields(memoryview(file.read_bytes())) if number == GRAPH)
    return dict(_array(data) for number, _, data in _fields(graph) if number == INITIALIZER)


def _array(tensor: memoryview) -> tuple[str, NDArray[np.generic]]:
    fields = list(_fields(tensor))
    shape = [value for number, value, _ in fields if number == DIMENSION]
    numbers = {number: value for number, value, _ in fields}
    data = {number: data for number, _, data in fields}
    return str(data[NAME], "utf-8"), np.frombuffer(data[RAW], DTYPES[numbers[TYPE]]).reshape(shape)


def _fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """List the fields of a message: number, value (0 where it is bytes), bytes (empty where it is a number)."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        value, length = 0, {FIXED64: 8, FIXED32: 4}.get(wire, 0)
        if wire == VARINT:
            value, at = _varint(message, at)
        elif wire == BYTES:
            length, at = _varint(message, at)
        yield key >> 3, value, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and where the next thing begins."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at
