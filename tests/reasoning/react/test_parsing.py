"""A step means one thing or is refused; what the parser has never seen is scored and not hidden."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.react.parsing import (
    Action,
    Answer,
    FormatError,
    Output,
    article_parse,
    judge,
    judge_article,
    outputs,
    parse,
    stop,
)

TOOLS = ("stock_data", "calculator", "search_filings", "option_price")


def test_there_are_sixty_malformed_outputs_of_eight_kinds_and_six_well_formed_ones() -> None:
    kinds = Counter(output.kind for output in outputs())
    assert (kinds.pop("well formed"), len(kinds), kinds.total()) == (6, 8, 60)


@pytest.mark.parametrize("output", outputs(), ids=lambda output: f"{output.kind}: {output.text[-30:]!r}")
def test_each_output_that_the_parser_was_written_by_is_read_as_it_is_meant(output: Output) -> None:
    assert (judge(output, TOOLS), judge(stop(output), TOOLS)) == ("right", "right")


def test_the_outputs_held_back_are_of_the_same_eight_kinds_and_none_is_the_same() -> None:
    kinds = Counter(output.kind for output in outputs("held_back"))
    seen = Counter(output.kind for output in outputs())
    assert kinds == seen - Counter({"well formed": 6})
    assert not {output.text for output in outputs("held_back")} & {output.text for output in outputs()}


def test_of_the_outputs_held_back_as_many_are_right_as_at_the_first_look() -> None:
    assert Counter(judge(output, TOOLS) for output in outputs("held_back")) == {"right": 51, "refused": 5, "wrong": 4}


def test_the_articles_parser_takes_most_malformed_outputs_at_their_word() -> None:
    malformed = [output for output in outputs() if output.kind != "well formed"]
    assert Counter(judge_article(output, TOOLS) for output in malformed) == {"right": 15, "refused": 10, "wrong": 35}
    stopped = Counter(judge_article(stop(output), TOOLS) for output in malformed)
    assert stopped == {"right": 19, "refused": 10, "wrong": 31}


def test_the_articles_parser_reads_what_follows_the_format() -> None:
    assert article_parse("Thought: sum\nAction: calculator\nAction Input: 1+1") == ("sum", "calculator", "1+1", False)
    assert article_parse("sum\nAction: calculator\nAction Input: 1+1")[0] == "Thinking..."
    assert article_parse("I know\nFinal Answer: 2") == ("I know", "final_answer", "2", True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "neither an action nor an answer"),
        ("Action: calculator\nAction Input: 1\nObservation: 1", "not yours to write"),
        ("Action: calculator\nAction Input: 1\nFinal Answer: 1", "an action and an answer"),
        ("Final Answer: 1\nFinal Answer: 2", "two answers"),
        ("Final Answer: 1\nThought: or 2", "something follows the answer"),
        ("Final Answer:", "the answer is empty"),
        ("Action Input: 1", "there is no action"),
        ("Action: calculator", "after the line Action: comes"),
        ("Action: web\nAction Input: 1", "no tool 'web'.* one of stock_data, calculator"),
        ("Action: calculator\nAction Input:", "the input is empty"),
        ("Action: calculator\nAction Input: 1\nand 2", "no JSON"),
        ('Action: calculator\nAction Input: {"a": ', "no JSON"),
    ],
)
def test_a_refusal_says_to_the_model_what_to_write(text: str, why: str) -> None:
    with pytest.raises(FormatError, match=why):
        parse(text, TOOLS)


PIECES = ["Action", " Input", ": ", "Observation", "Final Answer", "\n", "calculator", "1", "`", "*"]
WORDS = st.text(st.characters(codec="ascii", exclude_characters='\r\n`"{[', exclude_categories=["Cc"]), min_size=1)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS, st.sampled_from(TOOLS))
def test_what_follows_the_format_is_read_back(thought: str, said: str, tool: str) -> None:
    thought, said = f"I {thought}".strip(), f"1{said}".strip()
    assert parse(f"{thought}\nAction: {tool}\nAction Input: {said}", TOOLS) == Action(thought, tool, said)
    assert parse(f"{thought}\nFinal Answer: {said}", TOOLS) == Answer(thought, said)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_text_is_a_step_or_a_refusal(text: str) -> None:
    try:
        step = parse(text, TOOLS)
    except FormatError:
        return
    assert (step.tool in TOOLS and step.input) if isinstance(step, Action) else step.text


def test_an_input_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(FormatError, match="is no JSON"):
        parse(f"Action: calculator\nAction Input: {'[' * 50_000}", ["calculator"])
