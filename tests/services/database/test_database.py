"""The room as a program of somebody else uses it: it works as its documentation says, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.services import database

EXAMPLE = "\n".join(line[4:] for line in (database.__doc__ or "").splitlines() if line.startswith("    "))

MEASURE = """
with open_database() as opened:
    port = int(opened.admin.rpartition(":")[2].partition("/")[0])
    (directory,) = Path(tempfile.gettempdir()).glob("companion-database-*")
    found = read_pid_file(directory / "data")
    maps = Path(f"/proc/{found.pid}/maps").read_text().splitlines()
    print(found.pid, port, found.shared_memory, *{line.split()[5] for line in maps if "/dev/shm/PostgreSQL" in line})
"""


def run(code: str, place: Path) -> str:
    environment = os.environ | {"TMPDIR": str(place)}
    command = [sys.executable, "-W", "error", "-c", f"import tempfile\nfrom pathlib import Path\n{code}"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_the_example_in_its_documentation_runs_without_a_word(place: Path) -> None:
    assert "open_database" in EXAMPLE and "as_tenant" in EXAMPLE
    assert run(f"from companion.services.database import *\n{EXAMPLE}", place) == ""
    assert list(place.iterdir()) == []


def processes_of(place: Path) -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended
            if os.fsencode(place) in (process / "cmdline").read_bytes():
                yield process


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows whose shared memory is whose")
def test_no_process_port_shared_memory_or_file_is_left(place: Path) -> None:
    imports = "from companion.services.database import *\nfrom companion.services.database.pid_file import *\n"
    pid, port, segment, *files = run(imports + MEASURE, place).split()
    assert files and not any(Path(file).exists() for file in files)
    assert segment not in [line.split()[1] for line in Path("/proc/sysvipc/shm").read_text().splitlines()]
    with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(("127.0.0.1", int(port)))
    assert not Path(f"/proc/{pid}").exists() and list(processes_of(place)) == []
    assert list(place.iterdir()) == []
