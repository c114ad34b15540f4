"""A server that keeps to a script asks so often, in such a way, and notes whatever it is sent that is not right."""

from __future__ import annotations

import json
from typing import Any

import pytest

from companion.services.event_stream import data_of, lines
from companion.services.mcp.exercises import (
    ARGUMENTS,
    TOOL,
    Message,
    Script,
    carried_states,
    odd_changes,
    odd_streams,
    outcome,
    tried,
)
from companion.services.mcp.pins import changes, pin

DONE = {"resultType": "complete", "content": [{"type": "text", "text": "done"}]}


def first(number: Any = 1, **changed: Any) -> Message:
    return {
        "jsonrpc": "2.0",
        "id": number,
        "method": "tools/call",
        "params": {"name": TOOL, "arguments": ARGUMENTS},
    } | changed


def following(asked: Message, number: int = 2) -> Message:
    """Answer a script's questions, as a client should."""
    answers = {
        key: {"action": "accept", "content": {"word": one["params"]["message"]}}
        for key, one in asked["result"]["inputRequests"].items()
    }
    params = {"name": TOOL, "arguments": ARGUMENTS, "inputResponses": answers}
    return first(number, params=params | {k: v for k, v in asked["result"].items() if k == "requestState"})


def test_a_plain_one_answers_at_once() -> None:
    script = Script.plain("sunny")
    assert script.send(first("a"))["result"]["content"][0]["text"] == "sunny"
    assert script.faults == []


def test_the_answer_has_the_requests_id() -> None:
    assert Script.plain("x").send(first(7))["id"] == 7
    assert Script.asking(1).send(first("a"))["id"] == "a"
    assert Script.broken("x").send(first(7)) == {
        "jsonrpc": "2.0", "id": 7, "error": {"code": -32602, "message": "x"},
    }  # fmt: skip


def test_a_failing_one_fails_as_a_tool_does() -> None:
    result = Script.failing("no such page").send(first())["result"]
    assert result["isError"] and result["content"][0]["text"] == "no such page"


@pytest.mark.parametrize(("rounds", "keys", "state"), [(1, 1, True), (2, 3, True), (3, 1, False)])
def test_it_asks_so_often_with_so_many_questions_and_is_done(rounds: int, keys: int, state: bool) -> None:
    script = Script.asking(rounds, keys=keys, state=state)
    answer = script.send(first(0))
    for turn in range(rounds):
        assert len(answer["result"]["inputRequests"]) == keys
        assert ("requestState" in answer["result"]) is state
        answer = script.send(following(answer, turn + 1))
    assert answer["result"] == DONE and script.faults == []


def test_each_round_has_other_questions_and_another_state() -> None:
    script = Script.asking(2)
    one = script.send(first(0))
    other = script.send(following(one, 1))
    assert one["result"]["requestState"] != other["result"]["requestState"]
    assert one["result"]["inputRequests"].keys().isdisjoint(other["result"]["inputRequests"])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"jsonrpc": "1.0"}, "is no call of a tool"),
        ({"method": "tools/list"}, "is no call of a tool"),
        ({"params": {"name": "other", "arguments": ARGUMENTS}}, "in turn 0 the params are"),
        ({"params": {"name": TOOL, "arguments": {}}}, "in turn 0 the params are"),
        ({"params": {"name": TOOL, "arguments": ARGUMENTS, "requestState": None}}, "in turn 0 the params are"),
        ({"id": None}, "the id None is none, or was used before"),
    ],
)
def test_what_is_wrong_with_a_request_is_noted(wrong: Message, why: str) -> None:
    script = Script.plain("x")
    script.send(first(**{"number": 1}) | wrong)
    (fault,) = script.faults
    assert why in fault


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda said: said["params"].pop("requestState"), "should be"),
        (lambda said: said["params"].update(requestState="state 2"), "should be"),
        (lambda said: said["params"].pop("inputResponses"), "should be"),
        (lambda said: said["params"]["inputResponses"].popitem(), "should be"),
        (lambda said: said["params"]["inputResponses"].update({"key 1.0": {"action": "decline"}}), "should be"),
        (lambda said: said["params"]["inputResponses"]["key 1.0"]["content"].update(word="question 1.1"), "should be"),
        (lambda said: said.update(id=0), "was used before"),
    ],
)
def test_what_is_wrong_with_an_answer_is_noted(spoil: Any, why: str) -> None:
    script = Script.asking(2, keys=2)
    said = following(script.send(first(0)))
    spoil(said)
    script.send(said)
    (fault,) = script.faults
    assert why in fault


def test_a_request_without_any_params_is_noted_and_answered() -> None:
    script = Script.plain("x")
    assert "result" in script.send({}) and len(script.faults) == 3


def test_its_person_says_yes_with_the_questions_words_or_no() -> None:
    yes, no = Script.asking(1), Script.asking(1, declined=True)
    assert (yes.person("sure?"), no.person("sure?")) == ({"word": "sure?"}, None)
    assert yes.asked == no.asked == ["sure?"]


def test_a_no_is_what_it_wants_from_a_person_who_says_no() -> None:
    script = Script.asking(1, declined=True)
    said = following(script.send(first(0)))
    said["params"]["inputResponses"] = {"key 1.0": {"action": "decline"}}
    assert script.send(said)["result"] == DONE and script.faults == []


def test_a_yes_may_come_with_nothing_and_is_no_no() -> None:
    script = Script.asking(1, empty=True)
    asked = script.send(first(0))
    assert script.person("sure?") == {}
    said = following(asked)
    said["params"]["inputResponses"] = {"key 1.0": {"action": "accept", "content": {}}}
    assert script.send(said)["result"] == DONE and script.faults == []

    other = Script.asking(1, empty=True)
    said["params"] |= {"inputResponses": {"key 1.0": {"action": "decline"}}}
    other.send(first(0))
    other.send(said)
    assert "should be" in other.faults[0]


@pytest.mark.parametrize(("times", "faults"), [(1, ["the person was asked 1 times, not 2"]), (2, [])])
def test_a_person_who_was_asked_too_often_or_seldom_is_noted(times: int, faults: list[str]) -> None:
    def asks(send: Any, tool: str, arguments: Message, person: Any) -> str:
        for _ in range(times):
            person("sure?")
        return "done"

    script = Script.asking(3)
    assert outcome(asks, script, 2) == "done" and script.faults == faults


def test_an_outcome_is_an_answer_or_what_was_raised() -> None:
    def raising(error: Exception) -> Any:
        def ask(*_: Any) -> str:
            raise error

        return ask

    def asks_once(send: Any, tool: str, arguments: Message, person: Any) -> str:
        assert (tool, arguments) == (TOOL, ARGUMENTS) and person("x") == {"word": "x"}
        return str(send(first())["result"]["content"][0]["text"])

    assert outcome(asks_once, Script.plain("sunny"), 3) == "sunny"
    assert outcome(raising(TimeoutError("3 rounds")), Script.plain("x"), 3) == "TimeoutError"
    assert outcome(raising(ConnectionError("why")), Script.plain("x"), 3) == "ConnectionError: why"
    assert outcome(raising(KeyError("result")), Script.plain("x"), 3) == "KeyError: 'result'"


def test_what_a_client_does_to_the_arguments_does_not_reach_the_next_one() -> None:
    def spoils(send: Any, tool: str, arguments: Message, person: Any) -> str:
        arguments.clear()
        return "x"

    outcome(spoils, Script.plain("x"), 3)
    assert ARGUMENTS == {"title": "Draft"}


def test_what_an_answer_raises_is_what_it_gave() -> None:
    def broken(given: str) -> str:
        raise ValueError(given)

    assert tried(str.upper, "x") == "X" and tried(broken, "why") == "ValueError: why"
    assert tried(broken, "ValueError: why") == "ValueError: why"  # as a grader's sandbox has it


def test_a_client_that_breaks_in_the_middle_has_not_carried_its_states() -> None:
    def broken(send: Any, *given: Any) -> str:
        send(first())
        raise KeyError("requestState")

    assert carried_states(broken) == [None, "KeyError: 'requestState'"]


def test_odd_streams_are_read_by_the_packages_own_reader() -> None:
    for why, stream, want in odd_streams():
        assert [json.loads(data) for data in data_of(lines([stream]))] == want, why


def test_a_change_that_is_easily_overlooked_is_one_to_the_packages_own_pins() -> None:
    for why, old, new in odd_changes({"name": "count"}):
        assert changes(pin([old]), [new]) == {"count": "changed"}, why
