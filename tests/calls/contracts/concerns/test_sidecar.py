"""A sidecar guards the way through it, bounds what comes from outside, and is gone when its parent is."""

import socket
import subprocess
import sys
import time

import pytest

from companion.calls.contracts.concerns.sidecar import MOST_BYTES, Caller, pod, ways


def test_the_sidecar_guards_only_the_way_through_it() -> None:
    assert ways() == {
        "through the sidecar, with a token": "ada has 100",
        "through the sidecar, without": "401",
        "past it, to the service's port": "bob has 7",
        "the sidecar has ended first": "ConnectionRefusedError",
    }


def test_two_sidecars_pass_a_token_through_and_hostile_lines_are_refused() -> None:
    with pod(2) as running:
        outer = running.sidecars[-1]
        assert running.ask(outer, "t-bob") == "bob has 7"
        assert running.ask(outer, "t-no") == "401"
        assert running.log() == ["bob 'balance' 200", "- 'balance' 401"]
        assert running.ask(running.sidecars[0], "x" * (MOST_BYTES + 1)) == "503"
        with socket.create_connection(("127.0.0.1", outer), timeout=30) as raw:
            raw.sendall(b"\xff\xfe balance\nt-ada nothing\n")
            answers = raw.makefile("rb")
            assert [answers.readline(), answers.readline()] == [b"401\n", b"404\n"]
            answers.close()
        caller = Caller(outer)
        assert [caller.call("t-ada") for _ in range(3)] == ["ada has 100"] * 3
        caller.close()
        ports = [running.service, *running.sidecars]
    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=30)


def test_a_service_that_is_gone_is_told_to_the_caller() -> None:
    with pod() as running:
        caller = Caller(running.sidecars[0])
        assert caller.call("t-ada") == "ada has 100"
        running.processes[0].kill()
        assert caller.call("t-ada") == "503"
        caller.close()
        assert running.ask(running.sidecars[0], "t-ada") == "503"


PARENT = """
import sys
from companion.calls.contracts.concerns.sidecar import pod
with pod() as running:
    print(running.service, running.sidecars[0], flush=True)
    sys.stdin.read()
"""


def test_both_processes_end_with_a_python_that_was_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        ports = [int(port) for port in parent.stdout.readline().split()]
        parent.kill()
    assert len(ports) == 2
    for port in ports:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=30).close()
            except OSError:
                break
            time.sleep(0.02)
        else:
            pytest.fail(f"port {port} is still served")
