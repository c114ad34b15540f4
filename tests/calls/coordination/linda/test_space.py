"""The tuple space: who asks gets the oldest that fits, and a lease gives back what nobody is done with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda import space as room
from companion.calls.coordination.linda.space import Held, Space, SpaceError, fits

fields = st.tuples(st.sampled_from(["task", "sum"]), st.integers(0, 3))


def a_space(*tuples: tuple[room.Field, ...]) -> tuple[Space, HandClock]:
    clock = HandClock()
    made = Space(clock)
    for one in tuples:
        made.out(one)
    return made, clock


@pytest.mark.parametrize(
    ("template", "one", "fit"),
    [
        (("a", None), ("a", 1), True),
        (("a", int), ("a", 1), True),
        (("a", int), ("a", True), False),
        (("a", 1), ("a", True), False),
        (("a", 1), ("a", 1.0), False),
        (("a", float), ("a", 1.0), True),
        (("a",), ("a", 1), False),
        ((str, str), ("a", 1), False),
    ],
)
def test_a_template_fits_by_value_by_type_or_by_place(template: room.Template, one: room.Fields, fit: bool) -> None:
    assert fits(template, one) is fit


def test_the_oldest_that_fits_is_taken_and_reading_leaves_it() -> None:
    space, _ = a_space(("b", 1), ("a", 1), ("a", 2))
    assert space.read(("a", int)) == ("a", 1)
    assert space.take(("a", int)) == Held(("a", 1))
    assert space.take(("a", int)) == Held(("a", 2))
    assert space.take(("a", int)) is None
    assert space.count() == 1


def test_a_tuple_that_comes_back_is_as_old_as_it_was() -> None:
    space, clock = a_space(("a", 1), ("a", 2))
    space.take(("a", None), lease=10)
    clock.pass_(10)
    assert space.take(("a", None)) == Held(("a", 1))


def test_done_is_refused_from_the_last_second_on_and_nothing_changes() -> None:
    space, clock = a_space(("task", 0))
    held = space.take(("task", int), lease=10)
    assert held is not None and held.lease is not None
    clock.pass_(10)
    assert space.done(held.lease, [("sum", 0)]) is False
    assert (space.count(("task", int)), space.count(("sum", int))) == (1, 0)


def test_done_counts_once() -> None:
    space, _ = a_space(("task", 0))
    held = space.take(("task", int), lease=10)
    assert held is not None and held.lease is not None
    assert space.done(held.lease, [("sum", 0)]) and not space.done(held.lease, [("sum", 0)])
    assert space.count() == 1


def test_a_result_that_is_no_tuple_leaves_the_lease_as_it_was() -> None:
    space, _ = a_space(("task", 0))
    held = space.take(("task", int), lease=10)
    assert held is not None and held.lease is not None
    with pytest.raises(SpaceError):
        space.done(held.lease, [("sum", 0), ()])
    assert space.count() == 0 and space.done(held.lease, [("sum", 0)])


def test_a_renewed_lease_lasts_and_an_ended_one_is_not_renewed() -> None:
    space, clock = a_space(("task", 0))
    held = space.take(("task", int), lease=10)
    assert held is not None and held.lease is not None
    clock.pass_(9)
    assert space.renew(held.lease, 10)
    clock.pass_(9)
    assert space.count() == 0
    clock.pass_(1)
    assert not space.renew(held.lease, 10) and space.count() == 1


def test_who_waits_is_served_in_turn_and_readers_all_at_once() -> None:
    space, _ = a_space()
    told: list[tuple[str, room.Fields]] = []
    for name, keep in (("first", False), ("second", False), ("reader", True), ("other reader", True)):
        space.ask(("a", int), lambda held, name=name: told.append((name, held.fields)), keep=keep)  # type: ignore[misc]
    space.out(("a", 1))
    assert told == [("reader", ("a", 1)), ("other reader", ("a", 1)), ("first", ("a", 1))]
    space.out(("a", 2))
    assert told[-1] == ("second", ("a", 2)) and space.waiting == 0 and space.count() == 0


def test_who_is_known_to_be_gone_eats_nothing_and_returns_what_it_held() -> None:
    space, _ = a_space(("a", 1))
    space.ask(("a", int), lambda held: None, owner="gone", lease=10)
    space.ask(("a", int), lambda held: None, owner="gone")
    space.ask(("b", int), lambda held: None, owner="here")
    space.gone("gone")
    space.out(("a", 2))
    assert space.count(("a", int)) == 2 and space.waiting == 1


def test_who_waits_and_is_not_there_eats_tuples_unless_on_lease() -> None:
    for lease, left in ((None, 7), (10.0, 10)):
        space, clock = a_space()
        for _ in range(3):
            space.ask(("task", int), lambda held: None, lease=lease)
        for number in range(10):
            space.out(("task", number))
        assert space.count() == 7
        clock.pass_(10)
        assert space.count() == left


@pytest.mark.parametrize("one", [(), (None,), ([],), (float("nan"),), tuple(range(33)), (b"x",)])
def test_what_is_no_tuple_is_refused(one: tuple[room.Field, ...]) -> None:
    space, _ = a_space()
    with pytest.raises(SpaceError):
        space.out(one)


@pytest.mark.parametrize("lease", [0, -1, True, float("inf"), float("nan"), "10"])
def test_what_is_no_time_is_refused_and_takes_nothing(lease: float) -> None:
    space, _ = a_space(("a", 1))
    with pytest.raises(SpaceError):
        space.take(("a", 1), lease=lease)
    assert space.count() == 1


def test_a_space_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_TUPLES", 2)
    monkeypatch.setattr(room, "MOST_WAITERS", 1)
    space, _ = a_space(("a", 1), ("a", 2))
    held = space.take(("a", 1), lease=10)  # held tuples have their place, as they may come back
    with pytest.raises(SpaceError, match="2 tuples"):
        space.out(("a", 3))
    assert held is not None and held.lease is not None
    with pytest.raises(SpaceError, match="2 tuples"):
        space.done(held.lease, [("b", 1), ("b", 2)])
    assert space.done(held.lease, [("b", 1)])
    space.ask(("c",), lambda held: None)
    with pytest.raises(SpaceError, match="wait already"):
        space.ask(("c",), lambda held: None)


class Ledger(RuleBasedStateMachine):
    """Whatever happens, each task is in the space, or held, or done once."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.clock = HandClock()
        self.space = Space(self.clock)
        self.made = 0
        self.until: dict[int, float] = {}
        self.finished = 0

    @rule()
    def out(self) -> None:
        self.space.out(("task", self.made))
        self.made += 1

    @rule(target=leases, lease=st.integers(1, 20))
    def take(self, lease: int) -> int:
        held = self.space.take(("task", int), lease)
        if held is None or held.lease is None:
            return 0
        assert held.lease not in self.until
        self.until[held.lease] = self.clock() + lease
        return held.lease

    @rule(lease=leases, seconds=st.integers(1, 20))
    def renew(self, lease: int, seconds: int) -> None:
        renewed = self.space.renew(lease, seconds)
        assert renewed == (self.until.get(lease, 0.0) > self.clock())
        if renewed:
            self.until[lease] = self.clock() + seconds

    @rule(lease=consumes(leases))
    def done(self, lease: int) -> None:
        done = self.space.done(lease, [("sum", lease)])
        assert done == (self.until.pop(lease, 0.0) > self.clock())
        self.finished += done

    @rule(seconds=st.integers(0, 25))
    def wait(self, seconds: int) -> None:
        self.clock.pass_(seconds)

    @invariant()
    def every_task_is_somewhere_once(self) -> None:
        held = sum(until > self.clock() for until in self.until.values())
        assert self.space.count(("sum", int)) == self.finished
        assert self.space.count(("task", int)) == self.made - held - self.finished


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@given(st.lists(fields, max_size=8), st.lists(fields, max_size=8))
@settings(max_examples=40)
def test_it_makes_no_difference_who_comes_first_the_tuple_or_the_asker(
    put: list[tuple[str, int]], wanted: list[tuple[str, int]]
) -> None:
    left = []
    for asks_first in (True, False):
        space, _ = a_space()
        got: list[room.Fields] = []
        if not asks_first:
            for one in put:
                space.out(one)
        for template in wanted:
            space.ask(template, lambda held, got=got: got.append(held.fields))  # type: ignore[misc]
        if asks_first:
            for one in put:
                space.out(one)
        left.append((sorted(got), space.count(), space.waiting))
    assert left[0] == left[1]
