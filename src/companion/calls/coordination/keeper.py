"""Run a command, and see to it that nothing of it is left: no process, no shared memory.

    python -I -S keeper.py SECONDS COMMAND...

This runs as a process of its own, between Python and `mpiexec`. It ends the command when the time is up (and exits with
124, as `timeout` does), or when its standard input ends: which is also what it sees when the Python that started it was
killed with SIGKILL. MPICH's launcher puts each rank into a group of its own, so it is not enough to end a group: on
Linux this process asks to inherit orphans, and ends them too. Elsewhere it relies on the launcher's own cleaning.

MPICH, and UCX below it, leave their shared memory behind when a program is aborted. What is removed here: segments of
their names, of this account, not older than the run, which no process has mapped.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TIMED_OUT, ABANDONED = 124, 125
SHARED_MEMORY = Path("/dev/shm")  # where Linux keeps it; elsewhere there is no such folder
SEGMENTS = ("mpich_shm_*", "ucx_shm_posix_*")
GRACE_S = 1.0
"""How long an interrupted launcher may take to clean up by itself."""


def keep(seconds: float, command: list[str]) -> int:
    """Run the command for so long at most; its exit status, or 124, or 125 when nobody waits any more."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    began = time.time()
    status = None
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        status = _wait(running, seconds)
    finally:
        _end(running)
        _end_orphans()
        _remove_segments(began)
    return status if status is not None else ABANDONED


def _wait(running: subprocess.Popen[bytes], seconds: float) -> int | None:
    deadline = time.monotonic() + seconds
    while (status := running.poll()) is None:
        left = deadline - time.monotonic()
        if left <= 0:
            return TIMED_OUT
        readable, _, _ = select.select([0], [], [], min(left, 0.02))
        if readable and not os.read(0, 4096):
            return None
    return status if status >= 0 else 128 - status


def _end(running: subprocess.Popen[bytes]) -> None:
    if running.poll() is None:
        running.terminate()
        try:
            running.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _end_orphans() -> None:
    """End whatever was left by those that we started, until there is no child any more."""
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    while children.exists():
        for child in children.read_text("ascii").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _remove_segments(began: float) -> None:
    if not SHARED_MEMORY.is_dir():
        return
    for segment in (found for names in SEGMENTS for found in SHARED_MEMORY.glob(names)):
        with contextlib.suppress(OSError):
            of = segment.stat()
            if of.st_uid == os.getuid() and of.st_ctime >= began - 1 and not _mapped(str(segment)):
                segment.unlink()


def _mapped(name: str) -> bool:
    for maps in Path("/proc").glob("[0-9]*/maps"):
        with contextlib.suppress(OSError):
            if name in maps.read_text("utf-8", "replace"):
                return True
    return False


if __name__ == "__main__":
    sys.exit(keep(float(sys.argv[1]), sys.argv[2:]))
