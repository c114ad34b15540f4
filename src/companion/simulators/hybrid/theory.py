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
