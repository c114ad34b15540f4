"""What the load generator itself costs, and how far it keeps its schedule, beside a bare closed loop over one socket.

Records, and asserts no time: machines differ. The server is the event loop of chapter 3, in a process of its own.
"""

from __future__ import annotations

import socket
import time

import pytest

from companion.calls.concurrency.load import load
from companion.calls.concurrency.load.http1 import read_response, write_request
from companion.calls.concurrency.servers import Server, running

CONNECTIONS = 16
BEHIND = 0.1
"""Seconds after the last planned moment by which the last answer is there, if all keep up."""


def bare_loop(server: Server, seconds: float = 1.0) -> tuple[float, float]:
    """Ask over one socket, one request after the other; give requests a second, and our processor's us for each."""
    request, count = write_request("h", "/"), 0
    with socket.create_connection((server.host, server.port), timeout=10) as connection:
        used, end = time.process_time(), time.perf_counter() + seconds
        while time.perf_counter() < end:
            connection.sendall(request)
            data = b""
            while read_response(data) is None:
                data += connection.recv(4096)
            count += 1
        return count / seconds, 1e6 * (time.process_time() - used) / count


def test_what_the_generator_costs(capsys: pytest.CaptureFixture[str]) -> None:
    with running("loop") as server:
        _, bare = bare_loop(server)
        used = time.process_time()
        report = load(server.url(), rate=200, seconds=5, connections=CONNECTIONS)
        cost = 1e6 * (time.process_time() - used) / len(report.samples)
    with capsys.disabled():
        print(f"\nprocessor for a request: {cost:.0f} us, {cost / bare:.1f} times that of a bare closed loop")
    assert report.failed == 0


def test_up_to_which_rate_it_keeps_its_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    """Raised until requests fail, or the generator is late or too busy, or the last answer comes long after the plan.

    Generator and server have a core each, and cost about the same: which of the two gives in first is the machine's.
    """
    kept, rate, seconds = 0.0, 200.0, 2.0
    with running("loop") as server:
        bare, _ = bare_loop(server)
        while rate < 50_000:
            report = load(server.url(), rate=rate, seconds=seconds, connections=CONNECTIONS, timeout=20)
            if report.failed or not report.kept or report.samples[-1].done > seconds + BEHIND:
                break
            kept, rate = rate, 1.5 * rate
    with capsys.disabled():
        print(f"\nkept up with {kept:.0f}/s, not with {rate:.0f}/s; {kept / bare:.2f} of a bare closed loop's rate")
    assert kept < rate
