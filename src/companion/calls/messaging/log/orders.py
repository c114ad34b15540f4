"""Orders as events, in the two forms that they have had, and the accounts that follow from them.

Version 1 is what the article's producer sends: an amount such as 19.99, and no version. Version 2 has a version, and
whole cents. A log that is old enough holds both. Nobody rewrites it; whoever reads it has to know what was meant.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from companion.errors import CompanionError

MOST_BYTES = 10_000
"""Bytes of an event; a longer one is not looked at."""
MOST_CENTS = 10**12
"""No order is above it, so that no arithmetic on what came from outside takes long."""
PRICES = (1999, 435, 9999, 820, 12000)
"""Cents. The first two are lost by a cent if 19.99 and 4.35 are floats that are multiplied and cut."""
CUSTOMERS = ("ada", "bob", "cleo", "dan", "eve")

Event = dict[str, Any]
Accounts = Mapping[str, tuple[int, int]]
"""For each customer the number of orders and their sum in cents."""


class LogError(CompanionError):
    """An event that cannot be read, or a log that is no longer whole; the message says which and where."""


def parse(data: bytes) -> Event:
    """Read one event as it stands in the log, with amounts as decimal fractions.

    Raises
    ------
    LogError
        It is too long, or no JSON object with a customer.
    """
    if len(data) > MOST_BYTES:
        raise LogError(f"an event of {len(data)} bytes")
    try:
        event = json.loads(data, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise LogError(f"no JSON: {error}") from error
    if not isinstance(event, dict) or not isinstance(event.get("customer_id"), str):
        raise LogError("an event without a customer")
    return event


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def stop(event: Event) -> Event | None:
    """Read version 2 only, and stop at anything else."""
    if event.get("v") != 2:
        raise LogError(f"version {event.get('v', 'none')}")
    return event


def skip(event: Event) -> Event | None:
    """Read version 2, and pass over the rest."""
    return event if event.get("v") == 2 else None


def assume(event: Event) -> Event | None:
    """Take a missing field as 0, as a reader with defaults does."""
    return {"cents": 0, **event}


def cut(event: Event) -> Event | None:
    """Make cents of an amount by multiplying a float, and cut what is behind the point."""
    return event if "cents" in event else {**event, "cents": int(float(event["amount"]) * 100)}


def upcast(event: Event) -> Event | None:
    """Translate version 1 into version 2, exactly; refuse what is neither.

    Raises
    ------
    LogError
        An unknown version, or a sum that no order has.
    """
    if "v" not in event:
        amount: Any = event.get("amount")
        if type(amount) not in (int, Decimal) or not -MOST_CENTS <= amount <= MOST_CENTS:
            raise LogError("version 1 without an amount")
        whole = Decimal(amount).quantize(Decimal("0.01"))
        if whole != amount:
            raise LogError("an amount with a part of a cent")
        event = {"v": 2, "customer_id": event["customer_id"], "cents": int(whole * 100)}
    if event["v"] != 2 or type(event.get("cents")) is not int or abs(event["cents"]) > MOST_CENTS:
        raise LogError(f"version {event['v']!r}, or no cents")
    return event


READERS: dict[str, Callable[[Event], Event | None]] = {
    "stop": stop, "skip": skip, "assume 0": assume, "cut": cut, "upcast": upcast,
}  # fmt: skip
"""What a program of today may do with an event of version 1."""


@dataclass(frozen=True)
class Snapshot:
    """Accounts, and up to where in the log they count.

    Attributes
    ----------
    sequence : int
        The last event that is in the accounts; 0 when none is.
    accounts : mapping
        For each customer orders and cents.
    """

    sequence: int = 0
    accounts: Accounts = field(default_factory=dict)


def add(accounts: Accounts, event: Event) -> Accounts:
    """The accounts after one event of version 2."""
    orders, cents = accounts.get(event["customer_id"], (0, 0))
    return {**accounts, event["customer_id"]: (orders + 1, cents + event["cents"])}


def fold(
    log: Iterable[tuple[int, bytes]], read: Callable[[Event], Event | None] = upcast, accounts: Accounts | None = None
) -> Accounts:
    """Add every event of a log, whatever was added before; this is all that replay is.

    Raises
    ------
    LogError
        An event that `read` refuses, with its sequence.
    """
    for sequence, data in log:
        try:
            event = read(parse(data))
        except LogError as error:
            raise LogError(f"event {sequence}: {error}") from error
        if event is not None:
            accounts = add(accounts or {}, event)
    return accounts or {}


def rebuild(log: Iterable[tuple[int, bytes]], snapshot: Snapshot | None = None) -> Snapshot:
    """Add what is behind the snapshot, and nothing twice, wherever the log that one is given begins.

    Raises
    ------
    LogError
        An event that is neither version 1 nor version 2.
    """
    state = snapshot or Snapshot()
    for sequence, data in log:
        if sequence > state.sequence:
            state = Snapshot(sequence, fold([(sequence, data)], accounts=state.accounts))
    return state


@dataclass(frozen=True)
class History:
    """Orders of two years.

    Attributes
    ----------
    events : list of bytes
        As they were published, the first ones in version 1.
    live : sequence
        The accounts after each event, kept by the service that took the orders and never read from the log.
    """

    events: list[tuple[str, bytes]]
    live: Sequence[Accounts]


def history(seed: int, old: int = 4, new: int = 8) -> History:
    """Take orders: `old` of them two years ago, `new` since then.

    Returns
    -------
    History
        Events with the customer each is about.
    """
    rng = random.Random(seed)
    events, live, accounts = [], [], dict[str, tuple[int, int]]()
    for number in range(1, old + new + 1):
        who, cents = rng.choice(CUSTOMERS), PRICES[0] if number == 1 else rng.choice(PRICES)
        orders, total = accounts.get(who, (0, 0))
        accounts = {**accounts, who: (orders + 1, total + cents)}
        order: Event = {"order_id": str(1000 + number), "customer_id": who}
        order |= {"amount": cents / 100} if number <= old else {"v": 2, "cents": cents}
        events.append((who, json.dumps(order).encode()))
        live.append(accounts)
    return History(events, live)
