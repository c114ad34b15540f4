"""The feed's quotes and times."""

import itertools
import json
import random
import statistics

import pytest

from companion.calls.messaging.feeds.quotes import arrivals, missed_share, quotes


def test_the_same_seed_gives_the_same_feed_and_each_quote_has_its_number() -> None:
    told = quotes(5, 300)
    assert told == quotes(5, 300) != quotes(6, 300)
    assert [json.loads(text)["id"] for _, text in told] == [number for number, _ in told] == list(range(1, 301))
    assert {len(text) for _, text in told[9:99]} == {60}


def test_the_times_are_those_of_a_poisson_process() -> None:
    times = arrivals(5, 20.0, 4000)
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert min(gaps) > 0
    assert statistics.fmean(gaps) == pytest.approx(0.05, rel=0.05)
    assert statistics.stdev(gaps) == pytest.approx(0.05, rel=0.08)


def test_the_share_missed_is_that_of_a_simulation_without_any_server() -> None:
    for load in (0.25, 1.0, 4.0):
        back, missed, draws, now = 0.0, 0, random.Random(3), 0.0
        for _ in range(20_000):
            now += draws.expovariate(load)
            if now < back:
                missed += 1
            else:
                back = now + 1
        assert missed / 20_000 == pytest.approx(missed_share(load), abs=0.01)
    assert missed_share(0) == 0
