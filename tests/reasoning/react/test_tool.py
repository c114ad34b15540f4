"""A tool describes itself, takes what it describes, and refuses the rest in a line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import Field

from companion.reasoning.react.tool import LONGEST, Arguments, ToolError, make_tool


class Text(Arguments):
    text: str = Field(description="Anything.", max_length=50)
    times: int = Field(1, ge=1, le=3)


REPEAT = make_tool("repeat", "Repeat a text.", Text, lambda said: said.text * said.times)


def test_the_schema_is_a_json_schema_in_the_form_that_models_are_given() -> None:
    function = REPEAT.schema["function"]
    assert (REPEAT.schema["type"], function["name"], function["description"]) == (
        "function",
        "repeat",
        "Repeat a text.",
    )
    Draft202012Validator.check_schema(function["parameters"])
    assert function["parameters"]["required"] == ["text"]
    assert "title" not in str(function["parameters"])


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ('{"text": "ab", "times": 2}', "abab"),
        ('{"text": "ab"}', "ab"),
        ("plain text", "plain text"),
        ("94.9", "94.9"),
        ("[1", "[1"),
    ],
)
def test_a_tool_of_one_text_takes_it_plain_or_as_json(said: str, told: str) -> None:
    assert REPEAT.call(said) == told


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{}", "repeat: text: Field required"),
        ('{"text": 5}', "text: Input should be a valid string"),
        ('{"text": "a", "times": 4}', "times: Input should be less than or equal to 3"),
        ('{"text": "a", "often": 4}', "often: Extra inputs are not permitted"),
        ("x" * (LONGEST + 1), "4000 characters at most"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_line(said: str, why: str) -> None:
    with pytest.raises(ToolError, match=why) as refused:
        REPEAT.call(said)
    assert "\n" not in str(refused.value)


def test_a_tool_of_several_things_says_that_it_takes_an_object() -> None:
    class Two(Arguments):
        one: float
        two: float

    with pytest.raises(ToolError, match="takes a JSON object with one, two"):
        make_tool("two", "", Two, str).call("1 2")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused(said: str) -> None:
    try:
        REPEAT.call(said)
    except ToolError as error:
        assert str(error)
