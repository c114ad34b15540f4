"""The bytes of a call on each wire: the same on every run, and the streams that they are cut from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.customers import Malformed
from companion.calls.wire.framed.mcp_wire import EARLIER, TODAY
from companion.calls.wire.framed.sizes import (
    LAST_CHUNK,
    Said,
    call_bytes,
    get_ada,
    http_messages,
    mcp_conversation,
    thrift_bytes,
)
from companion.calls.wire.recording.record import record


def test_every_wire_takes_as_many_bytes_as_the_chapter_says() -> None:
    conversations = {version: mcp_conversation(version) for version in (TODAY, EARLIER)}
    assert [one.method for one in conversations[TODAY]] == ["server/discover", "tools/call", "tools/list", "tools/call"]
    assert [one.size for one in conversations[TODAY]] == [(541, 456), (580, 455), (531, 1693), (580, 455)]
    assert [one.method for one in conversations[EARLIER]] == [
        "initialize",
        "notifications/initialized",
        "tools/call",
        "tools/list",
        "tools/call",
    ]
    sizes = call_bytes(conversations)
    assert sizes["socket"] == (9, 30)
    assert sizes["Thrift compact"] == (10, 36)
    assert sizes["Thrift binary"] == (23, 57)
    assert sizes["WebSocket"] == (47, 67)
    assert sizes["MCP 2026-07-28"] == (580, 455)
    assert sizes["MCP 2025-11-25"] == (407, 536)
    assert sizes["SOAP"] == (466, 433)
    assert sizes["CORBA"] == (60, 56)
    assert "plain XML" in sizes


@pytest.mark.parametrize(("codec", "size"), [("compact, framed", (14, 40)), ("binary, framed", (27, 61))])
def test_a_frame_adds_four_bytes(codec: str, size: tuple[int, int]) -> None:
    assert thrift_bytes(codec) == size


def test_the_handshake_is_counted_with_the_first_call_alone() -> None:
    first, second = record("websocket", get_ada, get_ada, late=0.005)
    assert len(first.request) - len(second.request) == 177
    assert len(first.answer) - len(second.answer) == 185


@pytest.mark.parametrize("port", [8, 65535])
def test_a_port_counts_as_five_digits(port: int) -> None:
    request = f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n{{}}".encode()
    assert Said("get", request, b"").size == (len(request.replace(str(port).encode(), b"12345")), 0)


bodies = st.binary(max_size=40)


@settings(max_examples=50)
@given(st.lists(st.tuples(bodies, st.booleans()), max_size=4))
def test_a_stream_is_cut_where_its_messages_end(parts: list[tuple[bytes, bool]]) -> None:
    messages = []
    for body, chunked in parts:
        if chunked:
            coded = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:7], body[7:]) if piece)
            messages.append(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + coded + LAST_CHUNK)
        else:
            messages.append(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert list(http_messages(b"".join(messages))) == messages


def test_an_end_that_was_not_waited_for_is_counted_and_half_a_message_is_not() -> None:
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + LAST_CHUNK
    assert list(http_messages(whole.removesuffix(LAST_CHUNK))) == [whole]
    assert list(http_messages(whole + b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")) == [whole]
    assert list(http_messages(whole + b"HTTP/1.1 2")) == [whole]
    assert list(http_messages(whole[:50])) == []
    with pytest.raises(Malformed, match="no length"):
        list(http_messages(whole.replace(b"3\r\n", b"x\r\n")))
