"""A lookup service as Jini has it: services are listed on lease, and found by what they are.

Whoever registers says for how long, and renews in time. A service that dies renews nothing, and its entry lapses: the
lookup service need not notice the death. `longest` is the longest lease that is granted, whatever is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from companion.calls.coordination.clocks import Clock, HandClock
from companion.calls.coordination.line_server import Talk
from companion.calls.coordination.lines import Caller, Json
from companion.errors import CompanionError

FOREVER = math.inf
MOST_ENTRIES = 1_000
MOST_ATTRIBUTES = 16
MOST_LETTERS = 200

Attributes = Mapping[str, str]


class LookupRefused(CompanionError):
    """A request that the lookup service refuses; the message says why."""


@dataclass(frozen=True)
class Lease:
    """The right to be listed: a number that is never used twice, and the time at which it ends."""

    number: int
    until: float


@dataclass(frozen=True)
class Entry:
    """A service as it is found: where it was when it last spoke, and how many seconds ago that was."""

    attributes: Attributes
    address: tuple[str, int]
    age: float


@dataclass
class _Listed:
    attributes: Attributes
    address: tuple[str, int]
    until: float
    spoke: float


class Lookup:
    """Lists services on lease.

    Parameters
    ----------
    clock : callable
        Gives the time in seconds.
    longest : float
        The longest lease granted, in seconds; `FOREVER` grants whatever is asked for.
    """

    def __init__(self, clock: Clock, longest: float = FOREVER) -> None:
        self._clock = clock
        self._longest = longest
        self._listed: dict[int, _Listed] = {}
        self._numbers = 0
        self._watchers: list[tuple[Attributes, Callable[[str, Attributes], None]]] = []

    def register(self, attributes: Attributes, address: tuple[str, int], seconds: float) -> Lease:
        """List a service; the lease may be shorter than was asked for."""
        checked_attributes(attributes)
        self.lapse()
        if len(self._listed) >= MOST_ENTRIES:
            raise LookupRefused(f"{MOST_ENTRIES} services are listed, and no more")
        now, until = self._clock(), self._end(seconds)
        self._numbers += 1
        self._listed[self._numbers] = _Listed(dict(attributes), address, until, now)
        self._tell("came", attributes)
        return Lease(self._numbers, until)

    def renew(self, number: int, seconds: float) -> bool:
        """Go on being listed; False if the lease is over, and then one registers anew."""
        self.lapse()
        until = self._end(seconds)
        if number not in self._listed:
            return False
        self._listed[number].until, self._listed[number].spoke = until, self._clock()
        return True

    def drop(self, number: int) -> bool:
        """Stop being listed; False if that was so already."""
        self.lapse()
        listed = self._listed.pop(number, None)
        if listed is not None:
            self._tell("left", listed.attributes)
        return listed is not None

    def find(self, template: Attributes) -> list[Entry]:
        """Give the services that have all these attributes, those that spoke last first."""
        self.lapse()
        now = self._clock()
        found = [one for one in self._listed.values() if described(template, one.attributes)]
        found.sort(key=lambda one: -one.spoke)
        return [Entry(one.attributes, one.address, now - one.spoke) for one in found]

    def watch(self, template: Attributes, tell: Callable[[str, Attributes], None]) -> None:
        """Call `tell` with ``came``, ``left`` or ``lapsed`` and the attributes of each service that fits."""
        self._watchers.append((checked_attributes(template), tell))

    def lapse(self) -> float | None:
        """Take out what is not renewed; give the seconds to the next end of a lease, or None."""
        now = self._clock()
        for number in [number for number, one in self._listed.items() if one.until <= now]:
            self._tell("lapsed", self._listed.pop(number).attributes)
        left = min((one.until - now for one in self._listed.values()), default=FOREVER)
        return None if left == FOREVER else left

    def _end(self, seconds: float) -> float:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
            raise LookupRefused(f"a lease of {seconds!r} seconds; it takes a number above 0")
        return self._clock() + min(seconds, self._longest)

    def _tell(self, what: str, attributes: Attributes) -> None:
        for template, tell in self._watchers:
            if described(template, attributes):
                tell(what, attributes)


def described(template: Attributes, attributes: Attributes) -> bool:
    """Say whether the attributes are all that the template asks for, or more."""
    return template.items() <= attributes.items()


def checked_attributes(words: object) -> Attributes:
    """Give the attributes, or raise `LookupRefused` for what is none."""
    if not isinstance(words, Mapping) or len(words) > MOST_ATTRIBUTES:
        raise LookupRefused(f"attributes are names with values, at most {MOST_ATTRIBUTES}")
    for text in [*words, *words.values()]:
        if not isinstance(text, str) or len(text) > MOST_LETTERS:
            raise LookupRefused(f"an attribute is a text of at most {MOST_LETTERS} letters")
    return words


class LookupService:
    """Carries out requests of all connections on one `Lookup`. A closed connection ends no lease: only time does."""

    def __init__(self, clock: Clock, longest: float = FOREVER) -> None:
        self.clock = clock
        self.lookup = Lookup(clock, longest)

    def handle(self, talk: Talk, request: Json) -> None:
        """Carry out a request, and answer it."""
        talk.answer(self._answer(request))

    def _answer(self, request: Json) -> Json:
        match request:
            case {"op": "register", "attributes": attributes, "address": [str() as host, int() as port]}:
                lease = self.lookup.register(checked_attributes(attributes), (host, port), _seconds(request))
                return {"lease": lease.number, "seconds": _told(lease.until - self.clock())}
            case {"op": "renew", "lease": int() as number}:
                return {"ok": self.lookup.renew(number, _seconds(request))}
            case {"op": "drop", "lease": int() as number}:
                return {"ok": self.lookup.drop(number)}
            case {"op": "find", "template": template}:
                found = self.lookup.find(checked_attributes(template))
                return {"found": [[dict(one.attributes), list(one.address), one.age] for one in found[:100]]}
            case {"op": "pass", "seconds": int() | float() as seconds} if isinstance(self.clock, HandClock):
                self.clock.pass_(max(seconds, 0.0))
                return {"ok": True}
        raise LookupRefused(f"no request: {str(request)[:60]}")

    def closed(self, talk: Talk) -> None:
        """Do nothing: a service may close its connection and live."""

    def tend(self) -> float | None:
        """Take out what is not renewed."""
        seconds = self.lookup.lapse()
        return None if isinstance(self.clock, HandClock) else seconds


def _seconds(request: Json) -> float:
    asked: Any = request.get("seconds")
    return FOREVER if asked == "forever" else asked


def _told(seconds: float) -> float | str:
    return "forever" if seconds == FOREVER else seconds


class LookupClient:
    """One connection to a lookup service; use it in a ``with`` block."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._caller = Caller(address)

    def register(self, attributes: Attributes, address: tuple[str, int], seconds: float) -> tuple[int, float]:
        """List a service; give the lease's number and the seconds that were granted."""
        request = {"op": "register", "attributes": dict(attributes), "address": list(address)}
        answer = self._caller.call(request | {"seconds": _told(seconds)})
        return int(answer["lease"]), _seconds(answer)

    def renew(self, number: int, seconds: float) -> bool:
        """Go on being listed; False if the lease is over."""
        return bool(self._caller.call({"op": "renew", "lease": number, "seconds": _told(seconds)})["ok"])

    def drop(self, number: int) -> bool:
        """Stop being listed; False if that was so already."""
        return bool(self._caller.call({"op": "drop", "lease": number})["ok"])

    def find(self, template: Attributes) -> list[Entry]:
        """Give the services that have all these attributes, at most 100."""
        found = self._caller.call({"op": "find", "template": dict(template)})["found"]
        return [Entry(attributes, (host, port), age) for attributes, (host, port), age in found]

    def pass_time(self, seconds: float) -> None:
        """Set the clock of an experiment on by so many seconds."""
        self._caller.call({"op": "pass", "seconds": seconds})

    def __enter__(self) -> LookupClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._caller.close()
