"""Temporary directories for servers, and the end of those whose Python was killed before it could remove them.

A directory belongs to the process that holds its lock, and the lock ends with the process, however it ended. So a
directory whose lock is free, and in which no server runs any more, is nobody's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from companion.services.database.pid_file import running_server

PREFIX = "companion-database-"

YOUNG_SECONDS = 10.0
"""How long a directory may have been made and not be locked yet."""


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """Give a new directory while the context lasts; and remove those that killed processes left behind."""
    sweep()
    made = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    try:
        made.chmod(0o711)  # whoever runs the server for root has to pass
        yield made
    finally:
        _remove(made)


def sweep() -> None:
    """Remove what is nobody's; what has just changed is taken for somebody's."""
    import fcntl  # which Windows lacks

    for found in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            state = found.lstat()
            ours = stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid()  # and no link to somewhere else
            if not ours or time.time() - state.st_mtime < YOUNG_SECONDS:
                continue
            with (found / "lock").open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if running_server(found / "data") is None:
                    _remove(found)


def _remove(found: Path) -> None:
    """Remove a directory, its lock last, by which the next sweep finds what a removal has left that was broken off."""
    shutil.rmtree(found / "data", ignore_errors=True)
    shutil.rmtree(found, ignore_errors=True)
