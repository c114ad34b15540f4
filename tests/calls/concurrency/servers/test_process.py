"""A server in a process of its own is gone afterwards, whatever happens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion.calls.concurrency.load import load
from companion.calls.concurrency.load.http1 import write_request
from companion.calls.concurrency.servers import Server, ServerError, missing, running

LINUX = Path("/proc/self/task").is_dir()


def alive(pid: int) -> bool:
    """Say whether a process runs, a zombie not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int]) -> bool:
    end = time.monotonic() + 20
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(map(alive, pids))


def test_it_serves_says_what_it_used_and_is_gone_with_its_workers() -> None:
    if why := missing("prefork"):
        pytest.skip(why)
    with running("prefork", workers=2) as server:
        pids = server.pids()
        assert load(server.url("cpu=20"), rate=50, seconds=0.1, connections=2, timeout=20).answered == 5
    assert server.process.returncode == 0
    assert server.cpu >= 0.1  # five times 20 ms, in processes that were forked
    if LINUX:
        assert len(pids) == 3 and gone(pids)


def test_an_error_in_the_block_and_a_stopped_server_leave_nothing() -> None:
    with pytest.raises(ZeroDivisionError), running("loop") as server:
        server.process.send_signal(signal.SIGSTOP)
        1 / 0  # noqa: B018
    assert server.process.returncode is not None


def test_a_server_that_cannot_start_says_why() -> None:
    with pytest.raises(ServerError, match="pool: 0 workers"), running("pool", workers=0):
        pass


def test_a_killed_python_takes_its_server_and_the_workers_along() -> None:
    if not LINUX:
        pytest.skip("processes are looked up in /proc")
    code = (
        "from companion.calls.concurrency.servers import running\n"
        "with running('prefork', workers=2) as server:\n"
        "    print(*server.pids(), flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout is not None
        pids = [int(word) for word in one.stdout.readline().split()]
        assert len(pids) == 3 and all(map(alive, pids))
        one.kill()
    assert gone(pids)


def test_a_killed_python_takes_a_stopped_server_along() -> None:
    if not LINUX:
        pytest.skip("processes are looked up in /proc")
    code = (
        "from companion.calls.concurrency.servers import running\n"
        "with running('prefork', workers=2) as server, server.stopped():\n"
        "    print(*server.pids(), flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as one:
        assert one.stdout is not None
        pids = [int(word) for word in one.stdout.readline().split()]
        one.kill()
    assert len(pids) == 3 and gone(pids)


def test_a_killed_server_takes_its_workers_along() -> None:
    if not LINUX:
        pytest.skip("processes are looked up in /proc")
    with running("prefork", workers=2) as server:
        pids = server.pids()
        os.kill(pids[0], signal.SIGKILL)
    assert len(pids) == 3 and gone(pids)
    assert server.cpu != server.cpu  # nobody was left to say


def test_a_script_that_still_runs_ends_with_its_server() -> None:
    if not LINUX:
        pytest.skip("processes are looked up in /proc")
    with running("cgi") as server, socket.create_connection((server.host, server.port)) as connection:
        connection.sendall(write_request("h", "/?ms=9000"))
        while len(pids := every_child(server)) < 1:
            time.sleep(0.01)
    assert gone(pids)


def every_child(server: Server) -> list[int]:
    """List the children that any thread of a server has started."""
    folders = Path(f"/proc/{server.process.pid}/task").glob("*/children")
    return [int(word) for file in folders for word in file.read_text().split()]


def test_a_stopped_server_answers_when_it_goes_on() -> None:
    with running("loop") as server:
        with server.stopped():
            late = load(server.url(), rate=10, seconds=0.1, timeout=0.3)
        report = load(server.url(), rate=10, seconds=0.1, timeout=20)
    assert (late.errors, report.answered) == ({"timeout": 1}, 1)
    assert isinstance(server, Server)
