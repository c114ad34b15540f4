"""What a run gave: for every second whether replicas agree, and what it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from companion.simulators.crdts.registers import LWWMap
from companion.simulators.crdts.settings import Settings
from companion.simulators.crdts.spec import Event

COLUMNS = ("distinct", "behind", "resurrected", "size", "tombstones", "bytes")


@dataclass(frozen=True)
class Result:
    """A run.

    Attributes
    ----------
    settings : Settings
        What was simulated.
    values : tuple
        What each replica holds at the end.
    series : dict of str to list
        A value at the end of each second ``t``: ``distinct`` values among the replicas, replicas that are ``behind``
        (have not heard of every update), elements ``resurrected`` (held, though a removal is known that saw every
        addition of them), the ``size`` of the largest state (bytes of JSON), its ``tombstones``, and ``bytes`` sent so
        far.
    summary : dict of str to float or None
        See `page.ROWS`.
    totals : dict of str to int
        Counts over the run.
    held : list of list
        For each second what each replica held at its end.
    whole : list
        For each second what a set holds that has heard of every update so far; None for what is no set.
    """

    settings: Settings
    values: tuple[Any, ...]
    series: Mapping[str, list[Any]]
    summary: Mapping[str, float | None]
    totals: Mapping[str, int]
    held: Sequence[Sequence[Any]]
    whole: Sequence[frozenset[str] | None]


@dataclass
class Tally:
    """What is counted while a run lasts; `agreed` is since when all replicas hold the same, None while they do not."""

    settings: Settings
    updates: int = 0
    messages: int = 0
    bytes: int = 0
    last_update: float = 0.0
    agreed: float | None = 0.0
    columns: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    held: list[list[Any]] = field(default_factory=list)
    whole: list[frozenset[str] | None] = field(default_factory=list)

    def look(self, held: list[Any], whole: frozenset[str] | None, **seen: int) -> None:
        """Note what is seen at the end of a second."""
        self.held.append(held)
        self.whole.append(whole)
        for name, value in {**seen, "bytes": self.bytes}.items():
            self.columns[name].append(value)


def conclude(tally: Tally, states: Sequence[Any], events: Sequence[Event]) -> Result:
    """Make the result of what was counted."""
    columns = tally.columns
    series: dict[str, list[Any]] = {"t": list(range(1, len(columns["distinct"]) + 1)), **columns}
    agree = columns["distinct"][-1] == 1
    lost = None if tally.settings.liars else _lost(states, events)
    took = None if tally.agreed is None else max(0.0, tally.agreed - tally.last_update)
    summary: dict[str, float | None] = {
        "converged": int(agree),
        "seconds_to_converge": took if agree else None,
        "distinct_final": columns["distinct"][-1],
        "resurrected": columns["resurrected"][-1],
        "resurrected_most": max(columns["resurrected"]),
        "lost_writes": lost,
        "size": columns["size"][-1],
        "tombstones": columns["tombstones"][-1],
        "bytes_per_update": tally.bytes / tally.updates if tally.updates else None,
    }
    totals = {
        "updates": tally.updates,
        "messages": tally.messages,
        "bytes": tally.bytes,
        "lost_writes": lost or 0,
        "resurrected": columns["resurrected"][-1],
    }
    values = tuple(state.value for state in states)
    return Result(tally.settings, values, series, summary, totals, tally.held, tally.whole)


def _lost(states: Sequence[Any], events: Sequence[Event]) -> int | None:
    """Count the writes of a map that are gone although nobody who overwrote them had seen them."""
    if not all(isinstance(state, LWWMap) for state in states):
        return None
    kept = {entry[2] for state in states for entry in state.entries.values()}
    seen = {(event.element, number) for event in events for number in event.knew}
    return sum(event.number not in kept and (event.element, event.number) not in seen for event in events)
