"""The parser of event streams, against the standard's rules and its examples, whatever the pieces."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.messaging.feeds.event_source import MOST_RETRY_MS, Event, EventParser
from companion.calls.messaging.feeds.quotes import FeedError


def whole(stream: bytes, parser: EventParser | None = None) -> list[Event]:
    return (parser or EventParser()).feed(stream)


def test_the_examples_of_the_standard_come_out_as_it_says() -> None:
    assert whole(b"data: YHOO\ndata: +2\ndata: 10\n\n") == [Event("YHOO\n+2\n10")]
    stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
    assert whole(stream) == [Event("first event", last_id="1"), Event("second event"), Event(" third event")]
    assert whole(b"data\n\ndata\ndata\n\ndata:") == [Event(""), Event("\n")]
    assert whole(b"data:test\n\ndata: test\n\n") == [Event("test"), Event("test")]


def test_a_type_is_for_one_event_and_an_id_stays() -> None:
    assert whole(b"event: add\nid: 7\ndata: a\n\ndata: b\n\n") == [Event("a", "add", "7"), Event("b", last_id="7")]


def test_an_event_that_the_end_cuts_off_is_none_and_its_id_does_not_count() -> None:
    parser = EventParser()
    assert whole(b"id: 1\ndata: a\n\nid: 2\ndata: b\n", parser) == [Event("a", last_id="1")]
    assert parser.last_id == "1"


def test_an_id_without_data_is_no_event_and_does_count() -> None:
    parser = EventParser()
    assert whole(b"id: 5\n\n", parser) == [] and parser.last_id == "5"


def test_ids_with_nul_and_retries_that_are_no_number_change_nothing() -> None:
    parser = EventParser("4")
    parser.feed("id: 1\0\nretry: 10s\nretry: -1\nretry:\nretry: ١\n\n".encode())
    assert (parser.last_id, parser.retry_ms) == ("4", None)
    parser.feed(b"retry: 250\n\n")
    assert parser.retry_ms == 250
    parser.feed(b"retry: 99999999999999999999\n\n")
    assert parser.retry_ms == MOST_RETRY_MS


def test_a_byte_order_mark_is_dropped_at_the_start_only() -> None:
    assert whole("\ufeffdata: a\n\n\ufeffdata: b\n\ndata: c\n\n".encode()) == [Event("a"), Event("c")]


def test_only_cr_lf_and_crlf_end_a_line() -> None:
    assert whole("data: a\u2028b\x85c\x0bd\r\r".encode()) == [Event("a\u2028b\x85c\x0bd")]


@pytest.mark.parametrize(
    "stream", [b"data: " + b"x" * 200, b"data: x\n" * 30, b":" * 200, b"x" * 99 + b"\n" + b"y" * 9]
)
def test_an_event_without_an_end_is_refused_before_it_is_kept(stream: bytes) -> None:
    parser = EventParser(most=100)
    with pytest.raises(FeedError, match="more than 100"):
        for place in range(0, len(stream), 10):
            parser.feed(stream[place : place + 10])


lines = st.sampled_from(
    [
        "data: a",
        "data:b",
        "data",
        "id: 1",
        "id: 2",
        "id",
        "id: \0",
        "event: e",
        "retry: 5",
        ": no",
        "",
        "",
        "x: y",
        "é: ü",
    ]
)


def by_the_book(text: str) -> list[Event]:
    """The standard's algorithm once more, on the whole text."""
    events, data, kind, last = [], "", "", ""
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff"))[:-1]:
        if line == "":
            if data:
                events.append(Event(data[:-1], kind or "message", last))
            data = kind = ""
            continue
        name, value = ([*line.split(":", 1), ""])[:2]
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            data += value + "\n"
        elif name == "event":
            kind = value
        elif name == "id" and "\0" not in value:
            last = value
    return events


@given(
    st.lists(st.tuples(lines, st.sampled_from(["\n", "\r", "\r\n"])), max_size=12),
    st.booleans(),
    st.lists(st.integers(0, 120), max_size=6),
)
@settings(max_examples=50, deadline=None)
def test_pieces_of_any_size_make_no_difference(told: list[tuple[str, str]], mark: bool, cuts: list[int]) -> None:
    text = "\ufeff" * mark + "".join(line + end for line, end in told)
    stream, parser = text.encode(), EventParser()
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [event for a, b in itertools.pairwise(edges) for event in parser.feed(stream[a:b])]
    assert found == by_the_book(text)


@given(st.lists(st.binary(max_size=30), max_size=6))
@settings(max_examples=50, deadline=None)
def test_any_bytes_are_events_or_nothing(pieces: list[bytes]) -> None:
    parser = EventParser()
    for piece in pieces:
        parser.feed(piece)
    assert all(isinstance(event, Event) for event in parser.feed(b"\n\n"))
