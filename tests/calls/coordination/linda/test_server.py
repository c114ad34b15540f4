"""A space behind a socket: what a connection held on lease is back when it closes, or when the time is up."""

import threading

import pytest

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.client import SpaceClient
from companion.calls.coordination.linda.server import serve_space
from companion.calls.coordination.linda.space import Held
from companion.calls.coordination.lines import Gone, LineError, NoAnswer
from companion.proxy import Faults, proxy


def test_a_client_does_what_the_space_does() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as space:
        space.out(("a", 1, 1.0, True, "é"))
        assert space.read((str, None, float, bool, "é")) == ("a", 1, 1.0, True, "é")
        held = space.take(("a", None, None, None, None), lease=10)
        assert held == Held(("a", 1, 1.0, True, "é"), 1)
        assert space.renew(1, 20) and space.done(1, [("b",)]) and not space.done(1)
        assert space.take(("a",)) is None
        assert (space.count(), space.count(("b",)), space.requests) == (1, 1, 9)


def test_who_waits_gets_what_comes() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as one, SpaceClient(address) as other:
        got: list[Held | None] = []
        waiting = threading.Thread(target=lambda: got.append(one.take(("a", int), wait=True)))
        waiting.start()
        while other.waiting() == 0:
            continue
        other.out(("b", 1))
        other.out(("a", 2))
        waiting.join()
        assert got == [Held(("a", 2))] and other.count() == 1


def test_a_lost_connection_returns_what_it_held_on_lease_and_eats_nothing() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as stays:
        stays.out(("a", 1))
        stays.out(("a", 2))
        with SpaceClient(address) as leaves:
            leaves.take(("a", 1), lease=10)
            leaves.take(("a", 2))  # for good
        with SpaceClient(address) as leaves, pytest.raises(NoAnswer):
            leaves.take(("b", int), wait=True, patience=0.05)
        while stays.waiting() or not stays.count():
            continue
        stays.out(("b", 1))
        assert (stays.count(("a", int)), stays.count(("b", int))) == (1, 1)


def test_a_worker_that_loses_the_answer_to_done_counts_once_all_the_same() -> None:
    with serve_space(HandClock()) as address, SpaceClient(address) as master:
        master.out(("task", 0))
        with proxy(address) as wire, SpaceClient(wire.address) as worker:
            held = worker.take(("task", int), lease=10)
            assert held is not None and held.lease is not None
            wire.faults = Faults(instead=b"")  # the next answer is lost
            with pytest.raises(Gone):
                worker.done(held.lease, [("sum", 0)])
        assert (master.count(("task", int)), master.count(("sum", int))) == (0, 1)
        assert master.done(held.lease, [("sum", 0)]) is False


def test_on_a_real_clock_a_lease_ends_by_itself() -> None:
    with serve_space() as address, SpaceClient(address) as one, SpaceClient(address) as other:
        one.out(("a", 1))
        held = one.take(("a", int), lease=0.05)
        assert held is not None and held.lease is not None
        assert other.take(("a", int), wait=True) == Held(("a", 1))  # the server wakes by itself
        assert one.done(held.lease, [("b",)]) is False
        with pytest.raises(LineError, match="goes by itself"):
            one.pass_time(1)
