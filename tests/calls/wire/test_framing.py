"""Both framings, and the messages of a frame: round trips, cuts at every byte, hostile lengths, arbitrary bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire import socket_wire
from companion.calls.wire.customers import ConnectionLost, Customer, CustomerStore
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.record_marking import LAST, MAX_RECORD, RecordError, encode_record, read_record
from companion.calls.wire.socket_wire import MAX_FRAME, FrameError, encode_frame, read_frame

NAMES = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda name: len(name.encode()) <= 30)
CUSTOMERS = st.builds(
    Customer, id=st.integers(1, 2**31 - 1), name=NAMES, balance=st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=10))
def test_a_frame_ends_where_it_says(payload: bytes, rest: bytes) -> None:
    read = reader_of(encode_frame(payload) + rest)
    assert read_frame(read) == payload
    assert read(len(rest)) == rest


@given(st.binary(max_size=300), st.integers(1, 50), st.binary(max_size=10))
def test_a_record_of_any_number_of_fragments_is_one_message(message: bytes, fragment_size: int, rest: bytes) -> None:
    read = reader_of(encode_record(message, fragment_size) + rest)
    assert read_record(read) == message
    assert read(len(rest)) == rest


@given(st.binary(min_size=1, max_size=30))
def test_a_frame_cut_short_at_any_byte_is_a_lost_connection(payload: bytes) -> None:
    frame = encode_frame(payload)
    for size in range(len(frame)):
        with pytest.raises(ConnectionLost):
            read_frame(reader_of(frame[:size]))


@given(st.binary(min_size=1, max_size=30), st.integers(1, 10))
def test_a_record_cut_short_at_any_byte_is_a_lost_connection(message: bytes, fragment_size: int) -> None:
    record = encode_record(message, fragment_size)
    for size in range(len(record)):
        with pytest.raises(ConnectionLost):
            read_record(reader_of(record[:size]))


@given(st.one_of(st.just(0), st.integers(MAX_FRAME + 1, 2**32 - 1)))
def test_a_hostile_length_of_a_frame_is_refused_by_its_four_bytes_alone(length: int) -> None:
    with pytest.raises(FrameError, match=str(length)):
        read_frame(reader_of(length.to_bytes(4, "big")))


@given(st.integers(MAX_RECORD + 1, LAST - 1), st.booleans())
def test_a_hostile_length_of_a_fragment_is_refused_by_its_four_bytes_alone(length: int, last: bool) -> None:
    with pytest.raises(RecordError, match=str(length)):
        read_record(reader_of((length | LAST * last).to_bytes(4, "big")))


def test_fragments_are_bounded_together_and_in_number() -> None:
    half = (MAX_RECORD // 2 + 1).to_bytes(4, "big") + bytes(MAX_RECORD // 2 + 1)
    with pytest.raises(RecordError, match="at most"):
        read_record(reader_of(half + half))
    with pytest.raises(RecordError, match="fragments"):
        read_record(reader_of(bytes(4) * 100_000))


def test_nothing_that_is_too_long_can_be_sent() -> None:
    with pytest.raises(FrameError):
        encode_frame(bytes(MAX_FRAME + 1))
    with pytest.raises(RecordError):
        encode_record(bytes(MAX_RECORD + 1))


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_a_message_or_the_named_error(data: bytes) -> None:
    for read, errors in ((read_frame, (FrameError, ConnectionLost)), (read_record, (RecordError, ConnectionLost))):
        with contextlib.suppress(*errors):
            read(reader_of(data))


@given(st.lists(CUSTOMERS, max_size=5))
def test_customers_survive_the_socket_with_every_bit_of_their_balance(customers: list[Customer]) -> None:
    body = len(customers).to_bytes(4, "big") + b"".join(map(socket_wire.encode_customer, customers))
    assert socket_wire.decode_customers(body) == customers
    for size in range(len(body)):
        with pytest.raises(FrameError):
            socket_wire.decode_customers(body[:size])


@given(st.binary(min_size=1, max_size=100))
def test_any_payload_of_a_frame_is_answered(payload: bytes) -> None:
    assert socket_wire.answer(CustomerStore(), payload)[0] in (0, 1, 2, 3)
