"""Processes that stop at named points, are killed there, and leave nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from companion.calls.coordination import puppets
from companion.calls.coordination.clocks import HandClock
from companion.calls.coordination.linda.server import serve_space
from companion.calls.coordination.puppets import Puppet, PuppetError, act

WORKER = "companion.calls.coordination.linda.worker"


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_puppet_stops_at_each_point_and_ends() -> None:
    with serve_space(HandClock()) as address, Puppet(WORKER, *address, "no lease") as puppet:
        assert puppet.next_point() == "before in"
        assert puppet.go() == "the end"
        assert puppet.go() == "the end"


def test_a_point_that_never_comes_is_said() -> None:
    with (
        serve_space(HandClock()) as address,
        Puppet(WORKER, *address, "no lease") as puppet,
        pytest.raises(PuppetError, match="holding"),
    ):
        puppet.until("holding")


def test_a_puppet_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(puppets, "PATIENCE", 0.05)
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        Puppet("companion.calls.coordination.leases.provider", *silent.getsockname(), 30) as puppet,
    ):
        assert puppet.next_point() == "the end"
        assert puppet.process.wait() == -signal.SIGKILL


def test_a_stopped_puppet_is_gone_after_its_block() -> None:
    with serve_space(HandClock()) as address, Puppet(WORKER, *address, "no lease") as puppet:
        puppet.next_point()
        puppet.pause()
    assert puppet.process.returncode == -signal.SIGKILL
    assert not is_there(puppet.process.pid)


def test_acting_ends_with_the_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    read, write = os.pipe()
    os.close(write)
    monkeypatch.setattr("sys.platform", "elsewhere")  # this process is nobody's puppet
    with os.fdopen(read) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        act(0, iter(["one", "two"]))
    assert capsys.readouterr().out == "one\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent has died")
def test_a_stopped_puppet_does_not_outlive_a_python_that_was_killed() -> None:
    program = f"""
        from companion.calls.coordination.linda.server import serve_space
        from companion.calls.coordination.puppets import Puppet
        with serve_space() as address, Puppet({WORKER!r}, *address, "no lease") as puppet:
            puppet.next_point()
            puppet.pause()
            print(puppet.process.pid, flush=True)
            input()
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        parent.stdout.read()  # its end: the puppet had it, too, and is gone
    for _ in range(10_000):
        if not alive(pid):
            return
    pytest.fail(f"process {pid} is still there")


def alive(pid: int) -> bool:
    """Say whether a process runs or is stopped; a zombie that nobody has buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
