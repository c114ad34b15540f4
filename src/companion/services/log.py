"""A log that holds nobody up: a thread of its own writes the lines, and those for which there is no room are dropped.

A server whose stderr is a pipe that nobody reads stands still as soon as the pipe is full. Its callers can fill it,
since MCP's SDK logs a traceback for each prompt or resource that they invent.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time

MOST_LINES = 1000
FLUSH_SECONDS = 1.0
"""How long the end of a process waits for what is still to be written."""


class Dropping(logging.Handler):
    """Writes to a file descriptor as fast as it takes the lines, and says how many it could not take."""

    def __init__(self, descriptor: int, most: int = MOST_LINES) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._lines: queue.Queue[str] = queue.Queue(most)
        self._lost = 0
        threading.Thread(target=self._write, args=(descriptor,), name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line, if there is room for it."""
        line = self.format(record)
        try:
            self._lines.put_nowait(f"({self._lost} lines were lost)\n{line}\n" if self._lost else f"{line}\n")
            self._lost = 0
        except queue.Full:
            self._lost += 1

    def flush(self) -> None:
        """Wait for the lines that are still to be written, and not for long."""
        until = time.monotonic() + FLUSH_SECONDS
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.01)

    def _write(self, descriptor: int) -> None:
        while True:
            rest = self._lines.get().encode(errors="backslashreplace")
            try:
                while rest:
                    rest = rest[os.write(descriptor, rest) :]  # not by sys.stderr, which a process locks at its end
            except OSError:  # whoever read it has gone
                return
            self._lines.task_done()


def log_to_stderr(level: int = logging.ERROR) -> None:
    """Send what this process logs to stderr; a library that finds a handler there adds none of its own."""
    root = logging.getLogger()
    root.addHandler(Dropping(2))
    root.setLevel(level)
