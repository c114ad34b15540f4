"""A variant draws other numbers, and always the same ones from one seed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from companion.exercises.authoring.variant import check_seed, choices, redraw
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
