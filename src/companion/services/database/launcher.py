"""Become the server's account, ask to be told when our parent dies, and turn into the program that was named.

    python -I -S launcher.py PARENT UID GID FOLDER PROGRAM ARGUMENTS...

This runs as a process of its own, between Python and PostgreSQL. It does what `subprocess` would do in `preexec_fn`
and should not, since a process of many threads that is copied may hang: a notebook's is one.

The order matters. Linux forgets who wants to hear of a parent's death when a process changes its account, and keeps it
when the process becomes another program. SIGINT is what PostgreSQL calls a fast shutdown: clients are sent away, and
everything is written. There is nothing of the kind on other systems: a server there outlives a Python that was killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def launch(parent: int, uid: int, gid: int, folder: str, command: list[str]) -> None:
    """Turn into the program; the account is changed unless `uid` is -1."""
    if uid != -1:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.chdir(folder)
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell ignores for what it runs in the background
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    if os.getppid() != parent:  # it died before we had asked
        sys.exit(f"process {parent} is gone")
    os.execv(command[0], command)


if __name__ == "__main__":
    launch(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5:])
