"""A service is killed: its entry stays as long as its lease, and no longer."""

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases.death import FOREVER, Seen, after_death
from companion.calls.coordination.leases.lookup import LookupClient, LookupService
from companion.calls.coordination.leases.provider import FLIGHTS, REGISTERED, RENEWED
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.puppets import Puppet


def test_a_dead_service_stays_listed_for_ever_if_that_was_granted() -> None:
    year = 365.0 * 86_400
    assert after_death("forever", FOREVER, (0, year)) == [Seen(0, 1, False), Seen(year, 1, False)]


def test_a_dead_service_lapses_when_less_was_granted() -> None:
    assert after_death("forever", 30, (29, 30)) == [Seen(29, 1, False), Seen(30, 0, False)]


def test_a_service_that_lives_and_renews_stays_listed() -> None:
    with serving(LookupService(HandClock())) as address, LookupClient(address) as client:
        with Puppet("companion.calls.coordination.leases.provider", *address, 30) as provider:
            provider.until(REGISTERED)
            for _ in range(3):
                client.pass_time(29)
                assert provider.go() == RENEWED
            assert len(client.find(FLIGHTS)) == 1
        client.pass_time(30)
        assert client.find(FLIGHTS) == []
