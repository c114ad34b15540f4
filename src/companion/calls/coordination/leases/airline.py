"""The seat of `booking` behind a socket, and clients that are processes, paused by SIGSTOP past their lease.

The clock is set by hand: a lease is over when the experiment says so, and a paused client really is stopped meanwhile.
"""

from __future__ import annotations

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases.booking import FIRST, LONG, Airline, last_before_write
from companion.calls.coordination.leases.lookup import Lease
from companion.calls.coordination.line_server import Talk, serving
from companion.calls.coordination.lines import Caller, Json
from companion.calls.coordination.puppets import Puppet
from companion.errors import CompanionError

MODULE = "companion.calls.coordination.leases.holder"


class AirlineRefused(CompanionError):
    """A request that is none; the message says which."""


class AirlineService:
    """Carries out the requests of all clients on one seat."""

    def __init__(self, airline: Airline) -> None:
        self.airline = airline

    def handle(self, talk: Talk, request: Json) -> None:
        """Carry out a request, and answer it."""
        talk.answer(self._answer(request))

    def _answer(self, request: Json) -> Json:
        match request:
            case {"op": "clock"}:
                return {"now": self.airline.clock()}
            case {"op": "acquire", "who": str() as who}:
                lease = self.airline.acquire(who)
                return {"lease": lease and [lease.number, lease.until]}
            case {"op": "renew", "lease": int() as number}:
                return {"ok": self.airline.renew(number)}
            case {"op": "free", "token": int() as token}:
                return {"ok": self.airline.is_free(token)}
            case {"op": "book", "who": str() as who, "token": int() as token, "unique": bool() as unique}:
                return {"ok": self.airline.book(who[:100], token, unique)}
        raise AirlineRefused(f"no request: {str(request)[:60]}")

    def closed(self, talk: Talk) -> None:
        """Do nothing: a lease ends by time alone."""

    def tend(self) -> float | None:
        """Do nothing: nothing happens by itself."""
        return None


class AirlineClient:
    """A desk behind a socket: what a client of `booking` needs."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._caller = Caller(address)

    def clock(self) -> float:
        """Look at the clock that all share."""
        return float(self._caller.call({"op": "clock"})["now"])

    def acquire(self, who: str) -> Lease | None:
        """Ask for a lease on the seat."""
        lease = self._caller.call({"op": "acquire", "who": who})["lease"]
        return lease and Lease(int(lease[0]), float(lease[1]))

    def renew(self, number: int) -> bool:
        """Ask for more time; False if the lease is over."""
        return bool(self._caller.call({"op": "renew", "lease": number})["ok"])

    def is_free(self, token: int = 0) -> bool:
        """Ask whether nobody has booked."""
        return bool(self._caller.call({"op": "free", "token": token})["ok"])

    def book(self, who: str, token: int = 0, unique: bool = False) -> bool:
        """Book; False if the store refuses."""
        return bool(self._caller.call({"op": "book", "who": who, "token": token, "unique": unique})["ok"])

    def __enter__(self) -> AirlineClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.close()


def run(design: str, point: str, wakes: str) -> Airline:
    """Do what `booking.play` does with two processes, the first of which is stopped by SIGSTOP at the point."""
    clock = HandClock()
    airline = Airline(clock)
    with (
        serving(AirlineService(airline)) as address,
        Puppet(MODULE, *address, design, "Ada") as ada,
        Puppet(MODULE, *address, design, "Bob") as bob,
    ):
        ada.until("ready")
        _go_to(ada, point)
        ada.pause()
        clock.pass_(LONG)
        bob.until("ready")
        if wakes == FIRST:
            _go_to(bob, last_before_write(design))
        else:
            bob.finish()
        ada.resume()
        ada.finish()
        bob.finish()
    return airline


def _go_to(client: Puppet, point: str) -> None:
    while client.go() not in (point, "the end"):
        continue
