"""The XDR codec: what goes in comes out, and nothing that comes in raises anything but XdrError."""

import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.xdr import (
    Reader,
    XdrError,
    float32,
    pack_array,
    pack_float,
    pack_int,
    pack_opaque,
    pack_string,
    pack_uint,
)

INTS = st.integers(-(2**31), 2**31 - 1)
UINTS = st.integers(0, 2**32 - 1)
FLOATS = st.floats(width=32)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
VALUES = st.one_of(
    st.tuples(st.just("int"), INTS),
    st.tuples(st.just("uint"), UINTS),
    st.tuples(st.just("float"), FLOATS.filter(lambda value: not math.isnan(value))),
    st.tuples(st.just("string"), TEXTS),
    st.tuples(st.just("opaque"), st.binary(max_size=40)),
    st.tuples(st.just("array"), st.lists(INTS, max_size=10)),
)
BOUND = 200


def pack(kind: str, value: object) -> bytes:
    packers: dict[str, Callable[[Any], bytes]] = {
        "int": pack_int,
        "uint": pack_uint,
        "float": pack_float,
        "string": lambda text: pack_string(text, BOUND),
        "opaque": lambda data: pack_opaque(data, BOUND),
        "array": lambda items: pack_array(items, pack_int, BOUND),
    }
    return packers[kind](value)


def take(reader: Reader, kind: str) -> object:
    takers: dict[str, Callable[[], object]] = {
        "int": reader.take_int,
        "uint": reader.take_uint,
        "float": reader.take_float,
        "string": lambda: reader.take_string(BOUND),
        "opaque": lambda: reader.take_opaque(BOUND),
        "array": lambda: reader.take_array(reader.take_int, BOUND),
    }
    return takers[kind]()


@given(st.lists(VALUES, max_size=8))
def test_what_is_packed_is_read_again_in_the_same_order(values: list[tuple[str, Any]]) -> None:
    data = b"".join(pack(kind, value) for kind, value in values)
    assert len(data) % 4 == 0
    reader = Reader(data)
    assert [(kind, take(reader, kind)) for kind, _ in values] == values
    reader.expect_end()


@given(VALUES)
def test_a_value_cut_short_at_any_byte_is_an_xdr_error(value: tuple[str, Any]) -> None:
    kind, content = value
    data = pack(kind, content)
    for size in range(len(data)):
        with pytest.raises(XdrError):
            take(Reader(data[:size]), kind)


@given(st.binary(max_size=100), st.lists(st.sampled_from(["int", "uint", "float", "string", "opaque", "array"])))
def test_arbitrary_bytes_give_values_or_an_xdr_error(data: bytes, kinds: list[str]) -> None:
    reader = Reader(data)
    try:
        for kind in kinds:
            take(reader, kind)
        reader.expect_end()
    except XdrError:
        pass


@pytest.mark.parametrize("stray", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("kinds", [[], ["int"], ["string", "uint"]])
def test_bytes_after_the_last_value_are_an_error_that_counts_them(stray: int, kinds: list[str]) -> None:
    examples: dict[str, Any] = {"int": -1, "uint": 7, "string": "odd"}
    reader = Reader(b"".join(pack(kind, examples[kind]) for kind in kinds) + bytes(stray))
    for kind in kinds:
        assert take(reader, kind) == examples[kind]
    with pytest.raises(XdrError, match=f"^{stray} bytes after the last value$"):
        reader.expect_end()


@given(st.integers(BOUND + 1, 2**32 - 1), st.sampled_from(["string", "opaque", "array"]))
def test_a_length_over_the_bound_is_refused_before_anything_is_read(length: int, kind: str) -> None:
    unit = "items" if kind == "array" else "bytes"
    with pytest.raises(XdrError, match=f"{length} {unit} announced"):
        take(Reader(pack_uint(length) + bytes(400)), kind)


@pytest.mark.parametrize(("kind", "value"), [("string", "x" * BOUND), ("opaque", bytes(BOUND)), ("array", [7] * BOUND)])
def test_a_value_may_be_as_long_as_its_bound(kind: str, value: Any) -> None:
    assert take(Reader(pack(kind, value)), kind) == value
    with pytest.raises(XdrError, match=f"at most {BOUND}"):
        pack(kind, value + value[:1])


@given(st.binary(max_size=30), INTS)
def test_the_rest_is_what_no_value_has_taken(rest: bytes, value: int) -> None:
    reader = Reader(pack_int(value) + rest)
    assert (reader.take_int(), reader.take_rest(), reader.take_rest()) == (value, rest, b"")


@given(st.binary(min_size=1, max_size=39).filter(lambda data: len(data) % 4), st.integers(1, 255))
def test_padding_that_is_not_zero_is_refused(content: bytes, dirt: int) -> None:
    data = pack_opaque(content, BOUND)
    with pytest.raises(XdrError, match="padding"):
        Reader(data[:-1] + bytes([dirt])).take_opaque(BOUND)


def test_the_layout_is_the_one_of_rfc_4506() -> None:
    assert pack_int(-2) == b"\xff\xff\xff\xfe"
    assert pack_uint(0x20000001) == b"\x20\x00\x00\x01"
    assert pack_float(1.0) == b"\x3f\x80\x00\x00"
    assert pack_string("sillyprog", 16) == b"\x00\x00\x00\x09sillyprog\x00\x00\x00"
    assert pack_array([1, 2], pack_int, 2) == b"\0\0\0\2\0\0\0\1\0\0\0\2"


def test_values_that_do_not_fit_are_xdr_errors() -> None:
    too_much: list[Callable[[], bytes]] = [
        lambda: pack_int(2**31),
        lambda: pack_uint(-1),
        lambda: pack_float(1e39),
        lambda: pack_string("é" * 16, 30),
        lambda: pack_string("\ud800", 30),
        lambda: pack_array([1, 2, 3], pack_int, 2),
    ]
    for pack_it in too_much:
        with pytest.raises(XdrError):
            pack_it()


def test_bytes_that_are_no_utf8_are_an_xdr_error() -> None:
    with pytest.raises(XdrError, match="UTF-8"):
        Reader(pack_opaque(b"\xff\xfe", 30)).take_string(30)


@given(st.floats(-1e30, 1e30))
def test_single_precision_keeps_what_a_c_float_keeps(value: float) -> None:
    assert float32(value) == struct.unpack("<f", struct.pack("<f", value))[0]


def test_single_precision_loses_a_unit_above_two_to_the_24_and_cents_before_that() -> None:
    assert float32(16_777_216.0) == 16_777_216.0
    assert float32(16_777_217.0) == 16_777_216.0
    assert float32(1_234_567.89) == 1_234_567.875
