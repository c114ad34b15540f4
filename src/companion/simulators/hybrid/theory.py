"""What the simulation must agree with."""

from __future__ import annotations

from math import exp

from companion.simulators.hybrid.settings import KINDS, Settings


def coordinated_latency(settings: Settings) -> float:
    """Give the mean wait for the coordinator without jitter or partition, in ms.

    A round trip between coordinator and majority for everyone, and one more for users at other sites; all of equal
    length, so the majority's slowest is no slower than its fastest.
    """
    round_trip = 2 * settings.network_latency
    return settings.base_latency + round_trip + round_trip * (settings.n_sites - 1) / settings.n_sites


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
    elsewhere = per_slot * (settings.n_sites - 1) / settings.n_sites
    booked = 1 - exp(-per_slot * settings.duration)
    return settings.slots * booked * (1 - exp(-elsewhere * settings.network_latency / 1000))


def promises_taken_back(settings: Settings) -> float:
    """Give how many bookings an optimistic user is expected to be shown and then to lose, without jitter or partition.

    As in `double_bookings`, but the news makes a stop at the first site, whose server decides. A booking of another
    site takes `network_latency` (d) to get there. To any site but the first it travels on, after the state that is
    under way when it comes: where operations are so many that one always is, that is d/2 on average, and then d more.
    From another site to the first news takes d, from there to another 1.5 d, between two others 2.5 d. Weighed by how
    often the users of each pair meet, that is (1 + 1.5)(n - 1) d + 2.5 (n - 1)(n - 2) d by n^2, or 2.5 d ((n - 1)/n)^2.
    """
    per_slot = settings.request_rate * settings.room_share / settings.slots
    booked = 1 - exp(-per_slot * settings.duration)
    unaware = 2.5 * settings.network_latency / 1000 * ((settings.n_sites - 1) / settings.n_sites) ** 2
    return settings.slots * booked * per_slot * unaware
