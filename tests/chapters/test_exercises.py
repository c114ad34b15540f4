"""Each exercise of the book: its solution passes, no answer fails, and plausible wrong answers are told why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.exercises.authoring.model import strip_hidden
from companion.exercises.authoring.notebook import exercises_in, parameters_source
from companion.panel.exercise import check

ROOT = Path(__file__).parents[2]
CHAPTERS = {path.stem[:2]: path for path in sorted((ROOT / "chapters").glob("*.ipynb"))}
EXERCISES = {
    f"{number}-{exercise.name}": exercise for number, path in CHAPTERS.items() for exercise in exercises_in(path)
}

SEND = """def rpc(address, method, params):
    import httpx
    call = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    answer = httpx.post("http://%s:%d/rpc" % tuple(address), json=call, trust_env=False)
"""
BUDGET = '''class RetryBudget:
    def __init__(self, ratio, cap):
        self.ratio, self.cap, self.tokens = ratio, cap, cap
    def first(self):
        FIRST
    def retry(self):
        RETRY
'''  # fmt: skip
SPEND = "if self.tokens < 1:\n            return False\n        self.tokens -= 1\n        return True"
EXACTLY = """def read_frame(receive, limit):
    def exactly(size):
        data = b""
        while len(data) < size:
            piece = receive(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data
"""

FAIL = "    raise RuntimeError('failed')\n    return answer.json()['result']"
XDR = "def xdr_string(text):\n    data = text.encode()\n    return "
QUEUE = "def longest_queue(servers, mean_service, timeout): return "
SHARED = BUDGET.replace("self.", "RetryBudget.").replace("RETRY", SPEND.replace("self.", "RetryBudget."))
EARN_SHARED = "RetryBudget.tokens = min(RetryBudget.cap, RetryBudget.tokens + RetryBudget.ratio)"

WORDS = "import re\n\n\ndef words(name): "
RANKED = "RANK = ['PUBLIC', 'LOW', 'MEDIUM', 'HIGH']\n\n\ndef highest(message, fields):\n"
METER = "mine = '''\nversion: mine-1\nrules:\n  - id: meter\n    type: METER_READING\n    level: MEDIUM\n    why: w\n"
FINE = '{tuple(e[k] for k in keys) for e in accepted if e["reason"].strip()}'
WHEN = 'not f["annotated"] and tuple(f[k] for k in keys) not in fine and rank(f["sensitivity"]) >= rank(level)'
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
BONUS = "def bonus(points):\n    granted = points * percent // 100\n    return "
CLASH = (
    "def clash(start, changes, merge, valid):\n    after = {n: c(start) for n, c in changes.items()}\n"
    "    after = {n: s for n, s in after.items() if s is not None and valid(s)}\n"
)
REBASE = (
    "def rebase(base, pending, acknowledged, mutators):\n    still, view = KEPT, base\n"
    "    for one in list(still):\n        changed = mutators[one.name](FROM, one.argument)\n"
    "        if changed is None:\n            LATE\n        else:\n            view = changed\n    return view, still"
)
UNSEEN = "[one for one in pending if one.number > acknowledged]"
TWICE = "one = LWWStandingClock().put({0})\nother = one.put({1})"
ALIBI = (
    "history = [Operation('writer', 'write', 'x', '1', 0, 50), Operation('first', 'read', 'x', '1', 10, 20),\n"
    "           Operation('second', 'read', 'x', None, 30, 40)]"
)
GATE = """def gate(report, accepted, level):
    rank = ["PUBLIC", "LOW", "MEDIUM", "HIGH"].index
    keys = ("file", "message", "field", "sensitivity", "pii_type")
    fine = FINE
    return [f"{f['message']}.{f['field']}" for f in report["fields"] if WHEN]
"""

# What a student may well hand in, and what the message must then speak of.
WRONG: dict[str, list[tuple[str, str]]] = {
    "02-frame": [
        ("def frame(payload): return payload", "does not end with the payload"),
        ("def frame(payload): return len(payload).to_bytes(4, 'little') + payload", "83,886,080"),
        ("def frame(payload): return (len(payload) + 4).to_bytes(4, 'big') + payload", "bytes that never come"),
        ("def frame(payload): return b'\\x00\\x00\\x00\\x05' + payload", "a payload of"),
    ],
    "02-xdr": [
        (XDR + "len(data).to_bytes(4, 'big') + data", "no multiple of four"),
        (XDR + "len(text).to_bytes(4, 'big') + data + bytes(-len(data) % 4)", "neither characters nor padding"),
        (XDR + "len(data).to_bytes(4, 'big') + data + bytes(4 - len(data) % 4)", "up to the next multiple of four"),
    ],
    "02-read": [
        ("def read_frame(receive, limit):\n    return receive(int.from_bytes(receive(4), 'big'))", "in pieces of 3"),
        (EXACTLY + "    return exactly(int.from_bytes(exactly(4), 'big'))", "4 GB announced"),
        (EXACTLY + "    size = int.from_bytes(exactly(4), 'big')\n    data = exactly(min(size, limit + 1))\n"
         "    if size > limit:\n        raise ValueError\n    return data", "4 GB announced"),
        ("def read_frame(receive, limit):\n    data = b''\n    while piece := receive(99):\n        data += piece\n"
         "    return data[4 : 4 + int.from_bytes(data[:4], 'big')]", "bytes of the next frame"),
    ],
    "02-rpc": [
        (SEND + "    answer.raise_for_status()\n    return answer.json()", "[] is a result like any other"),
        (SEND + "    answer.raise_for_status()\n    return answer.json().get('result')", "The status is 200"),
        (SEND + f"    if not answer.json().get('result'):\n    {FAIL}", "[] is a result like any other"),
        (SEND + f"    if 'error' in answer.json():\n    {FAIL}", "the server said why"),
    ],
    "18-border": [
        ("safe_load = servers / mean_service", "it stays down"),
        ("safe_load = servers / mean_service / retries", "the first of each request too"),
        ("safe_load = servers * mean_service / (retries + 1)", "turn away callers"),
        ("safe_load = '16'", "give requests a second"),
    ],
    "18-queue": [
        (QUEUE + "int(servers / mean_service)", "refuse for nothing"),
        (QUEUE + "servers / mean_service * timeout", "no whole number"),
        (QUEUE + "1000", "its end is served too late"),
    ],
    "18-budget": [
        (BUDGET.replace("FIRST", "self.tokens += self.ratio").replace("RETRY", SPEND), "a long calm saves up"),
        (BUDGET.replace("FIRST", "pass").replace("RETRY", "return True"), "a retry storm"),
        (BUDGET.replace("FIRST", "pass").replace("RETRY", SPEND), "earn"),
        (SHARED.replace("FIRST", EARN_SHARED), "a shared wallet"),
    ],
    "18-cure": [
        ("cure = {'policy': 'full_jitter', 'backoff_base': 10.0}", "what removes attempts"),
        ("cure = {'max_retries': 0}", "costs money"),
        ("cure = {'policy': 'shedding', 'shed_margin': 0.0}", "work in vain"),
        ("cure = {'policy': 'magic'}", "the simulator refuses: policy = 'magic' is not accepted"),
    ],
    "18-spike": [
        ("def deadly_spike(load): return 10.0", "did you count survivors"),
        ("def deadly_spike(load): return 1.0", "would ring for nothing"),
        ("def deadly_spike(load): return 2.5", "a busier service falls sooner"),
    ],
    "23-words": [
        ("def words(name): return name.lower().split('_')", "a capital begins a word"),
        (WORDS + "return [w.lower() for w in re.findall('[A-Z]?[a-z]+|[0-9]+', name)]", "not every capital begins one"),
        (WORDS + "return [w.lower() for w in re.findall('[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+', name)]",
         "words of their own"),
        (WORDS + "return re.findall('[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+', name)", "has capitals"),
    ],
    "23-inside": [
        ("def highest(message, fields): return max(what for _, what in fields[message])", "do not sort by harm"),
        (RANKED + "    return max([w for _, w in fields[message] if w in RANK], key=RANK.index, default='PUBLIC')",
         "two messages deep"),
        (RANKED + "    found = ['PUBLIC']\n    for _, w in fields[message]:\n"
         "        found.append(w if w in RANK else highest(w, fields))\n    return max(found, key=RANK.index)",
         "recursion"),
    ],
    "23-rule": [
        (METER + "    names: [meter reading, reading wh]\n'''", "do you hold numbers"),
        (METER + "    names: [meter reading]\n    holds: [number]\n'''", "among your names"),
        (METER + "    names: [meter reading, reading wh, meter reading at]\n    holds: [number]\n'''", "too much"),
        ("mine = 'version: mine-1\\nrules:\\n  - {id: meter, level: MEDIUM}\\n'", "rules.0.type"),
    ],
    "23-gate": [
        (GATE.replace("FINE", FINE).replace("WHEN", 'not f["annotated"] and f["sensitivity"] == level'),
         "HIGH is above"),
        (GATE.replace("FINE", FINE).replace("WHEN", 'f["sensitivity"] >= level and not f["annotated"]'), "at HIGH"),
        (GATE.replace("FINE", FINE.partition(" if")[0] + "}").replace("WHEN", WHEN), "without a reason"),
        (GATE.replace("FINE", '{e["field"] for e in accepted if e["reason"].strip()}')
         .replace("WHEN", WHEN.replace("tuple(f[k] for k in keys)", 'f["field"]')), "nobody has accepted HIGH"),
    ],
    "19-race": [
        ("def kth_answer(n, k, mean): return k * mean", "what racing them gives"),
        ("def kth_answer(n, k, mean): return mean", "what racing them gives"),
        ("def kth_answer(n, k, mean): return mean * sum(1 / i for i in range(1, k + 1))", "what racing them gives"),
    ],
    "19-quorums": [
        ("def quorums(n, crashes): return (n // 2 + 1, n // 2 + 1)", "a read can do with"),
        ("def quorums(n, crashes): return (1, n)", "answers will not come"),
        ("def quorums(n, crashes): return (crashes, n - crashes)", "need not meet"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes)", "nothing can"),
        ("def quorums(n, crashes): return (crashes + 1, n - crashes - 0.5)", "count whole replicas"),
    ],
    "19-alibi": [
        (ALIBI.replace("None, 30", "'1', 30"), "your history is linearizable"),
        (ALIBI.replace("0, 50", "0, 5"), "is stale"),
        (ALIBI.replace("'second'", "'first'"), "notices by itself"),
        (ALIBI.replace("None, 30", "'2', 30"), "nobody wrote that"),
        (ALIBI.replace("'1', 0, 50", "'1', 30, 50"), "nobody wrote that by then"),
    ],
    "20-join": [
        ("def merge(one, other): return {**one, **other}", "not ("),
        ("def merge(one, other): return {n: max(one.get(n, ZERO), other.get(n, ZERO)) for n in one | other}".replace(
            "ZERO", "(0, 0)"), "not ("),
        ("def merge(one, other):\n    one.update(other)\n    return one", "changed what it was given"),
    ],
    "20-twice": [
        (TWICE.format("'A', 'room', 'ann', now=5", "'B', 'room', 'bob', now=5"), "these two commute"),
        (TWICE.format("'A', 'room', 'ann', now=5", "'A', 'room', 'bob', now=6"), "these two commute"),
        ("one = other = None", "must be a LWWStandingClock"),
    ],
    "20-deal": [
        ("def deal(stock, wants): return {name: stock // len(wants) for name in wants}", "you dealt out"),
        ("def deal(stock, wants): return dict(wants)", "you dealt out"),
        ("def deal(stock, wants): return {name: stock if n == 0 else 0 for n, name in enumerate(wants)}", "be sold"),
        ("def deal(stock, wants):\n    rest = sum(wants.values())\n"
         "    return {name: stock * wanted / rest for name, wanted in wants.items()}", "no number of units"),
    ],
    "20-stable": [
        ("def may_forget(removal, heard): return True", "may still send a state"),
        ("def may_forget(removal, heard): return False", "nothing can come"),
        ("def may_forget(removal, heard): return any(removal in o for o in heard.values())", "may still send a state"),
    ],
    "21-changed": [
        (CHANGED + "roundtrip(v) != v]", "nan comes back, and is in your list"),
        (CHANGED + "repr(roundtrip(v)) != repr(v)]", "ValueError: no text, please"),
        (CHANGED + "lost(roundtrip, v) or type(roundtrip(v)) is not type(v)]" + LOST.format("got != v"),
         "nan comes back"),
        (CHANGED + "lost(roundtrip, v)]" + LOST.format("got != v and got == got"), "changes, and is not in your list"),
    ],
    "21-timeouts": [
        ("def timeouts(depth, work, retries, pause): return [work] * depth", "can take"),
        (TIMEOUTS + "[longest] * depth", "can take"),
        (TIMEOUTS + "[longest * (retries + 1) ** n for n in reversed(range(depth - 1))] + [work]", "need not wait"),
        (TIMEOUTS.replace(" + pause * retries", "") + "[longest] * (depth - 1) + [work]", "can take"),
    ],
    "21-once": [
        ("def receive(account, key, cents): account['cents'] += cents", "the account holds"),
        (ONCE.format("set()", "seen.add(key)", "pass"), "set is not JSON serializable"),
        (ONCE.format("{}", "seen[key] = cents", "pass"), "no ValueError"),
        ("def receive(account, key, cents):\n    if account.get('last') != key:\n        account['cents'] += cents\n"
         "    account['last'] = key", "the account holds"),
    ],
    "21-fits": [
        ("writer, reader, value = 'int', 'float', 2**24", "is 16777216.0"),
        ("writer, reader, value = 'long', 'int', 2**24 + 1", "a registry refuses these"),
        ("writer, reader, value = 'long', 'double', 2**53 + 1", "is larger than"),
        ("writer, reader, value = 'float', 'double', 2**24 + 1", "itself does not hold"),
    ],
    "22-wait": [
        ("def mean_wait(distance, sites, rooms): return base + rooms * 4 * distance", "who need not travel"),
        ("def mean_wait(distance, sites, rooms): return base + 4 * distance", "who need not travel"),
        ("def mean_wait(distance, sites, rooms): return base + rooms * 2 * distance", "which journeys"),
        ("def mean_wait(distance, sites, rooms): return '100 ms'", "no number of milliseconds"),
    ],
    "22-bonus": [
        ("def bonus(points): return lambda seen: seen + seen * percent // 100", "does not commute"),
        (BONUS + "lambda seen: points + granted", "does not commute"),
        (BONUS + "points + granted", "no function"),
        ("def bonus(points): return lambda seen: seen + percent", "where granted"),
    ],
    "22-clash": [
        ("def clash(start, changes, merge, valid): return None", "is such a pair"),
        (CLASH + "    from itertools import combinations\n    for a, b in combinations(after, 2):\n"
         "        if not valid(merge(start, after[a], after[b])):\n            return a, b", "is such a pair"),
        (CLASH.replace(" and valid(s)", "") + "    for a in after:\n        for b in after:\n"
         "            if not valid(merge(start, after[a], after[b])):\n                return a, b", "cannot happen"),
        (CLASH + "    return tuple(after)[:2]", "merge well"),
    ],
    "22-rebase": [
        (REBASE.replace("KEPT", "pending").replace("FROM", "view").replace("LATE", "pass"), "was acknowledged"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "view").replace("LATE", "still.remove(one)"),
         "the server has not spoken"),
        (REBASE.replace("KEPT", UNSEEN).replace("FROM", "base").replace("LATE", "pass"), "the user sees"),
        (REBASE.replace("KEPT", UNSEEN.replace("> ack", ">= ack")).replace("FROM", "view").replace("LATE", "pass"),
         "was acknowledged"),
    ],
}  # fmt: skip


def told(name: str, answer: str, *, whole: bool = True) -> str:
    """Give the check's message for an answer; empty when it passes."""
    exercise = EXERCISES[name]
    givens = parameters_source(CHAPTERS[name[:2]]) + "\n" + exercise.givens_source
    source = exercise.check.source if whole else strip_hidden(exercise.check.source)
    result = json.loads(check(json.dumps({"givens": givens, "answer": answer, "check": source})))
    assert result["ok"] is (result["message"] == "")
    return str(result["message"])


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_passes_and_no_answer_fails(name: str) -> None:
    assert told(name, EXERCISES[name].answer.source) == ""
    assert "your answer is missing" in told(name, EXERCISES[name].stub)


@pytest.mark.parametrize(("name", "answer", "why"), [(name, *case) for name, cases in WRONG.items() for case in cases],
                         ids=lambda part: part if isinstance(part, str) and part in WRONG else "")  # fmt: skip
def test_a_plausible_wrong_answer_is_told_what_is_wrong(name: str, answer: str, why: str) -> None:
    assert why in told(name, answer)


def test_every_exercise_has_been_answered_wrongly_at_least_twice() -> None:
    finished = {name for name, exercise in EXERCISES.items() if "(write:" not in exercise.task.source}
    assert {name: len(WRONG.get(name, [])) for name in finished if len(WRONG.get(name, [])) < 2} == {}


def test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see() -> None:
    cases = [(name, answer) for name, answers in WRONG.items() for answer, _ in answers if not name.endswith("spike")]
    seen = [told(name, answer, whole=False) != "" for name, answer in cases]
    assert sum(seen) > 0.8 * len(seen)
