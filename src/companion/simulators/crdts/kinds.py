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
    """Give another receiver other elements under the liar's own dots; every state by itself is a lawful one."""
    if isinstance(state, LWWMap):
        told = {
            key: (stamp, name, f"{value} for {receiver}" if name == liar else value)
            for key, (stamp, name, value) in state.entries.items()
        }
        return replace(state, entries=told)
    if isinstance(state, ORSWOT):
        entries = {
            f"{element}?{receiver}" if any(dot[0] == liar for dot in dots) else element: dots
            for element, dots in state.entries.items()
            if "?" not in element
        }
        return replace(state, entries=entries)
    return state
