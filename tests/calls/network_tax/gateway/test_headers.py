"""What passes from headers to metadata and back, whatever is sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.gateway.headers import (
    DOWN,
    LONGEST,
    MOST_BYTES,
    UP,
    USUAL,
    BadHeader,
    seconds,
    to_headers,
    to_metadata,
)

names = st.sampled_from([*UP, *DOWN, "Authorization", "connection", "grpc-status", "problem-bin", "te", "cookie"])
pairs = st.lists(st.tuples(names | st.text(max_size=8), st.text(max_size=20)), max_size=6)


@settings(max_examples=50)
@given(pairs)
def test_only_plain_values_under_six_names_become_metadata(headers: list[tuple[str, str]]) -> None:
    try:
        found = to_metadata(headers)
    except BadHeader as error:
        assert "\n" not in str(error)
        return
    assert {name for name, _ in found} <= set(UP)
    assert len({name for name, _ in found}) == len(found)
    assert all(" " <= letter <= "~" for _, value in found for letter in value)


@settings(max_examples=50)
@given(pairs)
def test_only_plain_values_under_three_names_come_back(metadata: list[tuple[str, str]]) -> None:
    found = to_headers(metadata, None)
    assert found.keys() <= set(DOWN)
    assert all(" " <= letter <= "~" for value in found.values() for letter in value)


def test_a_header_that_connection_names_is_for_this_hop_only() -> None:
    headers = [("X-Request-ID", "1"), ("Connection", "close, X-Request-ID"), ("traceparent", "t")]
    assert to_metadata(headers) == [("traceparent", "t")]


def test_lists_are_joined_and_all_else_comes_once() -> None:
    assert to_metadata([("Accept-Language", "cy"), ("accept-language", "en")]) == [("accept-language", "cy, en")]
    with pytest.raises(BadHeader, match="authorization: it came twice"):
        to_metadata([("Authorization", "a"), ("authorization", "a")])


def test_metadata_has_a_bound() -> None:
    fits = MOST_BYTES - len("traceparent") - 32
    assert to_metadata([("traceparent", "x" * fits)])
    with pytest.raises(BadHeader, match=str(MOST_BYTES)):
        to_metadata([("traceparent", "x" * (fits + 1))])


def test_binary_metadata_does_not_come_back() -> None:
    assert to_headers([("etag", b"x"), ("problem-bin", b"x")], [("x-cost", "3")]) == {"x-cost": "3"}


def test_a_trailing_value_counts_before_an_initial_one() -> None:
    assert to_headers([("etag", "old")], [("etag", "new")]) == {"etag": "new"}


@pytest.mark.parametrize(
    ("written", "meant"), [("500m", 0.5), ("5S", 5.0), ("1M", 60.0), ("99999999H", LONGEST), ("0n", 0.0), ("7u", 7e-6)]
)
def test_a_timeout_is_read_as_grpc_writes_it_and_cut_to_the_longest(written: str, meant: float) -> None:
    assert seconds([("Grpc-Timeout", written)]) == pytest.approx(meant)


def test_a_caller_who_sets_no_timeout_gets_the_usual_one() -> None:
    assert seconds([]) == USUAL


@pytest.mark.parametrize("written", ["", "5", "S", "5s", "-5S", "5.0S", "123456789S", "5S ", "٥S"])
def test_a_timeout_that_is_written_otherwise_is_refused(written: str) -> None:
    with pytest.raises(BadHeader):
        seconds([("grpc-timeout", written)])


def test_two_timeouts_are_refused() -> None:
    with pytest.raises(BadHeader):
        seconds([("grpc-timeout", "5S"), ("grpc-timeout", "5S")])
