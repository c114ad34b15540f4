"""Nothing of a command is left over: not when its time is up, nor when nobody waits for it any more."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion.calls.coordination import keeper

KEEPER = [sys.executable, "-I", "-S", keeper.__file__]
SPAWNS = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(child.pid, flush=True)
time.sleep(float(sys.argv[1]))
"""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process inherit orphans")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not alive(pid)


@pytest.mark.parametrize("status", [0, 3])
def test_the_status_of_the_command_is_handed_on(status: int) -> None:
    command = [*KEEPER, "60", sys.executable, "-c", f"raise SystemExit({status})"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as kept:
        assert kept.wait(60) == status


@linux_only
def test_when_the_time_is_up_even_a_grandchild_in_a_session_of_its_own_is_ended() -> None:
    with subprocess.Popen(
        [*KEEPER, "1", sys.executable, "-c", SPAWNS, "600"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kept:
        assert kept.stdout is not None
        grandchild = int(kept.stdout.readline())
        assert kept.wait(60) == keeper.TIMED_OUT
        assert gone(grandchild)


@linux_only
def test_an_orphan_of_a_command_that_has_ended_is_ended_too() -> None:
    with subprocess.Popen(
        [*KEEPER, "60", sys.executable, "-c", SPAWNS, "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as kept:
        assert kept.stdout is not None
        grandchild = int(kept.stdout.readline())
        assert kept.wait(60) == 0
        assert gone(grandchild)


@linux_only
def test_when_the_parent_is_killed_all_is_ended() -> None:
    between = "import subprocess, sys\nkept = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)\nkept.wait()"
    with subprocess.Popen(
        [sys.executable, "-c", between, *KEEPER, "600", sys.executable, "-c", SPAWNS, "600"],
        stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        grandchild = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        assert gone(grandchild)


def test_only_segments_that_are_ours_new_and_unmapped_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "SHARED_MEMORY", tmp_path)
    mapped = {str(tmp_path / "mpich_shm_2")}
    monkeypatch.setattr(keeper, "_mapped", lambda name: name in mapped)
    for name in ("mpich_shm_1", "mpich_shm_2", "ucx_shm_posix_3", "PostgreSQL.7"):
        (tmp_path / name).touch()
    keeper._remove_segments(began=time.time() + 60)  # all of them are older than the run
    assert len(list(tmp_path.iterdir())) == 4
    keeper._remove_segments(began=time.time())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["PostgreSQL.7", "mpich_shm_2"]


@linux_only
def test_what_a_process_has_mapped_is_seen() -> None:
    assert keeper._mapped(os.path.realpath(sys.executable))
    assert not keeper._mapped("/dev/shm/mpich_shm_of_nobody")
