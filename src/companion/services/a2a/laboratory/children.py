"""Processes of an experiment that end with the process which has started them, however that one ends.

A notebook's kernel may be killed in the middle of a cell. Nobody is left then to end what the cell has started, and a
worker that was put to sleep could not look for itself. So Linux is asked to kill it; there is nothing of the kind on
other systems.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

PR_SET_PDEATHSIG = 1
PARENT = "COMPANION_PARENT"
KEEPER_SECONDS = 0.5


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Run a module of the laboratory in a process of its own.

    Linux takes the thread that has started it for its parent, so that is one which waits for as long as it runs.
    """
    started: Future[subprocess.Popen[bytes]] = Future()

    def keep() -> None:
        try:
            environment = os.environ | {PARENT: str(os.getpid())}
            process = subprocess.Popen([sys.executable, "-m", module, *arguments], env=environment)
        except OSError as error:
            started.set_exception(error)
            return
        started.set_result(process)
        while process.poll() is None:  # not `wait`, which holds a lock that an interpreter at its end may freeze
            time.sleep(KEEPER_SECONDS)

    threading.Thread(target=keep, name=f"keeper of {module}", daemon=True).start()
    return started.result()


def end_with_parent() -> None:
    """Have this process killed as soon as the one is gone that has started it by `start`."""
    parent = os.environ.get(PARENT)
    if parent is None:  # it was started by hand
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if str(os.getppid()) != parent:  # it was gone before we had asked
        sys.exit("the process that has started this one is gone")
