"""What each way tells, costs and loses; on the real server, by the script's time."""

import pytest

from companion.calls.messaging.feeds.quotes import arrivals, missed_share, quotes
from companion.calls.messaging.feeds.readers import WAYS
from companion.calls.messaging.feeds.runs import away, bytes_per_event, play

TIMES = arrivals(5, 100, 80)
CUTS = [0.1, 0.3, 0.5]


def by_hand(times: list[float], cycle: float, cuts: list[float] | None = None, outage: float = 0.04) -> list[int]:
    """Which events the article's long poll sees: a few lines instead of a server."""
    seen, back, left = [], 0.0, list(cuts or [])
    for number, now in enumerate(times, 1):
        if now >= back and left and left[0] <= now:
            left.pop(0)
            back = now + outage
        elif now >= back:
            seen.append(number)
            back = now + cycle
    return seen


def test_without_a_cut_only_the_articles_poll_misses_anything() -> None:
    for way in WAYS:
        outcome = play(way, TIMES)
        assert outcome.seen == (by_hand(TIMES, 0.04) if way == "long poll" else list(range(1, 81)))
        assert outcome.connections == 1
        assert outcome.requests == (1 if way in ("SSE", "WebSocket") else outcome.requests) > 0


def test_who_says_what_it_saw_last_loses_nothing_by_cuts_and_sees_nothing_twice() -> None:
    for way in ("lastEventId", "SSE"):
        outcome = play(way, TIMES, cuts=CUTS)
        assert outcome.seen == list(range(1, 81))
        assert outcome.connections == 1 + len(CUTS)


def test_a_websocket_loses_what_was_under_way_and_what_came_while_it_was_away() -> None:
    outcome = play("WebSocket", TIMES, cuts=CUTS, outage=0.05)
    lost, left, back = [], list(CUTS), 0.0
    for number, now in enumerate(TIMES, 1):
        if now < back:
            lost.append(number)
        elif left and left[0] <= now:
            left.pop(0)
            lost.append(number)
            back = now + 0.05
    assert sorted(set(range(1, 81)) - set(outcome.seen)) == lost
    assert len(lost) > len(CUTS)


def test_a_poll_without_memory_loses_by_cuts_what_the_script_says() -> None:
    assert play("long poll", TIMES, cuts=CUTS).seen == by_hand(TIMES, 0.04, CUTS)


@pytest.mark.parametrize("load", [0.5, 3.0])
def test_the_missed_share_comes_near_the_closed_form(load: float) -> None:
    outcome = away(11, load, events=300)
    assert outcome.share == pytest.approx(missed_share(load), abs=0.08)


def test_latency_is_one_delay_for_who_is_told_and_nearer_two_for_who_asks() -> None:
    assert play("SSE", TIMES).latency == pytest.approx(0.02)
    assert 0.02 < play("lastEventId", TIMES).latency <= 0.06


def test_an_event_costs_its_text_and_what_each_way_puts_around_it() -> None:
    text = len(quotes(5, 10)[-1][1])
    assert bytes_per_event("WebSocket", 5) == (text + 2, 0)  # an opcode and a length
    assert bytes_per_event("SSE", 5) == (text + len("id: 10\ndata: \n\n") + len("49\r\n\r\n"), 0)
    plain, memory = bytes_per_event("long poll", 5), bytes_per_event("lastEventId", 5)
    assert plain[0] == memory[0] > 2 * text
    assert memory[1] - plain[1] == len("?after=10")
