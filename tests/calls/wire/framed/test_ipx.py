"""IPX's datagrams: what is written is read, and what Ethernet put behind is not."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.framed.ipx import (
    ETHERNET_LEAST,
    HEADER,
    NO_CHECKSUM,
    Datagram,
    IpxError,
    Place,
    decode,
    encode,
    on_ethernet,
)

HERE, THERE = (Place(bytes(4), bytes([2, 0, 0, 0, 0, node]), 0x4003) for node in (1, 2))
places = st.builds(Place, st.binary(min_size=4, max_size=4), st.binary(min_size=6, max_size=6), st.integers(0, 0xFFFF))
datagrams = st.builds(
    Datagram, places, places, st.binary(max_size=600), st.integers(0, 255), st.integers(0, 255), st.integers(0, 0xFFFF)
)


@settings(max_examples=50)
@given(datagrams)
def test_what_is_written_is_read_whatever_ethernet_puts_behind_it(datagram: Datagram) -> None:
    assert decode(encode(datagram)) == datagram
    assert decode(on_ethernet(encode(datagram))) == datagram
    assert decode(encode(datagram) + b"more") == datagram


@settings(max_examples=50)
@given(st.binary(max_size=100))
def test_bytes_from_a_stranger_are_a_datagram_or_an_ipx_error(data: bytes) -> None:
    try:
        datagram = decode(data)
    except IpxError:
        return
    assert encode(datagram) == data[: HEADER.size + len(datagram.data)]


def test_the_fields_stand_where_novell_put_them() -> None:
    data = encode(Datagram(THERE, HERE, b"Hi!", kind=17, hops=3))
    assert len(data) == 33
    assert struct.unpack(">HHBB", data[:6]) == (NO_CHECKSUM, 33, 3, 17)
    assert data[6:16] == THERE.network + THERE.node and data[16:18] == b"\x40\x03"
    assert data[18:28] == HERE.network + HERE.node and data[30:] == b"Hi!"
    assert str(HERE) == "00000000:020000000001:4003"


def test_a_short_datagram_is_filled_up_and_a_long_one_is_not() -> None:
    assert len(on_ethernet(encode(Datagram(THERE, HERE, b"Hi!")))) == ETHERNET_LEAST
    assert len(on_ethernet(encode(Datagram(THERE, HERE, bytes(17))))) == 47


@pytest.mark.parametrize("length", [0, 29, 47, 0xFFFF])
def test_a_length_that_cannot_be_is_refused(length: int) -> None:
    data = bytearray(on_ethernet(encode(Datagram(THERE, HERE, b"Hi!"))))
    data[2:4] = length.to_bytes(2, "big")
    with pytest.raises(IpxError, match=f"a length of {length}; 30 to 46 are possible"):
        decode(bytes(data))


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(IpxError, match="does not fit"):
        encode(Datagram(THERE, HERE, bytes(0xFFFF)))
    with pytest.raises(IpxError, match="a network has 4 bytes"):
        encode(Datagram(Place(b"", bytes(6), 1), HERE, b""))
    with pytest.raises(IpxError, match="does not fit"):
        encode(Datagram(THERE, HERE, b"", kind=256))
    with pytest.raises(IpxError, match="29 are there"):
        decode(bytes(29))
