"""A history of real processes: one writes a counter's values to SQLite, another reads them, perhaps through a cache.

    python -m companion.history.live FOLDER writer|reader SECONDS CACHE_SECONDS

is what each of the two processes runs. Both append to one file, a line an event, so that the order of its lines is an
order in which the events can have happened.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from companion.history.events import Operation
from companion.history.reading import read_history

STORE, EVENTS = "store.sqlite", "events.jsonl"
ROLES = ("writer", "reader")
PATIENCE = 30.0
"""Seconds that one waits for the other to begin, or to be done."""


def record(folder: Path, seconds: float = 0.5, cache_seconds: float = 0.0) -> list[Operation]:
    """Let two processes use one store, and give the history that they wrote down.

    Parameters
    ----------
    folder : Path
        Where the store and the history are kept.
    seconds : float
        How long they go on.
    cache_seconds : float
        How long the reader goes by its own copy before it asks the store again; 0 is without a cache.

    Raises
    ------
    subprocess.CalledProcessError
        If one of them fails.
    """
    for name in (EVENTS, *(f"{role}.{mark}" for role in ROLES for mark in ("begins", "is done"))):
        (folder / name).unlink(missing_ok=True)
    with sqlite3.connect(folder / STORE) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("DROP TABLE IF EXISTS register")
        store.execute("CREATE TABLE register (value INTEGER)")
        store.execute("INSERT INTO register VALUES (NULL)")
    store.close()
    program = [sys.executable, "-m", "companion.history.live", str(folder)]
    processes = [subprocess.Popen([*program, role, str(seconds), str(cache_seconds)]) for role in ROLES]
    for process in processes:
        if process.wait(timeout=2 * PATIENCE + seconds):
            raise subprocess.CalledProcessError(process.returncode, process.args)
    return read_history(folder / EVENTS)


def take_part(folder: Path, role: str, seconds: float, cache_seconds: float) -> None:
    """Write or read for so long, and log what was asked and answered.

    Both begin when both are there, and the writer goes on until the reader is done: on a busy machine, too, each sees
    the other at work.
    """
    store = sqlite3.connect(folder / STORE, timeout=10, isolation_level=None)
    log = os.open(folder / EVENTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    kept: tuple[float, int | None] | None = None
    done = folder / "reader.is done"
    (folder / f"{role}.begins").touch()
    patience = time.monotonic() + PATIENCE
    while not all((folder / f"{one}.begins").exists() for one in ROLES):
        if time.monotonic() > patience:
            raise TimeoutError(f"the {role} has waited {PATIENCE:g} seconds for the other to begin")
        time.sleep(0.001)
    stop, number = time.monotonic() + seconds, 0
    patience = stop + PATIENCE
    while (now := time.monotonic()) < stop or (role == "writer" and now < patience and not done.exists()):
        number += 1
        f, value = ("write", number) if role == "writer" else ("read", None)
        _log(log, role, "invoke", f, value)
        if role == "writer":
            store.execute("UPDATE register SET value = ?", (value,))
        elif kept is not None and time.monotonic() < kept[0] + cache_seconds:
            value = kept[1]
        else:
            asked = time.monotonic()
            value = store.execute("SELECT value FROM register").fetchone()[0]
            kept = (asked, value)
        _log(log, role, "ok", f, value)
        time.sleep(0.002)
    (folder / f"{role}.is done").touch()
    os.close(log)
    store.close()


def _log(log: int, role: str, kind: str, f: str, value: int | None) -> None:
    event = {"process": role, "type": kind, "f": f, "key": "x", "value": value}
    os.write(log, (json.dumps(event) + "\n").encode())  # one write to a file that is opened to append: a whole line


if __name__ == "__main__":
    take_part(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
