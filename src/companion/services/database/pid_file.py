"""postmaster.pid: what a server says of itself, and why nothing else is asked whether it is ready.

Who probes the port is told that *some* server is ready: another one may hold the port, and ours be dying of that very
fact. The file lies in our own directory. Its first line is the process, the fourth the port, the seventh the System V
shared memory, and the last one says `starting`, `ready` or `stopping`.

It outlives a server that was killed, and the number in it may belong to any process by then. So a server lives when its
process does and was started on this directory.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

NAME = "postmaster.pid"


@dataclass(frozen=True)
class PidFile:
    """The file's lines that matter here.

    Attributes
    ----------
    pid
        The server's process.
    port
        Where it listens.
    shared_memory
        The identifier of its System V segment; -1 as long as it has none.
    status
        ``starting``, ``ready``, ``stopping``, or empty as long as it has said nothing.
    """

    pid: int
    port: int
    shared_memory: int
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """Read the file in a data directory; None where there is none, or it is just being written."""
    try:
        lines = (data / NAME).read_text("utf-8", errors="replace").splitlines()
        segment = lines[6].split() if len(lines) > 6 else []
        status = lines[7].strip() if len(lines) > 7 else ""
        return PidFile(int(lines[0]), int(lines[3]), int(segment[1]) if len(segment) > 1 else -1, status)
    except (FileNotFoundError, IndexError, ValueError):
        return None


def lives(pid: int, data: Path) -> bool:
    """Say whether a process is a server on this data directory, and no other that has taken over its number."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        if Path("/proc/self").exists():
            return False
        asked = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        return os.fsencode(data) in asked.stdout
    return os.fsencode(data) in words


def running_server(data: Path) -> PidFile | None:
    """Read the file if the server that wrote it lives; None otherwise."""
    found = read_pid_file(data)
    return found if found is not None and lives(found.pid, data) else None
