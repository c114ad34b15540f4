"""What is measured has the figures that the page asks for, in sizes that any machine can do."""

from companion.calls.messaging.feeds.measures import real_time
from companion.calls.messaging.feeds.readers import WAYS


def test_in_real_time_nothing_is_faster_than_the_delay_and_only_the_articles_poll_misses() -> None:
    found = real_time()
    for rate in (20, 100):
        assert found[f"cycle {rate}"] >= 40
        assert 0 < found[f"law {rate}"] < 1
        assert 0 <= found[f"missed {rate}"] < 1
        assert all(found[f"latency {way} {rate}"] >= 1 for way in WAYS)
