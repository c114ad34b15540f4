"""How a test takes the network away from a command, and leaves it the loopback interface."""

from __future__ import annotations

import shutil
import subprocess
import sys

OFFLINE = """
import errno, fcntl, os, socket, struct, sys
with socket.socket() as lo:  # a new network namespace has its loopback interface switched off
    fcntl.ioctl(lo, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
else:
    sys.exit("there is a network here")
os.execv(sys.argv[1], sys.argv[1:])
"""


def taken_away() -> tuple[list[str], str]:
    """Give the command that starts another one without a network; where there is none, nothing, and why."""
    if shutil.which("unshare") is None:
        return [], "there is no unshare (util-linux) here to take the network away"
    for command in (["unshare", "-n"], ["unshare", "-rn"]):  # as root, and as anybody where namespaces are allowed
        tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return [*command, sys.executable, "-c", OFFLINE], ""
    return [], f"no network namespace is to be had here: {tried.stderr.strip()}"
