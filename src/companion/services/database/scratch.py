"""Temporary directories for servers, and the end of those whose Python was killed before it could remove them.

A directory belongs to the process that holds its lock, and the lock ends with the process, however it ended. So a
directory whose lock is free, and in which no server runs any more, is nobody's.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from companion.services.database.pid_file import running_server

PREFIX = "companion-database-"


@contextlib.contextmanager
def directory() -> Iterator[Path]:
    """Give a new directory while the context lasts; and remove those that killed processes left behind."""
    sweep()
    made = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
    try:
        made.chmod(0o711)  # whoever runs the server for root has to pass
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sweep() -> None:
    """Remove what is nobody's. A directory that was just made and is not locked yet is taken for somebody's."""
    import fcntl  # which Windows lacks

    for found in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if found.is_symlink() or found.stat().st_uid != os.geteuid():
                continue
            with (found / "lock").open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if running_server(found / "data") is None:
                    shutil.rmtree(found, ignore_errors=True)
