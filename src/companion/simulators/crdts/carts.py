"""One shopping cart in two copies, deed by deed: what each copy holds and keeps, and a merge in its steps.

`film` plays the same deeds with any of five types, for the player that opens the chapter; `tell` does it for deeds
that a reader makes by hand in a page. What a copy should hold is said by `spec.add_wins`, so that the film can mark
what came back and what was lost. Standard library only, since it also runs in a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from companion.parameters import ParameterError
from companion.player import Trace
from companion.simulators.crdts.registers import LWWMap, MVRegister
from companion.simulators.crdts.sets import ORSWOT, Dot, NaiveORSet, ORSet
from companion.simulators.crdts.spec import Event, add_wins

KINDS: Mapping[str, tuple[str, Any]] = {
    "naive": ("Union of tags", NaiveORSet), "tombstones": ("Tombstones", ORSet), "orswot": ("No tombstones", ORSWOT),
    "lww": ("Last write wins", LWWMap), "register": ("Rivals kept", MVRegister),
}  # fmt: skip
"""For each type the words on its button, and what is empty of it."""

ITEMS = ("milk", "bread", "eggs", "tea")
COPIES = ("A", "B")
LONGEST = 60
"""Deeds that one film may have."""

Deed = tuple[str, ...]
"""``("add", copy, item)``, ``("remove", copy, item)``, ``("tell", copy)``, ``("cut",)`` or ``("heal",)``."""

DEEDS: tuple[Deed, ...] = (
    ("cut",), ("remove", "A", "milk"), ("add", "A", "bread"), ("add", "B", "eggs"), ("heal",),
    ("tell", "B"), ("tell", "A"),
)  # fmt: skip
"""The film that opens the chapter: one cart, a cut, and a removal of which the other side has not heard."""

ALT = (
    "Two copies of a shopping cart, A and B, beside each other, with the link between them. Each shows what is in it, "
    "and what it keeps to know that. Below them a merge is shown row by row: what one copy has, what the other sent, "
    "and what becomes of it. The steps are told in words under the picture."
)
"""The picture for readers who do not see it."""

_PACE, _FLIGHT = 2.4, 1.6  # how long a step is shown, and a message under way (s)
_SHAPES = {"add": 3, "remove": 3, "tell": 2, "cut": 1, "heal": 1}


def film(kind: str, deeds: Sequence[Sequence[str]] = DEEDS) -> Trace:
    """Play deeds with a type, on two copies that both hold milk, which was put in at A.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    deeds : sequence of Deed
        What is done, in order; a message that is sent while the copies are cut off does not arrive.

    Raises
    ------
    companion.parameters.ParameterError
        If the type or a deed is none that there is, or there are more deeds than `LONGEST`.
    """
    if kind not in KINDS:
        raise ParameterError(f"kind = {kind!r} is not accepted: it takes {' | '.join(KINDS)}")
    if len(deeds) > LONGEST:
        raise ParameterError(f"{len(deeds)} deeds are not accepted: it takes up to {LONGEST}")
    one = _Film(kind)
    for deed in deeds:
        one.do(_checked(tuple(deed)))
    steps = tuple((frame["at"], frame["say"]) for frame in one.frames)
    data = {"kind": kind, "deeds": [list(deed) for deed in deeds], "frames": one.frames}
    return Trace(KINDS[kind][0], 0.0, round(one.clock, 1), steps, data)


def tell(request: str) -> str:
    """Play deeds from a page: JSON in (``kind`` and ``deeds``), JSON out (the fields of the trace)."""
    asked = json.loads(request)
    made = film(asked["kind"], asked["deeds"])
    return json.dumps({"name": made.name, "start": made.start, "end": made.end, "steps": made.steps, "data": made.data})


def _checked(deed: Deed) -> Deed:
    what, *rest = deed or ("",)
    fits = len(deed) == _SHAPES.get(what) and all(copy in COPIES for copy in rest[:1])
    if not fits or any(item not in ITEMS for item in rest[1:]):
        raise ParameterError(f"{deed!r} is no deed: add or remove one of {', '.join(ITEMS)} at A or B; tell, cut, heal")
    return deed


@dataclass(frozen=True)
class _Row:
    """A step of a merge: what it is about, what either side knows of it, what becomes of it, and why."""

    about: str
    here: str
    there: str
    becomes: str
    why: str


class _Film:
    """Two copies while deeds are done, and a frame for each thing that there is to see."""

    def __init__(self, kind: str) -> None:
        self.kind, self.clock, self.cut = kind, 0.0, False
        self.states: dict[str, Any] = {copy: KINDS[kind][1]() for copy in COPIES}
        self.known: dict[str, frozenset[int]] = {copy: frozenset() for copy in COPIES}
        self.events: list[Event] = []
        self.frames: list[dict[str, Any]] = []
        self.dots: dict[Dot, str] = {}  # what was added under each tag
        self.done = 0
        self._change("add", "A", "milk")
        self._tell("A")
        self.clock = 0.0
        self.frames.clear()
        self.show("Two copies of one cart. Both hold milk, which was put in at A.")

    def do(self, deed: Deed) -> None:
        self.done += 1
        match deed:
            case ("cut",):
                self.cut = True
                self.show("The link is cut. Shoppers on both sides go on.")
            case ("heal",):
                self.cut = False
                self.show("The link is whole again. Nobody has told anybody anything yet.")
            case ("tell", source):
                self._tell(source)
            case (what, copy, item):
                self._change(what, copy, item)

    def show(self, say: str, *, lasts: float = _PACE, **more: Any) -> None:
        copies = {copy: self._view(copy) for copy in COPIES}
        frame = {"at": round(self.clock, 1), "done": self.done, "say": say, "cut": self.cut}
        self.frames.append({**frame, **copies, **more})
        self.clock += lasts

    # -- Deeds

    def _change(self, what: str, copy: str, item: str) -> None:
        state, adds = self.states[copy], what == "add"
        if not adds and not any(item in cart for cart in _carts(state)):
            self.show(f"{copy} holds no {item} that could be taken out.")
            return
        number = len(self.events)
        self.events.append(Event(number, item, adds, self.known[copy]))
        self.known[copy] |= {number}
        if isinstance(state, LWWMap | MVRegister):
            cart = {one for rival in _carts(state) for one in rival}
            now = tuple(sorted(cart | {item} if adds else cart - {item}))
            put = state.put(copy, "cart", now, number + 1) if isinstance(state, LWWMap) else state.put(copy, now)
            self.states[copy] = put
            how = f"; the cart is saved whole, as {_labels(put)[0]}"
        elif adds:
            self.states[copy] = state.add(copy, item)
            dot = (copy, max((n for name, n in self.dots if name == copy), default=0) + 1)
            self.dots[dot] = item
            how = f", under the new tag {_tag(dot)}"
        else:
            self.states[copy] = state.remove(item)
            how = {"naive": "; its tags are deleted", "tombstones": "; its tags become tombstones",
                   "orswot": "; its tags are dropped, and stay counted as seen"}[self.kind]  # fmt: skip
        self.show(f"{copy} {'puts in' if adds else 'takes out'} {item}{how}.")

    def _tell(self, source: str) -> None:
        target = "B" if source == "A" else "A"
        if self.cut:
            self.show(f"{source} tells {target}, and the message is lost at the cut.", sends=source, lost=True)
            return
        mine, theirs = self.states[target], self.states[source]
        merged = mine.merge(theirs)
        rows = self._rows(target, source, merged)
        self.show(f"{source} sends {target} all that it has.", lasts=_FLIGHT, sends=source)
        table = [[row.about, row.here, row.there, row.becomes] for row in rows]
        for place, row in enumerate(rows):
            self.show(f"{target} merges {row.about}: {row.why}", merge={"at": target, "rows": table, "row": place})
        self.states[target] = merged
        self.known[target] |= self.known[source]
        self.show(self._verdict(target, bool(rows)), merge={"at": target, "rows": table, "row": len(rows)})

    def _verdict(self, copy: str, news: bool) -> str:
        marks = [(item, mark) for cart in self._view(copy)["carts"] for item, mark in cart]
        back, lost = ([item for item, mark in marks if mark == which] for which in ("back", "lost"))
        carts = _carts(self.states[copy])
        told = f"{copy} holds {_and(carts[0]) if carts and carts[0] else 'nothing'}"
        if len(carts) > 1:
            told = f"{copy} holds {len(carts)} rival carts, and a shopper must choose"
        elif not news:
            told = f"That was no news: {told}"
        told += f"; taken out and back again: {_and(back)}" if back else ""
        told += f"; put in and lost: {_and(lost)}" if lost else ""
        same = self.states["A"].value == self.states["B"].value
        return told + (". Both copies agree." if same else ".")

    # -- What is seen

    def _view(self, copy: str) -> dict[str, Any]:
        state = self.states[copy]
        carts = _carts(state)
        should = add_wins(self.events[number] for number in sorted(self.known[copy]))
        marked = [[[item, "back" if item not in should and len(carts) == 1 else ""] for item in cart] for cart in carts]
        held = {item for cart in carts for item in cart}
        marked = marked or [[]]
        marked[0] += [[item, "lost"] for item in sorted(should - held)]
        return {"carts": marked, "keeps": self._keeps(state)}

    def _keeps(self, state: Any) -> list[str]:
        if isinstance(state, LWWMap | MVRegister):
            return _labels(state)
        known = [(dot, item, _status(state, dot)) for dot, item in sorted(self.dots.items())]
        held = [f"{item} {_tag(dot)}" for dot, item, status in known if status == "holds it"]
        dead = [f"† {_tag(dot)}" for dot, _, status in known if status == "tombstone"]
        seen = state.seen if isinstance(state, ORSWOT) else {}
        counted = [f"seen {name}1{f' to {name}{last}' if last > 1 else ''}" for name, last in sorted(seen.items())]
        return held + dead + counted

    # -- A merge, step by step

    def _rows(self, target: str, source: str, merged: Any) -> list[_Row]:
        mine, theirs = self.states[target], self.states[source]
        if isinstance(mine, LWWMap | MVRegister):
            if merged == mine:
                return []
            here, there, then = ("; ".join(_whole(state)) or "nothing" for state in (mine, theirs, merged))
            return [_Row("the cart", here, there, then, _why_whole(mine, merged))]
        rows = []
        for dot, item in sorted(self.dots.items(), key=lambda one: (one[1], one[0])):
            here, there, then = (_status(state, dot) for state in (mine, theirs, merged))
            if here != there:
                removed = any(not event.adds and event.element == item and event.number in self.known[target]
                              for event in self.events)  # fmt: skip
                why = _WHY[self.kind](here, there, target, source, removed)
                rows.append(_Row(f"{item} {_tag(dot)}", here, there, "it stays" if then == "holds it" else "out", why))
        return rows


def _status(state: Any, dot: Dot) -> str:
    """Say what a state of a set knows of a tag."""
    if isinstance(state, ORSet):
        return "holds it" if dot in state.live else "tombstone" if dot in state.tombstones else "nothing"
    if any(dot in dots for dots in state.entries.values()):
        return "holds it"
    return "seen, gone" if isinstance(state, ORSWOT) and state.covers(dot) else "nothing"


def _why_naive(here: str, there: str, target: str, source: str, removed: bool) -> str:
    if there == "holds it" and removed:
        return f"{target} took it out, and nothing here says so, so it looks like news. A union keeps it."
    return f"{source if there == 'holds it' else target} holds it, and a union keeps it."


def _why_tombstones(here: str, there: str, target: str, source: str, removed: bool) -> str:
    if "tombstone" in (here, there):
        return "what is dead on either side is dead."
    return f"{source if there == 'holds it' else target} holds it, and it is dead nowhere: it stays."


def _why_orswot(here: str, there: str, target: str, source: str, removed: bool) -> str:
    holder, other = (source, target) if there == "holds it" else (target, source)
    if "holds it" not in (here, there):
        return "it is gone where it was seen; now both have seen it."
    if "seen, gone" in (here, there):
        return f"{other} has seen this tag and does not hold it, so it was taken out."
    return f"{other} has never seen this tag, so it has not taken it out: {holder}'s stays."


_WHY: Mapping[str, Callable[[str, str, str, str, bool], str]] = {
    "naive": _why_naive, "tombstones": _why_tombstones, "orswot": _why_orswot,
}  # fmt: skip


def _why_whole(mine: Any, merged: Any) -> str:
    if isinstance(mine, LWWMap):
        return "the larger stamp wins, and the other cart is dropped whole."
    if mine.versions < merged.versions:
        return "neither version had seen the other, so both stay."
    return "what a later version had seen is dropped."


def _carts(state: Any) -> list[tuple[str, ...]]:
    """Give what a copy shows: one cart, or rivals."""
    if isinstance(state, LWWMap):
        return [tuple(state.value.get("cart", ()))]
    if isinstance(state, MVRegister):
        return list(state.value)
    return [tuple(sorted(state.value))]


def _labels(state: Any) -> list[str]:
    """Name what tells one saved cart from another: a stamp, or a version."""
    if isinstance(state, LWWMap):
        return [f"stamp {stamp} of {name}" for stamp, name, _ in state.entries.values()]
    versions = sorted(state.versions, key=lambda one: (repr(one[1]), one[0]))
    return ["version " + " ".join(f"{name}{number}" for name, number in version) for version, _ in versions]


def _whole(state: Any) -> list[str]:
    both = zip(_carts(state), _labels(state), strict=False)  # what was never saved has no label
    return [f"{_and(cart) or 'an empty cart'} ({label})" for cart, label in both]


def _tag(dot: Dot) -> str:
    return f"{dot[0]}{dot[1]}"


def _and(items: Sequence[str]) -> str:
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
