"""A ledger takes each key once."""

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.messaging.acknowledged.ledger import Ledger


@contextmanager
def a_ledger() -> Iterator[Ledger]:
    ledger = Ledger()
    try:
        yield ledger
    finally:
        ledger.close()


@settings(max_examples=50)
@given(st.lists(st.integers(0, 9), max_size=40))
def test_a_key_is_taken_once_however_often_it_comes(keys: list[int]) -> None:
    with a_ledger() as ledger:
        new = [ledger.handle(str(key), 1 + key) for key in keys]
        assert sum(new) == len(set(keys))
        assert ledger.taken == {str(key): 1 + key for key in keys}
        assert (ledger.deliveries, ledger.credulous) == (len(keys), sum(1 + key for key in keys))


def test_the_first_amount_of_a_key_stays() -> None:
    with a_ledger() as ledger:
        assert ledger.handle("a", 5) and not ledger.handle("a", 7)
        assert ledger.taken == {"a": 5}
