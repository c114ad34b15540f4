"""Chapter 21: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

CHANGED = "def changed(roundtrip, values): return [v for v in values if "
LOST = """


def lost(roundtrip, v):
    try:
        got = roundtrip(v)
    except ValueError:
        return True
    return {}
"""
TIMEOUTS = (
    "def timeouts(depth, work, retries, pause):\n    longest = work * (retries + 1) + pause * retries\n    return "
)
ONCE = """def receive(account, key, cents):
    seen = account.setdefault('seen', {0})
    if key not in seen:
        {1}
        account['cents'] += cents
    else:
        {2}
"""

WRONG: dict[str, list[tuple[str, str]]] = {
    "changed": [
        (CHANGED + "roundtrip(v) != v]", "nan comes back, and is in your list"),
        (CHANGED + "repr(roundtrip(v)) != repr(v)]", "ValueError: no text, please"),
        (CHANGED + "lost(roundtrip, v) or type(roundtrip(v)) is not type(v)]" + LOST.format("got != v"),
         "nan comes back"),
        (CHANGED + "lost(roundtrip, v)]" + LOST.format("got != v and got == got"), "changes, and is not in your list"),
    ],
    "timeouts": [
        ("def timeouts(depth, work, retries, pause): return [work] * depth", "can take"),
        (TIMEOUTS + "[longest] * depth", "can take"),
        (TIMEOUTS + "[longest * (retries + 1) ** n for n in reversed(range(depth - 1))] + [work]", "need not wait"),
        (TIMEOUTS.replace(" + pause * retries", "") + "[longest] * (depth - 1) + [work]", "can take"),
    ],
    "once": [
        ("def receive(account, key, cents): account['cents'] += cents", "the account holds"),
        (ONCE.format("set()", "seen.add(key)", "pass"), "set is not JSON serializable"),
        (ONCE.format("{}", "seen[key] = cents", "pass"), "no ValueError"),
        ("def receive(account, key, cents):\n    if account.get('last') != key:\n        account['cents'] += cents\n"
         "    account['last'] = key", "the account holds"),
    ],
    "fits": [
        ("writer, reader, value = 'int', 'float', 2**24", "is 16777216.0"),
        ("writer, reader, value = 'long', 'int', 2**24 + 1", "a registry refuses these"),
        ("writer, reader, value = 'long', 'double', 2**53 + 1", "is larger than"),
        ("writer, reader, value = 'float', 'double', 2**24 + 1", "itself does not hold"),
    ],
}  # fmt: skip
