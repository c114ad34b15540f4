"""Whole messages out of pieces, bounded, and nothing but `BadMessage` for what is none."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.concurrency.load.http1 import (
    MOST_BODY,
    MOST_HEAD,
    BadMessage,
    Request,
    Response,
    read_request,
    read_response,
    write_request,
    write_response,
)

PATHS = st.text("abcXYZ019-_.~/%=&", max_size=30).map(lambda text: f"/{text}")


@settings(max_examples=50)
@given(PATHS, st.booleans(), st.binary(max_size=20))
def test_a_request_is_read_as_it_was_written_and_what_follows_is_left(path: str, close: bool, rest: bytes) -> None:
    sent = write_request("example.org", path, close=close)
    assert read_request(sent + rest) == (Request("GET", path, not close), len(sent))


@settings(max_examples=50)
@given(st.sampled_from([200, 400, 413]), st.binary(max_size=50), st.booleans(), st.data())
def test_a_response_that_is_cut_anywhere_is_not_whole_yet(
    status: int, body: bytes, keep: bool, data: st.DataObject
) -> None:
    sent = write_response(status, body, keep_alive=keep)
    assert read_response(sent) == (Response(status, keep, body), len(sent))
    assert read_response(sent[: data.draw(st.integers(0, len(sent) - 1))]) is None


@settings(max_examples=50)
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda junk: b"GET / HTTP/1.1\r\n" + junk + b"\r\n\r\n"))
def test_bytes_of_any_kind_are_a_message_or_incomplete_or_refused(junk: bytes) -> None:
    for read in (read_request, read_response):
        with contextlib.suppress(BadMessage):
            found = read(junk)
            assert found is None or 0 < found[1] <= len(junk)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 400),
        (b"GET  / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno field\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 4000 + b"\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MOST_BODY + 1), 413),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * MOST_HEAD, 431),
    ],
)
def test_what_two_readers_could_read_differently_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(BadMessage) as caught:
        read_request(head)
    assert caught.value.status == status


def test_a_body_may_be_as_long_as_the_bound_and_no_longer() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % MOST_BODY
    found = read_request(head + bytes(MOST_BODY))
    assert found is not None and found[0].body == bytes(MOST_BODY)
    assert read_request(head + bytes(MOST_BODY - 1)) is None


def test_version_1_0_closes_unless_asked_to_keep() -> None:
    for line, keeps in ((b"", False), (b"Connection: Keep-Alive\r\n", True)):
        found = read_request(b"GET / HTTP/1.0\r\n" + line + b"\r\n")
        assert found is not None and found[0].keep_alive is keeps


def test_an_answer_without_a_length_is_refused_and_not_waited_for() -> None:
    with pytest.raises(BadMessage, match="Content-Length"):
        read_response(b"HTTP/1.1 200 OK\r\n\r\nforever")


def test_the_last_value_of_a_name_in_the_query_counts() -> None:
    assert Request("GET", "/?ms=1&ms=2&cpu=3", True).query == {"ms": "2", "cpu": "3"}
