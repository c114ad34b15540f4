"""`companion serve wire` and `companion serve quotes`: ready when they say so, gone when told to go."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect as connect_websocket

from companion.calls.wire import ALL_PROTOCOLS, PROTOCOLS, Address, Customer, connect
from companion.calls.wire.experiments.speed import COMMAND
from companion.calls.wire.tcp import bind

LINES = {
    "socket": r"ready tcp://127\.0\.0\.1:(\d+)\n",
    "oncrpc": r"ready tcp://127\.0\.0\.1:(\d+)\n",
    "rest": r"ready http://127\.0\.0\.1:(\d+)/customers\n",
    "grpc": r"ready tcp://127\.0\.0\.1:(\d+)\n",
    "jsonrpc": r"ready http://127\.0\.0\.1:(\d+)/rpc\n",
    "soap": r"ready http://127\.0\.0\.1:(\d+)/soap\n",
    "pox": r"ready http://127\.0\.0\.1:(\d+)/customer\n",
    "thrift": r"ready tcp://127\.0\.0\.1:(\d+)\n",
    "websocket": r"ready ws://127\.0\.0\.1:(\d+)/\n",
    "mcp": r"ready http://127\.0\.0\.1:(\d+)/mcp\n",
}


STARTS = [
    *((name, number) for name in PROTOCOLS for number in (signal.SIGTERM, signal.SIGINT)),
    *((name, signal.SIGTERM) for name in ALL_PROTOCOLS if name not in PROTOCOLS),
]
"""What is started and how it is stopped: the chapter's five in both ways, the others in one."""


@contextlib.contextmanager
def started(*arguments: str, service: str = "wire") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-c", COMMAND, "serve", service, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("protocol", "number"), STARTS)
def test_it_is_ready_when_it_says_so_and_stops_cleanly(protocol: str, number: signal.Signals) -> None:
    with started("--protocol", protocol, "--port", "0") as process:
        assert process.stdout is not None and process.stderr is not None
        ready = re.fullmatch(LINES[protocol], process.stderr.readline())
        assert ready is not None
        address = Address("127.0.0.1", int(ready[1]))
        with connect(protocol, address) as client:
            ada = Customer(id=1, name="Ada", balance=1.5)
            client.add(ada)
            assert client.get(1) == ada
            process.send_signal(number)  # with the client's connection still open
            assert process.wait(5) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


@pytest.mark.parametrize("protocol", ALL_PROTOCOLS)
def test_a_port_in_use_is_one_line_and_exit_2(protocol: str) -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with started("--protocol", protocol, "--port", str(port)) as process:
            out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, "")
    assert err == f"companion serve wire: cannot listen at 127.0.0.1:{port}: Address already in use\n"


@pytest.mark.parametrize(
    "arguments",
    [["--protocol", "corba"], [], ["--protocol", "rest", "--port", "70000"], ["--protocol", "rest", "--host", "a b"]],
)
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    with started(*arguments) as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "Traceback" not in out + err


def test_the_help_has_an_example() -> None:
    with started("--help") as process:
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Example" in out and "serve wire --protocol rest" in out


QUOTES = r"ready http://127\.0\.0\.1:(\d+)/poll/ACME http://127\.0\.0\.1:(\d+)/poll/ACME\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_quotes_are_the_same_at_both_instances_and_end_cleanly(number: signal.Signals) -> None:
    with started("--port", "0", "--every", "3600", "--seed", "3", service="quotes") as process:
        assert process.stdout is not None and process.stderr is not None
        ready = re.fullmatch(QUOTES, process.stderr.readline())
        assert ready is not None
        one, two = ready.groups()
        assert one != two
        answers = []
        for port in (one, two):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/poll/ACME?after=1", timeout=20) as answer:
                answers.append(answer.read())
        assert answers[0] == answers[1] and json.loads(answers[0])["type"] == "quotes"
        with (
            connect_websocket(f"ws://127.0.0.1:{one}/stream/ACME", proxy=None) as stream,
            socket.create_connection(("127.0.0.1", int(two)), 20) as waiting,  # and a poll that waits
        ):
            assert json.loads(stream.recv(20))["type"] == "quote"
            waiting.sendall(b"GET /poll/ACME?after=9999 HTTP/1.1\r\nHost: a\r\n\r\n")
            process.send_signal(number)
            assert b'{"type": "heartbeat", "seq": 9999}' in waiting.makefile("rb").read()
            waiting.close()
            assert process.wait(20) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_a_port_of_quotes_in_use_is_one_line_and_exit_2() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        for first in (port, port - 1):  # the first instance's, or the second's
            with started("--port", str(first), service="quotes") as process:
                out, err = process.communicate(timeout=20)
            assert (process.returncode, out) == (2, "")
            why = f"cannot listen at 127.0.0.1:{port}: Address already in use; take another port or host"
            assert err == f"companion serve quotes: {why} (port 0: a free one)\n"


@pytest.mark.parametrize(
    "arguments",
    [["--instances", "0", "--heartbeat", "0"], ["--host", "a b", "--port", "0"], ["--host", "", "--port", "0"]],
)
def test_wrong_usage_of_quotes_is_exit_2(arguments: list[str]) -> None:
    with started(*arguments, service="quotes") as process:
        out, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "Traceback" not in out + err
