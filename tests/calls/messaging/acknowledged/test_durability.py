"""What is left of acknowledged messages, and what the server does for it."""

import asyncio
from pathlib import Path

import pytest

from companion.calls.messaging.acknowledged import durability
from companion.calls.messaging.acknowledged.durability import apart, can_trace, cut_power, publish, state, syncs
from companion.calls.messaging.broker import BrokerError, running


def test_a_killed_server_has_every_message_that_it_acknowledged() -> None:
    with running() as broker:
        assert apart(lambda: publish(broker.url, 200, in_flight=20)) == 200
        broker.kill()
        broker.restart()
        assert apart(lambda: state(broker.url)) == (200, 200)


@pytest.mark.parametrize(("kept", "left"), [(1.0, 100), (0.5, 50), (0.499, 49), (0.0, 0)])
def test_a_power_cut_leaves_whole_messages_and_counts_on_from_them(kept: float, left: int) -> None:
    with running() as broker:
        apart(lambda: publish(broker.url, 100, in_flight=20))
        cut_power(broker, kept)
        assert apart(lambda: state(broker.url)) == (left, left)
        assert "Restored" in broker.log and "Filestore" not in broker.log  # where a server says what it misses


def test_a_server_that_was_once_stopped_cleanly_notices_what_is_missing() -> None:
    with running() as broker:
        apart(lambda: publish(broker.url, 100, in_flight=20))
        broker.restart()
        cut_power(broker, 0)
        assert apart(lambda: state(broker.url)) == (0, 100)
        assert "Stream state outdated" in broker.log


def test_without_a_file_of_messages_no_power_cut_is_played() -> None:
    with running() as broker, pytest.raises(BrokerError, match="no file of messages"):
        cut_power(broker, 0.5)


def test_an_acknowledgement_waits_for_the_disk_only_when_told_so() -> None:
    if not can_trace():
        pytest.skip("strace is not here: fsync cannot be counted")
    assert syncs(40) - syncs(0) == 0
    assert syncs(40, "always") - syncs(0, "always") == 40


def test_without_strace_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match="strace"):
        syncs(1)


def test_the_cost_is_the_ratio_of_the_two_settings_times(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0, 1, 10, 12, 20, 23, 30, 40])  # 1 s and 2 s by default, 3 s and 10 s with "always"

    async def publish(url: str, messages: int, *, in_flight: int = 1) -> int:
        return messages

    monkeypatch.setattr(durability, "publish", publish)
    monkeypatch.setattr("companion.calls.messaging.acknowledged.durability.time.perf_counter", lambda: next(clock))
    monkeypatch.setattr(durability, "running", lambda sync=None: running(sync=sync))
    assert durability.cost() == {"times_1": 3.0, "times_100": 5.0}


def test_an_error_in_the_other_thread_is_raised_here() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise BrokerError("no")

    with pytest.raises(BrokerError, match="no"):
        apart(fail)
