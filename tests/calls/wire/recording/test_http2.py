"""Frames and headers of HTTP/2: those of the RFC are read, and no bytes raise anything but the named error."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.recording import http2


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_frames_of_http2_or_the_named_error(data: bytes) -> None:
    with contextlib.suppress(http2.Http2Error):
        list(http2.read_frames(data))


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_headers_of_http2_or_the_named_error(data: bytes) -> None:
    with contextlib.suppress(http2.Http2Error):
        http2.HeaderReader().read(data)


def test_the_headers_of_rfc_7541_appendix_c_3_are_read_with_their_table() -> None:
    reader = http2.HeaderReader()
    first = reader.read(bytes.fromhex("828684410f7777772e6578616d706c652e636f6d"))
    assert [(field.name, field.value) for field in first] == [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
    ]
    second = reader.read(bytes.fromhex("828684be"))
    assert (second[-1].value, second[-1].how) == ("www.example.com", "connection's table")
    assert {field.how for field in second[:-1]} == {"RFC's table"}
