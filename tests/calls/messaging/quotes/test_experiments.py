"""What the chapter tries, in small; the thousand followers in `make soak`."""

import json

import pytest
from nats.js import JetStreamContext
from nats.js.api import DeliverPolicy

from companion.calls.messaging.quotes.experiments import (
    Cuts,
    Stalled,
    all_at_once,
    cut_again_and_again,
    one_stops_reading,
    real_joins,
)
from companion.calls.messaging.quotes.joins import holes, steps_back


async def join(js: JetStreamContext, subject: str, last: int) -> list[int]:
    heard = await js.subscribe(subject, ordered_consumer=True, deliver_policy=DeliverPolicy.LAST_PER_SUBJECT)
    seen: list[int] = []
    while not seen or seen[-1] < last:
        seen.append(json.loads((await heard.next_msg(timeout=20)).data)["number"])
    await heard.unsubscribe()
    return seen


def test_joins_at_the_broker_begin_with_the_last_quote_and_miss_nothing() -> None:
    found = real_joins(join, joins=30, quotes=60)
    assert len(found) == 30 and len({seen[0] for seen in found}) > 5, "they joined at different moments"
    assert not any(holes(seen, 60) or steps_back(seen) for seen in found)


def test_a_follower_that_is_cut_50_times_over_sockets_misses_nothing() -> None:
    found = cut_again_and_again(50)
    assert found == Cuts(50, found.quotes, 0, 0) and found.quotes > 100


def test_who_stops_reading_is_sent_away_with_a_reason_and_nobody_misses_anything() -> None:
    assert one_stops_reading(others=3) == Stalled(0, 1008, "does not read", 0, 0)


def test_everybody_gets_every_quote() -> None:
    found = all_at_once(25, 5)
    assert (found["followers"], found["quotes"]) == (25, 125)


@pytest.mark.soak
def test_a_thousand_followers_get_every_quote() -> None:
    assert all_at_once(1000, 100)["quotes"] == 100_000


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_a_follower_that_is_cut_500_times_misses_nothing(seed: int) -> None:
    assert cut_again_and_again(500, seed)[2:] == (0, 0)
