"""A script says what is written in it, once."""

from __future__ import annotations

import pytest
from langchain_core.messages import AIMessage

from companion.models.errors import ModelError
from companion.reasoning.react.script import Script


def test_replies_come_in_their_order_and_then_there_is_none() -> None:
    script = Script(replies=["one", AIMessage("two")])
    assert [script.invoke("?").text, script.invoke("?").text] == ["one", "two"]
    with pytest.raises(ModelError, match="has 2 replies"):
        script.invoke("?")
    assert len(script.asked) == 3


def test_a_reply_ends_before_a_stop_sequence_unless_the_script_knows_none() -> None:
    said = "think\nObservation: made up"
    assert Script(replies=[said]).invoke("?", stop=["\nObservation:"]).text == "think"
    assert Script(replies=[said], stops=False).invoke("?", stop=["\nObservation:"]).text == said


def test_the_last_reply_can_be_said_for_ever() -> None:
    script = Script(replies=["one", "two"], forever=True)
    assert [script.invoke("?").text for _ in range(4)] == ["one", "two", "two", "two"]
