"""What collective operations cost, in closed form: messages, rounds and bytes, and who gets how much of an array.

A round is the time in which each process sends at most one message and receives at most one.
"""

from __future__ import annotations

INT = 4
"""Bytes of a C `int` on every machine on which this book runs."""


def broadcast_messages(ranks: int) -> int:
    """Messages of a broadcast, whatever its algorithm: each rank but the root must be told once."""
    return _positive(ranks) - 1


def linear_rounds(ranks: int) -> int:
    """Rounds of a broadcast in which the root tells everybody itself."""
    return _positive(ranks) - 1


def tree_rounds(ranks: int) -> int:
    """Rounds of a broadcast in which whoever has been told tells others: the base-2 logarithm, rounded up."""
    return (_positive(ranks) - 1).bit_length()


def doubling_messages(ranks: int) -> int:
    """Messages of an all-reduce by recursive doubling; the ranks must be a power of two."""
    return ranks * _doublings(ranks)


def doubling_rounds(ranks: int) -> int:
    """Rounds of an all-reduce by recursive doubling."""
    return _doublings(ranks)


def broadcast_bytes(count: int, ranks: int) -> int:
    """Bytes that move when all of an array goes to all."""
    return INT * count * (_positive(ranks) - 1)


def scatter_bytes(count: int, ranks: int) -> float:
    """Bytes that move when each rank gets its own part from the root, and the root keeps one."""
    return INT * count * (_positive(ranks) - 1) / ranks


def tree_scatter_bytes(count: int, ranks: int) -> float:
    """Bytes of a scatter down a tree: half of what a rank holds goes on in each round; a power of two of ranks."""
    return INT * count * _doublings(ranks) / 2


def remainder_shares(count: int, ranks: int) -> list[int]:
    """Cut an array as the article does: equal parts, and the last rank takes what is left."""
    chunk = count // _positive(ranks)
    return [chunk] * (ranks - 1) + [count - chunk * (ranks - 1)]


def even_shares(count: int, ranks: int) -> list[int]:
    """Cut an array so that no two parts differ by more than one."""
    chunk, left = divmod(count, _positive(ranks))
    return [chunk + (rank < left) for rank in range(ranks)]


def overload(shares: list[int]) -> float:
    """How many times the mean the largest part is: the time that all wait for, over the time that was due."""
    return max(shares) * len(shares) / sum(shares)


def _positive(ranks: int) -> int:
    if ranks < 1:
        raise ValueError(f"{ranks} ranks: there is at least one")
    return ranks


def _doublings(ranks: int) -> int:
    if ranks < 1 or ranks & (ranks - 1):
        raise ValueError(f"{ranks} ranks: recursive doubling is for a power of two")
    return ranks.bit_length() - 1
