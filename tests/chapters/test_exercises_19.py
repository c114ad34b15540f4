"""Chapter 19: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below

ALIBI = (
    "history = [Operation('writer', 'write', 'x', '1', 0, 50), Operation('first', 'read', 'x', '1', 10, 20),\n"
    "           Operation('second', 'read', 'x', None, 30, 40)]"
)

COMPLAINTS = """def complaints(log):
    found, wrote, read = [], {}, {}
    for line, (user, what, version) in enumerate(log):
        if what == "write":
            wrote[user] = version
            continue
        if version < wrote.get(user, 0):
            found.append((line, "read your writes"))
        if version < read.get(user, 0):
            found.append((line, "monotonic reads"))
        read[user] = max(read.get(user, 0), version)
    return found
"""

ABD = """def stamp(replies, client, mine):
    highest = max(number for (number, _), _ in replies)
    return (max(highest, mine) + 1, client)

def after_read(replies):
    newest = max(replies, key=lambda reply: reply[0])
    agree = all(reply == newest for reply in replies)
    return newest[1], None if agree else newest
"""

WRONG: dict[str, list[tuple[str, str]]] = {
    "race": [
        ("def kth_answer(n, k, shared, mean): return k * (shared + mean)", "what racing them gives"),
        ("def kth_answer(n, k, shared, mean): return shared + mean", "what racing them gives"),
        ("def kth_answer(n, k, shared, mean): return (shared + mean) * sum(1 / (n - i) for i in range(k))",
         "what racing them gives"),
        ("def kth_answer(n, k, shared, mean): return shared + mean * sum(1 / i for i in range(1, k + 1))",
         "what racing them gives"),
        ("def kth_answer(n, k, shared, mean): return str(shared)", "is no number of milliseconds"),
    ],
    "quorums": [
        ("def quorums(n, crashes): return (n // 2 + 1, n // 2 + 1)", "a read can do with"),
        ("def quorums(n, crashes): return (1, n)", "answers will not come"),
        ("def quorums(n, crashes): return (crashes, n - crashes)", "need not meet"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes)", "nothing can"),
        ("def quorums(n, crashes): return (n - crashes, crashes + 1)", "a read can do with"),
        ("def quorums(n, crashes): return None", "give a pair"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes - 0.5)", "count whole replicas"),
    ],
    "sessions": [
        (COMPLAINTS.replace("wrote.get(user, 0)", "max(wrote.values(), default=0)"), "is no complaint about"),
        (COMPLAINTS.replace("read.get(user, 0):", "max(read.values(), default=0):"), "is no complaint about"),
        (COMPLAINTS.replace("max(read.get(user, 0), version)", "version"), "are missing"),
        (COMPLAINTS.replace("        if version < read", "        elif version < read"), "are missing"),
        (COMPLAINTS.replace("line, (user", "(line, (user").replace("in enumerate(log)", "in enumerate(log, 1)")
         .replace("(line, (user, what, version)", "line, (user, what, version)"), "is no complaint about"),
        (COMPLAINTS.replace("version < wrote", "version <= wrote"), "is no complaint about"),
        ("def complaints(log): return [(2, 'read your writes')]", "complain"),
        ("def complaints(log): return ['read your writes']", "is no complaint about"),
        ("def complaints(log): return []", "are missing"),
        (COMPLAINTS.replace("return found", "return set(found)"), "a list of pairs"),
        (COMPLAINTS.replace("return found", "print(found)"), "a list of pairs"),
        (COMPLAINTS.replace("wrote[user] = version", "wrote[user] = read[user] = version"), "is no complaint about"),
    ],
    "alibi": [
        (ALIBI.replace("None, 30", "'1', 30"), "your history is linearizable"),
        (ALIBI.replace("0, 50", "0, 5"), "is stale"),
        (ALIBI.replace("'second'", "'first'"), "notices by itself"),
        (ALIBI.replace("None, 30", "'2', 30"), "nobody wrote that"),
        (ALIBI.replace("'1', 0, 50", "'1', 30, 50"), "two events at one place"),
        (ALIBI.replace("'1', 0, 50", "'1', 35, 50"), "nobody wrote that by then"),
        (ALIBI.replace("None, 30", "None, 20"), "two events at one place"),
        (ALIBI.replace("'first'", "'writer'"), "does two things at once"),
        (ALIBI.replace("'second', 'read', 'x'", "'second', 'read', 'y'"), "all on the key x"),
    ],
    "writeback": [
        (ABD.replace("None if agree else newest", "None"), "one copy could not have answered so"),
        (ABD.replace("None if agree else newest", "newest"), "the round changes nothing"),
        (ABD.replace("else newest", "else replies[0]"), "one copy could not have answered so"),
        (ABD.replace("max(replies, key=lambda reply: reply[0])", "max(replies, key=replies.count)"),
         "one copy could not have answered so"),
        (ABD.replace("max(number for (number, _), _ in replies)", "replies[0][0][0]"),
         "one copy could not have answered so"),
        (ABD.replace("all(reply == newest for reply in replies)", "replies[0] == newest"),
         "one copy could not have answered so"),
        (ABD.replace("max(highest, mine)", "mine"), "one copy could not have answered so"),
        (ABD.replace("max(highest, mine)", "highest"), "is given to a second value"),
        (ABD.replace(", client)\n\n", ", 0)\n\n"), "is given to a second value"),
        (ABD.replace("else newest", "else ((newest[0][0] + 1, 0), newest[1])"), "and nobody had it"),
        (ABD.replace("(max(highest, mine) + 1, client)", "max(highest, mine) + 1"), "a version is a pair"),
    ],
}  # fmt: skip
