"""Chapter 5: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

import pytest

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import told

HANDLER = """
def make_handler(store):
    seen = set()
    def handle(message):
        key, account = "taken " + message["id"], message["account"]
        total = store.get(account, 0) + message["amount"]
        BODY
    return handle
"""
REBUILD = """
def rebuild(snapshot, log):
    last, cents = snapshot["sequence"], COPY
    for sequence, event in LOG:
        if SKIP:
            continue
        if UNKNOWN:
            raise ValueError("version")
        more = event["cents"] if "v" in event else OLD
        cents[event["customer"]] = cents.get(event["customer"], 0) + more
        last = sequence
    return {"sequence": last, "cents": cents}
"""
FOLLOW = """
def follow(feed, last):
    seen = []
    while not seen or max(seen) < last:
        feed.connect(ASK)
        try:
            while not seen or max(seen) < last:
                number = feed.receive()
                KEEP
        except ConnectionError:
            CUT
    return seen
"""
RESUMES = "seen[-1] if seen else 0"


def handler(body: str) -> str:
    return HANDLER.replace("BODY", body.replace("\n", "\n        "))


def rebuild(
    copy: str = 'dict(snapshot["cents"])', log: str = "log", skip: str = "sequence <= last",
    unknown: str = 'event.get("v", 1) not in (1, 2)', old: str = 'round(event["amount"] * 100)',
) -> str:  # fmt: skip
    parts = {"COPY": copy, "LOG": log, "SKIP": skip, "UNKNOWN": unknown, "OLD": old}
    source = REBUILD
    for name, part in parts.items():
        source = source.replace(name, part)
    return source


def follow(
    ask: str = RESUMES, keep: str = "if not seen or number > seen[-1]: seen.append(number)", cut: str = "continue"
) -> str:
    return FOLLOW.replace("ASK", ask).replace("KEEP", keep).replace("CUT", cut)


def put(
    condition: str = "symbol not in cache or quote[0] > cache[symbol][0]",
    shown: str = "last is None or quote[0] > last[0]",
) -> str:
    return f"""
def put(cache, symbol, quote):
    if {condition}:
        cache[symbol] = quote


def shows(last, quote):
    return {shown}
"""


WRONG: dict[str, list[tuple[str, str]]] = {
    "handler": [
        (handler("if not store.get(key):\n    store.write({key: True})\n    store.write({account: total})"),
         "its key was stored, its effect was not"),
        (handler("if not store.get(key):\n    store.write({account: total})\n    store.write({key: True})"),
         "its effect was stored, its key was not"),
        (handler("if key not in seen:\n    seen.add(key)\n    store.write({account: total})"), "taken twice"),
        (handler("store.write({account: total})"), "taken twice"),
        (handler("if store.get('last') != key:\n    store.write({'last': key, account: total})"), "taken twice"),
        (handler("if not store.get(key):\n    store.write({key: True, account: message['amount']})"), "is it added"),
        (handler("pass"), "an order is missing"),
        (handler("raise KeyError(key)"), "your handler raises KeyError"),
        ("def make_handler(store):\n    pass", "returns a function"),
    ],
    "rebuild": [
        (rebuild(skip="sequence < last"), "is added again"),
        (rebuild(log='log[snapshot["sequence"]:]', skip="False"), "from a snapshot at 2"),
        (rebuild(unknown="False"), "passed over or guessed"),
        (rebuild(skip='sequence <= last or event.get("v", 1) not in (1, 2)'), "passed over or guessed"),
        (rebuild(old='int(event["amount"] * 100)'), "2 cents lost"),
        (rebuild(old="0"), "kept live"),
        (rebuild(copy='snapshot["cents"]'), "the old snapshot has changed"),
        (rebuild(copy="{}"), "is added again"),
        (rebuild().replace('"cents": cents}', '"accounts": cents}'), "no accounts in"),
        (rebuild().replace("last = sequence", "pass"), "it says 0, the end is 9"),
    ],
    "resume": [
        (follow(ask="None"), "the rest is lost"),
        (follow(ask="0"), "asked for after"),
        (follow(ask="seen[-1] + 1 if seen else 0"), "asked for after"),
        (follow(keep="seen.append(number)"), "must be dropped"),
        (follow(cut="return seen"), "never came"),
        ("def follow(feed, last):\n    feed.connect(0)\n    return [feed.receive() for _ in range(last)]",
         "a cut is no end"),
    ],
    "put": [
        (put("True"), "has put 3 over 4"),
        (put("symbol not in cache or quote[1] > cache[symbol][1]"), "have the same time"),
        (put("symbol not in cache or quote[0] == cache[symbol][0] + 1"), "8 is newer"),
        (put("all(quote[0] > old[0] for old in cache.values())"), "the first quote is not in"),
        (put(shown="True"), "is shown twice"),
        (put(shown="last is None or quote[0] >= last[0]"), "is shown twice"),
        (put(shown="last is None or quote[2] != last[2]"), "prices repeat"),
        (put(shown="last is not None and quote[0] > last[0]"), "the first quote is shown"),
    ],
}  # fmt: skip

ONE_ROW = """
def make_handler(store):
    def handle(message):
        ids, account = store.get("ids", []), message["account"]
        if message["id"] in ids:
            return
        store.write({"ids": [*ids, message["id"]], account: store.get(account, 0) + message["amount"]})
    return handle
"""
DECIMALS = """
from decimal import Decimal

def rebuild(snapshot, log):
    new = [(at, event) for at, event in log if at > snapshot["sequence"]]
    cents = snapshot["cents"].copy()
    for at, event in new:
        match event:
            case {"v": 2, "customer": who, "cents": more}:
                pass
            case {"v": _}:
                raise ValueError(at)
            case {"customer": who, "amount": amount}:
                more = int(Decimal(str(amount)) * 100)
        cents[who] = cents.setdefault(who, 0) + more
    return {"cents": cents, "sequence": new[-1][0] if new else snapshot["sequence"]}
"""
SORTED = """
def follow(feed, last):
    seen = set()
    while len(seen) < last:
        feed.connect(max(seen, default=0))
        try:
            while len(seen) < last:
                seen.add(feed.receive())
        except ConnectionError:
            pass
    return sorted(seen)
"""
MAXIMUM = """
def put(cache, symbol, quote):
    cache[symbol] = max(cache.get(symbol, quote), quote, key=lambda one: one[0])


def shows(last, quote):
    return not last or last[0] < quote[0]
"""


@pytest.mark.parametrize(
    ("name", "answer"), [("handler", ONE_ROW), ("rebuild", DECIMALS), ("resume", SORTED), ("put", MAXIMUM)]
)
def test_a_right_answer_by_another_way_passes(name: str, answer: str) -> None:
    assert told("05", name, answer) == ""
