"""Chapter 02: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import (  # noqa: F401 - the tests, which read the table below
    test_a_plausible_wrong_answer_is_told_what_is_wrong,
    test_every_exercise_has_been_answered_wrongly_at_least_twice,
    test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see,
    test_no_decoy_passes,
    test_page_and_grader_judge_wrong_answers_alike,
    test_the_solution_passes_and_no_answer_fails,
    test_the_solution_passes_in_any_variant_and_an_answer_that_is_frozen_in_none,
)

SEND = """def rpc(address, method, params):
    import httpx
    call = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
    answer = httpx.post("http://%s:%d/rpc" % tuple(address), json=call, trust_env=False)
"""
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
LIMITED = f"""{EXACTLY}
    size = int.from_bytes(exactly(4), "big")
    if size > limit:
        raise ValueError
    return exactly(size)
"""
NO_EMPTY = LIMITED.replace(
    "    return exactly(size)", "    if not size:\n        raise EOFError\n    return exactly(size)"
)
FAIL = "    raise RuntimeError('failed')\n    return answer.json()['result']"
WORDS = """def first_fault(capture):
    words = [int.from_bytes(capture[at : at + 4], "big") for at in range(0, 48, 4)]
    right = [[0x8000002C], range(2**32), [0], [2], [0x20000001], [1, 2], [2], [0], [0], [0], [0], range(1, 2**31)]
"""
FIRST = "    return next((4 * n for n, word in enumerate(words) if word not in right[n]), None)"
DELIVER = """
def deliver(pay, key, amount, attempts):
    for _ in range(attempts - 1):
        try:
            return pay(key, amount)
        except (ConnectionError, TimeoutError):
            pass
    return pay(key, amount)
"""
DESK = """class Desk:
    def __init__(self, journal):
        self.journal = journal
        self.booked = {key: (amount, balance) for key, amount, balance in journal.entries()}
        self.balance = sum(amount for amount, _ in self.booked.values())

    def pay(self, key, amount):
        if key in self.booked:
            first, balance = self.booked[key]
            if amount != first:
                raise ValueError
            return balance
        self.journal.append([key, amount, self.balance + amount])
        self.balance += amount
        self.booked[key] = amount, self.balance
        return self.balance
"""
TWO_ENTRIES = """class Desk:
    def __init__(self, journal):
        self.journal, entries = journal, journal.entries()
        self.booked = {key: (amount, balance) for [key], [amount, balance] in zip(entries[::2], entries[1::2])}
        self.balance = sum(amount for amount, _ in self.booked.values())

    def pay(self, key, amount):
        if key in self.booked:
            first, balance = self.booked[key]
            if amount != first:
                raise ValueError
            return balance
        self.balance += amount
        self.journal.append([key])
        self.journal.append([amount, self.balance])
        self.booked[key] = amount, self.balance
        return self.balance
"""
NEW_KEYS = """
import itertools
numbers = itertools.count()
""" + DELIVER.replace("pay(key, amount)", "pay(f'{key}{next(numbers)}', amount)")
LOST = "lost: ['request', 'answer', 'answer']"
FOR_EVER = """
def deliver(pay, key, amount, attempts):
    while True:
        try:
            return pay(key, amount)
        except (ConnectionError, TimeoutError):
            pass
"""
NEW_ERROR = FOR_EVER.replace("while True", "for _ in range(attempts)") + "    raise TimeoutError\n"

WRONG: dict[str, list[tuple[str, str]]] = {
    "frame": [
        ("def frame(payload): return payload", "does not end with the payload"),
        ("def frame(payload): return len(payload).to_bytes(4, 'little') + payload", "83,886,080"),
        ("def frame(payload): return bytes([0, 0, 0, len(payload)]) + payload", "must be in range(0, 256)"),
        ("def frame(payload): return bytes([0, 0, 0, len(payload) % 256]) + payload", "fill all four bytes"),
        ("def frame(payload): return (len(payload) + 4).to_bytes(4, 'big') + payload", "bytes that never come"),
        ("def frame(payload): return b'\\x00\\x00\\x00\\x05' + payload", "300 bytes are announced"),
    ],
    "capture": [
        (WORDS + FIRST.replace("4 * n for", "n for"), "offset of the first fault"),
        (WORDS + FIRST.replace("next((", "max((").replace(", None)", ", default=None)"), "and another procedure"),
        (WORDS.replace("range(2**32)", "[1]") + FIRST, "is right; found: 4"),
        (WORDS.replace("[1, 2]", "[2]") + FIRST, "'version': 1} is right; found: 20"),
        (WORDS.replace("[0x8000002C]", "range(2**31, 2**32)") + FIRST, "announces 4 bytes too few"),
        (WORDS.replace("[0x8000002C]", "[0x8000002C, 0x2C]") + FIRST, "promises more fragments"),
        (WORDS.replace("range(1, 2**31)", "range(1, 2**32)") + FIRST, "an identifier of 2147483648"),
        (WORDS.replace("[1, 2], [2]", "[1, 2], [1, 2, 3]") + FIRST, "a procedure that adds"),
    ],
    "read": [
        ("def read_frame(receive, limit):\n    return receive(int.from_bytes(receive(4), 'big'))", "in pieces of 3"),
        (EXACTLY + "    return exactly(int.from_bytes(exactly(4), 'big'))", "4 GB announced"),
        (EXACTLY + "    size = int.from_bytes(exactly(4), 'big')\n    data = exactly(min(size, limit + 1))\n"
         "    if size > limit:\n        raise ValueError\n    return data", "4 GB announced"),
        ("def read_frame(receive, limit):\n    data = b''\n    while piece := receive(99):\n        data += piece\n"
         "    return data[4 : 4 + int.from_bytes(data[:4], 'big')]", "bytes of the next frame"),
        (LIMITED.replace(" > limit", " >= limit"), "5 bytes where 5 are allowed"),
        (LIMITED.replace(" > limit", " > 1000"), "5 bytes where 4 are allowed"),
        (NO_EMPTY, "announces an empty payload"),
    ],
    "rpc": [
        (SEND + "    answer.raise_for_status()\n    return answer.json()", "[] is a result like any other"),
        (SEND + "    answer.raise_for_status()\n    return answer.json().get('result')", "The status is 200"),
        (SEND + f"    if not answer.json().get('result'):\n    {FAIL}", "[] is a result like any other"),
        (SEND + f"    if 'error' in answer.json():\n    {FAIL}", "the server said why"),
        (SEND + f"    if 'error' in answer.text:\n    {FAIL}", "a customer called error is no failure"),
    ],
    "once": [
        ("class Desk:\n    def __init__(self, journal):\n        self.balance = 0\n    def pay(self, key, amount):\n"
         "        self.balance += amount\n        return self.balance\n" + DELIVER, "is owed the first answer"),
        (DESK.replace("{key: (amount, balance) for key, amount, balance in journal.entries()}", "{}") + DELIVER,
         "who remembers what"),
        (DESK.replace("return balance\n", "return self.balance\n") + DELIVER, "is owed the first answer"),
        (DESK.replace("            if amount != first:\n                raise ValueError\n", "") + DELIVER,
         "this key was booked with 10"),
        (TWO_ENTRIES + DELIVER, "a crash behind entry: 1"),
        (DESK + "def deliver(pay, key, amount, attempts):\n    return pay(key, amount)", LOST),
        (DESK + NEW_KEYS, LOST),
        (DESK + DELIVER.replace("(ConnectionError, TimeoutError)", "Exception"), "lost: ['refused']"),
        (DESK + FOR_EVER, "3 attempts: you gave 7"),
        (DESK + DELIVER.replace("(ConnectionError, TimeoutError)", "OSError"), "lost: ['forbidden']"),
        (DESK + NEW_ERROR, "lost: ['answer', 'answer', 'request']"),
    ],
}  # fmt: skip
