"""The data plane: records that A writes and B reads, by real conversions, and what became of each.

Nothing here fails by chance. Values are drawn; whether one survives is decided by the standard library's own codecs,
JSON, calendar and decimal arithmetic.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact
from typing import Any

from companion.errors import CompanionError
from companion.simulators.interaction.result import Tally
from companion.simulators.interaction.settings import Settings

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BIRTHS = 25_567
"""Days from 1940 to the end of 2009."""

CENT = Decimal("0.01")
TAX = Decimal("0.075")
EXACT = 2**53 - 1
"""Up to here every integer has a float of its own (RFC 8259, section 6)."""
COLUMN = Decimal("0.00001")
"""The smallest step that B's column for amounts holds, DECIMAL(18, 5): enough for any price with the tax."""

PLAIN_NAMES = ("Anna", "James", "Maria", "Peter", "Fatima", "Kwame", "Priya", "Tom")
LATIN_NAMES = ("José", "Zoë", "Jürgen", "Søren", "François", "Núria")
OTHER_NAMES = ("Łukasz", "Zeynep Şahin", "王芳", "Γιώργος")


class UpstreamRefusal(CompanionError, ValueError):
    """A itself could not write the value."""


@dataclass(frozen=True)
class Item:
    """A value on its way: what A means by it, what A holds, and whether it is one that the two read differently."""

    meant: Any
    held: Any
    odd: bool


@dataclass(frozen=True)
class Conversion:
    """How a value of one scenario travels: drawn by the seed, written by A as bytes, read by B."""

    draw: Callable[[random.Random, bool], Item]
    write: Callable[[Settings, Item], bytes]
    read: Callable[[Settings, bytes], Any]


def draw_birth(rng: random.Random, odd: bool) -> Item:
    """Draw a date of birth between 1940 and 2009, each day as likely as the next."""
    birth = datetime(1940, 1, 1, tzinfo=UTC) + timedelta(days=rng.randrange(BIRTHS))
    return Item(birth, birth, odd)


def write_birth(settings: Settings, item: Item) -> bytes:
    """Write a long of milliseconds where an old client does so, and ISO 8601 otherwise."""
    long = item.odd and not settings.shared_schema
    value = (item.held - EPOCH) // timedelta(milliseconds=1) if long else item.held.isoformat()
    return json.dumps({"born": value}).encode()


def read_birth(settings: Settings, sent: bytes) -> datetime | None:
    """Take a text as ISO 8601 and a long as seconds; what is no date is an error or NULL."""
    value = json.loads(sent)["born"]
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    try:
        return EPOCH + timedelta(seconds=value)
    except OverflowError:
        if settings.on_error == "strict":
            raise
        return None


def draw_name(rng: random.Random, odd: bool) -> Item:
    """Draw a name: plain, or odd, of which one in five has letters that latin-1 lacks."""
    names: tuple[str, ...] = PLAIN_NAMES
    if odd:
        names = OTHER_NAMES if rng.random() < 0.2 else LATIN_NAMES
    name = rng.choice(names)
    return Item(name, name, odd)


def _encodings(settings: Settings) -> tuple[str, str]:
    if settings.shared_schema:
        return "utf-8", "utf-8"
    writes, reads = settings.encodings.split(" to ")
    return writes, reads


def write_name(settings: Settings, item: Item) -> bytes:
    """Encode a name as A does; a letter that the encoding lacks is an error, or a question mark."""
    try:
        return bytes(item.held.encode(_encodings(settings)[0], settings.on_error))
    except UnicodeEncodeError as error:
        raise UpstreamRefusal(str(error)) from error


def read_name(settings: Settings, sent: bytes) -> str:
    """Decode a name as B does; bytes that are no letter are an error, or U+FFFD."""
    return sent.decode(_encodings(settings)[1], settings.on_error)


def draw_amount(rng: random.Random, odd: bool) -> Item:
    """Draw a price of up to 200, with tax if it is odd: A holds it in binary, and means the cents, rounded half up."""
    price = Decimal(rng.randrange(1, 20_000)) * CENT
    if not odd:
        return Item(price, float(price), odd)
    return Item((price * (1 + TAX)).quantize(CENT, ROUND_HALF_UP), float(price) * float(1 + TAX), odd)


def draw_order(rng: random.Random, odd: bool) -> Item:
    """Draw an order number: a short one, or an odd one of 54 to 63 bits, each length as likely as the next."""
    bits = rng.randrange(54, 64) if odd else 30
    number = rng.randrange(2 ** (bits - 1), 2**bits)
    return Item(number, number, odd)


def write_order(settings: Settings, item: Item) -> bytes:
    """Write decimal text where the schema says so, and a JSON number otherwise."""
    return json.dumps({"order": str(item.held) if settings.shared_schema else item.held}).encode()


def read_order(settings: Settings, sent: bytes) -> int:
    """Take text for what it says, and a number for a float; one beyond what a float holds is an error, or rounded."""
    value = json.loads(sent)["order"]
    if isinstance(value, int) and settings.on_error == "strict" and abs(value) > EXACT:
        raise ValueError(f"{value} is beyond the integers that a float holds")
    return int(value) if isinstance(value, str) else int(float(value))


def write_amount(settings: Settings, item: Item) -> bytes:
    """Write decimal text where the schema says so, and the JSON number that A holds otherwise."""
    return json.dumps({"amount": str(item.meant) if settings.shared_schema else item.held}).encode()


def read_amount(settings: Settings, sent: bytes) -> Decimal:
    """Read digits as they are, and fit them to the column: what does not fit is an error, or rounded to cents."""
    value = Decimal(json.loads(sent, parse_float=Decimal)["amount"])
    if settings.on_error == "strict":
        value = value.quantize(COLUMN, context=Context(traps=[Inexact]))
    return value.quantize(CENT, ROUND_HALF_UP)


BIRTH = Conversion(draw_birth, write_birth, read_birth)
NAME = Conversion(draw_name, write_name, read_name)
AMOUNT = Conversion(draw_amount, write_amount, read_amount)
ORDER = Conversion(draw_order, write_order, read_order)


def conversion_of(settings: Settings) -> Conversion:
    """Give the conversion of a scenario of the data plane."""
    if settings.failure_scenario == "types":
        return AMOUNT if settings.numbers == "amounts" else ORDER
    return BIRTH if settings.failure_scenario == "metadata" else NAME


def convert(settings: Settings, conversion: Conversion, item: Item) -> str:
    """Send one value, and say what became of it.

    Returns
    -------
    str
        ``delivered``, ``changed`` (B stores something else), ``refused`` (B raises) or ``refused by A`` (A does).
    """
    try:
        return "delivered" if conversion.read(settings, conversion.write(settings, item)) == item.meant else "changed"
    except UpstreamRefusal:
        return "refused by A"
    except (ValueError, ArithmeticError):
        return "refused"


def stream(settings: Settings, rng: random.Random, tally: Tally) -> Iterator[float]:
    """Send records until the duration is over; yields the time of each (s)."""
    conversion, now = conversion_of(settings), 0.0
    while (now := now + rng.expovariate(settings.request_rate)) < settings.duration:
        outcome = convert(settings, conversion, conversion.draw(rng, rng.random() < settings.odd_share))
        if outcome == "refused by A":
            tally.counts["refused_by_a"] += 1
        tally.settle(outcome.removesuffix(" by A"), now)
        yield now


def rehearse(settings: Settings, records: int = 1000) -> Counter[str]:
    """Write and read so many odd records before any traffic does, and count what became of them: a write-read test."""
    conversion, rng = conversion_of(settings), random.Random(settings.seed)
    return Counter(convert(settings, conversion, conversion.draw(rng, True)) for _ in range(records))
