"""Protocol 2026-07-28: messages, versions, capabilities, discovery; without a session or a handshake.

| page of the specification | requirement on a server | test |
| --- | --- | --- |
| basic/index, Requests and Responses | a response MUST have the id of its request, which is a string or an integer | test_a_response_has_the_id_of_its_request |
| basic/index, Requests | an id MUST NOT be null | test_an_id_of_another_kind_is_refused |
| basic/index, Messages | messages MUST follow JSON-RPC 2.0 | test_what_is_no_request_of_json_rpc_is_refused |
| transports/index, Messages | messages MUST be UTF-8 | test_a_body_that_is_no_utf_8_is_refused |
| basic/index, Notifications | a notification MUST NOT be answered | test_a_notification_is_accepted_without_an_answer |
| basic/index, _meta | a request without its version or its capabilities MUST be refused, -32602 and 400 | test_a_request_says_its_version_and_what_its_client_can_do |
| basic/index, _meta | the client's name is no condition | test_a_client_need_not_say_who_it_is |
| basic/index, _meta | a server MUST NOT rely on undeclared capabilities; it MUST answer -32021 and 400, naming them | test_what_a_client_cannot_do_is_not_asked_of_it |
| basic/index, _meta | names under `_meta` MUST have a prefix of labels | test_names_under_meta_are_well_formed |
| basic/index, _meta | a server SHOULD say in each result who it is | test_each_result_says_who_answers |
| basic/index, Statelessness | a server MUST NOT rely on earlier requests of a connection | test_a_connection_remembers_nothing, test_a_first_request_may_be_any |
| basic/versioning, Protocol Version Negotiation | an unknown version MUST be refused, with those that are supported | test_an_unknown_version_is_told_the_known_one |
| basic/versioning; server/discover | `server/discover` MUST be implemented | test_discover_tells_versions_and_capabilities |
| changelog, 5 | ping, logging/setLevel and the others that this version removed are unknown methods | test_methods_of_older_versions_are_unknown |
| tools, resources, prompts, completion, logging: Capabilities | what a server has it MUST declare | test_what_is_declared_is_served |

What holds of each answer is checked in `client`. Left out, since this server has none: extensions, icons, trace context.
"""  # noqa: E501 (a table)

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.mcp.protocol.client import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    META,
    METHOD_NOT_FOUND,
    MISSING_CAPABILITY,
    PARSE_ERROR,
    UNSUPPORTED_VERSION,
    VERSION,
    Client,
    meta,
)

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta()}}
HEADERS = {"MCP-Protocol-Version": VERSION, "Mcp-Method": "tools/list"}

ids = st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


@settings(max_examples=50)
@given(id=ids)
def test_a_response_has_the_id_of_its_request(client: Client, id: int | str) -> None:
    for answer in (client.call("server/discover", id=id), client.call("no/such", id=id)):
        assert answer.message["id"] == id and type(answer.message["id"]) is type(id)


@pytest.mark.parametrize("id", [None, 1.5, True, [], {}])
def test_an_id_of_another_kind_is_refused(client: Client, id: Any) -> None:
    answer = client.call("tools/list", id=id)
    assert answer.refused == (400, INVALID_REQUEST)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", PARSE_ERROR),
        ("", PARSE_ERROR),
        ("[" * 100_000 + "]" * 100_000, PARSE_ERROR),
        (json.dumps([LIST]), INVALID_REQUEST),  # a batch, which 2025-06-18 removed
        ("[]", INVALID_REQUEST),
        ('"tools/list"', INVALID_REQUEST),
        (json.dumps(LIST | {"jsonrpc": "1.0"}), INVALID_REQUEST),
        (json.dumps(LIST | {"method": 1}), INVALID_REQUEST),
        (json.dumps({"jsonrpc": "2.0", "id": 1, "result": {}}), INVALID_REQUEST),  # a client does not answer
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_no_request_of_json_rpc_is_refused(client: Client, body: str, code: int) -> None:
    assert client.post(body, HEADERS).refused == (400, code)


def test_a_body_that_is_no_utf_8_is_refused(client: Client) -> None:
    latin = json.dumps(LIST | {"note": "naïve"}, ensure_ascii=False).encode("latin-1")
    assert client.post(latin, HEADERS).refused == (400, PARSE_ERROR)


def test_a_notification_is_accepted_without_an_answer(client: Client) -> None:
    notification = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    answer = client.post(json.dumps(notification), {"MCP-Protocol-Version": VERSION})
    assert (answer.status, answer.body) == (202, b"")
    broken = client.post(json.dumps(notification | {"jsonrpc": "1.0"}), {"MCP-Protocol-Version": VERSION})
    assert broken.status == 400


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
def test_a_request_says_its_version_and_what_its_client_can_do(client: Client, missing: str) -> None:
    kept = {key: value for key, value in meta().items() if key != f"{META}{missing}"}
    answer = client.call("tools/list", meta=kept)
    assert answer.refused == (400, INVALID_PARAMS) and missing in answer.error["message"]
    assert client.post(json.dumps(LIST | {"params": {}}), HEADERS).refused == (400, INVALID_PARAMS)
    wrong = client.call("tools/list", meta=meta() | {f"{META}{missing}": 1}, headers={"MCP-Protocol-Version": "1"})
    assert wrong.status == 400


def test_a_client_need_not_say_who_it_is(client: Client) -> None:
    assert client.call("tools/list", meta=meta()).status == 200
    assert client.call("tools/list", meta=meta(clientInfo={"name": "a test", "version": "1"})).status == 200


@pytest.mark.parametrize(
    ("tool", "has", "lacks"),
    [
        ("test_input_required_result_elicitation", {"sampling": {}}, {"elicitation": {"form": {}}}),
        ("test_input_required_result_elicitation", {"elicitation": {"url": {}}}, {"elicitation": {"form": {}}}),
        ("test_input_required_result_sampling", {"elicitation": {}}, {"sampling": {}}),
        ("test_input_required_result_list_roots", {}, {"roots": {}}),
        ("test_input_required_result_multiple_inputs", {"elicitation": {}}, {"sampling": {}, "roots": {}}),
        ("test_missing_capability", {}, {"sampling": {}}),
    ],
)
def test_what_a_client_cannot_do_is_not_asked_of_it(
    client: Client, tool: str, has: dict[str, Any], lacks: dict[str, Any]
) -> None:
    answer = client.tool(tool, capabilities=has)
    assert answer.refused == (400, MISSING_CAPABILITY)
    assert answer.error["data"] == {"requiredCapabilities": lacks}


def test_names_under_meta_are_well_formed(client: Client) -> None:
    label = r"[a-zA-Z]([a-zA-Z0-9-]*[a-zA-Z0-9])?"
    name = rf"({label}(\.{label})*/)?([a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9])?)?"
    for method in ("server/discover", "tools/list", "prompts/list", "resources/list"):
        assert [key for key in client.call(method).result["_meta"] if not re.fullmatch(name, key)] == []


def test_each_result_says_who_answers(client: Client) -> None:
    for answer in (client.call("server/discover"), client.call("tools/list"), client.tool("test_simple_text")):
        assert answer.result["_meta"][f"{META}serverInfo"] == {"name": "companion-fixture", "version": "1"}


def test_a_connection_remembers_nothing(client: Client) -> None:
    asked = client.tool("test_input_required_result_elicitation", capabilities={"elicitation": {}})
    assert asked.result["resultType"] == "input_required"
    again = client.tool("test_input_required_result_elicitation")  # which no longer says that its client can be asked
    assert again.refused == (400, MISSING_CAPABILITY)
    logged = client.tool("test_logging_tool", meta=meta(logLevel="debug"))
    assert logged.notifications and not client.tool("test_logging_tool").notifications


def test_a_first_request_may_be_any(client: Client) -> None:
    fresh = Client(httpx.URL(client.url).netloc.decode())
    answer = fresh.tool("test_simple_text")
    fresh.close()
    assert answer.status == 200 and "mcp-session-id" not in answer.headers


def test_an_unknown_version_is_told_the_known_one(client: Client) -> None:
    said = meta(protocolVersion="1900-01-01")
    answer = client.call("tools/list", meta=said, headers={"MCP-Protocol-Version": "1900-01-01"})
    assert answer.refused == (400, UNSUPPORTED_VERSION)
    assert answer.error["data"]["requested"] == "1900-01-01" and VERSION in answer.error["data"]["supported"]


def test_discover_tells_versions_and_capabilities(client: Client) -> None:
    result = client.call("server/discover").result
    assert VERSION in result["supportedVersions"]
    assert result["capabilities"].keys() == {"completions", "logging", "prompts", "resources", "tools"}
    assert isinstance(result["instructions"], str)


@pytest.mark.parametrize(
    "method",
    ["initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe", "roots/list", "no/such"],
)
def test_methods_of_older_versions_are_unknown(client: Client, method: str) -> None:
    assert client.call(method).refused == (404, METHOD_NOT_FOUND)


def test_what_is_declared_is_served(client: Client) -> None:
    declared = client.call("server/discover").result["capabilities"]
    assert declared["tools"] == declared["prompts"] == {"listChanged": True}
    assert declared["resources"] == {"listChanged": True, "subscribe": True}
    for method in ("tools/list", "prompts/list", "resources/list", "resources/templates/list"):
        assert client.call(method).status == 200
