"""What the checks of chapter 15 go by is right, by other ways to the same answers."""

from __future__ import annotations

import pytest

from companion.reasoning.react import exercises
from companion.reasoning.react.calculator import CalculatorError, calculate
from companion.reasoning.react.indicators import rsi
from companion.reasoning.react.parsing import Answer, FormatError, parse

TOOLS = ["calculator", "stock_data"]


def test_what_a_text_means_the_package_reads_too() -> None:
    for text in (*exercises.TEXTS, *exercises.some_texts(1, 200)):
        want = exercises.step_of(text, TOOLS)
        if want is not None:
            step = parse(text, TOOLS)
            assert (("answer", step.text) if isinstance(step, Answer) else (step.tool, step.input)) == want


def test_texts_of_each_kind_are_among_them() -> None:
    means = [exercises.step_of(text, TOOLS) for text in exercises.some_texts(2, 400)]
    assert means.count(None) > 50
    assert sum(step is not None and step[0] == "answer" for step in means) > 5
    assert sum(step is not None and step[0] != "answer" for step in means) > 20


def test_an_observation_is_never_a_step_for_either() -> None:
    text = "Action: calculator\nAction Input: 1\nObservation: 1"
    assert exercises.step_of(text, TOOLS) is None
    with pytest.raises(FormatError):
        parse(text, TOOLS)


def test_sums_are_told_from_what_is_none() -> None:
    assert not [text for text in exercises.HOSTILE if exercises.is_sum(text)]
    assert not [text for text in exercises.HONEST if not exercises.is_sum(text)]
    drawn = exercises.some_expressions(3, 200)
    assert 30 < sum(want for _, want in drawn) < 170
    for text, want in drawn:
        if not want:
            continue
        try:
            calculate(text)
        except CalculatorError as error:
            assert any(word in str(error) for word in ("divided by 0", "rounded")), text


def test_the_index_is_the_librarys_on_prices_without_splits() -> None:
    for prices, splits, period in exercises.some_prices(4, 100):
        ratio, whole = 1, []
        for place, price in enumerate(prices):
            ratio *= splits.get(place, 1)
            whole.append(price * ratio)
        want, told = rsi(whole, period), exercises.strength_of(prices, splits, period)
        assert told == (want if want is None else pytest.approx(want))


def test_there_are_cases_without_an_index_and_with_splits() -> None:
    drawn = exercises.some_prices(5, 100)
    assert sum(exercises.strength_of(*case) is None for case in drawn) > 5
    assert sum(bool(splits) for _, splits, _ in drawn) > 30
    assert exercises.strength_of([5.0, 5.0, 2.5, 2.5], {2: 2}, 2) is None
