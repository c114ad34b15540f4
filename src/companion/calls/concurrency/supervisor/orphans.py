"""Kill a supervisor with SIGKILL, and count the children that live on.

Each child holds the end of a pipe of its own, which the kernel closes when the child ends: this is how we see, from
outside and without its help, that it is gone. The children that do not read their input end by themselves after
`LONGEST` seconds, should nobody be left to end them.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys

from companion.calls.concurrency.supervisor.children import PATIENCE, ChildError

LONGEST = 20
"""Seconds after which a child that reads nothing ends by itself."""

CHILD = """
import os, signal, sys, time
life = int(sys.argv[2])
signal.signal(signal.SIGUSR1, lambda number, frame: os.write(life, b"alive\\n"))
os.write(life, b"up\\n")
if sys.argv[1] == "reads":
    while os.read(0, 100):
        pass
else:
    end = time.monotonic() + float(sys.argv[3])
    while time.monotonic() < end:
        time.sleep(end - time.monotonic())
"""

SUPERVISOR = """
import json, os, subprocess, sys
program, kind, longest, lives = json.loads(sys.argv[1])
team = [
    subprocess.Popen([sys.executable, "-I", "-S", "-c", program, kind, str(life), str(longest)],
                     stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[life])
    for life in lives
]
for life in lives:
    os.close(life)
print(json.dumps([child.pid for child in team]), flush=True)
sys.stdin.read()
"""


def orphans(reads_input: bool, children: int = 3) -> int:
    """Return how many children of a supervisor live on after it was killed with SIGKILL. None of them is left behind.

    Parameters
    ----------
    reads_input : bool
        Whether the children read their standard input to its end.
    children : int
        How many there are.

    Raises
    ------
    ChildError
        If a child does not come up, or cannot be ended.
    """
    pipes = [os.pipe() for _ in range(children)]
    numbers: list[int] = []
    lives = [life for _, life in pipes]
    told = json.dumps([CHILD, "reads" if reads_input else "reads nothing", LONGEST, lives])
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", SUPERVISOR, told],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=lives,
    )
    try:
        for life in lives:
            os.close(life)
        assert supervisor.stdout is not None
        numbers = json.loads(supervisor.stdout.readline() or b"[]")
        if [_heard(ear) for ear, _ in pipes] != [b"up\n"] * children:
            raise ChildError("the children of the supervisor did not come up")
        supervisor.kill()
        supervisor.wait(PATIENCE)
        return sum(_lives(ear, number, reads_input) for (ear, _), number in zip(pipes, numbers, strict=True))
    finally:
        supervisor.kill()
        supervisor.communicate()
        for (ear, _), number in zip(pipes, numbers, strict=False):
            _end(ear, number)
        for ear, _ in pipes:
            os.close(ear)


def _heard(ear: int) -> bytes:
    """Return what a child says next; nothing at all when it has ended."""
    ready, _, _ = select.select([ear], [], [], PATIENCE)
    return os.read(ear, 64) if ready else b"silence"


def _lives(ear: int, number: int, reads_input: bool) -> bool:
    """Ask a child whether it lives; one that reads its input is given the time to come to its end."""
    if not reads_input:
        os.kill(number, signal.SIGUSR1)
    return _heard(ear) != b""


def _end(ear: int, number: int) -> None:
    """Kill what still holds its pipe. The kernel gives a number to nobody else while its process holds the pipe."""
    while not select.select([ear], [], [], 0)[0] or os.read(ear, 64):
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        if not select.select([ear], [], [], PATIENCE)[0]:
            raise ChildError(f"process {number} does not end")


__all__ = ["LONGEST", "orphans"]
