"""What the checks of chapter 14's exercises are made of."""

from __future__ import annotations

import io
import json
import pickle
import random
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.reasoning.rag.exercises import (
    damaged,
    mixes,
    notices,
    runs,
    same,
    simulated_speedup,
    some_answer,
    some_vectors,
    stands_in,
    table,
)


@given(st.floats(0, 0.99), st.floats(0, 1))
def test_answers_one_after_the_other_are_as_much_faster_as_the_mean_says(hits: float, cost: float) -> None:
    assert simulated_speedup(hits, cost) == pytest.approx(1 / (hits * cost + 1 - hits), rel=1e-2)


@given(st.integers(0, 10_000))
def test_a_table_says_what_its_row_shows(seed: int) -> None:
    drawn = table(random.Random(seed))
    scale = 1000 if "thousands" in drawn.heads else 1
    cells = drawn.row.split("  ")
    texts = [cell.strip() for cell in cells if cell.strip()][1:]
    assert len(texts) == len(drawn.says)
    for text, value in zip(texts, drawn.says.values(), strict=True):
        if text == "—":
            assert value is None
        else:
            number = float(text.strip("()").replace(",", "")) / scale
            assert value == pytest.approx(-number if text.startswith("(") else number)


@pytest.mark.parametrize(
    ("number", "text", "stands"),
    [("94.9", "came to $94.9 million.", True), ("94.9", "came to $194.9 million", False),
     ("94.9", "came to $94.95", False), ("94.9", "came to $1,94.9", False), ("94", "of 94.", True),
     ("94", "of 94.9", False), ("1,194.9", "was 1,194.9, and", True), ("5", "15, 25, 5", True)],
)  # fmt: skip
def test_a_number_stands_only_where_no_digit_goes_on(number: str, text: str, stands: bool) -> None:
    assert stands_in(number, text) is stands


def test_answers_have_numbers_that_are_there_and_numbers_that_are_not() -> None:
    drawn = [some_answer(random.Random(seed)) for seed in range(200)]
    assert 20 < sum(not one.missing for one in drawn) < 180
    assert any("[" not in one.answer for one in drawn)


def test_damage_is_done_once_and_told() -> None:
    files = {"a": b"abc", "b": b"defgh", "empty": b""}
    kinds = set()
    for seed in range(60):
        spoilt, what = damaged(files, random.Random(seed))
        assert spoilt != files and what
        kinds.add(what.rpartition(" ")[0][-6:])
    assert len(kinds) > 3


def test_only_a_value_error_is_a_refusal() -> None:
    files = {"a": b"abc"}

    def strict(given: Mapping[str, bytes]) -> None:
        if given != files:
            raise ValueError

    def deaf(given: Mapping[str, bytes]) -> None:
        return None

    def loose(given: Mapping[str, bytes]) -> None:
        raise KeyError

    assert notices(strict, files, random.Random(1), 50) == ""
    assert "nothing was noticed" in notices(deaf, files, random.Random(1), 50)
    assert "KeyError" in notices(loose, files, random.Random(1), 50)


def test_a_file_of_another_index_has_to_be_refused() -> None:
    def strict(given: Mapping[str, bytes]) -> None:
        if len(set(given.values())) > 1:
            raise ValueError

    def deaf(given: Mapping[str, bytes]) -> None:
        return None

    one, other = {"a": b"1", "b": b"1"}, {"a": b"2", "b": b"2"}
    assert mixes(strict, one, other) == ""
    assert mixes(deaf, one, other) == "a of another index was taken"
    assert mixes(deaf, one, one) == ""


def test_the_same_texts_and_numbers_are_the_same() -> None:
    texts, rows = some_vectors(random.Random(1), 5)
    assert same((texts, rows), (texts, [[value + 1e-9 for value in row] for row in rows]))
    assert not same((texts, rows), (texts[:-1], rows[:-1]))
    assert not same((texts, rows), (texts, [[value + 1e-3 for value in row] for row in rows]))
    assert not same((texts, rows), None)


@pytest.mark.parametrize(
    ("unpack", "what"),
    [
        (lambda files: json.loads(files["a"]), ""),
        (lambda files: pickle.loads(files["b"]), "loads"),
        (lambda files: pickle.Unpickler(io.BytesIO(files["b"])).load(), "load"),
        (lambda files: np.load(io.BytesIO(files["c"])), ""),
        (lambda files: eval(files["a"]), "eval"),  # noqa: S307 - what is to be noticed
    ],
)
def test_what_runs_the_contents_of_a_file_is_named(unpack: Callable[[Mapping[str, bytes]], object], what: str) -> None:
    stream = io.BytesIO()
    np.save(stream, np.ones(3))
    files = {"a": b"[1.5]", "b": pickle.dumps([1.5]), "c": stream.getvalue()}
    unpack(files)  # a first time, as the exercise does, so that nothing is imported below
    told = runs(unpack, files)
    assert told.startswith(f"{what} runs") if what else told == ""
