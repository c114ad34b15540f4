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
    "def timeouts(depth, work, retries, pause, hop):\n    longest = work * (retries + 1) + pause * retries\n    return "
)
ONCE = """def receive(read, write, key, cents):
    account, version = read()
    seen = account.setdefault('seen', {0})
    if key not in seen:
        {1}
        account['cents'] += cents
        {2}
    else:
        {3}
"""
CHECKED = "assert seen[key] == cents or exec('raise ValueError(key)')"
LOOP = """def receive(read, write, key, cents):
    account, version = read()
    if account.setdefault('seen', {}).get(key, cents) != cents:
        raise ValueError(key)
    if key not in account['seen']:
        account['seen'][key] = cents
        account['cents'] += cents
        while not write(account, version):
            version = read()[1]
"""
TWO_WRITES = """def receive(read, write, key, cents):
    while True:
        account, version = read()
        seen = account.setdefault('seen', {})
        if seen.get(key, cents) != cents:
            raise ValueError(key)
        if key in seen:
            return
        seen[key] = cents
        if write(account, version):
            break
    while True:
        account, version = read()
        account['cents'] += cents
        if write(account, version):
            return
"""
SWALLOWED = """def receive(read, write, key, cents):
    while True:
        account, version = read()
        seen = account.setdefault('seen', {})
        if seen.get(key, cents) != cents:
            raise ValueError(key)
        if key in seen:
            return
        seen[key] = cents
        account['cents'] += cents
        try:
            write(account, version)
        except ConnectionError:
            pass
"""
PAIRS = """def receive(read, write, key, cents):
    while True:
        account, version = read()
        seen = account.setdefault('seen', [])
        if [key, cents] in seen:
            return
        seen.append([key, cents])
        account['cents'] += cents
        if write(account, version):
            return
"""
SMALLEST = "def smallest(differ, values):\n    kept = list(values)\n"

WRONG: dict[str, list[tuple[str, str]]] = {
    "changed": [
        (CHANGED + "roundtrip(v) != v]", "nan comes back, and is in your list"),
        (CHANGED + "repr(roundtrip(v)) != repr(v)]", "ValueError: no text, please"),
        (CHANGED + "lost(roundtrip, v) or type(roundtrip(v)) is not type(v)]" + LOST.format("got != v"),
         "nan comes back"),
        (CHANGED + "lost(roundtrip, v)]" + LOST.format("got != v and got == got"), "changes, and is not in your list"),
        (CHANGED + "v == v and lost(roundtrip, v)]" + LOST.replace("ValueError", "Exception").format(
            "repr(got) != repr(v)"), "all to none: nan changes"),
        ("def changed(roundtrip, values):\n    found = []\n    for v in values:\n        try:\n"
         "            back = roundtrip(v)\n        except Exception:\n            continue\n"
         "        if repr(back) != repr(v):\n            found.append(v)\n    return found",
         "text is refused: 'x' changes"),
    ],
    "timeouts": [
        ("def timeouts(depth, work, retries, pause, hop): return [work] * depth", "can give up while"),
        (TIMEOUTS.replace("pause * retries", "pause * (retries + 1)")
         + "[longest + hop * n for n in range(depth - 1, 0, -1)] + [work]", "need not wait"),
        (TIMEOUTS + "[(longest + hop) * n for n in range(depth - 1, 0, -1)] + [work]", "need not wait"),
        (TIMEOUTS + "[longest] * (depth - 1) + [work]", "can give up while"),
        (TIMEOUTS + "[longest + hop] * (depth - 1) + [work]", "s0 can give up while s1"),
        (TIMEOUTS + "[longest + hop * depth * (depth - n) for n in range(1, depth)] + [work]", "need not wait"),
        (TIMEOUTS + "[longest + hop * n for n in range(1, depth)] + [work]", "can give up while"),
        (TIMEOUTS + "[longest + hop * n for n in range(depth - 1, 0, -1)] + [longest]", "need not wait"),
    ],
    "once": [
        ("def receive(read, write, key, cents):\n    account, version = read()\n    account['cents'] += cents\n"
         "    write(account, version)", "the account holds"),
        (ONCE.format("set()", "seen.add(key)", "write(account, version)", "pass"), "set is not JSON serializable"),
        (ONCE.format("{}", "seen[key] = cents", "write(account, version)", CHECKED), "another thread first"),
        (LOOP, "another thread first"),
        (TWO_WRITES, "a crash after"),
        (SWALLOWED, "let the ConnectionError pass"),
        (PAIRS, "no ValueError"),
        (ONCE.format("{}", "seen[key] = cents", "write(account, version) or receive(read, write, key, cents)", "pass"),
         "no ValueError"),
    ],
    "witness": [
        ("def smallest(differ, values): return values", "can be left out"),
        (SMALLEST + "    for x in values:\n        rest = kept[:]\n        rest.remove(x)\n"
         "        kept = rest if differ(rest) else kept\n    return kept", "questions"),
        (SMALLEST + "    while len(kept) > 1:\n        half = len(kept) // 2\n"
         "        if differ(kept[:half]):\n            kept = kept[:half]\n"
         "        elif differ(kept[half:]):\n            kept = kept[half:]\n        else:\n            break\n"
         "    return kept", "can be left out"),
        ("def smallest(differ, values): return [2**53 + 1, None]", "in this order"),
        ("def smallest(differ, values): return []", "the readers agree"),
        (SMALLEST + "    return {*kept} if differ(kept) else {*()}", "give a list"),
        (SMALLEST + "    low, high = 0, len(kept)\n    while high - low > 1:\n        middle = (low + high) // 2\n"
         "        if differ(kept[:middle]):\n            high = middle\n        else:\n            low = middle\n"
         "    return kept[high - 1:high]", "the readers agree"),
        (SMALLEST + "    size = len(kept) // 2\n    while size > 1:\n        at = 0\n        while at < len(kept):\n"
         "            rest = kept[:at] + kept[at + size:]\n            if differ(rest):\n                kept = rest\n"
         "            else:\n                at += size\n        size //= 2\n    return kept", "can be left out"),
    ],
    "fits": [
        ("writer, reader, value = 'int', 'float', 2**24", "is 16777216.0"),
        ("writer, reader, value = 'int', 'float', 2**24 + 2", "is 16777218.0"),
        ("writer, reader, value = 'int', 'float', float(2**24 + 1)", "is no whole number"),
        ("writer, reader, value = 'long', 'int', 2**24 + 1", "a registry refuses these"),
        ("writer, reader, value = 'long', 'double', 2**53 + 1", "is larger than"),
        ("writer, reader, value = 'float', 'double', 2**24 + 1", "itself does not hold"),
    ],
}  # fmt: skip
