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
FAIL = "    raise RuntimeError('failed')\n    return answer.json()['result']"
XDR = "def xdr_string(text):\n    data = text.encode()\n    return "

WRONG: dict[str, list[tuple[str, str]]] = {
    "frame": [
        ("def frame(payload): return payload", "does not end with the payload"),
        ("def frame(payload): return len(payload).to_bytes(4, 'little') + payload", "83,886,080"),
        ("def frame(payload): return (len(payload) + 4).to_bytes(4, 'big') + payload", "bytes that never come"),
        ("def frame(payload): return b'\\x00\\x00\\x00\\x05' + payload", "a payload of"),
    ],
    "xdr": [
        (XDR + "len(data).to_bytes(4, 'big') + data", "no multiple of four"),
        (XDR + "len(text).to_bytes(4, 'big') + data + bytes(-len(data) % 4)", "neither characters nor padding"),
        (XDR + "len(data).to_bytes(4, 'big') + data + bytes(4 - len(data) % 4)", "up to the next multiple of four"),
    ],
    "read": [
        ("def read_frame(receive, limit):\n    return receive(int.from_bytes(receive(4), 'big'))", "in pieces of 3"),
        (EXACTLY + "    return exactly(int.from_bytes(exactly(4), 'big'))", "4 GB announced"),
        (EXACTLY + "    size = int.from_bytes(exactly(4), 'big')\n    data = exactly(min(size, limit + 1))\n"
         "    if size > limit:\n        raise ValueError\n    return data", "4 GB announced"),
        ("def read_frame(receive, limit):\n    data = b''\n    while piece := receive(99):\n        data += piece\n"
         "    return data[4 : 4 + int.from_bytes(data[:4], 'big')]", "bytes of the next frame"),
    ],
    "rpc": [
        (SEND + "    answer.raise_for_status()\n    return answer.json()", "[] is a result like any other"),
        (SEND + "    answer.raise_for_status()\n    return answer.json().get('result')", "The status is 200"),
        (SEND + f"    if not answer.json().get('result'):\n    {FAIL}", "[] is a result like any other"),
        (SEND + f"    if 'error' in answer.json():\n    {FAIL}", "the server said why"),
    ],
}  # fmt: skip
