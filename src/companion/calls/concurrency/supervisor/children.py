"""A child of a supervisor: a real process, which says that it is up, and ends when nobody holds its standard input.

Why the standard input? A supervisor that is killed with SIGKILL can stop nobody. The kernel closes its pipes all the
same, so a child that reads to the end of its input hears of it without any help. (No other child may hold the writing
end: `subprocess` closes what it is not told to keep.)
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import TracebackType

from companion.errors import CompanionError

PROGRAM = """
import os, select, signal, sys
beat, crashes, stubborn = float(sys.argv[1]), sys.argv[2] == "crash", sys.argv[3] == "stubborn"
if stubborn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if beat and sys.platform == "linux":  # one that is stopped cannot read that its supervisor is gone
    import ctypes
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: tell me when my parent dies
os.write(1, b"up\\n")
while not crashes:
    ready, _, _ = select.select([0], [], [], beat or None)
    if ready:
        word = os.read(0, 100)
        sys.exit(int(word or 0))  # an order to end; nothing at all means that the supervisor is gone
    os.write(1, b"beat\\n")
sys.exit(1)
"""
"""What a child runs: ten milliseconds of Python, so nothing is imported that it does not need."""

PATIENCE = 20.0
"""Seconds that a process has to say that it is up, or to be gone after SIGKILL. Both take milliseconds."""


class ChildError(CompanionError):
    """A child that did not come up."""


def reason_of(status: int) -> str:
    """Say in words how a process ended, from the status that `subprocess` gives."""
    if status == 0:
        return "normal"
    return f"exit {status}" if status > 0 else signal.Signals(-status).name


class Process:
    """A process that can be started again and again under one name.

    Parameters
    ----------
    name : str
        What the supervisor calls it.
    beat : float
        Seconds between two heartbeats; 0 for none.
    missed : int
        After so many intervals without a heartbeat it counts as hung.
    crash : bool
        Whether it ends with status 1 as soon as it is up.
    stubborn : bool
        Whether it ignores SIGTERM.
    grace : float
        Seconds between SIGTERM and SIGKILL.
    clock : callable
        Gives the time in seconds, for the heartbeats.
    """

    def __init__(
        self,
        name: str,
        *,
        beat: float = 0.0,
        missed: int = 0,
        crash: bool = False,
        stubborn: bool = False,
        grace: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if beat < 0 or missed < 0 or grace < 0:
            raise ValueError(f"{name}: beat {beat}, missed {missed}, grace {grace}; none may be negative")
        self.name = name
        self.starts = 0
        self._arguments = [str(beat), "crash" if crash else "-", "stubborn" if stubborn else "-"]
        self._limit = beat * missed
        self._grace = grace
        self._clock = clock
        self._running: subprocess.Popen[bytes] | None = None
        self._heard = 0.0

    def start(self) -> None:
        """Start the process, and return when it has said that it is up.

        Raises
        ------
        ChildError
            If it does not come up.
        """
        self.stop()
        self.starts += 1
        self._running = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", PROGRAM, *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        if self._hear(PATIENCE, 3) != b"up\n":
            self.stop()
            raise ChildError(f"{self.name}: the process did not come up")
        self._heard = self._clock()

    @property
    def pid(self) -> int:
        """The number of the process that was started last."""
        if self._running is None:
            raise ValueError(f"{self.name} was not started")
        return self._running.pid

    def reason(self) -> str | None:
        """Say why the process is of no use any more, or None while it is: a process that is stopped is not dead."""
        if self._running is None:
            return "not started"
        status = self._running.poll()
        if status is not None:
            return reason_of(status)
        if not self._limit:
            return None
        if self._hear(0.0, 4096):
            self._heard = self._clock()
        return "no heartbeat" if self._clock() - self._heard > self._limit else None

    def send(self, number: signal.Signals) -> None:
        """Send a signal; after SIGKILL and SIGSTOP return when it has ended or has stopped."""
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(number)
            if number == signal.SIGKILL:
                self._running.wait(PATIENCE)
            elif number == signal.SIGSTOP:
                os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def leave(self, status: int) -> None:
        """Let the process end by itself with this status, and wait for it."""
        if self._running is not None and self._running.stdin is not None:
            self._running.stdin.write(str(status).encode())
            self._running.wait(PATIENCE)

    def stop(self) -> None:
        """End the process: SIGTERM, and SIGKILL when that does not help within the grace."""
        if self._running is None:
            return
        if self._running.poll() is None:
            self._running.terminate()
            try:
                self._running.wait(self._grace)
            except subprocess.TimeoutExpired:
                self._running.kill()  # which ends a stopped process, too
                self._running.wait(PATIENCE)
        for pipe in (self._running.stdin, self._running.stdout):
            if pipe is not None:
                pipe.close()

    def _hear(self, seconds: float, size: int) -> bytes:
        """Return what the process says within so many seconds, at most so many bytes."""
        assert self._running is not None and self._running.stdout is not None
        ready, _, _ = select.select([self._running.stdout], [], [], seconds)
        return os.read(self._running.stdout.fileno(), size) if ready else b""

    def __enter__(self) -> Process:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()


__all__ = ["PATIENCE", "ChildError", "Process", "reason_of"]
