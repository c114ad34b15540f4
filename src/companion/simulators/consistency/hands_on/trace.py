"""What every message of a short run did, for the player that opens the chapter: five replicas, one writer, one reader.

The run is the simulator's own, listened to: nothing of it changes, except that one client only writes and another only
reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from companion.history.session import stale_reads
from companion.parameters import chosen
from companion.player import Trace
from companion.simulators.consistency.client import Clients, Record
from companion.simulators.consistency.cluster import Cluster, Stored
from companion.simulators.consistency.settings import PRESETS, Settings

NODES = 5
CUT = 2
"""So many of them are cut off in the middle of a trace, with the reader."""

WRITER, READER = 0, NODES - 1
"""Clients, each beside the node of its number; in a trace they are A and B."""

END = 520.0
"""Milliseconds that a trace lasts."""

ALT = (
    "A space-time diagram: client A, five nodes and client B, one below the other. Messages travel between them from "
    "left to right, and at a cut they are lost."
)
"""What the picture shows, for readers who do not see it."""

WAITS_FOR = {"one": "one answer", "majority": "the third answer", "all": "all five answers"}


@dataclass(frozen=True)
class Sent:
    """A message: who sent what to whom (clients by -1 - their number, nodes by theirs), and when (ms).

    `arrives` is None if it was lost; `value` is what it carries, None if nothing or "nothing yet"; `of` is the place of
    the operation among the run's records, None for what no client waits for.
    """

    who: int
    whom: int
    kind: str
    value: int | None
    sent: float
    arrives: float | None
    of: int | None


class Listening(Cluster):
    """A cluster that notes every message, and whatever its nodes store."""

    def __init__(self, settings: Settings) -> None:
        self.noted: list[Sent] = []
        self.stored: list[tuple[float, int, int | None]] = []
        super().__init__(settings)

    def after(self, wait: float, happen: Callable[..., object], *args: Any) -> None:
        """Let something happen after a while, and remember how long."""
        self._wait = wait
        super().after(wait, happen, *args)

    def send(
        self, one: int, other: int, what: Callable[..., object], *args: Any, writes: bool = False, reply: bool = False
    ) -> bool:
        """Send, and note when it arrives."""
        there = super().send(one, other, what, *args, writes=writes, reply=reply)
        carried = next((arg.value for arg in args if isinstance(arg, Stored)), None)
        record = args[0] if args and isinstance(args[0], Record) else None
        kind = "reply" if reply else ("write" if writes else "read") if record else "gossip"
        who, whom = one, other
        if record is not None:  # its client, not the node beside it
            who, whom = (one, -1 - record.client) if reply else (-1 - record.client, other)
        arrives = self.now + self._wait if there else None
        self.noted.append(Sent(who, whom, kind, carried, self.now, arrives, None if record is None else record.invoked))
        return there

    def store(self, node: int, key: int, stored: Stored) -> bool:
        """Keep the newer version, and note it."""
        newer = super().store(node, key, stored)
        if newer:
            self.stored.append((self.now, node, stored.value))
        return newer


class OneWriter(Clients):
    """Clients of which the first only writes, and the others only read."""

    def _writes(self, client: int) -> bool:
        return client == WRITER


def listened(settings: Settings) -> tuple[Listening, list[Record]]:
    """Run for `END`, with one writer and one reader."""
    cluster = Listening(settings)
    clients = OneWriter(cluster, [100 if client in (WRITER, READER) else 0 for client in range(NODES)])
    cluster.run(END)
    return cluster, clients.records


def trace(name: str, level: str, *, cut: bool, seed: int, preset: str = "") -> Trace:
    """Record a run for the player's scene ``spacetime``.

    Parameters
    ----------
    name : str
        The words on its button.
    level : str
        What operations wait for: one, majority or all, and what follows of a level's name after a plus.
    cut : bool
        Whether nodes 4 and 5 are cut off for a while, with the reader.
    seed : int
        Where every random draw comes from.
    preset : str
        The scenario of the chapter's panel that goes on from here.
    """
    settings = chosen("majority", PRESETS, {
        "consistency_level": level, "n_nodes": NODES, "n_clients": NODES, "n_keys": 1, "think_time": 12.0,
        "timeout": 130.0, "gossip_interval": 60.0, "partition_active": cut, "partition_start": 0.15,
        "partition_seconds": 0.2, "cut_nodes": CUT, "duration": 1.0, "seed": seed,
    })  # fmt: skip
    cluster, records = listened(settings)
    stale = {one.invoked for one in stale_reads([one.operation for one in records if _known(one)])}
    times = [(round(one.sent, 1), None if one.arrives is None else round(one.arrives, 1)) for one in cluster.noted]
    need = {"r": settings.quorums[0], "w": settings.quorums[1]}
    data = {
        "lanes": ["A", *(str(node + 1) for node in range(NODES)), "B"],
        "clients": [0, NODES + 1],
        "cut": [1000 * settings.partition_start, 1000 * settings.healed, NODES - CUT] if cut else None,
        "messages": [
            [_lane(one.who), _lane(one.whom), *time, one.kind, one.value]
            for one, time in zip(cluster.noted, times, strict=True)
        ],
        "stored": [[_lane(node), round(when, 1), value] for when, node, value in cluster.stored],
        "operations": [
            [
                _lane(-1 - one.client), round(one.begun, 1), _ended(one, settings), _told(one),
                "given up" if _gave_up(one) else "stale" if one.invoked in stale else "",
                need[one.f[0]],
                [round(m.arrives, 1) for m in cluster.noted if m.kind == "reply" and m.of == one.invoked and m.arrives],
            ]
            for one in records
        ],
    }  # fmt: skip
    return Trace(name, 0.0, END, tuple(_steps(settings, records, stale, cluster.noted)), data, preset)


def traces(seed: int) -> list[Trace]:
    """Record the runs that open the chapter: all is well, and then a cut at four levels."""
    return [
        trace("a majority", "majority", cut=False, seed=seed, preset="majority"),
        trace("cut: one", "one", cut=True, seed=seed, preset="partition_one"),
        trace("cut: one, gossip", "one+gossip", cut=True, seed=seed, preset="partition_gossip"),
        trace("cut: a majority", "majority", cut=True, seed=seed, preset="partition"),
        trace("cut: all", "all", cut=True, seed=seed, preset="partition_all"),
    ]


def _lane(who: int) -> int:
    return who + 1 if who >= 0 else 0 if who == -1 - WRITER else NODES + 1


def _known(one: Record) -> bool:
    return one.f == "write" or one.returned is not None


def _gave_up(one: Record) -> bool:
    return one.ended == float("inf")


def _ended(one: Record, settings: Settings) -> float | None:
    if _gave_up(one):
        return round(one.begun + settings.timeout, 1)
    return None if one.ended is None else round(one.ended, 1)


def _told(one: Record) -> str:
    if one.f == "write":
        return f"write {one.value}"
    return f"read {'-' if one.value is None else one.value}" if one.returned is not None else "read"


def _steps(
    settings: Settings, records: Iterable[Record], stale: set[int], noted: Iterable[Sent]
) -> list[tuple[float, str]]:
    """Tell what is new to see: what became of an operation of each client, before, during and after the cut."""
    wait = WAITS_FOR[settings.consistency_level.partition("+")[0]]
    found = [(0.0, f"A writes 1, 2, 3 and so on, B reads. Each asks all five nodes at once, and waits for {wait}.")]
    if settings.partition_active:
        found += [
            (1000 * settings.partition_start, "Nodes 4 and 5, and B beside them, are cut off from the others."),
            (1000 * settings.healed, "The cut is healed: messages pass again."),
        ]
    else:
        first = min(one.sent for one in noted if one.kind == "write")
        answers = [one for one in noted if one.kind == "reply" and one.whom == -1 - WRITER and one.sent < first + 35]
        last = max(one.arrives or 0.0 for one in answers)
        found.append((round(last, 1), "The last answer to A comes as well (dotted); nobody had waited for it."))
    seen: set[tuple[int, str, int]] = set()
    for one in sorted(records, key=lambda one: _ended(one, settings) or END):
        ended = _ended(one, settings)
        if ended is None or ended >= END:
            continue
        kind = "given up" if _gave_up(one) else "stale" if one.invoked in stale else "fine"
        phase = (ended >= 1000 * settings.partition_start) + (ended >= 1000 * settings.healed)
        new = one.client, kind, phase if settings.partition_active else 0
        if new not in seen:
            seen.add(new)
            found.append((ended, _sentence(one, kind, wait, ended - one.begun)))
    return sorted(found)


def _sentence(one: Record, kind: str, wait: str, took: float) -> str:
    who = "A" if one.client == WRITER else "B"
    if kind == "given up":
        return f"{who} has waited {took:.0f} ms for {wait}, in vain, and gives up."
    if kind == "stale":
        return f"B reads {_value(one)}: stale, for A had been told before that a newer write was done."
    if one.f == "write":
        return f"A has {wait} after {took:.0f} ms: its write of {one.value} is done."
    return f"B has {wait} after {took:.0f} ms, and reads {_value(one)}."


def _value(one: Record) -> str:
    return "nothing yet" if one.value is None else str(one.value)
