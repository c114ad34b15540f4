"""What an exercise is: solutions and hidden tests are left out where they must not be seen."""

from __future__ import annotations

from companion.exercises.authoring.model import strip_hidden, strip_solution


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
