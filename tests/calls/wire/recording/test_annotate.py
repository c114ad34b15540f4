"""Annotated dumps: they account for every byte."""

import pytest

from companion.calls.wire.recording.annotate import annotate, masked_in
from companion.calls.wire.recording.notes import Side
from companion.calls.wire.recording.record import Exchange


@pytest.mark.parametrize("side", ["request", "answer"])
def test_every_byte_has_one_meaning(exchanges: list[Exchange], side: Side) -> None:
    for exchange in exchanges:
        data = exchange.request if side == "request" else exchange.answer
        rows = annotate(exchange, side)
        assert b"".join(row.data for row in rows) == data
        assert [row.offset for row in rows] == [sum(len(row.data) for row in rows[:n]) for n in range(len(rows))]
        assert all(row.meaning for row in rows)


def test_the_names_and_numbers_of_a_call_are_in_its_dump(exchanges: list[Exchange]) -> None:
    added = " ".join(row.meaning for row in annotate(exchanges[0]))
    got = " ".join(row.meaning for row in annotate(exchanges[1], "answer"))
    assert "Jörg" in added and "0.1" in added
    assert "Ada Lovelace" in got and "1234.5" in got


def test_what_varies_in_http_is_masked() -> None:
    assert masked_in(b"Host: 127.0.0.1:40123") == (16, 21)
    assert masked_in(b"date: Thu, 01 Jan 1970 00:00:00 GMT") == (6, 35)
    assert masked_in(b"accept: */*") == (0, 0)
