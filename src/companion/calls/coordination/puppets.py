"""Processes that stop at named points, so that one can be killed or paused exactly there.

A puppet says on its standard output where it has come to and waits for a line before it goes on. Nothing depends on
how fast anything is. A paused puppet is stopped by SIGSTOP as well, where the system has it. A puppet ends when its
standard input ends, and on Linux the kernel kills it when the thread that started it is gone, so that a stopped one is
not left behind by a Python that was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable

from companion.errors import CompanionError

PATIENCE = 30.0
"""Seconds until a puppet that says nothing is given up; the right path never waits for it."""
PR_SET_PDEATHSIG = 1


class PuppetError(CompanionError):
    """A process of ours did not do what it was to do; the message says which and what."""


class Puppet:
    """A process that stops at named points; killed at the end of the `with` block.

    Parameters
    ----------
    module : str
        What to run, as ``python -m``; its main function hands its steps to `act`.
    arguments : iterable
        Its command line, after the number of this process.
    """

    def __init__(self, module: str, *arguments: object) -> None:
        command = [sys.executable, "-m", module, str(os.getpid()), *map(str, arguments)]
        self.name = module.rpartition(".")[2]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def next_point(self) -> str:
        """Wait until it stops at a point, and give the point's name; ``the end`` when it has ended."""
        assert self.process.stdout is not None
        alarm = threading.Timer(PATIENCE, self.process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            return self.process.stdout.readline(1000).strip() or "the end"
        finally:
            alarm.cancel()

    def send(self) -> bool:
        """Let it go on, without waiting for it; False if it has ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write("go\n")
            self.process.stdin.flush()
        except OSError:
            return False
        return True

    def go(self) -> str:
        """Let it go on to its next point, and give that point's name."""
        return self.next_point() if self.send() else "the end"

    def until(self, *points: str) -> str:
        """Let it go on until it stops at one of these points, and give that point's name."""
        at = self.next_point()
        while at not in points:
            if at == "the end":
                raise PuppetError(f"{self.name} ended before it came to {' or '.join(points)}")
            at = self.go()
        return at

    def finish(self) -> list[str]:
        """Let it go on to its end, and give the points that it passed."""
        passed = []
        while (at := self.go()) != "the end":
            passed.append(at)
        return passed

    def pause(self) -> None:
        """Stop it, so that it does not even know that time passes."""
        if hasattr(signal, "SIGSTOP"):
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process run again; it still stands at its point."""
        if hasattr(signal, "SIGCONT"):
            self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once (``kill -9``), and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Puppet:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()  # SIGKILL ends a stopped process, too
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # what was written and never read
                    continue


def act(parent: int, points: Iterable[str]) -> None:
    """Be a puppet: go through the points, and stop at each until a line comes; end when the lines end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before we had asked
            return
    for point in points:
        print(point, flush=True)
        if not sys.stdin.readline(100):
            return
