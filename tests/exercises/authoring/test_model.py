"""What an exercise is: solutions and hidden tests are left out where they must not be seen."""

from __future__ import annotations

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

from companion.exercises.authoring.model import parsed, strip_hidden, strip_solution


def test_solutions_are_stripped_at_their_own_depth() -> None:
    source = "def f():\n    '''Doc.'''\n    ### BEGIN SOLUTION\n    return 1\n\n    ### END SOLUTION\n\nx = f()"
    assert strip_solution(source) == (
        "def f():\n    '''Doc.'''\n    # YOUR ANSWER HERE\n"
        '    raise NotImplementedError("your answer is missing")\n\nx = f()'
    )
    assert strip_solution("x = 1") == "x = 1"


def test_hidden_tests_are_stripped_wherever_they_stand() -> None:
    source = "assert a\n### BEGIN HIDDEN TESTS\nassert b\n### END HIDDEN TESTS\nassert c"
    assert strip_hidden(source) == "assert a\nassert c"
    assert strip_hidden("assert a\n") == "assert a\n"


class Lingering:
    """Garbage in a ring whose end takes a while, in which another thread may run."""

    def __init__(self) -> None:
        self.ring = self

    def __del__(self) -> None:
        for _ in range(1000):
            pass


def test_answers_are_parsed_in_several_threads_at_once() -> None:
    """In Python 3.11 a collection in the midst of parsing lets another thread upset the parser's count of its depth."""
    source = ("x = [" + "(1, " * 28 + ")" * 28 + "]\n") * 20

    def parse_amid_garbage(_: int) -> int:
        Lingering()
        tree = parsed(source)
        return len(tree.body) if tree else 0

    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(50)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(parse_amid_garbage, range(150))) == {20}
    finally:
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)
