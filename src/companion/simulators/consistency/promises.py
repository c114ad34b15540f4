"""The consistency models as one question: is there an order of the operations in which one copy answers so?

They differ in what the order must respect, and in whether there is one order for all or one for each process. Brute
force over all orders: for histories of a handful of operations, to think with; `companion.history` decides real ones.

References: Herlihy and Wing 1990; Lamport 1979 (sequential); Ahamad et al. 1995 (causal); Viotti and Vukolić 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from companion.history.events import Operation
from companion.history.session import session_guarantees

History = Sequence[Operation]
Before = Callable[[Operation, Operation], bool]


def explained(history: History, before: Before) -> bool:
    """Tell whether one copy, asked in some order, would have answered as the history has it.

    Parameters
    ----------
    history : sequence of Operation
        Reads and writes that have ended; eight at most, or it takes long.
    before : callable
        ``before(one, other)`` tells whether the order must have `one` in front of `other`.
    """
    return any(
        one_copy(order) and not any(before(later, earlier) for earlier, later in combinations(order, 2))
        for order in permutations(history)
    )


def one_copy(order: History) -> bool:
    """Tell whether one copy, asked in this order, answers each read with the latest write."""
    copy: dict[str, Hashable] = {}
    for one in order:
        if one.f == "write":
            copy[one.key] = one.value
        elif copy.get(one.key) != one.value:
            return False
    return True


def real_time(one: Operation, other: Operation) -> bool:
    """Tell whether an operation had ended before another began."""
    return one.returned is not None and one.returned < other.invoked


def same_process(one: Operation, other: Operation) -> bool:
    """Tell whether a process asked for one before the other."""
    return one.process == other.process and one.invoked < other.invoked


def linearizable(history: History) -> bool:
    """One order for all, which respects real time."""
    return explained(history, real_time)


def sequential(history: History) -> bool:
    """One order for all, which respects what each process did before what."""
    return explained(history, same_process)


def causal(history: History) -> bool:
    """An order for each process, of all writes and its own reads, which respects what may have caused what."""
    after = causes(history)
    return all(
        explained([one for one in history if one.f == "write" or one.process == process],
                  lambda one, other: (one, other) in after)
        for process in {one.process for one in history}
    )  # fmt: skip


def causes(history: History) -> set[tuple[Operation, Operation]]:
    """Collect what may have caused what: a process's own past, a read's write, and the causes of causes."""
    found = {
        (one, other)
        for one in history
        for other in history
        if same_process(one, other)
        or (one.f == "write" and other.f == "read" and (one.key, one.value) == (other.key, other.value))
    }
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def sessions(history: History) -> bool:
    """No process sees one of the four session guarantees broken."""
    return not session_guarantees(history).broken


def reads_its_writes(history: History) -> bool:
    """Keep one of the four guarantees, and promise nothing about the other three."""
    return not session_guarantees(history).of("read your writes")


@dataclass(frozen=True)
class Arrow:
    """A model, one that it implies, and what is given up on the way."""

    stronger: str
    weaker: str
    gives_up: str


ARROWS = (
    Arrow("strict serializable", "serializable", "the order of real time"),
    Arrow("strict serializable", "linearizable", "transactions over several keys"),
    Arrow(
        "linearizable", "sequential", "the order of real time: an old answer is allowed if one order explains them all"
    ),
    Arrow("sequential", "causal", "one order for all: two who watch may see unrelated writes in different orders"),
    Arrow("causal", "session guarantees", "all four guarantees at once: each of them is promised by itself"),
)
"""The map. Session guarantees are promised one by one; together the four amount to causal (Brzeziński et al. 2004).

Eventual consistency is on no arrow: it says what must come at last, and the others what no read may show. Linearizable
reads agree at last all the same; two observers who keep their own orders for ever are causal, and never agree.
"""
