"""A child is a real process: it says that it is up, ends in ways that have a name, and ends with its supervisor."""

from __future__ import annotations

import signal
import time

import pytest

from companion.calls.concurrency.supervisor.children import PATIENCE, ChildError, Process, reason_of


def test_ends_are_told_by_status_or_by_signal() -> None:
    assert [reason_of(status) for status in (0, 3, -9, -15)] == ["normal", "exit 3", "SIGKILL", "SIGTERM"]


def test_a_child_lives_until_it_is_killed_and_says_of_what_it_died() -> None:
    with Process("a") as child:
        assert child.reason() is None
        child.send(signal.SIGKILL)
        assert child.reason() == "SIGKILL"
        child.start()
        assert (child.reason(), child.starts) == (None, 2)
        child.leave(7)
        assert child.reason() == "exit 7"


def test_a_child_that_was_never_started_is_dead_and_may_be_stopped() -> None:
    child = Process("a")
    child.stop()
    assert child.reason() == "not started"
    with pytest.raises(ValueError, match="not started"):
        _ = child.pid


def test_a_stubborn_child_is_killed_after_its_grace_and_a_polite_one_is_not() -> None:
    with Process("polite") as polite, Process("stubborn", stubborn=True, grace=0.05) as stubborn:
        pass
    assert (polite.reason(), stubborn.reason()) == ("SIGTERM", "SIGKILL")


def test_a_stopped_child_is_not_dead_but_can_be_ended() -> None:
    with Process("a", grace=0.05) as child:
        child.send(signal.SIGSTOP)
        assert child.reason() is None
    assert child.reason() == "SIGKILL"


def test_a_silent_child_is_found_by_the_clock_and_a_beating_one_is_not() -> None:
    now = [0.0]
    with Process("a", beat=0.01, missed=3, grace=0.05, clock=lambda: now[0]) as child:
        for tick in range(1, 6):
            now[0] = tick * 0.02
            end = time.monotonic() + PATIENCE
            while child._heard < now[0] and time.monotonic() < end:
                assert child.reason() is None
            assert child._heard == now[0]
        child.send(signal.SIGSTOP)
        assert child.reason() is None  # what it said before is heard now
        now[0] += 0.031
        assert child.reason() == "no heartbeat"


def test_a_child_that_cannot_come_up_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.calls.concurrency.supervisor.children.PROGRAM", "raise SystemExit(1)")
    child = Process("a")
    with pytest.raises(ChildError, match="a: the process did not come up"):
        child.start()
    assert child.reason() == "exit 1"


@pytest.mark.parametrize("wrong", [{"beat": -1.0}, {"missed": -1}, {"grace": -0.1}])
def test_negative_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="none may be negative"):
        Process("a", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("beat", [0.0, 0.01])
def test_a_child_ends_when_its_input_does(beat: float) -> None:
    with Process("a", beat=beat) as child:
        assert child._running is not None and child._running.stdin is not None
        child._running.stdin.close()
        assert child._running.wait(PATIENCE) == 0
