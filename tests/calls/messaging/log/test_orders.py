"""Events of two versions, what readers make of them, and state that is rebuilt."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.messaging.log.orders import (
    MOST_BYTES,
    READERS,
    LogError,
    Snapshot,
    fold,
    history,
    parse,
    rebuild,
    skip,
    stop,
    upcast,
)


def numbered(events: list[tuple[str, bytes]], step: int = 1) -> list[tuple[int, bytes]]:
    return [(step * number, data) for number, (_, data) in enumerate(events, 1)]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12), st.integers(0, 12), st.integers(1, 5), st.data())
def test_the_accounts_from_any_snapshot_are_those_that_were_kept_live(
    seed: int, old: int, new: int, step: int, data: st.DataObject
) -> None:
    orders = history(seed, old, new)
    log = numbered(orders.events, step)
    known = data.draw(st.integers(0, old + new))
    snapshot = Snapshot(known * step, orders.live[known - 1] if known else {})
    behind = data.draw(st.integers(0, known))
    expected = Snapshot((old + new) * step, orders.live[-1])
    assert rebuild(log, snapshot) == expected, "from the whole log"
    assert rebuild(log[behind:], snapshot) == expected, "from a log that begins somewhere before the snapshot"
    assert fold(log[known:], accounts=snapshot.accounts) == expected.accounts


def test_replaying_what_is_in_the_snapshot_counts_it_twice() -> None:
    orders = history(5)
    log = numbered(orders.events)
    assert fold(log, accounts=orders.live[5]) != orders.live[-1]
    assert fold(log[5:], accounts=orders.live[5]) != orders.live[-1]
    assert fold(log[6:], accounts=orders.live[5]) == orders.live[-1]


@pytest.mark.parametrize("seed", range(5))
def test_only_a_reader_that_translates_old_events_gives_the_live_accounts(seed: int) -> None:
    orders = history(seed)
    log = numbered(orders.events)
    right = []
    for name, read in READERS.items():
        try:
            right += [name] if fold(log, read) == orders.live[-1] else []
        except LogError:
            assert name == "stop"
    assert right == ["upcast"]


def test_a_reader_that_stops_says_at_which_event() -> None:
    orders = history(1)
    with pytest.raises(LogError, match=r"^event 1: version none$"):
        fold(numbered(orders.events), stop)
    assert sum(count for count, _ in fold(numbered(orders.events), skip).values()) == 8, "four are passed over"


def test_an_amount_of_two_years_ago_loses_no_cent() -> None:
    for cents in (1999, 435, 1, 0, -1999, 99_999_999):
        data = json.dumps({"customer_id": "ada", "amount": cents / 100}).encode()
        assert upcast(parse(data)) == {"v": 2, "customer_id": "ada", "cents": cents}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"1e999999999",
        b'{"amount": 1}',
        b'{"customer_id": 7, "amount": 1}',
        b'{"customer_id": "ada"}',
        b'{"customer_id": "ada", "amount": NaN}',
        b'{"customer_id": "ada", "amount": 1e999999999}',
        b'{"customer_id": "ada", "amount": 0.001}',
        b'{"customer_id": "ada", "amount": 1e-999999999}',
        b'{"customer_id": "ada", "amount": 19.99' + b"0" * 40 + b"1}",
        b'{"customer_id": "ada", "amount": true}',
        b'{"customer_id": "ada", "amount": "1"}',
        b'{"customer_id": "ada", "v": 3, "cents": 1}',
        b'{"customer_id": "ada", "v": 2, "cents": true}',
        b'{"customer_id": "ada", "v": 2, "cents": 1e2}',
        b'{"customer_id": "ada", "v": 2}',
        b'{"customer_id": "ada", "v": [], "cents": 1}',
        b'{"customer_id": "ada", "v": 2, "cents": ' + b"9" * 5000 + b"}",
        b"[" * 9000,
        b'"' + b"x" * MOST_BYTES + b'"',
    ],
)
def test_what_is_no_order_is_refused_with_its_sequence(data: bytes) -> None:
    with pytest.raises(LogError, match=r"^event 7: "):
        fold([(7, data)])


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert isinstance(parse(data), dict)
    except LogError as error:
        assert str(error)
