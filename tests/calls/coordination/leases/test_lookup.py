"""The lookup service: who renews is listed, who dies lapses, and nobody stays longer than is granted."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases import lookup as room
from companion.calls.coordination.leases.lookup import (
    FOREVER,
    Attributes,
    Lookup,
    LookupClient,
    LookupRefused,
    LookupService,
)
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.lines import Caller, LineError

FLIGHTS = {"type": "BookingService", "name": "flights"}
HERE = ("127.0.0.1", 4711)


def a_lookup(longest: float = FOREVER) -> tuple[Lookup, HandClock]:
    clock = HandClock()
    return Lookup(clock, longest), clock


def test_a_service_is_found_by_what_it_is_until_its_lease_is_over() -> None:
    lookup, clock = a_lookup()
    lookup.register(FLIGHTS, HERE, 30)
    clock.pass_(29)
    (entry,) = lookup.find({"type": "BookingService"})
    assert (entry.address, entry.age) == (HERE, 29)
    assert lookup.find({"type": "Other"}) == [] and lookup.find(FLIGHTS | {"more": "x"}) == []
    clock.pass_(1)
    assert lookup.find({}) == []


def test_a_renewed_service_stays_and_a_lapsed_one_must_register_anew() -> None:
    lookup, clock = a_lookup()
    lease = lookup.register(FLIGHTS, HERE, 30)
    clock.pass_(29)
    assert lookup.renew(lease.number, 30)
    clock.pass_(29)
    assert [entry.age for entry in lookup.find({})] == [29]
    clock.pass_(1)
    assert not lookup.renew(lease.number, 30) and not lookup.drop(lease.number)
    assert lookup.register(FLIGHTS, HERE, 30).number > lease.number


def test_forever_is_for_ever_unless_the_lookup_service_grants_less() -> None:
    for longest, listed in ((FOREVER, 1), (30.0, 0)):
        lookup, clock = a_lookup(longest)
        lookup.register(FLIGHTS, HERE, FOREVER)
        clock.pass_(365 * 86_400)
        assert len(lookup.find({})) == listed


def test_who_watches_hears_of_coming_leaving_and_lapsing() -> None:
    lookup, clock = a_lookup()
    heard: list[str] = []
    lookup.watch({"type": "BookingService"}, lambda what, _: heard.append(what))
    lease = lookup.register(FLIGHTS, HERE, 30)
    lookup.register({"type": "Other"}, HERE, 30)
    lookup.drop(lease.number)
    lookup.register(FLIGHTS, HERE, 10)
    clock.pass_(10)
    lookup.lapse()
    lookup.lapse()
    assert heard == ["came", "left", "came", "lapsed"]


def test_the_last_to_speak_is_found_first() -> None:
    lookup, clock = a_lookup()
    first = lookup.register({"name": "a"}, HERE, 30)
    clock.pass_(1)
    lookup.register({"name": "b"}, HERE, 30)
    clock.pass_(1)
    lookup.renew(first.number, 30)
    assert [entry.attributes["name"] for entry in lookup.find({})] == ["a", "b"]


steps = st.lists(st.tuples(st.sampled_from(["register", "renew", "drop", "wait"]), st.integers(1, 20)), max_size=25)


@given(steps)
@settings(max_examples=50)
def test_nobody_is_listed_longer_than_a_lease_after_it_last_spoke(steps: list[tuple[str, int]]) -> None:
    lookup, clock = a_lookup(longest=10)
    until: dict[int, float] = {}
    for what, number in steps:
        if what == "register":
            lease = lookup.register({"n": "x"}, HERE, number)
            assert lease.number not in until
            until[lease.number] = clock() + min(number, 10)
        elif what == "wait":
            clock.pass_(number)
        else:
            known = until.get(number, 0.0) > clock()
            assert (lookup.renew(number, 10) if what == "renew" else lookup.drop(number)) == known
            if known:
                until[number] = clock() + 10 if what == "renew" else 0.0
        assert len(lookup.find({})) == sum(end > clock() for end in until.values())


@pytest.mark.parametrize("seconds", [0, -1, True, float("nan"), "30"])
def test_what_is_no_time_is_refused(seconds: float) -> None:
    lookup, _ = a_lookup()
    with pytest.raises(LookupRefused):
        lookup.register(FLIGHTS, HERE, seconds)
    assert lookup.find({}) == []


def test_the_list_has_an_end_and_attributes_have_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_ENTRIES", 1)
    lookup, _ = a_lookup()
    tries: list[Attributes] = [{"a": "x" * 201}, {str(n): "" for n in range(17)}]
    for attributes in tries:
        with pytest.raises(LookupRefused):
            lookup.register(attributes, HERE, 30)
    lookup.register(FLIGHTS, HERE, 30)
    with pytest.raises(LookupRefused, match="no more"):
        lookup.register(FLIGHTS, HERE, 30)


def test_over_a_socket_it_is_the_same_and_a_closed_connection_ends_no_lease() -> None:
    with serving(LookupService(HandClock(), longest=30)) as address, LookupClient(address) as client:
        with LookupClient(address) as service:
            number, granted = service.register(FLIGHTS, HERE, FOREVER)
            assert granted == 30 and service.renew(number, 20)
        client.pass_time(19)
        (entry,) = client.find({"name": "flights"})
        assert (entry.address, entry.age, dict(entry.attributes)) == (HERE, 19, FLIGHTS)
        assert client.drop(number) and not client.drop(number) and client.find({}) == []


def test_a_lease_that_is_granted_for_ever_is_told_so() -> None:
    with serving(LookupService(HandClock())) as address, LookupClient(address) as client:
        assert client.register(FLIGHTS, HERE, FOREVER)[1] == FOREVER


@pytest.mark.parametrize(
    "request_",
    [
        {"op": "register"},
        {"op": "register", "attributes": [], "address": ["h", 1], "seconds": 1},
        {"op": "register", "attributes": {"a": 1}, "address": ["h", 1], "seconds": 1},
        {"op": "register", "attributes": {}, "address": "h:1", "seconds": 1},
        {"op": "register", "attributes": {}, "address": ["h", 1]},
        {"op": "renew", "lease": "1"},
        {"op": "find"},
        {},
    ],
)
def test_a_hostile_request_is_refused_and_the_next_one_answered(request_: dict[str, object]) -> None:
    with serving(LookupService(HandClock())) as address, Caller(address) as caller:
        with pytest.raises(LineError):
            caller.call(request_)
        assert caller.call({"op": "find", "template": {}}) == {"found": []}
