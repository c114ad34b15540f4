"""GIOP 1.2: recorded messages and hostile ones, gaps found and masked."""

import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.customers import Malformed
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.objects import corba, giop
from companion.calls.wire.objects.giop import Type

REQUEST, ANSWER = (
    bytes.fromhex(corba.recording()["conversations"]["Customers"][1][side]) for side in ("request", "answer")
)
CUSTOMER: list[Type] = ["long", "string", "double"]
BODIES: dict[str, list[Type]] = {"get": ["long"], "add": CUSTOMER, "reportData": ["long", "float", "long"]}


def recorded() -> list[dict[str, Any]]:
    return [entry for entries in corba.recording()["conversations"].values() for entry in entries]


def request(operation: bytes, body: bytes, order: str = "<", key: bytes = b"Customers", gap: int = 0) -> bytes:
    """Write a request in either byte order, with any byte in its gaps."""

    def pad(data: bytes, unit: int) -> bytes:
        return data + bytes([gap]) * (-len(data) % unit)

    def ulong(number: int) -> bytes:
        return struct.pack(order + "I", number)

    data = bytes(12) + ulong(2) + b"\3" + bytes([gap]) * 3 + struct.pack(order + "H", 0)
    data = pad(pad(data, 4) + ulong(len(key)) + key, 4)
    data = pad(data + ulong(len(operation) + 1) + operation + b"\0", 4) + ulong(0)
    data = pad(data, 8) + body if body else data
    return b"GIOP\1\2" + bytes([order == "<", 0]) + ulong(len(data) - 12) + data[12:]


def test_a_request_says_which_object_is_asked_for_what() -> None:
    message = giop.read(REQUEST, ["long"])
    assert (message.kind, message.key, message.operation, message.values) == ("Request", "Customers", "get", (1,))
    assert (message.order, message.id) == ("little", 6)


def test_an_answer_has_its_requests_number_and_a_customer() -> None:
    message = giop.read(ANSWER, CUSTOMER)
    assert (message.kind, message.id, message.status) == ("Reply", 6, "no exception")
    assert message.values == (1, "Ada Lovelace", 1234.5)


def test_rows_cover_every_byte_of_every_recorded_message() -> None:
    count = 0
    for entry in recorded():
        for side in ("request", "answer"):
            for data in giop.cut(bytes.fromhex(entry[side])):
                message = giop.read(data)
                assert b"".join(row.data for row in message.rows) == data
                assert [row.offset for row in message.rows][-1] < len(data)
                count += 1
    assert count == 2 * len(recorded()) + 4  # each conversation begins with a LocateRequest


def test_a_declared_exception_and_a_system_exception_are_named() -> None:
    assert giop.read(bytes.fromhex(recorded()[3]["answer"])).exception == "IDL:Shop/NoSuchCustomer:1.0"
    body = struct.pack("<I", 30) + b"IDL:omg.org/CORBA/UNKNOWN:1.0\0" + b"\xaa\xaa" + struct.pack("<II", 0x54410062, 2)
    head = struct.pack("<III", 2, 2, 0)
    message = giop.read(b"GIOP\1\2\1\1" + struct.pack("<I", len(head + body)) + head + body)
    assert (message.exception, message.completed) == ("IDL:omg.org/CORBA/UNKNOWN:1.0", "COMPLETED_MAYBE")
    assert message.gaps == ((58, 60),)


@given(st.sampled_from("<>"), st.binary(min_size=1, max_size=12), st.integers(-(2**31), 2**31 - 1), st.integers(0, 255))
@settings(max_examples=50)
def test_whatever_lies_in_the_gaps_a_request_reads_the_same_in_both_orders(
    order: str, key: bytes, id: int, gap: int
) -> None:
    data = request(b"get", struct.pack(order + "i", id), order, key, gap)
    message = giop.read(data, ["long"])
    assert (message.values, message.operation) == ((id,), "get")
    assert message.order == ("little" if order == "<" else "big")
    assert giop.masked(data, ["long"]) == request(b"get", struct.pack(order + "i", id), order, key)
    assert all(data[at] == gap for start, end in message.gaps for at in range(start, end) if not 20 <= at < 24)


def test_masked_requests_of_two_calls_differ_in_their_number_alone() -> None:
    again = bytes.fromhex(recorded()[2]["request"])
    one, other = giop.masked(REQUEST), giop.masked(again)
    assert [at for at in range(60) if one[at] != other[at]] == [12]


@given(st.integers(0, 59))
@settings(max_examples=30)
def test_a_message_cut_at_any_byte_is_refused(size: int) -> None:
    with pytest.raises(Malformed):
        giop.read(REQUEST[:size])


@given(st.integers(0, 59), st.integers(0, 255))
@settings(max_examples=50)
def test_a_message_with_any_byte_changed_is_read_or_refused_and_nothing_else(at: int, byte: int) -> None:
    spoilt = REQUEST[:at] + bytes([byte]) + REQUEST[at + 1 :]
    try:
        assert b"".join(row.data for row in giop.read(spoilt, ["long"]).rows) == spoilt
    except Malformed as error:
        assert str(error)


@pytest.mark.parametrize(
    ("header", "word"),
    [
        (b"JPEG\1\2\1\0\0\0\0\0", "no GIOP"),
        (b"GIOP\1\0\1\0\0\0\0\0", "1.0"),
        (b"GIOP\x09\0\1\0\0\0\0\0", "9.0"),
        (b"GIOP\1\2\3\0\0\0\0\0", "fragments"),
        (b"GIOP\1\2\1\x09\0\0\0\0", "type 9"),
        (b"GIOP\1\2\1\0\xff\xff\xff\xff", "4294967295"),
        (b"GIOP\1\2\0\0\x00\x10\x00\x01", "1048577"),
    ],
)
def test_a_hostile_header_is_refused_before_anything_else_is_received(header: bytes, word: str) -> None:
    with pytest.raises(Malformed, match=word):
        giop.receive(reader_of(header))


@pytest.mark.parametrize(
    ("at", "number", "word"),
    [(20, 1, "kind 1"), (24, 2**31, "2147483648"), (40, 2**30, "1073741824"), (48, 1000, "contexts")],
)
def test_a_hostile_number_inside_is_refused_by_what_is_left(at: int, number: int, word: str) -> None:
    spoilt = REQUEST[:at] + number.to_bytes(4, "little") + REQUEST[at + 4 :]
    with pytest.raises(Malformed, match=word):
        giop.read(spoilt)


def test_a_string_without_its_nul_and_bytes_too_many_are_refused() -> None:
    with pytest.raises(Malformed, match="NUL"):
        giop.read(REQUEST[:47] + b"!" + REQUEST[48:])
    with pytest.raises(Malformed, match="more than the types"):
        giop.read(ANSWER, ["long", "string"])


def test_a_stream_is_cut_into_its_messages_and_a_half_one_refused() -> None:
    assert giop.cut(REQUEST + ANSWER) == [REQUEST, ANSWER]
    assert giop.receive(reader_of(ANSWER + REQUEST)) == ANSWER
    with pytest.raises(Malformed, match="of which 30"):
        giop.cut(ANSWER + REQUEST[:30])


def test_control_characters_do_not_reach_the_page() -> None:
    assert giop.read(request(b"g\x07t", b"", key=b"<\x1b>")).key == "<·>"
