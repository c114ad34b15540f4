"""Whatever a server does instead of answering, either wire, whichever way one asks: one error that says what it did."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage

from companion.models import chat_model
from companion.models.errors import ModelError
from tests.models.wires.scripted import Do, Ollama, OpenAI, Script, Server, Wire, scripted

LATE = 0.4
"""A deadline that is meant to pass."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with scripted() as running:
        yield running


@pytest.fixture(scope="module", params=[Ollama(), OpenAI()], ids=lambda wire: wire.name)
def wire(request: pytest.FixtureRequest) -> Wire:
    made: Wire = request.param
    package = {"ollama": "langchain_ollama", "openai": "langchain_openai"}[made.name]
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    return made


def build(address: str, wire: Wire, timeout: float) -> BaseChatModel:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OLLAMA_HOST", address)
        patch.setenv("OPENAI_BASE_URL", f"{address}/v1")
        patch.setenv("OPENAI_API_KEY", "sk-test")
        return chat_model(f"{wire.name}/m", timeout=timeout)


@pytest.fixture(scope="module")
def patient(server: Server, wire: Wire) -> BaseChatModel:
    """A model whose deadline no test reaches, however busy the machine; built once, since that takes a second."""
    return build(server.address, wire, 60)


@pytest.fixture(scope="module")
def hasty(server: Server, wire: Wire) -> BaseChatModel:
    return build(server.address, wire, LATE)


def invoke(model: BaseChatModel) -> str:
    return str(model.invoke("Who?").text)


def stream(model: BaseChatModel) -> str:
    return "".join(str(chunk.text) for chunk in model.stream("Who?"))


RUNNER = asyncio.Runner()
"""One event loop for all: a client keeps its connections, and they belong to the loop that opened them."""


@pytest.fixture(scope="module", autouse=True)
def runner() -> Iterator[None]:
    with RUNNER:
        yield


def ainvoke(model: BaseChatModel) -> str:
    return str(RUNNER.run(model.ainvoke("Who?")).text)


def astream(model: BaseChatModel) -> str:
    async def collect() -> str:
        return "".join([str(chunk.text) async for chunk in model.astream("Who?")])

    return RUNNER.run(collect())


each_way = pytest.mark.parametrize("way", [invoke, stream, ainvoke, astream], ids=lambda way: way.__name__)
Way = Callable[[BaseChatModel], str]


def scripts(
    wire: Wire, *steps: Callable[[bool], bytes] | bytes | Do, **more: Any
) -> Callable[[dict[str, Any]], Script]:
    """Write a script whose steps may depend on whether a stream was asked for."""

    def script(body: dict[str, Any]) -> Script:
        streams = bool(body.get("stream"))
        kind = "text/event-stream" if isinstance(wire, OpenAI) and streams else "application/json"
        made = [step(streams) if callable(step) else step for step in steps]
        return Script(tuple(made), **{"kind": kind, **more})

    return script


def fails(model: BaseChatModel, way: Way) -> ModelError:
    with pytest.raises(ModelError) as caught:
        way(model)
    said = str(caught.value)
    assert "\n" not in said and len(said) < 350
    return caught.value


# What goes well


@each_way
def test_a_complete_answer_is_given(server: Server, wire: Wire, patient: BaseChatModel, way: Way) -> None:
    def script(body: dict[str, Any]) -> Script:
        streams = bool(body.get("stream"))
        pieces = [wire.said("Reve", streams), wire.said("nue", streams)] if streams else []
        return scripts(wire, *pieces, lambda _: wire.end(streams, text="" if streams else "Revenue"))(body)

    server.script = script
    assert way(patient) == "Revenue"


@pytest.mark.parametrize("streams", [False, True])
def test_a_call_of_a_tool_is_given(server: Server, wire: Wire, patient: BaseChatModel, streams: bool) -> None:
    server.script = lambda body: Script(
        tuple(wire.call({"a": 1}, bool(body.get("stream")))),
        kind="text/event-stream" if body.get("stream") and wire.name == "openai" else "application/json",
    )
    tools = [{"name": "add", "description": "Add.", "parameters": {"type": "object", "properties": {}}}]
    model = patient.bind_tools(tools)
    answer: Any = None
    if streams:
        for chunk in model.stream("Who?"):
            answer = chunk if answer is None else answer + chunk
    else:
        answer = model.invoke("Who?")
    assert isinstance(answer, AIMessage)
    assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("add", {"a": 1})]
    assert server.asked[-1]["tools"][0]["function"]["name"] == "add"
    assert server.paths[-1] == wire.path


# The deadline


@each_way
def test_a_server_that_hangs_is_given_up_at_the_deadline(
    server: Server, wire: Wire, hasty: BaseChatModel, way: Way
) -> None:
    server.script = scripts(wire, Do.HANG)
    assert str(fails(hasty, way)) == f"{wire.name}/m did not answer within {LATE:g} s"


@each_way
def test_words_that_never_end_do_not_put_the_deadline_off(
    server: Server, wire: Wire, hasty: BaseChatModel, way: Way
) -> None:
    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams) if streams else b" ", Do.TRICKLE)
    error = fails(hasty, way)
    assert str(error) == f"{wire.name}/m did not answer within {LATE:g} s" and error.is_retryable


def test_what_was_given_up_is_not_worked_on_for_ever(server: Server, wire: Wire, hasty: BaseChatModel) -> None:
    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams) if streams else b" ", Do.TRICKLE)
    fails(hasty, stream)
    until = time.monotonic() + 30
    while any(thread.name == "model" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "model"]


def test_who_stops_listening_stops_the_stream(server: Server, wire: Wire, patient: BaseChatModel) -> None:
    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams), Do.TRICKLE)
    chunks = patient.stream("Who?")
    assert str(next(chunks).text) == "Revenue "
    chunks.close()  # type: ignore[attr-defined]
    until = time.monotonic() + 30
    while any(thread.name == "model" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.02)
    assert not [thread for thread in threading.enumerate() if thread.name == "model"]


# What is broken off


@each_way
def test_a_server_that_dies_in_the_middle_is_told_of(
    server: Server, wire: Wire, patient: BaseChatModel, way: Way
) -> None:
    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams), Do.DIE)
    assert str(fails(patient, way)) == f"{wire.name}/m broke its answer off: the connection was lost"


@each_way
def test_a_server_that_dies_at_once_is_told_of(server: Server, wire: Wire, patient: BaseChatModel, way: Way) -> None:
    server.script = scripts(wire, Do.DIE)
    assert str(fails(patient, way)) == f"{wire.name}/m broke its answer off: the connection was lost"


@each_way
def test_a_connection_that_is_closed_cleanly_half_way_gives_no_answer(
    server: Server, wire: Wire, patient: BaseChatModel, way: Way
) -> None:
    """As by a proxy, or a server that is restarted: "Revenue " passes for the whole of it."""
    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams))
    error = fails(patient, way)
    assert str(error) == f"{wire.name}/m broke its answer off: it never said that it was complete"
    assert error.is_retryable


@each_way
def test_an_answer_that_was_cut_off_at_its_limit_is_none(
    server: Server, wire: Wire, patient: BaseChatModel, way: Way
) -> None:
    server.script = scripts(wire, lambda streams: wire.end(streams, "length", "Revenue was 94"))
    error = fails(patient, way)
    assert str(error) == f"{wire.name}/m cut its answer off at the limit of its length"
    assert not error.is_retryable


def test_an_answer_that_ended_for_a_reason_that_we_do_not_know_is_none(
    server: Server, wire: Wire, patient: BaseChatModel
) -> None:
    server.script = scripts(wire, lambda streams: wire.end(streams, "elsewhere", "Revenue"))
    assert "for another reason than being done: 'elsewhere'" in str(fails(patient, stream))


# What is refused


@each_way
@pytest.mark.parametrize(
    ("status", "later"), [(400, False), (401, False), (404, False), (429, True), (500, True), (503, True)]
)
def test_a_refusal_says_its_number_and_whether_to_try_again(
    server: Server, wire: Wire, patient: BaseChatModel, way: Way, status: int, later: bool
) -> None:
    server.script = scripts(wire, wire.error("the reason\nin two lines"), status=status, kind="application/json")
    before = len(server.asked)
    error = fails(patient, way)
    assert str(error).startswith(f"{wire.name}/m refused with {status}: ") and "the reason in two lines" in str(error)
    assert error.is_retryable is later
    assert len(server.asked) == before + 1  # nobody asks again behind the caller's back


@each_way
def test_a_page_instead_of_an_error_is_shortened(server: Server, wire: Wire, patient: BaseChatModel, way: Way) -> None:
    page = b"<html>\n<h1>Bad Gateway</h1>" + b"<p>x</p>\n" * 500
    server.script = scripts(wire, page, status=502, kind="text/html")
    assert str(fails(patient, way)).startswith(f"{wire.name}/m refused with 502: ")


def test_an_error_inside_a_stream_is_an_error(server: Server, wire: Wire, patient: BaseChatModel) -> None:
    def line(streams: bool) -> bytes:
        return (
            wire.error("out of memory") if wire.name == "ollama" else b"data: " + wire.error("out of memory") + b"\n\n"
        )

    server.script = scripts(wire, lambda streams: wire.said("Revenue ", streams), line)
    assert str(fails(patient, stream)) == f"{wire.name}/m reported an error: out of memory"


@each_way
def test_where_nobody_listens_it_is_said(wire: Wire, way: Way, nobody: dict[str, BaseChatModel]) -> None:
    error = fails(nobody[wire.name], way)
    assert str(error) == f"{wire.name}/m cannot be reached: `companion doctor` says where it is looked for"
    assert error.is_retryable


@pytest.fixture(scope="module")
def nobody(wire: Wire) -> dict[str, BaseChatModel]:
    """A model at a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    return {wire.name: build(address, wire, 60)}


# What cannot be read

GARBAGE = {
    "a page": b"<html><body>It works!</body></html>",
    "nothing": b"",
    "half an object": b'{"message": {"role": "assist',
    "a list": b"[]\n",
    "a number": b"5\n",
    "null": b"null\n",
    "an empty object": b"{}\n",
    "bytes": b"\xff\xfe\x00\x01\n",
}


@each_way
@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_no_answer(server: Server, wire: Wire, patient: BaseChatModel, way: Way, garbage: bytes) -> None:
    def piece(streams: bool) -> bytes:
        return b"data: " + garbage + b"\n\n" if wire.name == "openai" and streams else garbage

    server.script = scripts(wire, *([piece] if garbage else []))
    said = str(fails(patient, way))
    assert "gave an answer that cannot be read" in said or "broke its answer off" in said


@each_way
@pytest.mark.parametrize("arguments", ['{"a": ', "17", "[1]", "a = 1"])
def test_arguments_that_are_no_object_are_no_call(
    server: Server, wire: Wire, patient: BaseChatModel, way: Way, arguments: str
) -> None:
    server.script = lambda body: Script(
        tuple(wire.call(arguments, bool(body.get("stream")))),
        kind="text/event-stream" if body.get("stream") and wire.name == "openai" else "application/json",
    )
    error = fails(patient, way)
    assert "arguments that are no JSON object" in str(error) or "cannot be read" in str(error)
