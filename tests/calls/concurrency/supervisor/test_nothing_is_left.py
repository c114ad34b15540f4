"""A Python that is killed with SIGKILL leaves no child, no node and no process on it, stopped ones included."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys

import pytest

from companion.calls.concurrency.supervisor.children import PATIENCE

PROGRAM = """
import json, os, signal, sys
from companion.calls.concurrency.supervisor import Process, Supervisor
from companion.calls.concurrency.supervisor.node import Remote, running_node

team = [Process("idle"), Process("beating", beat=0.02), Process("stopped", beat=0.02)]
with Supervisor(team), running_node() as node, Remote(node, "echo") as there, Remote(node, "echo") as other:
    os.kill(other.pid, signal.SIGSTOP)
    team[2].send(signal.SIGSTOP)
    print(json.dumps([*(child.pid for child in team), node.pid, there.pid, other.pid]), flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs handles for processes that are no children: Linux")
def test_all_six_processes_end_with_the_python_that_started_them() -> None:
    killed = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with killed:
        assert killed.stdout is not None
        handles = [os.pidfd_open(number) for number in json.loads(killed.stdout.readline())]
        assert select.select(handles, [], [], 0)[0] == []
        killed.kill()
    left = []
    for handle in handles:
        if not select.select([handle], [], [], PATIENCE)[0]:
            left.append(handle)
        os.close(handle)
    assert len(handles) == 6 and not left
