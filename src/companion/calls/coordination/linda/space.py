"""The tuple space itself, without sockets: what is there, what is held on lease, and who waits.

Tuples lie in a space that belongs to nobody: `out` puts one in, `take` (Linda's ``in``) takes one out, `read` (``rd``)
looks. One asks by a template, in which None fits anything and a type fits its values. Among tuples that fit the oldest
is given.

Whoever takes on a lease holds the tuple until the lease is over; then it is back in its place. `done` gives the lease
up, and puts the results in, in one step, and refuses when the lease is over: of all who have ever held a tuple one can
be done with it. Numbers of leases are never used twice. The clock is the caller's: any function that gives seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from companion.errors import CompanionError

Field = int | float | str | bool
Fields = tuple[Field, ...]
Pattern = Field | type | None
Template = Sequence[Pattern]

MOST_FIELDS = 32
MOST_TUPLES = 10_000
MOST_WAITERS = 1_000
TYPES = (int, float, str, bool)


class SpaceError(CompanionError):
    """What the space refuses to hold or to look for; the message says why."""


@dataclass(frozen=True)
class Held:
    """A tuple that was taken, and the number of the lease; None if it was taken for good."""

    fields: Fields
    lease: int | None = None


@dataclass(frozen=True)
class _Loan:
    number: int
    fields: Fields
    until: float
    owner: object


@dataclass(eq=False)
class _Waiter:
    template: Template
    answer: Callable[[Held], None]
    owner: object
    keep: bool
    lease: float | None
    key: object = field(default_factory=object)


def fits(template: Template, fields: Fields) -> bool:
    """Say whether a tuple is one that the template describes; True is no int here, and 1 no float."""
    return len(template) == len(fields) and all(map(_fits, template, fields))


def _fits(wanted: Pattern, value: Field) -> bool:
    if wanted is None:
        return True
    if isinstance(wanted, type):
        return type(value) is wanted
    return type(value) is type(wanted) and value == wanted


def checked_fields(fields: Iterable[object]) -> Fields:
    """Give the tuple, or raise `SpaceError` for what is none: no fields, too many, or one of another type."""
    made = tuple(fields)
    if not 0 < len(made) <= MOST_FIELDS:
        raise SpaceError(f"{len(made)} fields; a tuple has 1 to {MOST_FIELDS}")
    for value in made:
        if type(value) not in TYPES or (isinstance(value, float) and not math.isfinite(value)):
            raise SpaceError(f"{value!r} is no int, float, str or bool")
    return made  # type: ignore[return-value]


def checked_lease(seconds: float | None) -> float | None:
    """Give the length of a lease, or raise `SpaceError` for one that is not a positive number of seconds."""
    if seconds is not None and (
        isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf
    ):
        raise SpaceError(f"lease = {seconds!r}; it takes a number of seconds above 0")
    return seconds


class Space:
    """A tuple space.

    Parameters
    ----------
    clock : callable
        Gives the time in seconds, and never goes back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._tuples: dict[int, Fields] = {}
        self._loans: dict[int, _Loan] = {}
        self._waiters: list[_Waiter] = []
        self._made = 0
        self._lent = 0

    def out(self, fields: Iterable[Field]) -> None:
        """Put a tuple in."""
        made = checked_fields(fields)
        self._room(1)
        self._made += 1
        self._put(self._made, made)

    def take(self, template: Template, lease: float | None = None) -> Held | None:
        """Take the oldest tuple that fits, for good or on lease; None if there is none. It does not wait."""
        return self._find(template, keep=False, lease=checked_lease(lease), owner=None)

    def read(self, template: Template) -> Fields | None:
        """Give the oldest tuple that fits, and leave it there; None if there is none."""
        found = self._find(template, keep=True, lease=None, owner=None)
        return None if found is None else found.fields

    def ask(
        self,
        template: Template,
        answer: Callable[[Held], None],
        *,
        owner: object = None,
        keep: bool = False,
        lease: float | None = None,
    ) -> object:
        """Wait for a tuple: `answer` is called with it, now or when one comes, and is believed to have got it.

        Returns
        -------
        object
            What `forget` takes to end the waiting.
        """
        waiter = _Waiter(template, answer, owner, keep, checked_lease(lease))
        found = self._find(template, keep=keep, lease=lease, owner=owner)
        if found is not None:
            answer(found)
        elif len(self._waiters) >= MOST_WAITERS:
            raise SpaceError(f"{MOST_WAITERS} wait already")
        else:
            self._waiters.append(waiter)
        return waiter.key

    def forget(self, key: object) -> bool:
        """End a waiting; False if it had been answered."""
        before = len(self._waiters)
        self._waiters = [waiter for waiter in self._waiters if waiter.key is not key]
        return len(self._waiters) < before

    def done(self, lease: int, results: Iterable[Iterable[Field]] = ()) -> bool:
        """Give a lease up and put the results in, in one step; False, and nothing changes, if the lease is over."""
        made = [checked_fields(result) for result in results]
        self.expire()
        if lease not in self._loans:
            return False
        self._room(len(made) - 1)
        del self._loans[lease]
        for fields in made:
            self.out(fields)
        return True

    def renew(self, lease: int, seconds: float) -> bool:
        """Hold a tuple for so many seconds from now; False if the lease is over."""
        checked_lease(seconds)
        self.expire()
        loan = self._loans.get(lease)
        if loan is None:
            return False
        self._loans[lease] = _Loan(loan.number, loan.fields, self._clock() + seconds, loan.owner)
        return True

    def gone(self, owner: object) -> None:
        """Forget someone who is known to be gone: what they wait for, and what they hold on lease is back at once."""
        self._waiters = [waiter for waiter in self._waiters if waiter.owner != owner]
        for lease in [lease for lease, loan in self._loans.items() if loan.owner == owner]:
            self._give_back(lease)

    def expire(self) -> float | None:
        """Take back what is held on leases that are over; give the seconds to the next end of one, or None."""
        now = self._clock()
        for lease in [lease for lease, loan in self._loans.items() if loan.until <= now]:
            self._give_back(lease)
        return min((loan.until - now for loan in self._loans.values()), default=None)

    def count(self, template: Template | None = None) -> int:
        """Count the tuples that fit, or all; what is held does not count."""
        self.expire()
        return sum(template is None or fits(template, fields) for fields in self._tuples.values())

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiters)

    def _room(self, more: int) -> None:
        if len(self._tuples) + len(self._loans) + more > MOST_TUPLES:
            raise SpaceError(f"the space holds {MOST_TUPLES} tuples, and no more")

    def _find(self, template: Template, keep: bool, lease: float | None, owner: object) -> Held | None:
        if not 0 < len(template) <= MOST_FIELDS:
            raise SpaceError(f"a template has 1 to {MOST_FIELDS} fields")
        self.expire()
        for number in sorted(self._tuples):  # what came back from a lease is as old as it was
            if fits(template, self._tuples[number]):
                return self._give(number, self._tuples[number], keep, lease, owner)
        return None

    def _give(self, number: int, fields: Fields, keep: bool, lease: float | None, owner: object) -> Held:
        if keep:
            self._tuples[number] = fields
            return Held(fields)
        self._tuples.pop(number, None)
        if lease is None:
            return Held(fields)
        self._lent += 1
        self._loans[self._lent] = _Loan(number, fields, self._clock() + lease, owner)
        return Held(fields, self._lent)

    def _give_back(self, lease: int) -> None:
        loan = self._loans.pop(lease)
        self._put(loan.number, loan.fields)

    def _put(self, number: int, fields: Fields) -> None:
        """Give a tuple to whoever waits for it, readers first, then the first who takes; or keep it."""
        fitting = [waiter for waiter in self._waiters if fits(waiter.template, fields)]
        takers = [waiter for waiter in fitting if not waiter.keep][:1]
        served = [waiter for waiter in fitting if waiter.keep] + takers
        self._waiters = [waiter for waiter in self._waiters if waiter not in served]
        if not takers:
            self._tuples[number] = fields
        for waiter in served:
            if waiter.keep:
                waiter.answer(Held(fields))
            else:
                waiter.answer(self._give(number, fields, False, waiter.lease, waiter.owner))
