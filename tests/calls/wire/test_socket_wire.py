"""Frames and what is in them: round trips, cuts at every byte, hostile lengths, arbitrary bytes."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire import Address, MalformedReply, connect, serve, socket_wire
from companion.calls.wire.customers import ConnectionLost, Customer, CustomerStore
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.socket_wire import MAX_FRAME, FrameError, encode_frame, read_frame
from companion.proxy import Faults, proxy

NAMES = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda name: len(name.encode()) <= 30)
CUSTOMERS = st.builds(
    Customer, id=st.integers(1, 2**31 - 1), name=NAMES, balance=st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.binary(min_size=1, max_size=300), st.binary(max_size=10))
def test_a_frame_ends_where_it_says(payload: bytes, rest: bytes) -> None:
    read = reader_of(encode_frame(payload) + rest)
    assert read_frame(read) == payload
    assert read(len(rest)) == rest


@given(st.binary(min_size=1, max_size=30))
def test_a_frame_cut_short_at_any_byte_is_a_lost_connection(payload: bytes) -> None:
    frame = encode_frame(payload)
    for size in range(len(frame)):
        with pytest.raises(ConnectionLost):
            read_frame(reader_of(frame[:size]))


@given(st.one_of(st.just(0), st.integers(MAX_FRAME + 1, 2**32 - 1)))
def test_a_hostile_length_of_a_frame_is_refused_by_its_four_bytes_alone(length: int) -> None:
    with pytest.raises(FrameError, match=str(length)):
        read_frame(reader_of(length.to_bytes(4, "big")))


@pytest.mark.parametrize("size", [1, MAX_FRAME])
def test_a_frame_may_be_as_short_or_as_long_as_the_limits(size: int) -> None:
    assert len(read_frame(reader_of(encode_frame(bytes(size))))) == size


def test_an_empty_frame_cannot_be_sent() -> None:
    with pytest.raises(FrameError):
        encode_frame(b"")


def test_what_the_socket_server_answers_to_each_operation() -> None:
    ada, store = Customer(id=1, name="Ada", balance=2.5), CustomerStore()
    body = socket_wire.encode_customer(ada)
    assert body == b"\x00\x00\x00\x01\x40\x04\x00\x00\x00\x00\x00\x00\x03Ada"
    add, get, lists = (bytes([operation]) for operation in (socket_wire.ADD, socket_wire.GET, socket_wire.LIST))
    done, absent = bytes([socket_wire.DONE]), bytes([socket_wire.ABSENT])
    assert socket_wire.answer(store, lists) == done + bytes(4)
    assert socket_wire.answer(store, get + b"\0\0\0\1") == absent
    assert socket_wire.answer(store, add + body) == done
    assert socket_wire.answer(store, add + body) == bytes([socket_wire.TAKEN])
    assert socket_wire.answer(store, get + b"\0\0\0\1") == done + body
    assert socket_wire.answer(store, lists) == done + b"\0\0\0\1" + body
    for wrong in (add + body + b"x", get + b"\0\0\0", get + bytes(5), lists + b"x", b"\x09"):
        assert socket_wire.answer(store, wrong)[0] == socket_wire.REFUSED
    assert store.list() == [ada]


def test_a_body_with_more_than_its_customers_is_garbage() -> None:
    body = socket_wire.encode_customer(Customer(id=1, name="Ada", balance=2.5))
    with pytest.raises(FrameError, match="1 bytes after the customer"):
        socket_wire.decode_only_customer(body + b"x")
    with pytest.raises(FrameError, match="1 bytes after the last customer"):
        socket_wire.decode_customers(b"\0\0\0\1" + body + b"x")
    with pytest.raises(FrameError):
        socket_wire.decode_customer(body[:13] + b"\xff\xfe\xfd")
    with pytest.raises(FrameError):
        socket_wire.decode_customer(bytes(4) + body[4:])  # an identifier of zero is no customer


def test_a_frame_that_is_too_long_cannot_be_sent() -> None:
    with pytest.raises(FrameError):
        encode_frame(bytes(MAX_FRAME + 1))


@given(st.binary(max_size=100))
def test_arbitrary_bytes_are_a_frame_or_the_named_error(data: bytes) -> None:
    with contextlib.suppress(FrameError, ConnectionLost):
        read_frame(reader_of(data))


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


def test_a_client_takes_no_bytes_behind_a_status_that_says_it_all() -> None:
    wordy = Faults(instead=encode_frame(bytes([socket_wire.DONE]) + b"x"), then="hang")
    with (
        serve("socket") as address,
        proxy(address, wordy) as wire,
        connect("socket", Address(*wire.address)) as client,
        pytest.raises(MalformedReply, match="1 bytes after the status"),
    ):
        client.add(Customer(id=1, name="Ada", balance=2.5))
