"""What the simulation must agree with."""

from __future__ import annotations

from math import exp

from companion.simulators.hybrid.settings import KINDS, Settings


def coordinated_latency(settings: Settings) -> float:
    """Give the mean wait for the coordinator without jitter or partition, in ms.

    A round trip between coordinator and majority for everyone, and one more for users at other sites; all of equal
    length, so the majority's slowest is no slower than its fastest. With home sites the users at other sites are those
    who do not want a room of their own city.
    """
    round_trip = 2 * settings.network_latency
    far = (settings.n_sites - 1) / settings.n_sites
    if settings.mode == "home":
        far *= 1 - settings.near_share
    return settings.base_latency + round_trip + round_trip * far


def mean_latency(settings: Settings) -> float:
    """Give the mean wait over all operations without jitter or partition, in ms: each kind pays for itself."""
    shares = dict(zip(KINDS, (settings.room_share, settings.note_share), strict=False))
    shares["colour"] = 1 - settings.room_share - settings.note_share
    coordinated = sum(shares[kind] for kind in KINDS if settings.coordinated(kind))
    return coordinated * coordinated_latency(settings) + (1 - coordinated) * settings.base_latency


def double_bookings(settings: Settings) -> float:
    """Give how many slots are expected to be confirmed twice when nothing is coordinated, without jitter or partition.

    A slot is booked for the first time by somebody; it is booked again if another site's users ask for it before the
    news arrives, which takes `network_latency`. Requests for one slot are a Poisson stream.
    """
    per_slot = settings.request_rate * settings.room_share / settings.slots
    booked = 1 - exp(-per_slot * settings.duration)
    late = settings.network_latency / 1000
    again = sum(share * (1 - exp(-per_slot * (1 - share) * late)) for share in _askers(settings))
    return settings.slots * booked * again


def promises_taken_back(settings: Settings) -> float:
    """Give how many bookings an optimistic user is expected to be shown and then to lose, without jitter or partition.

    As in `double_bookings`, but the news makes a stop at the first site, whose server decides. A booking of another
    site takes `network_latency` (d) to get there, and d more to any site but the first. A server that sends one state
    at a time lets it wait for the one that is under way: where one always is, that is d/2 on average. (The server knows
    of the arrival at once; an acknowledgement that has to travel back would make it d.) So without a preference for
    near rooms the news takes 2 d ((n - 1)/n)^2 on average when sent at once, and 2.5 d ((n - 1)/n)^2 otherwise, where
    between sites that merge it takes d (n - 1)/n.
    """
    per_slot = settings.request_rate * settings.room_share / settings.slots
    booked = 1 - exp(-per_slot * settings.duration)
    onward = 1.0 if settings.server_sends == "at once" else 1.5
    unaware = 0.0
    for home in range(settings.n_sites):
        shares = _askers(settings, home)
        for first, share in enumerate(shares):
            for second, other in enumerate(shares):
                if first != second:
                    unaware += share * other * ((first != 0) + onward * (second != 0)) / settings.n_sites
    return settings.slots * booked * per_slot * unaware * settings.network_latency / 1000


def _askers(settings: Settings, home: int = 0) -> list[float]:
    """List which share of those who want a slot asks at each site, when its room stands at `home`."""
    anywhere = (1 - settings.near_share) / settings.n_sites
    return [anywhere + (settings.near_share if site == home else 0.0) for site in range(settings.n_sites)]
