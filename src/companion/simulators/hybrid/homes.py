"""What users wait for a record whose home is one of several cities that are not equally far apart."""

from __future__ import annotations

import random
from collections.abc import Sequence

from companion.simulators.clock import Clock


def mean_wait(times: Sequence[Sequence[float]], asks: Sequence[int], home: int) -> float:
    """Send the messages of a red operation from each city, and give the mean wait of all users (ms).

    Parameters
    ----------
    times : sequence of sequences of float
        The way from each city to each other, in ms.
    asks : sequence of int
        How many users ask in each city.
    home : int
        The city that decides, when a majority of the cities has the record; itself it has it at once.
    """
    clock, waits = Clock(), list[float]()

    def recorded(city: int, seen: list[int]) -> None:
        seen.append(city)
        if len(seen) == len(times) // 2 + 1:
            clock.after(times[home][city], lambda: waits.append(asks[city] * clock.now))

    def ask(city: int) -> None:
        seen = list[int]()
        for other, way in enumerate(times[home]):
            clock.after(way + times[other][home], recorded, city, seen)

    for city in range(len(times)):
        clock.at(times[city][home], ask, city)
    clock.run()
    return sum(waits) / sum(asks)


def some_cities(rng: random.Random, number: int) -> tuple[list[list[float]], list[int]]:
    """Draw cities on a map: the ways between them (ms), and how many users ask in each."""
    places = [(rng.randrange(200), rng.randrange(80)) for _ in range(number)]
    times = [[float(abs(x - a) + abs(y - b)) for a, b in places] for x, y in places]
    return times, [rng.randrange(1, 40) for _ in places]
