"""Start a server as a process of its own, and have it gone afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from companion.calls.concurrency.servers.models import ServerError

PATIENCE = 30.0
"""Seconds that a server may take to start, or to end."""


@dataclass
class Server:
    """A server that runs.

    Attributes
    ----------
    model, host, port
        Which, and where.
    cpu : float
        Seconds of processor that it used from its first readiness to its end, with its children; known when it has
        ended.
    """

    model: str
    host: str
    port: int
    process: subprocess.Popen[str] = field(repr=False)
    cpu: float = float("nan")

    def url(self, query: str = "") -> str:
        """Give an address for a request, such as ``ms=20`` asks for."""
        return f"http://{self.host}:{self.port}/" + (f"?{query}" if query else "")

    def pids(self) -> list[int]:
        """List its processes: itself, and on Linux its children."""
        file = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = file.read_text().split() if file.is_file() else []
        return [self.process.pid, *map(int, children)]

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop it for a while, as a system does that has no time for it: nothing of it is lost."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)  # until it stands
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def running(model: str, *, workers: int = 16, language: str = "python") -> Iterator[Server]:
    """Run a server in a process of its own, at a free port of this machine, until the block ends.

    Parameters
    ----------
    model
        One of `models.Model`.
    workers
        How many processes, threads or actors, for the models that have a fixed number.
    language
        Of the script of cgi: ``python``, ``perl`` or ``C``.

    Raises
    ------
    ServerError
        If it cannot be started; the message is its own.
    """
    line = [sys.executable, "-m", "companion.calls.concurrency.servers", str(model), f"--workers={workers}",
            f"--language={language}"]  # fmt: skip
    package = str(Path(__file__).parents[4])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          env=environment) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split(maxsplit=3)
            if len(said) != 4 or said[0] != "ready":
                raise ServerError(f"{model}: {' '.join(said[1:]) or 'the process ended before it was ready'}")
            server = Server(model, said[1], int(said[2]), process)
            yield server
            server.cpu = _end(process) - float(said[3])
        finally:
            _kill(process)


def _end(process: subprocess.Popen[str]) -> float:
    """End it by its standard input, and give the processor time that it says it has used."""
    with contextlib.suppress(BrokenPipeError):
        assert process.stdin is not None
        process.stdin.close()
    process.stdin = None
    try:
        out, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return float("nan")
    words = out.split()
    return float(words[1]) if words[:1] == ["stopped"] else float("nan")


def _kill(process: subprocess.Popen[str]) -> None:
    """Whatever it does: it is gone afterwards."""
    if process.poll() is None and hasattr(signal, "SIGCONT"):
        process.send_signal(signal.SIGCONT)
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()  # so that it can take its workers along
            process.stdin = None
        end = time.monotonic() + 2
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
    if process.poll() is None:
        process.kill()
    process.wait()
