"""What chapter 3 tries on its servers: who starves, who is stopped by slow clients, and what a request costs."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from companion.calls.concurrency.load import Report, load
from companion.calls.concurrency.load.http1 import read_response, write_request
from companion.calls.concurrency.servers.models import ServerError
from companion.calls.concurrency.servers.process import Server, running

HALF = b"GET / HTTP/1.1\r\nHost: slow.example\r\n"
"""A request without its end."""

PROCESSES = {
    "C": ["true"],
    "Perl": ["perl", "-e", "1"],
    "Python, bare": [sys.executable, "-I", "-S", "-c", ""],
    "Python": [sys.executable, "-c", ""],
    "Python, three imports": [sys.executable, "-c", "import json, sqlite3, urllib.request"],
}
"""Programs that do nothing, by what they are written in."""


OWNERS = ("prefork", "pool")
"""The models whose workers own connections, and where somebody waits in vain."""
IN_VAIN, PATIENT = 2.0, 30.0
"""Seconds after which a request has failed: where some must, and where none should."""


def crowd(
    model: str, *, connections: int = 256, workers: int = 16, close: bool = False, timeout: float | None = None
) -> Report:
    """Send one request of 20 ms over each of many connections within a second; they stay open until all is over."""
    waits = timeout or (IN_VAIN if model in OWNERS and not close else PATIENT)
    with running(model, workers=workers) as server:
        return load(server.url("ms=20"), rate=connections, seconds=1, connections=connections, close=close,
                    timeout=waits)  # fmt: skip


def honest_served(model: str, *, slow: int, honest: int = 10, workers: int = 16, timeout: float | None = None) -> int:
    """Count the honest requests that are served while so many clients have sent half of theirs, and wait.

    The slow ones connect first, and a listener's queue keeps its order: that is what ties them to the workers.
    """
    waits = timeout or (IN_VAIN if model in OWNERS else PATIENT)
    with running(model, workers=workers) as server, half_sent(server, slow):
        return load(server.url(), rate=10 * honest, seconds=0.1, connections=honest, timeout=waits).answered


@contextlib.contextmanager
def half_sent(server: Server, count: int) -> Iterator[None]:
    """Hold so many connections on which half a request has been sent."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            stack.enter_context(socket.create_connection((server.host, server.port), timeout=10)).sendall(HALF)
        yield


@contextlib.contextmanager
def idle(server: Server, count: int) -> Iterator[None]:
    """Hold so many connections on which one request has been answered."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(socket.create_connection((server.host, server.port), timeout=10))
            connection.sendall(write_request("localhost", "/"))
            data = b""
            while read_response(data) is None:
                more = connection.recv(4096)
                if not more:
                    raise ServerError(f"{server.model} closed a connection")
                data += more
        yield


@dataclass(frozen=True)
class Omission:
    """One server that stood still for a while, as two load generators saw it.

    Attributes
    ----------
    open, closed : Report
        Requests timed from their intended moments; and sent by one client after each other.
    law : float
        The 99th percentile that the open loop should see at least, in seconds, without the service's own time.
    """

    open: Report
    closed: Report
    law: float


def cannot_pause() -> str:
    """Say in one line why a process cannot be stopped and continued here, or nothing."""
    return "" if hasattr(signal, "SIGSTOP") else "this platform cannot stop a process and continue it"


def omission(*, rate: float = 100, seconds: float = 5.0, stop: float = 0.5, service: float = 0.005) -> Omission:
    """Stop a server for a while, twice: under an open loop, and under one client who waits for each answer.

    Parameters
    ----------
    rate
        Requests a second.
    seconds, stop, service
        How long the run takes, the pause in it, and one answer.

    Raises
    ------
    ServerError
        Where a process cannot be stopped and continued.
    """
    if why := cannot_pause():
        raise ServerError(why)

    def watched(connections: int, *, closed: bool) -> Report:
        with running("loop") as server:
            pause = threading.Thread(target=stand_still, args=(server,))
            pause.start()
            try:
                url = server.url(f"ms={1000 * service:g}")
                return load(url, rate=rate, seconds=seconds, connections=connections, closed=closed,
                            timeout=seconds + 30)  # fmt: skip
            finally:
                pause.join()

    def stand_still(server: Server) -> None:
        time.sleep(0.4 * seconds)
        with server.stopped():
            time.sleep(stop)

    return Omission(watched(64, closed=False), watched(1, closed=True), stop - 0.01 * seconds)


# What depends on the machine: functions for `measure`


def crowd_latencies() -> Mapping[str, float]:
    """Give the median and the 99th percentile of those whom a crowd's server has answered, in ms."""
    figures: dict[str, float] = {}
    for model in ("pool", "loop", "actors"):
        report = crowd(model)
        figures |= {f"{model} p50": 1000 * report.p(50), f"{model} p99": 1000 * report.p(99)}
    return figures


def cpu_per_request() -> Mapping[str, float]:
    """Give ms of processor for a request under each model; the start of the server is not counted."""
    languages = {"cgi, C": "C", "cgi, Perl": "perl", "cgi, Python": "python"}
    figures: dict[str, float] = {}
    for name in (*languages, "prefork", "threads", "pool", "loop", "actors"):
        language = languages.get(name, "python")
        if not shutil.which({"C": "true", "perl": "perl", "python": sys.executable}[language]):
            continue
        model, rate = ("cgi", 20) if name in languages else (name, 400)
        with running(model, language=language) as unused:
            pass
        with running(model, language=language) as used:
            report = load(used.url(), rate=rate, seconds=2.5, connections=8)
        figures[name] = 1000 * (used.cpu - unused.cpu) / report.answered
    return figures


def process_costs(runs: int = 20) -> Mapping[str, float]:
    """Give ms of processor for starting and ending a process that does nothing."""
    figures: dict[str, float] = {}
    for name, line in PROCESSES.items():
        program = shutil.which(line[0])
        if program is None:
            continue
        before = os.times()
        for _ in range(runs):
            subprocess.run([program, *line[1:]], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        figures[name] = 1000 * used / runs
    return figures


def memory_per_connection() -> Mapping[str, float]:
    """Give the private memory that an idle connection takes in the server, in kB.

    Raises
    ------
    ServerError
        Where the system does not tell: only Linux has /proc/PID/smaps_rollup.
    """
    figures: dict[str, float] = {}
    count = 200
    for model in ("threads", "loop"):
        with running(model) as server, idle(server, 20):
            before = _private_kb(server)
            with idle(server, count):
                figures[model] = (_private_kb(server) - before) / count
    return figures


def _private_kb(server: Server) -> int:
    total = 0
    for pid in server.pids():
        file = Path(f"/proc/{pid}/smaps_rollup")
        if not file.is_file():
            raise ServerError(f"{file} is not there: only Linux tells a process's private memory")
        for line in file.read_text().splitlines():
            if line.startswith(("Private_Clean:", "Private_Dirty:")):
                total += int(line.split()[1])
    return total


def fairness() -> Mapping[str, float]:
    """Give p99 / p50 of the latency of requests that compute for 5 ms, with 16 clients who ask as fast as they can."""
    figures: dict[str, float] = {}
    for model in ("threads", "pool", "loop"):
        with running(model) as server:
            report = load(server.url("cpu=5"), rate=400, seconds=3, connections=16, closed=True, timeout=20)
        figures[model] = report.p(99) / report.p(50)
    return figures


def omission_ratio() -> Mapping[str, float]:
    """Give p99 in ms as each loop sees it of a server that stands still for 1 s in 10.5, and as the law gives it."""
    found = omission(rate=40, seconds=10.5, stop=1.0, service=0.02)
    seen, unseen = 1000 * found.open.p(99), 1000 * found.closed.p(99)
    return {"open": seen, "closed": unseen, "corrected": 1000 * found.closed.p_corrected(99), "law": 1000 * found.law,
            "ratio": seen / unseen}  # fmt: skip
