"""Calls a second: what is counted, and against what; how fast the wires are is no matter here."""

from __future__ import annotations

import pytest

from companion.calls.wire import Customer, CustomerStore
from companion.calls.wire.experiments import speed
from companion.calls.wire.recording.record import ADA


class Counting(CustomerStore):
    """A store that can stand for a client, and knows how often it was asked."""

    asked = 0

    def get(self, id: int) -> Customer | None:
        self.asked += 1
        return super().get(id)

    def close(self) -> None:
        """There is no connection."""


def test_however_short_the_time_two_calls_are_made_and_each_has_its_own() -> None:
    client = Counting([ADA])
    assert len(speed.call_for(client, 0.0)) == client.asked == 2


def test_a_wire_is_measured_against_a_server_in_a_process_of_its_own() -> None:
    found = speed.calls_per_second("socket", seconds=0.0, warm_up=0.0)
    assert found["calls"] == 2
    assert 0 < found["median_us"] <= found["p95_us"] <= found["p99_us"]
    assert found["calls_per_second"] <= 2 / (2e-6 * found["median_us"])


def test_every_wire_is_compared_with_the_raw_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = {"socket": 8000.0, "rest": 2000.0}
    monkeypatch.setattr(speed, "calls_per_second", lambda protocol, seconds: {"calls_per_second": rates[protocol]})
    assert speed.speeds(("rest", "socket")) == {**rates, "rest ratio": 0.25, "socket ratio": 1.0}


def test_a_server_that_does_not_start_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "COMMAND", "import sys; sys.exit('no such port')")
    with pytest.raises(RuntimeError, match="the server did not start: no such port"), speed.served_apart("socket"):
        pass
