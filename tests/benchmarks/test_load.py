"""What the load generator itself costs, and how far it keeps its schedule, beside a bare closed loop over one socket.

Records, and asserts no time: machines differ. The server is the event loop of chapter 3, in a process of its own.
"""

from __future__ import annotations

import socket
import time

import pytest

from companion.calls.concurrency.load import load
from companion.calls.concurrency.load.http1 import read_response, write_request
from companion.calls.concurrency.load.report import PUNCTUAL
from companion.calls.concurrency.servers import Server, running

CONNECTIONS = 16


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
    """Doubled until the generator is late by more than `PUNCTUAL` in one request of a hundred, or requests fail."""
    kept, rate = 0.0, 125.0
    with running("loop") as server:
        bare, _ = bare_loop(server)
        while rate < 100_000:
            report = load(server.url(), rate=rate, seconds=2, connections=CONNECTIONS, timeout=20)
            if report.failed or report.late > PUNCTUAL:
                break
            kept, rate = rate, 2 * rate
    with capsys.disabled():
        print(
            f"\nkept its schedule at {kept:.0f}/s, not at {rate:.0f}/s; {kept / bare:.2f} of a bare closed loop's rate"
        )
    assert kept < rate
