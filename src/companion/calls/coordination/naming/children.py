"""Child processes that are spoken to in lines of JSON, and that end when their standard input does."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from companion.errors import CompanionError
from companion.import_graph import PACKAGE

MAX_LINE = 1 << 16
PATIENCE_S = 60.0
"""How long an answer may take before the child is taken for dead: far longer than any on a busy machine."""


class ChildError(CompanionError):
    """A child process ended, or said nothing for too long."""


class Child:
    """A Python module as a process; it prints a line of JSON when it is ready, and one for each that it is sent."""

    def __init__(self, module: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        paths = [str(PACKAGE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PATH": beside, **(environment or {})},
        )
        self.name = module.rpartition(".")[2]
        self._lines: queue.Queue[bytes] = queue.Queue(maxsize=100)
        self._reader = threading.Thread(target=_read, args=(self.process.stdout, self._lines), daemon=True)
        self._reader.start()
        try:
            self.ready = self._answer()
        except BaseException:
            self.kill()
            raise

    def ask(self, **question: Any) -> dict[str, Any]:
        """Send a line and wait for the answer."""
        if self.process.stdin is None or self.process.poll() is not None:
            raise ChildError(f"{self.name} has ended")
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(question).encode() + b"\n")
            self.process.stdin.flush()
        return self._answer()

    def stop(self) -> None:
        """End it in good order: it reads to the end of its input, and takes back what it has registered."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._close()

    def kill(self) -> None:
        """End it at once, as `kill -9` does: it can take nothing back."""
        self.process.kill()
        self._close()

    def _close(self) -> None:
        self.process.wait()
        self._reader.join(PATIENCE_S)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _answer(self) -> dict[str, Any]:
        try:
            line = self._lines.get(timeout=PATIENCE_S)
        except queue.Empty:
            raise ChildError(f"{self.name} says nothing") from None
        if not line:
            raise ChildError(f"{self.name} has ended")
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            raise ChildError(f"{self.name} says {line[:60]!r}") from None
        if not isinstance(answer, dict):
            raise ChildError(f"{self.name} says {line[:60]!r}")
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop()
        else:
            self._close()


def _read(stream: IO[bytes] | None, lines: queue.Queue[bytes]) -> None:
    while stream is not None and (line := stream.readline(MAX_LINE)):
        with contextlib.suppress(queue.Full):
            lines.put_nowait(line)
    with contextlib.suppress(queue.Full):
        lines.put_nowait(b"")


def questions() -> Iterator[dict[str, Any]]:
    """In the child: what the parent asks, until it has closed the pipe or is gone."""
    for line in sys.stdin:
        yield json.loads(line)


def say(**answer: Any) -> None:
    """In the child: one line to the parent."""
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
