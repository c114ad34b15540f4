"""The reader of HTTP/2 that annotates recordings understands what hpack and hyperframe, by others, write."""

from __future__ import annotations

from typing import Any

import hpack
import hyperframe.frame as theirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.recording import http2

NAMES = st.sampled_from([":method", ":path", ":status", "content-type", "grpc-status", "te", "user-agent", "x"])
ANY_TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)
TEXT = st.sampled_from(["GET", "POST", "/", "/index.html", "200", "404", "application/grpc", "0"]) | ANY_TEXT
HEADERS = st.lists(st.tuples(NAMES, TEXT), max_size=12)
BLOCKS = st.lists(HEADERS, max_size=5)
SECRETS = st.lists(st.tuples(NAMES, TEXT, st.booleans()), max_size=12)  # some of them never to be put into a table


def known(headers: list[tuple[str, str]]) -> bool:
    """Say whether every header that the static table has whole or by name is one that our reader knows."""
    return all(row in http2.STATIC_TABLE for name, _ in headers for row in rows_of(name))


def rows_of(name: str) -> list[int]:
    table = hpack.table.HeaderTable.STATIC_TABLE
    return [row for row, (each, _) in enumerate(table, start=1) if each.decode() == name]


def test_every_row_of_the_static_table_is_that_of_the_rfc() -> None:
    rows = hpack.table.HeaderTable.STATIC_TABLE
    assert len(rows) == http2.STATIC_ROWS
    for row, entry in http2.STATIC_TABLE.items():
        assert entry == tuple(part.decode() for part in rows[row - 1]), row


@given(BLOCKS)
def test_headers_that_hpack_compresses_are_read_in_order_and_every_byte_is_theirs(
    blocks: list[list[tuple[str, str]]],
) -> None:
    encoder, reader = hpack.Encoder(), http2.HeaderReader()
    for headers in blocks:
        block = encoder.encode(headers, huffman=False)
        try:
            fields = reader.read(block)
        except http2.Http2Error as error:
            assert "row" in str(error) and not known(headers)
            return
        assert [(field.name, field.value) for field in fields] == headers
        assert b"".join(field.data for field in fields) == block


@given(SECRETS)
def test_a_header_says_whether_it_enters_the_table_or_is_spelt_out_once(
    headers: list[tuple[str, str, bool]],
) -> None:
    own = [(f"x-{name.lstrip(':')}", value, secret) for name, value, secret in headers]
    fields = http2.HeaderReader().read(hpack.Encoder().encode(own, huffman=False))
    assert [(field.name, field.value) for field in fields] == [(name, value) for name, value, _ in own]
    seen = set[tuple[str, str]]()
    for field, (name, value, secret) in zip(fields, own, strict=True):
        known = (name, value) in seen
        assert field.how == ("connection's table" if known else "once" if secret else "new")
        if not secret:
            seen.add((name, value))


@given(st.tuples(st.sampled_from(["x-a", "content-type", ":path"]), TEXT, st.booleans()))
def test_headers_cut_short_at_any_byte_are_an_error(header: tuple[str, str, bool]) -> None:
    block = hpack.Encoder().encode([header], huffman=False)
    for size in range(1, len(block)):
        with pytest.raises(http2.Http2Error):
            http2.HeaderReader().read(block[:size])


def test_a_row_that_no_table_has_is_an_error() -> None:
    reader = http2.HeaderReader()
    reader.read(hpack.Encoder().encode([("x-a", "1"), ("x-b", "2")], huffman=False))
    assert [field.name for field in reader.read(bytes([0x80 | 62, 0x80 | 63]))] == ["x-b", "x-a"]
    for row in (64, 5, 61):
        with pytest.raises(http2.Http2Error, match=f"row {row}"):
            reader.read(bytes([0x80 | row]))


@given(BLOCKS, st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_a_table_that_shrinks_and_grows_forgets_the_same_headers(
    blocks: list[list[tuple[str, str]]], sizes: list[int]
) -> None:
    encoder, reader = hpack.Encoder(), http2.HeaderReader()
    for number, headers in enumerate(blocks):
        encoder.header_table_size = sizes[number % len(sizes)]
        own = [(f"x-{name.lstrip(':')}", value) for name, value in headers]  # none of them in the static table
        fields = reader.read(encoder.encode(own, huffman=False))
        assert [(field.name, field.value) for field in fields] == own


@given(HEADERS)
def test_a_header_spelt_out_here_is_read_by_hpack(headers: list[tuple[str, str]]) -> None:
    short = [(name, value[:126]) for name, value in headers]
    block = b"".join(http2.spell(name, value) for name, value in short)
    assert [(str(name), str(value)) for name, value in hpack.Decoder().decode(block)] == short


@given(st.integers(0, 2**27), st.integers(4, 7))
def test_a_number_is_read_as_hpack_writes_it(number: int, bits: int) -> None:
    written = bytes(hpack.hpack.encode_integer(number, bits))
    assert http2._integer(written + b"rest", 0, bits) == (number, len(written))


KINDS = [theirs.DataFrame, theirs.HeadersFrame, theirs.ContinuationFrame]
FRAMES = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(1, 2**31 - 1), st.binary(max_size=300), st.booleans()), max_size=6
)


@given(FRAMES, st.booleans())
def test_frames_that_hyperframe_writes_are_split_where_they_begin(
    frames: list[tuple[Any, int, bytes, bool]], client: bool
) -> None:
    written = []
    for kind, stream, data, flagged in frames:
        frame = kind(stream, data=data)
        if flagged and kind is not theirs.ContinuationFrame:
            frame.flags.add("END_STREAM")
        written.append(frame)
    sent = b"".join(frame.serialize() for frame in written)
    found = list(http2.read_frames((http2.PREFACE if client else b"") + sent))
    assert [(frame.kind, frame.stream, frame.payload) for frame in found] == [
        (frame.type, frame.stream_id, frame.data) for frame in written
    ]
    assert [bool(frame.flags & http2.END_STREAM) for frame in found] == [
        "END_STREAM" in frame.flags for frame in written
    ]
    assert [http2.encode_frame(frame.kind, frame.flags, frame.stream, frame.payload) for frame in found] == [
        frame.serialize() for frame in written
    ]


@given(st.binary(min_size=1, max_size=50), st.integers(1, 58))
def test_a_frame_that_is_cut_off_is_an_error(data: bytes, missing: int) -> None:
    whole = theirs.DataFrame(1, data=data).serialize()
    with pytest.raises(http2.Http2Error):
        list(http2.read_frames(whole[: -min(missing, len(whole) - 1)]))


OTHERS = [theirs.SettingsFrame, theirs.PingFrame, theirs.GoAwayFrame, theirs.WindowUpdateFrame, theirs.RstStreamFrame,
          theirs.PriorityFrame, theirs.PushPromiseFrame]  # fmt: skip


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS])
def test_a_kind_of_frame_has_the_name_that_the_rfc_gives_it(kind: type[theirs.Frame]) -> None:
    number = int(kind.type)  # type: ignore[arg-type]
    name = http2.Frame(number, 0, 1, b"").name
    assert name.replace("_", "").lower() == kind.__name__.removesuffix("Frame").lower()
