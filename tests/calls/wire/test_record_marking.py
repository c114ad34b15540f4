"""Record marking: round trips, cuts at every byte, hostile lengths, arbitrary bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.customers import ConnectionLost
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.record_marking import LAST, MAX_RECORD, RecordError, encode_record, read_record


@given(st.binary(max_size=300), st.integers(1, 50), st.binary(max_size=10))
def test_a_record_of_any_number_of_fragments_is_one_message(message: bytes, fragment_size: int, rest: bytes) -> None:
    read = reader_of(encode_record(message, fragment_size) + rest)
    assert read_record(read) == message
    assert read(len(rest)) == rest


@given(st.binary(min_size=1, max_size=30), st.integers(1, 10))
def test_a_record_cut_short_at_any_byte_is_a_lost_connection(message: bytes, fragment_size: int) -> None:
    record = encode_record(message, fragment_size)
    for size in range(len(record)):
        with pytest.raises(ConnectionLost):
            read_record(reader_of(record[:size]))


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


@pytest.mark.parametrize("size", [MAX_RECORD - 1, MAX_RECORD])
@pytest.mark.parametrize("fragment_size", [MAX_RECORD, MAX_RECORD // 3])
def test_a_record_may_be_as_long_as_the_limit_in_one_fragment_or_in_several(size: int, fragment_size: int) -> None:
    assert len(read_record(reader_of(encode_record(bytes(size), fragment_size)))) == size


@pytest.mark.parametrize("number", [1023, 1024])
def test_a_record_may_have_a_thousand_and_twenty_four_fragments(number: int) -> None:
    fragments = bytes(4) * (number - 1) + (LAST | 1).to_bytes(4, "big") + b"x"
    assert read_record(reader_of(fragments)) == b"x"
    with pytest.raises(RecordError, match="more than 1024"):
        read_record(reader_of(bytes(4) * 1024 + fragments))


def test_a_record_that_is_too_long_cannot_be_sent() -> None:
    with pytest.raises(RecordError):
        encode_record(bytes(MAX_RECORD + 1))


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_a_record_or_the_named_error(data: bytes) -> None:
    with contextlib.suppress(RecordError, ConnectionLost):
        read_record(reader_of(data))
