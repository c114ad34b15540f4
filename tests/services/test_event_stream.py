"""A stream of events is read as its standard has it, wherever it is cut, and whatever its JSON holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from companion.services.a2a.client import Caller
from companion.services.event_stream import data_of, lines
from companion.services.serving import running

ENDS_FOR_PYTHON = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Where `splitlines` ends a line and the standard does not."""

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(ENDS_FOR_PYTHON + "\r\n:é"))


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    ends = sorted(place % (len(stream) + 1) for place in places)
    return [stream[start:stop] for start, stop in zip([0, *ends], [*ends, len(stream)], strict=True)]


@given(st.lists(st.lists(texts, min_size=1)), st.sampled_from(["\r\n", "\n", "\r"]), st.lists(st.integers(min_value=0)))
def test_messages_come_out_as_they_went_in(sent: list[list[str]], end: str, places: list[int]) -> None:
    stream = "".join(
        f": ping{end}{end}event: message{end}data: {json.dumps(message, ensure_ascii=False)}{end}{end}"
        for message in sent
    )
    pieces = cut(stream.encode(), places)
    assert [json.loads(data) for data in data_of(lines(pieces))] == sent


@given(st.lists(st.tuples(texts, st.sampled_from(["\r\n", "\n", "\r"]))), st.lists(st.integers(min_value=0)))
def test_lines_end_where_they_end_in_one_piece_and_in_many(written: list[tuple[str, str]], places: list[int]) -> None:
    stream = "".join(line + end for line, end in written).encode()
    normal = stream.decode().replace("\r\n", "\n").replace("\r", "\n")
    assert list(lines(cut(stream, places))) == normal.removeprefix("\ufeff").split("\n")[:-1]


@pytest.mark.parametrize("mark", ENDS_FOR_PYTHON, ids=ascii)
def test_no_other_character_ends_a_line(mark: str) -> None:
    assert list(lines([f"a{mark}b\n".encode()])) == [f"a{mark}b"]


@pytest.mark.parametrize(
    ("stream", "found"),
    [
        (b"data: a\ndata: b\n\n", ["a\nb"]),
        (b"data:a\n\ndata:  b\n\n", ["a", " b"]),
        (b"data\n\ndata:\n\n", ["", ""]),
        (b"id: 1\nretry: 5\n\n: data: x\n\ndatum: x\n\n", []),
        (b"data: whole\n\ndata: cut off\n", ["whole"]),
        (b"data: cut off", []),
        (b"\xef\xbb\xbfdata: after a byte order mark\n\n", ["after a byte order mark"]),
        (b"data: \xff\n\n", ["\ufffd"]),
        (b"", []),
    ],
)  # fmt: skip
def test_an_event_is_its_lines_of_data(stream: bytes, found: list[Any]) -> None:
    assert list(data_of(lines([stream]))) == found


def test_a_line_is_given_as_soon_as_it_has_ended() -> None:
    given = iter([b"data: a\r", b"\n\r", AssertionError("more was read than an event needs")])

    def pieces() -> Any:
        for piece in given:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    assert next(data_of(lines(pieces()))) == "a"


def test_a_caller_of_agents_hears_what_the_agent_said() -> None:
    said = [{"artifactUpdate": {"text": f"a{mark}b"}} for mark in ENDS_FOR_PYTHON]
    said.append({"statusUpdate": {"status": {"state": "TASK_STATE_COMPLETED"}}})  # type: ignore[dict-item]
    stream = "".join(
        f"id: {number}\r\ndata: {json.dumps(one, ensure_ascii=False)}\r\n\r\n" for number, one in enumerate(said, 1)
    )

    async def subscribed(asked: Request) -> Response:
        return Response(stream.encode(), media_type="text/event-stream")

    with running(Starlette(routes=[Route("/rest/tasks/{task}", subscribed)])) as address:
        assert [event for _, event in Caller([f"http://{address}"], "x").follow("1")] == said
