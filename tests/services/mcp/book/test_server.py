"""The book's server against the real book: in this process and over HTTP, by both generations of the protocol."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents

from companion.services.mcp.book import book_server, simulations
from companion.services.mcp.book.server import LONGEST_PIECE, MOST_POINTS
from companion.services.serving import running

T = TypeVar("T")
ROOT = Path(__file__).parents[4]
MODES = ("legacy", "2026-07-28")
SLOW = {"name": "metastable", "parameters": {"duration": 100_000, "load": 10_000}}
CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_chapters", {}),
    ("read_section", {"chapter": "18", "heading": "Ten busy seconds"}),
    ("find", {"words": "retry budget"}),
    ("claim", {"name": "attempts"}),
    ("glossary_term", {"term": "goodput"}),
    ("list_simulators", {}),
    ("describe_simulator", {"name": "crdts"}),
    ("run_simulator", {"name": "crdts", "seed": 3}),
]


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


def asked(work: Callable[[Client], Awaitable[T]], mode: str = "auto", root: Path = ROOT) -> T:
    async def go() -> T:
        async with Client(book_server(root), mode=mode) as client:
            return await work(client)

    return run(go())


def call(tool: str, /, **arguments: Any) -> CallToolResult:
    return asked(lambda client: client.call_tool(tool, arguments))


def found(tool: str, /, **arguments: Any) -> dict[str, Any]:
    result = call(tool, **arguments)
    content: dict[str, Any] | None = result.structured_content
    assert not result.is_error and content is not None, text(result)
    return content


def text(result: CallToolResult) -> str:
    block = result.content[0]
    assert isinstance(block, TextContent)
    return block.text


@pytest.mark.parametrize("mode", MODES)
def test_every_tool_answers_in_this_process(mode: str) -> None:
    async def every(client: Client) -> list[str]:
        return [name for name, arguments in CALLS if (await client.call_tool(name, arguments)).is_error]

    assert asked(every, mode) == []


@pytest.mark.parametrize("mode", MODES)
def test_every_tool_answers_over_http(mode: str) -> None:
    async def every(address: object) -> list[str]:
        async with Client(f"http://{address}/mcp", mode=mode) as client:
            assert len((await client.list_tools()).tools) == len(CALLS)
            return [name for name, arguments in CALLS if (await client.call_tool(name, arguments)).is_error]

    with running(book_server(ROOT).streamable_http_app(stateless_http=True)) as address:
        assert run(every(address)) == []


def test_all_tools_say_that_they_read_and_what_they_give() -> None:
    tools = asked(lambda client: client.list_tools()).tools
    assert [tool.name for tool in tools] == [name for name, _ in CALLS]
    for tool in tools:
        assert tool.annotations is not None and tool.annotations.read_only_hint and not tool.annotations.open_world_hint
        assert tool.description and tool.output_schema


def test_the_chapters_come_with_question_headings_and_claims() -> None:
    listed = {chapter["number"]: chapter for chapter in found("list_chapters")["chapters"]}
    assert listed["18"]["question"] == "Why does an outage go on when its cause has gone?"
    assert "Ten busy seconds" in listed["18"]["headings"] and listed["18"]["claims"] == 76
    assert all(chapter["question"].endswith("?") and len(chapter["headings"]) > 10 for chapter in listed.values())


def test_a_long_section_is_read_piece_by_piece() -> None:
    pieces, offset = [], 0
    while offset is not None:
        piece = found("read_section", chapter="21", heading="Exercises", offset=offset)
        assert len(piece["text"]) <= LONGEST_PIECE
        pieces.append(piece["text"])
        offset = piece["next"]
    assert len(pieces) >= 2
    whole = "".join(pieces)
    assert "### Exercise 5" in whole and "BEGIN SOLUTION" not in whole
    assert found("read_section", chapter="18", offset=10**6) == {
        "chapter": "18-metastable", "heading": "18 · Metastable failure", "text": "", "next": None,
    }  # fmt: skip


def test_a_claim_says_its_value_its_sentence_and_its_luck() -> None:
    looked = found("claim", name="attempts")
    assert (looked["value"], looked["said"], looked["other_seeds"]) == (
        280.566667,
        "281 times a second",
        "over 20 seeds 274 to 289",
    )
    assert looked["page"] == "chapters/18-metastable.html#claim-attempts"
    assert found("claim", name="goodput")["other_seeds"] == "the same under 20 seeds"


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("claim", {"name": "atempts"}, "no claim 'atempts'; nearest: 'attempts'"),
        ("glossary_term", {"term": "goodputs"}, "the glossary has no 'goodputs'; nearest: 'goodput'"),
        ("read_section", {"chapter": "../../etc/passwd"}, "no chapter '../../etc/passwd': there are 01-languages, "),
        ("read_section", {"chapter": "18", "heading": "x"}, "chapter 18 has no section 'x'"),
        ("read_section", {"chapter": "18", "offset": -1}, "validation error"),
        ("find", {"words": "x" * 201}, "validation error"),
        ("find", {"words": "x", "limit": 21}, "validation error"),
        ("describe_simulator", {"name": "--help"}, "no simulator '--help': there are consistency, "),
        ("run_simulator", {"name": "metastable", "parameters": {"laod": 1}}, "laod is no parameter here"),
        ("run_simulator", {"name": "metastable", "parameters": {"load=1": 1}}, "validation error"),
        ("run_simulator", {"name": "metastable", "parameters": {"policy": "a\0b"}}, "validation error"),
        ("run_simulator", {"name": "metastable", "parameters": {"policy": ["a"]}}, "validation error"),
        ("run_simulator", {"name": "metastable", "seed": 2**32}, "validation error"),
        ("run_simulator", {"name": "metastable", "presett": "recovers"}, "run_simulator has no argument 'presett'"),
        ("run_simulator", {"name": "crdts", "series": ["nope"]}, "crdts has no series 'nope': there are "),
    ],
)
def test_what_cannot_be_answered_is_refused_and_says_what_could(name: str, arguments: Any, why: str) -> None:
    result = call(name, **arguments)
    assert result.is_error and why in text(result)
    assert str(ROOT) not in text(result)


def test_a_book_that_cannot_be_read_does_not_tell_where_it_lies(tmp_path: Path) -> None:
    result = asked(lambda client: client.call_tool("list_chapters", {}), root=tmp_path)
    assert result.is_error and text(result).startswith(
        "Error executing tool list_chapters: book/_toc.yml: cannot be read"
    )
    assert str(tmp_path) not in text(result)


def test_a_run_gives_summary_and_thinned_series_and_can_be_repeated() -> None:
    first = found("run_simulator", name="metastable", preset="recovers", seed=7, series=["goodput_per_s", "p99"])
    again = found("run_simulator", name="metastable", preset="recovers", seed=7, series=["goodput_per_s", "p99"])
    assert first == again
    assert first["command"] == "companion simulate metastable --preset=recovers --seed=7"
    goodput = first["series"]["goodput_per_s"]
    assert goodput["every"] == 2 and len(goodput["values"]) == 180 <= MOST_POINTS
    assert "queue_length" in first["series_names"] and list(first["series"]) == ["goodput_per_s", "p99"]


def test_a_run_reads_the_book_and_writes_nothing() -> None:
    before = sorted(path for path in ROOT.iterdir())
    found("run_simulator", name="crdts", parameters={"duration": 5})
    assert sorted(path for path in ROOT.iterdir()) == before


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Number the processes that a server has started."""
    numbers: list[int] = []
    start = asyncio.create_subprocess_exec

    async def counted(*command: Any, **options: Any) -> asyncio.subprocess.Process:
        process = await start(*command, **options)
        numbers.append(process.pid)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", counted)
    return numbers


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("mode", MODES)
def test_over_http_progress_arrives_and_a_caller_who_hangs_up_ends_the_simulation(
    mode: str, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulations, "TICK_SECONDS", 0.05)
    told: list[tuple[float, float | None, str | None]] = []

    async def hang_up(address: object) -> None:
        goes_on = asyncio.Event()

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            told.append((progress, total, message))
            if len(told) >= 3:
                goes_on.set()

        async with Client(f"http://{address}/mcp", mode=mode) as client:
            task = asyncio.create_task(client.call_tool("run_simulator", SLOW, progress_callback=tell))
            await goes_on.wait()
            assert is_running(*started)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        while is_running(*started):  # until its time is up, or until the server has noticed
            await asyncio.sleep(0.02)

    with running(book_server(ROOT).streamable_http_app(stateless_http=True)) as address:
        run(asyncio.wait_for(hang_up(address), simulations.SECONDS - 10))
    assert told[0][1] == simulations.SECONDS and str(told[0][2]).startswith("metastable has run for 0 s")


def test_resources_and_their_templates_are_listed() -> None:
    async def uris(client: Client) -> list[str]:
        fixed = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        return [str(one.uri) for one in fixed] + [one.uri_template for one in templates]

    assert asked(uris) == ["book://glossary", "book://chapters/{number}", "book://claims/{name}"]


@pytest.mark.parametrize("mode", MODES)
def test_a_chapter_a_claim_and_the_glossary_can_be_put_before_a_model(mode: str) -> None:
    async def read(client: Client) -> list[str]:
        texts = []
        for uri in ("book://chapters/18", "book://claims/attempts", "book://glossary"):
            (content,) = (await client.read_resource(uri)).contents
            assert isinstance(content, TextResourceContents)
            texts.append(content.text)
        return texts

    chapter, claim, glossary = asked(read, mode)
    assert chapter.startswith("# 18 · Metastable failure") and "## What to do on Monday" in chapter
    assert json.loads(claim) == found("claim", name="attempts")
    assert "**goodput**: Requests answered in time" in glossary


@pytest.mark.parametrize(
    "uri", ["book://chapters/99", "book://claims/nope", "book://chapters/..%2F..%2Fetc", "book://x"]
)
def test_a_resource_that_there_is_not_is_an_error_of_its_parameters(uri: str) -> None:
    async def refused(client: Client) -> MCPError:
        with pytest.raises(MCPError) as raised:
            await client.read_resource(uri)
        return raised.value

    error = asked(refused).error
    assert error.code == -32602 and str(ROOT) not in error.message


@pytest.mark.parametrize("mode", MODES)
def test_the_prompt_gives_a_number_with_all_that_is_known_of_it(mode: str) -> None:
    result = asked(lambda client: client.get_prompt("explain_this_number", {"claim": "attempts"}), mode)
    (message,) = result.messages
    assert isinstance(message.content, TextContent)
    for part in ("281 times a second", "over 20 seeds 274 to 289", "collapse.attempts_per_s", "18-metastable"):
        assert part in message.content.text


def test_a_prompt_about_a_number_that_there_is_not_names_the_nearest() -> None:
    async def refused(client: Client) -> MCPError:
        with pytest.raises(MCPError) as raised:
            await client.get_prompt("explain_this_number", {"claim": "atempts"})
        return raised.value

    error = asked(refused).error
    assert error.code == -32602 and "nearest: 'attempts'" in error.message
