"""Chapter 19: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

ALIBI = (
    "history = [Operation('writer', 'write', 'x', '1', 0, 50), Operation('first', 'read', 'x', '1', 10, 20),\n"
    "           Operation('second', 'read', 'x', None, 30, 40)]"
)

WRONG: dict[str, list[tuple[str, str]]] = {
    "race": [
        ("def kth_answer(n, k, mean): return k * mean", "what racing them gives"),
        ("def kth_answer(n, k, mean): return mean", "what racing them gives"),
        ("def kth_answer(n, k, mean): return mean * sum(1 / i for i in range(1, k + 1))", "what racing them gives"),
    ],
    "quorums": [
        ("def quorums(n, crashes): return (n // 2 + 1, n // 2 + 1)", "a read can do with"),
        ("def quorums(n, crashes): return (1, n)", "answers will not come"),
        ("def quorums(n, crashes): return (crashes, n - crashes)", "need not meet"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes)", "nothing can"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes - 0.5)", "count whole replicas"),
    ],
    "alibi": [
        (ALIBI.replace("None, 30", "'1', 30"), "your history is linearizable"),
        (ALIBI.replace("0, 50", "0, 5"), "is stale"),
        (ALIBI.replace("'second'", "'first'"), "notices by itself"),
        (ALIBI.replace("None, 30", "'2', 30"), "nobody wrote that"),
        (ALIBI.replace("'1', 0, 50", "'1', 30, 50"), "nobody wrote that by then"),
    ],
}  # fmt: skip
