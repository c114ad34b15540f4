"""How many calls a second one client makes on each wire. The server has a process of its own.

In one process, client and server would take turns at Python's interpreter lock, and a call would measure the turns.
"""

import contextlib
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from companion.calls.wire import PROTOCOLS, connect
from companion.calls.wire.customers import Address, Client
from companion.calls.wire.recording.record import ADA

COMMAND = "from companion.cli import app; app()"


@contextlib.contextmanager
def served_apart(protocol: str) -> Iterator[Address]:
    """Serve one wire in another process while the context lasts, by `companion serve wire`."""
    arguments = [sys.executable, "-c", COMMAND, "serve", "wire", "--protocol", protocol, "--port", "0"]
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            ready = re.match(r"ready \w+://([^:/]+):(\d+)", line)
            if ready is None:
                raise RuntimeError(f"the server did not start: {line.strip() or 'it said nothing'}")
            yield Address(ready[1], int(ready[2]))
        finally:
            process.terminate()


def calls_per_second(protocol: str, seconds: float = 1.0, warm_up: float = 0.3) -> dict[str, float]:
    """Measure how many calls one client makes, one after the other, over loopback.

    Parameters
    ----------
    protocol : str
        The wire.
    seconds : float
        How long to measure.
    warm_up : float
        How long to call before that, so that the connection is open and the code has run.

    Returns
    -------
    dict
        `calls_per_second`, `calls`, and the `median_us`, `p95_us` and `p99_us` of a call in microseconds.
    """
    with served_apart(protocol) as address, connect(protocol, address, timeout=10.0) as client:
        client.add(ADA)
        call_for(client, warm_up)
        began = time.perf_counter()
        took = call_for(client, seconds)
        elapsed = time.perf_counter() - began
    cuts = statistics.quantiles(took, n=100)
    return {
        "calls_per_second": len(took) / elapsed,
        "calls": len(took),
        "median_us": 1e6 * statistics.median(took),
        "p95_us": 1e6 * cuts[94],
        "p99_us": 1e6 * cuts[98],
    }


def call_for(client: Client, seconds: float) -> list[float]:
    """Ask for a customer for so long, twice at least, and return how many seconds each call took."""
    took: list[float] = []
    end = time.perf_counter() + seconds
    while len(took) < 2 or time.perf_counter() < end:
        began = time.perf_counter()
        client.get(ADA.id)
        took.append(time.perf_counter() - began)
    return took


def speeds(protocols: Sequence[str] = PROTOCOLS, seconds: float = 1.0) -> dict[str, float]:
    """Measure every wire in turn, in one run, and compare each with the raw socket.

    Returns
    -------
    dict
        By protocol the calls a second, and as ``PROTOCOL ratio`` how many times the socket's calls that is.
    """
    rates = {protocol: calls_per_second(protocol, seconds)["calls_per_second"] for protocol in protocols}
    return {**rates, **{f"{protocol} ratio": rate / rates["socket"] for protocol, rate in rates.items()}}
