"""Protocol 2026-07-28: a call that ends with a question, and the next round of it that brings the answers.

| page of the specification | requirement on a server | test |
| --- | --- | --- |
| patterns/mrtr, Supported Requests | only `tools/call`, `prompts/get` and `resources/read` may ask | test_only_three_methods_ask |
| patterns/mrtr, note; patterns/index | questions MUST be sent in results, never as requests | test_a_question_ends_the_call |
| patterns/mrtr, Server Requirements 2 | a question MUST be one of three requests, under a name of its own | test_a_question_is_one_of_three_requests |
| patterns/mrtr, Server Requirements 4 | a state that was changed MUST be refused | test_a_changed_state_is_refused, test_a_state_of_another_kind_is_refused |
| patterns/mrtr, Server Requirements 5 | a state SHOULD be bound to its request, and expire | test_a_state_belongs_to_its_request, test_a_state_expires |
| patterns/mrtr, Server Requirements 5 | single use MUST be enforced by the server that needs it | test_a_state_may_come_twice |
| patterns/mrtr, Server Requirements 6 | a result that asks MUST have questions or a state | test_a_question_is_one_of_three_requests |
| patterns/mrtr, Server Requirements 7 | only what the client has declared MUST be asked | test_only_what_the_client_can_answer_is_asked; test_messages: test_what_a_client_cannot_do_is_not_asked_of_it |
| patterns/mrtr, Server Requirements 8 | a server MUST NOT count on the next round | test_a_round_that_never_comes_costs_nothing |
| patterns/mrtr, Basic Workflow | a round needs nothing but what is in its request | test_the_next_round_may_reach_another_server |
| patterns/mrtr, Error Handling | answers SHOULD be validated, extra ones ignored, missing ones asked for again | test_answers_are_validated, test_other_answers_are_ignored, test_missing_answers_are_asked_for_again |
| client/elicitation, Elicitation Requests | a question to the user MUST have a message; a form MUST have a flat schema | test_a_form_is_flat |
| client/elicitation, Capabilities | a mode that the client lacks MUST NOT be used | test_messages: test_what_a_client_cannot_do_is_not_asked_of_it |
| client/elicitation, Error Handling | a server MUST handle a user who declines or cancels | test_a_user_may_decline_or_cancel |

Left out, since this server never asks for such: passwords and the like, which MUST NOT be asked by form; URLs (a mode of
its own); tools for sampling. That a state belongs to its user is chapter 10's, with users.
"""  # noqa: E501 (a table)

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mcp.server.mcpserver import Context, MCPServer, RequestStateSecurity
from mcp_types import InputRequiredResult

from companion.services.serving import running
from tests.services.mcp.protocol.client import INVALID_PARAMS, METHOD_NOT_FOUND, Answer, Client

EVERYTHING: dict[str, Any] = {"elicitation": {}, "sampling": {}, "roots": {}}
METHODS = {"elicitation/create", "sampling/createMessage", "roots/list"}
ASKING = ["elicitation", "sampling", "list_roots", "request_state", "tampered_state", "multiple_inputs", "multi_round"]
STATE = "test_input_required_result_request_state"
INVALID = (400, INVALID_PARAMS)

SAMPLED = {"role": "assistant", "content": {"type": "text", "text": "Hi"}, "model": "none"}
ROOTS = {"roots": [{"uri": "file:///here"}]}


def accepted(**content: Any) -> dict[str, Any]:
    return {"action": "accept", "content": content}


def asked(client: Client, tool: str, **more: Any) -> Answer:
    answer = client.tool(tool, capabilities=EVERYTHING, **more)
    assert answer.result["resultType"] == "input_required"
    return answer


def state(client: Client) -> str:
    found: str = asked(client, STATE).result["requestState"]
    return found


def confirm(client: Client, state: Any, **more: Any) -> Answer:
    tool = more.pop("tool", STATE)
    responses = {"confirm": accepted(ok=True)}
    return client.tool(tool, capabilities=EVERYTHING, id=2, requestState=state, inputResponses=responses, **more)


def test_only_three_methods_ask(client: Client) -> None:
    asking = [
        asked(client, "test_input_required_result_elicitation"),
        client.call("prompts/get", {"name": "test_input_required_result_prompt"}, capabilities=EVERYTHING),
        client.call("resources/read", {"uri": "test://confirmed/x"}, capabilities=EVERYTHING),
    ]
    assert [answer.result["resultType"] for answer in asking] == ["input_required"] * 3
    for method in ("server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list"):
        assert client.call(method, capabilities=EVERYTHING).result["resultType"] == "complete"


def test_a_question_ends_the_call(client: Client) -> None:
    for tool in ("test_streaming_elicitation", "test_elicitation", "test_sampling"):
        answer = asked(client, tool, arguments={"message": "Who?", "prompt": "Say hi"})
        assert "content" not in answer.result  # and `Client` refuses any message before it that is a request


@pytest.mark.parametrize("tool", ASKING)
def test_a_question_is_one_of_three_requests(client: Client, tool: str) -> None:
    result = asked(client, f"test_input_required_result_{tool}").result
    assert result["inputRequests"]
    assert {question["method"] for question in result["inputRequests"].values()} <= METHODS
    assert isinstance(result.get("requestState", ""), str)


def test_the_rounds_of_the_fixture_end_with_what_was_answered(client: Client) -> None:
    name = accepted(name="Ada")

    def finish(tool: str, **responses: Any) -> Answer:
        before = asked(client, tool).result.get("requestState")
        more = {} if before is None else {"requestState": before}
        return client.tool(tool, id=2, capabilities=EVERYTHING, inputResponses=responses, **more)

    prefix = "test_input_required_result_"
    assert finish(f"{prefix}elicitation", user_name=name).text == "Hello, Ada!"
    assert finish(f"{prefix}sampling", capital_question=SAMPLED).text == "Hi"
    assert finish(f"{prefix}list_roots", client_roots=ROOTS).text == "Roots: file:///here"
    three = finish(f"{prefix}multiple_inputs", user_name=name, greeting=SAMPLED, client_roots=ROOTS)
    assert three.text == "Answered: user_name, greeting, client_roots"
    second = finish(f"{prefix}multi_round", step1=name)
    assert list(second.result["inputRequests"]) == ["step2"]
    third = client.tool(
        f"{prefix}multi_round",
        id=3,
        capabilities=EVERYTHING,
        inputResponses={"step2": accepted(color="blue")},
        requestState=second.result["requestState"],
    )
    assert third.text == "Ada likes blue."


def test_prompts_and_resources_go_on_too(client: Client) -> None:
    prompt = {"name": "test_input_required_result_prompt", "inputResponses": {"user_context": accepted(context="it")}}
    (message,) = client.call("prompts/get", prompt, capabilities=EVERYTHING).result["messages"]
    assert message["content"]["text"] == "Use this context: it"
    read = {"uri": "test://confirmed/x", "inputResponses": {"confirm": accepted(ok=True)}}
    (contents,) = client.call("resources/read", read, capabilities=EVERYTHING).result["contents"]
    assert contents["text"] == "What was asked for is x."


def test_a_state_comes_back(client: Client) -> None:
    assert confirm(client, state(client)).text == "state-ok: accept"


@settings(max_examples=60)
@given(place=st.integers(0, 10_000), other=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_state_is_refused(client: Client, place: int, other: str) -> None:
    right = state(client)
    place %= len(right) - 1  # the last character has bits that mean nothing
    assume(other != right[place])
    assert confirm(client, right[:place] + other + right[place + 1 :]).refused == INVALID
    assert confirm(client, right[:place]).refused == INVALID


@pytest.mark.parametrize("wrong", ["", "confirming", '"confirming"', 5, [], {}])
def test_a_state_of_another_kind_is_refused(client: Client, wrong: Any) -> None:
    assert confirm(client, wrong).refused == INVALID


def test_a_state_belongs_to_its_request(client: Client) -> None:
    right = state(client)
    assert confirm(client, right, arguments={"other": 1}).refused == INVALID
    assert confirm(client, right, tool="test_input_required_result_tampered_state").refused == INVALID
    prompt = {"name": STATE, "requestState": right}
    assert client.call("prompts/get", prompt, capabilities=EVERYTHING).refused == INVALID


def test_a_state_may_come_twice(client: Client) -> None:
    right = state(client)
    assert [confirm(client, right).text for _ in range(2)] == ["state-ok: accept"] * 2  # chapter 8 has the cure


def remembering(security: RequestStateSecurity) -> MCPServer[Any]:
    """Make a server with one tool, which answers what it had written into the state before."""
    server = MCPServer("states", log_level="CRITICAL", request_state_security=security)

    @server.tool()
    async def remember(context: Context[Any, Any]) -> str | InputRequiredResult:
        return context.request_state or InputRequiredResult(request_state="remembered")

    return server


def test_a_state_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    server = remembering(RequestStateSecurity.ephemeral(ttl=60))
    with running(server.streamable_http_app()) as address:
        client = Client(str(address))
        sealed = client.tool("remember").result["requestState"]
        assert client.tool("remember", requestState=sealed).text == "remembered"
        later = time.time() + 61
        monkeypatch.setattr("mcp.server.request_state.time.time", lambda: later)
        assert client.tool("remember", requestState=sealed).refused == INVALID
        client.close()


def test_the_next_round_may_reach_another_server() -> None:
    shared, own = RequestStateSecurity(keys=["k" * 32]), RequestStateSecurity.ephemeral()
    apps = [remembering(security).streamable_http_app(stateless_http=True) for security in (shared, shared, own)]
    with running(apps[0]) as first, running(apps[1]) as second, running(apps[2]) as third:
        clients = [Client(str(address)) for address in (first, second, third)]
        sealed = clients[0].tool("remember").result["requestState"]
        assert clients[1].tool("remember", requestState=sealed).text == "remembered"
        assert clients[2].tool("remember", requestState=sealed).refused == INVALID  # whose key is its own
        for client in clients:
            client.close()


def test_only_what_the_client_can_answer_is_asked(client: Client) -> None:
    tool = "test_input_required_result_capabilities"
    both = client.tool(tool, capabilities=EVERYTHING).result["inputRequests"]
    one = client.tool(tool, capabilities={"sampling": {}}).result["inputRequests"]
    assert (both.keys(), one.keys()) == ({"elicit_input", "sample_input"}, {"sample_input"})
    assert client.tool(tool).text == "The client can answer nothing."


def test_a_round_that_never_comes_costs_nothing(client: Client) -> None:
    for _ in range(20):
        asked(client, STATE)
    assert client.tool("test_simple_text").status == 200


@pytest.mark.parametrize("wrong", [12, None, "Ada", {"action": "maybe"}, {"content": {"name": "Ada"}}])
def test_answers_are_validated(client: Client, wrong: Any) -> None:
    answer = client.tool(
        "test_input_required_result_elicitation", capabilities=EVERYTHING, inputResponses={"user_name": wrong}
    )
    assert answer.refused == INVALID


def test_other_answers_are_ignored(client: Client) -> None:
    responses = {"user_name": accepted(name="Ada"), "other": accepted(x=1)}
    tool = "test_input_required_result_elicitation"
    assert client.tool(tool, capabilities=EVERYTHING, inputResponses=responses).text == "Hello, Ada!"


def test_missing_answers_are_asked_for_again(client: Client) -> None:
    tool = "test_input_required_result_multiple_inputs"
    first = asked(client, tool).result
    some = asked(
        client, tool, id=2, requestState=first["requestState"], inputResponses={"user_name": accepted(name="Ada")}
    ).result
    assert some["inputRequests"].keys() == {"greeting", "client_roots"}
    rest = {"greeting": SAMPLED, "client_roots": ROOTS}
    last = client.tool(tool, id=3, capabilities=EVERYTHING, requestState=some["requestState"], inputResponses=rest)
    assert last.text == "Answered: user_name, greeting, client_roots"
    wrong = asked(client, "test_input_required_result_elicitation", inputResponses={"user_name": accepted(age=1)})
    assert wrong.result["inputRequests"].keys() == {"user_name"}


@pytest.mark.parametrize(
    "tool", ["elicitation", "elicitation_sep1034_defaults", "elicitation_sep1330_enums", "streaming_elicitation"]
)
def test_a_form_is_flat(client: Client, tool: str) -> None:
    (question,) = asked(client, f"test_{tool}", arguments={"message": "Who are you?"}).result["inputRequests"].values()
    params = question["params"]
    assert params["message"] and params["mode"] == "form"
    assert params["requestedSchema"]["type"] == "object"
    for schema in params["requestedSchema"]["properties"].values():
        assert schema["type"] in ("string", "number", "integer", "boolean", "array")
        assert schema["type"] != "array" or schema["items"].keys() & {"enum", "anyOf"}


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_a_user_may_decline_or_cancel(client: Client, action: str) -> None:
    by_hand = {"user_name": {"action": action}}
    tool = "test_input_required_result_elicitation"
    answer = client.tool(tool, capabilities=EVERYTHING, inputResponses=by_hand)
    assert answer.text == "Hello, whoever you are!"
    arguments = {"message": "Who are you?"}
    first = asked(client, "test_elicitation", arguments=arguments).result
    (name,) = first["inputRequests"]
    resolved = client.tool(
        "test_elicitation",
        arguments,
        id=2,
        capabilities=EVERYTHING,
        requestState=first["requestState"],
        inputResponses={name: {"action": action}},
    )
    assert resolved.text == f"User response: action={action}, content={{}}"


def test_methods_of_the_client_are_not_served(client: Client) -> None:
    for method in METHODS:
        assert client.call(method).refused == (404, METHOD_NOT_FOUND)
