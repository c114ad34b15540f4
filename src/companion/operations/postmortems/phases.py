"""When an incident was triggered, felt, detected, diagnosed and over, as far as its timeline says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from companion.operations.postmortems.document import Document, Entry, Phase

DAY = 1440
"""Minutes."""


@dataclass(frozen=True)
class Phases:
    """Moments in minutes since midnight of the timeline's first day; None where no entry tells of it.

    Attributes
    ----------
    trigger : float or None
        When it began.
    impact : float or None
        When customers first felt it.
    detected : float or None
        When somebody, or an alert, first noticed.
    diagnosed : float or None
        When the cause was known.
    restored : float or None
        When the service was well again, for good.
    """

    trigger: float | None = None
    impact: float | None = None
    detected: float | None = None
    diagnosed: float | None = None
    restored: float | None = None

    @property
    def begin(self) -> float | None:
        """The trigger, or where no entry tells of it the first impact."""
        return self.impact if self.trigger is None else self.trigger

    @property
    def to_detect(self) -> float | None:
        """Minutes from the beginning to the detection."""
        return _between(self.begin, self.detected)

    @property
    def to_diagnose(self) -> float | None:
        """Minutes from the detection to the diagnosis."""
        return _between(self.detected, self.diagnosed)

    @property
    def to_restore(self) -> float | None:
        """Minutes from the diagnosis to the restoration."""
        return _between(self.diagnosed, self.restored)

    @property
    def felt(self) -> float | None:
        """Minutes for which customers were affected."""
        return _between(self.impact, self.restored)


def phases(document: Document) -> Phases:
    """Read the phases off the entries of the timeline.

    The trigger is the first entry that tells of one, if nothing else has happened before it: what is deployed later is
    a remedy. The restoration is the first entry that tells of one after the last that tells of impact: so a recovery
    that did not last is none, and neither is the closing of the ticket next day. An entry that tells of both ends the
    impact, and the end of an alert is no detection. What would lie before the moment that it follows is unknown.
    """
    entries = [entry for entry in document.timeline if entry.start is not None]
    going = [entry for entry in entries if Phase.RESOLVED not in entry.phases]
    impact, detected = _first(going, Phase.IMPACT), _first(going, Phase.DETECTED)
    trigger = _first((entry for entry in going if Phase.MITIGATING not in entry.phases), Phase.TRIGGER)
    later = (
        impact,
        detected,
        *(_first(going, phase) for phase in (Phase.ESCALATED, Phase.DIAGNOSED, Phase.MITIGATING)),
    )
    if trigger is not None and any(moment is not None and moment < trigger for moment in later):
        trigger = None
    begin = impact if trigger is None else trigger
    restored = _restored(entries, detected if detected is not None else begin)
    since = detected if detected is not None else begin
    return Phases(trigger, impact, detected, _first(entries, Phase.DIAGNOSED, since), restored)


def _first(entries: Iterable[Entry], phase: Phase, since: float | None = None) -> float | None:
    found = (entry.start for entry in entries if phase in entry.phases and entry.start is not None)
    return min((start for start in found if since is None or start >= since), default=None)


def _restored(entries: list[Entry], since: float | None) -> float | None:
    """Find the recovery that lasted."""
    felt = [
        entry.start
        for entry in entries
        if Phase.IMPACT in entry.phases and Phase.RESOLVED not in entry.phases and entry.start is not None
    ]
    last = max([*felt, *([] if since is None else [since])], default=None)
    ends = [
        entry.start if entry.end is None else entry.end
        for entry in entries
        if Phase.RESOLVED in entry.phases and entry.start is not None
    ]
    after = [end for end in ends if last is None or end >= last]
    # Words of impact that come after every recovery are most often a look back; then the last recovery counts.
    return min(after) if after else max((end for end in ends if since is None or end >= since), default=None)


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None or end < start else end - start


def lasting(minutes: float) -> str:
    """Write a length of time for people: ``44 min``, ``1 h 5 min``, ``2 d 3 h``."""
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    if whole < DAY:
        hours, rest = divmod(whole, 60)
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(round(whole / 60), 24)
    return f"{days} d {rest} h" if rest else f"{days} d"


def told(found: Phases) -> str:
    """Say in one sentence what is known of the phases; empty if nothing is."""
    parts = []
    if found.to_detect is not None:
        since = "the trigger" if found.trigger is not None else "the first impact"
        parts.append(f"detected {lasting(found.to_detect)} after {since}")
    if found.to_diagnose is not None:
        parts.append(f"diagnosed {lasting(found.to_diagnose)} later" if parts else
                     f"diagnosed {lasting(found.to_diagnose)} after the detection")  # fmt: skip
    if found.to_restore is not None:
        parts.append(f"restored {lasting(found.to_restore)} after the diagnosis")
    elif (rest := _between(found.detected, found.restored)) is not None:
        parts.append(f"restored {lasting(rest)} after the detection")
    said = ", ".join(parts)
    if found.felt is not None:
        said += ("; " if said else "") + f"customers were affected for {lasting(found.felt)}"
    return said[:1].upper() + said[1:]
