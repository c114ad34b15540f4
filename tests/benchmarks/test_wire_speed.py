"""How long one call takes on each wire, beside the bare socket. Records, and asserts no time: machines differ."""

from typing import Any

import pytest

from companion.calls.wire import PROTOCOLS, connect
from companion.calls.wire.experiments.speed import calls_per_second, served_apart
from companion.calls.wire.recording.record import ADA


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.benchmark(group="one call, server in a process of its own")
def test_one_call(benchmark: Any, protocol: str) -> None:
    with served_apart(protocol) as address, connect(protocol, address, timeout=10.0) as client:
        client.add(ADA)
        found = benchmark.pedantic(client.get, args=(ADA.id,), rounds=300, warmup_rounds=50)
    assert found == ADA


def test_every_wire_is_measured_in_the_same_way(capsys: pytest.CaptureFixture[str]) -> None:
    rates = {protocol: calls_per_second(protocol, seconds=0.3) for protocol in PROTOCOLS}
    bare = rates["socket"]["calls_per_second"]
    with capsys.disabled():
        ratios = {protocol: f"{rate['calls_per_second'] / bare:.3f}" for protocol, rate in rates.items()}
        print(f"\ncalls a second, as a part of the bare socket's: {ratios}")
    assert all(rate["calls"] >= 2 and 0 < rate["median_us"] <= rate["p99_us"] for rate in rates.values())
