"""Run one answer against its check: two processes, one limit of time, one verdict."""

from __future__ import annotations

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from companion.exercises.sandbox.isolation import FIRST_UID, Isolation
from companion.exercises.sandbox.layers import SYSTEM, Plan
from companion.import_graph import PACKAGE

Item = TypeVar("Item")
Done = TypeVar("Done")
ANSWER = "<your answer>"
"""The name of the answer's own cell, among the cells of a job."""
START_SECONDS = 60.0
PATIENCE = 3.0
"""By the clock an answer has so many times its seconds of processor time: a busy grader is not the student's fault."""
MAX_OUTPUT = 10_000
_stop = threading.Event()
_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from companion.exercises.{0} import main; main(*sys.argv[2:])"


@dataclass(frozen=True)
class Job:
    """What is to be run: givens (trusted), the answer's cells with their names (not trusted), the check (trusted)."""

    givens: list[str]
    cells: list[tuple[str, str]]
    check: str
    defines: list[str]
    seed: int
    seconds: float
    needs: frozenset[str] = frozenset()
    objects: bool = False  # whether the answer defines a class, so that the check may use objects of its
    hidden: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Run:
    """How it went: what the check says, what became of the answer's process, what the answer printed."""

    result: dict[str, Any]
    exit: int | None
    output: str
    seconds: float
    late: bool = False
    full: bool = False
    refused: str = ""


class _Watch:
    """What comes out of the two processes: lines from the grader's own ends, and the answer's prints, bounded."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.lines: dict[str, dict[str, Any]] = {}
        self.output = b""
        self._rest: dict[str, bytes] = {}

    def add(self, number: int, name: str) -> None:
        os.set_blocking(number, False)
        self.selector.register(number, selectors.EVENT_READ, name)

    def look(self, timeout: float) -> None:
        for key, _ in self.selector.select(max(0.0, timeout)):
            try:
                data = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            if not data:
                self.selector.unregister(key.fd)
            elif key.data == "output":
                self.output = (self.output + data)[-MAX_OUTPUT:]
            else:
                self._take(key.data, data)

    def _take(self, name: str, data: bytes) -> None:
        *lines, self._rest[name] = (self._rest.get(name, b"") + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            self.lines[next(key for key in ("verdict", "ready", "failed", "exit") if key in message)] = message

    def until(self, done: Callable[[], bool], deadline: float) -> bool:
        """Look until it is done, both processes are silent for good, or it is too late; say whether it is done."""
        while not done():
            names = {key.data for key in self.selector.get_map().values()}
            left = deadline - time.monotonic()
            if left <= 0 or not names - {"output"} or _stop.is_set():
                return False
            self.look(min(left, 0.5))
        return True


def in_parallel(function: Callable[[Item], Done], items: Iterable[Item], jobs: int) -> list[Done]:
    """Do something for each item, several at a time; when the user interrupts, runs that are under way stop at once."""
    try:
        with ThreadPoolExecutor(jobs) as pool:
            try:
                return list(pool.map(function, items))
            except KeyboardInterrupt:
                _stop.set()
                raise
    finally:
        _stop.clear()


def run(job: Job, isolation: Isolation, slot: int = 0) -> Run:
    """Run an answer and its check.

    Parameters
    ----------
    job
        What to run.
    isolation
        The layers around the answer.
    slot
        A number that no other answer has that runs at the same time; it gives each a user of its own.
    """
    if "loopback" in job.needs and not isolation.loopback:
        return Run(
            {}, None, "", 0.0, refused="the exercise needs a network of its own, which this system does not give"
        )
    begun = time.monotonic()
    with ExitStack() as stack:
        scratch = stack.enter_context(_scratch(isolation, slot))
        plan = _plan(isolation, scratch, slot, job.needs, job.seconds)
        ours, theirs = socket.socketpair()
        watch = _Watch()
        keeper = stack.enter_context(_answer_process(plan, theirs, watch))
        checker = stack.enter_context(_check_process(ours, watch))
        watch.until(lambda: bool({"ready", "failed"} & watch.lines.keys()), time.monotonic() + START_SECONDS)
        if "ready" not in watch.lines:
            reason = watch.lines.get("failed", {}).get("reason", "its process did not start")
            return Run({}, None, "", time.monotonic() - begun, refused=f"the sandbox could not be set up: {reason}")
        _hand_over(checker, job)
        deadline = time.monotonic() + PATIENCE * job.seconds
        done = watch.until(lambda: "verdict" in watch.lines, deadline)
        late = not done and time.monotonic() >= deadline
        _end(checker, keeper)
        watch.until(lambda: "exit" in watch.lines, time.monotonic() + 5)
        watch.look(0)
    status = watch.lines.get("exit", {})
    late = late or (watch.lines.get("verdict", {}).get("verdict") == "gone" and status.get("cpu", 0) >= job.seconds)
    text = watch.output.decode("utf-8", "replace")
    result = watch.lines.get("verdict", {})
    return Run(result, status.get("exit"), text, time.monotonic() - begun, late=late, full=status.get("full", False))


def try_layers(layers: list[str]) -> tuple[str, str]:
    """Set up layers around nothing; give the first that failed, and why, or two empty texts."""
    try:
        return _try_layers(Isolation(tuple(layers), {}))
    except OSError as error:  # the folder cannot be given to that user, or no process can be started at all
        return ("user" if "user" in layers else "start"), error.strerror or str(error)


def _try_layers(isolation: Isolation) -> tuple[str, str]:
    with ExitStack() as stack:
        scratch = stack.enter_context(_scratch(isolation, 0))
        ours, theirs = socket.socketpair()
        stack.callback(ours.close)
        watch = _Watch()
        keeper = stack.enter_context(_answer_process(_plan(isolation, scratch, 0, frozenset(), 20), theirs, watch))
        watch.until(lambda: bool({"ready", "failed"} & watch.lines.keys()), time.monotonic() + START_SECONDS)
        _end(None, keeper)
    if "ready" in watch.lines:
        return "", ""
    failed = watch.lines.get("failed", {"failed": "start", "reason": "the process did not start"})
    return str(failed["failed"]), str(failed["reason"])


def _uid(slot: int) -> int:
    """Give a slot a user; two graders at work on one machine most likely have none in common."""
    return FIRST_UID + 64 * (os.getpid() % 7) + slot % 64


@contextmanager
def _scratch(isolation: Isolation, slot: int) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="companion-answer-")).resolve()
    try:
        if "user" in isolation.layers:
            os.chown(path, _uid(slot), _uid(slot))
        yield path
    finally:
        with suppress(RecursionError):  # folders in folders without end; the system's own cleaning will take them
            shutil.rmtree(path, ignore_errors=True)


def readable() -> list[Path]:
    """List what an answer may read beside the system: Python, the package, the data of the chapters."""
    python = {Path(text) for text in (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)}
    found = {path for place in (*python, PACKAGE) for path in (place, place.resolve())}
    data = PACKAGE.parents[1] / "data"
    return sorted(found | ({data} if PACKAGE.parent.name == "src" and data.is_dir() else set()))


def exposed(places: list[Path]) -> list[Path]:
    """Pick those places that an answer can read because they lie in a folder that Python or the system needs."""
    folders = [*readable(), *(Path(text) for text in SYSTEM)]
    return [place for place in places if any(place.resolve().is_relative_to(folder) for folder in folders)]


def _plan(isolation: Isolation, scratch: Path, slot: int, needs: frozenset[str], seconds: float) -> Plan:
    return Plan(
        layers=list(isolation.layers), scratch=str(scratch), uid=_uid(slot), readable=list(map(str, readable())),
        listable=[str(PACKAGE.parent)], needs=sorted(needs), seconds=seconds,
    )  # fmt: skip


def _environment() -> dict[str, str]:
    """Nothing of the grader's own environment, which may hold secrets."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg",
    }  # fmt: skip


def _command(module: str, *arguments: str) -> list[str]:
    """Start Python on the `main` of a module of this room, which takes texts and numbers."""
    boot = _BOOT.format(module)
    return [sys.executable, "-P", "-s", "-B", "-c", boot, str(PACKAGE.parent), *arguments]


@contextmanager
def _answer_process(plan: Plan, theirs: socket.socket, watch: _Watch) -> Iterator[subprocess.Popen[bytes]]:
    status_read, status_write = os.pipe()
    output_read, output_write = os.pipe()
    command = _command("sandbox.keeper", json.dumps(asdict(plan)), str(theirs.fileno()), str(status_write))
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=output_write, stderr=output_write, cwd="/", env=_environment(),
        pass_fds=[theirs.fileno(), status_write], start_new_session=True,
    )  # fmt: skip
    theirs.close()
    os.close(status_write)
    os.close(output_write)
    watch.add(status_read, "status")
    watch.add(output_read, "output")
    try:
        yield process
    finally:
        _end(None, process)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # it only waits for a dead child: the machine must be very busy
            process.kill()
            process.wait()
        watch.selector.close()
        os.close(status_read)
        os.close(output_read)


@contextmanager
def _check_process(ours: socket.socket, watch: _Watch) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        _command("dialogue.checking", str(ours.fileno())), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, cwd="/", env=_environment(), pass_fds=[ours.fileno()], start_new_session=True,
    )  # fmt: skip
    ours.close()
    assert process.stdout is not None
    watch.add(process.stdout.fileno(), "checker")
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()


def _hand_over(checker: subprocess.Popen[bytes], job: Job) -> None:
    assert checker.stdin is not None
    with suppress(BrokenPipeError):
        checker.stdin.write(json.dumps({**asdict(job), "needs": []}).encode())
        checker.stdin.close()


def _end(checker: subprocess.Popen[bytes] | None, keeper: subprocess.Popen[bytes]) -> None:
    """Stop the check, and cut the lifeline of the answer's keeper, which then kills all that the answer has started."""
    if checker is not None:
        checker.kill()
    if keeper.stdin is not None:
        with suppress(OSError):
            keeper.stdin.close()
