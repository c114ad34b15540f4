"""Messages of Thrift, followed to their end: as the library writes them, and as a stranger may."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thriftpy2.thrift import TClient

from companion.calls.wire.customers import ConnectionLost
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.framed.thrift_bounds import (
    MAX_MESSAGE,
    ThriftError,
    read_binary,
    read_compact,
    read_frame,
)
from companion.calls.wire.framed.thrift_wire import CODECS, Memory, interface
from companion.calls.wire.tcp import Read

READERS = {"binary": read_binary, "compact": read_compact}
HEADS = {"binary": b"\x80\x01\x00\x01\x00\x00\x00\x03get\x00\x00\x00\x00", "compact": b"\x82\x21\x00\x03get"}
every_codec = pytest.mark.parametrize("codec", READERS)
customers = st.builds(
    lambda id, name, balance: interface().Customer(id=id, name=name, balance=balance),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | st.text("aé李\0", max_size=40),
    st.none() | st.floats(),
)


def written(codec: str, customer: object) -> bytes:
    memory = Memory()
    TClient(interface().Customers, CODECS[codec].protocol(memory))._send("add", customer=customer)
    return bytes(memory.written)


@every_codec
@settings(max_examples=20)
@given(customer=customers)
def test_a_message_ends_where_the_library_ended_it(codec: str, customer: object) -> None:
    message = written(codec, customer)
    read = reader_of(message + b"the next one")
    assert READERS[codec](read) == message
    assert read(12) == b"the next one"


@every_codec
@settings(max_examples=50)
@given(data=st.binary(max_size=60))
def test_a_stranger_gets_no_further_than_its_bytes(codec: str, data: bytes) -> None:
    try:
        message = READERS[codec](reader_of(HEADS[codec] + data))
    except (ThriftError, ConnectionLost):
        return
    assert (HEADS[codec] + data).startswith(message)


COUNT = struct.pack(">i", 2**31 - 1)
HOSTILE = {
    "a list of 2^31 structs": ("binary", b"\x0f\x00\x63\x0c" + COUNT),
    "a list of 2^31 things without bytes": ("binary", b"\x0f\x00\x63\x00" + COUNT),
    "a short list of things without bytes": ("binary", b"\x0f\x00\x63\x00\x00\x00\x00\x09\x00"),
    "a map of 2^31": ("binary", b"\x0d\x00\x63\x0b\x0b" + COUNT),
    "a list of -1": ("binary", b"\x0f\x00\x63\x08\xff\xff\xff\xff"),
    "a string of 2 GB": ("binary", b"\x0b\x00\x01" + COUNT),
    "a string of -1": ("binary", b"\x0b\x00\x01\xff\xff\xff\xff"),
    "a type that is none": ("binary", b"\x63\x00\x01"),
    "structs in structs": ("binary", b"\x0c\x00\x01" * 100),
    "a compact list of 2^31": ("compact", b"\x19\xfc\xff\xff\xff\xff\x07"),
    "a compact list of things without bytes": ("compact", b"\x19\x30"),
    "a compact map of 2^31": ("compact", b"\x1b\xff\xff\xff\xff\x07\x55"),
    "a compact string of 2 GB": ("compact", b"\x18\xff\xff\xff\xff\x07"),
    "a number that does not end": ("compact", b"\x15" + b"\xff" * 20),
    "a compact type that is none": ("compact", b"\x1e"),
    "compact structs in structs": ("compact", b"\x1c" * 100),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_announces_too_much_is_refused_before_any_more_is_read(what: str) -> None:
    codec, fields = HOSTILE[what]
    # Bytes enough for whoever would go on reading: a `ConnectionLost` would mean that it asked for more.
    with pytest.raises(ThriftError):
        READERS[codec](reader_of(HEADS[codec] + fields + b"\x01" * 64))


@every_codec
@pytest.mark.parametrize("head", [b"GET / HTTP/1.1\r\n\r\n", bytes(40), b"\xff" * 40])
def test_what_is_no_message_is_refused(codec: str, head: bytes) -> None:
    with pytest.raises(ThriftError, match="no message of Thrift's"):
        READERS[codec](reader_of(head))


@pytest.mark.parametrize(("size", "why"), [(0, "0 bytes"), (MAX_MESSAGE + 1, "are allowed"), (2**32 - 1, "-1 bytes")])
def test_a_frame_that_cannot_be_is_refused(size: int, why: str) -> None:
    with pytest.raises(ThriftError, match=why):
        read_frame(reader_of(size.to_bytes(4, "big") + b"more"), read_binary)


@pytest.mark.parametrize(("change", "why"), [(-1, "beyond its frame"), (1, "1 bytes after the message")])
def test_a_frame_and_its_message_end_together(change: int, why: str) -> None:
    message = written("binary", interface().Customer(id=1))
    inner: Callable[[Read], bytes] = read_binary
    frame = (len(message) + change).to_bytes(4, "big") + message + b"x"
    with pytest.raises(ThriftError, match=why):
        read_frame(reader_of(frame), inner)


def test_lists_maps_and_sets_are_followed() -> None:
    fields = b"\x0f\x00\x01\x08\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x02"
    fields += b"\x0e\x00\x02\x02\x00\x00\x00\x01\x01" + b"\x0d\x00\x03\x0b\x03\x00\x00\x00\x01\x00\x00\x00\x01a\x07"
    message = HEADS["binary"] + fields + b"\x00"
    assert read_binary(reader_of(message + b"x")) == message
    fields = b"\x19\x25\x02\x04" + b"\x1a\x11\x01" + b"\x1b\x01\x83\x01a\x07" + b"\x1b\x00" + b"\x11" + b"\x05\x0a\x02"
    message = HEADS["compact"] + fields + b"\x00"
    assert read_compact(reader_of(message + b"x")) == message
