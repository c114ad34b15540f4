"""What checks the chapter's exercise on fencing: a store of the reader's, under every order of steps."""

from __future__ import annotations

from typing import Protocol

from companion.calls.coordination.clocks import Clock
from companion.calls.coordination.leases.booking import Airline, schedules


class Seat(Protocol):
    """What the exercise asks for."""

    bookings: list[str]

    def is_free(self, token: int) -> bool: ...

    def book(self, who: str, token: int) -> bool: ...


class _Theirs(Airline):
    def __init__(self, clock: Clock, seat: Seat) -> None:
        super().__init__(clock, seat.bookings)
        self._seat = seat

    def is_free(self, token: int = 0) -> bool:
        return self._seat.is_free(token)

    def book(self, who: str, token: int = 0, unique: bool = False) -> bool:
        return self._seat.book(who, token)


def sold_twice(make: type[Seat]) -> tuple[int, int]:
    """Say how many orders of two clients' steps sell such a seat twice, and how many orders there are."""
    return schedules("token on reads and writes", make=lambda clock: _Theirs(clock, make()))
