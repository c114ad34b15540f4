"""A chapter needs no network: it is executed where there is none but the loopback interface."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHAPTER = Path(__file__).parents[2] / "chapters" / "02-wire.ipynb"

PROGRAM = """
import errno, fcntl, socket, struct, sys
with socket.socket() as lo:  # a new network namespace has its loopback interface switched off
    fcntl.ioctl(lo, 0x8914, struct.pack("16sH14x", b"lo", 0x41))  # SIOCSIFFLAGS: up and running
try:
    socket.create_connection(("192.0.2.1", 80), 5)
except OSError as error:
    assert error.errno == errno.ENETUNREACH, error
else:
    sys.exit("there is a network here")
from companion.book.execution.worker import Request, execute
print(execute(Request(sys.argv[1], sys.argv[2], {}, "offline", 120), lambda cell, of: None))
"""


@pytest.fixture(scope="module")
def without_network() -> list[str]:
    """Give the command that starts another one without a network; skip where the system refuses it."""
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare (util-linux) here to take the network away")
    for command in (["unshare", "-n"], ["unshare", "-rn"]):  # as root, and as anybody where namespaces are allowed
        tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
        if tried.returncode == 0:
            return command
    pytest.skip(f"no network namespace is to be had here: {tried.stderr.strip()}")


def test_a_chapter_with_servers_and_clients_runs_without_a_network(without_network: list[str], tmp_path: Path) -> None:
    target = tmp_path / "executed.ipynb"
    command = [*without_network, sys.executable, "-c", PROGRAM, str(CHAPTER), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.stdout == "None\n", done.stdout + done.stderr  # no failure
    cells = json.loads(target.read_text("utf-8"))["cells"]
    assert all(cell["execution_count"] for cell in cells if cell["cell_type"] == "code")
