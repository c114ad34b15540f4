"""One seat, and clients that hold it on lease: six designs, of which four sell it twice.

A client acquires the lease, reads whether the seat is free, checks what its design checks, and writes. Each design is a
generator that yields the name of each point at which its client may be paused. A paused client does not know that time
has passed; what it learnt before its pause it takes for true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from companion.calls.coordination.clocks import Clock, HandClock
from companion.calls.coordination.leases.lookup import Lease

LEASE = 10.0
"""Seconds of a lease on a seat."""
LONG = 60.0
"""Seconds that a pause lasts: longer than a lease."""
ACQUIRED, READ, CHECKED, WRITTEN = "acquired", "read", "checked", "written"
POINTS = (ACQUIRED, READ, CHECKED, WRITTEN)


class Desk(Protocol):
    """What a client needs: the lock, the store, and its own clock."""

    def clock(self) -> float: ...

    def acquire(self, who: str) -> Lease | None: ...

    def renew(self, number: int) -> bool: ...

    def is_free(self, token: int = 0) -> bool: ...

    def book(self, who: str, token: int = 0, unique: bool = False) -> bool: ...


@dataclass
class Airline:
    """The lock service and the store of one seat.

    Attributes
    ----------
    clock : callable
        Gives the time in seconds.
    bookings : list of str
        Who has booked the seat; two names are a double booking.
    newest : int
        The highest token that the store has seen.
    """

    clock: Clock
    bookings: list[str] = field(default_factory=list)
    newest: int = 0
    refused: list[str] = field(default_factory=list)
    _lease: Lease | None = None
    _leases: int = 0

    def acquire(self, who: str) -> Lease | None:
        """Give a lease on the seat, with a higher number than all before it; None while somebody else has one."""
        if self._lease is not None and self.clock() < self._lease.until:
            return None
        self._leases += 1
        self._lease = Lease(self._leases, self.clock() + LEASE)
        return self._lease

    def renew(self, number: int) -> bool:
        """Make a lease longer; False if it is over, or another's."""
        if self._lease is None or self._lease.number != number or self.clock() >= self._lease.until:
            return False
        self._lease = Lease(number, self.clock() + LEASE)
        return True

    def is_free(self, token: int = 0) -> bool:
        """Say whether nobody has booked; a token is remembered, 0 is none."""
        self.newest = max(self.newest, token)
        return not self.bookings

    def book(self, who: str, token: int = 0, unique: bool = False) -> bool:
        """Book, unless a token is older than one that was seen, or the seat is to be unique and is taken."""
        if (token and token < self.newest) or (unique and self.bookings):
            self.refused.append(who)
            return False
        self.newest = max(self.newest, token)
        self.bookings.append(who)
        return True


def no_check(desk: Desk, who: str) -> Iterator[str]:
    """Trust that the lease lasts long enough."""
    if desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free()
        yield READ
        if free:
            desk.book(who)
            yield WRITTEN


def own_clock(desk: Desk, who: str) -> Iterator[str]:
    """Look at the clock just before the write."""
    if lease := desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free()
        yield READ
        in_time = desk.clock() < lease.until
        yield CHECKED
        if free and in_time:
            desk.book(who)
            yield WRITTEN


def renewal(desk: Desk, who: str) -> Iterator[str]:
    """Renew the lease just before the write."""
    if lease := desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free()
        yield READ
        still_ours = desk.renew(lease.number)
        yield CHECKED
        if free and still_ours:
            desk.book(who)
            yield WRITTEN


def token_on_writes(desk: Desk, who: str) -> Iterator[str]:
    """Send the lease's number along with the write."""
    if lease := desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free()
        yield READ
        if free:
            desk.book(who, token=lease.number)
            yield WRITTEN


def token_on_all(desk: Desk, who: str) -> Iterator[str]:
    """Send the lease's number along with the read as well."""
    if lease := desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free(token=lease.number)
        yield READ
        if free:
            desk.book(who, token=lease.number)
            yield WRITTEN


def unique_seat(desk: Desk, who: str) -> Iterator[str]:
    """Let the store refuse a second booking, whoever holds what."""
    if desk.acquire(who):
        yield ACQUIRED
        free = desk.is_free()
        yield READ
        if free:
            desk.book(who, unique=True)
            yield WRITTEN


DESIGNS: dict[str, Callable[[Desk, str], Iterator[str]]] = {
    "no check": no_check,
    "own clock": own_clock,
    "renewal": renewal,
    "token on writes": token_on_writes,
    "token on reads and writes": token_on_all,
    "unique seat": unique_seat,
}
FIRST, LAST = "wakes first", "writes last"
"""Whether a paused client wakes before the other one has written, or after."""
WAKES = (FIRST, LAST)


def play(design: str, point: str, wakes: str) -> Airline:
    """Pause Ada at a point, past her lease; let Bob book; let Ada go on before or after Bob's write."""
    clock = HandClock()
    airline = Airline(clock)
    ada, bob = (DESIGNS[design](airline, who) for who in ("Ada", "Bob"))
    for at in ada:
        if at == point:
            break
    clock.pass_(LONG)
    for at in bob:
        if wakes == FIRST and at == last_before_write(design):
            break
    for client in (ada, bob):
        for _ in client:
            continue
    return airline


def last_before_write(design: str) -> str:
    """Name the last point of a design before its write."""
    passed = list(DESIGNS[design](Airline(HandClock()), "Ada"))
    return passed[-2]


def outcomes() -> dict[tuple[str, str, str], int]:
    """Give the number of bookings for each design, point of the pause, and order of the two writes."""
    found = {}
    for design in DESIGNS:
        for point in DESIGNS[design](Airline(HandClock()), "Ada"):
            if point != WRITTEN:
                for wakes in WAKES:
                    found[design, point, wakes] = len(play(design, point, wakes).bookings)
    return found


def schedules(design: str, pauses: int = 2, make: Callable[[Clock], Airline] = Airline) -> tuple[int, int]:
    """Try every order in which the steps of two clients and so many long pauses can come.

    Parameters
    ----------
    design : str
        A key of `DESIGNS`.
    pauses : int
        How often a time passes that is longer than a lease.
    make : callable
        Gives the lock and the store, new for each order.

    Returns
    -------
    (int, int)
        How many orders sell the seat twice, and how many there are.
    """
    doubles = total = 0
    for order in _orders({"Ada": 4, "Bob": 4, "time": pauses}):
        clock = HandClock()
        airline = make(clock)
        clients = {who: DESIGNS[design](airline, who) for who in ("Ada", "Bob")}
        for who in order:
            if who == "time":
                clock.pass_(LONG)
            else:
                next(clients[who], None)
        total += 1
        doubles += len(airline.bookings) > 1
    return doubles, total


def _orders(left: dict[str, int]) -> Iterator[tuple[str, ...]]:
    if not any(left.values()):
        yield ()
    for who, count in left.items():
        if count:
            for rest in _orders(left | {who: count - 1}):
                yield (who, *rest)
