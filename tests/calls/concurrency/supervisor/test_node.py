"""A process on another node answers, dies and hangs, and its caller can tell the difference between the last two."""

from __future__ import annotations

import dataclasses
import json
import os
import select
import signal
import socket
from collections.abc import Iterator

import pytest

from companion.calls.concurrency.supervisor.children import PATIENCE
from companion.calls.concurrency.supervisor.node import Node, NodeError, Remote, running_node


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    with running_node() as running:
        yield running


def raw(node: Node, data: bytes, half: bool = False) -> bytes:
    """Send bytes as they are, and return all that comes until the other side has closed."""
    with socket.create_connection(("127.0.0.1", node.port), timeout=PATIENCE) as wire:
        wire.sendall(data)
        if half:
            wire.shutdown(socket.SHUT_WR)
        got = b""
        try:
            while piece := wire.recv(65536):
                got += piece
        except ConnectionResetError:  # it had not read all that we sent
            pass
        return got


def test_a_spawned_process_answers_its_messages_in_order_and_is_another_one(node: Node) -> None:
    with Remote(node, "double") as there, Remote(node, "pid") as other:
        assert [there.call(number) for number in (21, 0, -3)] == [42, 0, -6]
        assert there.call("ab") == "abab"
        assert other.call(None) == other.pid
        assert len({os.getpid(), node.pid, there.pid, other.pid}) == 4


def test_a_message_that_the_function_cannot_take_is_an_error_and_the_process_goes_on(node: Node) -> None:
    with Remote(node, "double") as there:
        with pytest.raises(NodeError, match="TypeError"):
            there.call(None)
        assert there.call(1) == 2


def test_an_answer_that_would_be_too_long_says_so(node: Node) -> None:
    with Remote(node, "double") as there:
        with pytest.raises(NodeError, match="TooLong"):
            there.call("x" * 40_000)
        assert there.call(1) == 2


def test_a_killed_process_is_seen_as_the_end_of_the_connection(node: Node) -> None:
    with Remote(node, "echo") as there:
        os.kill(there.pid, signal.SIGKILL)
        with pytest.raises(NodeError, match=r"^down: the connection has ended"):
            there.call("anyone?")
        with pytest.raises(NodeError, match=r"^down"):
            there.call("anyone?")


def test_a_stopped_process_is_only_silent(node: Node) -> None:
    with Remote(node, "echo") as there:
        os.kill(there.pid, signal.SIGSTOP)
        with pytest.raises(NodeError, match=r"^silent: no line within 0.05 s"):
            there.call("anyone?", seconds=0.05)
        os.kill(there.pid, signal.SIGCONT)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs handles for processes that are no children: Linux")
def test_a_process_ends_when_its_caller_hangs_up(node: Node) -> None:
    with Remote(node, "pid") as there:
        handle = os.pidfd_open(there.pid)
        assert select.select([handle], [], [], 0)[0] == []
    assert select.select([handle], [], [], PATIENCE)[0]
    os.close(handle)


def test_only_functions_that_the_node_knows_are_spawned_and_only_with_its_cookie(node: Node) -> None:
    for function in ("system", "__import__", ""):
        with pytest.raises(NodeError, match="no function"):
            Remote(node, function)
    with pytest.raises(NodeError, match="another cookie"):
        Remote(dataclasses.replace(node, cookie="guessed"), "echo")


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"{}\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b'{"spawn": 3}\n',
        b'{"spawn": "echo"}\n',
        b"[" * 50_000 + b"\n",
        b"x" * 70_000,
    ],
    ids=["empty", "object", "list", "bytes", "number", "no cookie", "deep", "long"],
)
def test_hostile_first_lines_are_refused_and_the_node_goes_on(node: Node, data: bytes) -> None:
    got = raw(node, data)
    assert got == b"" or "error" in json.loads(got)
    with Remote(node, "double") as there:
        assert there.call(21) == 42


def test_a_caller_that_says_nothing_and_closes_is_no_trouble(node: Node) -> None:
    assert b"error" in raw(node, b"", half=True)
    assert b"error" in raw(node, b'{"cookie"', half=True)


def test_the_node_takes_its_processes_along_and_even_one_that_is_stopped() -> None:
    with running_node() as running:
        there = Remote(running, "echo")
        os.kill(there.pid, signal.SIGSTOP)
    with pytest.raises(NodeError, match=r"^down"):
        there.call(1)
    there.close()
