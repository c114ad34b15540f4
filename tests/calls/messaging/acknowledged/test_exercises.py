"""Handlers of orders, under every crash and every two."""

from collections.abc import Callable
from typing import Any

import pytest

from companion.calls.messaging.acknowledged.exercises import Crash, Store, first_wrong, play

ORDERS = [
    {"id": "a", "account": "Ada", "amount": 5},
    {"id": "b", "account": "Bob", "amount": 5},
    {"id": "a", "account": "Ada", "amount": 5},
    {"id": "c", "account": "Ada", "amount": 5},
    {"id": "b", "account": "Bob", "amount": 5},
]
Make = Callable[[Store], Callable[[Any], None]]


def handler(*rows_of: Callable[[Any, int], dict[str, Any]]) -> Make:
    """A maker of handlers that write what these functions give, one after the other."""

    def make(store: Store) -> Callable[[Any], None]:
        def handle(message: Any) -> None:
            if not store.get("seen " + message["id"]):
                balance = store.get(message["account"], 0) + message["amount"]
                for rows in rows_of:
                    store.write(rows(message, balance))

        return handle

    return make


def key(message: Any, _: int) -> dict[str, Any]:
    return {"seen " + message["id"]: True}


def effect(message: Any, balance: int) -> dict[str, Any]:
    return {message["account"]: balance}


def test_key_and_effect_in_one_write_are_right_under_every_two_crashes() -> None:
    assert first_wrong(handler(lambda message, balance: key(message, 0) | effect(message, balance)), ORDERS) is None


@pytest.mark.parametrize(("writes", "found"), [((key, effect), 5), ((effect, key), 15)])
def test_key_first_loses_an_order_and_effect_first_takes_it_twice(writes: Any, found: int) -> None:
    verdict = first_wrong(handler(*writes), ORDERS)
    assert verdict is not None and verdict.crashes == ("after a write",)
    assert (verdict.account, verdict.found, verdict.right) == ("Ada", found, 10)


def test_a_key_in_memory_is_gone_with_the_process() -> None:
    def make(store: Store) -> Callable[[Any], None]:
        seen: set[str] = set()

        def handle(message: Any) -> None:
            if message["id"] not in seen:
                seen.add(message["id"])
                store.write({message["account"]: store.get(message["account"], 0) + message["amount"]})

        return handle

    verdict = first_wrong(make, ORDERS)
    assert verdict is not None and len(verdict.crashes) == 1 and verdict.found > verdict.right


def test_a_handler_without_keys_is_wrong_without_a_crash() -> None:
    verdict = first_wrong(handler(effect), ORDERS)
    assert verdict is not None and verdict.crashes == ()


def test_a_crash_before_a_write_leaves_the_store_as_it_was() -> None:
    def step(where: str) -> None:
        raise Crash(where)

    store = Store(step)
    with pytest.raises(Crash):
        store.write({"Ada": 1})
    assert store.rows == {}


def test_a_handler_that_always_crashes_is_given_up() -> None:
    store, steps = play(handler(effect), ORDERS, range(10_000))
    assert store.rows == {} and steps.passed == 200
