"""One client that stops reading, and what the server does for it and for the others."""

import pytest

from companion.calls.messaging.feeds.deaf import BOUND, SENDERS, feed

MESSAGES, SIZE = 150, 20_000


@pytest.mark.parametrize("sender", ["await send, one by one", "await gather"])
def test_a_send_that_is_awaited_stops_the_feed_for_everybody(sender: str) -> None:
    heard = feed(sender, messages=MESSAGES, readers=2)
    assert heard.stopped and 0 < heard.sent < MESSAGES
    assert 0 < heard.buffered < BOUND
    assert not heard.hung_up


def test_broadcast_goes_on_and_keeps_everything_for_the_deaf_one() -> None:
    heard = feed("broadcast", messages=MESSAGES, readers=2)
    assert (heard.sent, heard.stopped, heard.hung_up) == (MESSAGES, False, False)
    assert MESSAGES * SIZE * 0.5 < heard.buffered < MESSAGES * (SIZE + 4)


def test_with_a_bound_the_deaf_one_is_hung_up_on_and_nobody_else() -> None:
    heard = feed("broadcast, bounded", messages=MESSAGES, readers=2)
    assert (heard.sent, heard.stopped, heard.hung_up) == (MESSAGES, False, True)
    assert heard.buffered <= BOUND


def test_without_trouble_all_senders_tell_everybody_everything() -> None:
    for sender in SENDERS:
        heard = feed(sender, messages=20, size=40, readers=2)
        assert (heard.sent, heard.stopped, heard.buffered, heard.hung_up) == (20, False, 0, False)
