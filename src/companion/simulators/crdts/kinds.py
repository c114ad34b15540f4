"""One way to drive each type: an empty state, an update by a user, and what a liar sends."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Any

from companion.simulators.crdts.counters import GCounter, PNCounter
from companion.simulators.crdts.registers import LWWMap, MVRegister
from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.settings import Settings

EMPTY: dict[str, Any] = {
    "naive": NaiveORSet, "tombstones": ORSet, "orswot": ORSWOT, "delta": ORSWOT, "gcounter": GCounter,
    "pncounter": PNCounter, "lww": LWWMap, "register": MVRegister,
}  # fmt: skip
SETS = ("naive", "tombstones", "orswot", "delta")


@dataclass(frozen=True)
class Update:
    """What a user did.

    Attributes
    ----------
    what : str
        ``add``, ``remove`` or ``put``.
    element : str
        The element or key; empty for a counter or a register.
    state : object
        The state of the replica afterwards.
    delta : object
        What it changed, as a state of its own; the whole state where the type has no deltas.
    """

    what: str
    element: str
    state: Any
    delta: Any


def update(settings: Settings, state: Any, replica: str, number: int, now: float, rng: random.Random) -> Update | None:
    """Let a user of a replica do something; None if there is nothing to remove."""
    kind, removes = settings.crdt_type, rng.random() < settings.remove_share
    element = f"e{rng.randrange(settings.n_elements)}"
    if kind == "gcounter":
        after = state.add(replica)
        return Update("add", "", after, after)
    if kind == "pncounter":
        after = state.add(replica, -1 if removes else 1)
        return Update("add", "", after, after)
    if kind == "register":
        after = state.put(replica, number)
        return Update("put", "", after, after)
    if kind == "lww":
        after = state.put(replica, element, number, int(1000 * now))
        return Update("put", element, after, after)
    here = sorted(state.value)
    if removes and not here:
        return None
    if removes:
        element = rng.choice(here)
    what = "remove" if removes else "add"
    if kind == "delta":
        delta = state.remove_delta(element) if removes else state.add_delta(replica, element)
        return Update(what, element, state.merge(delta), delta)
    after = state.remove(element) if removes else state.add(replica, element)
    return Update(what, element, after, after)


def lied(state: Any, liar: str, receiver: int) -> Any:
    """Give a receiver another state than the next: every one is lawful by itself, and none breaks the type's rules.

    In sets and maps the liar gives other elements or values under its own dots and stamps, in a register other values
    under the same version. Its own count in a counter is too large by 100 for the first replica, by 200 for the second,
    and by ever more, since the liar hears its own lies from the others.
    """
    if isinstance(state, GCounter):
        return state.add(liar, 100 * (receiver + 1))
    if isinstance(state, PNCounter):
        return replace(state, up=state.up.add(liar, 100 * (receiver + 1)))
    if isinstance(state, MVRegister):
        return MVRegister(frozenset((version, _other(value, receiver)) for version, value in state.versions))
    if isinstance(state, LWWMap):
        told = {
            key: (stamp, name, _other(value, receiver) if name == liar else value)
            for key, (stamp, name, value) in state.entries.items()
        }
        return replace(state, entries=told)
    if isinstance(state, ORSet):
        live = {dot: _other(name, receiver) if dot[0] == liar else name for dot, name in state.live.items()}
        return replace(state, live=live)
    entries: dict[str, frozenset[tuple[str, int]]] = {}
    for element, dots in state.entries.items():
        for dot in sorted(dots):
            name = _other(element, receiver) if dot[0] == liar else element
            entries[name] = entries.get(name, frozenset()) | {dot}
    return replace(state, entries=entries)


def _other(value: Any, receiver: int) -> str:
    """Give what one receiver is told in place of a value, the same at every telling."""
    return f"{str(value).partition('?')[0]}?{receiver}"
