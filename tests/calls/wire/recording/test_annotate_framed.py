"""Every byte of Thrift's messages and WebSocket's frames is explained, once."""

import pytest

from companion.calls.wire.framed.sizes import get_ada
from companion.calls.wire.framed.thrift_wire import CODECS
from companion.calls.wire.recording.annotate import annotate
from companion.calls.wire.recording.notes import Side
from companion.calls.wire.recording.record import ADA, record


@pytest.mark.parametrize("codec", [name for name, codec in CODECS.items() if not codec.framed])
@pytest.mark.parametrize("side", ["request", "answer"])
def test_every_byte_of_a_message_is_explained(codec: str, side: Side) -> None:
    calls = (get_ada, lambda client: client.get(99), lambda client: client.list(), lambda client: client.add(ADA))
    for exchange in record("thrift", *calls, late=0.005, codec=codec):
        assert b"".join(row.data for row in annotate(exchange, side)) == getattr(exchange, side)


@pytest.mark.parametrize(
    ("codec", "meanings"),
    [
        ("binary", ["field 0, struct", "field 1, i32", "1", "field 2, string", "length: 12", '"Ada Lovelace"']),
        ("compact", ["field 0, struct", "1 field on, i32", "1, doubled so that the sign fits", "1 field on, string"]),
    ],
)
def test_the_answer_reads_as_the_customer(codec: str, meanings: list[str]) -> None:
    (exchange,) = record("thrift", get_ada, late=0.005, codec=codec)
    read = [row.meaning for row in annotate(exchange, "answer")]
    start = read.index("field 0, struct")
    assert read[start : start + len(meanings)] == meanings
    assert any(meaning.startswith("1234.5") for meaning in read)


def test_what_is_random_in_a_websocket_is_masked_and_read_all_the_same() -> None:
    opened, warm = record("websocket", get_ada, get_ada, late=0.005)
    rows = annotate(warm, "request")
    assert rows[-1].meaning == '{"id":2,"method":"get","params":{"id":1}}'
    assert [row.masked for row in rows] == [(0, 0), (0, 0), (0, 4), (0, 41)]
    for exchange in (opened, warm):
        for side in ("request", "answer"):
            assert b"".join(row.data for row in annotate(exchange, side)) == getattr(exchange, side)
