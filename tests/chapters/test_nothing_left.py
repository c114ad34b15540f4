"""Part I starts servers, workers and databases: when its Python is killed in the middle, nothing of them is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MARK = "COMPANION_TEST_MARK"

KILLED_IN = {
    "02-wire": ["obj-traffic", "obj-endings", "obj-cures", "xml-bombs"],
    "03-concurrency": ["srv-crowd", "srv-omission", "race-database", "sup-node", "sup-kills"],
    "04-coordination": ["mpi-sum", "linda-waiters", "lease-run", "name-corba"],
    "05-messaging": ["ack-group", "quote-cuts", "quote-stalled"],
    "06-contracts": ["idl-table", "idl-code", "asp-past-processes"],
    "07-network_tax": ["nq-stub"],
}
"""By chapter, the cells in which its Python is killed. Each imports what it needs, or names the cells that do."""

RUNNER = """
import ast, asyncio, inspect, json, sys
for number, source in enumerate(json.load(sys.stdin)):
    result = eval(compile(source, f"cell {number}", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), globals())
    if inspect.iscoroutine(result):  # the cell awaits
        asyncio.run(result)
"""

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="without /proc nobody knows whose child it is"
)


def family(mark: str, pid: int) -> set[tuple[int, str]]:
    """List the processes that carry the mark in their environment or descend from a process, with their start times."""
    parents, found = {}, set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent, *rest = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            if state != "Z":
                parents[int(entry.name)] = int(parent), rest[17]
                if mark.encode() in (entry / "environ").read_bytes():
                    found.add(int(entry.name))
        except OSError:  # gone meanwhile, or another user's
            continue
    for one in parents:
        above = one
        while above in parents and above != pid:
            above = parents[above][0]
        if above == pid:
            found.add(one)
    return {(one, parents[one][1]) for one in found if one in parents and one != pid}


def alive() -> set[tuple[int, str]]:
    """List all processes, each with its start time."""
    return family("", 0)


def wait_for(what: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.02)
    return what()


def shared_memory() -> set[str]:
    """List what lies in shared memory that no process has mapped."""
    held = set()
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            held |= {line.rpartition("/dev/shm/")[2] for line in maps.read_text().splitlines() if "/dev/shm/" in line}
        except OSError:
            continue
    return (
        {path.name for path in Path("/dev/shm").iterdir() if path.name not in held}
        if Path("/dev/shm").is_dir()
        else set()
    )


@pytest.mark.parametrize(("chapter", "cell"), [(name, cell) for name, cells in KILLED_IN.items() for cell in cells])
def test_nothing_is_left_of_a_chapter_whose_python_is_killed(chapter: str, cell: str) -> None:
    cells = json.loads((ROOT / "chapters" / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    sources = [
        "".join(one["source"]) for one in cells if one["id"] == cell or "parameters" in one["metadata"].get("tags", [])
    ]
    assert len(sources) == 2, f"{chapter} has no cell {cell}"
    mark, before = uuid.uuid4().hex, shared_memory()
    environment = os.environ | {MARK: mark}
    runner = subprocess.Popen([sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env=environment, text=True, cwd=ROOT / "chapters")  # fmt: skip
    try:
        assert runner.stdin is not None
        runner.stdin.write(json.dumps(sources))
        runner.stdin.close()
        assert wait_for(lambda: bool(family(mark, runner.pid)) or runner.poll() is not None, 60)
        assert runner.poll() is None, "the cell was over before a child of its was seen"
        time.sleep(0.3)  # the middle of it
        children = family(mark, runner.pid)
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()

    def left() -> set[tuple[int, str]]:
        return family(mark, runner.pid) | {child for child in children if child in alive()}

    def shared() -> set[str]:
        return shared_memory() - before

    # Others on this machine may have made shared memory just now that they have not mapped yet: it does not stay so.
    assert wait_for(lambda: not left() and not shared(), 20), (left(), shared())
