"""A quote, and what is said about it: to the broker, and to those who follow it.

broker, subject quotes.ACME     {"number": 3, "price": 100.25}
followers                       {"type": "quote", "seq": 17, "symbol": "ACME", "number": 3, "price": 100.25}
                                {"type": "heartbeat", "seq": 17}
answer to a poll                {"type": "quotes", "seq": 17, "quotes": [...]}
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from companion.errors import CompanionError

SYMBOL = re.compile(r"[A-Z][A-Z0-9]{0,11}")
MOST_BYTES = 64 * 1024
"""Bytes of a message of which no more are read."""
LARGEST = 2**53 - 1
"""The largest number that every reader of JSON takes for itself."""


class QuotesError(CompanionError):
    """A message that is none of ours, a feed that has ended, or instances that nobody reaches."""


@dataclass(frozen=True)
class Quote:
    """One price of one symbol.

    Attributes
    ----------
    seq : int
        Its place in the stream, which all symbols share: what is newer, and from where to go on.
    symbol : str
        Up to twelve capital letters and digits.
    number : int
        Its place among the quotes of its symbol, by which a follower notices that one is missing.
    price : float
    """

    seq: int
    symbol: str
    number: int
    price: float


@dataclass(frozen=True)
class Batch:
    """What one message brings: the quotes in it (none in a heartbeat), and from where to go on."""

    seq: int
    quotes: tuple[Quote, ...] = ()


def is_symbol(text: str) -> bool:
    """Say whether that could be a symbol."""
    return SYMBOL.fullmatch(text) is not None


def subject_of(symbol: str) -> str:
    """Name the broker's subject of a symbol."""
    return f"quotes.{symbol}"


def payload(number: int, price: float) -> bytes:
    """Write a quote for the broker, which gives it its place in the stream."""
    return json.dumps({"number": number, "price": price}).encode()


def from_broker(subject: str, seq: int, data: bytes) -> Quote:
    """Read what the broker delivers.

    Raises
    ------
    QuotesError
        It is no quote.
    """
    message = _object(data)
    return _quote(message | {"seq": seq, "symbol": subject.removeprefix("quotes.")})


@lru_cache(maxsize=64)
def quote_message(quote: Quote) -> str:
    """Write a quote for those who follow it; it is written once for all of them."""
    return json.dumps({"type": "quote", **asdict(quote)})


def heartbeat_message(seq: int) -> str:
    """Write the sign of life; `seq` is where a poller goes on from."""
    return json.dumps({"type": "heartbeat", "seq": seq})


def batch_message(batch: Batch) -> str:
    """Write the answer to a poll."""
    if not batch.quotes:
        return heartbeat_message(batch.seq)
    return json.dumps({"type": "quotes", "seq": batch.seq, "quotes": [asdict(quote) for quote in batch.quotes]})


def read_message(data: str | bytes) -> Batch:
    """Read what an instance sends, over either wire.

    Raises
    ------
    QuotesError
        It is none of the messages above, or too long.
    """
    message = _object(data)
    kind = message.get("type")
    if kind == "quote":
        quote = _quote(message)
        return Batch(quote.seq, (quote,))
    if kind not in ("heartbeat", "quotes"):
        raise QuotesError(f"a message of an unknown type: {str(kind)[:40]}")
    quotes = message.get("quotes", []) if kind == "quotes" else []
    if not isinstance(quotes, list) or not all(isinstance(each, dict) for each in quotes):
        raise QuotesError("quotes is no list of objects")
    return Batch(_whole(message, "seq"), tuple(map(_quote, quotes)))


def _object(data: str | bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise QuotesError(f"a message of more than {MOST_BYTES} bytes")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise QuotesError(f"a message that is no JSON: {str(error)[:80]}") from error
    if not isinstance(found, dict):
        raise QuotesError("a message that is no object")
    return found


def _quote(message: dict[str, Any]) -> Quote:
    symbol, price = message.get("symbol"), message.get("price")
    if not isinstance(symbol, str) or not is_symbol(symbol):
        raise QuotesError(f"no symbol: {str(symbol)[:40]}")
    if isinstance(price, bool) or not isinstance(price, int | float) or not _finite(price):
        raise QuotesError(f"no price: {str(price)[:40]}")
    return Quote(_whole(message, "seq"), symbol, _whole(message, "number"), float(price))


def _finite(price: float) -> bool:
    return abs(price) <= LARGEST and not math.isnan(price)


def _whole(message: dict[str, Any], name: str) -> int:
    value = message.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise QuotesError(f"{name} is no whole number that fits: {str(value)[:40]}")
    return value


__all__ = [
    "Batch",
    "Quote",
    "QuotesError",
    "batch_message",
    "from_broker",
    "heartbeat_message",
    "is_symbol",
    "payload",
    "quote_message",
    "read_message",
    "subject_of",
]
