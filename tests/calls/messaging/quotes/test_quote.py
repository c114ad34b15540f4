"""Quotes on the wire: what is written is read, and what is none is refused in one line."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.messaging.quotes.quote import (
    MOST_BYTES,
    Batch,
    Quote,
    QuotesError,
    batch_message,
    from_broker,
    heartbeat_message,
    is_symbol,
    payload,
    quote_message,
    read_message,
    subject_of,
)

SYMBOLS = st.from_regex(r"[A-Z][A-Z0-9]{0,11}", fullmatch=True)
WHOLE = st.integers(0, 2**53 - 1)
QUOTES = st.builds(Quote, WHOLE, SYMBOLS, WHOLE, st.floats(-(2**53) + 1, 2**53 - 1))
GOOD = {"type": "quote", "seq": 1, "symbol": "ACME", "number": 1, "price": 1.5}


@given(QUOTES)
@settings(max_examples=50, deadline=None)
def test_a_quote_is_read_as_it_was_written_over_either_wire(quote: Quote) -> None:
    assert read_message(quote_message(quote)) == Batch(quote.seq, (quote,))
    assert read_message(batch_message(Batch(quote.seq, (quote, quote)))) == Batch(quote.seq, (quote, quote))
    assert from_broker(subject_of(quote.symbol), quote.seq, payload(quote.number, quote.price)) == quote


def test_a_heartbeat_has_no_quote_and_a_place() -> None:
    assert read_message(heartbeat_message(7)) == read_message(batch_message(Batch(7))) == Batch(7)


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40), st.builds(json.dumps, st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "quotes"]), inner, max_size=6),
))))  # fmt: skip
@settings(max_examples=50, deadline=None)
def test_whatever_comes_is_read_or_refused_in_one_line(data: str | bytes) -> None:
    try:
        read_message(data)
    except QuotesError as error:
        assert "\n" not in str(error) and len(str(error)) < 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seq", -1), ("seq", True), ("seq", 1.0), ("seq", 2**53), ("number", "1"), ("price", "1"), ("price", True),
        ("price", float("nan")), ("price", float("inf")), ("price", 10**400), ("symbol", "acme"), ("symbol", "A" * 13),
        ("symbol", "A.B"), ("symbol", None), ("type", "quota"), ("type", None),
    ],
)  # fmt: skip
def test_one_wrong_field_is_enough_to_refuse_a_quote(name: str, value: object) -> None:
    read_message(json.dumps(GOOD))
    with pytest.raises(QuotesError):
        read_message(json.dumps(GOOD | {name: value}))


@pytest.mark.parametrize("text", ["[" * 40_000, "{" * 9, "", "[1]", " " * (MOST_BYTES + 1), "[" + "9" * 5000 + "]"])
def test_deep_long_and_broken_messages_are_refused(text: str) -> None:
    with pytest.raises(QuotesError):
        read_message(text)


def test_a_batch_is_a_list_of_objects() -> None:
    wrongs: list[object] = [{}, [1], None, "AB"]
    for wrong in wrongs:
        with pytest.raises(QuotesError):
            read_message(json.dumps({"type": "quotes", "seq": 1, "quotes": wrong}))


def test_a_symbol_is_never_a_pattern_of_subjects() -> None:
    assert is_symbol("ACME") and is_symbol("A1")
    assert not any(map(is_symbol, ["", "*", ">", "A.B", "A B", "1A", "É", "ACME\n", "a", "A" * 13]))
