"""What the check of chapter 3's exercise on versions needs: a row that others write to."""

from __future__ import annotations

MOST = 100
"""Calls of each kind after which an answer is taken to go on for ever."""


class Row:
    """A row with a number and a version, to which others write between a reading and a writing.

    Parameters
    ----------
    number : int
        What it says at first.
    others : int
        How often others add to it, each time just before a writing.
    by : int
        How much they add.
    """

    def __init__(self, number: int, others: int, by: int = 100) -> None:
        self.number, self.version = number, 1
        self._others, self._by = others, by
        self._reads = self._writes = 0

    def read(self) -> tuple[int, int]:
        """Give the number and its version."""
        self._reads += 1
        assert self._reads < MOST, "it reads for ever"
        return self.number, self.version

    def write(self, number: int, version: int) -> bool:
        """Write if the row still has this version, and say whether it had."""
        self._writes += 1
        assert self._writes < MOST, "it writes for ever"
        if self._others:
            self._others -= 1
            self.number, self.version = self.number + self._by, self.version + 1
        if version != self.version:
            return False
        self.number, self.version = number, version + 1
        return True


__all__ = ["Row"]
