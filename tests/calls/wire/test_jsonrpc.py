"""JSON-RPC 2.0: the examples of its specification, told with our methods, and what they leave open."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from companion.calls.wire import Address, Customer, CustomerStore, RemoteError, connect, serve
from companion.calls.wire.jsonrpc import MAX_BATCH, respond
from companion.calls.wire.web import MAX_BODY

ADA: dict[str, Any] = {"id": 1, "name": "Ada", "balance": 1.5}


@pytest.fixture
def store() -> CustomerStore:
    return CustomerStore([Customer(**ADA)])


def ask(store: CustomerStore, message: Any) -> Any:
    """Return what a body is answered with, parsed; None when with nothing."""
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    answer = respond(store, body)
    return None if answer is None else json.loads(answer)


def request(method: str, *params: Any, id: Any = 1, **named: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": named or list(params), "id": id}


def code(answer: Any) -> Any:
    assert answer.keys() == {"jsonrpc", "error", "id"} and answer["jsonrpc"] == "2.0"
    return answer["error"]["code"]


def test_parameters_go_by_position_or_by_name(store: CustomerStore) -> None:
    expected = {"jsonrpc": "2.0", "result": ADA, "id": 1}
    assert ask(store, request("get", 1)) == expected
    assert ask(store, {"jsonrpc": "2.0", "method": "get", "params": {"id": 1}, "id": 1}) == expected
    assert ask(store, request("add", 2, "Grace", 5)) == {"jsonrpc": "2.0", "result": True, "id": 1}
    named = {"balance": 5, "name": "Alan", "id": 3}
    assert ask(store, {"jsonrpc": "2.0", "method": "add", "params": named, "id": 1})["result"] is True


@pytest.mark.parametrize("params", [{}, [], None])
def test_a_method_without_parameters_takes_none_in_any_form(store: CustomerStore, params: Any) -> None:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": "list", "id": 1}
    if params is not None:
        message["params"] = params
    assert ask(store, message)["result"] == [ADA]


@pytest.mark.parametrize("id", ["a string", 7, -1, 1.5, None, "", "\ud800", 10**30])
def test_an_id_comes_back_as_it_was(store: CustomerStore, id: Any) -> None:
    assert ask(store, request("get", 1, id=id))["id"] == id


def test_a_notification_is_carried_out_and_not_answered(store: CustomerStore) -> None:
    assert ask(store, {"jsonrpc": "2.0", "method": "add", "params": [2, "Grace", 0.0]}) is None
    assert store.get(2) == Customer(id=2, name="Grace", balance=0.0)


@pytest.mark.parametrize("method", ["foobar", "get", "add"])
def test_a_notification_that_fails_is_not_answered_either(store: CustomerStore, method: str) -> None:
    assert ask(store, {"jsonrpc": "2.0", "method": method, "params": [1, 2, 3, 4]}) is None


@pytest.mark.parametrize("method", ["foobar", "", "rpc.discover", "__class__"])
def test_an_unknown_method_is_not_found(store: CustomerStore, method: str) -> None:
    assert code(ask(store, request(method))) == -32601


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]',
        b'[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"}, {"jsonrpc": "2.0", "method"]',
        b"",
        b"\xff",
        b"[" * 100_000,
        b'{"jsonrpc": "2.0", "method": "get", "params": [NaN], "id": 1}',
        b'{"jsonrpc": "2.0", "method": "get", "params": [1e999], "id": 1}',
    ],
)
def test_what_is_no_json_is_a_parse_error_without_an_id(store: CustomerStore, body: bytes) -> None:
    answer = ask(store, body)
    assert code(answer) == -32700
    assert answer["id"] is None


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": 1, "params": "bar"},
        {"foo": "boo"},
        {},
        1,
        "get",
        None,
        {"jsonrpc": "1.0", "method": "list"},
        {"method": "list"},
        {"jsonrpc": "2.0", "method": "list", "params": 1},
        {"jsonrpc": "2.0", "method": "list", "params": None},
        {"jsonrpc": "2.0", "method": "list", "id": {}},
        {"jsonrpc": "2.0", "method": "list", "id": [1]},
        {"jsonrpc": "2.0", "method": "list", "id": True},
        [],
    ],
)
def test_what_is_no_request_is_an_invalid_request(store: CustomerStore, message: Any) -> None:
    answer = ask(store, message)
    assert code(answer) == -32600
    assert answer["id"] is None


def test_an_invalid_request_keeps_an_id_that_could_be_read(store: CustomerStore) -> None:
    assert ask(store, {"jsonrpc": "1.0", "method": "list", "id": 9})["id"] == 9


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("get", []),
        ("get", [1, 2]),
        ("get", {"identifier": 1}),
        ("get", {"id": 1, "name": "Ada"}),
        ("get", ["1"]),
        ("get", [1.5]),
        ("get", [True]),
        ("get", [None]),
        ("add", [2, "Grace"]),
        ("add", {"id": 2, "name": "Grace", "balance": "much"}),
        ("add", {"id": 2, "name": "x" * 31, "balance": 0}),
        ("add", [0, "Nobody", 0]),
        ("add", [2**31, "Grace", 0]),
        ("list", [1]),
    ],
)
def test_wrong_parameters_are_invalid(store: CustomerStore, method: str, params: Any) -> None:
    assert code(ask(store, {"jsonrpc": "2.0", "method": method, "params": params, "id": 1})) == -32602


def test_our_own_errors_have_codes_outside_the_reserved_range(store: CustomerStore) -> None:
    exists, absent = code(ask(store, request("add", 1, "Ada", 0))), code(ask(store, request("get", 9)))
    assert (exists, absent) == (1001, 1002)


def test_a_fault_of_the_server_is_an_internal_error_that_says_no_more(
    store: CustomerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "list", lambda: 1 / 0)
    assert ask(store, request("list")) == {
        "jsonrpc": "2.0",
        "error": {"code": -32603, "message": "Internal error"},
        "id": 1,
    }


def test_the_mixed_batch_of_the_specification(store: CustomerStore) -> None:
    answers = ask(
        store,
        [
            request("get", 1, id="1"),
            {"jsonrpc": "2.0", "method": "add", "params": [7, "Seven", 7]},
            request("get", 7, id="2"),
            {"foo": "boo"},
            {"jsonrpc": "2.0", "method": "foo.get", "params": {"name": "myself"}, "id": "5"},
            request("list", id="9"),
        ],
    )
    assert [(answer["id"], answer.get("error", {}).get("code")) for answer in answers] == [
        ("1", None),
        ("2", None),
        (None, -32600),
        ("5", -32601),
        ("9", None),
    ]


def test_a_batch_of_nonsense_is_an_array_of_errors(store: CustomerStore) -> None:
    assert [code(answer) for answer in ask(store, [1, 2, 3])] == [-32600] * 3
    assert [code(answer) for answer in ask(store, [1])] == [-32600]


def test_an_empty_batch_is_one_error_not_an_array(store: CustomerStore) -> None:
    assert code(ask(store, [])) == -32600


def test_a_batch_of_notifications_is_not_answered(store: CustomerStore) -> None:
    assert ask(store, [{"jsonrpc": "2.0", "method": "list"}] * 3) is None


def test_a_batch_has_a_greatest_length(store: CustomerStore) -> None:
    assert len(ask(store, [request("get", 1)] * MAX_BATCH)) == MAX_BATCH
    assert code(ask(store, [request("get", 1)] * (MAX_BATCH + 1))) == -32600


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with (
        serve("jsonrpc", CustomerStore([Customer(**ADA)])) as address,
        httpx.Client(base_url=f"http://{address}", trust_env=False) as client,
    ):
        yield client


def test_over_http_an_answer_is_200_also_when_it_is_an_error(http: httpx.Client) -> None:
    response = http.post("/rpc", json=request("get", 9))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert code(response.json()) == 1002


def test_over_http_no_answer_is_204_without_a_body(http: httpx.Client) -> None:
    for message in ({"jsonrpc": "2.0", "method": "list"}, [{"jsonrpc": "2.0", "method": "list"}] * 2):
        response = http.post("/rpc", json=message)
        assert (response.status_code, response.content) == (204, b"")


def test_over_http_a_batch_is_answered(http: httpx.Client) -> None:
    response = http.post("/rpc", json=[request("get", 1, id=1), request("get", 1, id=2)])
    assert [answer["id"] for answer in response.json()] == [1, 2]


def test_over_http_other_methods_and_other_bodies_are_refused(http: httpx.Client) -> None:
    response = http.get("/rpc")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert http.post("/rpc", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert http.post("/other", json={}).status_code == 404
    too_long = http.post("/rpc", content=b" " * (MAX_BODY + 1), headers={"content-type": "application/json"})
    assert too_long.status_code == 413


@pytest.mark.parametrize(
    "reply",
    [
        {},
        [],
        {"jsonrpc": "2.0", "id": 1},
        {"jsonrpc": "2.0", "result": 1, "error": {}, "id": 1},
        {"jsonrpc": "2.0", "result": {}, "id": 2},
        {"jsonrpc": "2.0", "error": 5, "id": 1},
        {"jsonrpc": "2.0", "result": {"id": 1}, "id": 1},
    ],
)
def test_an_answer_that_is_none_is_a_malformed_reply(reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from companion.calls.wire import MalformedReply
    from companion.calls.wire.jsonrpc import JsonRpcClient
    from companion.calls.wire.web import Answer, HttpConnection

    monkeypatch.setattr(HttpConnection, "send", lambda *_: Answer(200, {}, json.dumps(reply).encode()))
    client = JsonRpcClient(Address("127.0.0.1", 1))
    with pytest.raises(MalformedReply):
        client.get(1)
    client.close()


def test_the_client_reports_a_refusal_with_its_code() -> None:
    with serve("jsonrpc") as address, connect("jsonrpc", address) as client:
        with pytest.raises(RemoteError) as caught:
            client.add(Customer.model_construct(id=0, name="Nobody", balance=0.0))
        assert caught.value.code == "-32602"
