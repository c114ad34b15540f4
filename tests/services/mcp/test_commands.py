"""`companion serve fixture`: ready when it says so, gone when told to go."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.services.mcp.protocol.client import Client

READY = r"ready http://127\.0\.0\.1:(\d+)/mcp\n"


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    line = [sys.executable, "-W", "error", "-m", "companion", "serve", "fixture", *options]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def ready(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    said = re.fullmatch(READY, process.stderr.readline())
    assert said is not None
    return f"127.0.0.1:{said[1]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_ready_when_it_says_so_and_stops_cleanly(number: signal.Signals) -> None:
    with started("--port", "0") as process:
        client = Client(ready(process))
        assert client.tool("test_simple_text").text == "This is a simple text response for testing."
        assert client.tool("test_error_handling").result["isError"]
        with client.stream("subscriptions/listen", {"notifications": {}}) as messages:
            next(messages)
            process.send_signal(number)  # with a stream still open
            assert process.wait(20) == 0
        client.close()
        assert process.communicate() == ("", "")


@pytest.mark.parametrize(("options", "sessions"), [([], True), (["--stateless"], False)])
def test_only_a_stateful_one_keeps_sessions(options: list[str], sessions: bool) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a test", "version": "1"}}
    with started("--port", "0", *options) as process:
        client = Client(ready(process))
        accept = {"Accept": "application/json, text/event-stream"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
        with client.http.stream("POST", client.url, json=body, headers=accept) as response:
            assert response.status_code == 200
            assert ("mcp-session-id" in response.headers) == sessions
        client.close()


def test_it_listens_on_this_machine_only() -> None:
    with started("--port", "0") as process:
        port = int(ready(process).rpartition(":")[2])
        with socket.socket() as other:
            other.settimeout(5)
            assert other.connect_ex(("127.0.0.2", port)) != 0  # another address of the loopback network


def test_a_port_in_use_is_one_line_and_exit_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started("--port", str(port)) as process:
            out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, "")
    assert err.startswith(f"companion serve fixture: cannot listen at 127.0.0.1:{port}: Address already in use")
    assert err.count("\n") == 1


@pytest.mark.parametrize("options", [["--port", "70000"], ["--port", "0", "--host", "a b"], ["--stateful"]])
def test_wrong_usage_is_exit_2(options: list[str]) -> None:
    with started(*options) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode == 2 and "Traceback" not in out + err


def test_the_help_has_an_example() -> None:
    with started("--help") as process:
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and "companion serve fixture --port 8000" in " ".join(out.split())
