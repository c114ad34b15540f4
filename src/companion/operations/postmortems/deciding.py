"""Whether an incident needs a post mortem, and who may read it: the article's "When to write one" as a function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Fact(StrEnum):
    """What may be true of an incident."""

    CUSTOMERS = "customers"
    OBJECTIVE = "objective"
    SECURITY = "security"
    OUTAGE = "outage"
    EMERGENCY = "emergency"
    NEAR_MISS = "near-miss"
    EDGE_CASE = "edge-case"
    OTHER_TEAMS = "other-teams"
    DELAY = "delay"
    UNSURE = "unsure"


class Need(StrEnum):
    """How much an incident asks for a post mortem."""

    ALWAYS = "write one"
    CONSIDER = "strongly consider one"
    INTERNAL = "write at least an internal one"
    NONE = "none is needed"


ALWAYS = {
    Fact.CUSTOMERS: "customers' service was disrupted",
    Fact.OBJECTIVE: "an agreed or promised level of service was missed",
    Fact.SECURITY: "it is a security incident",
    Fact.OUTAGE: "the service was out completely",
    Fact.EMERGENCY: "it took an emergency escalation, or several teams",
}
"""The facts of which each asks for one, whatever else is true."""

CONSIDER = {
    Fact.NEAR_MISS: "it was a near miss, of which luck made no more",
    Fact.EDGE_CASE: "it is an unusual case that others can learn from",
    Fact.OTHER_TEAMS: "an internal fault disrupted other teams",
    Fact.DELAY: "a process broke down and delayed a project considerably",
}
"""The facts that speak for one."""

LITMUS = "whoever debates whether it needs one has something to write down"
"""The litmus test."""


@dataclass(frozen=True)
class Decision:
    """What to do, and why.

    Attributes
    ----------
    need : Need
        Whether to write one.
    reasons : tuple of str
        What speaks for it, the strongest first.
    separate : bool
        Whether it is kept apart with limited access, and only its lessons are shared.
    """

    need: Need
    reasons: tuple[str, ...]
    separate: bool = False

    @property
    def text(self) -> str:
        """The decision in a sentence or two."""
        said = f"{self.need.value.capitalize()}: {'; '.join(self.reasons)}."
        if self.separate:
            said += " Keep it apart, for few readers, and share its lessons without the details."
        return said


def should_write(facts: Iterable[Fact]) -> Decision:
    """Decide by what is true of an incident.

    Parameters
    ----------
    facts : iterable of Fact
        What is known; what is not named is taken as untrue.

    Examples
    --------
    >>> should_write([Fact.NEAR_MISS]).need
    <Need.CONSIDER: 'strongly consider one'>
    >>> should_write([Fact.SECURITY]).separate
    True
    """
    true = set(facts)
    reasons = [why for fact, why in (ALWAYS | CONSIDER).items() if fact in true]
    if true & ALWAYS.keys():
        need = Need.ALWAYS
    elif true & CONSIDER.keys():
        need = Need.CONSIDER
    elif Fact.UNSURE in true:
        need, reasons = Need.INTERNAL, [LITMUS]
    else:
        need, reasons = Need.NONE, ["nothing of what asks for one is true of it"]
    return Decision(need, tuple(reasons), Fact.SECURITY in true)
