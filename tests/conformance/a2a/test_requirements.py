"""The requirements of `requirements`, each over JSON-RPC and over REST."""

from __future__ import annotations

import base64
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from a2a.types import a2a_pb2 as pb
from a2a.utils.signing import InvalidSignaturesError
from google.protobuf.json_format import MessageToDict, ParseDict

from companion.services.a2a.server.card import make_card, sign, verifier
from companion.services.tenancy.tokens import Key
from tests.conformance.a2a.bindings import CODES, Answer, Binding, Rest, Rpc
from tests.conformance.a2a.conftest import SECRET, World
from tests.conformance.a2a.marks import TESTED, demands
from tests.conformance.a2a.requirements import DEMANDS

Said = Callable[..., dict[str, Any]]
NOBODY = "00000000-0000-4000-8000-000000000000"
TERMINAL = {"TASK_STATE_COMPLETED", "TASK_STATE_FAILED", "TASK_STATE_CANCELED", "TASK_STATE_REJECTED"}


def state(task: dict[str, Any]) -> str:
    return str(task["status"]["state"])


def refused(answer: Answer, reason: str, binding: Binding) -> None:
    assert answer.error is not None, f"{reason} was expected, and there is a result: {answer.body}"
    assert answer.reason == reason, answer.body
    code, status = CODES[reason]
    if isinstance(binding, Rpc):
        assert (answer.error["code"], answer.status) == (code, 200)
    else:
        assert (answer.error["code"], answer.status) == (status, status)


def texts(value: Any) -> Iterator[tuple[str, Any]]:
    """Give every name and value in a piece of JSON."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def test_each_requirement_has_a_test_and_each_test_a_requirement() -> None:
    named = set(itertools.chain.from_iterable(TESTED.values()))
    assert named - set(DEMANDS) == set(), "these are not in the table"
    assert set(DEMANDS) - named == set(), "these have no test"


# 3.1 Operations


@demands("send-returns", "blocking", "task-id-included", "context-included")
def test_a_message_gives_a_task_that_is_over(binding: Binding, said: Said) -> None:
    task = binding.send(said()).result["task"]
    assert state(task) == "TASK_STATE_COMPLETED"
    assert UUID(task["id"]) and task["contextId"]
    assert task["artifacts"][0]["parts"][0]["text"] == "done, ä"


@demands("blocking")
@pytest.mark.parametrize(("text", "ends"), [("ask", "INPUT_REQUIRED"), ("refuse", "REJECTED"), ("fail", "FAILED")])
def test_a_blocking_call_waits_for_whatever_end_or_interruption(
    binding: Binding, said: Said, text: str, ends: str
) -> None:
    assert state(binding.send(said(text)).result["task"]) == f"TASK_STATE_{ends}"


@demands("non-blocking", "send-returns")
def test_a_call_returns_before_the_task_is_done_if_it_is_asked_to(binding: Binding, said: Said) -> None:
    task = binding.send(said("steps 10"), returnImmediately=True).result["task"]
    assert state(task) not in TERMINAL
    assert state(binding.get(task["id"]).result) not in TERMINAL


@demands("stream-begins-with-task", "stream-closes-when-terminal", "stream-progress", "event-order")
def test_a_stream_is_a_task_its_updates_in_order_and_an_end(binding: Binding, said: Said) -> None:
    answer = binding.stream(said("steps 4"))
    assert answer.headers["content-type"].startswith("text/event-stream")
    first, *rest = answer.events
    assert set(first) == {"task"}
    assert {kind for event in rest for kind in event} <= {"statusUpdate", "artifactUpdate"}
    assert state(rest[-1]["statusUpdate"]) == "TASK_STATE_COMPLETED"
    told = [
        part["text"]
        for name, part in texts(answer.events)
        if name == "parts"
        for part in part
        if "step" in part["text"]
    ]
    assert [each for each in told if each.startswith("step ")] == [f"step {number}" for number in range(4)]
    numbers = [int(next(iter(event.values()))["metadata"]["seq"]) for event in answer.events]
    assert numbers == sorted(numbers)


@demands("stream-progress")
def test_progress_is_told_while_the_task_is_worked_on(binding: Binding, said: Said) -> None:
    task, got = "", 0
    for event in binding.each("SendStreamingMessage", {"message": said("steps 40")}):
        task = task or event["task"]["id"]
        got += "statusUpdate" in event
        if got == 3:
            assert state(binding.get(task).result) == "TASK_STATE_WORKING"
            break
    binding.cancel(task)


@demands("list-omits-artifacts", "list-next-token", "list-order", "list-cursor", "rest-query")
def test_tasks_are_listed_page_by_page_the_latest_first(binding: Binding, said: Said) -> None:
    context = f"a b&c/{uuid4()}"
    made = [binding.send(said(contextId=context)).result["task"]["id"] for _ in range(5)]
    listed, token = [], ""
    while True:
        page = binding.list(contextId=context, pageSize=2, pageToken=token).result
        assert all("artifacts" not in task for task in page["tasks"])
        assert (page["pageSize"], page["totalSize"]) == (2, 5)
        listed += page["tasks"]
        token = page["nextPageToken"]
        if token == "":
            break
    assert [task["id"] for task in listed] == made[::-1]
    times = [task["status"]["timestamp"] for task in listed]
    assert times == sorted(times, reverse=True)
    shown = binding.list(contextId=context, includeArtifacts=True).result["tasks"]
    assert all(task["artifacts"] for task in shown)


@demands("list-cursor")
def test_what_is_new_moves_nothing_from_one_page_to_the_next(binding: Binding, said: Said) -> None:
    context = str(uuid4())
    made = [binding.send(said(contextId=context)).result["task"]["id"] for _ in range(4)]
    first = binding.list(contextId=context, pageSize=2).result
    binding.send(said(contextId=context))
    second = binding.list(contextId=context, pageSize=2, pageToken=first["nextPageToken"]).result
    assert [task["id"] for task in first["tasks"] + second["tasks"]] == made[::-1]


@demands("list-visible", "scoped", "hidden")
def test_a_list_shows_the_callers_own_tasks(
    binding: Binding, other_user: Binding, other_tenant: Binding, said: Said
) -> None:
    context = str(uuid4())
    task = binding.send(said(contextId=context)).result["task"]["id"]
    assert [each["id"] for each in binding.list(contextId=context).result["tasks"]] == [task]
    for stranger in (other_user, other_tenant):
        assert stranger.list(contextId=context).result["totalSize"] == 0
        assert task not in [each["id"] for each in stranger.list(pageSize=100).result["tasks"]]


@demands("subscribe-begins-with-task", "subscribe-closes")
def test_a_subscription_begins_with_the_task_and_ends_with_it(binding: Binding, said: Said) -> None:
    task = binding.send(said("steps 6"), returnImmediately=True).result["task"]["id"]
    first, *rest = binding.subscribe(task).events
    assert first["task"]["id"] == task
    assert state(rest[-1]["statusUpdate"]) in TERMINAL


@demands("subscribe-terminal")
@pytest.mark.parametrize("text", ["go", "fail", "refuse"])
def test_nothing_is_to_be_subscribed_to_when_a_task_is_over(binding: Binding, said: Said, text: str) -> None:
    task = binding.send(said(text)).result["task"]["id"]
    refused(binding.subscribe(task), "UNSUPPORTED_OPERATION", binding)


def test_a_task_is_canceled_and_not_twice(binding: Binding, said: Said) -> None:
    """Section 3.1.5 has no MUST; 5.4 has the error."""
    task = binding.send(said("steps 100"), returnImmediately=True).result["task"]["id"]
    assert state(binding.cancel(task).result) == "TASK_STATE_CANCELED"
    refused(binding.cancel(task), "TASK_NOT_CANCELABLE", binding)
    refused(binding.cancel(NOBODY), "TASK_NOT_FOUND", binding)


@demands("push-create", "push-credentials", "push-at-least-once")
def test_a_configuration_leads_to_notifications_with_its_credentials(
    binding: Binding, said: Said, world: World
) -> None:
    world.receiver.came.clear()
    mark = str(uuid4())
    config = {
        "url": world.receiver.url, "token": mark,
        "authentication": {"scheme": "Bearer", "credentials": "let-me-in"},
    }  # fmt: skip
    task = binding.send(said("steps 3"), taskPushNotificationConfig=config).result["task"]["id"]

    def over() -> bool:
        told = [each.body for each in world.receiver.came]
        return any(state(each["statusUpdate"]) in TERMINAL for each in told if "statusUpdate" in each)

    until = time.monotonic() + 20
    while not over():
        assert time.monotonic() < until, f"told only: {world.receiver.came}"
        time.sleep(0.02)
    assert {next(iter(each.body.values()))["taskId"] for each in world.receiver.came} == {task}
    for each in world.receiver.came:
        assert each.headers["authorization"] == "Bearer let-me-in"
        assert each.headers["x-a2a-notification-token"] == mark
        assert each.headers["content-type"] == "application/a2a+json"
    numbers = [each.number for each in world.receiver.came]
    assert numbers == sorted(numbers)


@demands("push-create", "push-get", "push-list", "push-delete")
def test_configurations_are_kept_shown_listed_and_deleted_for_good(binding: Binding, said: Said, world: World) -> None:
    task = binding.send(said("ask")).result["task"]["id"]
    made = binding.push("Create", task, url=world.receiver.url, token="t").result
    assert made["taskId"] == task and made["id"]
    named = binding.push("Create", task, url=world.receiver.url, id="mine").result
    assert binding.push("Get", task, id=made["id"]).result == made
    assert {each["id"] for each in binding.push("List", task).result["configs"]} == {made["id"], named["id"]}
    for _ in range(2):
        assert binding.push("Delete", task, id=made["id"]).error is None
    refused(binding.push("Get", task, id=made["id"]), "TASK_NOT_FOUND", binding)
    assert [each["id"] for each in binding.push("List", task).result["configs"]] == ["mine"]


@demands("history-length")
@pytest.mark.parametrize("length", [0, 1, 2, 50])
def test_the_history_is_no_longer_than_was_asked_for(binding: Binding, said: Said, length: int) -> None:
    task = binding.send(said("steps 3")).result["task"]["id"]
    whole = binding.get(task).result["history"]
    cut = binding.get(task, historyLength=length).result.get("history", [])
    assert cut == (whole[-length:] if length else [])
    refused(binding.get(task, historyLength=-1), "INVALID_PARAMS", binding)


# 3.3 Errors


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("SendMessage", {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "go"}]}}),
    ("SendStreamingMessage", {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "go"}]}}),
    ("GetTask", {"id": NOBODY}),
    ("ListTasks", {}),
    ("CancelTask", {"id": NOBODY}),
    ("SubscribeToTask", {"id": NOBODY}),
    ("CreateTaskPushNotificationConfig", {"taskId": NOBODY, "url": "https://example.com"}),
    ("GetTaskPushNotificationConfig", {"taskId": NOBODY, "id": "a"}),
    ("ListTaskPushNotificationConfigs", {"taskId": NOBODY}),
    ("DeleteTaskPushNotificationConfig", {"taskId": NOBODY, "id": "a"}),
    ("GetExtendedAgentCard", {}),
]
"""All operations."""
WRITES = {"SendMessage", "SendStreamingMessage", "CancelTask"} | {
    name for name, _ in CALLS if name.startswith(("Create", "Delete"))
}


@demands("unauthenticated", "equivalent-authentication", "scoped")
@pytest.mark.parametrize(("method", "params"), CALLS, ids=[name for name, _ in CALLS])
def test_no_operation_is_for_nobody(binding: Binding, world: World, method: str, params: dict[str, Any]) -> None:
    elsewhere = world.issuer.token(world.tenant, "ada", ["read", "write"], "mcp")
    for header in ("", "Bearer", "Bearer nonsense", "Basic YTpi", f"Bearer {elsewhere}"):
        answer = type(binding)(world.url, "", authorization=header).ask(method, params)
        assert answer.status == 401 and answer.error is not None
        assert answer.headers["www-authenticate"].startswith("Bearer")


@demands("unauthorized", "scoped")
@pytest.mark.parametrize(("method", "params"), CALLS, ids=[name for name, _ in CALLS])
def test_every_operation_needs_its_scope(binding: Binding, world: World, method: str, params: dict[str, Any]) -> None:
    other = "read" if method in WRITES else "write"
    answer = type(binding)(world.url, world.token(scopes=(other,))).ask(method, params)
    assert answer.status == 403 and answer.error is not None
    assert "insufficient_scope" in answer.headers["www-authenticate"]


@demands("hidden", "scoped", "not-found", "task-id-existing")
def test_a_task_of_somebody_else_is_as_good_as_none(
    binding: Binding, other_user: Binding, other_tenant: Binding, said: Said, world: World
) -> None:
    task = binding.send(said("ask")).result["task"]["id"]
    binding.push("Create", task, id="mine", url=world.receiver.url)
    asked: list[Callable[[Binding, str], Answer]] = [
        lambda who, task: who.get(task),
        lambda who, task: who.cancel(task),
        lambda who, task: who.subscribe(task),
        lambda who, task: who.send(said("x", taskId=task)),
        lambda who, task: who.stream(said("x", taskId=task)),
        lambda who, task: who.push("Create", task, url=world.receiver.url),
        lambda who, task: who.push("Get", task, id="mine"),
        lambda who, task: who.push("List", task),
        lambda who, task: who.push("Delete", task, id="mine"),
    ]
    for ask, stranger in itertools.product(asked, (other_user, other_tenant)):
        theirs, nobodys = ask(stranger, task), ask(stranger, NOBODY)
        refused(theirs, "TASK_NOT_FOUND", binding)
        assert json.dumps(theirs.body) == json.dumps(nobodys.body), "the two can be told apart"
    assert state(binding.get(task).result) == "TASK_STATE_INPUT_REQUIRED"
    assert len(binding.push("List", task).result["configs"]) == 1


@demands("not-found")
@pytest.mark.parametrize("task", [NOBODY, "no-uuid", "1", "%27%3B--"])
def test_what_does_not_exist_is_not_found(binding: Binding, task: str) -> None:
    refused(binding.get(task), "TASK_NOT_FOUND", binding)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("no message", {}),
    ("no parts", {"message": {"messageId": "m", "role": "ROLE_USER", "parts": []}}),
    ("no id", {"message": {"role": "ROLE_USER", "parts": [{"text": "a"}]}}),
    ("no role", {"message": {"messageId": "m", "parts": [{"text": "a"}]}}),
    ("no such role", {"message": {"messageId": "m", "role": "ROLE_KING", "parts": [{"text": "a"}]}}),
    ("not a caller's role", {"message": {"messageId": "m", "role": "ROLE_AGENT", "parts": [{"text": "a"}]}}),
    ("a zero character", {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "a\0b"}]}}),
    ("a long id", {"message": {"messageId": "m" * 999, "role": "ROLE_USER", "parts": [{"text": "a"}]}}),
    ("a long context", {"message": {"messageId": "m", "contextId": "c" * 999, "role": "ROLE_USER",
                                    "parts": [{"text": "a"}]}}),
    ("negative history", {"message": {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "a"}]},
                          "configuration": {"historyLength": -1}}),
]  # fmt: skip


@demands("validated", "required-fields")
@pytest.mark.parametrize(("what", "params"), WRONG, ids=[what for what, _ in WRONG])
def test_wrong_parameters_are_refused_and_nothing_is_made(binding: Binding, what: str, params: dict[str, Any]) -> None:
    before = binding.list().result["totalSize"]
    refused(binding.ask("SendMessage", params), "INVALID_PARAMS", binding)
    if "history" not in what:  # a stream has no history to cut
        refused(binding.ask("SendStreamingMessage", params), "INVALID_PARAMS", binding)
    assert binding.list().result["totalSize"] == before


@demands("validated")
@pytest.mark.parametrize("given", [{"pageSize": 0}, {"pageSize": 101}, {"pageToken": "x"}, {"historyLength": -1}])
def test_wrong_pages_are_refused(binding: Binding, given: dict[str, Any]) -> None:
    refused(binding.list(**given), "INVALID_PARAMS", binding)


@demands("validated")
def test_a_tenant_in_the_request_is_refused_and_not_dropped(binding: Binding, said: Said, world: World) -> None:
    if isinstance(binding, Rest):
        answer = binding.read(binding.web.get(f"/{world.other}/rest/tasks"))
    else:
        answer = binding.list(tenant=str(world.other))
    refused(answer, "INVALID_PARAMS", binding)


@demands("validated", "ssrf")
@pytest.mark.parametrize(
    "part", [{"url": "http://169.254.169.254/"}, {"raw": "AAAA"}, {"text": "a", "mediaType": "image/png"}]
)
def test_content_that_the_agent_does_not_take_is_refused(binding: Binding, said: Said, part: dict[str, Any]) -> None:
    refused(binding.send(said(parts=[part])), "CONTENT_TYPE_NOT_SUPPORTED", binding)


@demands("ssrf")
@pytest.mark.parametrize(
    "url", ["http://169.254.169.254/", "https://localhost/", "file:///etc/passwd", "https://10.0.0.1/"]
)
def test_notifications_are_not_sent_inside(binding: Binding, said: Said, url: str) -> None:
    refused(binding.send(said(), taskPushNotificationConfig={"url": url}), "INVALID_PARAMS", binding)
    task = binding.send(said("ask")).result["task"]["id"]
    refused(binding.push("Create", task, url=url), "INVALID_PARAMS", binding)


@demands("error-payload", "error-details-typed", "rest-error-info", "equivalent-errors")
def test_errors_have_a_code_a_message_and_typed_details(binding: Binding, said: Said) -> None:
    over = binding.send(said()).result["task"]["id"]
    for answer in (
        binding.get(NOBODY),
        binding.cancel(over),
        binding.subscribe(over),
        binding.send({"messageId": "x"}),
    ):
        assert answer.error is not None
        assert isinstance(answer.error["code"], int) and answer.error["message"]
        assert answer.details and all("@type" in each for each in answer.details)
        info = next(each for each in answer.details if each["@type"].endswith("google.rpc.ErrorInfo"))
        assert info["domain"] == "a2a-protocol.org" and re.fullmatch("[A-Z_]+", info["reason"])


@demands("no-secret-in-errors")
def test_what_went_wrong_inside_is_told_by_a_number_alone(binding: Binding, said: Said) -> None:
    answer = binding.stream(said("fail"))
    assert SECRET not in json.dumps(answer.events) and "select" not in json.dumps(answer.events)
    (last,) = answer.events[-1].values()  # the task itself, where it has failed before its stream began
    assert state(last) == "TASK_STATE_FAILED"


@demands("no-secret-in-errors")
def test_a_refused_token_is_not_repeated(world: World, binding: Binding) -> None:
    token = world.issuer.token(world.tenant, "ada", ["read"], "mcp")
    assert token not in json.dumps(type(binding)(world.url, token).list().body)


# 3.3.4 Capabilities


@demands("capability-push")
def test_without_the_capability_there_is_no_push(binding: Binding, world: World, said: Said) -> None:
    bare = type(binding)(world.bare_url, world.token())
    task = bare.send(said("ask")).result["task"]["id"]
    for operation in ("Create", "Get", "List", "Delete"):
        given = {"url": world.receiver.url} if operation == "Create" else {} if operation == "List" else {"id": "a"}
        refused(bare.push(operation, task, **given), "PUSH_NOTIFICATION_NOT_SUPPORTED", binding)
    config = {"url": world.receiver.url}
    refused(bare.send(said(), taskPushNotificationConfig=config), "PUSH_NOTIFICATION_NOT_SUPPORTED", binding)


@demands("capability-streaming")
def test_without_the_capability_there_are_no_streams(binding: Binding, world: World, said: Said) -> None:
    bare = type(binding)(world.bare_url, world.token())
    before = bare.list().result["totalSize"]
    refused(bare.stream(said()), "UNSUPPORTED_OPERATION", binding)
    assert bare.list().result["totalSize"] == before
    task = bare.send(said("ask")).result["task"]["id"]
    refused(bare.subscribe(task), "UNSUPPORTED_OPERATION", binding)


@demands("capability-extended-card")
def test_without_the_capability_there_is_no_extended_card(binding: Binding) -> None:
    refused(binding.extended_card(), "UNSUPPORTED_OPERATION", binding)


# 3.4 Several turns


@demands("task-id-unique")
def test_every_message_makes_another_task(binding: Binding, said: Said) -> None:
    made = {binding.send(said(), returnImmediately=True).result["task"]["id"] for _ in range(5)}
    assert len(made) == 5


@demands("context-rejected", "context-included")
def test_a_context_is_the_callers_or_an_error(binding: Binding, said: Said) -> None:
    mine = str(uuid4())
    assert binding.send(said(contextId=mine)).result["task"]["contextId"] == mine
    refused(binding.send(said(contextId="c" * 999)), "INVALID_PARAMS", binding)


@demands("context-inferred", "context-mismatch")
def test_an_answer_goes_to_its_task_and_no_other_context(binding: Binding, said: Said) -> None:
    asked = binding.send(said("ask")).result["task"]
    wrong = said("x", taskId=asked["id"], contextId=str(uuid4()))
    refused(binding.send(wrong), "INVALID_PARAMS", binding)
    task = binding.send(said("x", taskId=asked["id"])).result["task"]
    assert (task["id"], task["contextId"]) == (asked["id"], asked["contextId"])
    assert state(task) == "TASK_STATE_COMPLETED"
    assert {each.get("contextId", asked["contextId"]) for each in task["history"]} == {asked["contextId"]}


@demands("task-id-existing")
def test_a_message_to_no_task_is_refused_and_makes_none(binding: Binding, said: Said) -> None:
    before = binding.list().result["totalSize"]
    for number in (NOBODY, "mine"):
        refused(binding.send(said(taskId=number)), "TASK_NOT_FOUND", binding)
        refused(binding.stream(said(taskId=number)), "TASK_NOT_FOUND", binding)
    assert binding.list().result["totalSize"] == before


def test_a_message_to_a_task_that_is_over_is_refused(binding: Binding, said: Said) -> None:
    """Section 3.1.1 lists the error, without a MUST."""
    task = binding.send(said()).result["task"]["id"]
    refused(binding.send(said(taskId=task)), "UNSUPPORTED_OPERATION", binding)
    refused(binding.stream(said(taskId=task)), "UNSUPPORTED_OPERATION", binding)


# 3.5 Streams


@demands("event-broadcast", "event-order", "stream-independent")
def test_every_stream_tells_the_same_in_the_same_order_whoever_leaves(
    binding: Binding, said: Said, world: World
) -> None:
    task = binding.send(said("steps 12"), returnImmediately=True).result["task"]["id"]
    heard: list[list[tuple[str, Any]]] = []

    def listen() -> None:
        mine = type(binding)(world.url, world.token())
        heard.append([(event["seq"], kind) for kind, event in events(mine, task)])

    def events(who: Binding, task: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for event in who.each("SubscribeToTask", {"id": task}):
            ((kind, inside),) = event.items()
            yield kind, {"seq": inside["metadata"]["seq"]}

    threads = [threading.Thread(target=listen) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in zip(range(3), binding.each("SubscribeToTask", {"id": task}), strict=False):
        pass  # and leave
    for thread in threads:
        thread.join()
    updates = [[each for each in one if each[1] != "task"] for one in heard]
    shortest = min(len(one) for one in updates)
    assert shortest > 1
    assert all(one[-shortest:] == updates[0][-shortest:] for one in updates)
    assert state(binding.get(task).result) == "TASK_STATE_COMPLETED"


# 3.6 Versions


@demands("version-unsupported", "version-empty", "service-parameters")
@pytest.mark.parametrize("version", ["", "0.3", "0.5", "1.1", "1.7", "2.0", "1.0.0", "nonsense"])
def test_other_versions_are_refused(binding: Binding, world: World, said: Said, version: str) -> None:
    other = type(binding)(world.url, world.token(), a2a_version=version)
    before = binding.list().result["totalSize"]
    for answer in (other.send(said()), other.stream(said()), other.list(), other.get(NOBODY)):
        refused(answer, "VERSION_NOT_SUPPORTED", binding)
    assert binding.list().result["totalSize"] == before


@demands("service-parameters")
def test_service_parameters_are_headers_in_any_case(binding: Binding, said: Said) -> None:
    request = binding.request("ListTasks", {})
    del request.headers["a2a-version"]
    request.headers["A2A-VERSION"] = "1.0"
    request.headers["A2a-Extensions"] = "https://example.com/one, https://example.com/two"
    assert binding.read(binding.web.send(request)).error is None


def test_the_version_may_stand_in_the_query(binding: Binding) -> None:
    """Section 3.6.1 lets a client do so."""
    request = binding.request("ListTasks", {})
    del request.headers["a2a-version"]
    request.url = request.url.copy_merge_params({"A2A-Version": "1.0"})
    assert binding.read(binding.web.send(request)).error is None


# 5 Bindings


@demands("equivalent-operations")
def test_each_binding_has_each_operation(binding: Binding) -> None:
    for method, params in CALLS:
        answer = binding.ask(method, params) if "Stream" not in method else binding.stream(params["message"])
        code = (answer.error or {}).get("code")
        assert code not in (-32601, 405), f"{method}: {answer.body}"
        assert "Not Found" not in str((answer.error or {}).get("message", "")), f"{method} has no route"


@demands("equivalent-results", "equivalent-errors")
def test_both_bindings_show_the_same(world: World, said: Said) -> None:
    rpc, rest = Rpc(world.url, world.token()), Rest(world.url, world.token())
    task = rpc.send(said("ask")).result["task"]["id"]
    rpc.push("Create", task, id="a", url=world.receiver.url)
    assert rpc.get(task).result == rest.get(task).result
    assert rpc.list(pageSize=3).result == rest.list(pageSize=3).result
    assert rpc.push("List", task).result == rest.push("List", task).result
    for one, other in (
        (rpc.get(NOBODY), rest.get(NOBODY)),
        (rpc.extended_card(), rest.extended_card()),
        (rpc.list(pageSize=0), rest.list(pageSize=0)),
    ):
        assert one.error and other.error
        assert (one.reason, one.error["message"]) == (other.reason, other.error["message"])


@demands("card-bindings", "card-available", "required-fields")
def test_the_card_says_truly_where_and_how_the_agent_is_called(world: World, said: Said) -> None:
    answer = httpx.get(f"{world.url}/.well-known/agent-card.json", trust_env=False)
    card = ParseDict(answer.json(), pb.AgentCard())
    assert answer.headers["cache-control"] and answer.headers["etag"]
    places = {each.protocol_binding: each for each in card.supported_interfaces}
    assert set(places) == {"JSONRPC", "HTTP+JSON"}
    assert all(each.protocol_version == "1.0" for each in places.values())
    assert card.name and card.description and card.version and card.skills and card.default_input_modes
    assert "bearer" in card.security_schemes
    auth = {"authorization": f"Bearer {world.token()}", "a2a-version": "1.0"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "ListTasks", "params": {}}
    assert "result" in httpx.post(places["JSONRPC"].url, json=call, headers=auth, trust_env=False).json()
    assert "tasks" in httpx.get(f"{places['HTTP+JSON'].url}/tasks", headers=auth, trust_env=False).json()


@demands("camel-case", "enum-names", "timestamps", "required-fields")
def test_json_is_written_as_the_specification_writes_it(binding: Binding, said: Said) -> None:
    task = binding.send(said("steps 2")).result["task"]
    listed = binding.list(includeArtifacts=True).result
    for name, value in itertools.chain(texts(task), texts(listed)):
        assert "_" not in name, f"{name} is no camelCase"
        if name == "state":
            assert re.fullmatch("TASK_STATE_[A-Z_]+", value)
        if name == "role":
            assert value in ("ROLE_USER", "ROLE_AGENT")
        if name == "timestamp":
            assert value.endswith("Z") and datetime.fromisoformat(value)
        if name == "parts":
            assert value
    assert set(task) >= {"id", "status"}


@demands("utf8")
def test_json_is_utf8(binding: Binding, said: Said) -> None:
    text = "ask žluťoučký 🐎 \u2028"
    task = binding.send(said(text)).result["task"]["id"]
    response = binding.web.send(binding.request("GetTask", {"id": task}))
    assert json.loads(response.content.decode("utf-8")) == response.json()
    assert binding.read(response).result["history"][0]["parts"][0]["text"] == text


# 8.4 Signed cards


@demands("card-canonical", "card-presence", "card-protected-header")
def test_a_signature_is_over_what_the_card_says_and_over_nothing_else() -> None:
    key = Key.new()
    skill = pb.AgentSkill(id="a", name="a", description="a", tags=["a"])
    card = sign(make_card("a", "a", "https://a.example", [skill]), key)
    check = verifier([key.public()])
    header = json.loads(base64.urlsafe_b64decode(card.signatures[0].protected + "=="))
    assert header["alg"] == "RS256" and header["kid"] == key.kid
    check(ParseDict(json.loads(json.dumps(MessageToDict(card), indent=7, sort_keys=True)), pb.AgentCard()))
    twice = sign(card, Key.new())
    check(twice)
    default = pb.AgentCard()
    default.CopyFrom(card)
    default.capabilities.extended_agent_card = False  # it was false: written out before, and still
    check(default)
    default.capabilities.ClearField("extended_agent_card")
    with pytest.raises(InvalidSignaturesError):
        check(default)


# 9 JSON-RPC


@demands("rpc-form")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", -32700),
        ("[" * 100_000, -32700),
        ('{"jsonrpc": "2.0", "id": 1, "method": "Nothing"}', -32601),
        ('{"jsonrpc": "1.0", "id": 1, "method": "ListTasks"}', -32600),
        ('{"jsonrpc": "1.0", "id": 1, "method": "SubscribeToTask"}', -32600),
        ('{"id": 1, "method": "ListTasks"}', -32600),
        ('{"jsonrpc": "2.0", "id": 1}', -32600),
        ('{"jsonrpc": "2.0", "id": true, "method": "ListTasks"}', -32600),
        ("[]", -32600),
        ('[{"jsonrpc": "2.0", "id": 1, "method": "ListTasks"}]', -32600),
        ("7", -32600),
        ('{"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": [1]}', -32602),
        ('{"jsonrpc": "2.0", "id": 1, "method": "SubscribeToTask", "params": 7}', -32602),
        ('{"jsonrpc": "2.0", "id": 1, "method": "GetTask", "params": {"id": 7}}', -32602),
    ],
)
def test_what_is_no_request_gets_the_code_of_json_rpc(world: World, body: str, code: int) -> None:
    rpc = Rpc(world.url, world.token())
    answer = rpc.read(rpc.web.post("/rpc", content=body, headers={"content-type": "application/json"}))
    assert answer.error is not None and answer.error["code"] == code
    assert answer.body["jsonrpc"] == "2.0" and "id" in answer.body


@demands("rpc-form")
@pytest.mark.parametrize("number", ["a", "", 0, 7, -1])
def test_an_answer_has_the_number_of_its_request(world: World, number: Any) -> None:
    rpc = Rpc(world.url, world.token())
    call = {"jsonrpc": "2.0", "id": number, "method": "ListTasks"}
    body = rpc.web.post("/rpc", json=call).json()
    assert body["id"] == number and set(body) == {"jsonrpc", "id", "result"}


@demands("rpc-form")
def test_a_notification_has_no_answer(world: World) -> None:
    rpc = Rpc(world.url, world.token())
    answer = rpc.web.post("/rpc", json={"jsonrpc": "2.0", "method": "ListTasks"})
    assert (answer.status_code, answer.content) == (204, b"")


# 11 REST


@demands("rest-query")
def test_parameters_of_get_are_camel_case_and_url_encoded(world: World, said: Said) -> None:
    rest = Rest(world.url, world.token())
    context = "a b&c=d/ä"
    rest.send(said("ask", contextId=context))
    listed = rest.list(contextId=context, status="TASK_STATE_INPUT_REQUIRED", includeArtifacts=False).result
    assert {task["contextId"] for task in listed["tasks"]} == {context}
    assert rest.list(contextId=context, status="TASK_STATE_COMPLETED").result["totalSize"] == 0
    assert rest.list(contextId=context, statusTimestampAfter="2099-01-01T00:00:00Z").result["totalSize"] == 0


@demands("rest-error-info")
def test_a_path_that_there_is_not_is_an_error_of_the_protocols_form(world: World) -> None:
    rest = Rest(world.url, world.token())
    answer = rest.read(rest.web.get("/rest/nothing"))
    assert answer.status == 404 and answer.error is not None and answer.reason == "NOT_FOUND"


# 14 Content


@demands("injection")
@pytest.mark.parametrize("text", ["'; drop table tasks; --", "%s %(user)s", "${jndi:ldap://a}", "{{7*7}}", "\\u0000"])
def test_what_a_user_writes_is_data(binding: Binding, said: Said, text: str) -> None:
    task = binding.send(said(f"ask {text}", contextId=text, messageId=f"{text}{uuid4()}")).result["task"]
    assert task["contextId"] == text
    assert task["history"][0]["parts"][0]["text"] == f"ask {text}"
    assert binding.list(contextId=text).result["totalSize"] >= 1
    refused(binding.get(text.replace("/", "")), "TASK_NOT_FOUND", binding)
