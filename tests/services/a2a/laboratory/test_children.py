"""Tests of processes that end with the one that has started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from companion.services.a2a.laboratory import children

PATIENCE = 60.0
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")

SLEEPER = """
import os, pathlib, time
from companion.services.a2a.laboratory import children

children.end_with_parent()
print("ready", flush=True)
if "READY" in os.environ:
    pathlib.Path(os.environ["READY"]).touch()
time.sleep(600)
"""
STARTER = """
import time
from companion.services.a2a.laboratory import children

print(children.start("sleeper").pid, flush=True)
time.sleep(600)
"""


def environment(folder: Path) -> dict[str, str]:
    (folder / "sleeper.py").write_text(SLEEPER, "utf-8")
    return {name: value for name, value in os.environ.items() if name != children.PARENT} | {"PYTHONPATH": str(folder)}


def gone(pid: int) -> bool:
    """Say whether a process is no more, or only waits for somebody to ask what became of it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@linux
@pytest.mark.parametrize("asleep", [False, True])
def test_a_process_is_gone_when_its_starter_is_killed_even_if_it_is_stopped(tmp_path: Path, asleep: bool) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        told = sorted(starter.stdout.readline().strip() for _ in range(2))  # the child's "ready", and its number
        child = int(told[0])
        if asleep:
            os.kill(child, signal.SIGSTOP)
        assert told[1] == "ready" and not gone(child)
        starter.kill()
    until = time.monotonic() + PATIENCE
    while not gone(child):
        assert time.monotonic() < until, "it is still there"
        time.sleep(0.02)


@linux
def test_a_process_outlives_the_thread_that_asked_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("READY", str(tmp_path / "ready"))
    started: list[subprocess.Popen[bytes]] = []

    def ask() -> None:
        started.append(children.start("sleeper"))
        until = time.monotonic() + PATIENCE
        while not (tmp_path / "ready").exists() and time.monotonic() < until:
            time.sleep(0.02)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    try:
        assert (tmp_path / "ready").exists()
        with pytest.raises(subprocess.TimeoutExpired):
            started[0].wait(0.3)  # the signal would come at once
    finally:
        started[0].kill()
        assert started[0].wait() == -signal.SIGKILL


def test_a_process_that_was_started_by_hand_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(children.PARENT, raising=False)
    children.end_with_parent()


def test_a_process_whose_starter_is_gone_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(children.PARENT, "0")
    code = f"from {children.__name__} import end_with_parent; end_with_parent()"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "the process that has started this one is gone\n")
