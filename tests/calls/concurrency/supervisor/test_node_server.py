"""What a node reads: lines in any pieces, bounded, and requests that name a function and bring no code."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.supervisor.node_server import LONGEST_LINE, Lines, answer, requested, send

JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["cookie", "spawn"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def piped(data: bytes) -> int:
    ear, mouth = os.pipe()
    os.write(mouth, data)
    os.close(mouth)
    return ear


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=50).filter(lambda line: b"\n" not in line), max_size=6), st.binary(max_size=9))
def test_lines_come_out_as_they_went_in_and_a_last_half_is_dropped(lines: list[bytes], rest: bytes) -> None:
    ear = piped(b"".join(line + b"\n" for line in lines) + rest.replace(b"\n", b""))
    reader = Lines(ear)
    assert [reader.next() for _ in lines] == lines
    assert reader.next() is None
    os.close(ear)


def test_a_line_in_pieces_is_one_line() -> None:
    ear, mouth = os.pipe()
    reader = Lines(ear)
    os.write(mouth, b"he")
    with pytest.raises(ValueError, match="no line within 0 s"):
        reader.next(0)
    os.write(mouth, b"llo\nwor")
    assert reader.next(0) == b"hello"
    os.close(mouth)
    assert reader.next() is None
    os.close(ear)


def test_the_longest_line_is_read_and_one_byte_more_is_refused() -> None:
    ear = piped(b"x" * 60_000)
    reader = Lines(ear)
    reader._rest = b"x" * (LONGEST_LINE - 60_001)
    assert reader.next() is None  # it ended without a line, and within the bound
    reader._rest = b"x" * LONGEST_LINE
    with pytest.raises(ValueError, match="more than"):
        reader.next()
    os.close(ear)


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.binary(max_size=60), JSON.map(lambda value: json.dumps(value).encode())))
def test_whatever_comes_is_a_function_of_the_node_or_a_refusal(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        requested(line, "secret")


def test_a_right_request_names_its_function() -> None:
    assert requested(b'{"cookie": "secret", "spawn": "echo"}', "secret") == "echo"
    with pytest.raises(ValueError, match="another cookie"):
        requested(b'{"cookie": ["secret"], "spawn": "echo"}', "secret")


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["double", "echo"]), st.binary(max_size=40))
def test_every_message_gets_an_answer(function: str, line: bytes) -> None:
    assert set(answer(function, line)) in ({"value"}, {"error"})


def test_deep_nesting_is_answered_with_an_error() -> None:
    assert answer("echo", b"[" * 100_000) == {"error": "RecursionError"}


def test_an_answer_beyond_the_bound_becomes_an_error() -> None:
    ear, mouth = os.pipe()
    send(mouth, {"value": "x" * LONGEST_LINE})
    os.close(mouth)
    assert os.read(ear, 100) == b'{"error": "TooLong"}\n'
    os.close(ear)
