"""The few lines that the chapter shows of each type do what the package's version does."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from companion.simulators.crdts import text as sequences
from companion.simulators.crdts.counters import GCounter
from companion.simulators.crdts.operations import Operation, OperationSet
from companion.simulators.crdts.registers import LWWMap, MVRegister
from companion.simulators.crdts.sets import ORSWOT, NaiveORSet, ORSet
from companion.simulators.crdts.spec import Replicas, add_wins

CHAPTER = Path(__file__).parents[3] / "chapters" / "20-crdts.ipynb"
SEEDS = range(60)


def shown(cell: str) -> dict[str, Any]:
    """Run a cell of the chapter and give its names."""
    cells = json.loads(CHAPTER.read_text("utf-8"))["cells"]
    (source,) = ("".join(one["source"]) for one in cells if one["id"] == cell)
    names: dict[str, Any] = {}
    exec(source, names)
    return names


def worked(kind: Any, seed: int) -> Replicas:
    """Let two copies of a set work at random."""
    rng, replicas = random.Random(seed), Replicas(kind, 2)
    for _ in range(12):
        at = rng.randrange(2)
        here = sorted(replicas.states[at].value)
        match rng.randrange(3):
            case 0:
                replicas.add(at, rng.choice("xyz"))
            case 1 if here:
                replicas.remove(at, rng.choice(here))
            case 2:
                replicas.merge(1 - at, at)
    return replicas


def test_the_counter() -> None:
    merge = shown("crdts-003")["merge"]
    one, other = GCounter().add("A", 3).add("B", 1), GCounter().add("B", 4).add("C", 2)
    assert merge(one.counts, other.counts) == one.merge(other).counts


@pytest.mark.parametrize("seed", SEEDS)
def test_the_union_of_tags(seed: int) -> None:
    def plain(state: NaiveORSet) -> set[Any]:
        return {(item, tag) for item, tags in state.entries.items() for tag in tags}

    one, other = worked(NaiveORSet, seed).states
    assert shown("crdts-005")["merge"](plain(one), plain(other)) == plain(one.merge(other))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_set_with_tombstones(seed: int) -> None:
    replicas = worked(ORSet, seed)
    one, other = replicas.states
    names = {**one.live, **other.live}
    known = one.tombstones | other.tombstones

    def plain(state: ORSet) -> tuple[set[Any], set[Any]]:
        dead = {(names.get(tag, "gone"), tag) for tag in state.tombstones if tag in known}
        return {(item, tag) for tag, item in state.live.items()}, dead

    assert shown("crdts-tombs")["merge"](plain(one), plain(other)) == plain(one.merge(other))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_set_without_tombstones(seed: int) -> None:
    def plain(state: ORSWOT) -> tuple[set[Any], dict[str, int]]:
        assert not state.beyond
        return {(*tag, item) for item, tags in state.entries.items() for tag in tags}, dict(state.seen)

    one, other = worked(ORSWOT, seed).states
    assert shown("crdts-swot-code")["merge"](plain(one), plain(other)) == plain(one.merge(other))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_specification(seed: int) -> None:
    events = worked(ORSet, seed).events
    assert shown("crdts-spec")["add_wins"](events) == add_wins(events)


def test_the_last_write() -> None:
    one, other = LWWMap().put("A", "cart", ["bread"], 3), LWWMap().put("B", "cart", ["eggs", "milk"], 3)
    assert shown("crdts-lww")["merge"](one.entries["cart"], other.entries["cart"]) == one.merge(other).entries["cart"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_rivals(seed: int) -> None:
    rng, states = random.Random(seed), [MVRegister(), MVRegister(), MVRegister()]
    for number in range(9):
        at = rng.randrange(3)
        states[at] = states[at].put("ABC"[at], number) if rng.random() < 0.6 else states[at].merge(states[at - 1])

    def plain(state: MVRegister) -> list[Any]:
        return [(dict(version), cart) for version, cart in state.versions]

    merge, by_cart = shown("crdts-mv")["merge"], lambda saved: saved[1]
    mine = sorted(merge(plain(states[0]), plain(states[1])), key=by_cart)
    assert mine == sorted(plain(states[0].merge(states[1])), key=by_cart)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_due(seed: int) -> None:
    rng = random.Random(seed)
    mine, clock = ({name: rng.randrange(3) for name in "ABC"} for _ in range(2))
    operation = Operation("A", clock, True, "x", frozenset({("A", clock["A"])}))
    replica = OperationSet("B", clock=dict(mine))
    replica.receive(operation)
    due = shown("crdts-due")["is_due"]("A", clock, mine)
    assert due is (replica.live != {})


def test_the_text() -> None:
    names = shown("crdts-rga")
    one = sequences.typed(sequences.RGA(), "A", 0, "milk")
    other = sequences.typed(sequences.RGA(), "B", 0, "EGGS")
    assert names["typed"]("A", "milk") == one.characters
    assert names["text"](one.characters | other.characters) == one.merge(other).value
