"""Going through recorded bytes from the front, and writing down what each of them means."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Side = Literal["request", "answer"]


@dataclass(frozen=True)
class Row:
    """Some bytes and their meaning.

    Parameters
    ----------
    offset : int
        Where they begin.
    data : bytes
        The bytes.
    meaning : str
        What they say.
    masked : tuple of int and int
        From where to where, in `data`, they differ from run to run.
    """

    offset: int
    data: bytes
    meaning: str
    masked: tuple[int, int] = (0, 0)


class Notes:
    """Goes through bytes from the front and writes down what each of them means.

    Parameters
    ----------
    data : bytes
        What to explain.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.rows: list[Row] = []

    @property
    def left(self) -> int:
        """How many bytes are not explained yet."""
        return len(self.data) - self.at

    def take(self, size: int, meaning: str | Callable[[bytes], str], masked: tuple[int, int] = (0, 0)) -> bytes:
        """Explain the next bytes, by a sentence or a function of them, and return them."""
        data = self.data[self.at : self.at + size]
        if data:
            text = meaning if isinstance(meaning, str) else meaning(data)
            self.rows.append(Row(self.at, data, text, masked))
        self.at += len(data)
        return data

    def number(self, size: int, meaning: Callable[[int], str]) -> int:
        """Explain the next bytes as a whole number without a sign, and return it."""
        return int.from_bytes(self.take(size, lambda data: meaning(int.from_bytes(data, "big"))), "big")
