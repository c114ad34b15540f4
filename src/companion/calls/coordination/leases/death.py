"""How long a dead service stays listed: a process registers, renews, and is killed."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.leases.lookup import FOREVER, LookupClient, LookupService
from companion.calls.coordination.leases.provider import FLIGHTS, REGISTERED
from companion.calls.coordination.line_server import serving
from companion.calls.coordination.puppets import Puppet

MODULE = "companion.calls.coordination.leases.provider"


@dataclass(frozen=True)
class Seen:
    """What a client saw at some time after the death: how many are listed, and whether a call reaches one."""

    after_s: float
    listed: int
    answers: bool


def after_death(asked: str, longest: float, moments: tuple[float, ...]) -> list[Seen]:
    """Kill a service, and look it up at these seconds after its death, by the lookup service's own clock.

    Parameters
    ----------
    asked : str
        The seconds that it asks for, or ``forever``.
    longest : float
        The longest lease that the lookup service grants.
    moments : tuple of float
        When to look, rising.
    """
    seen, now = [], 0.0
    with serving(LookupService(HandClock(), longest)) as address, LookupClient(address) as client:
        with Puppet(MODULE, *address, asked) as provider:
            provider.until(REGISTERED)
            (alive,) = client.find(FLIGHTS)
            assert _answers(alive.address)
        for moment in moments:
            client.pass_time(moment - now)
            now = moment
            found = client.find(FLIGHTS)
            seen.append(Seen(moment, len(found), any(_answers(one.address) for one in found)))
    return seen


def _answers(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=10).close()
    except OSError:
        return False
    return True


__all__ = ["FOREVER", "Seen", "after_death"]
