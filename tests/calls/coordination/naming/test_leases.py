"""A lease directory forgets who does not renew, and listens to nobody without the token."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.naming import leases as room
from companion.calls.coordination.naming.leases import LeaseNames


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def names(clock: Clock) -> LeaseNames:
    return LeaseNames(clock)


def test_a_dead_service_is_listed_as_long_as_its_lease_after_its_last_renewal(names: LeaseNames, clock: Clock) -> None:
    lease = names.register("north", "here", {"road": "A1"}, 30)
    clock.now = 29.0
    assert names.renew(lease)
    clock.now = 58.9
    assert names.resolve("north") == "here"
    (entry,) = names.find({"road": "A1"})
    assert entry.age == pytest.approx(29.9)
    clock.now = 59.0
    assert (names.resolve("north"), names.find({})) == (None, [])
    assert not names.renew(lease) and not names.drop(lease)
    assert names.watch() == [("came", "north"), ("went", "north")] and names.watch() == []


def test_another_cannot_take_renew_or_drop_an_entry(names: LeaseNames, clock: Clock) -> None:
    lease = names.register("north", "here", {}, 30)
    with pytest.raises(ValueError, match="taken"):
        names.register("north", "there", {}, 30)
    forged = replace(lease, token="0" * 32)
    assert not names.renew(forged) and not names.drop(forged)
    clock.now = 30.0
    later = names.register("north", "there", {}, 30)
    assert not names.renew(lease) and not names.drop(lease)  # the old owner wakes up
    assert later.number > lease.number and names.resolve("north") == "there"
    assert names.drop(later) and names.resolve("north") is None


def test_a_template_finds_what_has_at_least_its_attributes(names: LeaseNames) -> None:
    names.register("north", "1", {"road": "A1", "kind": "speed"}, 30)
    names.register("south", "2", {"road": "A1"}, 30)
    assert [entry.name for entry in names.find({"road": "A1"})] == ["north", "south"]
    assert [entry.name for entry in names.find({"kind": "speed"})] == ["north"]
    assert names.find({"road": "A2"}) == []


@pytest.mark.parametrize("ttl", [0, -1, float("inf"), float("nan"), room.MAX_TTL_S + 1])
def test_no_lease_is_for_ever_or_for_no_time(names: LeaseNames, ttl: float) -> None:
    with pytest.raises(ValueError, match="a lease of"):
        names.register("north", "", {}, ttl)


def test_the_directory_is_bounded(names: LeaseNames, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_ENTRIES", 2)
    for name in "ab":
        names.register(name, "", {}, 1)
    with pytest.raises(ValueError, match="no more"):
        names.register("c", "", {}, 1)


@settings(max_examples=50)
@given(waits=st.lists(st.floats(0.1, 40), max_size=20))
def test_it_is_listed_exactly_until_a_wait_is_as_long_as_the_lease(waits: list[float]) -> None:
    clock = Clock()
    names = LeaseNames(clock)
    lease = names.register("north", "here", {}, 30)
    alive, heard = True, 0.0
    for wait in waits:
        clock.now += wait
        alive = alive and clock.now - heard < 30
        assert names.renew(lease) is alive
        assert (names.resolve("north") == "here") is alive
        heard = clock.now
