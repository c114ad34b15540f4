"""A server ends with the Python that has started it, however that ends, and not a moment before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.services.database import Server, launcher, running
from companion.services.database.pid_file import lives, read_pid_file

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is dead")

RUN = """
import sys, threading
from pathlib import Path
from companion.services.database import running
context = running(Path(sys.argv[1]) if len(sys.argv) > 1 else None, throwaway=True)
server = context.__enter__()
print(server.pid, server.directory, flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def used(shared_place: Path) -> Path:
    return shared_place / "used"


@pytest.fixture
def python(used: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Start a Python that runs a server and waits; give it, and the process of its server."""
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(used)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline().split()[0])
        assert lives(pid, used / "data")
        yield process, pid
        process.kill()


def gone(pid: int, directory: Path) -> bool:
    end = time.monotonic() + 10
    while lives(pid, directory / "data"):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_python_takes_its_server_with_it(
    python: tuple[subprocess.Popen[str], int], used: Path, number: signal.Signals
) -> None:
    process, pid = python
    process.send_signal(number)
    assert gone(pid, used)
    assert read_pid_file(used / "data") is None, "it has stopped in order, and will not have to recover"


def test_a_python_that_ends_without_a_word_takes_it_too(python: tuple[subprocess.Popen[str], int], used: Path) -> None:
    process, pid = python
    process.communicate("\n", timeout=20)
    assert process.returncode == 0
    assert gone(pid, used)


def test_a_start_right_after_such_an_end_succeeds(python: tuple[subprocess.Popen[str], int], used: Path) -> None:
    process, pid = python
    process.kill()
    process.wait()
    with running(used, throwaway=True) as second:
        assert second.pid != pid


def test_a_temporary_directory_of_a_killed_python_is_removed_by_the_next(place: Path) -> None:
    environment = os.environ | {"TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        pid, directory = process.stdout.readline().split()
        process.kill()
        assert gone(int(pid), Path(directory)) and Path(directory).parent == place
    sweep = "from companion.services.database import scratch; scratch.YOUNG_SECONDS = 0; scratch.sweep()"
    subprocess.run([sys.executable, "-c", sweep], env=environment, check=True)
    assert list(place.iterdir()) == []


def test_a_server_outlives_the_thread_that_has_started_it(used: Path) -> None:
    entered: list[Server] = []
    context = running(used, throwaway=True)
    thread = threading.Thread(target=lambda: entered.append(context.__enter__()))
    thread.start()
    thread.join()
    with pytest.raises(subprocess.TimeoutExpired):
        entered[0].process.wait(0.3)
    context.__exit__(None, None, None)
    assert entered[0].process.returncode == 0


def test_a_program_whose_parent_is_gone_already_does_not_begin() -> None:
    command = [sys.executable, "-I", "-S", launcher.__file__, "1", "-1", "-1", os.sep, "/bin/echo", "begun"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and ran.stdout == "" and "process 1 is gone" in ran.stderr
