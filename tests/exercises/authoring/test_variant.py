"""A variant draws other numbers, and always the same ones from one seed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from companion.exercises.authoring.variant import MAX_CHOICES, assignments, check_seed, choices, redraw
from tests.exercises.classroom import CHAPTER, Class


def test_draws_do_not_depend_on_the_hash_seed(classroom: Class) -> None:
    path = str(classroom.root / "chapters" / f"{CHAPTER}.ipynb")
    program = "import sys; from pathlib import Path; from companion.exercises.authoring.assignment import assignment; "
    program += "print(assignment(Path(sys.argv[1]), 'autumn').givens)"
    told = {
        subprocess.run([sys.executable, "-c", program, path], env={**os.environ, "PYTHONHASHSEED": seed},
                       capture_output=True, text=True, check=True).stdout
        for seed in ("1", "77")
    }  # fmt: skip
    assert told == {f"{classroom.assignment('autumn').givens}\n"}


def test_a_variant_never_keeps_a_number_if_another_is_possible() -> None:
    source = "# é\nload = 55.0  # requests/s\nretries: int = 2; name = 'é'\nfixed = [1, 2]\n"
    vary = {"load": [40.0, 55.0, 90], "retries": {"low": 1, "high": 3}, "name": ["é", "ü"]}
    seen = set()
    for seed in range(40):
        drawn = redraw(source, vary, str(seed), "c", "e")
        names: dict[str, Any] = {}
        exec(drawn, names)
        assert names["load"] in (40.0, 90.0) and type(names["load"]) is float
        assert names["retries"] in (1, 3) and type(names["retries"]) is int
        assert names["name"] == "ü" and names["fixed"] == [1, 2] and "# requests/s" in drawn
        seen.add((names["load"], names["retries"]))
    assert len(seen) == 4


def test_ranges_of_steps_have_round_values() -> None:
    assert choices({"low": 0.1, "high": 0.5, "step": 0.1}, 0.2) == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert choices({"low": 1, "high": 5, "step": 2}, 3) == [1, 3, 5]
    wrong: list[Any] = [
        [],
        {"low": 1},
        {"low": 3, "high": 1},
        {"low": 0, "high": 1, "step": 0},
        7,
        {"low": 0, "high": 1e9},
    ]
    for rule in wrong:
        with pytest.raises(ValueError, match=r"must be|values"):
            choices(rule, 3)
    with pytest.raises(ValueError, match="whole number"):
        choices([1.5, 2.5], 1)


def test_hidden_tests_get_another_seed_in_each_variant_and_exercise() -> None:
    seeds = {check_seed(variant, "c", exercise) for variant in (None, "1", "2") for exercise in ("a", "b")}
    assert len(seeds) == 6 and 11 not in seeds


def test_only_lines_that_set_one_name_to_a_literal_can_be_drawn_anew() -> None:
    source = """\
a = 1
b: float = 2.5
c, d = 1, 2
e = f = 3
g.h = 4
i: int
j = 2 + 3
k += 1
m = -5
n = [
    1,
    2,
]
if True:
    o = 6
"""
    found = assignments(source)
    assert {name: one.value for name, one in found.items()} == {"a": 1, "b": 2.5, "m": -5, "n": [1, 2]}
    assert (found["n"].first, found["n"].last) == ((10, 4), (13, 1)) and found["b"].first == (2, 11)


def test_a_literal_of_several_lines_is_replaced_whole_and_nothing_else_is() -> None:
    source = "n = [\n    1,\n    2,\n]  # two\ne = 'é'; x = 1\n"
    drawn = redraw(source, {"n": [[3]], "x": {"low": 5, "high": 5}}, "s", "c", "e")
    assert drawn == "n = [3]  # two\ne = 'é'; x = 5\n"
    assert redraw("x = 1\n", {"x": [1]}, "s", "c", "e") == "x = 1\n"  # where there is no other, it stays


def test_draws_are_named_by_seed_chapter_exercise_and_variable() -> None:
    source, vary = "x = 0\ny = 0\n", {"x": {"low": 1, "high": 10_000}, "y": {"low": 1, "high": 10_000}}
    named = [("s", "c", "e"), ("t", "c", "e"), ("s", "d", "e"), ("s", "c", "f")]
    drawn = [redraw(source, vary, *names) for names in named]
    assert len({*drawn}) == 4
    x, y = drawn[0].splitlines()
    assert x.removeprefix("x") != y.removeprefix("y")
    assert redraw("y = 0\n", {"y": vary["y"]}, "s", "c", "e") == f"{y}\n"  # the others change nothing


def test_the_largest_range_is_ten_thousand_values_and_a_choice_of_no_number_stays_what_it_is() -> None:
    assert len(choices({"low": 1, "high": MAX_CHOICES}, 3)) == MAX_CHOICES
    with pytest.raises(ValueError, match="makes 10001 values"):
        choices({"low": 0, "high": MAX_CHOICES}, 3)
    assert choices(["a", 1], "b") == ["a", 1]
    assert choices([1, 2.5], 0.5) == [1.0, 2.5] and type(choices([1], 0.5)[0]) is float
    assert choices([1.5], True) == [1.5]
    for rule in ({"low": True, "high": 2}, {"low": 1, "high": 2, "step": -1}, {"low": 1, "high": 2, "more": 3}, (1, 2)):
        with pytest.raises(ValueError, match=r"must be"):
            choices(rule, 3)
    assert choices({"low": 1, "high": 1}, 3) == [1]


def test_a_seed_of_hidden_tests_is_a_whole_number_of_31_bits() -> None:
    seeds = [check_seed(str(n), "c", "e") for n in range(200)]
    assert all(0 <= seed < 2**31 for seed in seeds) and max(seeds) > 2**30 and len({*seeds}) == 200
    assert check_seed(None, "c", "e") == check_seed("", "c", "e") == check_seed(None, "c", "e", "")
    assert len({check_seed("1", "c", "e", secret) for secret in ("", "a", "b")}) == 3


def test_a_class_that_was_handed_out_is_graded_alike_by_a_later_version() -> None:
    """These numbers are in no file: a teacher's variant and secret must give the same hidden tests next year."""
    assert check_seed(None, "18-metastable", "border") == 1_692_919_423
    assert check_seed("autumn", "18-metastable", "border") == 1_604_560_875
    assert check_seed("autumn", "18-metastable", "border", "a secret") == 1_669_693_375
    assert redraw("n = 1\n", {"n": {"low": 1, "high": 1000}}, "autumn", "18-metastable", "border") == "n = 604\n"
